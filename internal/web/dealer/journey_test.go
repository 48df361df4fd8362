package dealer_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
)

func TestFromOfferToHandover(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	at := "/dealer/orders/" + o.Number
	press := func(path string, want int, fields ...string) answer {
		t.Helper()
		a := s.post(at+path, form(fields...))
		if a.status != want {
			t.Fatalf("POST %s %v: %d, want %d", path, fields, a.status, want)
		}
		return a
	}
	press("/accept", 303)
	b.settle(o)
	press("/accept", 409) // pressed on an old page
	press("/step", 303, "event", "order")
	press("/step", 409, "event", "order")
	press("/step", 303, "event", "build")
	for _, vin := range []string{"", "VF1", "VF1RJA0006547190O", "VF1RJA000654719022"} {
		if a := press("/step", 422, "event", "dispatch", "vin", vin); !strings.Contains(a.body, `value="`+vin+`"`) || !strings.Contains(a.body, `id="vin-error"`) {
			t.Errorf("a refused VIN %q is not shown again with its message", vin)
		}
	}
	vin := b.vin()
	press("/step", 303, "event", "dispatch", "vin", strings.ToLower(vin[:9]+" "+vin[9:]))
	press("/step", 303, "event", "arrive")
	press("/checks", 303, "checks", "inspection", "checks", "nonsense")
	if got := b.order(o.ID).Checks; !slices.Equal(got, []string{"inspection"}) {
		t.Errorf("checks: %v", got)
	}
	if a := press("/checks", 422, "checks", "tax", "prepared", "1"); !strings.Contains(a.body, `value="tax" checked`) {
		t.Error("a refused checklist forgets its ticks")
	}
	press("/checks", 303, "checks", "inspection", "checks", "accessories", "checks", "plates", "checks", "tax", "checks", "cleaning", "prepared", "1")
	press("/step", 422, "event", "release", "plate", "NOT A PLATE")
	press("/step", 303, "event", "release", "plate", "yk76 drv")
	b.book(o, 0)
	b.payments(t, s, o)
	b.handOver(t, s, o)
}

// payments tries what is typed at the desk, then pays all.
func (b *bench) payments(t *testing.T, s *staff, o *ordering.Order) {
	t.Helper()
	at := "/dealer/orders/" + o.Number + "/payments"
	for _, typed := range []string{"", "lots", "25.635,00", "9,999,999.00", "0"} {
		a := s.post(at, form("amount", typed, "means", "desk_cash", "reference", "R-1"))
		if a.status != 422 || !strings.Contains(a.body, `id="amount-error"`) || !strings.Contains(a.body, `value="R-1"`) {
			t.Errorf("amount %q: %d", typed, a.status)
		}
	}
	if a := s.post(at, form("amount", "9,999,999.00", "means", "desk_cash")); !strings.Contains(a.body, "more than the "+b.pounds(o.TotalMinor-o.DepositMinor)+" still to pay") {
		t.Error("too much does not name the balance")
	}
	if a := s.post(at, form("amount", "1.00", "means", "card")); a.status != 422 {
		t.Errorf("a means that the desk has not: %d", a.status)
	}
	hand := "/dealer/orders/" + o.Number + "/handover"
	if a := s.post(hand, handing(o)); a.status != 409 || !strings.Contains(a.body, "not paid in full") {
		t.Errorf("handover unpaid: %d", a.status)
	}
	twice := form("amount", "1,000.00", "means", "desk_transfer", "reference", "TR-2041")
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if a := s.post(at, twice); a.status != 303 {
				t.Errorf("payment: %d", a.status)
			}
		})
	}
	wg.Wait()
	paid, err := payment.PaidMinor(b.db.Read(t.Context()), o.ID)
	if err != nil || paid != o.DepositMinor+100_000 {
		t.Fatalf("paid %d after one payment sent five times: %v", paid, err)
	}
	page := s.get("/dealer/orders/" + o.Number + "?done=paid").body
	if want := "Recorded: £1,000.00, Bank transfer. Still to pay: " + b.pounds(o.TotalMinor-paid) + "."; !strings.Contains(page, want) {
		t.Errorf("after a payment the page does not say %q", want)
	}
	b.payAll(o, s)
	if !strings.Contains(s.get("/dealer/orders/"+o.Number+"?done=paid").body, "Nothing is left to pay.") {
		t.Error("after the last payment the page does not say that all is paid")
	}
}

// pounds is an amount as the portal writes it.
func (b *bench) pounds(minor int64) string {
	return b.words.Printer("en-GB").Money(money.Of(minor, "GBP"))
}

func handing(o *ordering.Order) url.Values {
	return form("code", o.PickupCode[:3]+"-"+strings.ToLower(o.PickupCode[3:]), "odometer", "11", "checks", "identity", "checks", "papers", "checks", "walkaround", "checks", "keys")
}

