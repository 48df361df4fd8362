package stripesim_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"forecourt/internal/payment"
	"forecourt/internal/stripesim"
	"forecourt/internal/stripesim/banktest"
)

// intent makes an intent without a hosted page.
func (w *world) intent(more ...string) (status int, answer thing) {
	w.t.Helper()
	return w.ask("POST", "payment_intents", append([]string{
		"amount", "20000", "currency", "eur", "payment_method_types[]", "card", "metadata[payment_id]", "p-1",
	}, more...)...)
}

func (w *world) mustIntent(more ...string) thing {
	w.t.Helper()
	status, answer := w.intent(more...)
	if status != http.StatusOK {
		w.t.Fatalf("intent %v: %d %v", more, status, answer)
	}
	return answer
}

// TestIntentByHand walks an intent through its states with calls only.
func TestIntentByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pi := w.mustIntent("capture_method", "manual", "description", "Deposit")
	id := "payment_intents/" + pi.text("id")
	if pi.text("status") != "requires_payment_method" || pi.text("capture_method") != "manual" {
		t.Fatalf("fresh: %v", pi)
	}
	w.refused("payment_intent_unexpected_state", "POST", id+"/confirm")
	pi = w.must("POST", id, "payment_method", "pm_card_visa", "amount", "15000", "metadata[order_id]", "o-1")
	if pi.text("status") != "requires_confirmation" || pi.number("amount") != 15_000 || pi.inner("metadata").text("payment_id") != "p-1" {
		t.Errorf("with a card: %v", pi)
	}
	pi = w.must("POST", id+"/confirm", "expand[]", "latest_charge", "expand[]", "payment_method")
	charge := pi.inner("latest_charge")
	if pi.text("status") != "requires_capture" || pi.number("amount_capturable") != 15_000 || charge["captured"] != false ||
		pi.inner("payment_method").inner("card").text("last4") != "4242" {
		t.Errorf("confirmed: %v", pi)
	}
	w.refused("payment_intent_unexpected_state", "POST", id+"/confirm")
	w.refused("amount", "POST", id, "amount", "1")
	if pi = w.must("POST", id, "description", "Words may change"); pi.text("description") != "Words may change" {
		t.Errorf("changed: %v", pi)
	}
	pi = w.must("POST", id+"/capture", "amount_to_capture", "6000", "expand[]", "latest_charge.balance_transaction")
	charge = pi.inner("latest_charge")
	if pi.text("status") != "succeeded" || pi.number("amount_received") != 6_000 || charge.number("amount_captured") != 6_000 ||
		charge.inner("balance_transaction").number("amount") != 6_000 {
		t.Errorf("captured: %v", pi)
	}
	if l := w.netOf(pi.text("id")); l.Held != 0 || l.Captured != 6_000 || l.PaymentID != "p-1" || l.OrderID != "o-1" || l.Session != "" {
		t.Errorf("ledger: %+v", l)
	}
	wantAll(t, w.happened(), "payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated",
		"charge.captured", "payment_intent.succeeded")
	w.refused("payment_intent_unexpected_state", "POST", id+"/cancel")
	gone := w.mustIntent("payment_method", "pm_card_visa")
	if gone = w.must("POST", "payment_intents/"+gone.text("id")+"/cancel", "cancellation_reason", "duplicate"); gone.text("status") != "canceled" {
		t.Errorf("cancelled: %v", gone)
	}
}

// TestRestOfPartialCapture: what was released is shown as refunded, and neither the ledger nor our client takes
// it for money that went back.
func TestRestOfPartialCapture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pi := w.mustIntent("capture_method", "manual", "payment_method", "pm_card_visa", "confirm", "true")
	pi = w.must("POST", "payment_intents/"+pi.text("id")+"/capture", "amount_to_capture", "6000", "expand[]", "latest_charge")
	c := pi.inner("latest_charge")
	if c.number("amount_refunded") != 14_000 || c["refunded"] != false {
		t.Errorf("charge: %v", c)
	}
	ours := func(received, refunded int64) {
		t.Helper()
		in, err := w.gw.Intent(t.Context(), pi.text("id"))
		if err != nil || in.Received != received || in.Refunded != refunded {
			t.Errorf("our client sees %d received, %d refunded, %v; want %d and %d", in.Received, in.Refunded, err, received, refunded)
		}
	}
	ours(6_000, 0)
	w.must("POST", "refunds", "charge", c.text("id"), "amount", "2500")
	ours(6_000, 2_500)
	w.must("POST", "refunds", "charge", c.text("id"))
	ours(6_000, 6_000)
	if l := w.netOf(pi.text("id")); l.Captured != 6_000 || l.Refunded != 6_000 {
		t.Errorf("ledger: %+v", l)
	}
	if c = w.must("GET", "charges/"+c.text("id")); c["refunded"] != true {
		t.Errorf("charge: %v", c)
	}
}

