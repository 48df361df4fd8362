package dealer_test

import (
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/flow/newcar"
	"forecourt/internal/identity"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
)

// as gives a member of staff another role at the site.
func (s *staff) as(role identity.SiteRole) *staff {
	s.b.Helper()
	s.b.must(s.b.db.Read(s.b.Context()).Exec(`UPDATE staff_roles SET role = ? WHERE user_id = ?`, role, s.user).Error)
	return s
}

func (b *bench) deskPayment(o *ordering.Order) *payment.Payment {
	b.Helper()
	ps, err := payment.Of(b.db.Read(b.Context()), o.ID)
	b.must(err)
	for _, p := range ps {
		if p.AtDesk() && p.State == payment.Captured {
			return p
		}
	}
	b.Fatal("no payment at the desk")
	return nil
}

// A mistyped VIN is found on the order's page and put right on a page of its own. What is wrong is said beside its field,
// what was typed stays; a double click is one correction, a stale page none, and another dealer's order does not exist.
func TestAVINIsPutRightOnItsPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds).as(identity.Service)
	o, other := b.offer(leeds), b.offer(leeds)
	b.walk(o, s, ordering.Ready)
	b.walk(other, s, ordering.InTransit)
	at := "/dealer/orders/" + o.Number
	seen := newcar.CarSeen(o.VIN, o.Plate)
	right := b.vin()
	if a := s.get(at); !strings.Contains(a.body, `href="`+at+`/correction"`) {
		t.Fatal("the order's page does not lead to the correction")
	}
	if a := s.get(at + "/correction"); a.status != 200 || !strings.Contains(a.body, `value="`+o.VIN+`"`) || !strings.Contains(a.body, `value="`+o.Plate+`"`) || !strings.Contains(a.body, `name="seen" value="`+seen+`"`) {
		t.Fatalf("the form: %d", a.status)
	}
	// A car on its way has no plate yet, and its VIN is put right all the same.
	if a := s.post("/dealer/orders/"+other.Number+"/correction", form("vin", b.vin(), "plate", "", "seen", newcar.CarSeen(other.VIN, other.Plate), "slip", "mistyped", "proof", "Delivery note")); other.Plate != "" || a.status != 303 {
		t.Errorf("a VIN without a plate: %d", a.status)
	}
	other = b.order(other.ID)
	good := map[string]string{"vin": right, "plate": "YK76DRV", "seen": seen, "slip": "mistyped", "proof": "Plate under the windscreen"}
	send := func(who *staff, change map[string]string) answer {
		f := form()
		for k, v := range good {
			f.Set(k, v)
		}
		for k, v := range change {
			f.Set(k, v)
		}
		return who.post(at+"/correction", f)
	}
	for field, values := range map[string][]string{"vin": {"", "IOQ", other.VIN, strings.Repeat("9", 400)}, "plate": {"<b>", "!!"}, "slip": {"", "twice", "nobody"}, "proof": {"", strings.Repeat("x", 201)}} {
		for _, v := range values {
			a := send(s, map[string]string{field: v})
			if a.status != 422 || !strings.Contains(a.body, `id="`+field+`-error"`) || field != "proof" && !strings.Contains(a.body, "Plate under the windscreen") {
				t.Errorf("%s %.20q: %d", field, v, a.status)
			}
		}
	}
	if a := send(s, map[string]string{"vin": other.VIN}); !strings.Contains(a.body, "Another order has this VIN already") || !strings.Contains(a.body, `value="`+other.VIN+`"`) {
		t.Error("another order's VIN is not called so")
	}
	if a := send(s, map[string]string{"seen": "x y"}); a.status != 409 || !strings.Contains(a.body, "Somebody corrected this meanwhile") || !strings.Contains(a.body, `value="`+o.VIN+`"`) {
		t.Errorf("a stale page: %d", a.status)
	}
	stranger := b.staffOf(london)
	if a := stranger.get(at + "/correction"); a.status != 404 {
		t.Errorf("another dealer reads the form: %d", a.status)
	}
	if a := send(stranger, nil); a.status != 404 {
		t.Errorf("another dealer corrects: %d", a.status)
	}
	if now := b.order(o.ID); now.VIN != o.VIN {
		t.Fatalf("something changed: %s", now.VIN)
	}
	f := form("vin", strings.ToLower(right), "plate", "", "seen", seen, "slip", "mixed_up", "proof", "Plate under the windscreen")
	for range 2 { // a form sent twice is one act
		if a := s.post(at+"/correction", f); a.status != 303 || a.to != at+"?done=corrected" {
			t.Fatalf("corrected: %d %s", a.status, a.to)
		}
	}
	if now := b.order(o.ID); now.VIN != right || now.Plate != "" || now.State != ordering.Ready {
		t.Errorf("the order has %s, %q in %s", now.VIN, now.Plate, now.State)
	}
	a := s.get(at + "?done=corrected")
	if !strings.Contains(a.body, "VIN "+o.VIN+" corrected to "+right) || strings.Count(a.body, "VIN or plate corrected") != 1 || !strings.Contains(a.body, "Shown by: Plate under the windscreen") || !strings.Contains(a.body, "The slip is put right") {
		t.Error("the order's page does not tell of it")
	}
}