func (b *bench) handOver(t *testing.T, s *staff, o *ordering.Order) {
	t.Helper()
	at := "/dealer/orders/" + o.Number + "/handover"
	if a := s.get("/dealer/find?code=" + strings.ToLower(o.PickupCode)); a.to != at+"?code="+o.PickupCode {
		t.Errorf("a scanned code leads to %q", a.to)
	}
	if a := s.get(at + "?code=" + o.PickupCode); !strings.Contains(a.body, "Code is right") || !strings.Contains(a.body, "Paid in full") {
		t.Error("the handover does not say that code and money are right")
	}
	if a := s.get("/dealer/handovers"); !strings.Contains(a.body, "Zebedee Quillfeather") {
		t.Error("the handover is not in the list")
	}
	for field, value := range map[string]string{"code": "ZZZZZZ", "odometer": "lots", "checks": "identity"} {
		f := handing(o)
		f.Set(field, value)
		if a := s.post(at, f); a.status != 422 || !strings.Contains(a.body, `id="`+field+`-error"`) {
			t.Errorf("handover with %s %q: %d", field, value, a.status)
		}
	}
	f := handing(o)
	f.Set("checks", "all") // one tick for all four
	for range 2 {
		if a := s.post(at, f); a.status != 303 || a.to != "/dealer/orders/"+o.Number+"?done=handed_over" {
			t.Fatalf("handover: %d %s", a.status, a.to)
		}
	}
	if a := s.post(at, handing(o)); a.status != 409 {
		t.Errorf("handover again: %d", a.status)
	}
	var km int
	if _, err := db.One(b.db.Read(t.Context()), &km, `SELECT odometer_km FROM handovers WHERE order_id = ?`, o.ID); err != nil || km != 18 {
		t.Errorf("odometer: %d km, %v", km, err)
	}
	page := s.get("/dealer/orders/" + o.Number).body
	for _, want := range []string{"Received</th><td>" + b.pounds(o.TotalMinor), "<dd>Anna Whitcombe</dd>", "<dd>11 mi</dd>", "Identity matches<br>Papers seen"} {
		if !strings.Contains(page, want) {
			t.Errorf("after the handover the order does not show %q", want)
		}
	}
	if a := s.get("/dealer?tab=done"); !strings.Contains(a.body, o.Number) && !strings.Contains(a.body, "Zebedee") {
		t.Error("the order is not in the last tab")
	}
}

func TestMoneyOfTheDeskGoesBackOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	b.walk(o, s, ordering.Ready)
	b.payAll(o, s)
	b.tx(func(ctx context.Context, tx *db.Tx) error { return b.cars.CancelTx(ctx, tx, o.ID) })
	at := "/dealer/orders/" + o.Number
	page := s.get(at)
	if a := s.get("/dealer?tab=work"); page.status != 200 || !strings.Contains(a.body, "Give back") {
		t.Fatalf("the money to give back is not in the queue; the order answers %d", page.status)
	}
	if a := s.post(at+"/step", form("event", "release")); a.status != 409 {
		t.Errorf("a step of a cancelled order: %d", a.status)
	}
	_, rest, _ := strings.Cut(page.body, `action="`+at+`/returns/`)
	key, _, _ := strings.Cut(rest, `"`)
	f := form()
	for range 2 {
		if a := s.post(at+"/returns/"+key, f); a.status != 303 || a.to != "/dealer?done=returned" {
			t.Fatalf("return: %d %s", a.status, a.to)
		}
	}
	b.settle(o)
	if paid, err := payment.PaidMinor(b.db.Read(t.Context()), o.ID); err != nil || paid != 0 {
		t.Errorf("after all went back the ledger says %d: %v", paid, err)
	}
	// Nothing is left to do, so nobody needs to know who it was.
	if a := s.get(at); a.status != 404 {
		t.Errorf("the order stays open: %d", a.status)
	}
	if a := s.get("/dealer?tab=done"); strings.Contains(a.body, "Zebedee") {
		t.Error("the name stays after the last money went back")
	}
}

func TestAcceptIsOneOfManyPresses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	key := keyForm.FindStringSubmatch(s.get("/dealer").body)[1]
	same := url.Values{"form_key": {key}}
	var mu sync.Mutex
	got := map[int]int{}
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			f := same
			if i%2 == 1 {
				f = form() // another tab
			}
			a := s.post("/dealer/orders/"+o.Number+"/accept", f)
			mu.Lock()
			got[a.status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if got[303]+got[409] != 12 || got[303] == 0 {
		t.Errorf("answers: %v", got)
	}
	n := 0
	whole, err := sale.WholeOf(b.db.Read(t.Context()), o.ID)
	b.must(err)
	for _, x := range whole.History {
		if x.Event == ordering.Accept {
			n++
		}
	}
	if n != 1 {
		t.Errorf("accepted %d times", n)
	}
}
