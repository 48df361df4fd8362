package ordering

import "forecourt/internal/id"

// State is where an order stands.
type State string

// States of a new-car order. Final are returned, cancelled and lapsed; most orders end as handed_over, which a buyer
// may still leave for a while.
const (
	Checkout   State = "checkout"    // price fixed, card page open
	Offered    State = "offered"     // deposit authorised, in a dealer's queue
	Choosing   State = "choosing"    // no agreed dealer is left: the buyer chooses another or leaves
	Accepted   State = "accepted"    // a dealer has taken it; the deposit is captured
	Ordered    State = "ordered"     // at the factory
	Built      State = "built"       // built
	InTransit  State = "in_transit"  // on its way, VIN known
	Arrived    State = "arrived"     // at the dealer
	Prepared   State = "prepared"    // pre-delivery inspection done
	Ready      State = "ready"       // the buyer may book the handover
	HandedOver State = "handed_over" // sold; the buyer may withdraw while the period lasts
	Returning  State = "returning"   // the buyer withdrew: the car is to come back
	Returned   State = "returned"    // final; the car is back, the money goes back
	Cancelled  State = "cancelled"   // final; everything paid goes back
	Lapsed     State = "lapsed"      // final; the card page ended unpaid
)

// Event is what moves an order.
type Event string

// Events of a new-car order.
const (
	Begin     Event = "begin"
	Authorise Event = "authorise"
	Lapse     Event = "lapse"
	Reoffer   Event = "reoffer"
	Accept    Event = "accept"
	Exhaust   Event = "exhaust"
	Choose    Event = "choose"
	Place     Event = "order"
	Fetch     Event = "fetch" // a car that is built already is on its way
	Stand     Event = "stand" // a car that stands at the dealer already
	Build     Event = "build"
	Dispatch  Event = "dispatch"
	Arrive    Event = "arrive"
	Prepare   Event = "prepare"
	Release   Event = "release"
	Defer     Event = "defer" // the dealer lets the rest of the price open
	HandOver  Event = "hand_over"
	Undo      Event = "undo" // the dealer takes the handover back, minutes after it
	Cancel    Event = "cancel"
	Withdraw  Event = "withdraw"  // the buyer leaves a contract that was carried out
	TakeBack  Event = "take_back" // the dealer has the car again
	Revise    Event = "change"    // the buyer changed the car
	PassOn    Event = "pass_on"   // another dealer took the order over, where it stands

	CorrectCar     Event = "correct_car"     // a slip in the VIN or the plate was put right
	CorrectPayment Event = "correct_payment" // and one in a payment at the desk
)

// Edge is one allowed step.
type Edge struct {
	From  State
	Event Event
	To    State
}

// NewCar is the machine of new-car orders. The table order_edges holds the same rows, so that the
// schema refuses every other step; a test compares the two.
var NewCar = []Edge{
	{"", Begin, Checkout},
	{Checkout, Authorise, Offered},
	{Checkout, Lapse, Lapsed},
	{Checkout, Cancel, Cancelled},
	{Offered, Reoffer, Offered},
	{Offered, Accept, Accepted},
	{Offered, Exhaust, Choosing},
	{Offered, Cancel, Cancelled},
	{Offered, Revise, Offered},
	{Choosing, Choose, Offered},
	{Choosing, Cancel, Cancelled},
	{Accepted, Place, Ordered},
	{Accepted, Fetch, InTransit},
	{Accepted, Stand, Arrived},
	{Accepted, Cancel, Cancelled},
	{Accepted, Revise, Accepted},
	{Accepted, PassOn, Accepted},
	{Accepted, CorrectPayment, Accepted},
	{Ordered, Build, Built},
	{Ordered, Cancel, Cancelled},
	{Ordered, PassOn, Ordered},
	{Ordered, CorrectPayment, Ordered},
	{Built, Dispatch, InTransit},
	{Built, Cancel, Cancelled},
	{Built, PassOn, Built},
	{Built, CorrectPayment, Built},
	{InTransit, Arrive, Arrived},
	{InTransit, Cancel, Cancelled},
	{InTransit, CorrectCar, InTransit},
	{InTransit, CorrectPayment, InTransit},
	{Arrived, Prepare, Prepared},
	{Arrived, Cancel, Cancelled},
	{Arrived, CorrectCar, Arrived},
	{Arrived, CorrectPayment, Arrived},
	{Prepared, Release, Ready},
	{Prepared, Cancel, Cancelled},
	{Prepared, CorrectCar, Prepared},
	{Prepared, CorrectPayment, Prepared},
	{Ready, Defer, Ready},
	{Ready, HandOver, HandedOver},
	{Ready, Cancel, Cancelled},
	{Ready, CorrectCar, Ready},
	{Ready, CorrectPayment, Ready},
	{HandedOver, Undo, Ready},
	{HandedOver, Withdraw, Returning},
	{HandedOver, CorrectCar, HandedOver},
	{HandedOver, CorrectPayment, HandedOver},
	{Returning, TakeBack, Returned},
}

