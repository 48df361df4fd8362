package manager_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/flow/newcar"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/sale"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/web/manager"
	"forecourt/internal/web/webtest"
	"forecourt/internal/world"
)

const leeds, london = "gb-leeds-northgate", "gb-london-kestrel"

func house(t *testing.T) *webtest.House {
	t.Helper()
	h := webtest.New(t)
	sells := newcar.New(&sale.Service{DB: h.DB, World: h.Kit.World})
	usedcar.New(sells.Service, nil) // no page of the office looks for a used car
	h.Open(manager.New(h.Kit, sells).Routes())
	return h
}

// page fails when a word of the page is missing in its language.
func page(t *testing.T, h *webtest.House, b *webtest.Browser, path string) webtest.Answer {
	t.Helper()
	a := b.Get(path)
	if a.Status != http.StatusOK {
		t.Fatalf("%s: %d\n%s", path, a.Status, a.Body)
	}
	if missing := h.Kit.Catalogue.Missing(); len(missing) > 0 {
		t.Errorf("%s: words are missing: %v", path, missing)
	}
	return a
}

func form(a webtest.Answer, to, reason string) url.Values {
	return url.Values{"form_key": {a.Hidden("form_key")}, "version": {a.Hidden("version")}, "to": {to}, "reason": {reason}}
}

func stateOf(t *testing.T, h *webtest.House, b id.Brand, m id.Market) (state string, version int64) {
	t.Helper()
	var r struct {
		State   string
		Version int64
	}
	if _, err := db.One(h.DB.Read(t.Context()), &r, `SELECT state, version FROM switches WHERE brand = ? AND market = ? AND flow = 'new'`, b, m); err != nil {
		t.Fatal(err)
	}
	return r.State, r.Version
}

func count(t *testing.T, h *webtest.House, query string, args ...any) int {
	t.Helper()
	var n int
	if _, err := db.One(h.DB.Read(t.Context()), &n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

const switchPath = "/manager/switch/dacia/gb/new"

func TestOnlyOwnMarketsExist(t *testing.T) {
	t.Parallel()
	h := house(t)
	harriet := h.Manager("harriet@gb-office.example.com", "gb")
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "offered", Queue: "offered"})
	foreign := h.Order(webtest.Order{Brand: "dacia", Market: "it", Dealer: italian(h), State: "offered", Queue: "offered"})
	for path, want := range map[string]int{
		switchPath:                          200,
		"/manager/switch/dacia/it/new":      404,
		"/manager/switch/dacia/fr/new":      404,
		"/manager/switch/dacia/zz/new":      404,
		"/manager/switch/nobody/gb/new":     404,
		"/manager/switch/dacia/gb/boats":    404,
		"/manager/switch/dacia/gb/%00":      404,
		"/manager/orders?market=gb":         200,
		"/manager/orders?market=it":         404,
		"/manager/orders?market=zz":         404,
		"/manager/orders?state=stolen":      404,
		"/manager/orders?before=1%27%3B--":  404,
		"/manager/orders?state=offered":     200,
		"/manager?moved=dacia.it.new":       200,
		"/manager?moved=%3Cscript%3E.gb.gb": 200,
	} {
		if a := harriet.Get(path); a.Status != want {
			t.Errorf("%s: %d, want %d", path, a.Status, want)
		}
	}
	if a := harriet.Post("/manager/switch/dacia/it/new", form(harriet.Get(switchPath), "paused", "not mine")); a.Status != 404 {
		t.Errorf("post to a foreign market: %d", a.Status)
	}
	if st, v := stateOf(t, h, "dacia", "it"); st != "live" || v != 1 {
		t.Errorf("the foreign switch is %s, version %d", st, v)
	}
	for _, path := range []string{"/manager", "/manager/orders", "/manager/audit"} {
		a := page(t, h, harriet, path)
		for _, word := range []string{foreign.Number, "Italia", "Buyersecret", "buyersecret", "Secretstreet", "900123"} {
			if strings.Contains(a.Body, word) {
				t.Errorf("%s shows %q", path, word)
			}
		}
	}
}

func italian(h *webtest.House) id.Dealer {
	return h.Kit.World.Now().Dealers("dacia", "it", id.FlowNew)[0].Code
}

