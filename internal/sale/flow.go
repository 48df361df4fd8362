package sale

import (
	"context"
	"fmt"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
)

// Flow is what a kind of goods adds to a sale. All its functions may be nil; those with a transaction run in the one
// that makes the step, with the order locked.
type Flow struct {
	ID id.Flow
	// Accepted follows a dealer's yes: it may move the order on to where its goods stand.
	Accepted func(ctx context.Context, tx *db.Tx, o *ordering.Order) error
	// Ended lets go of the goods of an order that ends before the handover.
	Ended func(tx *db.Tx, o *ordering.Order) error
	// HandedOver notes that the goods are the buyer's; Undone that the handover was taken back minutes later.
	HandedOver func(tx *db.Tx, o *ordering.Order) error
	Undone     func(tx *db.Tx, o *ordering.Order) error
	// TakenBack notes that the goods of a withdrawn order stand at its dealer again.
	TakenBack func(tx *db.Tx, o *ordering.Order) error
	// Route is the way that an accepted order has before it; without, nothing is promised but the handover.
	Route func(o *ordering.Order) allocation.Route
	// Sweep works off what only this flow knows of; it runs with the others every SweepEvery.
	Sweep func(ctx context.Context) error
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

// flowOf is the flow of an order; one that this program does not sell has nothing to add.
func (s *Service) flowOf(o *ordering.Order) Flow { return s.flows[o.Flow] }

// goodsTx runs what a flow adds to a step, if it adds anything.
func goodsTx(does func(*db.Tx, *ordering.Order) error, tx *db.Tx, o *ordering.Order) error {
	if does == nil {
		return nil
	}
	return does(tx, o)
}
