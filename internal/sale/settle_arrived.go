package sale

import (
	"context"
	"fmt"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
)

// arrivedTx takes a success into the books. Money that is not wanted goes back at once: for an order
// that ended meanwhile, as a second payment, or when what was paid is not what was asked.
func (s *Service) arrivedTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment, c payment.Checkout) error {
	if p.Purpose != payment.ForDeposit {
		return s.balanceArrivedTx(ctx, tx, o, p, c)
	}
	if p.Renews != "" {
		return s.renewedTx(ctx, tx, o, p, c)
	}
	in := c.Intent
	ch := payment.Change{IntentID: in.ID, ChargeID: in.ChargeID, CaptureBefore: in.CaptureBefore}
	second, err := payment.KeptTx(tx, p)
	if err != nil {
		return err
	}
	switch {
	case !asAsked(o, p, c):
		if err := s.refuseTx(ctx, tx, o, p, *in); err != nil {
			return err
		}
		ch.ReturnReason = "mismatch"
	case second:
		ch.ReturnReason = "second_payment"
	case o.State != ordering.Checkout:
		ch.ReturnReason = "order_over"
	}
	if in.Status == payment.IntentRequiresCapture && ch.ReturnReason != "mismatch" {
		if err := payment.PostTx(tx, o.ID, p, payment.KindAuthorise); err != nil {
			return err
		}
	}
	if ch.ReturnReason != "" {
		return s.returnTx(ctx, tx, p, ch)
	}
	if in.Status == payment.IntentSucceeded {
		if err := takenTx(tx, o, p, ch); err != nil {
			return err
		}
	} else {
		ch.DueAt = tx.Now.Add(watchEvery)
		if err := payment.MoveTx(tx, p, payment.Authorised, ch); err != nil {
			return err
		}
	}
	return s.firstOfferTx(ctx, tx, o, p.CaptureBefore)
}

// asAsked tells whether what the bank has is what was asked for: this order, this payment, this amount in
// this currency.
func asAsked(o *ordering.Order, p *payment.Payment, c payment.Checkout) bool {
	in := c.Intent
	return c.OrderID == string(o.ID) && c.PaymentID == string(p.ID) && c.Amount == p.Amount && in.Amount == p.Amount &&
		(in.Status != payment.IntentSucceeded || in.Received == p.Amount.Minor)
}

// refuseTx notes that what the bank has is not what was asked for: nothing of it is booked, it goes back, and a
// person looks.
func (s *Service) refuseTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment, in payment.Intent) error {
	s.Log.ErrorContext(ctx, "the bank's payment is not the one asked for, it is returned", "payment", p.ID, "order", o.ID)
	is := fmt.Sprintf("%d %s", in.Amount.Minor, in.Amount.Currency)
	if err := s.findTx(tx, payment.Finding{Account: p.Account, Kind: "refused", Object: in.ID, Order: o.ID, Market: o.Market, Detail: is}); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: "system", Action: "payment.refused", Subject: "order:" + string(o.ID), Market: string(o.Market), Brand: string(o.Brand),
		Old: map[string]string{"asked": fmt.Sprintf("%d %s", p.Amount.Minor, p.Amount.Currency)}, New: map[string]string{"is": is, "intent": in.ID}})
}

// takenTx writes down that the card bank took a payment, and that nothing is reserved for it any more.
func takenTx(tx *db.Tx, o *ordering.Order, p *payment.Payment, ch payment.Change) error {
	if err := payment.MoveTx(tx, p, payment.Captured, ch); err != nil {
		return err
	}
	if err := payment.PostTx(tx, o.ID, p, payment.KindRelease); err != nil {
		return err
	}
	return payment.PostTx(tx, o.ID, p, payment.KindCapture)
}

// expireTx ends a payment that nobody made; its order lapses.
func (s *Service) expireTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
	if err := payment.MoveTx(tx, p, payment.Expired, payment.Change{}); err != nil {
		return err
	}
	if o.State != ordering.Checkout {
		return nil
	}
	if err := s.goodsTx(tx, o, ended); err != nil {
		return err
	}
	return ordering.MoveTx(ctx, tx, o, ordering.Lapse, "system", "card_page_ended", ordering.Change{})
}
