package manager_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/forms"
	"forecourt/internal/platform/money"
	"forecourt/internal/web/webtest"
)

// objected writes an order of Leeds whose commission of 720.00 its dealer objects to.
func objected(t *testing.T, h *webtest.House, vin string) webtest.Made {
	t.Helper()
	o := h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "handed_over", Queue: "done", VIN: vin})
	err := h.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
		c := payment.Commission{Order: o.ID, Market: "gb", Brand: "dacia", Dealer: leeds, Version: "gb-fee-2026-1", Channel: "online", Net: money.Of(2_000_000, "GBP"), Amount: money.Of(72_000, "GBP")}
		if err := ordering.HoldTx(tx, o.ID); err != nil {
			return err
		}
		if err := payment.PostCommissionTx(tx, c, ""); err != nil {
			return err
		}
		stored, err := payment.CommissionOf(tx.DB, o.ID)
		if err != nil {
			return err
		}
		return payment.ObjectTx(tx, stored, payment.SideDealer, id.New[id.User](), "The paint is missing.")
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func settlement(change ...string) url.Values {
	f := url.Values{"form_key": {forms.NewKey()}, "verdict": {"corrected"}, "amount": {"800.00"}, "words": {"The paint is counted now."}}
	for i := 0; i+1 < len(change); i += 2 {
		f.Set(change[i], change[i+1])
	}
	return f
}

// commissioned is what the journal says the dealer is owed.
func commissioned(t *testing.T, h *webtest.House, o id.Order) int {
	t.Helper()
	return count(t, h, `SELECT coalesce(-sum(amount_minor), 0) FROM ledger_lines WHERE order_id = ? AND account = 'commission_payable'`, o)
}

// An office settles the objections of its market, with a verdict, an amount and a reason; what is missing is said beside
// its field, nothing is half written, and whoever else asks finds nothing.
func TestAnOfficeSettlesAFeeOfItsMarket(t *testing.T) {
	t.Parallel()
	h := house(t)
	o := objected(t, h, "VF1FEES0000000001")
	at := "/manager/fees/" + o.Number
	gb, it, hq, dealer := h.Manager("harriet@gb-office.example.com", "gb"), h.Manager("lorenzo@it-office.example.com", "it"), h.HQ("ines@hq.example.com"), h.Dealer("anna@example.com", leeds)
	for who, x := range map[string]struct {
		b         *webtest.Browser
		get, post int
	}{"another market's office": {it, 404, 404}, "the head office": {hq, 200, 403}, "the dealer": {dealer, 403, 403}, "nobody": {h.Stranger(), 303, 401}} {
		if a, p := x.b.Get(at), x.b.Post(at+"/settle", settlement()); a.Status != x.get || p.Status != x.post {
			t.Errorf("%s: %d and %d, want %d and %d", who, a.Status, p.Status, x.get, x.post)
		}
	}
	if a := page(t, h, hq, at); strings.Contains(a.Body, at+"/settle") {
		t.Error("who may not settle sees the form")
	}
	if a := page(t, h, gb, "/manager/fees"); !strings.Contains(a.Body, o.Number) {
		t.Error("the office does not find the objection")
	}
	if a := page(t, h, it, "/manager/fees"); strings.Contains(a.Body, o.Number) {
		t.Error("another market's office finds it")
	}
	if a := page(t, h, gb, at); !strings.Contains(a.Body, at+"/settle") || !strings.Contains(a.Body, "The paint is missing.") {
		t.Fatal("the office has no form")
	}
	for name, x := range map[string]struct {
		field  string
		change []string
	}{
		"no verdict":     {"verdict", []string{"verdict", ""}},
		"another one":    {"verdict", []string{"verdict", "open"}},
		"no amount":      {"amount", []string{"amount", ""}},
		"a minus":        {"amount", []string{"amount", "-5"}},
		"words as money": {"amount", []string{"amount", "a lot"}},
		"what it was":    {"amount", []string{"amount", "720.00"}},
		"no reason":      {"words", []string{"words", " "}},
		"a novel":        {"words", []string{"words", strings.Repeat("x", payment.MostObjectionWords+1)}},
	} {
		f := settlement(x.change...)
		a := gb.Post(at+"/settle", f)
		beside := `id="` + x.field + `-error"`
		if x.field == "verdict" {
			beside = "Choose how it is settled."
		}
		if a.Status != 422 || !strings.Contains(a.Body, beside) {
			t.Errorf("%s: %d", name, a.Status)
		}
		if x.field != "words" && !strings.Contains(a.Body, "The paint is counted now.") || x.field == "words" && !strings.Contains(a.Body, `value="800.00"`) {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	if n, w := commissioned(t, h, o.ID), count(t, h, `SELECT count(*) FROM commission_words WHERE order_id = ?`, o.ID); n != 72_000 || w != 1 {
		t.Fatalf("refusals left something: %d owed, %d words", n, w)
	}
	f := settlement()
	for range 2 { // sent twice it is one settlement
		if a := gb.Post(at+"/settle", f); a.Status != 303 || a.Header.Get("Location") != at+"?done=settled" {
			t.Fatalf("settled: %d", a.Status)
		}
	}
	if n := commissioned(t, h, o.ID); n != 80_000 {
		t.Errorf("the dealer is owed %d", n)
	}
	if a := page(t, h, gb, at+"?done=settled"); strings.Contains(a.Body, at+"/settle") || !strings.Contains(a.Body, "The objection is settled.") || !strings.Contains(a.Body, "The paint is counted now.") {
		t.Error("the page does not tell that it is settled")
	}
	if a := gb.Post(at+"/settle", settlement("amount", "1.00")); a.Status != 409 || commissioned(t, h, o.ID) != 80_000 {
		t.Errorf("settled once more: %d", a.Status)
	}
	if n := count(t, h, `SELECT count(*) FROM audit_log WHERE action = 'commission.settle' AND subject = ?`, "order:"+string(o.ID)); n != 1 {
		t.Errorf("%d rows in the audit", n)
	}
}

// A fee that stands needs no amount; one that is corrected to nothing is nothing.
func TestAFeeStandsOrIsNothing(t *testing.T) {
	t.Parallel()
	h := house(t)
	gb := h.Manager("harriet@gb-office.example.com", "gb")
	stays, nothing := objected(t, h, "VF1FEES0000000002"), objected(t, h, "VF1FEES0000000003")
	for o, f := range map[webtest.Made]url.Values{stays: settlement("verdict", "stands", "amount", ""), nothing: settlement("amount", "0")} {
		if a := gb.Post("/manager/fees/"+o.Number+"/settle", f); a.Status != 303 {
			t.Errorf("%v: %d", f, a.Status)
		}
	}
	if n, z := commissioned(t, h, stays.ID), commissioned(t, h, nothing.ID); n != 72_000 || z != 0 {
		t.Errorf("owed %d and %d", n, z)
	}
}
