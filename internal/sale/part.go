package sale

import (
	"context"
	"errors"
	"slices"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
)

// ExcessTx gives back what an order that the caller has locked was paid too much, and nothing else: of the newest
// payments first, by card before the ways that need a person, the deposit last. Money that is only reserved waits until it
// is taken. An order that is not paid too much is left alone.
func (s *Service) ExcessTx(ctx context.Context, tx *db.Tx, o *ordering.Order, reason string) error {
	owed, err := s.owedTx(tx, o)
	if err != nil || owed >= 0 {
		return err
	}
	ps, err := payment.Of(tx.DB, o.ID)
	if err != nil {
		return err
	}
	slices.Reverse(ps)
	slices.SortStableFunc(ps, func(a, b *payment.Payment) int { return byHand(a) - byHand(b) })
	for _, p := range ps {
		if p.State != payment.Captured || owed >= 0 || p.Left().IsZero() {
			continue
		}
		back := min(-owed, p.Left().Minor)
		if err := s.partTx(ctx, tx, p, back, reason); err != nil {
			return err
		}
		owed += back
	}
	return nil
}

// byHand orders payments by what a return of a part of each costs people; what the order hangs on comes last.
func byHand(p *payment.Payment) int {
	switch {
	case p.Purpose == payment.ForDeposit:
		return 3
	case p.Card():
		return 0
	case p.AtDesk():
		return 2
	}
	return 1
}

// partTx decides that a part of a captured payment goes back; for a card the job does it.
func (s *Service) partTx(ctx context.Context, tx *db.Tx, p *payment.Payment, minor int64, reason string) error {
	if _, err := payment.AddPartTx(tx, p, minor, reason); err != nil || !p.Card() {
		return err
	}
	if err := payment.LookAgainTx(tx, p, tx.Now.Add(retryAfter)); err != nil {
		return err
	}
	return s.settleLaterTx(ctx, tx, p)
}

// settleParts brings the parts of a card payment in line with what the bank says: those that are due are sent, and of
// those that were sent it is asked how far they are. Asked again it finds nothing to do.
func (s *Service) settleParts(ctx context.Context, p *payment.Payment) error {
	xs, err := payment.PartsOf(s.DB.Read(ctx), p.ID)
	if err != nil || len(xs) == 0 {
		return err
	}
	for _, x := range xs {
		if x.State == payment.PartDue && !x.ByHand(p) {
			err = errors.Join(err, s.sendPart(ctx, p, x))
		}
	}
	if err != nil {
		return err
	}
	made, err := s.Gateway.RefundsOf(ctx, p.IntentID)
	if err != nil {
		return err
	}
	said := map[string]payment.Refund{}
	for _, r := range made {
		said[r.ID] = r
	}
	return s.inOrder(ctx, p, func(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
		return s.partsSaidTx(ctx, tx, o, p, said)
	})
}

// sendPart asks the bank for one part's refund, under the part's stored key: asked again, by whom it may be, it is the
// same refund.
func (s *Service) sendPart(ctx context.Context, p *payment.Payment, x *payment.Part) error {
	r, err := s.Gateway.Refund(ctx, p.IntentID, x.Amount.Minor, string(x.ID), x.Key())
	var g *payment.GatewayError
	if refused := err; errors.As(err, &g) && !g.Unknown {
		if r, err = s.partMade(ctx, p, x); err != nil || r.ID == "" {
			return errors.Join(refused, err)
		}
	}
	if err != nil {
		return err
	}
	return s.inOrder(ctx, p, func(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
		xs, err := payment.PartsOf(tx.DB, p.ID)
		if err != nil {
			return err
		}
		for _, now := range xs {
			if now.ID != x.ID || now.State != payment.PartDue || now.ByHand(p) {
				continue // somebody else wrote it down meanwhile
			}
			if err := payment.PartSentTx(tx, p, now, payment.KindRefund, r.ID); err != nil {
				return err
			}
			return s.TellBuyerTx(ctx, tx, o, "part_back", now.Seq)
		}
		return nil
	})
}

// partMade finds the refund that the bank made of a part before.
func (s *Service) partMade(ctx context.Context, p *payment.Payment, x *payment.Part) (payment.Refund, error) {
	made, err := s.Gateway.RefundsOf(ctx, p.IntentID)
	for _, m := range made {
		if m.Ref == string(x.ID) && m.Status != "failed" && m.Status != "canceled" {
			return m, nil
		}
	}
	return payment.Refund{}, err
}

// partsSaidTx writes down how far the parts are that were sent, and when to look again. One that is done may still come
// back: the bank's notice, or the reconciler, brings us here again.
func (s *Service) partsSaidTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment, said map[string]payment.Refund) error {
	xs, err := payment.PartsOf(tx.DB, p.ID)
	if err != nil {
		return err
	}
	var due time.Time
	for _, x := range xs {
		r, known := said[x.RefundID]
		switch {
		case x.State != payment.PartSent || x.RefundID == "" || !known:
		case r.Status == "failed" || r.Status == "canceled":
			if err := payment.PartFailedTx(tx, p, x); err != nil {
				return err
			}
			if err := s.TellBuyerTx(ctx, tx, o, "part_failed", x.Seq); err != nil {
				return err
			}
		case r.Status == payment.RefundDone && x.RefundStatus != payment.RefundDone:
			err = payment.SetPartStatusTx(tx, x, payment.RefundDone)
		case r.Status != payment.RefundDone && x.RefundStatus == "":
			err = payment.SetPartStatusTx(tx, x, payment.RefundPending)
		}
		if err != nil {
			return err
		}
		if x.Waits() {
			due = tx.Now.Add(watchRefundEvery)
		}
	}
	if p.State == payment.Refunded && p.RefundStatus == payment.RefundPending {
		return nil // looked at again as it is
	}
	return payment.LookAgainTx(tx, p, due)
}

// partsByHandTx is a person's word that the parts of a payment that wait for one were given back.
func (s *Service) partsByHandTx(ctx context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment, kind payment.Kind) error {
	xs, err := payment.PartsOf(tx.DB, p.ID)
	if err != nil {
		return err
	}
	sent := false
	for _, x := range xs {
		if !x.ByHand(p) {
			continue
		}
		if err := payment.PartSentTx(tx, p, x, kind, ""); err != nil {
			return err
		}
		if kind == payment.KindDeskReturn {
			if err := payment.EvenDeskTx(tx, o.ID, o.Dealer, o.Currency, string(x.ID)); err != nil {
				return err
			}
		}
		if err := s.TellBuyerTx(ctx, tx, o, "part_back", x.Seq); err != nil {
			return err
		}
		sent = true
	}
	if !sent {
		return payment.ErrMoved
	}
	return nil
}
