package connected

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/platform/db"

	"github.com/riverqueue/river"
)

const (
	// offerFor is how long an offer is tried for; then the keeper is told without.
	offerFor = time.Minute
	// sweepAtOnce bounds one look, which has the time of a job; the next one goes on.
	sweepAtOnce = 500
)

// Sweep ends warnings that are too old, lets offers be made for new ones, and tells keepers outside of their quiet hours.
func (s *Service) Sweep(ctx context.Context) error {
	if err := s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return expireTx(tx) }); err != nil {
		return err
	}
	if err := s.offerAll(ctx); err != nil {
		return err
	}
	return s.tellAll(ctx)
}

// offerAll makes an offer for each new warning, one after the other: an offer that fails keeps no other one back.
func (s *Service) offerAll(ctx context.Context) error {
	if s.Offer == nil {
		return nil
	}
	ws, err := unoffered(s.DB.Read(ctx), s.DB.Clock.Now().Add(-offerFor), sweepAtOnce)
	if err != nil {
		return err
	}
	for _, w := range ws {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.Offer(ctx, w)
		switch {
		case err == nil:
			err = s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return OfferTx(tx, w.Keeper, w.ID) })
			if errors.Is(err, ErrMoved) || errors.Is(err, ErrNoWarning) {
				err = nil // whoever made the offer noted it, or the warning is over
			}
		case errors.Is(err, ErrNoOffer):
			err = triedOffer(s.DB.Read(ctx), w.ID)
		default:
			s.Log.WarnContext(ctx, "no offer for a warning", "warning", w.ID, "error", err.Error())
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tellAll(ctx context.Context) error {
	now := s.DB.Clock.Now()
	waits := now
	if s.Offer == nil {
		waits = now.Add(offerFor) // nobody makes any
	}
	ws, err := untold(s.DB.Read(ctx), now, waits.Add(-offerFor), sweepAtOnce)
	if err != nil {
		return err
	}
	for _, w := range ws {
		err := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.tellTx(ctx, tx, w) })
		if err != nil && !errors.Is(err, ErrMoved) && !errors.Is(err, ErrNoWarning) && !errors.Is(err, ErrNoKeeper) {
			return err
		}
	}
	return nil
}

// tellTx enqueues the notices of a warning, unless its keeper's hours became quiet meanwhile.
func (s *Service) tellTx(ctx context.Context, tx *db.Tx, w Warning) error {
	l, err := lockTx(tx, w.Keeper)
	if err != nil {
		return err
	}
	if at := l.Quiet.next(tx.Now, s.Zone(l.Car.Market)); at.After(tx.Now) {
		return delayTx(tx, w.ID, at)
	}
	if err := toldTx(tx, w.Keeper, w.ID); err != nil {
		return err
	}
	channels, err := noticesTx(tx, w)
	if err != nil {
		return err
	}
	var todo []river.JobArgs
	for _, c := range channels {
		todo = append(todo, noticeArgs{w.ID, c})
	}
	return s.Jobs.InsertManyTx(ctx, tx, todo...)
}
