package manager_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestAStatementIsTakenInOrRefusedWhole(t *testing.T) {
	t.Parallel()
	h := house(t)
	m := h.Manager("money@example.com", "gb")
	page := m.Get("/manager/transfers")
	if page.Status != 200 || !strings.Contains(page.Body, "Nothing waits") {
		t.Fatalf("%d", page.Status)
	}
	send := func(lines string) (int, string) {
		a := m.Post("/manager/transfers", url.Values{"form_key": {m.Get("/manager/transfers").Hidden("form_key")}, "market": {"gb"}, "lines": {lines}})
		if a.Status == 303 {
			a = m.Get(a.Location)
		}
		return a.Status, a.Body
	}
	const head = "date,amount,currency,reference,payer\n"
	if st, body := send(head + "2026-11-24,5.00,GBP,hello,P\n2026-11-24,5.00,EUR,hello,P\n"); st != 422 || !strings.Contains(body, "Line 3:") || !strings.Contains(body, "the currency is not GBP") {
		t.Fatalf("a foreign currency: %d", st)
	}
	if st, body := send(head + "2026-11-24,5.00,GBP,hello,P\n"); st != 200 || !strings.Contains(body, "New lines: 1") || !strings.Contains(body, "names no order") {
		t.Fatalf("taken in: %d", st)
	}
	if a := m.Get("/manager/audit"); !strings.Contains(a.Body, "Bank statement refused") || !strings.Contains(a.Body, "Bank statement taken in") {
		t.Error("the audit does not tell of both")
	}
	hq := h.HQ("looks@example.com")
	if a := hq.Get("/manager/transfers"); a.Status != 200 || strings.Contains(a.Body, "<textarea") {
		t.Errorf("the head office may look only: %d", a.Status)
	}
	if a := hq.Post("/manager/transfers", url.Values{"market": {"gb"}}); a.Status != 403 {
		t.Errorf("the head office takes in: %d", a.Status)
	}
}
