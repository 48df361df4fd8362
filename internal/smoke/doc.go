// Package smoke drives one whole purchase over HTTP, as buyer, dealer and manager without scripts, in a market that is kept
// for it (zz). It knows the site by its pages only, so it can be pointed at any deployment; with a card page that is not the
// offline bank's it opens and ends a Checkout Session instead of paying.
//
// Begin with smoke.go, the story; person.go is a browser of few words. It owns no table, imports no business code and has no
// back door: whatever it cannot reach as a person, it does not check.
package smoke
