package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How many members of staff answer at once, how many orders they accept, and how many offers wait in the ladder.
const (
	answering  = 64
	acceptMost = 1_500
	waiting    = 100_000
	dueRungs   = 1_000
)

// measureQueue lets 64 members of staff of all dealers accept orders at once, beside bare SQL that writes the step, its
// history and its receipt; then it sweeps a ladder of 100,000 offers of which some have a step due.
func (s *stall) measureQueue(ctx context.Context, t table) error {
	ours, err := s.offeredOrders(ctx, acceptMost)
	if err != nil {
		return err
	}
	third := len(ours) / 3
	bare, err := pgxpool.New(ctx, s.bare.Config().ConnString())
	if err != nil {
		return err
	}
	defer bare.Close()
	floor, err := s.answer(ctx, ours[:third], 0, func(ctx context.Context, o offered) error { return acceptBare(ctx, bare, o) })
	if err != nil {
		return err
	}
	accept := func(ctx context.Context, o offered) error {
		return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			return s.flow.AcceptTx(ctx, tx, sale.Staff{User: id.New[id.User](), Dealer: o.Dealer}, o.Number)
		})
	}
	accepted, err := s.answer(ctx, ours[third:2*third], 0, accept)
	if err != nil {
		return err
	}
	paced, err := s.answer(ctx, ours[2*third:], oneSecond, accept)
	if err != nil {
		return err
	}
	t.answers([]string{"floor: bare SQL, step, history, receipt", "ours: accept, with papers, letters, audit", "the same, each accepts once a second"}, []figure{floor, accepted, paced})
	return s.measureLadder(ctx, t)
}

// offered is an order that waits for a dealer's answer.
type offered struct {
	ID     string
	Number string
	Dealer id.Dealer
}

// offeredOrders are orders that ours booked, spread over all dealers of the market.
func (s *stall) offeredOrders(ctx context.Context, n int) ([]offered, error) {
	ds := s.flow.World.Now().Dealers(dacia.Brand, dacia.Market, id.FlowNew)
	codes := make([]string, len(ds))
	for i, d := range ds {
		codes[i] = string(d.Code)
	}
	rows, err := s.bare.Query(ctx, `WITH mine AS (SELECT o.id, o.number, ($2::text[])[1 + row_number() OVER (ORDER BY o.id) % $3] AS dealer
			FROM orders o JOIN queue_entries q ON q.order_id = o.id AND q.state = 'offered' AND q.receipted WHERE o.state = 'offered' AND q.due_at > now() LIMIT $1),
		entry AS (UPDATE queue_entries q SET dealer = m.dealer FROM mine m WHERE q.order_id = m.id AND q.state = 'offered' RETURNING q.order_id),
		moved AS (UPDATE orders o SET dealer = m.dealer FROM mine m WHERE o.id = m.id RETURNING o.id)
		SELECT m.id::text, m.number, m.dealer FROM mine m JOIN entry e ON e.order_id = m.id JOIN moved x ON x.id = m.id`, n, codes, len(codes))
	if err != nil {
		return nil, err
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (o offered, err error) { return o, r.Scan(&o.ID, &o.Number, &o.Dealer) })
	if err == nil && len(out) < answering {
		err = fmt.Errorf("%d orders wait for an answer, too few to measure", len(out))
	}
	return out, err
}

// answer lets everybody answer until the orders are used up, with a pause of that length on average after each.
func (s *stall) answer(ctx context.Context, all []offered, pause time.Duration, accept func(context.Context, offered) error) (f figure, err error) {
	before := meter([]int{-s.pgPid})
	var at atomic.Int64
	parts, errs := make([]figure, answering), make([]error, answering)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range answering {
		wg.Go(func() {
			if pause > 0 {
				time.Sleep(rand.N(pause)) // they do not all begin at once
			}
			for n := at.Add(1) - 1; int(n) < len(all) && errs[i] == nil; n = at.Add(1) - 1 {
				begin := time.Now()
				if errs[i] = accept(ctx, all[n]); errs[i] == nil {
					parts[i].n++
					parts[i].lat = append(parts[i].lat, time.Since(begin))
				}
				if pause > 0 {
					time.Sleep(rand.N(2 * pause))
				}
			}
		})
	}
	wg.Wait()
	for i := range parts {
		if err == nil {
			err = errs[i]
		}
		f.add(parts[i])
	}
	f.took = time.Since(start)
	f.cpu, f.others = before.since()
	return f, err
}