func TestWhoMayComeIn(t *testing.T) {
	t.Parallel()
	h := house(t)
	dealer, hq, stranger := h.Dealer("anna@northgate-leeds.example.com", leeds), h.HQ("ines@hq.example.com"), h.Stranger()
	if a := stranger.Get("/manager/orders?market=gb"); a.Status != 303 || a.Location != "/login?next=%2Fmanager%2Forders%3Fmarket%3Dgb" {
		t.Errorf("stranger: %d %s", a.Status, a.Location)
	}
	if a := dealer.Get("/manager"); a.Status != 403 {
		t.Errorf("dealer: %d", a.Status)
	}
	a := page(t, h, hq, "/manager")
	if !strings.Contains(a.Body, "Italia") || !strings.Contains(a.Body, "United Kingdom") || strings.Contains(a.Body, "/manager/switch/") {
		t.Error("the head office sees all markets and moves no switch")
	}
	if smoke := h.Manager("smoke@office.example.com", "zz"); strings.Contains(a.Body, "market=zz") || !strings.Contains(page(t, h, smoke, "/manager").Body, "market=zz") {
		t.Error("the smoke test's market is shown to its own manager only")
	}
	if a := hq.Get("/manager/orders?market=zz"); a.Status != 404 {
		t.Errorf("head office at the smoke test's orders: %d", a.Status)
	}
	if a := hq.Get(switchPath); a.Status != 403 {
		t.Errorf("head office at a switch: %d", a.Status)
	}
	if a := hq.Post(switchPath, url.Values{"to": {"off"}, "reason": {"because"}}); a.Status != 403 {
		t.Errorf("head office moves a switch: %d", a.Status)
	}
}

func TestASwitchIsMovedInThreeClicks(t *testing.T) {
	t.Parallel()
	h := house(t)
	harriet := h.Manager("harriet@gb-office.example.com", "gb")
	booked := h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "offered", Queue: "offered"})
	other := listening(t, h)
	console := page(t, h, harriet, "/manager")
	link := `/manager/switch/dacia/gb/new?to=paused`
	if !strings.Contains(console.Body, link) {
		t.Fatal("the console has no link to pause the shop")
	}
	a := page(t, h, harriet, link) // first click; the position is chosen by the link
	if !strings.Contains(a.Body, `value="paused" required checked`) || !strings.Contains(a.Body, "1 order is booked.") {
		t.Error("the page does not show the choice and the booked orders")
	}
	if !strings.Contains(a.Body, `<q lang="en">Online ordering is paused here.`) {
		t.Error("the page does not quote what buyers will read")
	}
	sent := form(a, "paused", "Price list is wrong")
	a = harriet.Post(link, sent) // second click
	if a.Status != 303 || a.Location != "/manager?moved=dacia.gb.new" {
		t.Fatalf("%d %s", a.Status, a.Location)
	}
	a = page(t, h, harriet, a.Location)
	for _, want := range []string{`role="status"`, "United Kingdom, Dacia, new cars: now Paused.", "Price list is wrong", "1 order booked before goes on as promised."} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the console does not say %q", want)
		}
	}
	// Sent again by a double click: the same answer, nothing new.
	if again := harriet.Post(switchPath, sent); again.Status != 303 || again.Location != "/manager?moved=dacia.gb.new" {
		t.Errorf("sent twice: %d %s", again.Status, again.Location)
	}
	if st, v := stateOf(t, h, "dacia", "gb"); st != "paused" || v != 2 {
		t.Errorf("the switch is %s, version %d", st, v)
	}
	if st, _ := stateOf(t, h, "renault", "gb"); st != "live" {
		t.Errorf("another brand's switch is %s", st)
	}
	if n := count(t, h, `SELECT count(*) FROM audit_log WHERE subject = 'switch:dacia/gb/new' AND market = 'gb' AND brand = 'dacia'
		AND old ->> 'state' = 'live' AND new ->> 'state' = 'paused' AND reason = 'Price list is wrong' AND actor LIKE 'staff:%'`); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	if n := count(t, h, `SELECT count(*) FROM orders WHERE id = ? AND state = 'offered'`, booked.ID); n != 1 {
		t.Error("a booked order was touched")
	}
	seen := page(t, h, harriet, "/manager/audit")
	if !strings.Contains(seen.Body, "Person harriet@gb-office.example.com") || !strings.Contains(seen.Body, "<b>Paused</b>") {
		t.Error("the audit log does not show who moved what")
	}
	awaits(t, other, func(w *world.World) bool { return w.Switch("dacia", "gb", id.FlowNew).State == market.Paused })
}

// listening is another instance over the same database, renewed by notification.
func listening(t *testing.T, h *webtest.House) *world.Keeper {
	t.Helper()
	k, err := world.NewKeeper(t.Context(), h.DB, h.DSN, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { k.Run(ctx) })
	t.Cleanup(func() { stop(); done.Wait() })
	return k
}

