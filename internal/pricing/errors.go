package pricing

import "forecourt/internal/platform/fault"

// Refusals. The first one a reader can meet; the others mean that the dated data has a hole.
var (
	ErrNotSold  = fault.New(fault.NotFound, "fault.model_not_sold", "pricing.OnTheRoad")
	ErrNoVAT    = fault.New(fault.Internal, "fault.no_vat_rate", "pricing.OnTheRoad")
	ErrNoPrice  = fault.New(fault.Invalid, "fault.feature_not_sold", "pricing.OnTheRoad")
	ErrNoEngine = fault.New(fault.Invalid, "fault.car_incomplete", "pricing.OnTheRoad")
)
