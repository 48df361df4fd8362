package stripesim_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/payment"
	"forecourt/internal/stripesim/banktest"
)

func (w *world) disputesOf(intentID string) []thing {
	return w.must("GET", "disputes?payment_intent="+intentID).list("data")
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
