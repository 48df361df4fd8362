package stripesim_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"forecourt/internal/payment"
	"forecourt/internal/platform/money"
	"forecourt/internal/stripesim/banktest"
)

// call is a request as no Stripe library would send it.
func (w *world) call(method, path, key, form string) (status int, body string, header http.Header) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.srv.URL+path, strings.NewReader(form))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testKey)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Foreign", "1") // not the gateway's: Stripe's stub need not like it
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := w.srv.Client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b), res.Header
}

func TestSameKeySameSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.checkout("k")
	if again := w.checkout("k"); again.ID != first.ID || again.URL != first.URL {
		t.Errorf("same key gave another session: %+v", again)
	}
	other := w.request("k")
	other.Amount = money.Of(1, "GBP")
	_, err := w.gw.OpenCheckout(t.Context(), other)
	wantCode(t, err, "idempotency_error")
}

func TestKeyRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.authorised("k")
	path := "/v1/payment_intents/" + i.ID + "/capture"
	// Refused before execution: the key stays free.
	if status, body, _ := w.call("POST", path, "k1", "amount_to_capture=abc"); status != 400 || !strings.Contains(body, "parameter_invalid_integer") {
		t.Errorf("bad integer: %d %s", status, body)
	}
	if status, body, h := w.call("POST", path, "k1", "amount_to_capture=10000"); status != 200 || h.Get("Idempotent-Replayed") != "" {
		t.Errorf("first execution: %d %s", status, body)
	}
	status, _, h := w.call("POST", path, "k1", "amount_to_capture=10000")
	if status != 200 || h.Get("Idempotent-Replayed") != "true" || h.Get("Request-Id") == "" {
		t.Errorf("replay: %d %v", status, h)
	}
	// Another path with the same key is another call.
	if status, body, _ := w.call("POST", "/v1/payment_intents/"+i.ID+"/cancel", "k1", ""); status != 400 || !strings.Contains(body, "idempotency_error") {
		t.Errorf("key on another path: %d %s", status, body)
	}
	// After a day the key is new: the capture runs again and is refused by the state.
	w.sandbox("clock/advance", "seconds=86401")
	if status, body, _ := w.call("POST", path, "k1", "amount_to_capture=10000"); status != 400 || !strings.Contains(body, "unexpected_state") {
		t.Errorf("key after a day: %d %s", status, body)
	}
}

func TestKeyInUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sandbox("fault", "path=/v1/refunds&phase=before&kind=hang")
	hanging := make(chan error, 1)
	client := &http.Client{Timeout: 2 * time.Second}
	hang := func() {
		req, _ := http.NewRequestWithContext(t.Context(), "POST", w.srv.URL+"/v1/refunds", strings.NewReader("payment_intent=pi_x"))
		req.Header.Set("Authorization", "Bearer "+testKey)
		req.Header.Set("Idempotency-Key", "busy")
		req.Header.Set("X-Foreign", "1")
		res, err := client.Do(req)
		if err == nil {
			res.Body.Close()
		}
		hanging <- err
	}
	go hang()
	for {
		status, body, _ := w.call("POST", "/v1/payment_intents/pi_x/cancel", "busy", "")
		if status == http.StatusConflict && strings.Contains(body, "idempotency_key_in_use") {
			break
		}
		if status != http.StatusNotFound { // the hanging call has not come in yet
			t.Fatalf("in flight: %d %s", status, body)
		}
		select {
		case <-hanging: // it met the key in our own hands and was turned away, or ended before we asked again
			w.sandbox("fault", "clear=1")
			w.sandbox("fault", "path=/v1/refunds&phase=before&kind=hang")
			go hang()
		case <-time.After(time.Millisecond):
		}
	}
	if err := <-hanging; err == nil {
		t.Error("the hanging call was answered")
	}
}

func wantUnknown(t *testing.T, err error) {
	t.Helper()
	var g *payment.GatewayError
	if !errors.As(err, &g) || !g.Unknown {
		t.Errorf("error %v, want an unknown outcome", err)
	}
}

// TestFaultBefore and TestFaultAfter break the capture in every way; whatever the gateway hears, the
// money was taken at most once and a later look tells the truth.
func TestFaultBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, kind := range []string{"500", "503", "429", "lock_timeout", "409", "hang", "reset", "truncate", "html"} {
		t.Run(kind, func(t *testing.T) {
			i := w.authorised("before-" + kind)
			w.sandbox("fault", "path=/v1/payment_intents/"+i.ID+"/capture&phase=before&count=100&hang_seconds=1&kind="+kind)
			_, err := w.gw.Capture(t.Context(), i.ID, 10_000, kind+":c")
			wantUnknown(t, err)
			if l := w.ledgerOf(i.ID); l.Captured != 0 {
				t.Errorf("ledger: %+v", l)
			}
			w.sandbox("fault", "clear=1")
			got, err := w.gw.Capture(t.Context(), i.ID, 10_000, kind+":c")
			if err != nil || got.Received != 10_000 {
				t.Errorf("capture with the same key: %+v %v", got, err)
			}
		})
	}
}

func TestFaultAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, kind := range []string{"500", "503", "429", "lock_timeout", "409", "hang", "reset", "truncate", "html"} {
		t.Run(kind, func(t *testing.T) {
			i := w.authorised("after-" + kind)
			w.sandbox("fault", "path=/v1/payment_intents/"+i.ID+"/capture&phase=after&count=100&hang_seconds=1&kind="+kind)
			_, err := w.gw.Capture(t.Context(), i.ID, 10_000, kind+":c")
			wantUnknown(t, err)
			if l := w.ledgerOf(i.ID); l.Captured != 10_000 {
				t.Errorf("ledger: %+v", l)
			}
			w.sandbox("fault", "clear=1")
			if now, err := w.gw.Intent(t.Context(), i.ID); err != nil || now.Received != 10_000 {
				t.Errorf("look: %+v %v", now, err)
			}
			// The key of a 500 gives that answer for a day, as in the original: then the intent itself tells.
			if now, err := w.gw.Capture(t.Context(), i.ID, 10_000, kind+":c"); err != nil || now.Received != 10_000 {
				t.Errorf("same key: %+v %v", now, err)
			}
		})
	}
}

// TestASpoiledKeyHoldsNothingUp: what was done behind a 500 is found, for each call that moves money, and done once.
func TestASpoiledKeyHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	broken := func(path string) { w.sandbox("fault", "phase=after&kind=500&method=POST&count=1&path="+path) }

	i := w.authorised("void")
	broken("/v1/payment_intents/" + i.ID + "/cancel")
	_, err := w.gw.Void(t.Context(), i.ID, "v")
	wantUnknown(t, err)
	if now, err := w.gw.Void(t.Context(), i.ID, "v"); err != nil || now.Status != payment.IntentCanceled {
		t.Errorf("void behind a spoiled key: %+v %v", now, err)
	}

	i = w.authorised("refund")
	if _, err := w.gw.Capture(t.Context(), i.ID, 10_000, "c"); err != nil {
		t.Fatal(err)
	}
	broken("/v1/refunds")
	_, err = w.gw.Refund(t.Context(), i.ID, 4_000, "part", "r")
	wantUnknown(t, err)
	r, err := w.gw.Refund(t.Context(), i.ID, 4_000, "part", "r")
	if err != nil || r.AmountMinor != 4_000 || r.Ref != "part" {
		t.Errorf("refund behind a spoiled key: %+v %v", r, err)
	}
	if l := w.ledgerOf(i.ID); l.Refunded != 4_000 {
		t.Errorf("refunded %d, not 4000 once", l.Refunded)
	}
}

// TestOneFaultIsHealed: the library itself sends the call again with the same key.
func TestOneFaultIsHealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, kind := range []string{"503", "reset", "lock_timeout", "409", "503&should_retry=true"} {
		i := w.authorised("healed-" + kind)
		w.sandbox("fault", "path=/v1/payment_intents/&method=POST&phase=after&kind="+kind)
		if got, err := w.gw.Capture(t.Context(), i.ID, 10_000, kind+":h"); err != nil || got.Received != 10_000 {
			t.Errorf("%s: %+v %v", kind, got, err)
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := func(change func(url.Values)) string {
		v := url.Values{
			"mode": {"payment"}, "success_url": {shop}, "line_items[0][quantity]": {"1"},
			"line_items[0][price_data][currency]": {"eur"}, "line_items[0][price_data][unit_amount]": {"500"},
			"line_items[0][price_data][product_data][name]": {"Deposit"},
		}
		change(v)
		return v.Encode()
	}
	set := func(k, s string) func(url.Values) { return func(v url.Values) { v.Set(k, s) } }
	soon := w.clock.Now().Add(time.Minute).Unix()
	for name, c := range map[string]struct {
		method, path, form, want string
		status                   int
	}{
		"unknown parameter": {"POST", "/v1/checkout/sessions", session(set("nonsense", "1")), "parameter_unknown", 400},
		"no amount":         {"POST", "/v1/checkout/sessions", session(set("line_items[0][price_data][unit_amount]", "")), "parameter_missing", 400},
		"negative":          {"POST", "/v1/checkout/sessions", session(set("line_items[0][price_data][unit_amount]", "-5")), "unit_amount", 400},
		"script address":    {"POST", "/v1/checkout/sessions", session(set("success_url", "javascript:alert(1)")), "url_invalid", 400},
		"ends too soon":     {"POST", "/v1/checkout/sessions", session(set("expires_at", itoa(soon))), "expires_at", 400},
		"no lines":          {"POST", "/v1/checkout/sessions", "mode=payment&success_url=" + shop, "line_items", 400},
		"other mode":        {"POST", "/v1/checkout/sessions", session(set("mode", "subscription")), "mode", 400},
		"bad expansion":     {"POST", "/v1/checkout/sessions", session(set("expand[]", "subscription")), "expand", 400},
		"no such session":   {"GET", "/v1/checkout/sessions/cs_none", "", "resource_missing", 404},
		"no such intent":    {"GET", "/v1/payment_intents/pi_none", "", "resource_missing", 404},
		"no such event":     {"GET", "/v1/events/evt_none", "", "resource_missing", 404},
		"no such path":      {"GET", "/v1/invoices", "", "Unrecognized", 404},
		"no such method":    {"DELETE", "/v1/refunds/re_1", "", "Unrecognized", 404},
		"limit":             {"GET", "/v1/events?limit=101", "", "limit", 400},
		"bad escape":        {"POST", "/v1/refunds", "a=%zz", "form", 400},
		"large":             {"POST", "/v1/refunds", "a=" + strings.Repeat("x", 70_000), "64 KB", 413},
	} {
		status, body, _ := w.call(c.method, c.path, "", c.form)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s, want %d with %q", name, status, body, c.status, c.want)
		}
	}
}

