package manager_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"forecourt/internal/platform/db"
	"forecourt/internal/web/webtest"
)

func TestForecastsAreScoredWhenTheirRangeEnds(t *testing.T) {
	t.Parallel()
	h := house(t)
	harriet := h.Manager("harriet@gb-office.example.com", "gb")
	if a := page(t, h, harriet, "/manager/forecasts"); !strings.Contains(a.Body, "No range has ended yet") {
		t.Error("something is scored where nothing was said")
	}
	now := h.Clock.Now()
	day := func(n int) string { return now.AddDate(0, 0, n).Format(time.DateOnly) }
	for _, x := range []struct{ from, to, ready int }{{-20, -10, -15}, {-20, -10, -12}, {-20, -10, -5}, {-20, -10, 1}, {-3, 5, 1}} { // held, held, late, not yet, runs
		o := h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", Queue: "accepted", At: now.AddDate(0, 0, -40)})
		if err := h.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
			if x.ready <= 0 {
				if err := tx.Exec(`INSERT INTO order_history (order_id, seq, flow, from_state, event, to_state, at, actor) VALUES (?, 3, 'new', 'prepared', 'release', 'ready', ?, 'staff:x')`, o.ID, now.AddDate(0, 0, x.ready)).Error; err != nil {
					return err
				}
			}
			return tx.Exec(`INSERT INTO forecasts (order_id, market, made_at, state, ready_from, ready_to, odds_pct) VALUES (?, 'gb', ?, 'accepted', ?, ?, 80)`, o.ID, now.AddDate(0, 0, -40), day(x.from), day(x.to)).Error
		}); err != nil {
			t.Fatal(err)
		}
	}
	a := page(t, h, harriet, "/manager/forecasts")
	for _, want := range []string{"Of our 80% ranges, 50% held (4 ended).", `role="img"`, `<circle cx="160" cy="100"`} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if a := page(t, h, h.Manager("it@office.example.com", "it"), "/manager/forecasts"); strings.Contains(a.Body, "80%") {
		t.Error("another market's manager reads it")
	}
}