func TestAsyncCapture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pi := w.mustIntent("capture_method", "automatic_async", "payment_method", "pm_card_mastercard", "confirm", "true", "expand[]", "latest_charge")
	if c := pi.inner("latest_charge"); pi.text("status") != "succeeded" || c["balance_transaction"] != nil || c["captured"] != true {
		t.Errorf("at once: %v", pi)
	}
	w.sandbox("clock/advance", "seconds=60")
	c := w.must("GET", "charges/"+pi.inner("latest_charge").text("id")+"?expand[]=balance_transaction")
	if c.inner("balance_transaction").number("net") != 20_000-320 {
		t.Errorf("a minute later: %v", c)
	}
	if got := w.happened(); got[len(got)-1] != "charge.updated" {
		t.Errorf("events: %v", got)
	}
	w.netOf(pi.text("id"))
}

// TestDeclinedConfirm: a decline answers 402 with the intent, which can be confirmed again.
func TestDeclinedConfirm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, answer := w.intent("payment_method", "pm_card_visa_chargeDeclinedInsufficientFunds", "confirm", "true")
	e := answer.inner("error")
	pi := e.inner("payment_intent")
	if status != 402 || e.text("type") != "card_error" || e.text("decline_code") != "insufficient_funds" ||
		pi.text("status") != "requires_payment_method" || e.text("charge") == "" || e.inner("payment_method").text("id") == "" {
		t.Fatalf("declined: %d %v", status, answer)
	}
	if pi = w.must("POST", "payment_intents/"+pi.text("id")+"/confirm", "payment_method", "pm_card_visa"); pi.text("status") != "succeeded" || pi["last_payment_error"] != nil {
		t.Errorf("second card: %v", pi)
	}
	w.refused("resource_missing", "POST", "payment_intents", "amount", "100", "currency", "eur", "payment_method_types[]", "card", "payment_method", "pm_none")
	w.refused("return_url", "POST", "payment_intents", "amount", "100", "currency", "eur", "payment_method", "pm_card_visa", "confirm", "true")
	w.refused("off_session", "POST", "payment_intents", "amount", "100", "currency", "eur", "payment_method", "pm_card_visa", "off_session", "true")
	w.must("POST", "payment_intents", "amount", "100", "currency", "eur", "payment_method", "pm_card_visa", "confirm", "true",
		"automatic_payment_methods[enabled]", "true", "automatic_payment_methods[allow_redirects]", "never")
}

// secure answers the challenge of an intent as a person would.
func (w *world) secure(pi thing, answer string) *url.URL {
	w.t.Helper()
	page := pi.inner("next_action").inner("redirect_to_url").text("url")
	if status, body, _ := w.get(strings.TrimPrefix(page, w.srv.URL)); status != 200 || !strings.Contains(body, "3-D Secure") {
		w.t.Fatalf("challenge page: %d %s", status, body)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(page, url.Values{"answer": {answer}})
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode == http.StatusOK {
		return nil
	}
	to, err := res.Location()
	if err != nil {
		w.t.Fatalf("after the challenge: %s %v", res.Status, err)
	}
	return to
}

func TestChallengeOfAnIntent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	back := []string{"payment_method", "pm_card_threeDSecure2Required", "confirm", "true", "return_url", shop + "/back?x=1"}
	pi := w.mustIntent(back...)
	if pi.text("status") != "requires_action" {
		t.Fatalf("challenge: %v", pi)
	}
	to := w.secure(pi, "complete")
	if q := to.Query(); to.Path != "/back" || q.Get("x") != "1" || q.Get("redirect_status") != "succeeded" || q.Get("payment_intent") != pi.text("id") {
		t.Errorf("leads to %v", to)
	}
	pi = w.must("GET", "payment_intents/"+pi.text("id")+"?expand[]=latest_charge")
	secure := pi.inner("latest_charge").inner("payment_method_details").inner("card").inner("three_d_secure")
	if pi.text("status") != "succeeded" || secure.text("authentication_flow") != "challenge" {
		t.Errorf("after the challenge: %v", pi)
	}
	pi = w.mustIntent(back...)
	if to = w.secure(pi, "fail"); to.Query().Get("redirect_status") != "failed" {
		t.Errorf("leads to %v", to)
	}
	pi = w.must("GET", "payment_intents/"+pi.text("id"))
	if pi.text("status") != "requires_payment_method" || pi.inner("last_payment_error").text("code") != "payment_intent_authentication_failure" {
		t.Errorf("after the failed challenge: %v", pi)
	}
	// Confirmed by hand: after the challenge the server has the last word. Nowhere to return to, too.
	pi = w.mustIntent("payment_method", "pm_card_authenticationRequired", "confirm", "true", "confirmation_method", "manual")
	if to = w.secure(pi, "complete"); to != nil {
		t.Errorf("leads to %v", to)
	}
	if pi = w.must("GET", "payment_intents/"+pi.text("id")); pi.text("status") != "requires_confirmation" {
		t.Errorf("by hand: %v", pi)
	}
	if pi = w.must("POST", "payment_intents/"+pi.text("id")+"/confirm"); pi.text("status") != "succeeded" {
		t.Errorf("confirmed by hand: %v", pi)
	}
	for path, want := range map[string]int{"/c/secure/pi_none": 404, "/c/secure/" + pi.text("id"): 200} {
		if status, _, _ := w.get(path); status != want {
			t.Errorf("%s: %d", path, status)
		}
	}
	// Nobody there, or a challenge not wanted: declined.
	for _, how := range []string{"off_session", "error_on_requires_action"} {
		status, answer := w.intent("payment_method", "pm_card_authenticationRequired", "confirm", "true", how, "true")
		if e := answer.inner("error"); status != 402 || e.text("code") != "authentication_required" {
			t.Errorf("%s: %d %v", how, status, answer)
		}
	}
}

