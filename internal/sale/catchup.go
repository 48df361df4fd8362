package sale

import (
	"context"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
)

// catchUpBatch bounds one look at what code of before left out.
const catchUpBatch = 200

// CatchUp writes what code that runs beside this one, or ran before, does not post: who sold a car and with
// which VAT, what is reserved on cards, and what disputes took for good. Asked again it finds nothing to do.
func (s *Service) CatchUp(ctx context.Context) error {
	sold, err := payment.Unstated(s.DB.Read(ctx), catchUpBatch)
	if err != nil {
		return err
	}
	for _, key := range sold {
		err := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			o, err := ordering.LockTx(tx, key)
			if err != nil {
				return err
			}
			return payment.RestateTx(tx, o.ID, SaleOf(o))
		})
		if err != nil {
			return err
		}
	}
	unnoted, err := payment.Unnoted(s.DB.Read(ctx), s.DB.Clock.Now(), catchUpBatch)
	if err != nil {
		return err
	}
	for _, p := range unnoted {
		if err := s.inOrder(ctx, p, noteTx); err != nil {
			return err
		}
	}
	return payment.CountLostOfBefore(s.DB.Read(ctx))
}

// noteTx notes or strikes out what is reserved for a payment, by its state.
func noteTx(_ context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
	switch p.State {
	case payment.Authorised, payment.Capturing:
		return payment.PostTx(tx, o.ID, p, payment.KindAuthorise)
	case payment.Captured, payment.Voided, payment.Refunded, payment.Lost:
		return payment.PostTx(tx, o.ID, p, payment.KindRelease)
	}
	return nil
}
