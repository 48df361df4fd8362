package storefront_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
)

// TestABuyerReadsHowOftenSuchRangesHeld: only when enough have ended to mean something.
func TestABuyerReadsHowOftenSuchRangesHeld(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	key := s.only().ID
	s.walk(key, ordering.Accepted)
	s.Tx(func(_ context.Context, tx *db.Tx) error { // the walk writes rows and plans nothing
		return tx.Exec(`UPDATE queue_entries SET state = 'accepted', answered_at = coalesce(answered_at, @now), stage_at = @now, stage_due_at = @soon, ready_from = @soon, ready_to = @late, odds_pct = 80, news_at = @now, news_due_at = @soon WHERE order_id = @order`,
			map[string]any{"now": tx.Now, "soon": tx.Now.AddDate(0, 0, 7), "late": tx.Now.AddDate(0, 0, 30), "order": key}).Error
	})
	states := []string{"accepted", "ordered", "built", "in_transit", "arrived", "prepared"}
	said := func(n int) {
		t.Helper()
		s.Tx(func(_ context.Context, tx *db.Tx) error {
			for i := range n { // one order has one forecast of each stage: the rest are of copies
				if err := tx.Exec(`WITH o AS (INSERT INTO orders SELECT (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'number', 'FC-' || translate(upper(substr(md5(random()::text), 1, 4)), '01', '23') || '-' || translate(upper(substr(md5(random()::text), 1, 4)), '01', '23'), 'state', 'accepted', 'vin', NULL, 'pickup_code', translate(upper(substr(md5(random()::text), 1, 6)), '01', '23')))).* FROM orders o WHERE id = ? RETURNING id, market)
					INSERT INTO forecasts (order_id, market, made_at, state, ready_from, ready_to, odds_pct) SELECT id, market, ?, ?, ?, ?, 80 FROM o`,
					key, tx.Now.AddDate(0, 0, -40), states[i%len(states)], tx.Now.AddDate(0, 0, -30), tx.Now.AddDate(0, 0, -20)).Error; err != nil {
					return err
				}
			}
			return nil
		})
	}
	said(allocation.LeastScored - 1)
	if p := s.page(order); strings.Contains(p.text(), "ranges here") {
		t.Errorf("too few are told: %s", p.text())
	}
	said(1)
	s.Clock.Advance(16 * time.Minute)
	if p := s.page(order); !strings.Contains(p.text(), "Of our 80% ranges here, 0% held so far (20 in the last year).") {
		t.Errorf("the page: %s", p.text())
	}
}
