package sale

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/talk"
	"forecourt/internal/world"
)

// forgetBatch bounds how many orders' words are looked at with one statement.
const forgetBatch = 200

// ForgetWords erases what buyers and dealers wrote to each other about orders that are over for as long as their market
// says. What stays is that it was written, when, by whom, and its hash. It looks at each market on its own, so that one
// that fails does not keep the words of the others.
func (s *Service) ForgetWords(ctx context.Context) error {
	var all error
	for _, mk := range s.World.Now().Markets {
		all = errors.Join(all, s.forgetWordsOf(ctx, mk))
	}
	return all
}

func (s *Service) forgetWordsOf(ctx context.Context, mk *market.Market) error {
	now := s.DB.Clock.Now()
	for last := id.Order(""); ; {
		over, err := overWithWords(s.DB.Read(ctx), mk.Code, last, forgetBatch)
		if err != nil {
			return err
		}
		for _, o := range over {
			last = o.ID
			if now.Before(keptUntil(mk, o.OverAt)) {
				continue
			}
			if err := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return forgetWordsTx(ctx, tx, mk, o.ID) }); err != nil {
				return err
			}
		}
		if len(over) < forgetBatch {
			return nil
		}
	}
}

// keptUntil is when the words of an order that ended then may not be kept any longer, by the rule of its last day.
func keptUntil(mk *market.Market, over time.Time) time.Time {
	return over.AddDate(0, mk.WordsKept(world.Today(mk, over)), 0)
}

// forgetWordsTx erases the words of one order; it looks again under the lock, for a car that came back has new words.
func forgetWordsTx(ctx context.Context, tx *db.Tx, mk *market.Market, key id.Order) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	over, err := overAt(tx.DB, key)
	if err != nil || over.IsZero() || tx.Now.Before(keptUntil(mk, over)) {
		return err
	}
	messages, err := talk.EraseTx(tx, key)
	if err != nil {
		return err
	}
	questions, err := allocation.EraseWordsTx(tx, key)
	if err != nil {
		return err
	}
	ratings, err := allocation.EraseRatingTx(tx, key)
	if err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: "system", Action: "order.erase_words", Subject: "order:" + string(o.ID), Market: string(o.Market), Brand: string(o.Brand),
		New: map[string]int64{"messages": messages, "questions": questions, "ratings": ratings}})
}
