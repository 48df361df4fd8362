package stripesim_test

import (
	"encoding/json"
	"fmt"
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

func (w *world) disputesOf(intentID string) []thing {
	return w.must("GET", "disputes?payment_intent="+intentID).list("data")
}

func wantAll(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

// netOf checks that the ledger of a payment adds up and that its net is what the lines of the
// balance say.
func (w *world) netOf(intentID string) stripesim.LedgerLine {
	w.t.Helper()
	l := w.ledgerOf(intentID)
	if l.Net != l.Captured-l.Refunded-l.Disputed-l.Fees {
		w.t.Errorf("the ledger does not add up: %+v", l)
	}
	var net int64
	for _, b := range w.must("GET", "balance_transactions?limit=100&expand[]=data.source").list("data") {
		source := b.inner("source")
		if source.text("payment_intent") == intentID {
			net += b.number("net")
		}
		if b.number("net") != b.number("amount")-b.number("fee") {
			w.t.Errorf("line %v", b)
		}
	}
	if net != l.Net {
		w.t.Errorf("the balance has %d of %s, the ledger says %d", net, intentID, l.Net)
	}
	return l
}

func TestDisputeWonAndLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		card, reason, evidence, status string
		events                         []string
		disputed, lost, fees           int64
	}{
		{banktest.Disputed, "fraudulent", "winning_evidence", "won",
			[]string{"charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed"}, 0, 0, 170},
		{banktest.NotReceived, "product_not_received", "losing_evidence", "lost",
			[]string{"charge.dispute.updated", "charge.dispute.closed"}, 10_000, 10_000, 2_170},
	} {
		w := newWorld(t)
		i := w.bought(c.card)
		all := w.disputesOf(i.ID)
		if len(all) != 1 || all[0].text("status") != "needs_response" || all[0].text("reason") != c.reason ||
			all[0].number("amount") != 10_000 || len(all[0].list("balance_transactions")) != 1 {
			t.Fatalf("dispute: %v", all)
		}
		if l := w.netOf(i.ID); l.Disputed != 10_000 || l.DisputesLost != 0 || l.Net != -2_170 || l.DisputeStatus != "needs_response" {
			t.Errorf("ledger: %+v", l)
		}
		w.refused("charge_disputed", "POST", "refunds", "payment_intent", i.ID)
		id, before := all[0].text("id"), len(w.happened())
		draft := w.must("POST", "disputes/"+id, "evidence[customer_name]", "Ada", "submit", "false")
		if draft.text("status") != "needs_response" || draft.inner("evidence_details")["has_evidence"] != true {
			t.Errorf("draft: %v", draft)
		}
		d := w.must("POST", "disputes/"+id, "evidence[uncategorized_text]", c.evidence, "expand[]", "charge")
		if d.text("status") != c.status || d.inner("charge")["disputed"] != true ||
			d.inner("evidence").text("customer_name") != "Ada" || d.inner("evidence_details").number("submission_count") != 1 {
			t.Errorf("decided: %v", d)
		}
		wantAll(t, w.since(before), append(c.events, "charge.dispute.updated")...)
		if l := w.netOf(i.ID); l.Disputed != c.disputed || l.DisputesLost != c.lost || l.Fees != c.fees || l.DisputeStatus != c.status {
			t.Errorf("ledger: %+v", l)
		}
		w.refused("already closed", "POST", "disputes/"+id, "evidence[customer_name]", "Bob")
		w.refused("already closed", "POST", "disputes/"+id+"/close")
		if c.status == "won" {
			w.must("POST", "refunds", "payment_intent", i.ID)
		} else {
			w.refused("refund_disputed_payment", "POST", "refunds", "payment_intent", i.ID)
		}
	}
}

