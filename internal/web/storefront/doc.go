// Package storefront is the buyer's whole shop: the front door, the range, the configurator, the
// checkout and the order page. Handlers read a request, call one verb and show one page; nothing is
// decided here. A basket at a dealer's desk (basket.go, desk.go) is the same car, rules and prices, so
// those pages of the portal live here too. Pages that do not depend on the visitor are kept as bytes (cache.go).
package storefront
