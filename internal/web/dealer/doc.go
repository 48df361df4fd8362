// Package dealer is the portal in which a dealer's staff answer new orders, follow each car from the
// factory to the site, and hand it over. The dealer is always that of the signed-in user, never one
// that the address names; an order of another dealer does not exist here.
package dealer
