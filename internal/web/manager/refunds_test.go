package manager_test

import (
	"fmt"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/web/webtest"
)

// What is nearly due or late stands first and says so; in France with what the law adds. Another country's money is not told.
func TestMoneyThatIsDueIsSeenInTime(t *testing.T) {
	t.Parallel()
	h := house(t)
	french := h.Kit.World.Now().Dealers("dacia", "fr", "new")[0].Code
	left := func(market, dealer, due, alarm string) string {
		o := h.Order(webtest.Order{Brand: "dacia", Market: id.Market(market), Dealer: id.Dealer(dealer), State: "cancelled", Queue: "withdrawn", Desk: 1000_00})
		must := func(query string, args ...any) {
			if err := h.DB.Read(t.Context()).Exec(query, args...).Error; err != nil {
				t.Fatal(err)
			}
		}
		must(`UPDATE payments SET state = 'returning', due_at = now() WHERE order_id = ?`, o.ID)
		must(`INSERT INTO leavings (order_id, market, currency, way, told_at, owed_minor, due_on, alarm_on) SELECT id, market, currency, 'cancel', now(), 100000, ?::date, ?::date FROM orders WHERE id = ?`, due, alarm, o.ID)
		return o.Number
	}
	late, soon, calm := left("fr", string(french), "2026-11-09", "2026-11-05"), left("fr", string(french), "2026-11-26", "2026-11-22"), left("fr", string(french), "2026-12-08", "2026-12-04")
	british := left("gb", string(leeds), "2026-11-01", "2026-10-28")
	a := page(t, h, h.Manager("someone@fr-office.example.com", "fr"), "/manager/refunds")
	at := func(s string) int { return strings.Index(a.Body, s) }
	if at(late) < 0 || at(soon) < at(late) || at(calm) < at(soon) || at(british) >= 0 {
		t.Errorf("the order of the list: %d, %d, %d, foreign %d", at(late), at(soon), at(calm), at(british))
	}
	row := a.Body[at(late):at(soon)]
	if !strings.Contains(a.Body, `badge bad`) || !strings.Contains(a.Body, `badge warn`) || !strings.Contains(row, "50,00") { // 5 % between 10 and 20 days
		t.Errorf("late money looks calm: %s", row)
	}
}

// What dealers let open is listed with the nearest promised day first, late ones marked; what is paid by now is not.
func TestOpenRestsAreSeen(t *testing.T) {
	t.Parallel()
	h := house(t)
	open := func(market, dealer, due string) string {
		o := h.Order(webtest.Order{Brand: "dacia", Market: id.Market(market), Dealer: id.Dealer(dealer), State: "handed_over", Queue: "done", VIN: fmt.Sprintf("VF1LATE%010d", len(due)+int(due[9])+int(dealer[0])), Desk: 1000_00})
		if err := h.DB.Read(t.Context()).Exec(`INSERT INTO deferrals (order_id, seq, market, currency, reason, amount_minor, due_on, by_user, at)
			SELECT id, (SELECT max(seq) FROM order_history h WHERE h.order_id = id), market, currency, 'finance', 5, ?::date, 'x', now() FROM orders WHERE id = ?`, due, o.ID).Error; err != nil {
			t.Fatal(err)
		}
		return o.Number
	}
	french := string(h.Kit.World.Now().Dealers("dacia", "fr", "new")[0].Code)
	calm, late := open("gb", string(leeds), "2026-12-08"), open("gb", string(leeds), "2026-11-09")
	foreign := open("fr", french, "2026-11-01")
	a := page(t, h, h.Manager("someone@gb-office.example.com", "gb"), "/manager/refunds")
	at := func(s string) int { return strings.Index(a.Body, s) }
	if at(late) < 0 || at(calm) < at(late) || at(foreign) >= 0 {
		t.Fatalf("the order of the list: %d, %d, foreign %d", at(late), at(calm), at(foreign))
	}
	if !strings.Contains(a.Body[:at(late)], "badge bad") || strings.Contains(a.Body[at(late):at(calm)], "badge bad") || !strings.Contains(a.Body, "The lender pays later") {
		t.Error("late money looks calm, or calm money late")
	}
}