// TestOptionalChallenge: the card asks only when the merchant does.
func TestOptionalChallenge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if pi := w.mustIntent("payment_method", "pm_card_threeDSecureOptional", "confirm", "true"); pi.text("status") != "succeeded" {
		t.Errorf("not asked: %v", pi)
	}
	if pi := w.mustIntent("payment_method", "pm_card_threeDSecureOptional", "confirm", "true",
		"payment_method_options[card][request_three_d_secure]", "any"); pi.text("status") != "requires_action" {
		t.Errorf("asked: %v", pi)
	}
}

// TestMerchantInitiated: an authorisation without the card holder holds shorter on Visa.
func TestMerchantInitiated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		method, off string
		want        time.Duration
	}{
		{"pm_card_visa", "true", 4*24*time.Hour + 18*time.Hour}, {"pm_card_visa", "false", 7 * 24 * time.Hour},
		{"pm_card_mastercard", "true", 7 * 24 * time.Hour},
	} {
		pi := w.mustIntent("payment_method", c.method, "confirm", "true", "capture_method", "manual", "off_session", c.off, "expand[]", "latest_charge")
		before := pi.inner("latest_charge").inner("payment_method_details").inner("card").number("capture_before")
		if got := time.Unix(before, 0).Sub(time.Unix(w.clock.Now().Unix(), 0)); got != c.want {
			t.Errorf("%s off_session=%s holds %v, want %v", c.method, c.off, got, c.want)
		}
		if c.off == "true" && c.method == "pm_card_visa" {
			w.sandbox("clock/advance", "seconds="+itoa(int64(c.want.Seconds())))
			if pi = w.must("GET", "payment_intents/"+pi.text("id")); pi.text("cancellation_reason") != "automatic" {
				t.Errorf("after its window: %v", pi)
			}
		}
	}
}