func acceptBare(ctx context.Context, pool *pgxpool.Pool, o offered) error {
	return inBareTx(ctx, pool, []statement{
		{`SELECT 1 FROM orders WHERE id = $1 FOR UPDATE`, []any{o.ID}},
		{`UPDATE queue_entries SET state = 'accepted', answered_at = now(), answered_by = 'bench', receipted = false WHERE order_id = $1 AND state = 'offered'`, []any{o.ID}},
		{`UPDATE orders SET state = 'accepted', updated_at = now() WHERE id = $1 AND state = 'offered'`, []any{o.ID}},
		{`INSERT INTO order_history (order_id, seq, flow, from_state, event, to_state, at, actor) SELECT $1, max(seq) + 1, 'new', 'offered', 'accept', 'accepted', now(), 'bench' FROM order_history WHERE order_id = $1`, []any{o.ID}},
		{`INSERT INTO allocation_receipts (order_id, market, seq, at, event, round, body, prev, hash) SELECT order_id, market, seq + 1, now(), 'accept', round, '{}', hash, sha256(hash) FROM allocation_receipts WHERE order_id = $1 ORDER BY seq DESC LIMIT 1`, []any{o.ID}},
	})
}

func (s *stall) measureLadder(ctx context.Context, t table) error {
	if err := s.manyOffers(ctx); err != nil {
		return fmt.Errorf("%d offers: %w", waiting, err)
	}
	timed := func(name string, n int, fn func() error) (sweepFigure, error) {
		begin := time.Now()
		err := fn()
		return sweepFigure{name, n, time.Since(begin)}, err
	}
	floor, err := timed("floor: bare SQL finds, locks and notes each", dueRungs, func() error { return s.bareLadder(ctx) })
	if err != nil {
		return err
	}
	if _, err := s.bare.Exec(ctx, `UPDATE queue_entries SET rung_due = now() - interval '1 minute' WHERE reason = 'bench due'`); err != nil {
		return err
	}
	ours, err := timed("ours: the sweep, each step with its letter", dueRungs, func() error {
		for left := 1; left > 0; {
			if err := s.flow.Sweep(ctx); err != nil {
				return err
			}
			if err := s.bare.QueryRow(ctx, `SELECT count(*) FROM queue_entries WHERE state = 'offered' AND rung_due <= now() AND due_at > now()`).Scan(&left); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	idle, err := timed("ours: the sweep with nothing due", 1, func() error { return s.flow.Sweep(ctx) })
	if err != nil {
		return err
	}
	t.ladder([]sweepFigure{floor, ours, idle})
	return nil
}

// manyOffers writes orders that share one buyer, each with its live entry; one in a hundred has a step due and a link for its letter.
func (s *stall) manyOffers(ctx context.Context) error {
	for _, q := range []string{
		`INSERT INTO orders (id, number, brand, market, flow, state, buyer, configuration, snapshot, currency, total_minor, deposit_minor, terms_version, dealer, pickup_code, created_at, updated_at)
			SELECT ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, 'FB-' || n, brand, market, flow, 'offered', buyer, configuration, '{}', currency, total_minor, deposit_minor, terms_version,
				'gb-london-kestrel', translate(upper(lpad(to_hex(n), 6, '0')), '01', 'GH'), created_at, updated_at
			FROM (SELECT * FROM orders WHERE state = 'offered' LIMIT 1) o, generate_series(1, ` + fmt.Sprint(waiting) + `) n`,
		`INSERT INTO queue_entries (id, order_id, brand, market, flow, dealer, round, state, offered_at, due_at, rung_due, reason)
			SELECT gen_random_uuid(), id, brand, market, flow, dealer, 1, 'offered', now() - interval '1 day', now() + interval '1 day', now() + interval '1 hour', CASE WHEN substr(number, 4)::int % 100 = 0 THEN 'bench due' ELSE '' END
			FROM orders WHERE number LIKE 'FB-%'`,
		`INSERT INTO order_links (id, order_id, token_hash, purpose, created_at, expires_at) SELECT gen_random_uuid(), order_id, decode(md5(order_id::text), 'hex'), 'track', now(), now() + interval '1 year'
			FROM queue_entries WHERE reason = 'bench due'`,
		`UPDATE queue_entries SET rung_due = now() - interval '1 minute' WHERE reason = 'bench due'`,
		`ANALYZE orders`, `ANALYZE queue_entries`,
	} {
		if _, err := s.bare.Exec(ctx, q); err != nil {
			return fmt.Errorf("%.50s: %w", q, err)
		}
	}
	return nil
}

func (s *stall) bareLadder(ctx context.Context) error {
	rows, err := s.bare.Query(ctx, `SELECT order_id::text FROM queue_entries WHERE state = 'offered' AND rung_due <= now() AND due_at > now() ORDER BY rung_due`)
	if err != nil {
		return err
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, k := range keys {
		err := inBareTx(ctx, s.bare, []statement{
			{`SELECT 1 FROM orders WHERE id = $1 FOR UPDATE`, []any{k}},
			{`UPDATE queue_entries SET rung_due = now() + interval '1 hour' WHERE order_id = $1 AND state = 'offered'`, []any{k}},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
