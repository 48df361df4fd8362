package manager_test

import (
	"strings"
	"testing"

	"forecourt/internal/web/webtest"
)

func TestAManagerReadsTheSettlementsOfOwnMarkets(t *testing.T) {
	t.Parallel()
	h := house(t)
	o := h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", Queue: "accepted", Captured: 10_000, Desk: 50_000})
	harriet := h.Manager("harriet@gb-office.example.com", "gb")
	list := page(t, h, harriet, "/manager/statements")
	if !strings.Contains(list.Body, `href="/manager/statements/`+string(leeds)+`"`) || strings.Contains(list.Body, string(italian(h))) {
		t.Error("the list is not that of the manager's markets")
	}
	a := page(t, h, harriet, "/manager/statements/"+string(leeds))
	for _, want := range []string{o.Number, "£100.00", "£500.00", "nobody owes anything"} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the settlement has no %s", want)
		}
	}
	if f := harriet.Get("/manager/statements/" + string(leeds) + "/csv"); f.Status != 200 || !strings.Contains(f.Body, o.Number+",Duster,,0.00,0.00,100.00,500.00,100.00,") {
		t.Errorf("the file: %d %s", f.Status, f.Body)
	}
	if a := harriet.Get("/manager/statements/" + string(italian(h))); a.Status != 404 {
		t.Errorf("a dealer of another market: %d", a.Status)
	}
}