// TestKeptCard: a card that was confirmed once with its holder there is used later without him.
func TestKeptCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.must("POST", "customers", "email", "ada@example.com", "name", "Ada", "address[city]", "Leeds", "metadata[a]", "1", "metadata[b]", "2")
	who = w.must("POST", "customers/"+who.text("id"), "phone", "+44 113 496 0000", "metadata[a]", "")
	if who.inner("address").text("city") != "Leeds" || who.inner("metadata").text("b") != "2" || len(who.inner("metadata")) != 1 {
		t.Errorf("customer: %v", who)
	}
	id := who.text("id")
	pi := w.mustIntent("payment_method", "pm_card_authenticationRequiredOnSetup", "customer", id, "setup_future_usage", "off_session",
		"confirm", "true", "return_url", shop)
	w.secure(pi, "complete")
	pi = w.must("GET", "payment_intents/"+pi.text("id")+"?expand[]=customer")
	if pi.inner("customer").text("email") != "ada@example.com" {
		t.Errorf("intent: %v", pi)
	}
	later := w.mustIntent("payment_method", pi.text("payment_method"), "customer", id, "off_session", "true", "confirm", "true")
	if later.text("status") != "succeeded" {
		t.Errorf("later: %v", later)
	}
	w.refused("customer", "POST", "payment_intents", "amount", "100", "currency", "eur", "payment_method_types[]", "card", "payment_method", pi.text("payment_method"))
	if l := w.must("GET", "payment_methods?type=card&customer="+id).list("data"); len(l) != 1 {
		t.Errorf("kept cards: %v", l)
	}
	if l := w.must("GET", "customers?email=ada@example.com").list("data"); len(l) != 1 {
		t.Errorf("customers: %v", l)
	}
	// Keeping this card works, using it does not.
	kept := w.must("POST", "payment_methods/pm_card_chargeCustomerFail/attach", "customer", id)
	status, answer := w.intent("payment_method", kept.text("id"), "customer", id, "off_session", "true", "confirm", "true")
	if status != 402 || answer.inner("error").text("code") != "card_declined" {
		t.Errorf("kept, then declined: %d %v", status, answer)
	}
}

// TestCustomerOfASession: made of the buyer when the shop asks for it, or named by the shop.
func TestCustomerOfASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	open := func(more ...string) thing {
		return w.must("POST", "checkout/sessions", append([]string{"mode", "payment", "success_url", shop,
			"line_items[0][quantity]", "2", "line_items[0][price_data][currency]", "eur", "line_items[0][price_data][unit_amount]", "500",
			"line_items[0][price_data][product_data][name]", "Mats", "expand[]", "line_items"}, more...)...)
	}
	s := open("customer_creation", "always", "customer_email", "bob@example.com", "payment_intent_data[capture_method]", "automatic_async")
	item := s.inner("line_items").list("data")[0]
	if item.number("amount_total") != 1_000 || item.inner("price").number("unit_amount") != 500 || s["customer"] != nil {
		t.Errorf("session: %v", s)
	}
	if _, err := banktest.Pay(t.Context(), w.srv.Client(), s.text("url"), banktest.Visa); err != nil {
		t.Fatal(err)
	}
	s = w.must("GET", "checkout/sessions/"+s.text("id")+"?expand[]=customer&expand[]=payment_intent")
	if who := s.inner("customer"); who.text("email") != "bob@example.com" || s.inner("payment_intent").text("customer") != who.text("id") ||
		s.inner("payment_intent").text("capture_method") != "automatic_async" {
		t.Errorf("paid: %v", s)
	}
	again := open("customer", s.inner("customer").text("id"))
	if again.text("customer") != s.inner("customer").text("id") {
		t.Errorf("named: %v", again)
	}
	if l := w.must("GET", "checkout/sessions?status=open&customer="+again.text("customer")).list("data"); len(l) != 1 {
		t.Errorf("open sessions: %v", l)
	}
	if l := w.must("GET", "checkout/sessions/"+again.text("id")+"/line_items").list("data"); len(l) != 1 {
		t.Errorf("lines: %v", l)
	}
	w.refused("customer", "POST", "checkout/sessions", "mode", "payment", "success_url", shop, "customer", "cus_none",
		"line_items[0][quantity]", "1", "line_items[0][price_data][currency]", "eur", "line_items[0][price_data][unit_amount]", "500",
		"line_items[0][price_data][product_data][name]", "Mats")
}

// TestSlowCards stay in processing for ten minutes; then the session is told how it ended.
func TestSlowCards(t *testing.T) {
	t.Parallel()
	for number, c := range map[string]struct{ status, event string }{
		banktest.Slow:      {"requires_capture", "checkout.session.async_payment_succeeded"},
		banktest.SlowFails: {"requires_payment_method", "checkout.session.async_payment_failed"},
	} {
		w := newWorld(t)
		s := w.checkout("slow")
		w.pay(s, number)
		now := w.read(s.ID)
		if now.Status != payment.SessionComplete || now.Intent.Status != "processing" {
			t.Fatalf("%s: %+v %+v", number, now, now.Intent)
		}
		w.refused("payment_intent_unexpected_state", "POST", "payment_intents/"+now.Intent.ID+"/cancel")
		before := len(w.happened())
		w.sandbox("clock/advance", "seconds=600")
		if now = w.read(s.ID); string(now.Intent.Status) != c.status {
			t.Errorf("%s: %+v", number, now.Intent)
		}
		if got := w.since(before); !slices.Contains(got, c.event) {
			t.Errorf("%s: events %v", number, got)
		}
		w.netOf(now.Intent.ID)
		if status, body, _ := w.get(strings.TrimPrefix(s.URL, w.srv.URL)); number == banktest.SlowFails && (status != http.StatusGone || strings.Contains(body, "already paid")) {
			t.Errorf("page after the failure: %d %s", status, body)
		}
	}
}