// awaits fails after far longer than the promised second, so that a busy machine does not fail it.
func awaits(t *testing.T, k *world.Keeper, ok func(*world.World) bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ok(k.Now()) {
			return
		}
	}
	t.Error("another instance never saw the change")
}

func TestTwoManagersAtOneSwitch(t *testing.T) {
	t.Parallel()
	h := house(t)
	one, two := h.Manager("harriet@gb-office.example.com", "gb"), h.Manager("tomas@europe-office.example.com", "gb", "it")
	// Both have the page open before either sends it.
	forms := []url.Values{form(one.Get(switchPath), "paused", "Stock is unclear"), form(two.Get(switchPath), "off", "The pilot ends today")}
	answers := make([]webtest.Answer, 2)
	var done sync.WaitGroup
	for i, b := range []*webtest.Browser{one, two} {
		done.Go(func() { answers[i] = b.Post(switchPath, forms[i]) })
	}
	done.Wait()
	won, lost := 0, 1
	if answers[0].Status != 303 {
		won, lost = 1, 0
	}
	if answers[won].Status != 303 || answers[lost].Status != 409 {
		t.Fatalf("%d and %d, want one 303 and one 409", answers[0].Status, answers[1].Status)
	}
	st, v := stateOf(t, h, "dacia", "gb")
	if st != forms[won].Get("to") || v != 2 {
		t.Errorf("the switch is %s, version %d", st, v)
	}
	late := answers[lost]
	if !strings.Contains(late.Body, "Somebody moved this switch") || !strings.Contains(late.Body, forms[lost].Get("reason")) || late.Hidden("version") != "2" {
		t.Error("who came late does not see what happened, or lost what was typed")
	}
	// Looking again, the second may still decide.
	if a := []*webtest.Browser{one, two}[lost].Post(switchPath, form(late, forms[lost].Get("to"), "Still needed")); a.Status != 303 {
		t.Errorf("deciding again: %d", a.Status)
	}
	if n := count(t, h, `SELECT count(*) FROM audit_log WHERE subject = 'switch:dacia/gb/new'`); n != 2 {
		t.Errorf("%d audit rows, want 2", n)
	}
}

func TestWhatIsMissingIsAskedFor(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("harriet@gb-office.example.com", "gb")
	a := b.Get(switchPath)
	for name, c := range map[string]struct{ to, reason, message string }{
		"no reason":       {"paused", "", "Say why, in 3 to 500 characters."},
		"spaces only":     {"paused", "  \u202e ", "Say why, in 3 to 500 characters."},
		"short reason":    {"paused", "ab", "Say why, in 3 to 500 characters."},
		"long reason":     {"paused", strings.Repeat("é", 501), "Say why, in 3 to 500 characters."},
		"no position":     {"", "A good reason", "Choose a position."},
		"unknown":         {"burning", "A good reason", "Choose a position."},
		"script in words": {"", `"><script>alert(1)</script>`, "Choose a position."},
	} {
		got := b.Post(switchPath, form(a, c.to, c.reason))
		if got.Status != 422 || !strings.Contains(got.Body, c.message) {
			t.Errorf("%s: %d", name, got.Status)
		}
		if strings.Contains(got.Body, "<script>alert") {
			t.Errorf("%s: what was typed came back as markup", name)
		}
	}
	if got := b.Post(switchPath, form(a, "", "Kept as typed")); !strings.Contains(got.Body, ">Kept as typed</textarea>") {
		t.Error("the reason is lost")
	}
	if got := b.Post(switchPath, form(a, "paused", "")); !strings.Contains(got.Body, `value="paused" required checked`) {
		t.Error("the position is lost")
	}
	bad := form(a, "paused", "A good reason")
	bad.Set("version", "one")
	if got := b.Post(switchPath, bad); got.Status != 422 {
		t.Errorf("a version that is no number: %d", got.Status)
	}
	bad.Set("version", "1")
	bad.Set("form_key", "short")
	if got := b.Post(switchPath, bad); got.Status != 400 {
		t.Errorf("a form without its key: %d", got.Status)
	}
	if st, v := stateOf(t, h, "dacia", "gb"); st != "live" || v != 1 {
		t.Errorf("the switch is %s, version %d", st, v)
	}
}

