package manager_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/web/webtest"
)

func TestAnOrderIsFoundByItsNumber(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("harriet@gb-office.example.com", "gb")
	old := h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "handed_over", VIN: "VF1AAAAA000000001", Queue: "done", At: h.Clock.Now().AddDate(0, 0, -30)})
	other := h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "offered", Queue: "offered"})
	foreign := h.Order(webtest.Order{Brand: "dacia", Market: "it", Dealer: italian(h), State: "offered", Queue: "offered"})
	for _, typed := range []string{old.Number, strings.ToLower(old.Number), strings.ReplaceAll(old.Number, "-", ""), old.Number[3:]} {
		a := page(t, h, b, "/manager/orders?q="+url.QueryEscape(typed))
		if !strings.Contains(a.Body, `/manager/orders/`+old.Number) || strings.Contains(a.Body, other.Number) {
			t.Errorf("%q does not find the order alone", typed)
		}
	}
	for _, typed := range []string{foreign.Number, "FC-", "%", "' OR 1=1 --", "FC-ÄÄÄÄ-ÄÄÄÄ"} {
		a := page(t, h, b, "/manager/orders?q="+url.QueryEscape(typed))
		if strings.Contains(a.Body, `href="/manager/orders/FC-`) || !strings.Contains(a.Body, "no order with this number") {
			t.Errorf("%q finds something", typed)
		}
	}
}

func TestTheAuditLogTellsWhatWasPaid(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("harriet@gb-office.example.com", "gb")
	o := h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "ready", Queue: "accepted", VIN: "VF1AAAAA000000001"})
	for _, reason := range []string{"desk_transfer 20245.00 GBP", "5b2f0c9e-0000-4000-8000-000000000001"} {
		row := audit.Row{Actor: "system", Action: "payment.desk", Subject: "order:" + string(o.ID), Market: "gb", Reason: reason}
		if err := h.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return audit.WriteTx(ctx, tx, row) }); err != nil {
			t.Fatal(err)
		}
	}
	a := page(t, h, b, "/manager/audit")
	if !strings.Contains(a.Body, "<td>£20,245.00, Bank transfer</td>") || strings.Contains(a.Body, "5b2f0c9e") {
		t.Error("the audit log does not tell amount and means, or shows an id")
	}
}
