package sale

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"
)

// rungLetters are the letters of the ladder's steps. All go to people who work here, and none names the buyer.
var rungLetters = map[allocation.Rung]string{allocation.RungRemind: "dealer_remind", allocation.RungSite: "offer_silent", allocation.RungCountry: "offer_country"}

// askedPlace is the dealer of an entry with what its clock is counted by.
type askedPlace struct {
	dealer *network.Dealer
	market *market.Market
	rule   market.Allocation
	hours  int // to answer
}

func (s *Service) askedPlace(e *allocation.Entry, now time.Time) (askedPlace, error) {
	mk, err := s.Market(e.Market)
	if err != nil {
		return askedPlace{}, err
	}
	d, ok := s.World.Now().Dealer(e.Dealer)
	if !ok {
		return askedPlace{}, ErrDealer
	}
	return askedPlace{d, mk, mk.AllocationAt(e.Flow, world.Today(mk, now)), offerHours(mk, e.Flow, now)}, nil
}

// offerHours are the opening hours that a dealer has to answer.
func offerHours(mk *market.Market, f id.Flow, now time.Time) int {
	if t, ok := mk.TermsAt(f, world.Today(mk, now)); ok && t.OfferHours > 0 {
		return t.OfferHours
	}
	return 8
}

// nextRung is when the step after the last one made is due; zero when none is.
func (p askedPlace) nextRung(e *allocation.Entry) time.Time {
	_, at, _ := allocation.NextRung(p.rule, e.Rung, e.Clock(), p.dealer, p.market, e.DueAt)
	return at
}

// rungBatch is how many orders' steps are made in one transaction: enough that the commits cost little, few enough that
// nobody waits long for a lock.
const rungBatch = 200

// sweepRungs makes the steps that are due, many in one transaction. When one of them fails, each is made in its own, so
// that it does not hold up the others.
func (s *Service) sweepRungs(ctx context.Context, now time.Time) error {
	for n := 1; ; n++ {
		due, err := allocation.DueRungs(s.DB.Read(ctx), now, rungBatch)
		moved := 0
		if err == nil && len(due) > 0 {
			err = s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
				free, err := ordering.LockFreeTx(tx, due)
				if err == nil {
					moved, err = s.climbTx(ctx, tx, free)
				}
				return err
			})
		}
		if err != nil {
			return s.drain(ctx, func() ([]id.Order, error) { return allocation.DueRungs(s.DB.Read(ctx), now, sweepBatch) }, s.climbOneTx)
		}
		if len(due) < rungBatch || moved == 0 || n == mostBatches {
			return nil
		}
	}
}

// mostBatches bounds what one sweep works off of one list: what else is due must have its turn too.
const mostBatches = 5

// drain works off a list of orders whose time has come, batch by batch, until it is empty or nothing moves: an order that
// fails does not hold up the others.
func (s *Service) drain(ctx context.Context, list func() ([]id.Order, error), act func(context.Context, *db.Tx, id.Order) error) error {
	seen := map[id.Order]bool{}
	for n := 1; ; n++ {
		due, err := list()
		moved := 0
		for _, o := range due {
			if seen[o] {
				continue // it did not move a moment ago: the next sweep looks again
			}
			seen[o] = true
			if e := s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return act(ctx, tx, o) }); e != nil {
				err = errors.Join(err, e)
			} else {
				moved++
			}
		}
		if err != nil || len(due) < sweepBatch || moved == 0 || n == mostBatches {
			return err
		}
	}
}

func (s *Service) climbOneTx(ctx context.Context, tx *db.Tx, key id.Order) error {
	if _, err := ordering.LockTx(tx, key); err != nil {
		return err
	}
	_, err := s.climbTx(ctx, tx, []id.Order{key})
	return err
}

// climbTx makes the steps of the ladder that are due for orders whose locks the caller holds, and tells how many it made.
// Steps that were missed while nobody looked are made one after the other, each once, as long as the dealer still has time.
func (s *Service) climbTx(ctx context.Context, tx *db.Tx, keys []id.Order) (moved int, err error) {
	entries, err := allocation.LiveOfAll(tx.DB, keys) // after the locks: what happened meanwhile counts
	for err == nil && len(entries) > 0 {
		var steps []allocation.Climb
		var letters []ordering.Mail
		climbing := entries[:0]
		for _, e := range entries {
			c, ok, err := s.nextClimb(tx, e)
			if err != nil {
				return moved, err
			}
			if !ok {
				continue
			}
			steps, climbing = append(steps, c), append(climbing, e)
			audience := "dealer"
			if c.Rung == allocation.RungCountry {
				audience = "country"
			}
			letters = append(letters, ordering.Mail{Order: e.Order, Template: rungLetters[c.Rung], Seq: e.Round, Audience: audience})
		}
		if len(steps) == 0 {
			return moved, nil
		}
		if err = allocation.ClimbTx(tx, steps); err == nil {
			err = s.tellAllTx(ctx, tx, letters...)
		}
		moved, entries = moved+len(steps), climbing
	}
	return moved, err
}

