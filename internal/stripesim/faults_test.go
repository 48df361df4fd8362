package stripesim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/payment"
	"forecourt/internal/stripesim/banktest"
)

// TestFaultRate breaks a part of the calls by seed: the same seed breaks the same ones.
func TestFaultRate(t *testing.T) {
	t.Parallel()
	pattern := func(seed string) (broken []bool, struck int64) {
		w := newWorld(t)
		w.sandbox("fault", "rate=0.2&phase=before&kind=503&method=POST&seed="+seed)
		for n := range 200 {
			status, body, _ := w.call("POST", "/v1/payment_intents/pi_none/cancel", fmt.Sprint(n), "")
			if status != 404 && status != 503 {
				t.Fatalf("%d %s", status, body)
			}
			broken = append(broken, status == 503)
		}
		if status, _, _ := w.call("GET", "/v1/events", "", ""); status != 200 {
			t.Error("a GET broke, too")
		}
		_, body, _ := w.get("/_sandbox/fault")
		var o thing
		if err := json.Unmarshal([]byte(body), &o); err != nil {
			t.Fatal(err)
		}
		w.sandbox("fault", "clear=1")
		if status, _, _ := w.call("POST", "/v1/payment_intents/pi_none/cancel", "", ""); status != 404 {
			t.Error("the rate stands after it was cleared")
		}
		return broken, o.inner("struck").number("before 503")
	}
	first, struck := pattern("7")
	again, _ := pattern("7")
	other, _ := pattern("8")
	if !slices.Equal(first, again) || slices.Equal(first, other) {
		t.Error("the seed does not decide")
	}
	if struck < 20 || struck > 60 {
		t.Errorf("%d of 200 broke at a rate of 0.2", struck)
	}
}

// TestFaultMix: whatever a mixed rate does, captures happen once and the truth can be read.
func TestFaultMix(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all []payment.Intent
	for n := range 12 {
		all = append(all, w.authorised(fmt.Sprint("mix", n)))
	}
	w.sandbox("fault", "rate=0.6&phase=mix&kind=mix&method=POST&seed=3&hang_seconds=1&path=/v1/payment_intents/")
	for n, i := range all {
		for range 20 {
			if _, err := w.gw.Capture(t.Context(), i.ID, 10_000, fmt.Sprint("mix", n, ":capture")); err == nil {
				break
			}
		}
	}
	w.sandbox("fault", "clear=1")
	for _, i := range all {
		now, err := w.gw.Intent(t.Context(), i.ID)
		if err != nil || now.Received != 10_000 {
			t.Errorf("%+v %v", now, err)
		}
		w.netOf(i.ID)
	}
	for form, want := range map[string]string{
		"rate=1.1&phase=mix&kind=mix":               "rate must be",
		"rate=NaN&phase=mix&kind=mix":               "rate must be",
		"rate=0.1&phase=mix&kind=mix&seed=-1":       "seed must be",
		"path=/v1/&phase=mix&kind=500":              "phase must be",
		"path=/v1/&phase=after&kind=mix":            "kind must be",
		"path=/v1/&phase=after&kind=500&count=0":    "count must be",
		"rate=0.1&phase=after&kind=odd":             "kind must be",
		"rate=0.1&phase=after&kind=500&path=/c/pay": "path must begin",
	} {
		if status, body := w.press("fault", form); status != 400 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s, want %s", form, status, body, want)
		}
	}
}

// TestAKeyThatWasAnsweredWith500OpensAPageAllTheSame: the bank made the page, said 500, and says so to that key for
// a day. Whoever asks again gets a page to pay on, everybody the same one, also when that key is spoiled too.
func TestAKeyThatWasAnsweredWith500OpensAPageAllTheSame(t *testing.T) {
	t.Parallel()
	for _, spoiled := range []int{1, 2} {
		w := newWorld(t)
		w.sandbox("fault", fmt.Sprintf("phase=after&kind=500&method=POST&path=/v1/checkout/sessions&count=%d", spoiled))
		var pages []payment.Checkout
		for try := 0; len(pages) < 3; try++ {
			c, err := w.gw.OpenCheckout(t.Context(), w.request("spoiled"))
			var g *payment.GatewayError
			switch {
			case err == nil:
				pages = append(pages, c)
			case !errors.As(err, &g) || !g.Unknown || try >= spoiled:
				t.Fatalf("%d keys spoiled, try %d: %v", spoiled, try, err)
			}
		}
		if pages[0].ID == "" || pages[1].ID != pages[0].ID || pages[2].ID != pages[0].ID {
			t.Errorf("%d keys spoiled: different pages %v", spoiled, pages)
		}
		w.pay(pages[0], banktest.Visa)
		if in, err := w.gw.Checkout(t.Context(), pages[0].ID); err != nil || in.PaymentID != w.request("spoiled").PaymentID {
			t.Errorf("the page that was paid: %+v %v", in, err)
		}
	}
}
