package newcar

import (
	"context"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/stock"
)

// CancelTx is the buyer leaving before the handover: everything paid goes back, no reason asked.
func (s *Service) CancelTx(ctx context.Context, tx *db.Tx, key id.Order) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	return s.cancelTx(ctx, tx, o, "buyer", "buyer")
}

// cancelTx ends an order that the caller has locked: its queue entry, its slot, its car, its payments.
func (s *Service) cancelTx(ctx context.Context, tx *db.Tx, o *ordering.Order, actor, reason string) error {
	if err := ordering.MoveTx(ctx, tx, o, ordering.Cancel, actor, reason, ordering.Change{CancelReason: reason}); err != nil {
		return err
	}
	e, err := allocation.LiveOf(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if e != nil {
		if err := allocation.MoveTx(tx, e, allocation.Withdrawn, actor, reason); err != nil {
			return err
		}
		if err := s.tellTx(ctx, tx, o, "dealer", "dealer_cancelled", 0); err != nil {
			return err
		}
	}
	if err := network.ReleaseTx(tx, o.ID); err != nil {
		return err
	}
	if err := stock.ReleaseTx(tx, o.ID); err != nil {
		return err
	}
	if err := s.returnAllTx(ctx, tx, o, reason); err != nil {
		return err
	}
	return s.tellBuyerTx(ctx, tx, o, "cancelled", 0)
}

// returnAllTx sends every payment of an ended order back. An open card page is ended by the settling
// job: should it be paid in that moment, the money comes back too.
func (s *Service) returnAllTx(ctx context.Context, tx *db.Tx, o *ordering.Order, reason string) error {
	ps, err := payment.Of(tx.DB, o.ID)
	if err != nil {
		return err
	}
	for _, p := range ps {
		switch p.State {
		case payment.Opening, payment.Open:
			if err := payment.PostponeTx(tx, p, tx.Now.Add(retryAfter)); err != nil {
				return err
			}
			err = s.settleLaterTx(ctx, tx, p)
		case payment.Authorised, payment.Capturing, payment.Captured:
			err = s.returnTx(ctx, tx, p, payment.Change{ReturnReason: reason})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// DeskReturnedTx is the dealer's word that money taken at the desk was given back by the same means.
func (s *Service) DeskReturnedTx(ctx context.Context, tx *db.Tx, staff Staff, key id.Payment) error {
	p, err := payment.Get(tx.DB, key)
	if err != nil {
		return err
	}
	o, err := ordering.LockTx(tx, p.Order)
	if err != nil {
		return err
	}
	if o.Dealer != staff.Dealer || !p.AtDesk() {
		return ordering.ErrNoOrder
	}
	if p, err = payment.LockTx(tx, key); err != nil {
		return err
	}
	if p.State != payment.Returning {
		return payment.ErrMoved
	}
	if err := s.returnedTx(ctx, tx, o, p, payment.Refunded, payment.Change{}); err != nil {
		return err
	}
	return auditTx(ctx, tx, staff, "payment.desk_returned", o, o.State, string(p.ID))
}