func TestWrongKeyIs401(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, auth := range []string{"", "Bearer sk_test_other", "Bearer ", "Basic c2tfdGVzdF9vdGhlcjo="} {
		req, _ := http.NewRequest("GET", w.srv.URL+"/v1/events", nil)
		req.Header.Set("Authorization", auth)
		req.Header.Set("X-Foreign", "1")
		res, err := w.srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%q: %s", auth, res.Status)
		}
	}
}

func TestCursors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, key := range []string{"1", "2", "3", "4", "5"} {
		w.captured(key)
	}
	var seen []string
	for path := "/v1/payment_intents?limit=2"; path != ""; {
		_, body, _ := w.call("GET", path, "", "")
		l := parseList(t, body)
		seen = append(seen, l.ids()...)
		path = ""
		if l.HasMore {
			path = "/v1/payment_intents?limit=2&starting_after=" + seen[len(seen)-1]
		}
	}
	if len(seen) != 5 {
		t.Fatalf("pages gave %v", seen)
	}
	_, body, _ := w.call("GET", "/v1/payment_intents?limit=2&ending_before="+seen[3], "", "")
	if l := parseList(t, body); !l.HasMore || len(l.Data) != 2 || l.Data[0].ID != seen[1] || l.Data[1].ID != seen[2] {
		t.Errorf("page before %s: %+v of %v", seen[3], l, seen)
	}
	_, body, _ = w.call("GET", "/v1/events?limit=100&types[]=charge.captured&types[]=charge.failed", "", "")
	if l := parseList(t, body); len(l.Data) != 5 {
		t.Errorf("captures: %s", body)
	}
	for _, path := range []string{"/v1/charges", "/v1/checkout/sessions?expand[]=data.payment_intent", "/v1/webhook_endpoints", "/v1/refunds"} {
		if status, body, _ := w.call("GET", path, "", ""); status != 200 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// TestPageKeepsWhatWasTyped: everything but the security code survives a mistake and a decline.
func TestPageKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.checkout("page")
	for _, form := range []struct {
		number, expiry string
		status         int
		says           string
	}{
		{"4242 4242 4242 4241", "12/40", 422, "Check the card number"},
		{"4242 4242 4242 4242", "13/40", 422, "month and year"},
		{"4242 4242 4242 4242", "12/19", 422, "has expired"},
		{banktest.Declined, "12 / 40", 402, "declined"},
	} {
		v := url.Values{"number": {form.number}, "expiry": {form.expiry}, "cvc": {"987"}, "name": {`Ada "<script>" O'Neil`}}
		res, err := w.srv.Client().PostForm(c.URL, v)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		page := string(body)
		if res.StatusCode != form.status || !strings.Contains(page, form.says) {
			t.Errorf("%s %s: %s, want %d and %q", form.number, form.expiry, res.Status, form.status, form.says)
		}
		if !strings.Contains(page, `value="`+form.number+`"`) || !strings.Contains(page, `value="`+form.expiry+`"`) {
			t.Errorf("%s: typed values are lost", form.number)
		}
		if !strings.Contains(page, `name="cvc" type="text" value=""`) || strings.Contains(page, "<script>") {
			t.Errorf("%s: the page holds the security code or unescaped text", form.number)
		}
	}
}
