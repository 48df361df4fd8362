package dealer_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/web/dealer"
	"forecourt/internal/web/dealersite"
)

func TestAnotherDealersOrderDoesNotExist(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ours, theirs := b.staffOf(leeds), b.staffOf(london)
	offered, ready := b.offer(leeds), b.offer(leeds)
	b.walk(ready, ours, ordering.Ready)
	b.payAll(ready, ours)
	for _, o := range []*ordering.Order{offered, ready} {
		at := "/dealer/orders/" + o.Number
		for _, path := range []string{at, at + "/receipt", at + "/handover", at + "/handover?code=" + o.PickupCode, "/dealer/find?code=" + o.Number, "/dealer/find?code=" + o.PickupCode} {
			if a := theirs.get(path); a.status != 404 || strings.Contains(a.body, "Zebedee") {
				t.Errorf("GET %s as another dealer: %d", path, a.status)
			}
		}
		posts := map[string][]string{at + "/accept": nil, at + "/decline": {"reason", "staff"}, at + "/question": {"question", "Why?"}, at + "/step": {"event", "order"}, at + "/checks": {"checks", "tax"},
			at + "/payments": {"amount", "1.00", "means", "desk_cash"}, at + "/returns/" + string(id.New[id.Payment]()): nil,
			at + "/handover": {"code", o.PickupCode, "odometer", "5", "checks", "identity", "checks", "papers", "checks", "walkaround", "checks", "keys"}}
		for path, fields := range posts {
			if a := theirs.post(path, form(fields...)); a.status != 404 {
				t.Errorf("POST %s as another dealer: %d %s", path, a.status, a.to)
			}
		}
		if now := b.order(o.ID); now.State != o.State {
			t.Errorf("the order moved to %s", now.State)
		}
	}
	if a := theirs.get("/dealer?q=" + ready.Number); strings.Contains(a.body, "Duster") {
		t.Error("another dealer's queue finds the order")
	}
}

func TestADealerReadsWhyAnOrderIsHere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, next := b.staffOf(leeds), b.staffOf(london)
	o := b.offer(leeds, london)
	at := "/dealer/orders/" + o.Number
	if a := s.get(at + "/receipt"); a.status != 200 || !strings.Contains(a.body, "Why: the buyer named this dealer.") || strings.Contains(a.body, "Zebedee") {
		t.Fatalf("the receipt: %d", a.status)
	}
	if a := s.post(at+"/decline", form("reason", "too_far")); a.status != 303 {
		t.Fatalf("decline: %d", a.status)
	}
	if a := s.get(at + "/receipt"); a.status != 404 {
		t.Errorf("the receipt of an order that left: %d", a.status)
	}
	if a := next.get(at + "/receipt"); a.status != 200 || !strings.Contains(a.body, "Northgate Motors Leeds declined") || strings.Contains(a.body, "too far") {
		t.Errorf("the receipt of the next one: %d", a.status)
	}
}

func TestWhoIsNotSignedInGetsNowhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	s.client.Jar = nil
	if a := s.get("/dealer/orders/" + o.Number); a.status != 303 || !strings.HasPrefix(a.to, "/login") {
		t.Errorf("GET: %d %s", a.status, a.to)
	}
	if a := s.post("/dealer/orders/"+o.Number+"/accept", form()); a.status != 401 {
		t.Errorf("POST: %d", a.status)
	}
}

func TestAnOrderThatLeftIsExplained(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds, london)
	at := "/dealer/orders/" + o.Number
	for _, reason := range []string{"", "because", "<script>"} {
		if a := s.post(at+"/decline", form("reason", reason)); a.status != 422 || !strings.Contains(a.body, `id="reason-error"`) {
			t.Fatalf("decline for %q: %d", reason, a.status)
		}
	}
	if now := b.order(o.ID); now.Dealer != leeds {
		t.Fatal("an order without a reason was declined")
	}
	if a := s.post(at+"/decline", form("reason", "too_far")); a.status != 303 || a.to != "/dealer?done=declined" {
		t.Fatalf("decline: %d %s", a.status, a.to)
	}
	if now := b.order(o.ID); now.Dealer != london || now.State != ordering.Offered {
		t.Fatalf("the order stands at %s, %s", now.Dealer, now.State)
	}
	for status, a := range map[int]answer{404: s.get(at), 409: s.post(at+"/accept", form())} {
		if a.status != status || !strings.Contains(a.body, "You or a colleague declined it") {
			t.Errorf("after declining: %d, want %d", a.status, status)
		}
	}
	if a := s.get("/dealer?tab=done"); !strings.Contains(a.body, "You declined") || strings.Contains(a.body, "Zebedee") {
		t.Error("the declined order is not in the last tab, or with a name")
	}
}

func TestSilenceIsTooLate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	dbtest.Clock(t, b.db).Advance(30 * time.Hour)
	a := s.get("/dealer/orders/" + o.Number)
	if strings.Contains(a.body, "/accept\"") || !strings.Contains(a.body, "time to answer is over") {
		t.Error("an order whose time is over can be accepted")
	}
	if a := s.post("/dealer/orders/"+o.Number+"/accept", form()); a.status != 409 || !strings.Contains(a.body, "time to answer is over") {
		t.Errorf("accept too late: %d", a.status)
	}
}