// TestInquiry: no money moves until the inquiry becomes a chargeback; a full refund ends it.
func TestInquiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inquiry := func(key string) (payment.Intent, string) {
		c := w.checkout(key)
		w.pay(c, banktest.Inquiry)
		i, err := w.gw.Capture(t.Context(), w.read(c.ID).Intent.ID, 10_000, key+":capture")
		if err != nil {
			t.Fatal(err)
		}
		d := w.disputesOf(i.ID)[0]
		if d.text("status") != "warning_needs_response" || d["is_charge_refundable"] != true || len(d.list("balance_transactions")) != 0 {
			t.Fatalf("inquiry: %v", d)
		}
		if l := w.netOf(i.ID); l.Disputed != 0 || l.Fees != 170 {
			t.Errorf("ledger: %+v", l)
		}
		return i, d.text("id")
	}
	i, id := inquiry("refunded")
	w.must("POST", "refunds", "payment_intent", i.ID, "amount", "4000")
	if d := w.must("GET", "disputes/"+id); d.text("status") != "warning_needs_response" {
		t.Errorf("after a part went back: %v", d)
	}
	w.must("POST", "refunds", "payment_intent", i.ID)
	if d := w.must("GET", "disputes/"+id); d.text("status") != "warning_closed" || d["is_charge_refundable"] != false {
		t.Errorf("after all went back: %v", d)
	}

	_, id = inquiry("answered")
	if d := w.must("POST", "disputes/"+id, "evidence[product_description]", "a car"); d.text("status") != "warning_under_review" {
		t.Errorf("answered: %v", d)
	}
	if d := w.must("POST", "disputes/"+id, "evidence[uncategorized_text]", "winning_evidence"); d.text("status") != "warning_closed" {
		t.Errorf("won: %v", d)
	}

	i, id = inquiry("escalated")
	before := len(w.happened())
	d := w.must("POST", "disputes/"+id, "evidence[uncategorized_text]", "escalate_inquiry_evidence")
	if d.text("status") != "needs_response" || d["is_charge_refundable"] != false {
		t.Errorf("escalated: %v", d)
	}
	wantAll(t, w.since(before), "charge.dispute.updated", "charge.dispute.updated", "charge.dispute.funds_withdrawn")
	if l := w.netOf(i.ID); l.Disputed != 10_000 {
		t.Errorf("ledger: %+v", l)
	}
	if d = w.must("POST", "disputes/"+id+"/close"); d.text("status") != "lost" {
		t.Errorf("given in: %v", d)
	}

	_, id = inquiry("faded")
	w.sandbox("clock/advance", fmt.Sprint("seconds=", 121*24*3600))
	if d := w.must("GET", "disputes/"+id); d.text("status") != "warning_closed" {
		t.Errorf("after 121 days: %v", d)
	}
}

// TestDisputeTimes: nobody answers, and a bank that never decides.
func TestDisputeTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	silent, slow := w.bought(banktest.Disputed), w.bought(banktest.NotReceived)
	id := w.disputesOf(slow.ID)[0].text("id")
	if d := w.must("POST", "disputes/"+id, "evidence[uncategorized_text]", "he has it"); d.text("status") != "under_review" {
		t.Errorf("answered: %v", d)
	}
	w.sandbox("clock/advance", fmt.Sprint("seconds=", 21*24*3600))
	d := w.disputesOf(silent.ID)[0]
	if d.text("status") != "lost" || d.inner("evidence_details")["past_due"] != true {
		t.Errorf("unanswered: %v", d)
	}
	if d := w.must("GET", "disputes/"+id); d.text("status") != "under_review" {
		t.Errorf("in review: %v", d)
	}
	w.sandbox("clock/advance", fmt.Sprint("seconds=", 60*24*3600))
	if d := w.must("GET", "disputes/"+id); d.text("status") != "lost" || d.inner("evidence_details")["past_due"] != false {
		t.Errorf("after the review: %v", d)
	}
}

