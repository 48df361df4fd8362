package ordering

import (
	"cmp"
	"maps"
	"slices"

	"forecourt/internal/id"
)

// State is where an order stands.
type State string

// States that flows share, and those of cars on their way. Final are returned, cancelled and lapsed; most orders end as handed_over, which a buyer
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

// Events that flows share, and those of cars on their way.
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

// Edges are the steps that lead out of states.
type Edges map[State]map[Event]State

// Machine is the way of a flow's orders.
type Machine struct {
	Flow   id.Flow
	Edges  Edges   // the flow's own; Declare adds what every flow has
	Stages []State // what a buyer sees on the way, in order
}

// shared are the steps that every flow has; package sale makes them. Besides, an order may be cancelled in every state that
// a flow has of its own, and a slip in a payment at the desk put right from a dealer's yes on.
var shared = Edges{
	"":         {Begin: Checkout},
	Checkout:   {Authorise: Offered, Lapse: Lapsed, Cancel: Cancelled},
	Offered:    {Reoffer: Offered, Accept: Accepted, Exhaust: Choosing, Cancel: Cancelled},
	Choosing:   {Choose: Offered, Cancel: Cancelled},
	Accepted:   {Cancel: Cancelled},
	Ready:      {Defer: Ready, HandOver: HandedOver, Cancel: Cancelled},
	HandedOver: {Undo: Ready, Withdraw: Returning},
	Returning:  {TakeBack: Returned},
}

var machines = map[id.Flow]Machine{}

// Declare makes a flow's machine known. The flow's package does it once, when the program starts; twice is a mistake of
// the program. The table order_edges holds the same rows, so that the schema refuses every other step; a test compares
// the two.
func Declare(m Machine) {
	if _, known := machines[m.Flow]; known {
		panic("ordering: the flow " + string(m.Flow) + " is declared twice")
	}
	all := Edges{}
	for _, part := range []Edges{shared, m.Edges} {
		for from, steps := range part {
			if all[from] == nil {
				all[from] = map[Event]State{Cancel: Cancelled}
			}
			if from.WithDealer() || from == HandedOver {
				all[from][CorrectPayment] = from
			}
			maps.Copy(all[from], steps)
		}
	}
	for from := range all {
		if !from.CanCancel() {
			delete(all[from], Cancel)
		}
	}
	m.Edges = all
	machines[m.Flow] = m
}

// MachineOf gives a flow's machine; an empty one for a flow that this program does not sell.
func MachineOf(f id.Flow) Machine { return machines[f] }

// Machines lists the machines of all flows, by name.
func Machines() []Machine {
	return slices.SortedFunc(maps.Values(machines), func(a, b Machine) int { return cmp.Compare(a.Flow, b.Flow) })
}

// Next is the state that event leads to; false when the machine does not allow it.
func (m Machine) Next(from State, e Event) (State, bool) {
	to, ok := m.Edges[from][e]
	return to, ok
}

// Has tells whether the machine has a step.
func (m Machine) Has(from State, e Event) bool {
	_, ok := m.Next(from, e)
	return ok
}

// Onward is the flow's own step to the next stage of its way; false where there is none: before a dealer's yes, and from
// where the handover is next.
func (m Machine) Onward(from State) (Event, bool) {
	i := slices.Index(m.Stages, from)
	if i < 0 || i+1 == len(m.Stages) || !from.WithDealer() || m.Stages[i+1] == HandedOver {
		return "", false
	}
	for _, e := range slices.Sorted(maps.Keys(m.Edges[from])) {
		if m.Edges[from][e] == m.Stages[i+1] {
			return e, true
		}
	}
	return "", false
}

// Edge is one allowed step.
type Edge struct {
	From  State
	Event Event
	To    State
}

// Steps lists all steps, sorted.
func (m Machine) Steps() []Edge {
	var out []Edge
	for from, steps := range m.Edges {
		for e, to := range steps {
			out = append(out, Edge{from, e, to})
		}
	}
	slices.SortFunc(out, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Event, b.Event))
	})
	return out
}

// Can tells whether an order's machine has the step.
func (o *Order) Can(e Event) bool { return MachineOf(o.Flow).Has(o.State, e) }

// Kind is what a state means to whoever does not know the flow.
type Kind string

// Kinds of states; the table order_states holds the same.
const (
	KindOpen   Kind = "open"   // no dealer has accepted yet
	KindDealer Kind = "dealer" // a dealer works on it
	KindSold   Kind = "sold"   // handed over, whatever became of it after
	KindOver   Kind = "over"   // ended without a sale
)

// Kind tells what a state means; what a flow has of its own lies between a dealer's yes and the handover.
func (s State) Kind() Kind {
	switch s {
	case "", Checkout, Offered, Choosing:
		return KindOpen
	case HandedOver, Returning, Returned:
		return KindSold
	case Cancelled, Lapsed:
		return KindOver
	}
	return KindDealer
}

// Reaches tells whether an event brings an order on: some only note something where it stands.
func (e Event) Reaches() bool { return e != Defer && e != CorrectCar && e != CorrectPayment }

// Final tells whether nothing can happen to an order any more.
func (s State) Final() bool { return s == Returned || s.Kind() == KindOver }

// Asked tells whether a dealer can have been asked yet.
func (s State) Asked() bool { return s != Checkout && s != Lapsed }

// Sold tells whether the car was handed over, whatever became of it after.
func (s State) Sold() bool { return s.Kind() == KindSold }

// Left tells whether the order ended without a sale, so that what was paid for it goes back.
func (s State) Left() bool { return s == Cancelled || s == Lapsed || s == Returned }

// CanCancel tells whether the buyer can leave by himself now, with everything paid returned: in every flow until the
// handover.
func (s State) CanCancel() bool { return s != "" && (s.Kind() == KindOpen || s.Kind() == KindDealer) }

// WithDealer tells whether a dealer has accepted and works on the order.
func (s State) WithDealer() bool { return s.Kind() == KindDealer }

// CanChange tells whether the buyer can still change what is bought: a new car until it is ordered from the factory.
func (o *Order) CanChange() bool { return o.Configuration != "" && o.Can(Revise) }

// TakesMoney tells whether an order takes money beside its first payment: from the dealer's yes on, and after the
// handover what was let open.
func (s State) TakesMoney() bool { return s.WithDealer() || s == HandedOver }

// Steps are the stages of an order's own way: a car that exists skips those it has behind it.
func (o *Order) Steps() []State { return o.Snapshot.Steps(o.Flow, o.Dealer) }

// Steps are the stages of a flow's way to a dealer.
func (s *Snapshot) Steps(f id.Flow, d id.Dealer) []State {
	skipped := map[State]bool{}
	if c := s.Stock; c != nil && c.Stage != "build" {
		skipped[Ordered], skipped[Built] = true, true
		skipped[InTransit] = c.Stage == "ground" && c.Dealer == d
	}
	if s.Used != nil {
		skipped[InTransit] = s.Used.Moved == nil
	}
	var out []State
	for _, st := range MachineOf(f).Stages {
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
