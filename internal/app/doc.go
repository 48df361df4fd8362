// Package app is the only one that knows everybody: it builds the handler, the worker and the admin page from settings,
// database, clock and gateways. Nobody imports it but cmd/forecourt and tests.
//
// Begin with app.go; run.go starts and stops it, housekeeping.go forgets what has had its time, night.go looks at the
// books once a night, world.go, demo.go, demo_stock.go and takeover.go are the demo, clock.go is what its time machine
// does at each step. It owns no table. A new flow is sold here, a new surface mounted, a new job's worker added.
//
// It refuses to start with a route that declares no permission, with a template or asset that a page names and that is
// not there, and the demo with a live key.
package app
