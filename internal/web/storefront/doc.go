// Package storefront is the buyer's whole shop: the front door, the range, the configurator, the
// checkout and the order page. Handlers read a request, call one verb and show one page; nothing is
// decided here. A basket at a dealer's desk (basket.go, desk.go) is the same car, rules and prices, so
// those pages of the portal live here too. Pages that do not depend on the visitor are kept as bytes (cache.go).
//
// Begin with routes.go: every path with its handler. One file is one page or act, with a template of the same name under
// templates/storefront; samples.go shows each page to the test that checks templates against their structs. An order's
// pages are reached by a secret link and are private. It refuses a POST without a form key, and owns no table.
package storefront
