package sale

import (
	"context"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
)

// CancelTx is the buyer leaving before the handover: everything paid goes back, no reason asked.
func (s *Service) CancelTx(ctx context.Context, tx *db.Tx, key id.Order) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	return s.cancelTx(ctx, tx, o, "buyer", "buyer")
}

// EndTx ends a locked order before its handover for a reason of its flow; what was paid goes back.
func (s *Service) EndTx(ctx context.Context, tx *db.Tx, o *ordering.Order, actor, reason string) error {
	return s.cancelTx(ctx, tx, o, actor, reason)
}

// cancelTx ends an order that the caller has locked: its queue entry, its slot, its car, its payments.
func (s *Service) cancelTx(ctx context.Context, tx *db.Tx, o *ordering.Order, actor, reason string) error {
	back, err := s.refundTx(tx, o, nil, Worn{})
	if err != nil {
		return err
	}
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
		if err := s.TellTx(ctx, tx, o, "dealer", "dealer_cancelled", 0); err != nil {
			return err
		}
	}
	if err := network.ReleaseTx(tx, o.ID); err != nil {
		return err
	}
	if err := s.goodsTx(tx, o, ended); err != nil {
		return err
	}
	if err := s.requestOverTx(tx, o, actor); err != nil {
		return err
	}
	if err := payment.UndoHoldsTx(tx, o.ID, o.Currency); err != nil {
		return err
	}
	if err := payment.TakeGoodwillBackTx(tx, o.ID); err != nil {
		return err
	}
	if err := s.leaveTx(ctx, tx, o, back, reason); err != nil {
		return err
	}
	return s.TellBuyerTx(ctx, tx, o, "cancelled", 0)
}

// refundTx is what leaving gives back now, read in the transaction that ends the order.
func (s *Service) refundTx(tx *db.Tx, o *ordering.Order, left *ordering.Leaving, w Worn) (Refund, error) {
	mk, err := s.Market(o.Market)
	if err != nil {
		return Refund{}, err
	}
	ps, err := payment.Of(tx.DB, o.ID)
	return RefundOf(o, ps, mk, tx.Now, left, w), err
}

// leaveTx writes down by when which sum is back, and sends it.
func (s *Service) leaveTx(ctx context.Context, tx *db.Tx, o *ordering.Order, back Refund, reason string) error {
	if err := s.endPagesTx(ctx, tx, o); err != nil {
		return err
	}
	if len(back.Parts) == 0 {
		return nil
	}
	l := &ordering.Leaving{Order: o.ID, Market: o.Market, Currency: o.Currency, Way: ordering.ByCancel}
	if err := s.promise(o, l, back); err != nil {
		return err
	}
	if back.Back.IsZero() {
		l.SettledAt = tx.Now // a reservation that is released owes nobody anything
	}
	if err := ordering.LeaveTx(tx, l); err != nil {
		return err
	}
	return s.returnPartsTx(ctx, tx, back, reason)
}

// promise fills the sums and days of a leaving from what was shown.
func (s *Service) promise(o *ordering.Order, l *ordering.Leaving, back Refund) error {
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	l.OwedMinor, l.KeptMinor, l.UseMinor, l.DueOn, l.AlarmOn = back.Back.Minor, back.Kept.Minor, back.Use.Minor, string(back.By), ""
	if back.By != "" {
		l.AlarmOn = string(back.By.Plus(-mk.LeavingAt(back.By).AlarmDays))
	}
	return nil
}

// returnPartsTx sends back what the refund says of each payment, and nothing else. One of which nothing goes back stays.
func (s *Service) returnPartsTx(ctx context.Context, tx *db.Tx, back Refund, reason string) error {
	for _, part := range back.Parts {
		if part.Back.IsZero() {
			continue
		}
		if err := s.returnTx(ctx, tx, part.Payment, payment.Change{ReturnReason: reason, KeptMinor: part.Kept.Minor}); err != nil {
			return err
		}
	}
	return nil
}

// endPagesTx lets the settling job end card pages that are still open: should one be paid in that moment, the
// money comes back too.
func (s *Service) endPagesTx(ctx context.Context, tx *db.Tx, o *ordering.Order) error {
	ps, err := payment.Of(tx.DB, o.ID)
	if err != nil {
		return err
	}
	for _, p := range ps {
		if p.State != payment.Opening && p.State != payment.Open {
			continue
		}
		if err := payment.PostponeTx(tx, p, tx.Now.Add(retryAfter)); err != nil {
			return err
		}
		if err := s.settleLaterTx(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// DeskReturnedTx is the dealer's word that money taken at the desk was given back by the same means.
func (s *Service) DeskReturnedTx(ctx context.Context, tx *db.Tx, staff Staff, key id.Payment) error {
	tx.By = staff.Actor()
	o, err := s.givenBackTx(ctx, tx, key, ordering.ErrNoOrder, func(o *ordering.Order, p *payment.Payment) bool {
		return o.Dealer == staff.Dealer && p.AtDesk()
	})
	if err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "payment.desk_returned", o, o.State, string(key))
}

// givenBackTx is a person's word that money, which no card bank gives back, went back by the means it came with. Whose
// payment it is none of, by may, gets hidden.
func (s *Service) givenBackTx(ctx context.Context, tx *db.Tx, key id.Payment, hidden error, may func(*ordering.Order, *payment.Payment) bool) (*ordering.Order, error) {
	p, err := payment.Get(tx.DB, key)
	if err != nil {
		return nil, err
	}
	o, err := ordering.LockTx(tx, p.Order)
	if err != nil {
		return nil, err
	}
	if !may(o, p) {
		return nil, hidden
	}
	if p, err = payment.LockTx(tx, key); err != nil {
		return nil, err
	}
	switch {
	case p.PartDueMinor > 0:
		kind := payment.KindTransferReturn
		if p.AtDesk() {
			kind = payment.KindDeskReturn
		}
		return o, s.partsByHandTx(ctx, tx, o, p, kind)
	case p.State != payment.Returning:
		return nil, payment.ErrMoved
	}
	return o, s.returnedTx(ctx, tx, o, p, payment.Refunded, payment.Change{})
}
