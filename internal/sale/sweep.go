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

const sweepBatch = 100

// Sweep looks for deadlines that passed on the domain clock and acts on each in its own transaction:
// one that fails does not hold up the others.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.DB.Clock.Now()
	err := errors.Join(s.sweepRungs(ctx, now), s.sweepOffers(ctx, now), s.sweepRequests(ctx, now), s.sweepChoosing(ctx), s.sweepPayments(ctx, now), s.sweepEvents(ctx, now), s.sweepRefunds(ctx), s.sweepDeferrals(ctx), s.sweepNews(ctx, now))
	for _, f := range s.flows {
		if f.Sweep != nil {
			err = errors.Join(err, f.Sweep(ctx))
		}
	}
	return err
}

// sweepOffers passes on orders whose dealer stayed silent.
func (s *Service) sweepOffers(ctx context.Context, now time.Time) error {
	return s.drain(ctx, func() ([]id.Order, error) { return allocation.Overdue(s.DB.Read(ctx), now, sweepBatch) }, s.silentTx)
}

func (s *Service) silentTx(ctx context.Context, tx *db.Tx, key id.Order) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	e, err := allocation.LiveOf(tx.DB, key)
	if err != nil || e == nil || e.State != allocation.Offered || tx.Now.Before(e.DueAt) {
		return err // answered meanwhile
	}
	if err := allocation.MoveTx(tx, e, allocation.Expired, "system", "silent"); err != nil {
		return err
	}
	return s.nextOfferTx(ctx, tx, o)
}

// sweepChoosing lets go of orders whose buyer did not choose another dealer in time.
func (s *Service) sweepChoosing(ctx context.Context) error {
	var due []id.Order
	err := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		due, err = ordering.DueTx(tx, sweepBatch)
		return err
	})
	for _, key := range due {
		err = errors.Join(err, s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			o, err := ordering.LockTx(tx, key)
			if err != nil || o.State != ordering.Choosing || tx.Now.Before(o.DueAt) {
				return err
			}
			return s.cancelTx(ctx, tx, o, "system", "no_dealer")
		}))
	}
	return err
}

// sweepPayments looks again at payments whose job should have ended by now.
func (s *Service) sweepPayments(ctx context.Context, now time.Time) error {
	due, err := payment.Due(s.DB.Read(ctx), now, sweepBatch)
	for _, key := range due {
		if e := s.Settle(ctx, key); e != nil {
			err = errors.Join(err, e, s.postpone(ctx, key))
		}
	}
	return err
}

func (s *Service) postpone(ctx context.Context, key id.Payment) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := payment.LockTx(tx, key)
		if err != nil || p.DueAt.IsZero() {
			return err
		}
		return payment.PostponeTx(tx, p, tx.Now.Add(retryAfter))
	})
}

// sweepEvents enqueues events again that were kept but not dealt with.
func (s *Service) sweepEvents(ctx context.Context, now time.Time) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		waiting, err := payment.WaitingEventsTx(tx, now.Add(-retryAfter), sweepBatch)
		for _, w := range waiting {
			args := EventJob{Account: w.Account, Type: w.Type, Event: w.ID}
			if strIsSession(w.ObjectID) {
				args.Session = w.ObjectID
			} else {
				args.Intent = w.IntentID
			}
			err = errors.Join(err, s.Jobs.InsertTx(ctx, tx, args, nil))
		}
		return err
	})
}

func strIsSession(objectID string) bool { return len(objectID) > 3 && objectID[:3] == "cs_" }