// TestUnknownOutcomeCards: the payment goes through, but who pays does not hear of it.
func TestUnknownOutcomeCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, number := range []string{banktest.Unknown500, banktest.UnknownReset, banktest.UnknownHang} {
		c := w.checkout(number)
		client := &http.Client{Timeout: 500 * time.Millisecond}
		if to, err := banktest.Pay(t.Context(), client, c.URL, number); err == nil {
			t.Errorf("%s leads to %s", number, to)
		}
		if i := w.read(c.ID).Intent; i.Status != payment.IntentRequiresCapture {
			t.Errorf("%s: %+v", number, i)
		}
	}
	form := "amount=100&currency=eur&payment_method_types[]=card&payment_method=pm_card_unknown500&confirm=true"
	for range 2 { // the second is what its key gives
		if status, body, _ := w.call("POST", "/v1/payment_intents", "unknown", form); status != 500 {
			t.Errorf("by API: %d %s", status, body)
		}
	}
	if l := w.must("GET", "payment_intents?limit=1").list("data")[0]; l.text("status") != "succeeded" {
		t.Errorf("by API: %v", l)
	}
}

// TestReview: a risky payment is opened for a person and closed by what is done with it.
func TestReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for want, do := range map[string]func(review, intent string){
		"approved": func(review, _ string) { w.must("POST", "reviews/"+review+"/approve") },
		"refunded": func(_, intent string) { w.must("POST", "refunds", "payment_intent", intent) },
		"refunded_as_fraud": func(_, intent string) {
			w.must("POST", "refunds", "payment_intent", intent, "reason", "fraudulent")
		},
		"disputed": func(_, intent string) { w.sandbox("dispute", "payment_intent="+intent) },
	} {
		pi := w.mustIntent("payment_method", "pm_card_riskLevelElevated", "confirm", "true", "expand[]", "review")
		r := pi.inner("review")
		if r["open"] != true || len(w.must("GET", "reviews").list("data")) != 1 {
			t.Fatalf("review: %v", r)
		}
		do(r.text("id"), pi.text("id"))
		if r = w.must("GET", "reviews/"+r.text("id")); r["open"] != false || r.text("closed_reason") != want {
			t.Errorf("%s: %v", want, r)
		}
	}
	if got := w.happened(); !slices.Contains(got, "review.opened") || !slices.Contains(got, "review.closed") {
		t.Errorf("events: %v", got)
	}
}

// TestMethodsOfTheAPI confirms with each test card by its name; what the page does with the number
// happens here, too.
func TestMethodsOfTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range stripesim.Cards() {
		if strings.HasPrefix(name, "unknown") {
			continue
		}
		number, method := c[0], c[1]
		if m := w.must("GET", "payment_methods/"+method); m.inner("card").text("last4") != number[len(number)-4:] {
			t.Errorf("%s: %v", method, m)
		}
		_, answer := w.intent("payment_method", method, "confirm", "true", "return_url", shop)
		got := answer.text("status")
		if e := answer.inner("error"); e != nil {
			got = e.text("decline_code")
		}
		if want := methodWants[name]; got != want {
			t.Errorf("%s (%s): %s, want %s", method, name, got, want)
		}
	}
}

var methodWants = map[string]string{
	"visa": "succeeded", "mastercard": "succeeded", "amex": "succeeded", "secure_ok": "requires_action",
	"secure_always": "requires_action", "secure_quiet": "succeeded", "secure_declined": "requires_action",
	"secure_insufficient": "requires_action", "secure_error": "generic_decline", "declined": "generic_decline",
	"insufficient": "insufficient_funds", "lost": "lost_card", "stolen": "stolen_card", "expired": "expired_card",
	"bad_cvc": "incorrect_cvc", "processing": "processing_error", "velocity": "card_velocity_exceeded",
	"secure_unless_set_up": "requires_action", "secure_optional": "succeeded", "attach_declined": "generic_decline",
	"blocked": "fraudulent", "disputed": "succeeded", "not_received": "succeeded", "inquiry": "succeeded",
	"fraud_warning": "succeeded", "disputed_multiple": "succeeded", "refund_pending": "succeeded", "refund_fails": "succeeded",
	"reviewed": "succeeded", "slow_ok": "processing", "slow_fails": "processing",
}
