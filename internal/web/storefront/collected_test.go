package storefront_test

import (
	"strings"
	"testing"

	"forecourt/internal/allocation"
)

// TestABuyerConfirmsTheHandover: the page tells what was handed over and what runs since; the dealer's code, typed or
// led to by what the dealer shows, confirms it once, and the record is issued anew with both sides.
func TestABuyerConfirmsTheHandover(t *testing.T) {
	t.Parallel()
	s := open(t)
	page := s.bought()
	if a := s.page(page); strings.Contains(a.body, `id="record"`) || strings.Contains(a.body, "dealer_code") {
		t.Error("a record before the handover")
	}
	o := s.Deliver(s.mine(page))
	h, err := allocation.HandoverOf(s.DB.Read(t.Context()), o.ID)
	must(t, err)
	order := s.page(page)
	for _, want := range []string{"What you took over", "VF1RJA00X747K2M9X", "Distance covered 2 mi", "with the buyer&#39;s pickup code", "Not yet", "Right to withdraw until Tuesday, 8 December 2026", "Maker&#39;s warranty until Saturday, 24 November 2029, or 60,000 mi driven", "the law names no fixed time"} {
		if !strings.Contains(order.text(), want) {
			t.Errorf("the order's page lacks %q: %s", want, order.text())
		}
	}
	for _, wrong := range []string{"", o.PickupCode, "ZZZZZZ", strings.Repeat("A", 300)} {
		form := with(s.page(page).form(t, page+"/handover"), "dealer_code", wrong)
		if a := s.post(page+"/handover", form); a.status != 422 || !strings.Contains(a.body, `id="dealer_code-error"`) {
			t.Errorf("confirmed with %q: %d", wrong, a.status)
		}
	}
	other := s.bought()
	if a := s.post(other+"/handover", with(order.form(t, page+"/handover"), "dealer_code", h.Code)); a.status == 303 {
		t.Error("another buyer confirms")
	}
	// What the dealer shows leads back to the order on the phone that showed its pass, and tells a stranger nothing.
	cookie, _, _ := strings.Cut(order.head.Get("Set-Cookie"), ";")
	at := "/dacia/gb/collected/" + h.Code
	if a := s.as(at, cookie); a.status != 303 || a.to() != page+"?code="+h.Code+"#record" {
		t.Errorf("the code on the buyer's phone: %d to %s, cookie %q", a.status, a.to(), cookie)
	}
	if a := s.as(at, ""); a.status != 200 || !strings.Contains(a.text(), h.Code[:3]+" "+h.Code[3:]) || strings.Contains(a.body, o.Number) || strings.Contains(a.body, "/orders/") {
		t.Errorf("the code on a stranger's phone: %d %s", a.status, a.text())
	}
	if head := order.head.Get("Set-Cookie"); !strings.Contains(head, "HttpOnly") || !strings.Contains(head, "Path=/dacia/gb/collected") {
		t.Errorf("the cookie: %s", head)
	}
	for _, odd := range []string{"ABC", "ABC%20DE", "../../x", "ABCDE1", strings.Repeat("A", 900)} {
		if a := s.as("/dacia/gb/collected/"+odd, ""); a.status != 404 {
			t.Errorf("%s: %d", odd, a.status)
		}
	}
	if a := s.page(page + "?code=" + h.Code); !strings.Contains(a.body, `value="`+h.Code+`"`) {
		t.Error("the code is not filled in")
	}
	if a := s.get(page + "/handover/1.jpg"); a.status != 404 {
		t.Errorf("a picture that there is not: %d", a.status)
	}
	form := with(s.page(page).form(t, page+"/handover"), "dealer_code", strings.ToLower(h.Code))
	for range 2 {
		if a := s.post(page+"/handover", form); a.status != 303 || a.to() != page+"?done=dealer_code" {
			t.Fatalf("confirmed: %d %s", a.status, a.text())
		}
	}
	after := s.page(page + "?done=dealer_code")
	if !strings.Contains(after.text(), "Both sides have confirmed") || strings.Contains(after.body, `name="dealer_code"`) || strings.Count(after.body, ">Handover record ") != 2 {
		t.Errorf("after it: %s", after.text())
	}
}
