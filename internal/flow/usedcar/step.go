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

// stepTx makes a step of the way from a dealer's yes to the handover. Prepare needs all the checks.
func (s *Service) stepTx(ctx context.Context, tx *db.Tx, staff sale.Staff, number string, p sale.Progress) error {
	template, ok := letters[p.Event]
	if !ok {
		return ordering.ErrMoved
	}
	o, e, err := sale.LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	if e.State != allocation.Accepted {
		return ordering.ErrMoved
	}
	if p.Event == ordering.Prepare {
		for _, item := range ordering.PreparationItems {
			if !o.HasCheck(item) {
				return sale.ErrChecks
			}
		}
	}
	from := o.State
	change, err := transferStepTx(tx, o, p.Event)
	if err != nil {
		return err
	}
	if err := ordering.MoveTx(ctx, tx, o, p.Event, staff.Actor(), "", change); err != nil {
		return err
	}
	if err := s.PlanTx(tx, o, e); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, template, 0); err != nil {
		return err
	}
	return sale.AuditTx(ctx, tx, staff, "order."+string(p.Event), o, from, "")
}
