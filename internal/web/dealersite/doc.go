// Package dealersite is the part of the dealer portal in which a site and its staff are run: who works
// there and as what, how they sign in, when the site is open and what it can do. Which sites somebody may
// run follows from his roles; those of others do not exist here.
package dealersite
