package stripesim_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/payment"
	"forecourt/internal/stripesim/banktest"
)

// browse is a browser's request: switches lead back to a page instead of answering JSON.
func (w *world) browse(method, path string, form url.Values) (status int, body, location string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.srv.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "text/html,application/xhtml+xml")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, readAll(res), res.Header.Get("Location")
}

var (
	oneForm  = regexp.MustCompile(`(?s)<form method="post" action="([^"]+)".*?</form>`)
	hidden   = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	pressing = regexp.MustCompile(`<button type="submit" name="([^"]+)" value="([^"]*)"[^>]*>([^<]*)`)
)

// click presses the button with this text on a page, with what its form holds.
func (w *world) click(page, button string) (status int, location string) {
	w.t.Helper()
	_, body, _ := w.browse(http.MethodGet, page, nil)
	for _, form := range oneForm.FindAllStringSubmatch(body, -1) {
		v := url.Values{}
		for _, h := range hidden.FindAllStringSubmatch(form[0], -1) {
			v.Set(h[1], html.UnescapeString(h[2]))
		}
		for _, b := range pressing.FindAllStringSubmatch(form[0], -1) {
			if strings.TrimSpace(html.UnescapeString(b[3])) == button {
				v.Set(b[1], b[2])
				status, _, location = w.browse(http.MethodPost, form[1], v)
				return status, location
			}
		}
	}
	w.t.Fatalf("%s has no button %q", page, button)
	return 0, ""
}

func (w *world) shows(page string, want ...string) {
	w.t.Helper()
	status, body, _ := w.browse(http.MethodGet, page, nil)
	if status != http.StatusOK || strings.Contains(body, "<script") {
		w.t.Errorf("%s: %d, or it has a script", page, status)
	}
	plain := strings.Join(strings.Fields(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " "))), " ")
	for _, s := range want {
		if !strings.Contains(plain, s) {
			w.t.Errorf("%s does not show %q:\n%s", page, s, plain)
		}
	}
}

// TestDashboardByHand does with the pages' buttons what a person would.
func TestDashboardByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.authorised("hand")
	page := "/payments/" + i.ID
	w.shows(page, "State requires_capture", "Held £100.00", "payment_id payment-hand", "Attempts", "visa 4242")
	press := func(button string) {
		t.Helper()
		if status, to := w.click(page, button); status != http.StatusSeeOther || to != page {
			t.Errorf("%s: %d, leads to %q", button, status, to)
		}
	}
	press("Capture £100.00")
	w.shows(page, "State succeeded", "Net £98.30")
	press("Inquiry: the bank only asks")
	w.shows("/", "Open disputes", "warning_needs_response")
	press("Escalate")
	w.shows(page, "Disputed £100.00", "needs_response")
	press("Win")
	w.shows(page, "Disputed £0.00", "dispute_reversal", "charge.dispute.closed")
	press("Refund £100.00")
	w.shows(page, "Refunded £100.00", "Net −£1.70")
	if l := w.netOf(i.ID); l.Refunded != 10_000 {
		t.Errorf("ledger: %+v", l)
	}
	press("Resend")

	slow := w.bought(banktest.RefundPending)
	if _, err := w.gw.Refund(t.Context(), slow.ID, 500, "x", "slow"); err != nil {
		t.Fatal(err)
	}
	w.shows("/", "Refunds on their way", "pending")
	if status, to := w.click("/", "Arrives"); status != http.StatusSeeOther || to != "/" {
		t.Errorf("arrives: %d %s", status, to)
	}
	before := w.bank.Now()
	w.click("/", "One hour later")
	if w.bank.Now().Sub(before).Hours() != 1 {
		t.Error("the clock did not move by an hour")
	}
	w.click("/", "Break 20 % of what the shop writes")
	w.shows("/", "POST /v1/: mix mix it is executed, 20 % of the calls")
	w.click("/", "No more faults")
	w.shows("/", "Every call is answered", "GBP")

	held := w.authorised("held")
	if status, _ := w.click("/payments/"+held.ID, "Cancel the payment"); status != http.StatusSeeOther {
		t.Errorf("cancel: %d", status)
	}
	if now, err := w.gw.Intent(t.Context(), held.ID); err != nil || now.Status != payment.IntentCanceled {
		t.Errorf("cancelled: %+v %v", now, err)
	}
}

func TestDashboardFindsAndRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i, other := w.captured("find"), w.captured("other")
	w.shows("/?q=ORDER-find", i.ID)
	if _, body, _ := w.browse(http.MethodGet, "/?q=order-find", nil); strings.Contains(body, other.ID) {
		// the events below the table may name it, the table must not
		if strings.Contains(body[:strings.Index(body, `id="events"`)], other.ID) {
			t.Error("the search shows what does not match")
		}
	}
	w.shows("/?q=nobody", "Nothing was found.")
	w.shows("/?n=1", "Show more payments")
	status, body, _ := w.browse(http.MethodPost, "/_sandbox/dispute", url.Values{"payment_intent": {"pi_none"}, "back": {"/payments/x"}})
	if status != http.StatusBadRequest || !strings.Contains(body, "no such payment_intent") || !strings.Contains(body, `href="/payments/x"`) {
		t.Errorf("refused: %d %s", status, body)
	}
	for _, back := range []string{"https://evil.example.com", "//evil.example.com", `/\evil.example.com`, ""} {
		if _, _, to := w.browse(http.MethodPost, "/_sandbox/fault", url.Values{"clear": {"1"}, "back": {back}}); to != "/" {
			t.Errorf("back to %q leads to %q", back, to)
		}
	}
	for form, want := range map[string]string{
		"do=steal&payment_intent=" + i.ID:               "do must be",
		"do=refund&amount=99999&payment_intent=" + i.ID: "greater than",
		"do=capture&payment_intent=pi_none":             "No such payment_intent",
	} {
		if status, body := w.press("merchant", form); status != 400 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", form, status, body)
		}
	}
	if status, _, _ := w.browse(http.MethodGet, "/payments/pi_none", nil); status != http.StatusNotFound {
		t.Errorf("unknown payment: %d", status)
	}
}
