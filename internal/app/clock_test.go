package app

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/timemachine"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim"
	"forecourt/internal/testkit"
)

// turning is a demo whose clock can be moved: an instance with its worker, and a card bank that tells it what happens. Apart
// from its jumps time stands still.
type turning struct {
	*house
	bank     *stripesim.Bank
	dir      string // the bank's journal
	still    *db.DB // stays when the house stops
	shopDoor door
	bankDoor door
	stop     func()
}

// door is an address that outlives what answers at it.
type door struct {
	mu  sync.Mutex
	h   http.Handler
	url string
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	h := d.h
	d.mu.Unlock()
	h.ServeHTTP(w, r)
}

func (d *door) open(t testing.TB) {
	d.url = testkit.Serve(t, d).URL
}

func (d *door) answers(h http.Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.h = h
}

func newTurning(t *testing.T) *turning {
	t.Helper()
	x := &turning{house: newHouse(t), dir: t.TempDir()}
	x.still = x.DB
	x.shopDoor.open(t)
	x.bankDoor.open(t)
	x.start()
	t.Cleanup(func() { x.stop() })
	return x
}

// start begins as the command does: the clock first, then the bank that has the same one, then the house.
func (x *turning) start() {
	t := x.T
	t.Helper()
	ahead := clock.NewAhead(x.Clock)
	must(t, timemachine.Load(t.Context(), x.still, ahead))
	var a *App
	bank, err := stripesim.New(stripesim.Options{SecretKey: "sk_test_turning", WebhookURLs: []string{x.shopDoor.url + "/webhooks/stripe"}, WebhookSecret: "whsec_turning", PublicURL: x.bankDoor.url,
		Dir: x.dir, Clock: ahead, Forward: func(ctx context.Context, by time.Duration) error { return a.moveBy(ctx, "system:cardbank", by) }})
	must(t, err)
	gw, err := stripegw.New(stripegw.Config{SecretKey: "sk_test_turning", WebhookSecrets: []string{"whsec_turning"}, URL: x.bankDoor.url, Account: "cardbank"})
	must(t, err)
	settings := x.house.app.Settings
	settings.CardOrigin, settings.Workers = x.bankDoor.url, 4
	a, err = Open(t.Context(), Parts{Settings: settings, Clock: ahead, Gateway: gw, Sender: x.Mails, Log: x.house.app.Log, Demo: true, Quiet: bank.Quiet})
	must(t, err)
	handler, err := a.Handler()
	must(t, err)
	x.shopDoor.answers(handler)
	x.bankDoor.answers(bank.Handler())
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	bank.Start(ctx)
	worked := make(chan error, 1)
	go func() { worked <- a.Work(ctx) }()
	x.house.app, x.bank = a, bank
	kit := *x.Kit
	kit.DB, kit.World, kit.Sale, kit.NewCar, kit.UsedCar, kit.Bank, kit.BankURL = a.DB, a.World, a.Sale, a.NewCar, a.UsedCar, bank, x.bankDoor.url
	x.Kit = &kit
	x.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-worked; err != nil {
			t.Error(err)
		}
		_ = bank.Close()
		a.Close()
	})
}

// hold keeps a used car of the market for somebody who never buys it.
func (x *turning) hold() {
	x.T.Helper()
	must(x.T, makeUsed(x.T.Context(), x.app.DB))
	var car struct{ ID, Brand string }
	_, err := db.One(x.app.DB.Read(x.T.Context()), &car, `SELECT id, brand FROM used_cars WHERE market = 'gb' AND state = 'listed' ORDER BY id LIMIT 1`)
	must(x.T, err)
	x.Tx(func(_ context.Context, tx *db.Tx) error {
		_, err := x.UsedCar.HoldTx(tx, sale.Shop{Brand: id.Brand(car.Brand), Market: "gb", Flow: id.FlowUsed}, id.UsedCar(car.ID))
		return err
	})
}

// nothing fails when a question that looks for mistakes finds some.
func (x *turning) nothing(what, query string, args ...any) {
	x.T.Helper()
	var found []string
	must(x.T, x.app.DB.Read(x.T.Context()).Raw(query, args...).Scan(&found).Error)
	if len(found) > 0 {
		x.T.Errorf("%s: %v", what, found)
	}
}

// agree fails when house and bank are not at one time, so far ahead.
func (x *turning) agree(by time.Duration) {
	x.T.Helper()
	if house, bank := x.app.Clock.Now(), x.bank.Now(); !house.Equal(bank) || !house.Equal(x.Clock.Now().Add(by)) {
		x.T.Errorf("the house is at %s, the bank at %s, asked was %s", house, bank, x.Clock.Now().Add(by))
	}
}

