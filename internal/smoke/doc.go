// Package smoke drives one whole purchase over HTTP, as buyer, dealer and manager without scripts,
// in a market that is kept for it. It knows the site by its pages only, so it can be pointed at any
// deployment; with a card page that is not the offline bank's it opens and ends a Checkout Session
// instead of paying.
package smoke
