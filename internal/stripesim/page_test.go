package stripesim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/stripesim/banktest"
)

func (w *world) get(path string) (status int, body string, header http.Header) {
	w.t.Helper()
	res, err := w.srv.Client().Get(w.srv.URL + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, readAll(res), res.Header
}

func TestPageSpeaksTheSessionsLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for locale, want := range map[string]string{
		"en-GB": "£100.00", "it": "100,00\u00a0£", "fr": "100,00\u00a0£", "de": "100,00\u00a0£", "es": "100,00\u00a0£", "ro": "100,00\u00a0GBP",
	} {
		r := w.request("lang-" + locale)
		r.Locale, r.Description = locale, `<b>Deposit</b> & "more"`
		c, err := w.gw.OpenCheckout(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		status, page, h := w.get(strings.TrimPrefix(c.URL, w.srv.URL))
		if status != http.StatusOK || !strings.Contains(page, want) || !strings.Contains(page, `<html lang="`+locale[:2]+`"`) {
			t.Errorf("%s: %d without %s", locale, status, want)
		}
		if strings.Contains(page, "<b>Deposit") || strings.Contains(page, "<script") || strings.Contains(page, "style=") {
			t.Errorf("%s: the page is not escaped or not plain", locale)
		}
		policy := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'self';") || !strings.HasSuffix(policy, "form-action 'self' "+shop) {
			t.Errorf("%s: policy %s", locale, policy)
		}
	}
}

func TestUseThisCardFillsTheForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.checkout("fill")
	_, page, _ := w.get(strings.TrimPrefix(c.URL, w.srv.URL) + "?card=amex")
	for _, want := range []string{`value="3782 8224 6310 005"`, `value="1234"`, `autocomplete="cc-number"`, `autocomplete="cc-exp"`,
		`autocomplete="cc-csc"`, `autocomplete="cc-name"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if back, err := banktest.Cancel(t.Context(), w.srv.Client(), c.URL); err != nil || back != shop+"/back" {
		t.Errorf("cancel leads to %s, %v", back, err)
	}
}

func TestPagesAtTheWrongTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paid, expired, open := w.checkout("1"), w.checkout("2"), w.checkout("3")
	w.pay(paid, banktest.Visa)
	if _, err := w.gw.ExpireCheckout(t.Context(), expired.ID); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"/c/pay/" + paid.ID:                   http.StatusOK,
		"/c/pay/" + paid.ID + "/challenge":    http.StatusOK,
		"/c/pay/" + expired.ID:                http.StatusGone,
		"/c/pay/" + expired.ID + "/challenge": http.StatusGone,
		"/c/pay/" + open.ID + "/challenge":    http.StatusOK, // sent to the form
		"/c/pay/cs_test_none":                 http.StatusNotFound,
		"/c/pay/cs_test_none/challenge":       http.StatusNotFound,
		"/":                                   http.StatusOK,
		"/c/bank.css":                         http.StatusOK,
		"/c/bank.svg":                         http.StatusOK,
		"/elsewhere":                          http.StatusNotFound,
	} {
		if status, body, _ := w.get(path); status != want {
			t.Errorf("%s: %d, want %d\n%s", path, status, want, body)
		}
	}
	_, body, _ := w.get("/c/pay/" + paid.ID)
	if strings.Contains(body, "<form") || !strings.Contains(body, "already paid") {
		t.Error("a paid session shows a form")
	}
}

func TestBadPosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.checkout("bad")
	post := func(address, origin string, form url.Values) int {
		req, _ := http.NewRequest("POST", address, strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if origin != "" {
			req.Header.Set("Origin", origin)
			req.Header.Set("Sec-Fetch-Site", "cross-site")
		}
		res, err := w.srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	card := url.Values{"number": {banktest.Visa}, "expiry": {"12/40"}, "cvc": {"123"}, "name": {"x\xff\xfe\u202e"}}
	for name, got := range map[string][2]int{
		"empty form":     {post(c.URL, "", nil), 422},
		"large form":     {post(c.URL, "", url.Values{"name": {strings.Repeat("x", 70_000)}}), 413},
		"other site":     {post(c.URL, "https://evil.example.com", card), 403},
		"no challenge":   {post(c.URL+"/challenge", "", url.Values{"answer": {"complete"}}), 402},
		"unknown":        {post(w.srv.URL+"/c/pay/cs_none", "", card), 404},
		"fault elsewher": {post(w.srv.URL+"/_sandbox/fault", "", url.Values{"path": {"/c/"}, "phase": {"before"}, "kind": {"500"}}), 400},
		"clock back":     {post(w.srv.URL+"/_sandbox/clock/advance", "", url.Values{"seconds": {"-1"}}), 400},
		"no event":       {post(w.srv.URL+"/_sandbox/resend", "", url.Values{"event": {"evt_none"}}), 400},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %d, want %d", name, got[0], got[1])
		}
	}
	if l := w.bank.Ledger(); len(l) != 0 {
		t.Errorf("something was paid: %+v", l)
	}
}

func TestLedgerAndClockOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.captured("ledger")
	_, body, _ := w.get("/_sandbox/ledger")
	for _, want := range []string{`"order_id":"order-ledger"`, `"payment_id":"payment-ledger"`, `"captured":10000`, `"refunded":0`,
		`"authorised":10000`, `"status":"succeeded"`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
	before := w.bank.Now()
	res, err := http.Post(w.srv.URL+"/_sandbox/clock/advance", "application/json", strings.NewReader(`{"seconds": 90}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if moved := w.bank.Now().Sub(before); moved.Seconds() != 90 {
		t.Errorf("the clock moved by %v: %s", moved, readAll(res))
	}
}