func TestFiguresOfToday(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("harriet@gb-office.example.com", "gb")
	now := h.Clock.Now()
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", Queue: "accepted", Captured: 12_345, Desk: 50_000})
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "cancelled", Queue: "withdrawn", Captured: 10_000, Refunded: true})
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: london, State: "offered", Queue: "offered", At: now.Add(-50 * time.Hour), Due: now.Add(-time.Hour)})
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: london, State: "checkout"})
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: london, State: "handed_over", VIN: "VF1AAAAA000000001", Queue: "done", At: now.AddDate(0, 0, -30), Captured: 99_999})
	a := page(t, h, b, "/manager")
	for _, want := range []string{"£123.45", "£500.00", "2 days, 1 overdue", "Orders a day over 14 days: 3 in all, 2 today", "Times are Europe/London.", "Days in Europe/London."} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the console does not say %q", want)
		}
	}
	if strings.Contains(a.Body, "£999.99") {
		t.Error("money of last month is shown")
	}
	list := page(t, h, b, "/manager/orders?market=gb")
	if n := strings.Count(list.Body, "href=\"/manager/orders/FC-"); n != 4 {
		t.Errorf("%d orders, want the open ones and today's cancelled one", n)
	}
	if done := page(t, h, b, "/manager/orders?state=handed_over"); strings.Count(done.Body, "href=\"/manager/orders/FC-") != 1 {
		t.Error("the state does not choose")
	}
}

func TestLongListsGoOn(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("harriet@gb-office.example.com", "gb")
	for range 103 {
		h.Order(webtest.Order{Brand: "renault", Market: "gb", Dealer: leeds, State: "checkout"})
	}
	a := page(t, h, b, "/manager/orders")
	if n := strings.Count(a.Body, "href=\"/manager/orders/FC-"); n != 100 {
		t.Errorf("first page: %d", n)
	}
	_, rest, ok := strings.Cut(a.Body, `href="/manager/orders?before=`)
	if !ok {
		t.Fatal("no link to older orders")
	}
	older, _, _ := strings.Cut(rest, `"`)
	a = page(t, h, b, "/manager/orders?before="+strings.ReplaceAll(older, "&amp;", "&"))
	if n := strings.Count(a.Body, "href=\"/manager/orders/FC-"); n != 3 || strings.Contains(a.Body, "before=") {
		t.Errorf("last page: %d", n)
	}
}

func TestPagesSpeakTheManagersLanguage(t *testing.T) {
	t.Parallel()
	h := house(t)
	h.Order(webtest.Order{Brand: "dacia", Market: "it", Dealer: italian(h), State: "offered", Queue: "offered"})
	for m, title := range map[id.Market]string{"it": "<h1>Mercati</h1>", "fr": "<h1>Marchés</h1>", "de": "<h1>Märkte</h1>", "es": "<h1>Mercados</h1>", "ro": "<h1>Piețe</h1>"} {
		b := h.Manager("m@"+string(m)+"-office.example.com", m)
		if a := page(t, h, b, "/manager"); !strings.Contains(a.Body, title) || !strings.Contains(a.Body, `<html lang="`+string(m)) {
			t.Errorf("%s: the console is not in the manager's language", m)
		}
		a := page(t, h, b, "/manager/switch/dacia/"+string(m)+"/new?to=off")
		if got := b.Post("/manager/switch/dacia/"+string(m)+"/new", form(a, "preview", "ok così")); got.Status != 303 {
			t.Errorf("%s: %d", m, got.Status)
		}
		page(t, h, b, "/manager/audit")
		page(t, h, b, "/manager/orders")
	}
}

// TestPagesAskAFixedNumberOfTimes: more orders, more markets and more acts, the same statements.
func TestPagesAskAFixedNumberOfTimes(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("tomas@europe-office.example.com", "gb", "it", "fr", "de", "es", "ro")
	paths := []string{"/manager", "/manager/orders", "/manager/audit", switchPath}
	asked := map[string]int{}
	for _, p := range paths {
		asked[p] = h.Statements(func() { page(t, h, b, p) })
		if asked[p] > 10 {
			t.Errorf("%s asks %d times", p, asked[p])
		}
	}
	for range 12 {
		h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "offered", Queue: "offered"})
		h.Order(webtest.Order{Brand: "renault", Market: "it", Dealer: italian(h), State: "accepted", Queue: "accepted", Captured: 100})
	}
	for _, to := range []string{"paused", "live", "paused"} {
		if a := b.Post(switchPath, form(b.Get(switchPath), to, "to and fro")); a.Status != 303 {
			t.Fatal(a.Status)
		}
	}
	for _, p := range paths {
		if n := h.Statements(func() { page(t, h, b, p) }); n > asked[p]+1 { // the name of who moved it last
			t.Errorf("%s asked %d times before and %d now", p, asked[p], n)
		}
	}
}
