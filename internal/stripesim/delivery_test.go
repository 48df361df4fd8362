package stripesim_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"forecourt/internal/payment"
	"forecourt/internal/stripesim"
	"forecourt/internal/stripesim/banktest"
)

// TestRedelivery refuses the first deliveries: each comes again by the schedule, freshly signed
// with the same id, until it is taken.
func TestRedelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *stripesim.Options) { o.Schedule = []time.Duration{0, time.Second, time.Second} })
	w.ears.answer = func(nth int) int {
		return map[bool]int{true: http.StatusInternalServerError, false: http.StatusOK}[nth <= 2]
	}
	c := w.checkout("again")
	w.pay(c, banktest.Visa)
	all := w.ears.wait(4)
	for tries := 0; len(all) < 12 && tries < 2000; tries++ { // an answer may be noted after the clock moved: move on
		w.bank.Advance(time.Second)
		time.Sleep(10 * time.Millisecond)
		all = w.ears.wait(4)
	}
	ids := map[string]int{}
	for _, h := range all {
		ev, err := w.gw.ParseEvent(h.body, h.signature)
		if err != nil {
			t.Fatal(err)
		}
		ids[ev.ID]++
	}
	for id, n := range ids {
		if n != 3 || len(ids) != 4 {
			t.Errorf("%s came %d times, %d events", id, n, len(ids))
		}
	}
	waitUndelivered(t, w, 0)
}

// waitUndelivered waits until the bank has noted the answers to its deliveries.
func waitUndelivered(t *testing.T, w *world, n int) {
	t.Helper()
	for range 2000 {
		_, body, _ := w.call("GET", "/v1/events?limit=100&delivery_success=false", "", "")
		if len(parseList(t, body).Data) == n {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("the bank does not come to %d undelivered events", n)
}

func TestGiveUpAndResend(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *stripesim.Options) { o.Schedule = []time.Duration{0} })
	w.ears.answer = func(nth int) int {
		return map[bool]int{true: http.StatusFound, false: http.StatusOK}[nth == 1] // a redirect is a failure
	}
	c := w.checkout("resend")
	if _, err := w.gw.ExpireCheckout(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	first := w.ears.wait(1)
	ev, err := w.gw.ParseEvent(first[0].body, first[0].signature)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if _, body, _ := w.call("GET", "/v1/events/"+ev.ID, "", ""); strings.Contains(body, `"pending_webhooks":0`) {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.sandbox("resend", "event="+ev.ID)
	again := w.ears.wait(2)
	if second, err := w.gw.ParseEvent(again[1].body, again[1].signature); err != nil || second.ID != ev.ID {
		t.Errorf("resent: %+v %v", second, err)
	}
}

func TestDuplicatesAndDrops(t *testing.T) {
	t.Parallel()
	twice := newWorld(t, func(o *stripesim.Options) { o.Dup = 1 })
	twice.authorised("dup")
	twice.ears.wait(8)
	silent := newWorld(t, func(o *stripesim.Options) { o.Drop = 1 })
	silent.authorised("drop")
	_, body, _ := silent.call("GET", "/v1/events?delivery_success=false", "", "")
	if l := parseList(t, body); len(l.Data) != 4 {
		t.Errorf("undelivered: %s", body)
	}
	silent.sandbox("resend", "event="+parseList(t, body).Data[0].ID)
	silent.ears.wait(1)
}

// TestOwnEndpoint adds an address through the API: its own secret, its own choice of events.
func TestOwnEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	extra := newEars(t)
	status, body, _ := w.call("POST", "/v1/webhook_endpoints", "",
		"enabled_events[]=checkout.session.expired&api_version="+stripesim.APIVersion+"&url="+extra.srv.URL)
	if status != 200 || !strings.Contains(body, "whsec_") {
		t.Fatalf("endpoint: %d %s", status, body)
	}
	w.authorised("x")
	c := w.checkout("y")
	if _, err := w.gw.ExpireCheckout(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	got := extra.wait(1)
	if !strings.Contains(string(got[0].body), "checkout.session.expired") {
		t.Errorf("heard %s", got[0].body)
	}
	if _, err := w.gw.ParseEvent(got[0].body, got[0].signature); !errors.Is(err, payment.ErrBadSignature) {
		t.Errorf("another endpoint's secret was taken: %v", err)
	}
}

// TestSignatures changes a true delivery in every way that must not pass.
func TestSignatures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.authorised("sig")
	h := w.ears.wait(1)[0]
	sign := func(body []byte, secret string, at time.Time) string {
		return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at}).Header
	}
	foreign := []byte(strings.Replace(string(h.body), stripesim.APIVersion, "2024-06-20", 1))
	live := []byte(strings.Replace(string(h.body), `"livemode":false`, `"livemode":true`, -1))
	now := time.Now()
	for name, c := range map[string]struct {
		body   []byte
		header string
		good   bool
	}{
		"as it came":      {h.body, h.signature, true},
		"rotated secret":  {h.body, sign(h.body, "whsec_retired", now), true},
		"unsigned":        {h.body, "", false},
		"wrong secret":    {h.body, sign(h.body, "whsec_other", now), false},
		"too old":         {h.body, sign(h.body, testSecret, now.Add(-6*time.Minute)), false},
		"changed body":    {append([]byte(" "), h.body...), h.signature, false},
		"foreign version": {foreign, sign(foreign, testSecret, now), false},
		"live mode":       {live, sign(live, testSecret, now), false},
		"no JSON":         {[]byte("{"), sign([]byte("{"), testSecret, now), false},
	} {
		_, err := w.gw.ParseEvent(c.body, c.header)
		if c.good && err != nil || !c.good && !errors.Is(err, payment.ErrBadSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
