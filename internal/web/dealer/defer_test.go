package dealer_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
)

// A car goes before it is paid: a member of staff writes down why and until when, on the order's page or beside the
// car; the queue keeps the rest in sight until it is here.
func TestACarGoesWithItsRestOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	b.walk(o, s, ordering.Ready)
	at := "/dealer/orders/" + o.Number
	rest := o.TotalMinor - o.DepositMinor
	day := func(n int) string { return b.db.Clock.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	good := func() map[string]string {
		return map[string]string{"owed": strconv.FormatInt(rest, 10), "why": "finance", "day": day(7), "defer_note": "Lender pays on Friday"}
	}
	send := func(who *staff, change map[string]string, more ...string) answer {
		f := form(more...)
		for k, v := range good() {
			f.Set(k, v)
		}
		for k, v := range change {
			f.Set(k, v)
		}
		return who.post(at+"/deferral", f)
	}
	for _, page := range []string{at, at + "/handover"} {
		if a := s.get(page); !strings.Contains(a.body, `action="`+at+`/deferral"`) || !strings.Contains(a.body, `name="owed" value="`+strconv.FormatInt(rest, 10)+`"`) {
			t.Errorf("%s has no form for the rest", page)
		}
	}
	for field, value := range map[string]string{"why": "", "day": "soon", "defer_note": strings.Repeat("x", sale.LongestDeferNote+1)} {
		a := send(s, map[string]string{field: value})
		if a.status != 422 || !strings.Contains(a.body, `id="`+field+`-error"`) || !strings.Contains(a.body, `<details id="defer" open>`) {
			t.Errorf("%s %.10q: %d", field, value, a.status)
		}
		if field == "why" && !strings.Contains(a.body, "Lender pays on Friday") {
			t.Error("what was typed is gone")
		}
	}
	for what, x := range map[string]map[string]string{"a day of last week": {"day": day(-7)}, "next year": {"day": day(300)}, "goodwill of nobody": {"why": "goodwill", "defer_note": ""}} {
		if a := send(s, x); a.status != 422 {
			t.Errorf("%s: %d", what, a.status)
		}
	}
	for what, owed := range map[string]string{"more": strconv.FormatInt(rest+1, 10), "less": strconv.FormatInt(rest-1, 10), "negative": strconv.FormatInt(-rest, 10), "no number": "all", "nothing": ""} {
		if a := send(s, map[string]string{"owed": owed}); a.status != 409 || !strings.Contains(a.body, "Another sum is open by now") {
			t.Errorf("%s: %d", what, a.status)
		}
	}
	if a := send(b.staffOf(london), nil); a.status == 303 {
		t.Error("another dealer's staff let the rest open")
	}
	sent := form("owed", strconv.FormatInt(rest, 10), "why", "finance", "day", day(7), "defer_note", "Lender pays on Friday", "from", "handover")
	for range 2 { // a form sent twice is one act
		if a := s.post(at+"/deferral", sent); a.status != 303 || a.to != at+"/handover?done=deferred" {
			t.Fatalf("let open: %d %s", a.status, a.to)
		}
	}
	if a := send(s, nil); a.status != 409 || !strings.Contains(a.body, "already") {
		t.Errorf("let open again: %d", a.status)
	}
	for _, page := range []string{at, at + "/handover"} {
		if a := s.get(page); !strings.Contains(a.body, b.pounds(rest)+" may stay open until") || !strings.Contains(a.body, "Lender pays on Friday") || strings.Contains(a.body, "/deferral") {
			t.Errorf("%s does not say what stands", page)
		}
	}
	if a := s.post(at+"/handover", handing(o)); a.status != 303 {
		t.Fatalf("handover: %d", a.status)
	}
	if a := s.get("/dealer?tab=work"); !strings.Contains(a.body, `href="`+at) || !strings.Contains(a.body, "Collect rest") || !strings.Contains(a.body, "promised for") {
		t.Error("the open rest is no task of the queue")
	}
	page := s.get(at)
	if !strings.Contains(page.body, "Collect "+b.pounds(rest)) || !strings.Contains(page.body, `action="`+at+`/payments"`) || !strings.Contains(page.body, "/pay/") {
		t.Error("the order's page does not lead to the money")
	}
	if a := s.post(at+"/payments", form("amount", "1,000.00", "means", "desk_cash")); a.status != 303 {
		t.Errorf("part of the rest: %d", a.status)
	}
	if a := s.get(at + "?done=paid"); !strings.Contains(a.body, "Still to pay: "+b.pounds(rest-100_000)) {
		t.Error("after a part the page does not say what is left")
	}
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		return b.cars.RecordDeskTx(ctx, tx, sale.Staff{User: s.user, Dealer: s.dealer}, o.Number, "desk_transfer", rest-100_000, "TR-1")
	})
	if a := s.get("/dealer?tab=work"); strings.Contains(a.body, `href="`+at) {
		t.Error("a paid car is still a task")
	}
	if a := s.get(at); strings.Contains(a.body, `action="`+at+`/payments"`) || strings.Contains(a.body, "Collect ") {
		t.Error("a paid car still asks for money")
	}
}
