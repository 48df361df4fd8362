package usedcars

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
)

// Faults of the line.
var (
	ErrNoHold     = fault.New(fault.NotFound, "fault.not_found", "usedcars.Hold")
	ErrHoldOver   = fault.New(fault.Gone, "used.hold_over", "usedcars.Hold")
	ErrLongerUsed = fault.New(fault.Conflict, "used.longer_used", "usedcars.Longer")
	ErrWaits      = fault.New(fault.Conflict, "used.waits_already", "usedcars.Join")
	ErrLineFull   = fault.New(fault.Conflict, "used.line_full", "usedcars.Join")
)

// HoldState is where somebody stands with a car.
type HoldState string

// The states of a hold.
const (
	Waiting HoldState = "waiting" // in the line
	Offered HoldState = "offered" // may have the car until DueAt, and nobody else may
	Holding HoldState = "holding" // has it until DueAt, to decide and to say who buys
	Ordered HoldState = "ordered" // has an order for it, whose own clock runs
	Ended   HoldState = "ended"
)

// HoldEdge is one allowed step of a hold.
type HoldEdge struct{ From, To HoldState }

// HoldEdges is the machine of a hold. What was ordered may end only with its order.
var HoldEdges = []HoldEdge{{"", Waiting}, {"", Holding}, {Waiting, Offered}, {Waiting, Ended}, {Offered, Holding}, {Offered, Ended}, {Holding, Ordered}, {Holding, Ended}, {Ordered, Ended}}

// EndWhy is why a hold ended.
type EndWhy string

// The reasons.
const (
	Bought   EndWhy = "bought"   // its car was handed over
	Lapsed   EndWhy = "lapsed"   // its time passed
	Left     EndWhy = "left"     // who had it let it go
	Released EndWhy = "released" // the dealer or an agent did
	Unpaid   EndWhy = "unpaid"   // its order ended before a handover
	CarGone  EndWhy = "car_gone" // the car is another's for good, or not for sale any more
)

// Hold is what somebody has of a car: the car itself for a while, or a place in the line.
type Hold struct {
	ID      id.Hold
	Car     id.UsedCar
	Brand   id.Brand
	Market  id.Market
	Place   int64 // grows with each hold; who has the smallest of those who wait is next
	State   HoldState
	Locale  string
	Email   string    // of who waits
	DueAt   time.Time // of Offered and Holding
	Longer  bool      // it was prolonged; that is possible once
	Buyer   id.Buyer
	Order   id.Order
	Started time.Time
	EndWhy  EndWhy
	By      id.User // who held the car for somebody else; empty for who held it himself
}

// Has tells whether the hold keeps its car from everybody else at an instant.
func (h *Hold) Has(now time.Time) bool {
	switch h.State {
	case Offered, Holding:
		return now.Before(h.DueAt)
	case Ordered:
		return true
	}
	return false
}

// MostWaiting bounds a line: more people than that would hope for nothing.
const MostWaiting = 20