// nextClimb is the step that is due for an entry; false when none is.
func (s *Service) nextClimb(tx *db.Tx, e *allocation.Entry) (c allocation.Climb, ok bool, err error) {
	if e.State != allocation.Offered || e.RungDue.IsZero() || tx.Now.Before(e.RungDue) || !tx.Now.Before(e.DueAt) {
		return c, false, nil
	}
	p, err := s.askedPlace(e, tx.Now)
	if err != nil {
		return c, false, err
	}
	r, _, ok := allocation.NextRung(p.rule, e.Rung, e.Clock(), p.dealer, p.market, e.DueAt)
	if !ok {
		return c, false, allocation.TopTx(tx, e)
	}
	after := *e
	after.Rung = r
	return allocation.Climb{Entry: e, Rung: r, Next: p.nextRung(&after)}, true, nil
}

// AskBuyerTx is a dealer's question to the buyer before it answers the offer, once for each offer. Its clock stands
// still until the buyer answers, no longer than the market's rule allows.
func (s *Service) AskBuyerTx(ctx context.Context, tx *db.Tx, staff Staff, number, words string) error {
	words = strings.TrimSpace(words)
	if words == "" || utf8.RuneCountInString(words) > allocation.MostWords {
		return allocation.ErrQuestion
	}
	o, e, err := LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	if e.State != allocation.Offered {
		return allocation.ErrMoved
	}
	if !tx.Now.Before(e.DueAt) {
		return allocation.ErrTooLate
	}
	p, err := s.askedPlace(e, tx.Now)
	if err != nil {
		return err
	}
	until, err := reservedUntil(tx, o)
	if err != nil {
		return err
	}
	ends := tx.Now.Add(time.Duration(p.rule.AskHours) * time.Hour)
	if last := until.Add(-allocation.SafetyMargin); !until.IsZero() && ends.After(last) {
		ends = last
	}
	if !ends.After(tx.Now) {
		return allocation.ErrTooLate
	}
	s.setClock(e, p, e.Clock().Stopped(p.dealer, p.market, tx.Now, ends), until)
	if err := allocation.AskTx(tx, e, words, string(staff.User), ends); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, "question", e.Round); err != nil {
		return err
	}
	return AuditTx(ctx, tx, staff, "order.ask", o, o.State, "")
}

// ReplyTx is the buyer's answer to the dealer's question: the dealer's clock goes on.
func (s *Service) ReplyTx(ctx context.Context, tx *db.Tx, key id.Order, words string) error {
	words = strings.TrimSpace(words)
	if words == "" || utf8.RuneCountInString(words) > allocation.MostWords {
		return allocation.ErrAnswer
	}
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	e, err := allocation.LiveOf(tx.DB, key)
	if err != nil {
		return err
	}
	if e == nil || e.State != allocation.Offered {
		return allocation.ErrNoQuestion
	}
	p, err := s.askedPlace(e, tx.Now)
	if err != nil {
		return err
	}
	until, err := reservedUntil(tx, o)
	if err != nil {
		return err
	}
	if c := e.Clock(); tx.Now.Before(c.From) { // it stood still until now
		s.setClock(e, p, allocation.Clock{From: tx.Now, Used: c.Used}, until)
	}
	if err := allocation.ReplyTx(tx, e, words); err != nil {
		return err
	}
	return s.TellTx(ctx, tx, o, "dealer", "dealer_answered", e.Round)
}

// setClock gives an entry another clock, and what follows from it.
func (s *Service) setClock(e *allocation.Entry, p askedPlace, c allocation.Clock, captureBefore time.Time) {
	e.ClockFrom, e.ClockUsed = c.From, c.Used
	e.DueAt = c.Due(p.dealer, p.market, p.hours, captureBefore)
	e.RungDue = p.nextRung(e)
}
