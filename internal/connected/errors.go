package connected

import "forecourt/internal/platform/fault"

// Faults of connected cars.
var (
	ErrNoKeeper  = fault.New(fault.NotFound, "fault.not_found", "connected.Keeper")
	ErrNoCar     = fault.New(fault.NotFound, "fault.not_found", "connected.Shared")
	ErrNoWarning = fault.New(fault.NotFound, "fault.not_found", "connected.Warning")
	ErrNoGrant   = fault.New(fault.NotFound, "fault.not_found", "connected.Grant")
	ErrMoved     = fault.New(fault.Conflict, "fault.conflict", "connected.Warning")
	ErrInvalid   = fault.New(fault.Invalid, "fault.invalid", "connected")
	ErrBusy      = fault.New(fault.Unavail, "fault.unavailable", "connected.Take")
	ErrKey       = fault.New(fault.Conflict, "fault.conflict", "connected.AddKey")
	// ErrNoOffer says that there is nothing to offer for a warning: it is told without.
	ErrNoOffer = fault.New(fault.NotFound, "fault.not_found", "connected.Offer")
)