// TestThirtyDaysWithoutAnAnswer: the ladder is climbed rung by rung at its hours, the order goes on, the hold of a used car
// ends at its time, and the money is let go well before the bank's word ends.
func TestThirtyDaysWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	x := newTurning(t)
	x.hold()
	o := x.Buy(testkit.London)
	must(t, x.app.moveBy(t.Context(), "staff:x", 30*24*time.Hour))
	must(t, x.app.Time.Walk(t.Context()))
	x.agree(30 * 24 * time.Hour)

	var events []string
	must(t, x.app.DB.Read(t.Context()).Raw(`SELECT event FROM allocation_receipts WHERE order_id = ? ORDER BY seq`, o.ID).Scan(&events).Error)
	if want := []string{"offer", "remind", "site", "country", "expire", "offer", "remind", "site", "country", "expire"}; len(events) < len(want) || !slices.Equal(events[:len(want)], want) {
		t.Errorf("the receipt says %v", events)
	}
	x.nothing("two steps of the ladder at one time", `SELECT event FROM (SELECT event, at - lag(at) OVER (ORDER BY seq) AS apart FROM allocation_receipts WHERE order_id = ?) r
		WHERE event IN ('remind', 'site', 'country') AND apart < interval '50 minutes'`, o.ID)
	x.nothing("offers that ended before their time, or long after", `SELECT round::text FROM queue_entries WHERE order_id = ? AND state = 'expired' AND (closed_at < due_at OR closed_at > due_at + interval '61 seconds')`, o.ID)
	x.nothing("holds that did not end at their time", `SELECT id::text FROM used_holds WHERE ended_at IS NULL OR end_why <> 'lapsed' OR started_at + interval '20 minutes' > ended_at OR started_at + interval '22 minutes' < ended_at`)
	x.nothing("reservations that were not let go 12 hours before their end", `SELECT p.state FROM payments p WHERE p.order_id = ? AND (p.state <> 'voided'
		OR NOT EXISTS (SELECT FROM payment_history h WHERE h.payment_id = p.id AND h.what = 'voided' AND h.at <= p.capture_before - interval '12 hours'))`, o.ID)
	x.nothing("letters that were not sent", `SELECT template FROM mails WHERE sent_at IS NULL`)
	x.nothing("letters of the ladder in a wrong order", `SELECT template FROM (SELECT template, sent_at < lag(sent_at) OVER (PARTITION BY seq ORDER BY CASE template WHEN 'dealer_remind' THEN 1 WHEN 'offer_silent' THEN 2 ELSE 3 END) AS wrong
		FROM mails WHERE order_id = ? AND template IN ('dealer_remind', 'offer_silent', 'offer_country')) m WHERE wrong`, o.ID)
	if held, kept := x.AtBank(); held != 0 || kept != 0 {
		t.Errorf("the bank holds %d and keeps %d", held, kept)
	}
	x.Healthy()
}

// TestAKillOnTheWayComesToOneState: whenever the process dies, house and bank begin at one time again, and walk the rest.
func TestAKillOnTheWayComesToOneState(t *testing.T) {
	t.Parallel()
	x := newTurning(t)
	o := x.Buy(testkit.London)
	must(t, x.app.moveBy(t.Context(), "staff:x", 8*24*time.Hour))
	for _, after := range []int{1, 4} { // steps
		ctx, kill := context.WithCancel(t.Context())
		round, n := x.app.Time.Round, 0
		x.app.Time.Round = func(ctx context.Context, from, to time.Time) error {
			if n++; n > after {
				kill() // the step is written, what follows from it is not done
				return ctx.Err()
			}
			return round(ctx, from, to)
		}
		if err := x.app.Time.Walk(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("the walk ended with %v", err)
		}
		kill()
		was := x.app.Time.Clock.By()
		x.stop()
		x.start()
		x.agree(was)
		if was == 0 {
			t.Fatal("it did not get anywhere")
		}
	}
	must(t, x.app.Time.Walk(t.Context()))
	x.agree(8 * 24 * time.Hour)
	x.nothing("reservations that were not let go in time", `SELECT p.state FROM payments p WHERE p.order_id = ? AND (p.state <> 'voided'
		OR NOT EXISTS (SELECT FROM payment_history h WHERE h.payment_id = p.id AND h.what = 'voided' AND h.at <= p.capture_before - interval '12 hours'))`, o.ID)
	if held, _ := x.AtBank(); held != 0 {
		t.Errorf("the bank still holds %d", held)
	}
	x.Healthy()
}

// TestTheBanksButtonMovesAll: who presses it on the bank's page moves the house as well.
func TestTheBanksButtonMovesAll(t *testing.T) {
	t.Parallel()
	x := newTurning(t)
	v := &visitor{h: x.house, base: x.bankDoor.url, client: http.DefaultClient}
	press := func() answer {
		return v.post("/_sandbox/clock/advance", map[string][]string{"seconds": {"600"}})
	}
	if a := press(); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := press(); a.status != http.StatusBadRequest {
		t.Errorf("while the clock is on its way: %d %s", a.status, a.body)
	}
	must(t, x.app.Time.Walk(t.Context()))
	x.agree(10 * time.Minute)
}