// A payment that was recorded wrongly is put right where it stands in the list; after the handover by the manager of the
// site alone.
func TestAPaymentIsPutRightOnItsPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds).as(identity.Sales)
	o := readyPaid(b, s)
	p := b.deskPayment(o)
	at := "/dealer/orders/" + o.Number
	slip := at + "/correction/" + string(p.ID)
	less := b.pounds(p.Amount.Minor - 100_00)
	typed := func(more ...string) url.Values {
		f := form("amount", strings.TrimPrefix(less, "£"), "means", "desk_card", "reference", "T-77", "slip", "mistyped", "proof", "Terminal slip 77")
		for i := 0; i+1 < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		return f
	}
	if a := s.get(at); !strings.Contains(a.body, `href="`+slip+`"`) {
		t.Fatal("the order's page does not lead to the correction")
	}
	if a := s.get(slip); a.status != 200 || !strings.Contains(a.body, b.pounds(p.Amount.Minor)) || !strings.Contains(a.body, "TR-2041") || strings.Contains(a.body, `name="day"`) {
		t.Fatalf("the form: %d", a.status)
	}
	for field, values := range map[string][]string{"amount": {"", "-5", "lots", "999999.00"}, "means": {"card", ""}, "reference": {strings.Repeat("x", 61)}, "slip": {""}, "proof": {""}} {
		for _, v := range values {
			if a := s.post(slip, typed(field, v)); a.status != 422 || !strings.Contains(a.body, `id="`+field+`-error"`) {
				t.Errorf("%s %.20q: %d", field, v, a.status)
			}
		}
	}
	service := b.staffOf(leeds).as(identity.Service)
	for who, x := range map[string]struct {
		staff *staff
		want  int
	}{"another dealer": {b.staffOf(london), 404}, "who prepares cars": {service, 403}} {
		if a, g := x.staff.post(slip, typed()), x.staff.get(slip); a.status != x.want || g.status != x.want {
			t.Errorf("%s: %d and %d", who, a.status, g.status)
		}
	}
	if a := service.get(at); strings.Contains(a.body, slip) {
		t.Error("who may not is led there")
	}
	if a := s.post(at+"/correction/0198a000-0000-7000-8000-0000000000aa", typed()); a.status != 404 {
		t.Errorf("of no payment: %d", a.status)
	}
	f := typed()
	for range 2 {
		if a := s.post(slip, f); a.status != 303 || a.to != at+"?done=corrected" {
			t.Fatalf("corrected: %d %s", a.status, a.to)
		}
	}
	if a := s.post(slip, typed()); a.status != 409 || !strings.Contains(a.body, "can not be corrected any more") {
		t.Errorf("an old page once more: %d", a.status)
	}
	if a := s.get(at); !strings.Contains(a.body, "struck out: a slip") || !strings.Contains(a.body, b.pounds(100_00)) || !strings.Contains(a.body, "T-77") {
		t.Error("the order's page does not tell of it")
	}
	if a := s.post(at+"/handover", handing(o)); a.status != 409 && a.status != 422 {
		t.Errorf("a car whose rest is open again is handed over: %d", a.status)
	}
	b.payAll(o, s)
	if a := s.post(at+"/handover", handing(o)); a.status != 303 {
		t.Fatalf("handover: %d", a.status)
	}
	// Handed over: the manager's.
	slip = at + "/correction/" + string(b.deskPayment(o).ID)
	if a := s.get(slip); a.status != 200 || !strings.Contains(a.body, "only the manager of the site") || strings.Contains(a.body, "<form action=\""+slip) {
		t.Errorf("who takes money sees the form: %d", a.status)
	}
	if a := s.post(slip, typed("amount", "1.00", "day", "2026-12-24")); a.status != 403 {
		t.Errorf("who takes money corrects after the handover: %d", a.status)
	}
	boss := b.staffOf(leeds)
	if a := boss.get(slip); !strings.Contains(a.body, `name="day"`) || !strings.Contains(a.body, "new papers take its place") {
		t.Error("the manager is not told what becomes of papers")
	}
	if a := boss.post(slip, typed("amount", "1.00")); a.status != 422 || !strings.Contains(a.body, `id="day-error"`) || !strings.Contains(a.body, `value="1.00"`) {
		t.Errorf("a rest without a day: %d", a.status)
	}
	day := b.db.Clock.Now().AddDate(0, 0, 9).Format("2006-01-02")
	if a := boss.post(slip, typed("amount", "1.00", "day", day)); a.status != 303 {
		t.Fatalf("corrected by the manager: %d", a.status)
	}
	if a := boss.get(at); !strings.Contains(a.body, "A payment had been recorded wrongly") || strings.Count(a.body, "Payment at the desk corrected") != 2 {
		t.Error("the open rest is not told")
	}
}
