package stripesim_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"forecourt/internal/payment"
	"forecourt/internal/stripesim"
)

// TestSecretRotation: during the overlap a receiver that knows either secret takes the event, and
// afterwards only the one who knows the new.
func TestSecretRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	last := func(n int) (body []byte, signature string) {
		h := w.ears.wait(n)
		return h[n-1].body, h[n-1].signature
	}
	old, renewed := newGateway(t, w.srv.URL), gatewayWith(t, w.srv.URL, "whsec_new")
	w.sandbox("webhook", "rotate=whsec_new&overlap_seconds=3600")
	c := w.checkout("during")
	if _, err := w.gw.ExpireCheckout(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	body, sig := last(1)
	if n := strings.Count(sig, "v1="); n != 2 {
		t.Errorf("%d signatures during the overlap: %s", n, sig)
	}
	for _, gw := range []interface {
		ParseEvent([]byte, string) (payment.Event, error)
	}{old, renewed} {
		if _, err := gw.ParseEvent(body, sig); err != nil {
			t.Errorf("during the overlap: %v", err)
		}
	}
	w.sandbox("clock/advance", "seconds=3601")
	c = w.checkout("after")
	if _, err := w.gw.ExpireCheckout(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	body, sig = last(2)
	if _, err := old.ParseEvent(body, sig); !errors.Is(err, payment.ErrBadSignature) {
		t.Errorf("the old secret still counts: %v", err)
	}
	if _, err := renewed.ParseEvent(body, sig); err != nil {
		t.Errorf("the new secret: %v", err)
	}
}

// TestWrongSignatures: events that a shop must refuse, sent by a bank that otherwise works.
func TestWrongSignatures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	heard := 0
	hear := func(key string) error {
		t.Helper()
		c := w.checkout(key)
		if _, err := w.gw.ExpireCheckout(t.Context(), c.ID); err != nil {
			t.Fatal(err)
		}
		heard++
		h := w.ears.wait(heard)[heard-1]
		_, err := w.gw.ParseEvent(h.body, h.signature)
		return err
	}
	for _, step := range []struct {
		form string
		good bool
	}{
		{"wrong_secret=1", false}, {"wrong_secret=0", true}, {"api_version=2022-11-15", false}, {"api_version=", true},
		{"endpoint=" + w.ears.srv.URL + "&api_version=2022-11-15", false}, {"api_version=", true},
		{"skew_seconds=-360", false}, {"skew_seconds=-200", true}, {"skew_seconds=0", true},
	} {
		w.sandbox("webhook", step.form)
		if err := hear(itoa(int64(heard)) + step.form); (err == nil) != step.good || err != nil && !errors.Is(err, payment.ErrBadSignature) {
			t.Errorf("%s: %v", step.form, err)
		}
	}
	if status, body := w.press("webhook", "endpoint=we_none&wrong_secret=1"); status != 400 {
		t.Errorf("unknown endpoint: %d %s", status, body)
	}
}

// TestLate: a late event comes three days later, by the bank's clock.
func TestLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *stripesim.Options) { o.Late = 1 })
	c := w.checkout("late")
	if _, err := w.gw.ExpireCheckout(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	w.bank.Advance(stripesim.DefaultLateBy - time.Minute)
	time.Sleep(300 * time.Millisecond) // several rounds of the courier
	w.ears.mu.Lock()
	early := len(w.ears.heard)
	w.ears.mu.Unlock()
	if early != 0 {
		t.Errorf("%d events came early", early)
	}
	w.bank.Advance(2 * time.Minute)
	w.ears.wait(1)
}

// TestDeliverySwitch changes the chances while the bank runs; the seed decides which events they hit.
func TestDeliverySwitch(t *testing.T) {
	t.Parallel()
	pattern := func(seed string) string {
		w := newWorld(t)
		w.sandbox("delivery", "drop=0.5&seed="+seed)
		var hit strings.Builder
		for n := range 40 {
			c := w.checkout(seed + "-" + itoa(int64(n)))
			if _, err := w.gw.ExpireCheckout(t.Context(), c.ID); err != nil {
				t.Fatal(err)
			}
		}
		for range 400 { // until everything that is to come has come
			_, body, _ := w.call("GET", "/v1/events?limit=100", "", "")
			if !strings.Contains(body, `"pending_webhooks":1`) {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		dropped := map[string]bool{}
		for _, e := range w.must("GET", "events?limit=100&delivery_success=false").list("data") {
			dropped[e.text("id")] = true
		}
		for _, e := range w.must("GET", "events?limit=100").list("data") {
			hit.WriteString(map[bool]string{true: "x", false: "."}[dropped[e.text("id")]])
		}
		return hit.String()
	}
	first, again, other := pattern("5"), pattern("5"), pattern("6")
	if first != again || first == other || !strings.Contains(first, "x") || !strings.Contains(first, ".") {
		t.Errorf("dropped by seed 5: %s, again %s, by seed 6: %s", first, again, other)
	}
	w := newWorld(t)
	for form, want := range map[string]string{
		"dup=2": "dup must be", "drop=-1": "drop must be", "late=x": "late must be", "shuffle_seconds=-1": "shuffle_seconds must be",
		"seed=x": "seed must be",
	} {
		if status, body := w.press("delivery", form); status != 400 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", form, status, body)
		}
	}
}

// TestShuffle: first deliveries spread over the time that was set, not in the order of what happened.
func TestShuffle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if body := w.sandboxJSON("delivery", `{"shuffle_seconds": 60, "seed": 11}`); !strings.Contains(body, `"shuffle_seconds":60`) {
		t.Errorf("switch: %s", body)
	}
	var happened []string
	for n := range 12 {
		c := w.checkout("shuffle" + itoa(int64(n)))
		if _, err := w.gw.ExpireCheckout(t.Context(), c.ID); err != nil {
			t.Fatal(err)
		}
		happened = append(happened, c.ID)
	}
	var came []string
	var steps []int // how many had come after each ten seconds
	for range 6 {
		w.bank.Advance(10 * time.Second)
		time.Sleep(150 * time.Millisecond) // more than a round of the courier
		w.ears.mu.Lock()
		for _, h := range w.ears.heard[len(came):] {
			ev, err := w.gw.ParseEvent(h.body, h.signature)
			if err != nil {
				t.Error(err)
			}
			came = append(came, ev.SessionID)
		}
		w.ears.mu.Unlock()
		steps = append(steps, len(came))
	}
	w.ears.wait(12)
	if strings.Join(came, " ") == strings.Join(happened, " ") || steps[0] == 12 {
		t.Errorf("not shuffled: %v had come after each step", steps)
	}
}

// sandboxJSON presses a switch as a program does that speaks JSON.
func (w *world) sandboxJSON(path, body string) string {
	w.t.Helper()
	res, err := http.Post(w.srv.URL+"/_sandbox/"+path, "application/json", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	answer := readAll(res)
	if res.StatusCode != http.StatusOK {
		w.t.Fatalf("%s %s: %s %s", path, body, res.Status, answer)
	}
	return answer
}
