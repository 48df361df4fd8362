// Package doctor asks the database whether what must never be false is true. Each invariant is one
// query that counts offending rows; zero is health. The report holds names and counts only.
package doctor

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"forecourt/internal/platform/db"
)

// Invariant is one thing that must never be false.
type Invariant struct {
	Name  string
	Text  string
	query string // counts offenders; @now is the domain time
}

// Invariants are all of them. The schema forbids most already: these would find a hole in it.
var Invariants = []Invariant{
	{"ledger_balances", "every posting's lines sum to zero", `SELECT count(*) FROM (SELECT posting_id FROM ledger_lines GROUP BY posting_id HAVING sum(amount_minor) <> 0 OR count(*) < 2) x`},
	{"ledger_matches_payments", "every captured or refunded payment has exactly its postings", `
		SELECT count(*) FROM payments p
		LEFT JOIN (SELECT payment_id, bool_or(kind IN ('capture', 'desk')) AS took, bool_or(kind IN ('refund', 'desk_return')) AS gave FROM ledger_postings GROUP BY payment_id) l ON l.payment_id = p.id
		WHERE (p.state = 'captured' AND (NOT coalesce(l.took, false) OR coalesce(l.gave, false)))
		   OR (p.state = 'refunded' AND NOT (coalesce(l.took, false) AND coalesce(l.gave, false)))
		   OR (p.state NOT IN ('captured', 'refunded', 'returning') AND coalesce(l.took, false))`},
	{"buyer_balance", "what the ledger owes a buyer is what the payments say", `
		SELECT count(*) FROM (
			SELECT o.state, o.total_minor,
				coalesce((SELECT -sum(amount_minor) FROM ledger_lines WHERE order_id = o.id AND account = 'buyer'), 0) AS owed,
				coalesce((SELECT interest_minor FROM leavings v WHERE v.order_id = o.id AND v.interest_paid_at IS NULL), 0) AS added,
				coalesce((SELECT sum(p.amount_minor - p.kept_minor) FROM payments p WHERE p.order_id = o.id AND p.state = 'returning'), 0) AS back,
				coalesce((SELECT sum(p.amount_minor) FROM payments p WHERE p.order_id = o.id AND (p.state = 'captured' OR (p.state = 'returning'
					AND EXISTS (SELECT 1 FROM ledger_postings k WHERE k.payment_id = p.id)))), 0) AS paid
			FROM orders o) x
		WHERE (state NOT IN ('handed_over', 'returning', 'returned') AND owed <> paid + added)
			OR (state IN ('handed_over', 'returning') AND (owed <> 0 OR paid <> total_minor))
			OR (state = 'returned' AND owed <> back + added) OR paid > total_minor`},
	{"left_as_told", "who left gets back what was written down, no less and no more", `
		SELECT count(*) FROM (
			SELECT v.owed_minor, v.kept_minor, v.settled_at, v.way, o.state,
				(SELECT coalesce(sum(p.amount_minor - p.kept_minor) FILTER (WHERE p.state IN ('returning', 'refunded') AND p.return_reason NOT IN ('second_payment', 'mismatch', 'order_over')), 0)
					FROM payments p WHERE p.order_id = v.order_id) AS back,
				(SELECT coalesce(sum(p.amount_minor) FILTER (WHERE p.state IN ('voided', 'lost')), 0) FROM payments p WHERE p.order_id = v.order_id) AS released,
				EXISTS (SELECT 1 FROM payments p WHERE p.order_id = v.order_id AND p.state = 'returning') AS on_its_way
			FROM leavings v JOIN orders o ON o.id = v.order_id) x
		WHERE (state IN ('cancelled', 'returned') AND (back > owed_minor AND released = 0 AND way = 'withdrawal' OR back + released < owed_minor))
			OR (state = 'returning') <> (way = 'withdrawal' AND state <> 'returned') OR (settled_at IS NOT NULL AND on_its_way)`},
	{"one_order_per_vin", "no car is in two live orders", `SELECT count(*) FROM (SELECT vin FROM orders WHERE vin IS NOT NULL AND state NOT IN ('cancelled', 'lapsed', 'returned') GROUP BY vin HAVING count(*) > 1) x`},
	{"one_queue_per_order", "a paid order is in exactly one dealer's queue, or its buyer decides", `
		SELECT count(*) FROM (
			SELECT o.state, o.dealer, (SELECT count(*) FROM queue_entries q WHERE q.order_id = o.id AND q.state = 'offered') AS offered,
				(SELECT count(*) FROM queue_entries q WHERE q.order_id = o.id AND q.state = 'accepted') AS accepted,
				(SELECT count(*) FROM queue_entries q WHERE q.order_id = o.id AND q.state IN ('offered', 'accepted') AND q.dealer <> o.dealer) AS elsewhere
			FROM orders o) x
		WHERE elsewhere > 0
		   OR (state = 'offered') <> (offered = 1)
		   OR (state IN ('accepted', 'ordered', 'built', 'in_transit', 'arrived', 'prepared', 'ready')) <> (accepted = 1)`},
	{"offered_only_by_consent", "no order was offered to a dealer its buyer did not agree to", `
		SELECT count(*) FROM queue_entries q WHERE NOT EXISTS (SELECT 1 FROM order_dealers d WHERE d.order_id = q.order_id AND d.dealer = q.dealer)`},
	{"no_forgotten_authorisation", "every reservation is captured or released 12 hours before it ends", `
		SELECT count(*) FROM payments WHERE state IN ('authorised', 'capturing') AND capture_before - interval '12 hours' + interval '5 minutes' < CAST(@now AS timestamptz)`},
	{"history_is_a_path", "an order's steps follow one another and end at its state", `
		SELECT count(*) FROM (
			SELECT h.order_id, h.seq, h.from_state, lag(h.to_state, 1, '') OVER w AS before, h.to_state, o.state,
				row_number() OVER (PARTITION BY h.order_id ORDER BY h.seq DESC) AS last
			FROM order_history h JOIN orders o ON o.id = h.order_id WINDOW w AS (PARTITION BY h.order_id ORDER BY h.seq)) x
		WHERE from_state <> before OR (last = 1 AND to_state <> state)`},
	{"no_order_without_history", "every order has its first step and every step an actor", `
		SELECT (SELECT count(*) FROM orders o WHERE NOT EXISTS (SELECT 1 FROM order_history h WHERE h.order_id = o.id)) + (SELECT count(*) FROM order_history WHERE actor = '')`},
	{"events_dealt_with", "every event of the card bank is dealt with in five minutes", `
		SELECT count(*) FROM provider_events WHERE processed_at IS NULL AND received_at < CAST(@now AS timestamptz) - interval '5 minutes'`},
	{"one_deposit_kept", "no second deposit is kept", `
		SELECT count(*) FROM (SELECT order_id FROM payments WHERE purpose = 'deposit' AND state IN ('authorised', 'capturing', 'captured') GROUP BY order_id HAVING count(*) > 1) x`},
	{"nothing_paid_unnoticed", "no order waits for a card that has paid", `
		SELECT count(*) FROM orders o JOIN payments p ON p.order_id = o.id WHERE o.state IN ('checkout', 'lapsed', 'cancelled')
		AND p.state IN ('authorised', 'capturing', 'captured') AND p.updated_at < CAST(@now AS timestamptz) - interval '10 minutes'`},
	{"money_returns", "what must go back is on its way within ten minutes", `
		SELECT count(*) FROM payments WHERE state = 'returning' AND means = 'card' AND updated_at < CAST(@now AS timestamptz) - interval '10 minutes'`},
	{"price_as_quoted", "an order's total and deposit are those of its fixed price, line by line", `
		SELECT count(*) FROM orders o WHERE o.total_minor <> (o.snapshot #>> '{quote,total,minor}')::bigint
		OR o.deposit_minor <> (o.snapshot #>> '{quote,deposit,minor}')::bigint
		OR o.total_minor <> (SELECT sum((l #>> '{amount,minor}')::bigint) FROM jsonb_array_elements(o.snapshot -> 'lines') l)`},
	{"slots_released", "no bay is held for an order that is over", `
		SELECT count(*) FROM appointments a JOIN orders o ON o.id = a.order_id WHERE a.state = 'booked' AND o.state IN ('cancelled', 'lapsed', 'handed_over', 'returning', 'returned')`},
	{"cars_released", "no car is held for an order that is over, and none is gone without a handover", `
		SELECT count(*) FROM stock_cars c JOIN orders o ON o.id = c.order_ref
		WHERE (c.state = 'held' AND o.state IN ('cancelled', 'lapsed', 'handed_over', 'returning', 'returned'))
			OR (c.state = 'gone' AND o.state NOT IN ('handed_over', 'returning')) OR (c.state = 'returned') <> (o.state = 'returned')`},
	{"one_order_per_car", "no order has two cars and no car two orders", `
		SELECT (SELECT count(*) FROM (SELECT order_ref FROM stock_cars WHERE order_ref IS NOT NULL GROUP BY order_ref HAVING count(*) > 1) x)
			+ (SELECT count(*) FROM (SELECT snapshot #>> '{stock,number}' FROM orders WHERE snapshot -> 'stock' IS NOT NULL AND state NOT IN ('cancelled', 'lapsed')
				GROUP BY 1 HAVING count(*) > 1) y)`},
	{"car_as_sold", "an order of a car that exists has that very car, and no other order has one", `
		SELECT (SELECT count(*) FROM orders o WHERE o.snapshot -> 'stock' IS NOT NULL AND o.state NOT IN ('cancelled', 'lapsed')
				AND NOT EXISTS (SELECT 1 FROM stock_cars c WHERE c.order_ref = o.id AND c.id = o.snapshot #>> '{stock,number}'))
			+ (SELECT count(*) FROM stock_cars c JOIN orders o ON o.id = c.order_ref JOIN configurations k ON k.code = o.configuration
				WHERE c.id IS DISTINCT FROM o.snapshot #>> '{stock,number}' OR c.selection <> k.selection OR c.vin <> o.vin)`},
	{"mail_leaves", "every message leaves within ten minutes", `
		SELECT (SELECT count(*) FROM mails WHERE sent_at IS NULL AND created_at < CAST(@now AS timestamptz) - interval '10 minutes')
			+ (SELECT count(*) FROM barrier_reports WHERE sent_at IS NULL AND created_at < CAST(@now AS timestamptz) - interval '10 minutes')`},
	{"deadlines_kept", "no deadline is more than five minutes late", `
		SELECT (SELECT count(*) FROM queue_entries WHERE state = 'offered' AND due_at < CAST(@now AS timestamptz) - interval '5 minutes')
			+ (SELECT count(*) FROM orders WHERE state = 'choosing' AND due_at < CAST(@now AS timestamptz) - interval '5 minutes')
			+ (SELECT count(*) FROM payments WHERE due_at < CAST(@now AS timestamptz) - interval '15 minutes')`},
	{"editions_whole", "every compiled range is stored as it was published", `
		SELECT count(*) FROM range_editions WHERE octet_length(diagram) < 40
		OR sha256(substring(diagram FROM 1 FOR octet_length(diagram) - 32)) <> substring(diagram FROM octet_length(diagram) - 31)`},
}

