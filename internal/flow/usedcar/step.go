package usedcar

import (
	"context"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
)

// letters are the steps a dealer makes one after the other, with the mail each sends.
var letters = map[ordering.Event]string{ordering.Fetch: "in_transit", ordering.Arrive: "arrived", ordering.Prepare: "prepared", ordering.Release: "ready"}

// stepTx makes a step of the way from a dealer's yes to the handover.
func (s *Service) stepTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string, p sale.Progress) error {
	letter, ok := letters[p.Event]
	if !ok {
		return ordering.ErrMoved
	}
	return s.WayTx(ctx, tx, staff, number, p.Event, letter, func(o *ordering.Order, e *allocation.Entry) error {
		change, err := transferStepTx(tx, o, p.Event)
		if err != nil {
			return err
		}
		if err := ordering.MoveTx(ctx, tx, o, p.Event, staff.Actor(), "", change); err != nil {
			return err
		}
		return s.PlanTx(tx, o, e)
	})
}
