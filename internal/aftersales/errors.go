package aftersales

import "forecourt/internal/platform/fault"

// Faults of this package.
var (
	ErrTaken      = fault.New(fault.Conflict, "aftersales.taken", "aftersales.Book")
	ErrPast       = fault.New(fault.Invalid, "aftersales.past", "aftersales.Book")
	ErrShut       = fault.New(fault.Invalid, "aftersales.shut", "aftersales.Book")
	ErrLong       = fault.New(fault.Invalid, "aftersales.too_long", "aftersales.Book")
	ErrSkill      = fault.New(fault.Invalid, "aftersales.skill_missing", "aftersales.Book")
	ErrNoPart     = fault.New(fault.Conflict, "aftersales.no_part", "aftersales.Book")
	ErrNoCourtesy = fault.New(fault.Conflict, "aftersales.no_courtesy", "aftersales.Book")
	ErrFar        = fault.New(fault.Invalid, "aftersales.too_far", "aftersales.Collection")
	ErrMarket     = fault.New(fault.Invalid, "aftersales.other_market", "aftersales.Book")
	ErrMoved      = fault.New(fault.Conflict, "aftersales.moved_on", "aftersales.Step")
	ErrLapsed     = fault.New(fault.Gone, "aftersales.lapsed", "aftersales.Confirm")
	ErrEarly      = fault.New(fault.Conflict, "aftersales.not_late", "aftersales.NoShow")
	ErrNoBooking  = fault.New(fault.NotFound, "fault.not_found", "aftersales.Booking")
	ErrNoItem     = fault.New(fault.Invalid, "aftersales.no_item", "aftersales.Lines")
	ErrUnfit      = fault.New(fault.Invalid, "aftersales.unfit", "aftersales.Fit")
	ErrFallen     = fault.New(fault.Invalid, "aftersales.mileage_fell", "aftersales.Recommend")
	ErrCar        = fault.New(fault.Invalid, "aftersales.no_car", "aftersales.Recommend")
	ErrPlate      = fault.New(fault.Invalid, "aftersales.other_plate", "aftersales.Car")
	ErrWaits      = fault.New(fault.Conflict, "aftersales.waits_already", "aftersales.Join")
	ErrNoWait     = fault.New(fault.NotFound, "fault.not_found", "aftersales.Wait")
	ErrOfferOver  = fault.New(fault.Gone, "aftersales.offer_over", "aftersales.Take")
	ErrSpan       = fault.New(fault.Invalid, "aftersales.wait_span", "aftersales.Join")
)