// Warnings are looked at like invariants, but the site works all the same: they do not make a report
// unhealthy.
var Warnings = []Invariant{
	// A range without its edition is compiled when it is asked for: slow, but right.
	{"ranges_published", "every range on sale is served from an edition made from its present rules", `
		SELECT count(*) FROM (
			SELECT r.brand, r.model, md5(r.doc::text) AS digest, p.key AS market, (SELECT min((l ->> 'from')::date) FROM jsonb_array_elements(p.value) l) AS sold_from
			FROM ranges r, jsonb_each(r.doc -> 'prices') p) s
		WHERE sold_from <= CAST(@now AS timestamptz)::date AND NOT EXISTS (
			SELECT 1 FROM range_editions e WHERE e.brand = s.brand AND e.model = s.model AND e.market = s.market
				AND e.range_digest = s.digest AND e.from_date <= (CAST(@now AS timestamptz) + interval '14 hours')::date)`},
}

// Finding is the state of one invariant.
type Finding struct {
	Name       string `json:"name"`
	Text       string `json:"text"`
	Violations int64  `json:"violations"`
	Warning    bool   `json:"warning,omitempty"` // offenders are told but do not make the report unhealthy
}

// Report is the state of all.
type Report struct {
	At         time.Time `json:"at"`
	Healthy    bool      `json:"healthy"`
	Invariants []Finding `json:"invariants"`
}

