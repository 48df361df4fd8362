package sale

import (
	"context"
	"errors"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/payment"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
)

// How often and how far the reconciler looks.
const (
	ReconcileEvery  = 5 * time.Minute
	openFor         = 10 * time.Minute // a payment on its way that long is asked about
	endsSoon        = 48 * time.Hour   // and a reservation that ends within that
	eventsKept      = 30 * 24 * time.Hour
	reconcileBatch  = 500
	reconcileAtOnce = 100
)

// Reconcile asks the bank about every payment that is on its way for long, and about reservations that end
// soon: what differs is put right by settling, as an event would. What cannot be asked is a finding.
func (s *Service) Reconcile(ctx context.Context) error {
	began := s.DB.Clock.Now()
	var failed error
	for after, more := id.Payment(""), true; more; {
		keys, err := payment.Unsettled(s.DB.Read(ctx), s.Gateway.Account(), began.Add(-openFor), began.Add(endsSoon), after, reconcileBatch)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if e := s.Settle(ctx, key); e != nil {
				failed = errors.Join(failed, s.find(ctx, key, "unsettled", e))
			}
			after = key
		}
		more = len(keys) == reconcileBatch
	}
	return errors.Join(failed, s.healed(ctx, "unsettled", began))
}

// find keeps that a payment could not be settled; codes only, never the bank's words.
func (s *Service) find(ctx context.Context, key id.Payment, kind string, cause error) error {
	p, err := payment.Get(s.DB.Read(ctx), key)
	if err != nil {
		return err
	}
	detail := ""
	var g *payment.GatewayError
	if errors.As(cause, &g) {
		detail = g.Op + " " + g.Code
	}
	return s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		return s.findTx(tx, payment.Finding{Account: p.Account, Kind: kind, Object: string(p.ID), Order: p.Order, Market: p.Market, Detail: detail})
	})
}

func (s *Service) findTx(tx *db.Tx, f payment.Finding) error {
	_, err := payment.FindTx(tx, f)
	return err
}

func (s *Service) healed(ctx context.Context, kind string, began time.Time) error {
	return s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		return payment.HealedTx(tx, s.Gateway.Account(), kind, began)
	})
}

// ReconcileNight goes through all the bank's events of 30 days and every line of its balance. An event that
// never came is taken in as if it had; money that our ledger does not have as the bank does is a finding.
func (s *Service) ReconcileNight(ctx context.Context) error {
	return errors.Join(s.missedEvents(ctx), s.balanceLines(ctx))
}

func (s *Service) missedEvents(ctx context.Context) error {
	var page []payment.Event
	flush := func() error {
		keys := make([]string, len(page))
		for i, e := range page {
			keys[i] = e.ID
		}
		unknown, err := payment.UnknownEvents(s.DB.Read(ctx), s.Gateway.Account(), keys)
		if err != nil {
			return err
		}
		missed := map[string]bool{}
		for _, k := range unknown {
			missed[k] = true
		}
		for _, e := range page {
			if missed[e.ID] {
				if err := s.receiveLate(ctx, e); err != nil {
					return err
				}
			}
		}
		page = page[:0]
		return nil
	}
	err := s.Gateway.EventsSince(ctx, s.DB.Clock.Now().Add(-eventsKept), func(e payment.Event) error {
		if page = append(page, e); len(page) < reconcileAtOnce {
			return nil
		}
		return flush()
	})
	if err != nil || len(page) == 0 {
		return err
	}
	return flush()
}

// receiveLate takes an event in that never came, and deals with it at once: what it tells is in the balance that is
// compared next. Its job, which does nothing twice, is there for what fails here.
func (s *Service) receiveLate(ctx context.Context, e payment.Event) error {
	if err := s.Receive(ctx, e); err != nil || !matters(e.Type) {
		return err
	}
	if err := s.HandleEvent(ctx, argsOf(s.Gateway.Account(), e)); err != nil {
		s.Log.WarnContext(ctx, "an event that never came cannot be dealt with now", "event", e.ID, "error", err.Error())
	}
	return nil
}

// balanceLines compares, payment by payment, what the bank's balance says with our ledger.
func (s *Service) balanceLines(ctx context.Context) error {
	began := s.DB.Clock.Now()
	sums := map[string]int64{}
	var order []string
	var charged []payment.BalanceLine
	err := s.Gateway.BalanceSince(ctx, time.Unix(0, 0), func(l payment.BalanceLine) error {
		if l.IntentID == "" {
			return nil // a payout or a fee of the account: no payment's money
		}
		if _, seen := sums[l.IntentID]; !seen {
			order = append(order, l.IntentID)
		}
		sums[l.IntentID] += l.Amount.Minor
		if l.FeeMinor == 0 {
			return nil
		}
		if charged = append(charged, l); len(charged) < reconcileAtOnce {
			return nil
		}
		err := s.bookFees(ctx, charged)
		charged = charged[:0]
		return err
	})
	if err == nil {
		err = s.bookFees(ctx, charged)
	}
	for len(order) > 0 && err == nil {
		n := min(len(order), reconcileAtOnce)
		err = s.compare(ctx, order[:n], sums)
		order = order[n:]
	}
	if err != nil {
		return err
	}
	return errors.Join(s.healed(ctx, "balance", began), s.healed(ctx, "stranger", began))
}

func (s *Service) compare(ctx context.Context, intents []string, sums map[string]int64) error {
	booked, err := payment.BookedOf(s.DB.Read(ctx), s.Gateway.Account(), intents)
	if err != nil {
		return err
	}
	ours := map[string]payment.Booked{}
	for _, b := range booked {
		ours[b.Intent] = b
	}
	return s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		for _, in := range intents {
			b, known := ours[in]
			f := payment.Finding{Account: s.Gateway.Account(), Kind: "balance", Object: in, Order: b.Order, Market: b.Market, Detail: fmt.Sprintf("%d %d", sums[in], b.Minor)}
			if !known {
				f.Kind = "stranger"
			} else if b.Minor == sums[in] {
				continue
			}
			if err := s.findTx(tx, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// CloseFindingTx is a person's word, with the reason, that a finding is dealt with.
func (s *Service) CloseFindingTx(ctx context.Context, tx *db.Tx, f Office, key id.Finding, reason string) error {
	x, err := payment.CloseFindingTx(tx, key, f.Markets, f.Actor(), reason)
	if err != nil {
		return err
	}
	if x.Market == "" && len(f.Markets) > 0 {
		x.Market = f.Markets[0] // it is of no market: the act stands where its actor is at home
	}
	subject := "market:" + string(x.Market)
	if x.Order != "" {
		subject = "order:" + string(x.Order)
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: f.Actor(), Action: "reconcile.close", Subject: subject, Market: string(x.Market),
		New: map[string]string{"kind": x.Kind, "object": x.Object}, Reason: reason})
}
