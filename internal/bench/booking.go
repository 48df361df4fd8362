package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/world"

	"github.com/jackc/pgx/v5/pgxpool"
)

// writers book at the same time.
const writers = 8

// stall books through the house, beside bare SQL, in a database whose jobs nobody runs.
type stall struct {
	db     *db.DB
	bare   *pgxpool.Pool
	flow   *newcar.Service // with a bank in memory at which every card pays at once
	banked *newcar.Service // with the card bank over HTTP
	atBank *ownBank
	pgPid  int
	total  int64
	drafts []draft
	next   atomic.Int64
	like   booked
}

type draft struct{ token, id, buyer string }

var dacia = sale.Shop{Brand: "dacia", Market: "gb", Flow: id.FlowNew}

func openStall(ctx context.Context, dsn string, pgPid, drafts int) (s *stall, err error) {
	s = &stall{pgPid: pgPid}
	if s.db, s.flow, s.total, err = openFlow(ctx, dsn, &promptBank{}); err != nil {
		return nil, err
	}
	if s.atBank, err = newOwnBank(); err != nil {
		return nil, err
	}
	own := *s.flow.Service // the copy of a flow would share the sale, and with it the bank
	own.Gateway = s.atBank.gateway
	s.banked = &newcar.Service{Service: &own}
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = writers
	if s.bare, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return nil, err
	}
	return s, s.prepare(ctx, drafts)
}

// openFlow builds the new-car flow in this process; total is the price of the car that is booked.
func openFlow(ctx context.Context, dsn string, gw payment.Gateway) (d *db.DB, flow *newcar.Service, total int64, err error) {
	if d, err = db.Open(ctx, dsn, clock.System{}, db.Options{}); err != nil {
		return nil, nil, 0, err
	}
	quiet := slog.New(slog.DiscardHandler)
	w, err := world.NewKeeper(ctx, d, dsn, quiet)
	if err != nil {
		return nil, nil, 0, err
	}
	inserts, err := jobs.New(d.Pool, jobs.Options{})
	if err != nil {
		return nil, nil, 0, err
	}
	flow = newcar.New(&sale.Service{DB: d, World: w, Gateway: gw, Jobs: inserts, Tokens: ordering.NewTokens([]byte("a secret for figures, 32 bytes or more")),
		BaseURL: "http://shop.test", Log: quiet})
	mk, _ := w.Now().Market("gb")
	m, err := w.Now().Model("dacia", "gb", "duster", world.Today(mk, time.Now()))
	if err != nil {
		return nil, nil, 0, err
	}
	return d, flow, m.From().Total.Minor, nil
}

func (s *stall) close() {
	s.bare.Close()
	s.atBank.close()
	s.db.Close()
}

// prepare writes the drafts that will be booked, and books one to see the rows that a booking has.
func (s *stall) prepare(ctx context.Context, n int) error {
	for len(s.drafts) < n {
		err := s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			for range 200 {
				d, err := s.draftTx(ctx, tx)
				if err != nil {
					return err
				}
				s.drafts = append(s.drafts, d)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := s.book(ctx, s.drafts[s.next.Add(1)-1]); err != nil {
		return err
	}
	return s.like.read(ctx, s.bare)
}

func (s *stall) draftTx(ctx context.Context, tx *db.Tx) (d draft, err error) {
	draft, err := s.flow.StartTx(ctx, tx, newcar.Build{Shop: dacia, Model: "duster", Selection: configurator.Selection{}}, dealerCode, []id.Dealer{"gb-london-kestrel"})
	if err != nil {
		return d, err
	}
	d.token = s.flow.Tokens.Draft(draft)
	if err := s.flow.GiveDetailsTx(tx, dacia, d.token, ordering.Buyer{Name: "Priya Raman", Email: "priya.raman@example.com", Phone: "+447700900142",
		Street: "8 Ash Grove", Town: "Leeds", Postcode: "LS6 2AB"}); err != nil {
		return d, err
	}
	x, err := ordering.LockDraftTx(tx, dacia.Brand, dacia.Market, d.token)
	if err == nil {
		d.id, d.buyer = string(x.ID), string(x.Buyer)
	}
	return d, err
}

// book is our whole booking: the order, the card page, and the money's arrival.
func (s *stall) book(ctx context.Context, d draft) error {
	p, _, err := s.place(ctx, s.flow, d)
	if err != nil {
		return err
	}
	return s.flow.Settle(ctx, p)
}

// bookAtBank is the same with the card bank over HTTP, and a person who pays at its page.
func (s *stall) bookAtBank(ctx context.Context, d draft) error {
	p, page, err := s.place(ctx, s.banked, d)
	if err != nil {
		return err
	}
	if _, err := banktest.Pay(ctx, s.atBank.person, page, banktest.Visa); err != nil {
		return err
	}
	return s.banked.Settle(ctx, p)
}

// place makes the order and its card page.
func (s *stall) place(ctx context.Context, flow *newcar.Service, d draft) (key id.Payment, page string, err error) {
	var p sale.Placed
	err = s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = flow.PlaceTx(ctx, tx, dacia, d.token, s.total)
		return err
	})
	if err == nil {
		page, err = flow.CardPage(ctx, p.Payment)
	}
	return p.Payment, page, err
}

var errSoldOut = errors.New("no draft is left")

// run books with all writers for a while, or until the drafts are used up.
func (s *stall) run(ctx context.Context, d time.Duration, book func(context.Context, draft) error) (f figure, err error) {
	before := meter([]int{-s.pgPid, os.Getpid()})
	parts, errs := make([]figure, writers), make([]error, writers)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() { parts[i], errs[i] = s.bookUntil(ctx, start.Add(d), book) })
	}
	wg.Wait()
	for i := range parts {
		if err == nil && !errors.Is(errs[i], errSoldOut) {
			err = errs[i]
		}
		f.add(parts[i])
	}
	f.took = time.Since(start)
	f.cpu, f.others = before.since()
	return f, err
}

func (s *stall) bookUntil(ctx context.Context, end time.Time, book func(context.Context, draft) error) (f figure, err error) {
	for ctx.Err() == nil && time.Now().Before(end) {
		at := s.next.Add(1) - 1
		if int(at) >= len(s.drafts) {
			return f, errSoldOut
		}
		t := time.Now()
		err := book(ctx, s.drafts[at])
		if db.Constraint(err) == "orders_pickup" { // all go to one dealer: two codes may meet by chance
			f.failed++
			continue
		}
		if err != nil {
			return f, fmt.Errorf("book: %w", err)
		}
		f.n++
		f.lat = append(f.lat, time.Since(t))
	}
	return f, ctx.Err()
}

// bookings compares, in turn: bare SQL in one transaction, in the three that a card page between
// them asks for, and ours with a bank in memory and with the card bank.
func (s *stall) bookings(ctx context.Context, d time.Duration) ([]figure, error) {
	ways := []func(context.Context, draft) error{
		func(ctx context.Context, x draft) error { return s.like.write(ctx, s.bare, x, 1) },
		func(ctx context.Context, x draft) error { return s.like.write(ctx, s.bare, x, 3) },
		s.book,
		s.bookAtBank,
	}
	out := make([]figure, len(ways))
	const rounds = 3
	for round := range rounds + 1 {
		for i, w := range ways {
			long := d / rounds
			if round == 0 {
				long = d / 10 // warm up
			}
			f, err := s.run(ctx, long, w)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				out[i].add(f)
			}
		}
	}
	return out, nil
}
