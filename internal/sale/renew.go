package sale

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
)

// renewWithin is how long before the last moment of a reservation the buyer is asked for a new one: two days,
// so that a weekend does not end it.
const renewWithin = 48 * time.Hour

// renewLife is how long the card page for a new reservation stays open.
const renewLife = 12 * time.Hour

// renewable tells whether an order still lives on a reservation: no dealer has accepted yet.
func renewable(o *ordering.Order) bool {
	return o.State == ordering.Offered || o.State == ordering.Choosing
}

// EndsSoon tells whether the buyer should replace a reservation now: it is given up 12 hours before its end,
// and no dealer has accepted.
func EndsSoon(o *ordering.Order, p *payment.Payment, now time.Time) bool {
	return renewable(o) && p.Purpose == payment.ForDeposit && p.State == payment.Authorised && !p.CaptureBefore.IsZero() &&
		now.Add(renewWithin).After(p.CaptureBefore.Add(-allocation.SafetyMargin))
}

// RenewPage gives the address of the card page on which the buyer makes a new reservation; the same one in
// every tab. ordering.ErrMoved when there is nothing to renew.
func (s *Service) RenewPage(ctx context.Context, key id.Order) (string, error) {
	var p *payment.Payment
	err := s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		o, err := ordering.LockTx(tx, key)
		if err != nil {
			return err
		}
		old, err := keptDeposit(tx, o)
		if err != nil {
			return err
		}
		if old == nil || !EndsSoon(o, old, tx.Now) {
			return ordering.ErrMoved
		}
		if p, err = payment.OpenOf(tx.DB, o.ID, payment.ForDeposit); err == nil || !errors.Is(err, payment.ErrNoPayment) {
			return err
		}
		ends := tx.Now.Add(renewLife)
		p = &payment.Payment{Order: o.ID, Market: o.Market, Purpose: payment.ForDeposit, Account: s.Gateway.Account(), Manual: true, Renews: old.ID,
			Amount: old.Amount, SessionEnds: ends, DueAt: ends.Add(settleGrace)}
		return payment.OpenTx(tx, p)
	})
	if err != nil {
		return "", err
	}
	url, err := s.CardPage(ctx, p.ID)
	return url, silent(err)
}

// renewedTx puts a new reservation in the place of the old one, which is released: in the books there are
// never two. One that comes when a dealer has accepted, or the order is over, goes back itself.
func (s *Service) renewedTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment, c payment.Checkout) error {
	in := c.Intent
	ch := payment.Change{IntentID: in.ID, ChargeID: in.ChargeID, CaptureBefore: in.CaptureBefore}
	if !asAsked(o, p, c) || in.Status != payment.IntentRequiresCapture {
		if err := s.refuseTx(ctx, tx, o, p, *in); err != nil {
			return err
		}
		ch.ReturnReason = "mismatch"
		return s.returnTx(ctx, tx, p, ch)
	}
	if err := payment.PostTx(tx, o.ID, p, payment.KindAuthorise); err != nil {
		return err
	}
	old, err := payment.LockTx(tx, p.Renews)
	if err != nil {
		return err
	}
	if !renewable(o) || old.State != payment.Authorised {
		ch.ReturnReason = "second_payment"
		return s.returnTx(ctx, tx, p, ch)
	}
	if err := s.returnTx(ctx, tx, old, payment.Change{ReturnReason: "renewed"}); err != nil {
		return err
	}
	ch.DueAt = tx.Now.Add(watchEvery)
	return payment.MoveTx(tx, p, payment.Authorised, ch)
}