func TestOnlyADemoHasATimeMachine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	parts := Parts{Settings: h.app.Settings, Clock: h.Clock, Gateway: h.NewCar.Gateway, Sender: h.Mails, Log: h.app.Log}
	shop, err := Open(t.Context(), parts)
	must(t, err)
	t.Cleanup(shop.Close)
	if _, movable := shop.Clock.(*clock.Ahead); movable || shop.Time != nil {
		t.Error("a shop has a clock that can be moved")
	}
	v := h.staff("harriet@gb-office.example.com")
	if a := v.get("/manager/clock"); a.status != http.StatusOK {
		t.Errorf("in the demo: %d", a.status)
	}
	site := h.serve(shop)
	for _, x := range []*visitor{h.visitor(), v} {
		x := *x
		x.base = site.URL
		if a := x.get("/manager/clock"); a.status != http.StatusNotFound {
			t.Errorf("outside of a demo: %d", a.status)
		}
		if a := x.post("/manager/clock", form("near", "1")); a.status != http.StatusMethodNotAllowed { // as at any address of that form
			t.Errorf("outside of a demo: %d", a.status)
		}
	}
	for _, key := range []string{"sk_live_x", "rk_live_x", "SK_LIVE_X"} {
		beside := parts
		beside.Demo, beside.Settings.StripeSecretKey = true, key
		if _, err := Open(t.Context(), beside); !errors.Is(err, ErrLiveKey) {
			t.Errorf("a demo beside %s: %v", key, err)
		}
		d := &Demo{Data: t.TempDir(), Settings: beside.Settings, Ahead: time.Hour}
		if err := d.Run(t.Context()); !errors.Is(err, ErrLiveKey) {
			t.Errorf("the command beside %s: %v", key, err)
		}
	}
	must(t, h.app.moveBy(t.Context(), "staff:x", time.Hour))
	walkQuietly(t, h.app)
	if _, err := Open(t.Context(), parts); !errors.Is(err, ErrAhead) {
		t.Errorf("a shop on a database whose clock was moved: %v", err)
	}
}

// walkQuietly walks without what follows: nobody works on jobs here.
func walkQuietly(t *testing.T, a *App) {
	t.Helper()
	a.Time.Round = nil
	must(t, a.Time.Walk(t.Context()))
}

func TestTheClocksPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.staff("lorenzo@it-office.example.com")
	at := "/manager/clock"
	for _, f := range [][]string{{"length", "0"}, {"length", "32", "unit", "days"}, {"length", "745", "unit", "hours"}, {"length", "1.5"}, {"length", "-1"}, {"length", "<b>x</b>"}, {"near", "1e9"}, {}} {
		a := v.post(at, form(f...))
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "da 1 ora a 31 giorni") || !strings.Contains(a.body, `aria-invalid="true"`) {
			t.Errorf("%v: %d", f, a.status)
		}
		if len(f) > 1 && f[1] == "<b>x</b>" && !strings.Contains(a.body, "value=\"&lt;b&gt;x&lt;/b&gt;\"") {
			t.Error("what was typed is gone")
		}
	}
	if body := h.visitor().get("/dacia/gb").body; strings.Contains(body, "Demo clock") {
		t.Error("a clock that is right says so")
	}
	asked := form("length", "3", "unit", "days")
	for range 2 { // the same form twice is one jump
		if a := v.post(at, asked); a.status != http.StatusSeeOther || a.to() != at {
			t.Fatalf("%d %s", a.status, a.to())
		}
	}
	a := v.get(at)
	if !strings.Contains(a.body, "<progress") || strings.Contains(a.body, "<form action=\"/manager/clock\"") || a.head.Get("Refresh") == "" {
		t.Error("the page does not show that the clock is on its way")
	}
	if a := v.post(at, form("near", "1")); a.status != http.StatusConflict || !strings.Contains(a.body, "sta già avanzando") {
		t.Errorf("a second jump: %d", a.status)
	}
	walkQuietly(t, h.app)
	a = v.get(at)
	if !strings.Contains(a.body, "avanti di 3 giorni") || !strings.Contains(a.body, "Lorenzo") || a.head.Get("Refresh") != "" {
		t.Error("the page does not tell what was done")
	}
	for path, says := range map[string]string{"/dacia/gb": "Demo clock: ahead by 3 days.", "/dacia/it": "avanti di 3 giorni", "/renault/fr": "3 jours d&#39;avance", "/login": "Demo clock"} {
		if body := h.visitor().get(path).body; !strings.Contains(body, says) {
			t.Errorf("%s does not say %q", path, says)
		}
	}
	if a := v.post(at, form("near", "6")); a.status != http.StatusSeeOther {
		t.Fatalf("%d", a.status)
	}
	walkQuietly(t, h.app)
	if body := h.visitor().get("/dacia/gb").body; !strings.Contains(body, "ahead by 3 days and 6 hours.") {
		t.Error("a kept page says the old distance")
	}
	if other := h.open(h.Clock); !other.Clock.Now().Equal(h.app.Clock.Now()) || other.Clock.Now().Sub(h.Clock.Now()) != 78*time.Hour {
		t.Error("another instance is at another time")
	}
}
