package stripesim_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/payment"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/money"
	"forecourt/internal/stripesim"
	"forecourt/internal/stripesim/banktest"
)

const (
	testKey    = "sk_test_bank"
	testSecret = "whsec_test"
	shop       = "https://shop.example.com"
)

// world is a bank over HTTP, the true gateway that talks to it, and a shop that hears its events.
type world struct {
	t     *testing.T
	bank  *stripesim.Bank
	clock *clock.Manual
	srv   *httptest.Server
	gw    *stripegw.Gateway
	ears  *ears
	seen  *sightings
}

func newWorld(t *testing.T, change ...func(*stripesim.Options)) *world {
	t.Helper()
	w := &world{t: t, clock: clock.NewManual(time.Now()), seen: &sightings{}}
	w.ears = newEars(t)
	w.ears.seen = w.seen
	o := stripesim.Options{
		SecretKey: testKey, WebhookURLs: []string{w.ears.srv.URL}, WebhookSecret: testSecret, Clock: w.clock,
	}
	for _, c := range change {
		c(&o)
	}
	w.open(o)
	return w
}

func (w *world) open(o stripesim.Options) {
	w.t.Helper()
	bank, err := stripesim.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.bank = bank
	bank.Start(context.Background())
	w.srv = httptest.NewServer(judged(w.t, bank.Handler(), w.seen))
	w.gw = newGateway(w.t, w.srv.URL)
	w.t.Cleanup(func() {
		w.srv.CloseClientConnections()
		w.srv.Close()
		if err := bank.Close(); err != nil {
			w.t.Errorf("close: %v", err)
		}
	})
}

func newGateway(t *testing.T, url string) *stripegw.Gateway {
	return gatewayWith(t, url, "whsec_retired", testSecret)
}

func gatewayWith(t *testing.T, url string, secrets ...string) *stripegw.Gateway {
	t.Helper()
	gw, err := stripegw.New(stripegw.Config{SecretKey: testKey, WebhookSecrets: secrets, URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return gw
}

func (w *world) request(key string) payment.CheckoutRequest {
	return payment.CheckoutRequest{
		Key: key, OrderID: "order-" + key, PaymentID: "payment-" + key, OrderNumber: "FC-7K3M-29",
		Amount: money.Of(10_000, "GBP"), Manual: true, Description: "Deposit for a Duster Journey",
		Email: "buyer@example.com", Locale: "en-GB",
		SuccessURL: shop + "/done?s={CHECKOUT_SESSION_ID}", CancelURL: shop + "/back",
		ExpiresAt: w.clock.Now().Add(time.Hour),
	}
}

func (w *world) checkout(key string) payment.Checkout {
	w.t.Helper()
	c, err := w.gw.OpenCheckout(w.t.Context(), w.request(key))
	if err != nil {
		w.t.Fatalf("open checkout: %v", err)
	}
	return c
}

// authorised is a paid session with manual capture.
func (w *world) authorised(key string) payment.Intent {
	w.t.Helper()
	c := w.checkout(key)
	w.pay(c, banktest.Visa)
	return *w.read(c.ID).Intent
}

func (w *world) captured(key string) payment.Intent {
	w.t.Helper()
	i := w.authorised(key)
	done, err := w.gw.Capture(w.t.Context(), i.ID, i.Amount.Minor, key+":capture")
	if err != nil {
		w.t.Fatalf("capture: %v", err)
	}
	return done
}

func (w *world) pay(c payment.Checkout, card string) {
	w.t.Helper()
	to, err := banktest.Pay(w.t.Context(), w.srv.Client(), c.URL, card)
	if err != nil {
		w.t.Fatalf("pay: %v", err)
	}
	if want := shop + "/done?s=" + c.ID; to != want {
		w.t.Fatalf("the bank leads to %s, want %s", to, want)
	}
}

func (w *world) read(sessionID string) payment.Checkout {
	w.t.Helper()
	c, err := w.gw.Checkout(w.t.Context(), sessionID)
	if err != nil {
		w.t.Fatalf("read checkout: %v", err)
	}
	return c
}

func (w *world) ledgerOf(intentID string) stripesim.LedgerLine {
	w.t.Helper()
	for _, l := range w.bank.Ledger() {
		if l.Intent == intentID {
			return l
		}
	}
	w.t.Fatalf("the ledger has no %s", intentID)
	return stripesim.LedgerLine{}
}

// sandbox presses one of the bank's switches.
func (w *world) sandbox(path, form string) string {
	w.t.Helper()
	res, err := http.Post(w.srv.URL+"/_sandbox/"+path, "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK {
		w.t.Fatalf("%s %s: %s %s", path, form, res.Status, body)
	}
	return string(body)
}

// ears are a shop's webhook endpoint: what it heard, and how it answers.
type ears struct {
	t    *testing.T
	srv  *httptest.Server
	seen *sightings // nil notes nothing

	mu     sync.Mutex
	answer func(nth int) int // status of the nth delivery of one event
	heard  []heard
	more   chan struct{}
}

type heard struct {
	body      []byte
	signature string
}

func newEars(t *testing.T) *ears {
	e := &ears{t: t, more: make(chan struct{}, 1000), answer: func(int) int { return http.StatusOK }}
	e.srv = httptest.NewServer(e)
	t.Cleanup(e.srv.Close)
	return e
}

func (e *ears) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	judgeObject(e.t, body)
	if e.seen != nil {
		e.seen.event(body)
	}
	e.mu.Lock()
	e.heard = append(e.heard, heard{body: body, signature: r.Header.Get("Stripe-Signature")})
	status := e.answer(e.times(body))
	e.mu.Unlock()
	w.WriteHeader(status)
	e.more <- struct{}{}
}

// times counts the deliveries of the event in body.
func (e *ears) times(body []byte) int {
	n := 0
	for _, h := range e.heard {
		if eventID(h.body) == eventID(body) {
			n++
		}
	}
	return n
}

func eventID(body []byte) string {
	var ev struct{ ID string }
	_ = json.Unmarshal(body, &ev)
	return ev.ID
}

// wait returns once n deliveries came in.
func (e *ears) wait(n int) []heard {
	e.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		e.mu.Lock()
		all := append([]heard(nil), e.heard...)
		e.mu.Unlock()
		if len(all) >= n {
			return all
		}
		select {
		case <-e.more:
		case <-deadline:
			e.t.Fatalf("%d deliveries came, want %d", len(all), n)
		}
	}
}

// events are the types that were heard, each delivery parsed by the true gateway.
func (w *world) events(n int) map[string]payment.Event {
	w.t.Helper()
	out := map[string]payment.Event{}
	for _, h := range w.ears.wait(n) {
		ev, err := w.gw.ParseEvent(h.body, h.signature)
		if err != nil {
			w.t.Fatalf("parse event: %v", err)
		}
		out[ev.Type] = ev
	}
	return out
}

func wantEvents(t *testing.T, got map[string]payment.Event, want ...string) {
	t.Helper()
	for _, kind := range want {
		if _, ok := got[kind]; !ok {
			t.Errorf("no event %s among %d kinds", kind, len(got))
		}
	}
	if len(got) != len(want) {
		t.Errorf("events %v, want %v", got, want)
	}
}
