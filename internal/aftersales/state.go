package aftersales

import "slices"

// State is where a stay of a car in a workshop stands.
type State string

// The states of a booking.
const (
	Held      State = "held" // soft: until DueAt, for somebody who decides or pays
	Booked    State = "booked"
	Arrived   State = "arrived"
	InWork    State = "in_work"
	Ready     State = "ready"
	Done      State = "done"
	Cancelled State = "cancelled"
	NoShow    State = "no_show"
	Lapsed    State = "lapsed"
)

// Edge is one allowed step of a booking.
type Edge struct{ From, To State }

// Edges is the machine of a booking. A car that is ready goes back to work when more is found; one that came may leave without
// anything done, and a handover may be taken back minutes later.
var Edges = []Edge{{"", Held}, {"", Booked}, {Held, Booked}, {Held, Lapsed}, {Held, Cancelled}, {Booked, Arrived}, {Booked, Cancelled}, {Booked, NoShow},
	{Arrived, InWork}, {Arrived, Cancelled}, {InWork, Ready}, {Ready, InWork}, {Ready, Done}, {Done, Ready}}

// Can tells whether a booking may step from one state to another.
func Can(from, to State) bool { return slices.Contains(Edges, Edge{from, to}) }

// Final tells whether nothing can follow.
func (s State) Final() bool { return s == Done || s == Cancelled || s == NoShow || s == Lapsed }

// Takes tells whether a booking takes its bay and its technician.
func (s State) Takes() bool { return s == Held || s == Booked || s == Arrived || s == InWork }
