package sale

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
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
	return o.State.TakesMoney() && now.Before(p.SessionEnds) && p.Amount.Minor <= payment.Owed(o.TotalMinor, w.PaidMinor, w.Payments)-w.Exchange.Pending(), err
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
