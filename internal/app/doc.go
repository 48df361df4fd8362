// Package app is the only one that knows everybody: it builds the handler, the worker and the admin
// page from settings, database, clock and gateways.
package app
