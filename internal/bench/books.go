package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/doctor"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
)

// linesPerOrder is what a whole purchase leaves in the ledger: reserved, released, taken, paid at the desk, sold.
const linesPerOrder = 13

// fillBooks multiplies the one order of a database into whole purchases until the ledger has the lines, spread
// over two years. The schema's guards are off: they are not what is measured.
var fillBooks = []string{
	`SET LOCAL session_replication_role = replica`,
	`CREATE TEMP TABLE base ON COMMIT DROP AS SELECT * FROM orders ORDER BY created_at LIMIT 1`,
	`CREATE TEMP TABLE made ON COMMIT DROP AS SELECT i, gen_random_uuid() AS id, gen_random_uuid() AS dep, gen_random_uuid() AS bal,
		now() - i * interval '2 years' / $ORDERS - interval '1 hour' AS at FROM generate_series(1, $ORDERS) i`,
	`INSERT INTO orders SELECT (jsonb_populate_record(b, jsonb_build_object('id', m.id, 'number', 'FC-B' || m.i, 'state', 'handed_over', 'vin', 'VF1RJA0' || lpad(m.i::text, 10, '0'),
		'pickup_code', '222222', 'due_at', NULL, 'created_at', m.at, 'updated_at', m.at, 'handed_over_at', m.at))).* FROM base b, made m`,
	`INSERT INTO order_dealers SELECT m.id, d.market, d.rank, d.dealer, m.at FROM made m, order_dealers d, base b WHERE d.order_id = b.id`,
	`INSERT INTO order_history (order_id, seq, flow, from_state, event, to_state, at, actor) SELECT m.id, s.seq, 'new', s.f, s.e, s.t, m.at, s.a
		FROM made m, (VALUES (1, '', 'begin', 'checkout', 'buyer'), (2, 'checkout', 'authorise', 'offered', 'system'), (3, 'offered', 'accept', 'accepted', 'staff:x'),
			(4, 'accepted', 'order', 'ordered', 'staff:x'), (5, 'ordered', 'build', 'built', 'staff:x'), (6, 'built', 'dispatch', 'in_transit', 'staff:x'),
			(7, 'in_transit', 'arrive', 'arrived', 'staff:x'), (8, 'arrived', 'prepare', 'prepared', 'staff:x'), (9, 'prepared', 'release', 'ready', 'staff:x'),
			(10, 'ready', 'hand_over', 'handed_over', 'staff:x')) s (seq, f, e, t, a)`,
	`INSERT INTO audit_log (at, actor, action, subject) SELECT h.at, h.actor, 'order.' || h.event, 'order:' || h.order_id FROM order_history h JOIN made m ON m.id = h.order_id WHERE h.actor LIKE 'staff:%'`,
	`INSERT INTO queue_entries SELECT (jsonb_populate_record(q, jsonb_build_object('id', gen_random_uuid(), 'order_id', m.id, 'state', 'done', 'answered_at', m.at, 'due_at', NULL, 'receipted', false))).* FROM made m, queue_entries q, base b WHERE q.order_id = b.id`,
	`INSERT INTO mails (order_id, template, seq, audience, created_at, sent_at) SELECT m.id, t.t, 0, 'buyer', m.at, m.at
		FROM made m, unnest(ARRAY['placed', 'accepted', 'ordered', 'built', 'in_transit', 'arrived', 'ready', 'handed_over']) t (t)`,
	`INSERT INTO payments SELECT (jsonb_populate_record(p, jsonb_build_object('id', m.dep, 'order_id', m.id, 'state', 'captured', 'session_id', 'cs_' || m.i, 'intent_id', 'pi_' || m.i, 'due_at', NULL, 'updated_at', m.at))).*
		FROM made m, payments p, base b WHERE p.order_id = b.id`,
	`INSERT INTO payments (id, order_id, market, purpose, attempt, means, account, state, currency, amount_minor, recorded_by, created_at, updated_at)
		SELECT m.bal, m.id, b.market, 'balance', 1, 'desk_transfer', 'desk', 'captured', b.currency, b.total_minor - b.deposit_minor, 'x', m.at, m.at FROM made m, base b`,
	`INSERT INTO ledger_postings (order_id, payment_id, kind, currency, at, actor, request_id) SELECT m.id, CASE s.k WHEN 'handover' THEN NULL WHEN 'desk' THEN m.bal ELSE m.dep END, s.k, b.currency, m.at, 'system:bench', 'bench'
		FROM made m, base b, unnest(ARRAY['authorise', 'release', 'capture', 'desk', 'handover']) s (k)`,
	`INSERT INTO ledger_lines (posting_id, order_id, currency, account, party, amount_minor) SELECT k.id, k.order_id, k.currency, l.a, l.p, l.n
		FROM ledger_postings k JOIN made m ON m.id = k.order_id CROSS JOIN (SELECT *, deposit_minor AS d, total_minor AS t, (snapshot #>> '{quote,vat,minor}')::bigint AS v, 'dealer:' || dealer AS who FROM base) b,
		LATERAL (VALUES ('authorise', 'authorised', '', d), ('authorise', 'authorised_contra', '', -d), ('release', 'authorised', '', -d), ('release', 'authorised_contra', '', d),
			('capture', 'card_bank', '', d), ('capture', 'buyer', '', -d), ('desk', 'desk', '', t - d), ('desk', 'buyer', '', d - t),
			('handover', 'buyer', '', t), ('handover', 'sales', who, v - t), ('handover', 'vat_payable', who, -v), ('handover', 'dealer_payable', who, -d), ('handover', 'dealer_claim', who, d)) l (k, a, p, n)
		WHERE l.k = k.kind`,
	`INSERT INTO document_series (entity, series, year, prefix, last) SELECT 'bench', x, 2026, 'BENCH', $ORDERS FROM unnest(ARRAY['A', 'I', 'H']) x`,
	`INSERT INTO documents (id, order_id, market, brand, kind, edition, entity, series, year, seq, number, currency, total_minor, content, sha256, issued_at)
		SELECT gen_random_uuid(), m.id, b.market, b.brand, s.kind, 1, 'bench', s.series, 2026, m.i, 'BENCH-' || s.series || m.i, b.currency, b.total_minor, '{}', encode(sha256('{}'), 'hex'), m.at
		FROM made m, base b, (VALUES ('confirmation', 'A'), ('invoice', 'I'), ('handover', 'H')) s (kind, series)`,
}

