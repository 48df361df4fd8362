package sale

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
)

// Flow is what a kind of goods adds to a sale. All its functions may be nil; those with a transaction run in the one
// that makes the step, with the order locked.
type Flow struct {
	ID id.Flow
	// Facts tell of the goods what only this flow knows, in the reader's words: the pages of buyer and dealer show them.
	Facts func(p *i18n.Printer, s ordering.Snapshot) []Fact
	// Vehicle says that the goods drive: at the handover an odometer is read, and keys and papers are counted.
	Vehicle bool
	// MostKm is what its odometer shows at most at the handover, in kilometres; 0 for no bound.
	MostKm int
	// Preparation are what the dealer ticks before the goods are prepared; words are prep.<item>.
	Preparation []string
	// HandoverChecks are what the dealer ticks at the handover, all of them; words are handover.<check>.
	HandoverChecks []string
	// OneDealer tells that nobody but the named dealer can sell it: what that dealer declines or leaves unanswered ends, and
	// the money goes back.
	OneDealer bool
	// Promised tells that the dealer's own calendar has promised the goods before anything was paid: the order is taken as soon
	// as it comes, and nobody declines it.
	Promised bool
	// DoneAt is when the goods are ready by an appointment that both sides know; nil where ready is a forecast.
	DoneAt func(o *ordering.Order) time.Time
	// Booked notes that the order is paid for and goes to its dealer.
	Booked func(tx *db.Tx, o *ordering.Order) error
	// Step makes a step of the flow's own way, told by the dealer; the order is not locked yet.
	Step func(ctx context.Context, tx *db.Tx, staff Staff, number string, p Progress) error
	// Accepted follows a dealer's yes: it may move the order on to where its goods stand.
	Accepted func(ctx context.Context, tx *db.Tx, o *ordering.Order) error
	// Ended lets go of the goods of an order that ends before the handover.
	Ended func(tx *db.Tx, o *ordering.Order) error
	// HandedOver notes that the goods are the buyer's; Undone that the handover was taken back minutes later.
	HandedOver func(tx *db.Tx, o *ordering.Order) error
	Undone     func(tx *db.Tx, o *ordering.Order) error
	// TakenBack notes that the goods of a withdrawn order stand at its dealer again.
	TakenBack func(tx *db.Tx, o *ordering.Order) error
	// Sweep works off what only this flow knows of; it runs with the others every SweepEvery.
	Sweep func(ctx context.Context) error
}

// Fact is a name and its value.
type Fact struct{ Label, Value string }

// FactsOf are those of an order's goods; none where the flow tells none.
func (s *Service) FactsOf(f id.Flow, p *i18n.Printer, snap ordering.Snapshot) []Fact {
	if of, ok := s.flows[f]; ok && of.Facts != nil {
		return of.Facts(p, snap)
	}
	return nil
}

// Sell adds a flow. A flow is added once, before anything runs; twice is a mistake of the program.
func (s *Service) Sell(f Flow) {
	if s.flows == nil {
		s.flows = map[id.Flow]Flow{}
	}
	if _, known := s.flows[f.ID]; known {
		panic(fmt.Sprintf("sale: flow %s is added twice", f.ID))
	}
	s.flows[f.ID] = f
}

// Flows are those that are sold here, in the order in which people read them: the first is what an address without a flow
// means. Web surfaces ask here, and Sold for what a flow adds.
func (s *Service) Flows() []id.Flow {
	out := slices.Collect(maps.Keys(s.flows))
	place := func(f id.Flow) int {
		if i := slices.Index(id.Flows, f); i >= 0 {
			return i
		}
		return len(id.Flows)
	}
	slices.SortFunc(out, func(a, b id.Flow) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
	return out
}

// Sold is a flow that is sold here; false for every other.
func (s *Service) Sold(f id.Flow) (Flow, bool) {
	out, ok := s.flows[f]
	return out, ok
}

// flowOf is the flow of an order. One that this program does not sell is refused: without its checks a car would go
// unlooked at, without its goods one would stay reserved for ever.
func (s *Service) flowOf(o *ordering.Order) (Flow, error) {
	f, ok := s.flows[o.Flow]
	if !ok {
		return f, fmt.Errorf("sale: this program does not sell %q, which order %s is", o.Flow, o.ID)
	}
	return f, nil
}

// goodsTx runs what the order's flow adds to a step, if it adds anything.
func (s *Service) goodsTx(tx *db.Tx, o *ordering.Order, step func(Flow) func(*db.Tx, *ordering.Order) error) error {
	f, err := s.flowOf(o)
	if err != nil || step(f) == nil {
		return err
	}
	return step(f)(tx, o)
}

// The steps that a flow may add to.
func booked(f Flow) func(*db.Tx, *ordering.Order) error     { return f.Booked }
func ended(f Flow) func(*db.Tx, *ordering.Order) error      { return f.Ended }
func handedOver(f Flow) func(*db.Tx, *ordering.Order) error { return f.HandedOver }
func undone(f Flow) func(*db.Tx, *ordering.Order) error     { return f.Undone }
func takenBack(f Flow) func(*db.Tx, *ordering.Order) error  { return f.TakenBack }
