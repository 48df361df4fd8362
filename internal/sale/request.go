package sale

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// ErrAnswerFirst holds a step up that would settle the buyer's question by itself: a car that goes to the factory
// cannot be another one any more.
var ErrAnswerFirst = fault.New(fault.Conflict, "request.answer_first", "sale.AnswerFirst")

// AskTx puts a question about an order that the caller has locked to a dealer, with the time it has to answer. The order
// stays as it is.
func (s *Service) AskTx(ctx context.Context, tx *db.Tx, o *ordering.Order, r *ordering.Request) error {
	due, ok, err := s.answerBy(o, r.To, tx.Now, time.Time{})
	if err != nil {
		return err
	}
	if !ok {
		return ordering.ErrMoved
	}
	r.Order, r.Market, r.From, r.DueAt = o.ID, o.Market, o.Dealer, due
	if err := ordering.AskTx(tx, r); err != nil {
		return err
	}
	template := "dealer_car_asked"
	if r.Kind == ordering.AskDealer {
		template = "dealer_asked"
	}
	return s.TellTx(ctx, tx, o, "dealer", template, r.Seq)
}

// WithdrawRequestTx is the buyer taking a question back that has no answer yet. seq is the question that was seen.
func (s *Service) WithdrawRequestTx(_ context.Context, tx *db.Tx, key id.Order, seq int) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	r, err := ordering.Asked(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if r == nil || r.Seq != seq {
		return ordering.ErrAnswered
	}
	return ordering.AnswerTx(tx, r, ordering.RequestWithdrawn, "buyer", "")
}

// requestOverTx ends the question of an order that ends.
func (s *Service) requestOverTx(tx *db.Tx, o *ordering.Order, actor string) error {
	r, err := ordering.Waiting(tx.DB, o.ID)
	if err != nil || r == nil {
		return err
	}
	return ordering.AnswerTx(tx, r, ordering.RequestWithdrawn, actor, "order_over")
}

// AnswerFirstTx refuses a step after which what was bought cannot be another one any more, while its buyer waits to hear
// whether it may be.
func (s *Service) AnswerFirstTx(tx *db.Tx, o *ordering.Order) error {
	r, err := ordering.Asked(tx.DB, o.ID)
	if err == nil && r != nil && r.Kind == ordering.AskCar {
		if !tx.Now.Before(r.DueAt) {
			return nil // silence was a no; OvertakenTx writes it down
		}
		err = ErrAnswerFirst
	}
	return err
}

// OvertakenTx ends a question that the order's last step has answered: the car is on its way to the dealer who has it,
// or at the factory.
func (s *Service) OvertakenTx(ctx context.Context, tx *db.Tx, o *ordering.Order) error {
	r, err := ordering.Waiting(tx.DB, o.ID)
	if err != nil || r == nil {
		return err
	}
	if r.Kind == ordering.AskDealer && o.MayPassOn() || r.Kind == ordering.AskCar && o.CanChange() {
		return nil
	}
	return s.RefusedTx(ctx, tx, o, r, ordering.RequestOvertaken, "system", "")
}

// RefusedTx ends a question with a no: the order is what it was, and the buyer is told.
func (s *Service) RefusedTx(ctx context.Context, tx *db.Tx, o *ordering.Order, r *ordering.Request, to ordering.RequestState, by, reason string) error {
	if err := ordering.AnswerTx(tx, r, to, by, reason); err != nil {
		return err
	}
	template := "change_refused"
	if r.Kind == ordering.AskDealer {
		template = "move_refused"
	}
	return s.TellBuyerTx(ctx, tx, o, template, r.Seq)
}

// LockAskedTx locks the order that a dealer was asked about, then reads the question as it is now. A question to
// another dealer does not exist; one that was answered meanwhile says so.
func LockAskedTx(tx *db.Tx, staff Staff, kind ordering.RequestKind, number string) (*ordering.Order, *ordering.Request, error) {
	tx.By = staff.Actor()
	r, err := ordering.LastAskedOf(tx.DB, staff.Dealer, kind, number)
	if err != nil {
		return nil, nil, err
	}
	o, err := ordering.LockTx(tx, r.Order)
	if err != nil {
		return nil, nil, err
	}
	r, err = ordering.AskedOf(tx.DB, staff.Dealer, kind, number)
	switch {
	case errors.Is(err, ordering.ErrNoRequest):
		return nil, nil, ordering.ErrAnswered
	case err != nil:
		return nil, nil, err
	case !tx.Now.Before(r.DueAt):
		return nil, nil, ordering.ErrTooLate
	}
	return o, r, nil
}

// sweepRequests takes the silence of dealers who were asked, and of buyers to whom the office proposed a dealer, for a no.
func (s *Service) sweepRequests(ctx context.Context, now time.Time) error {
	late, err := ordering.RequestsDue(s.DB.Read(ctx), now, sweepBatch)
	for _, key := range late {
		err = errors.Join(err, s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			o, err := ordering.LockTx(tx, key)
			if err != nil {
				return err
			}
			r, err := ordering.Waiting(tx.DB, key)
			if err != nil || r == nil || tx.Now.Before(r.DueAt) {
				return err // answered meanwhile
			}
			if r.State == ordering.RequestProposed {
				return s.RefusedTx(ctx, tx, o, r, ordering.RequestWithdrawn, "system", ordering.OffBuyerSilent)
			}
			return s.RefusedTx(ctx, tx, o, r, ordering.RequestExpired, "system", "silent")
		}))
	}
	return err
}
