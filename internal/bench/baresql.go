package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// booked is what a booking of ours wrote; bare SQL writes the same again under new keys.
type booked struct {
	configuration, terms string
	snapshot             string
	total, deposit       int64
	jobs                 []booking
	postings             []posting
}

// posting is a line of the ledger that a booking writes.
type posting struct {
	kind, account, party string
	minor                int64
}

type booking struct{ kind, args string }

func (b *booked) read(ctx context.Context, pool *pgxpool.Pool) error {
	var order string
	err := pool.QueryRow(ctx, `SELECT id, configuration, terms_version, snapshot::text, total_minor, deposit_minor FROM orders ORDER BY created_at DESC LIMIT 1`).
		Scan(&order, &b.configuration, &b.terms, &b.snapshot, &b.total, &b.deposit)
	if err != nil {
		return err
	}
	rows, err := pool.Query(ctx, `SELECT kind, args::text FROM river_job WHERE args ->> 'order' = $1`, order)
	if err != nil {
		return err
	}
	b.jobs, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (x booking, err error) {
		err = r.Scan(&x.kind, &x.args)
		x.args = strings.ReplaceAll(x.args, order, orderHere)
		return x, err
	})
	if err == nil && len(b.jobs) != 2 {
		err = fmt.Errorf("a booking has %d mail jobs", len(b.jobs))
	}
	if err != nil {
		return err
	}
	rows, err = pool.Query(ctx, `SELECT k.kind, l.account, l.party, l.amount_minor FROM ledger_lines l JOIN ledger_postings k ON k.id = l.posting_id WHERE l.order_id = $1`, order)
	if err != nil {
		return err
	}
	b.postings, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (x posting, err error) {
		return x, r.Scan(&x.kind, &x.account, &x.party, &x.minor)
	})
	if err == nil && len(b.postings) != 2 {
		err = fmt.Errorf("a booking writes %d lines into the ledger", len(b.postings))
	}
	return err
}

// orderHere stands in a job's arguments where the order's key comes.
const orderHere = "ORDER"

// The statements are prepared by the driver at their first use on a connection.
const (
	insertOrder = `INSERT INTO orders (id, number, brand, market, flow, state, buyer, configuration, snapshot, currency, total_minor, deposit_minor,
		terms_version, dealer, pickup_code, due_at, created_at, updated_at) VALUES ($1, $2, 'dacia', 'gb', 'new', 'checkout', $3, $4, $5, 'GBP', $6, $7, $8, $9, $10, $11, $12, $12)`
	insertDealer  = `INSERT INTO order_dealers (order_id, market, rank, dealer, agreed_at) VALUES ($1, 'gb', $2, $3, $4)`
	insertHistory = `INSERT INTO order_history (order_id, seq, flow, from_state, event, to_state, at, actor) VALUES ($1, $2, 'new', $3, $4, $5, $6, $7)`
	insertLink    = `INSERT INTO order_links (id, order_id, token_hash, purpose, created_at, expires_at) VALUES ($1, $2, $3, 'track', $4, $5)`
	insertPayment = `INSERT INTO payments (id, order_id, market, purpose, attempt, means, account, state, currency, amount_minor, session_ends, due_at, created_at, updated_at)
		VALUES ($1, $2, 'gb', 'deposit', 1, 'card', 'bench', 'opening', 'GBP', $3, $4, $4, $5, $5)`
	updateDraft = `UPDATE drafts SET order_id = $2, updated_at = $3 WHERE id = $1`
	openPayment = `UPDATE payments SET state = 'open', session_id = $2, session_url = $3, updated_at = $4 WHERE id = $1 AND state = 'opening'`
	takePayment = `UPDATE payments SET state = 'authorised', intent_id = $2, charge_id = $3, capture_before = $4, due_at = $4, updated_at = $5 WHERE id = $1 AND state = 'open'`
	insertEntry = `INSERT INTO queue_entries (id, order_id, brand, market, flow, dealer, round, state, offered_at, due_at) VALUES ($1, $2, 'dacia', 'gb', 'new', $3, 1, 'offered', $4, $5)`
	moveOrder   = `UPDATE orders SET state = 'offered', due_at = NULL, updated_at = $2 WHERE id = $1 AND state = 'checkout'`
	insertMail  = `INSERT INTO mails (order_id, template, audience, seq, link_id, created_at) VALUES ($1, $2, $3, 1, $4, $5)`
	insertMemo  = `WITH k AS (INSERT INTO ledger_postings (order_id, payment_id, kind, currency, at, actor, request_id) VALUES ($1, $2, $3, 'GBP', $4, 'system:sale.settle', 'bench') RETURNING id)
		INSERT INTO ledger_lines (posting_id, order_id, currency, account, party, amount_minor)
		SELECT k.id, $1, 'GBP', l.account, l.party, l.minor FROM k, (VALUES ($5::text, $6::text, $7::bigint), ($8, $9, $10)) l (account, party, minor)`
	insertJob = `INSERT INTO river_job (args, kind, max_attempts, queue, state) VALUES ($1, $2, 25, 'default', 'available')`
)