// Machine gives the table of a flow.
func Machine(f id.Flow) []Edge {
	if f == id.FlowNew {
		return NewCar
	}
	return nil
}

// Next is the state that event leads to; false when the machine does not allow it.
func Next(f id.Flow, from State, e Event) (State, bool) {
	for _, x := range Machine(f) {
		if x.From == from && x.Event == e {
			return x.To, true
		}
	}
	return "", false
}

// Reaches tells whether an event brings an order on: some only note something where it stands.
func (e Event) Reaches() bool { return e != Defer && e != CorrectCar && e != CorrectPayment }

// Corrects tells whether a slip may still be put right by the event in a state.
func (s State) Corrects(e Event) bool {
	_, ok := Next(id.FlowNew, s, e)
	return ok
}

// Final tells whether nothing can happen to an order any more.
func (s State) Final() bool { return s == Returned || s == Cancelled || s == Lapsed }

// Asked tells whether a dealer can have been asked yet.
func (s State) Asked() bool { return s != Checkout && s != Lapsed }

// Sold tells whether the car was handed over, whatever became of it after.
func (s State) Sold() bool { return s == HandedOver || s == Returning || s == Returned }

// Left tells whether the order ended without a sale, so that what was paid for it goes back.
func (s State) Left() bool { return s == Cancelled || s == Lapsed || s == Returned }

// CanCancel tells whether the buyer can leave by himself now, with everything paid returned.
func (s State) CanCancel() bool {
	_, ok := Next(id.FlowNew, s, Cancel)
	return ok
}

// CanChange tells whether the buyer can still change the car: nobody has ordered it from the factory.
func (s State) CanChange() bool {
	_, ok := Next(id.FlowNew, s, Revise)
	return ok
}

// WithDealer tells whether a dealer has accepted and works on the order.
func (s State) WithDealer() bool {
	switch s {
	case Accepted, Ordered, Built, InTransit, Arrived, Prepared, Ready:
		return true
	}
	return false
}

// TakesMoney tells whether an order takes money beside its first payment: from the dealer's yes on, and after the
// handover what was let open.
func (s State) TakesMoney() bool { return s.WithDealer() || s == HandedOver }

// Steps are the stages a buyer sees on the way, in order.
var Steps = []State{Offered, Accepted, Ordered, Built, InTransit, Arrived, Prepared, Ready, HandedOver}

// Steps are the stages of an order's own way: a car that exists skips those it has behind it.
func (o *Order) Steps() []State { return o.Snapshot.Steps(o.Dealer) }

// Steps are the stages of the way to a dealer.
func (s *Snapshot) Steps(d id.Dealer) []State {
	skipped := map[State]bool{}
	if c := s.Stock; c != nil && c.Stage != "build" {
		skipped[Ordered], skipped[Built] = true, true
		skipped[InTransit] = c.Stage == "ground" && c.Dealer == d
	}
	var out []State
	for _, st := range Steps {
		if !skipped[st] {
			out = append(out, st)
		}
	}
	return out
}

// PreparationItems are the checks before a car may be released for handover, in the order of the
// workshop; words for them are in the catalogues as prep.<item>.
var PreparationItems = []string{"inspection", "accessories", "plates", "tax", "cleaning"}

// HandoverItems are the checks at the handover; words are handover.<item>.
var HandoverItems = []string{"identity", "papers", "walkaround", "keys"}

// HandoverPapers are what goes with the car; words are handover.paper.<code>.
var HandoverPapers = []string{"registration", "conformity", "service", "manual"}
