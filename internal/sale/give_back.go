package sale

import (
	"context"
	"errors"
	"fmt"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
)

// returnTx decides that a payment goes back; the job does it.
func (s *Service) returnTx(ctx context.Context, tx *db.Tx, p *payment.Payment, ch payment.Change) error {
	ch.DueAt = tx.Now.Add(retryAfter)
	if err := payment.MoveTx(tx, p, payment.Returning, ch); err != nil {
		return err
	}
	if !p.Card() {
		return nil // the dealer gives it back at the desk
	}
	return s.settleLaterTx(ctx, tx, p)
}

// retryAfter is when the sweep looks at work whose own job should have done it.
const retryAfter = 2 * time.Minute

// giveBack returns a payment in the way the bank's state asks for: a reservation is released, taken
// money is refunded. Both calls carry the payment's stored key.
func (s *Service) giveBack(ctx context.Context, p *payment.Payment) error {
	if p.IntentID == "" {
		return nil
	}
	if p.RefundStatus == payment.RefundFailed {
		return s.giveBackLater(ctx, p) // the card does not take it: a person finds another way
	}
	if p.PartDueMinor > 0 { // parts first: then what the bank has left is what the rest is taken from
		if err := s.settleParts(ctx, p); err != nil {
			return err
		}
		var err error
		if p, err = payment.Get(s.DB.Read(ctx), p.ID); err != nil {
			return err
		}
	}
	in, err := s.Gateway.Intent(ctx, p.IntentID)
	if err != nil {
		return err
	}
	to, ch, refund := payment.Voided, payment.Change{}, payment.Refund{}
	switch in.Status {
	case payment.IntentRequiresCapture:
		if in, err = s.Gateway.Void(ctx, p.IntentID, p.Key("void")); err != nil {
			return err
		}
		if in.Status != payment.IntentCanceled {
			return s.giveBackLater(ctx, p)
		}
	case payment.IntentSucceeded:
		to = payment.Refunded
		if p.Back().IsZero() {
			break // a dispute gave it back
		}
		left := in.Received - in.Refunded - p.KeptMinor - p.LostMinor
		if p.PartMinor > 0 { // a part that the card did not take is a person's to send
			left = min(left, p.Back().Minor)
		}
		if refund, err = s.refund(ctx, p, left); disputed(err) {
			return errors.Join(s.disputeNews(ctx, p), s.giveBackLater(ctx, p)) // while the bank decides it refuses
		} else if err != nil {
			return err
		}
		ch.RefundID = refund.ID
	case payment.IntentCanceled:
	default:
		return s.giveBackLater(ctx, p)
	}
	return s.inOrder(ctx, p, func(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
		if err := s.returnedTx(ctx, tx, o, p, to, ch); err != nil || refund.ID == "" || p.State != payment.Refunded {
			return err
		}
		return s.refundSaidTx(ctx, tx, o, p, refund)
	})
}

// refund gives back what is left of taken money. Nothing left means that it went back before: the
// process died with the bank's answer, or a person gave it back at the bank itself. Then the newest
// refund there is the one.
func (s *Service) refund(ctx context.Context, p *payment.Payment, left int64) (payment.Refund, error) {
	var refused error
	if left > 0 {
		key, err := s.refundKey(ctx, p)
		if err != nil {
			return payment.Refund{}, err
		}
		r, err := s.Gateway.Refund(ctx, p.IntentID, left, string(p.ID), key)
		var g *payment.GatewayError
		if err == nil || !errors.As(err, &g) || g.Unknown {
			return r, err
		}
		refused = err
	}
	made, err := s.Gateway.RefundsOf(ctx, p.IntentID)
	for _, m := range made {
		if m.Status != "failed" && m.Status != "canceled" && (left <= 0 || m.Ref == string(p.ID)) {
			return m, nil
		}
	}
	if err = errors.Join(refused, err); err == nil {
		err = fmt.Errorf("newcar: nothing is left to refund of payment %s and no refund is known", p.ID)
	}
	return payment.Refund{}, err
}

// refundKey is another one after each dispute that was decided: under the old key the bank would repeat that it
// refuses, because it was deciding.
func (s *Service) refundKey(ctx context.Context, p *payment.Payment) (string, error) {
	n, err := payment.Decided(s.DB.Read(ctx), p.ID)
	if err != nil || n == 0 {
		return p.Key("refund"), err
	}
	return p.Key(fmt.Sprint("refund:", n)), nil
}

func (s *Service) giveBackLater(ctx context.Context, p *payment.Payment) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return payment.PostponeTx(tx, p, tx.Now.Add(time.Hour))
	})
}

// returnedTx writes down that money went back. A capture that was never written, because the buyer
// left at that moment, is posted first: both lines or none.
func (s *Service) returnedTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment, to payment.State, ch payment.Change) error {
	if p.State != payment.Returning {
		return nil
	}
	if err := payment.MoveTx(tx, p, to, ch); err != nil {
		return err
	}
	if err := payment.PostTx(tx, o.ID, p, payment.KindRelease); err != nil {
		return err
	}
	if to == payment.Refunded {
		in, out := payment.KindCapture, payment.KindRefund
		switch {
		case p.AtDesk():
			in, out = payment.KindDesk, payment.KindDeskReturn
		case !p.Card():
			in, out = payment.KindTransfer, payment.KindTransferReturn
		}
		if err := payment.PostTx(tx, o.ID, p, in); err != nil {
			return err
		}
		if back := p.Back(); !back.IsZero() {
			if err := payment.PostPartTx(tx, o.ID, p, out, back, p.RefundID); err != nil {
				return err
			}
		}
		if err := payment.EvenDeskTx(tx, o.ID, o.Dealer, o.Currency, string(p.ID)); err != nil {
			return err
		}
	}
	if err := s.landedTx(ctx, tx, o, p); err != nil {
		return err
	}
	if p.ReturnReason == "renewed" {
		return nil // the buyer made the new one himself
	}
	if !o.State.Left() && o.State != ordering.Returning {
		return s.TellBuyerTx(ctx, tx, o, "second_payment", p.Seq())
	}
	return s.TellBuyerTx(ctx, tx, o, "money_back", p.Seq())
}