// statement is one write with its values.
type statement struct {
	sql  string
	args []any
}

// plan lists the writes of one booking in three parts: placed, card page open, paid and offered.
func (b *booked) plan(d draft) [3][]statement {
	now := time.Now()
	soon, late := now.Add(time.Hour), now.Add(7*24*time.Hour)
	order, pay, link := id.New[id.Order](), string(id.New[id.Payment]()), id.New[id.Link]()
	hash := make([]byte, 32)
	_, _ = rand.Read(hash)
	out := [3][]statement{{
		{insertOrder, []any{order, "FC-" + codeOf(hash[:4]) + "-" + codeOf(hash[4:8]), d.buyer, b.configuration, b.snapshot, b.total, b.deposit, b.terms, dealerCode, codeOf(hash[8:14]), soon, now}},
		{insertDealer, []any{order, 0, dealerCode, now}},
		{insertDealer, []any{order, 1, "gb-london-kestrel", now}},
		{insertHistory, []any{order, 1, "", "begin", "checkout", now, "buyer"}},
		{insertLink, []any{link, order, hash, now, late}},
		{insertPayment, []any{pay, order, b.deposit, soon, now}},
		{updateDraft, []any{d.id, order, now}},
	}, {
		{openPayment, []any{pay, "cs_" + pay, "http://bank.test/" + pay, now}},
	}, {
		{takePayment, []any{pay, "pi_" + pay, "ch_" + pay, late, now}},
		{insertEntry, []any{id.New[id.QueueEntry](), order, dealerCode, now, soon}},
		{moveOrder, []any{order, now}},
		{insertHistory, []any{order, 2, "checkout", "authorise", "offered", now, "system"}},
		{insertMail, []any{order, "placed", "buyer", link, now}},
		{insertMail, []any{order, "dealer_offer", "dealer", link, now}},
	}}
	if x := b.postings; len(x) == 2 {
		out[2] = append(out[2], statement{insertMemo, []any{order, pay, x[0].kind, now, x[0].account, x[0].party, x[0].minor, x[1].account, x[1].party, x[1].minor}})
	}
	for _, j := range b.jobs {
		out[2] = append(out[2], statement{insertJob, []any{strings.Replace(j.args, orderHere, string(order), 1), j.kind}})
	}
	return out
}

// codeOf writes bytes in the signs of our codes.
func codeOf(b []byte) string {
	const signs = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	out := make([]byte, len(b))
	for i, x := range b {
		out[i] = signs[int(x)%len(signs)]
	}
	return string(out)
}

// write books by bare SQL in one transaction or in three.
func (b *booked) write(ctx context.Context, pool *pgxpool.Pool, d draft, transactions int) error {
	parts := b.plan(d)
	if transactions == 1 {
		return inBareTx(ctx, pool, append(append(parts[0], parts[1]...), parts[2]...))
	}
	for _, p := range parts {
		if err := inBareTx(ctx, pool, p); err != nil {
			return err
		}
	}
	return nil
}

func inBareTx(ctx context.Context, pool *pgxpool.Pool, all []statement) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		for _, s := range all {
			if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
				return fmt.Errorf("%.40s: %w", s.sql, err)
			}
		}
		return nil
	})
}
