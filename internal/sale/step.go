package sale

import (
	"context"
	"slices"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
)

// Progress is one step of a flow's own way from accepted to ready, told by the dealer.
type Progress struct {
	Event ordering.Event
	VIN   string // with the step from which a car has one
	Plate string // with release, if known
}

// StepTx makes a step of the order's own flow; ordering.ErrMoved where it has none of its own, or not this one now.
func (s *Service) StepTx(ctx context.Context, tx *db.Tx, staff Staff, number string, p Progress) error {
	o, err := ordering.GetForDealer(tx.DB, staff.Dealer, number)
	if err != nil {
		return err
	}
	f, err := s.flowOf(o)
	if err != nil {
		return err
	}
	if f.Step == nil {
		return ordering.ErrMoved
	}
	return f.Step(ctx, tx, staff, number, p)
}

// WayTx is what each step has in common that a dealer makes between its yes and the handover: the order and its place in the queue
// are locked, the dealer has accepted it, prepare needs all the checks; then the flow's own move, the letter to the buyer and the
// audit row.
func (s *Service) WayTx(ctx context.Context, tx *db.Tx, staff Staff, number string, ev ordering.Event, letter string, move func(*ordering.Order, *allocation.Entry) error) error {
	o, e, err := LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	if e.State != allocation.Accepted {
		return ordering.ErrMoved
	}
	if ev == ordering.Prepare {
		for _, item := range ordering.PreparationItems {
			if !o.HasCheck(item) {
				return ErrChecks
			}
		}
	}
	from := o.State
	if err := move(o, e); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, letter, 0); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "order."+string(ev), o, from, "")
}

// SetChecksTx writes which of the flow's preparation checks are done; what it does not know is left out.
func (s *Service) SetChecksTx(ctx context.Context, tx *db.Tx, staff Staff, number string, done []string) error {
	o, _, err := LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	f, err := s.flowOf(o)
	if err != nil {
		return err
	}
	var clean []string
	for _, item := range f.Preparation {
		if slices.Contains(done, item) {
			clean = append(clean, item)
		}
	}
	if err := ordering.SetChecksTx(tx, o, clean); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "order.checks", o, o.State, strings.Join(clean, ","))
}
