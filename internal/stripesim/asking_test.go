package stripesim_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/payment"
)

// thing is a JSON object of the API.
type thing map[string]any

func (o thing) text(name string) string { s, _ := o[name].(string); return s }

func (o thing) number(name string) int64 { n, _ := o[name].(float64); return int64(n) }

func (o thing) inner(name string) thing { m, _ := o[name].(map[string]any); return m }

func (o thing) list(name string) []thing {
	all, _ := o[name].([]any)
	out := make([]thing, len(all))
	for i, one := range all {
		out[i] = one.(map[string]any)
	}
	return out
}

// ask is a call that Stripe, too, must understand: both oracles look at it.
func (w *world) ask(method, path string, form ...string) (status int, answer thing) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.srv.URL+"/v1/"+path, strings.NewReader(pairs(form)))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testKey)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := w.srv.Client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	return res.StatusCode, answer
}

// must is ask for a call that succeeds.
func (w *world) must(method, path string, form ...string) thing {
	w.t.Helper()
	status, answer := w.ask(method, path, form...)
	if status != http.StatusOK {
		w.t.Fatalf("%s %s %v: %d %v", method, path, form, status, answer)
	}
	return answer
}

// refused is ask for a call that is refused with this code, or with these words when there is none.
func (w *world) refused(code, method, path string, form ...string) {
	w.t.Helper()
	status, answer := w.ask(method, path, form...)
	e := answer.inner("error")
	if status < 400 || status > 499 || e.text("code") != code && !strings.Contains(e.text("message"), code) {
		w.t.Errorf("%s %s %v: %d %v, want %s", method, path, form, status, answer, code)
	}
}

func pairs(form []string) string {
	v := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		v.Add(form[i], form[i+1])
	}
	return v.Encode()
}

// bought is a payment by a test card that was captured.
func (w *world) bought(card string) payment.Intent {
	w.t.Helper()
	c := w.checkout(card)
	w.pay(c, card)
	i, err := w.gw.Capture(w.t.Context(), w.read(c.ID).Intent.ID, 10_000, card+":capture")
	if err != nil {
		w.t.Fatalf("capture: %v", err)
	}
	return i
}

// happened are the types of all events so far, oldest first.
func (w *world) happened() []string {
	var out []string
	for path := "events?limit=100"; path != ""; {
		l := w.must("GET", path)
		path = ""
		for _, e := range l.list("data") {
			out = append(out, e.text("type"))
			if l["has_more"] == true {
				path = "events?limit=100&starting_after=" + e.text("id")
			}
		}
	}
	slices.Reverse(out)
	return out
}

func (w *world) since(n int) []string { return w.happened()[n:] }

func wantAll(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

// press is a switch that may be refused.
func (w *world) press(path, form string) (status int, body string) {
	w.t.Helper()
	res, err := http.Post(w.srv.URL+"/_sandbox/"+path, "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, readAll(res)
}
