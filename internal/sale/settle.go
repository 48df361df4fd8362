package sale

import (
	"context"
	"errors"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/telemetry"
)

// Settle brings a payment in line with what the bank says, whoever asks: the return page, an event,
// a job or the sweep. It reads the bank first and writes in one transaction after; asked again it
// finds nothing to do. An error means "ask again".
func (s *Service) Settle(ctx context.Context, key id.Payment) error {
	p, err := payment.Get(s.DB.Read(ctx), key)
	if err != nil {
		return err
	}
	return s.settle(ctx, p)
}

func (s *Service) settle(ctx context.Context, p *payment.Payment) error {
	if !p.Card() || p.Account != s.Gateway.Account() {
		return nil // another account's money is settled with that account's keys
	}
	return telemetry.Do(s.TraceOf(ctx, p.Order), "settle "+string(p.State), func(ctx context.Context) error { return s.settleAs(ctx, p) })
}

// settleAs does what a payment's state asks for.
func (s *Service) settleAs(ctx context.Context, p *payment.Payment) error {
	switch p.State {
	case payment.Opening:
		return s.settleOpening(ctx, p)
	case payment.Open, payment.Expired:
		return s.settleSession(ctx, p)
	case payment.Authorised:
		return s.watchAuthorisation(ctx, p)
	case payment.Capturing:
		return s.capture(ctx, p)
	case payment.Captured:
		return s.settleParts(ctx, p)
	case payment.Returning:
		return s.giveBack(ctx, p)
	case payment.Refunded:
		return errors.Join(s.watchRefund(ctx, p), s.settleParts(ctx, p))
	}
	return nil
}

// settleOpening finishes a payment whose session was asked for when the process died, or never.
// Asking with the stored key answers the session that exists. When the bank refuses there is none that
// anybody could know of: the order waits until its own time is over, in case the bank thinks better of it.
func (s *Service) settleOpening(ctx context.Context, p *payment.Payment) error {
	_, err := s.CardPage(ctx, p.ID)
	var g *payment.GatewayError
	if refused := err; errors.Is(err, errKeyOld) || errors.As(err, &g) && !g.Unknown {
		return s.inOrder(ctx, p, func(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
			if p.State != payment.Opening || o.State == ordering.Checkout && tx.Now.Before(o.DueAt) {
				return refused // another tab got a page, or the buyer still has time
			}
			return s.expireTx(ctx, tx, o, p)
		})
	}
	if err != nil {
		return err
	}
	if p, err = payment.Get(s.DB.Read(ctx), p.ID); err != nil {
		return err
	}
	return s.settleSession(ctx, p)
}

// settleSession reads the card page's outcome. A page that is still open is ended when its time is
// over, its order is, or more is asked on it than is owed by now.
func (s *Service) settleSession(ctx context.Context, p *payment.Payment) error {
	return s.settlePage(ctx, p, false)
}

// settlePage is settleSession; end takes the page away though it might still be paid, for another to
// take its place.
func (s *Service) settlePage(ctx context.Context, p *payment.Payment, end bool) error {
	if p.SessionID == "" {
		return nil
	}
	c, err := s.Gateway.Checkout(ctx, p.SessionID)
	if err != nil {
		return err
	}
	if c.Status == payment.SessionOpen {
		wanted, err := s.wanted(ctx, p)
		if err != nil {
			return err
		}
		asking := c.Intent != nil && c.Intent.Status.Asking() && s.DB.Clock.Now().Before(p.SessionEnds)
		if asking || wanted && !end {
			return s.waitFor(ctx, p, asking)
		}
		if c, err = s.Gateway.ExpireCheckout(ctx, p.SessionID); err != nil {
			return err
		}
	}
	return s.inOrder(ctx, p, func(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
		if !p.Waits() && p.State != payment.Expired {
			return nil // somebody else settled it meanwhile
		}
		if c.Intent != nil && (c.Intent.Status == payment.IntentRequiresCapture || c.Intent.Status == payment.IntentSucceeded) {
			return s.arrivedTx(ctx, tx, o, p, c)
		}
		if c.Intent != nil && c.Intent.Status.Asking() && c.Status == payment.SessionComplete {
			return s.stretchTx(tx, o, p)
		}
		// Paid, and the reservation gone before anybody here heard of it: as if it had never been paid.
		gone := c.Status == payment.SessionComplete && c.Intent != nil && c.Intent.Status == payment.IntentCanceled
		if (c.Status == payment.SessionExpired || gone) && p.State != payment.Expired {
			return s.expireTx(ctx, tx, o, p)
		}
		return nil
	})
}

// wanted tells whether an open page may still be paid: an order that waits for its first payment until the
// order's own end, a part of the balance while that much is owed.
func (s *Service) wanted(ctx context.Context, p *payment.Payment) (bool, error) {
	g, now := s.DB.Read(ctx), s.DB.Clock.Now()
	o, err := ordering.Get(g, p.Order)
	if err != nil {
		return false, err
	}
	if p.Renews != "" {
		return renewable(o) && now.Before(p.SessionEnds), nil
	}
	if p.Purpose == payment.ForDeposit {
		return o.State == ordering.Checkout && now.Before(o.DueAt), nil
	}
	w, err := WholeOf(g, p.Order)
	return o.State.TakesMoney() && now.Before(p.SessionEnds) && p.Amount.Minor <= payment.Owed(o.TotalMinor, w.PaidMinor, w.Payments), err
}

