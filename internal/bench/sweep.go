package main

import (
	"context"
	"fmt"
	"time"

	"forecourt/internal/id"
)

// How many payments there are, and how many of them have to be looked at.
const (
	manyPayments = 100_000
	duePayments  = 1_000
	reconciled   = 500
)

type sweepFigure struct {
	name string
	n    int
	took time.Duration
}

// measureSweep lets the deadlines be looked at among many payments: most are long over, a tenth is
// reserved, some are due. Beside it bare SQL finds the same ones, locks each with its order and puts it
// off. A sweep with nothing due is what runs every ten seconds.
func (s *stall) measureSweep(ctx context.Context, t table) error {
	if err := s.manyPayments(ctx); err != nil {
		return fmt.Errorf("%d payments: %w", manyPayments, err)
	}
	floor, err := s.bareSweep(ctx)
	if err != nil {
		return err
	}
	if _, err := s.bare.Exec(ctx, `UPDATE payments SET due_at = now() - interval '1 minute' WHERE reference = 'bench due'`); err != nil {
		return err
	}
	ours := sweepFigure{name: "ours: the sweep, bank asked for each", n: duePayments}
	begin := time.Now()
	for left := 1; left > 0; {
		if err := s.flow.Sweep(ctx); err != nil {
			return err
		}
		if err := s.bare.QueryRow(ctx, `SELECT count(*) FROM payments WHERE due_at <= now()`).Scan(&left); err != nil {
			return err
		}
	}
	ours.took = time.Since(begin)
	idle := sweepFigure{name: "ours: the sweep with nothing due", n: 1}
	begin = time.Now()
	if err := s.flow.Sweep(ctx); err != nil {
		return err
	}
	idle.took = time.Since(begin)
	asked := sweepFigure{name: "ours: the reconciler, 500 end soon", n: reconciled}
	if _, err := s.bare.Exec(ctx, `UPDATE payments SET capture_before = now() + interval '1 day' WHERE id IN (SELECT id FROM payments WHERE reference = 'bench due' ORDER BY id LIMIT $1)`, reconciled); err != nil {
		return err
	}
	begin = time.Now()
	if err := s.flow.Reconcile(ctx); err != nil {
		return err
	}
	asked.took = time.Since(begin)
	t.sweeps(manyPayments, duePayments, []sweepFigure{floor, ours, idle, asked})
	return nil
}

// manyPayments writes them to one order: what is looked at is found by its time, not by its order.
func (s *stall) manyPayments(ctx context.Context) error {
	if _, err := s.bare.Exec(ctx, `UPDATE payments SET due_at = now() + interval '1 day' WHERE due_at IS NOT NULL`); err != nil {
		return err
	}
	// Nine in ten were given back long ago, the rest are reserved and watched.
	_, err := s.bare.Exec(ctx, `INSERT INTO payments (id, order_id, market, purpose, attempt, means, account, state, currency, amount_minor, session_id, intent_id,
			capture_before, due_at, reference, created_at, updated_at)
		SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, o.id, o.market, 'balance', n, 'card', 'bench',
			CASE WHEN n % 10 = 0 THEN 'authorised' ELSE 'voided' END, o.currency, o.deposit_minor, 'cs_many' || n, 'pi_many' || n, now() + interval '5 days',
			CASE WHEN n % 10 = 0 THEN now() + interval '1 day' END,
			CASE WHEN n % 100 = 0 THEN 'bench due' ELSE '' END, o.created_at, o.updated_at
		FROM (SELECT * FROM orders WHERE state = 'offered' LIMIT 1) o, generate_series(1, $1::int) n`, manyPayments)
	if err != nil {
		return err
	}
	if _, err := s.bare.Exec(ctx, `UPDATE payments SET due_at = now() - interval '1 minute' WHERE reference = 'bench due'`); err != nil {
		return err
	}
	_, err = s.bare.Exec(ctx, `ANALYZE payments`)
	return err
}

func (s *stall) bareSweep(ctx context.Context) (sweepFigure, error) {
	f := sweepFigure{name: "floor: bare SQL, found, locked, put off"}
	begin := time.Now()
	for {
		rows, err := s.bare.Query(ctx, `SELECT id FROM payments WHERE due_at <= now() ORDER BY due_at LIMIT 100`)
		if err != nil {
			return f, err
		}
		var keys []id.Payment
		for rows.Next() {
			var k id.Payment
			if err := rows.Scan(&k); err != nil {
				return f, err
			}
			keys = append(keys, k)
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return f, err
		}
		if len(keys) == 0 {
			f.took = time.Since(begin)
			return f, nil
		}
		for _, k := range keys {
			err := inBareTx(ctx, s.bare, []statement{
				{`SELECT 1 FROM orders WHERE id = (SELECT order_id FROM payments WHERE id = $1) FOR UPDATE`, []any{k}},
				{`SELECT 1 FROM payments WHERE id = $1 FOR UPDATE`, []any{k}},
				{`UPDATE payments SET due_at = now() + interval '6 hours' WHERE id = $1 AND state = 'authorised'`, []any{k}},
			})
			if err != nil {
				return f, err
			}
			f.n++
		}
	}
}
