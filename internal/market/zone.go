package market

import (
	"sync"
	"time"
)

// zones keeps what was loaded: time.LoadLocation reads a file each time, and a page asks for the
// zone of every dealer on it. Only names that exist are kept, so the map stays small.
var zones sync.Map

// ZoneOf is the time zone of an IANA name; UTC when it is unknown.
func ZoneOf(name string) *time.Location {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, loc)
	return loc
}