func TestManyDisputesAndWarning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.bought(banktest.DisputedTwice)
	all := w.disputesOf(i.ID)
	if len(all) != 2 || all[0].number("amount")+all[1].number("amount") != 10_000 {
		t.Fatalf("disputes: %v", all)
	}
	w.must("POST", "disputes/"+all[0].text("id"), "evidence[uncategorized_text]", "winning_evidence")
	if l := w.netOf(i.ID); l.Disputed != 5_000 || l.Fees != 2_170 {
		t.Errorf("ledger: %+v", l)
	}
	w.refused("charge_disputed", "POST", "refunds", "charge", i.ChargeID)

	i = w.bought(banktest.FraudWarning)
	got := w.must("GET", "radar/early_fraud_warnings?payment_intent="+i.ID).list("data")
	if len(got) != 1 || got[0]["actionable"] != true || len(w.disputesOf(i.ID)) != 0 {
		t.Fatalf("warnings: %v", got)
	}
	w.must("POST", "refunds", "payment_intent", i.ID)
	if one := w.must("GET", "radar/early_fraud_warnings/"+got[0].text("id")); one["actionable"] != false {
		t.Errorf("warning after the refund: %v", one)
	}
	if !slices.Contains(w.happened(), "radar.early_fraud_warning.created") {
		t.Error("the warning was not told")
	}
}

// TestDisputeSwitch opens and decides disputes by the switch, as the dashboard does.
func TestDisputeSwitch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.captured("switch")
	w.must("POST", "refunds", "payment_intent", i.ID, "amount", "1000")
	press := func(form string) thing {
		var o thing
		if err := json.Unmarshal([]byte(w.sandbox("dispute", form)), &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	d := press("payment_intent=" + i.ID + "&status=warning_needs_response&reason=unrecognized")
	if d.number("amount") != 9_000 || d.text("reason") != "unrecognized" {
		t.Errorf("inquiry: %v", d)
	}
	for _, step := range [][2]string{{"escalated", "needs_response"}, {"won", "won"}} {
		if d = press("dispute=" + d.text("dispute") + "&outcome=" + step[0]); d.text("status") != step[1] {
			t.Errorf("%s: %v", step[0], d)
		}
	}
	for form, want := range map[string]string{
		"payment_intent=pi_none":                         "no such payment_intent",
		"payment_intent=" + i.ID + "&amount=9001":        "amount must be from 1 to 9000",
		"payment_intent=" + i.ID + "&reason=x":           "reason must be one of",
		"payment_intent=" + i.ID + "&status=won":         "status must be",
		"dispute=dp_none&outcome=won":                    "no such dispute",
		"dispute=" + d.text("dispute") + "&outcome=lost": "the dispute is over",
	} {
		if status, body := w.press("dispute", form); status != 400 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s, want %s", form, status, body, want)
		}
	}
	w.netOf(i.ID)
}

func TestRefundThatTakesTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.bought(banktest.RefundPending)
	r, err := w.gw.Refund(t.Context(), i.ID, 3_000, "ref", "slow")
	if err != nil || r.Status != "pending" {
		t.Fatalf("refund: %+v %v", r, err)
	}
	if l := w.netOf(i.ID); l.Refunded != 3_000 || l.RefundsPending != 3_000 {
		t.Errorf("ledger: %+v", l)
	}
	w.sandbox("clock/advance", "seconds=3599")
	if o := w.must("GET", "refunds/"+r.ID); o.text("status") != "pending" {
		t.Errorf("too early: %v", o)
	}
	before := len(w.happened())
	w.sandbox("clock/advance", "seconds=2")
	o := w.must("GET", "refunds/"+r.ID+"?expand[]=balance_transaction&expand[]=charge")
	if o.text("status") != "succeeded" || o.inner("balance_transaction").number("amount") != -3_000 {
		t.Errorf("after an hour: %v", o)
	}
	wantAll(t, w.since(before), "refund.updated", "charge.refund.updated")
	if l := w.netOf(i.ID); l.Refunded != 3_000 || l.RefundsPending != 0 {
		t.Errorf("ledger: %+v", l)
	}
}

func TestRefundThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.bought(banktest.RefundFails)
	r, err := w.gw.Refund(t.Context(), i.ID, 10_000, "ref", "fails")
	if err != nil || r.Status != "succeeded" {
		t.Fatalf("refund: %+v %v", r, err)
	}
	before := len(w.happened())
	w.sandbox("clock/advance", "seconds=3600")
	o := w.must("GET", "refunds/"+r.ID+"?expand[]=failure_balance_transaction")
	if o.text("status") != "failed" || o.text("failure_reason") == "" || o.inner("failure_balance_transaction").number("amount") != 10_000 {
		t.Errorf("after an hour: %v", o)
	}
	wantAll(t, w.since(before), "refund.updated", "charge.refund.updated", "refund.failed")
	if l := w.netOf(i.ID); l.Refunded != 0 || l.RefundsFailed != 10_000 {
		t.Errorf("ledger: %+v", l)
	}
	if now, err := w.gw.Intent(t.Context(), i.ID); err != nil || now.Refunded != 0 {
		t.Errorf("intent: %+v %v", now, err)
	}
	if _, err := w.gw.Refund(t.Context(), i.ID, 10_000, "ref", "again"); err != nil {
		t.Errorf("refund again: %v", err)
	}
}

// TestRefundSwitch walks a refund through the statuses that no card brings.
func TestRefundSwitch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.bought(banktest.RefundPending)
	r, err := w.gw.Refund(t.Context(), i.ID, 2_000, "ref", "switch")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		status string
		good   bool
	}{{"pending", false}, {"requires_action", true}, {"succeeded", true}, {"requires_action", false}, {"canceled", false}, {"failed", true}, {"succeeded", false}} {
		status, body := w.press("refund", "refund="+r.ID+"&status="+step.status)
		if (status == 200) != step.good {
			t.Errorf("%s: %d %s", step.status, status, body)
		}
	}
	w.sandbox("clock/advance", "seconds=7200") // what was planned for it does not happen any more
	if o := w.must("GET", "refunds/"+r.ID); o.text("status") != "failed" {
		t.Errorf("refund: %v", o)
	}
	second, err := w.gw.Refund(t.Context(), i.ID, 10_000, "ref", "second")
	if err != nil {
		t.Fatal(err)
	}
	w.sandbox("refund", "refund="+second.ID+"&status=canceled")
	if l := w.netOf(i.ID); l.Refunded != 0 || l.RefundsFailed != 2_000 || l.RefundsPending != 0 {
		t.Errorf("ledger: %+v", l)
	}
}

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

// TestLedgerSums: the sums per currency are those of the payments.
func TestLedgerSums(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.captured("one")
	i := w.bought(banktest.Disputed)
	w.sandbox("clock/advance", "seconds=60")
	var net, fees int64
	for _, l := range w.bank.Ledger() {
		net, fees = net+l.Net, fees+l.Fees
	}
	_, body, _ := w.get("/_sandbox/ledger")
	var o thing
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		t.Fatal(err)
	}
	sums := o.list("balance")
	if len(sums) != 1 || sums[0].text("currency") != "gbp" || sums[0].number("net") != net || sums[0].number("fees") != fees || sums[0].number("lines") != 3 {
		t.Errorf("sums %v, want net %d, fees %d", sums, net, fees)
	}
	b := w.must("GET", "balance_transactions?type=charge&limit=1").list("data")[0]
	if b.text("status") != "pending" || b.number("fee") != 170 || len(b.list("fee_details")) != 1 {
		t.Errorf("line: %v", b)
	}
	w.bank.Advance(8 * 24 * time.Hour)
	if b = w.must("GET", "balance_transactions/"+b.text("id")); b.text("status") != "available" {
		t.Errorf("line a week later: %v", b)
	}
	if c := w.must("GET", "charges/"+i.ChargeID+"?expand[]=balance_transaction"); c.inner("balance_transaction").number("amount") != 10_000 {
		t.Errorf("charge: %v", c)
	}
}