// askAgain is how often a bank that has not answered is asked.
const askAgain = 2 * time.Minute

// stretchTx keeps an order alive while the bank asks the buyer or thinks: its time never ends inside a
// 3-D Secure question. The bank's own session bounds it.
func (s *Service) stretchTx(tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
	next := tx.Now.Add(askAgain)
	if p.Purpose == payment.ForDeposit && o.State == ordering.Checkout && o.DueAt.Before(next) {
		if err := ordering.ProlongTx(tx, o, next); err != nil {
			return err
		}
	}
	return payment.PostponeTx(tx, p, next)
}

// waitFor makes the sweep look again when the time to pay is over: the card page may have been opened while
// the buyer asked for more.
func (s *Service) waitFor(ctx context.Context, p *payment.Payment, asking bool) error {
	return s.inOrder(ctx, p, func(_ context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
		ends := o.DueAt
		if p.Purpose != payment.ForDeposit || p.Renews != "" {
			ends = p.SessionEnds
		}
		if p.Waits() && asking && !tx.Now.Before(ends.Add(-askAgain)) {
			return s.stretchTx(tx, o, p)
		}
		if !p.Waits() || !p.DueAt.Before(ends) {
			return nil
		}
		return payment.PostponeTx(tx, p, ends.Add(settleGrace))
	})
}

// inOrder locks the order, then the payment, and runs fn with both as they are now.
func (s *Service) inOrder(ctx context.Context, p *payment.Payment, fn func(context.Context, *db.Tx, *ordering.Order, *payment.Payment) error) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := ordering.LockTx(tx, p.Order)
		if err != nil {
			return err
		}
		now, err := payment.LockTx(tx, p.ID)
		if err != nil {
			return err
		}
		return fn(ctx, tx, o, now)
	})
}

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
	return s.firstOfferTx(ctx, tx, o, p)
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

// watchEvery is how often a reservation is looked at while a dealer thinks.
const watchEvery = 6 * time.Hour

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

// watchAuthorisation notices a reservation that the bank withdrew, and gives back one whose order is
// over.
func (s *Service) watchAuthorisation(ctx context.Context, p *payment.Payment) error {
	in, err := s.Gateway.Intent(ctx, p.IntentID)
	if err != nil {
		return err
	}
	return s.inOrder(ctx, p, func(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
		switch {
		case p.State != payment.Authorised:
			return nil
		case in.Status == payment.IntentCanceled:
			return s.lostTx(ctx, tx, o, p)
		case !o.State.CanCancel():
			return s.returnTx(ctx, tx, p, payment.Change{ReturnReason: "order_over"})
		case EndsSoon(o, p, tx.Now):
			if err := s.TellBuyerTx(ctx, tx, o, "renew", p.Attempt); err != nil {
				return err
			}
		}
		return payment.PostponeTx(tx, p, tx.Now.Add(watchEvery))
	})
}

// lostTx notes that the bank holds nothing any more. Nothing was taken; the order can not go on.
func (s *Service) lostTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
	if err := payment.MoveTx(tx, p, payment.Lost, payment.Change{}); err != nil {
		return err
	}
	if err := payment.PostTx(tx, o.ID, p, payment.KindRelease); err != nil {
		return err
	}
	if !o.State.CanCancel() {
		return nil
	}
	return s.cancelTx(ctx, tx, o, "system", "authorisation_lost")
}

// capture takes the reserved deposit after a dealer accepted.
func (s *Service) capture(ctx context.Context, p *payment.Payment) error {
	in, err := s.Gateway.Capture(ctx, p.IntentID, p.Amount.Minor, p.Key("capture"))
	var g *payment.GatewayError
	if errors.As(err, &g) && !g.Unknown {
		in, err = s.Gateway.Intent(ctx, p.IntentID) // refused: see what is true
	}
	if err != nil {
		return err
	}
	return s.inOrder(ctx, p, func(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
		switch {
		case p.State != payment.Capturing:
			return nil // the buyer left meanwhile: giveBack sees what was taken
		case in.Status == payment.IntentSucceeded && in.Received != p.Amount.Minor:
			s.Log.ErrorContext(ctx, "the bank took another amount, it is returned and a person must look", "payment", p.ID)
			if err := s.returnTx(ctx, tx, p, payment.Change{ReturnReason: "mismatch"}); err != nil || !o.State.CanCancel() {
				return err
			}
			return s.cancelTx(ctx, tx, o, "system", "authorisation_lost")
		case in.Status == payment.IntentSucceeded:
			if err := takenTx(tx, o, p, payment.Change{}); err != nil {
				return err
			}
			return s.ExcessTx(ctx, tx, o, payment.PartChanged) // the car became cheaper while the money was only reserved
		case in.Status == payment.IntentCanceled:
			return s.lostTx(ctx, tx, o, p)
		}
		return payment.PostponeTx(tx, p, tx.Now.Add(retryAfter))
	})
}

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
