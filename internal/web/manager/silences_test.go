package manager_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/platform/db"
	"forecourt/internal/web/webtest"
)

func TestTheCountrySeesSilencesTheLongestFirst(t *testing.T) {
	t.Parallel()
	h := house(t)
	harriet := h.Manager("harriet@gb-office.example.com", "gb")
	if a := page(t, h, harriet, "/manager/silences"); !strings.Contains(a.Body, "Every buyer has heard something in time") {
		t.Error("there is a silence where nothing was promised")
	}
	now := h.Clock.Now()
	silent := func(days int, told, ended string) webtest.Made {
		o := h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", Queue: "accepted", At: now.AddDate(0, 0, -30)})
		if err := h.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
			if err := tx.Exec(`UPDATE queue_entries SET news_due_at = ?, news_round = 1 WHERE order_id = ?`, now.AddDate(0, 0, 1), o.ID).Error; err != nil {
				return err
			}
			return tx.Exec(`INSERT INTO silences (order_id, round, market, dealer, due_at, dealer_told_at, country_told_at, buyer_told_at, ended_at)
				VALUES (@o, 1, 'gb', @d, @due, @due, CASE WHEN @told IN ('country', 'buyer') THEN CAST(@due AS timestamptz) END, CASE WHEN @told = 'buyer' THEN CAST(@due AS timestamptz) END, CASE WHEN @ended = 'yes' THEN CAST(@now AS timestamptz) END)`,
				map[string]any{"o": o.ID, "d": leeds, "due": now.AddDate(0, 0, -days), "told": told, "ended": ended, "now": now}).Error
		}); err != nil {
			t.Fatal(err)
		}
		return o
	}
	short, long, told, over := silent(1, "dealer", ""), silent(9, "country", ""), silent(5, "buyer", ""), silent(20, "country", "yes")
	body := page(t, h, harriet, "/manager/silences").Body
	at := func(o webtest.Made) int { return strings.Index(body, o.Number) }
	if at(long) < 0 || at(told) < at(long) || at(short) < at(told) || at(over) < at(short) {
		t.Errorf("they stand at %d, %d, %d and, over, %d", at(long), at(told), at(short), at(over))
	}
	for _, want := range []string{"9 days", "The country is told:", "The buyer is told honestly:", "The buyer waits for news", "Ended:"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(body, "Buyersecret") {
		t.Error("it names the buyer")
	}
	if a := page(t, h, h.Manager("it@office.example.com", "it"), "/manager/silences"); strings.Contains(a.Body, long.Number) {
		t.Error("another market's manager reads it")
	}
}