// Examine counts offenders of every invariant in one snapshot of the database.
func Examine(ctx context.Context, d *db.DB) (Report, error) {
	r := Report{At: d.Clock.Now(), Healthy: true}
	err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		r.Invariants, r.Healthy = nil, true
		if err := tx.Exec(`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`).Error; err != nil {
			return err
		}
		for n, i := range slices.Concat(Invariants, Warnings) {
			f := Finding{Name: i.Name, Text: i.Text, Warning: n >= len(Invariants)}
			var args []any
			if strings.Contains(i.query, "@now") {
				args = append(args, map[string]any{"now": tx.Now})
			}
			if _, err := db.One(tx.DB, &f.Violations, i.query, args...); err != nil {
				return err
			}
			r.Healthy = r.Healthy && (f.Violations == 0 || f.Warning)
			r.Invariants = append(r.Invariants, f)
		}
		return nil
	})
	return r, err
}

// Cached keeps a report for a few seconds, so that a busy monitor does not load the database.
type Cached struct {
	DB  *db.DB
	For time.Duration

	mu   sync.Mutex
	last Report
	at   time.Time
}

// Report examines, or answers the last report while it is fresh. Freshness is machine time: it is
// about load, not about a rule.
func (c *Cached) Report(ctx context.Context) (Report, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && time.Since(c.at) < c.For {
		return c.last, nil
	}
	r, err := Examine(ctx, c.DB)
	if err == nil {
		c.last, c.at = r, time.Now()
	}
	return r, err
}
