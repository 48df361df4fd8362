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
		if strings.Contains(a.Body, `href="/manager/orders/FC-`) || !strings.Contains(a.Body, "Nothing in your markets fits") {
			t.Errorf("%q finds something", typed)
		}
	}
}

func TestAnOrderIsFoundByDealerCarAndByNameOnlyWhereNamesMayBeRead(t *testing.T) {
	t.Parallel()
	h := house(t)
	manager, head := h.Manager("harriet@gb-office.example.com", "gb"), h.HQ("hana@head-office.example.com")
	here := h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "ready", VIN: "VF1AAAAA012345678", Queue: "accepted", Buyer: "Wilhelmina Quill"})
	far := h.Order(webtest.Order{Brand: "dacia", Market: "it", Dealer: italian(h), State: "ready", VIN: "VF1AAAAA999945678", Queue: "accepted", Buyer: "Ada Quill"})
	for _, typed := range []string{"northgate", leeds, "12345678", "45678", "quill", "Wilhelmina Q"} {
		a := page(t, h, manager, "/manager/orders?q="+url.QueryEscape(typed))
		if !strings.Contains(a.Body, here.Number) || strings.Contains(a.Body, far.Number) {
			t.Errorf("%q does not find the manager's order alone", typed)
		}
	}
	for _, typed := range []string{"678", "no", "ill%", "q_ill", "quill' OR '1'='1"} {
		if a := page(t, h, manager, "/manager/orders?q="+url.QueryEscape(typed)); strings.Contains(a.Body, here.Number) {
			t.Errorf("%q finds an order", typed)
		}
	}
	if a := page(t, h, head, "/manager/orders?q=quill"); strings.Contains(a.Body, here.Number) {
		t.Error("the head office, which reads no names, finds orders by name")
	}
	if a := page(t, h, head, "/manager/orders?q=45678"); !strings.Contains(a.Body, here.Number) || !strings.Contains(a.Body, far.Number) {
		t.Error("the head office does not find cars by the end of their VIN")
	}
	a := page(t, h, manager, "/manager/orders/"+here.Number)
	if !strings.Contains(a.Body, "VF1AAAAA012345678") || !strings.Contains(a.Body, "Northgate") || strings.Contains(a.Body, "Quill") {
		t.Error("the order's page lacks its facts, or names the buyer")
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