// measureBooks fills a database and examines it, beside counting the ledger's lines once.
func (h *house) measureBooks(ctx context.Context, o options, t table, dsn string) error {
	s, err := openStall(ctx, dsn, h.pgPid, 1)
	if err != nil {
		return err
	}
	s.close()
	d, err := db.Open(ctx, dsn, clock.System{}, db.Options{MaxConns: 4})
	if err != nil {
		return err
	}
	defer d.Close()
	orders := strconv.Itoa(o.lines/linesPerOrder + 1)
	err = d.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		for _, q := range fillBooks {
			if err := tx.Exec(strings.ReplaceAll(q, "$ORDERS", orders)).Error; err != nil {
				return fmt.Errorf("books: %.60s: %w", q, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.Read(ctx).Exec(`VACUUM ANALYZE`).Error; err != nil {
		return err
	}
	var n, postings int64
	if _, err := db.One(d.Read(ctx), &postings, `SELECT count(*) FROM ledger_postings`); err != nil {
		return err
	}
	ways := []func() error{
		func() error { _, err := db.One(d.Read(ctx), &n, `SELECT count(*) FROM ledger_lines`); return err },
		func() error { return healthy(doctor.Glance(ctx, d)) },
		func() error { return healthy(doctor.Examine(ctx, d)) },
	}
	fs := make([]figure, len(ways))
	const rounds = 5
	for round := range rounds + 1 {
		for i, way := range ways {
			before, start := meter([]int{-h.pgPid}), time.Now()
			if err := way(); err != nil {
				return err
			}
			f := figure{n: 1, took: time.Since(start)}
			f.lat = []time.Duration{f.took}
			if f.cpu, f.others = before.since(); round > 0 { // the first warms up
				fs[i].add(f)
			}
		}
	}
	t.books([]string{"floor: SELECT count(*) of the lines", "glance, as every minute", "all, as forecourt doctor"}, fs, n, postings)
	return nil
}

// healthy refuses to time a report that found something: offenders cost more, and here are none.
func healthy(r doctor.Report, err error) error {
	if broken := r.Broken(); err == nil && slices.ContainsFunc(broken, func(name string) bool { return name != "deadlines_kept" && name != "mail_leaves" }) {
		err = fmt.Errorf("books: %v", broken)
	}
	return err
}