func TestClockRunsInOpeningHours(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	b.offer(leeds) // Tuesday 9:30, open until 18:30: eight hours end at 17:30
	clock := dbtest.Clock(t, b.db)
	for _, x := range []struct {
		after time.Duration
		want  string
	}{{0, "<b>8 h 00 min</b>"}, {90 * time.Minute, "<b>6 h 30 min</b>"}, {6*time.Hour + 29*time.Minute, "<b>0 h 01 min</b>"}} {
		clock.Advance(x.after)
		if a := s.get("/dealer"); !strings.Contains(a.body, x.want) || !strings.Contains(a.body, "today, 17:30") {
			t.Errorf("the clock does not say %s", x.want)
		}
	}
	clock.Set(time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC)) // at night
	b.offer(leeds)
	if a := s.get("/dealer"); !strings.Contains(a.body, "<b>8 h 00 min</b>") || !strings.Contains(a.body, "tomorrow, 16:30") {
		t.Error("the clock of an order at night does not wait for the morning")
	}
}

func TestPagesAskTheSameHoweverManyOrders(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	var o *ordering.Order
	add := func(n int) {
		for i := range n {
			o = b.offer(leeds)
			if i%3 == 0 {
				b.walk(o, s, ordering.Ready)
				b.payAll(o, s)
				b.book(o, i)
			}
		}
	}
	add(3)
	count := func() map[string]int64 {
		out := map[string]int64{}
		for _, p := range []string{"/dealer", "/dealer?tab=work", "/dealer?q=FC", "/dealer/handovers", "/dealer/orders/NUMBER", "/dealer/find?code=NUMBER"} {
			path := strings.ReplaceAll(p, "NUMBER", o.Number)
			s.get(path) // the first prepares statements and prolongs the session
			before := b.queries.n.Load()
			if a := s.get(path); a.status >= 400 {
				t.Fatalf("%s: %d", path, a.status)
			}
			out[p] = b.queries.n.Load() - before
		}
		return out
	}
	few := count()
	add(27)
	for page, n := range count() {
		// Two for the session and its user, one for the page; whoever tries codes is counted beside, and
		// who knew them is counted no more.
		most := int64(3)
		if strings.Contains(page, "code=") {
			most = 5
		}
		if n != few[page] || n > most {
			t.Errorf("%s asks %d times with 30 orders, %d with 3", page, n, few[page])
		}
	}
}

func TestOddAddressesAndForms(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	for path, want := range map[string]int{"/dealer/orders/nope": 404, "/dealer/orders/FC-AAAA-AAAA": 404, "/dealer/orders/%00": 404, "/dealer/orders/FC-AAAA-AAA%27": 404,
		"/dealer?q=%25%27%22%5C--": 200, "/dealer?q=%FF": 200, "/dealer?tab=elsewhere": 200, "/dealer?sel=nothing": 200, "/dealer?done=hacked": 200,
		"/dealer/find": 404, "/dealer/find?code=%27+OR+1%3D1": 404, "/dealer/orders/" + o.Number + "/handover": 404, "/dealer?q=_": 200} {
		if a := s.get(path); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	if a := s.get("/dealer?q=%25"); strings.Contains(a.body, o.Number) {
		t.Error("a percent sign finds everything")
	}
	if a := s.post("/dealer/orders/"+o.Number+"/accept", nil); a.status != 400 {
		t.Errorf("a form without a key: %d", a.status)
	}
	if b.order(o.ID).State != ordering.Offered {
		t.Error("a form without a key was carried out")
	}
}

func TestEveryPageSpeaksEveryLanguage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, place := range []struct {
		dealer id.Dealer
		word   string
	}{{b.first("it"), "Nuovo ordine"}, {b.first("fr"), "Nouvelle commande"}, {b.first("de"), "Neue Bestellung"}, {b.first("es"), "Nuevo pedido"}, {b.first("ro"), "Comandă nouă"}} {
		s := b.staffOf(place.dealer)
		o := b.offer(place.dealer)
		if a := s.get("/dealer"); !strings.Contains(a.body, place.word) {
			t.Errorf("%s lacks %q", place.dealer, place.word)
		}
		at := "/dealer/orders/" + o.Number
		s.get(at)
		for _, to := range []ordering.State{ordering.Accepted, ordering.Ordered, ordering.Built, ordering.InTransit, ordering.Arrived, ordering.Prepared} {
			b.walk(o, s, to)
			s.get(at)
			s.get("/dealer")
		}
		b.tx(func(ctx context.Context, tx *db.Tx) error { return b.cars.CancelTx(ctx, tx, o.ID) })
		s.get("/dealer?tab=done")
	}
	if missing := b.words.Missing(); len(missing) > 0 {
		t.Errorf("words that are missing: %v", missing)
	}
}

func TestSamplesFitTheirTemplates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	samples := dealer.Samples()
	maps.Copy(samples, dealersite.Samples())
	for _, name := range b.kit.PageNames() {
		if !strings.HasPrefix(name, "dealer/") {
			continue
		}
		sample, ok := samples[name]
		if !ok {
			t.Errorf("%s has no sample", name)
			continue
		}
		if err := b.kit.Page(name).ExecuteTemplate(io.Discard, "layout", sample); err != nil {
			t.Error(err)
		}
	}
	if a := b.staffOf(leeds).get("/dealer"); a.status != http.StatusOK {
		t.Errorf("an empty queue: %d", a.status)
	}
}
