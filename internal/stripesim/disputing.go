package stripesim

import (
	"time"
)

// How long a dispute waits: for evidence, for the card holder's bank, and an inquiry before it is
// over by itself.
const (
	evidenceWithin = 20 * 24 * time.Hour
	reviewTakes    = 75 * 24 * time.Hour
	inquiryLasts   = 120 * 24 * time.Hour
)

// complaint is what a card holder says to his bank.
type complaint struct {
	reason  string // as Stripe names it
	inquiry bool
	parts   int64 // several disputes share the amount
}

// complaints are what the test cards of that kind bring, as soon as the money was taken.
var complaints = map[string]complaint{
	"disputed":          {reason: "fraudulent", parts: 1},
	"not_received":      {reason: "product_not_received", parts: 1},
	"inquiry":           {reason: "general", inquiry: true, parts: 1},
	"disputed_multiple": {reason: "fraudulent", parts: 2},
}

// complain lets the card holder of a test card complain about a payment that was just captured.
func (t *tx) complain(c *charge) {
	if c.Card.Test == "fraud_warning" {
		t.warn(c)
		return
	}
	about, ok := complaints[c.Card.Test]
	if !ok {
		return
	}
	left := c.Captured
	for n := about.parts; n > 0; n-- {
		share := left / n
		left -= share
		if share > 0 {
			t.dispute(t.st.charges.byID[c.ID], share, about.reason, about.inquiry)
		}
	}
}

func (t *tx) warn(c *charge) {
	w := &warning{ID: newID("issfr_", 24), Intent: c.Intent, Charge: c.ID, Created: t.now.Unix()}
	t.put(change{Warning: w})
	t.tell(tellRadarEarlyFraudWarningCreated, event{Warning: w})
}

// dispute opens a complaint over amount. The money of a chargeback is gone at once; an inquiry only
// asks. Both are told as charge.dispute.created: the status tells them apart.
func (t *tx) dispute(of *charge, amount int64, reason string, inquiry bool) *dispute {
	c := *of
	d := &dispute{
		ID: newID("dp_", 24), Intent: c.Intent, Charge: c.ID, Amount: amount, Currency: c.Currency,
		Brand: c.Card.Brand, Reason: reason, Status: inquiryNeedsAnswer, Created: t.now.Unix(),
		DueBy: t.now.Add(evidenceWithin).Unix(), Ends: t.now.Add(inquiryLasts).Unix(),
	}
	if !inquiry {
		t.withdraw(d)
	}
	c.Disputes = append(append([]string(nil), c.Disputes...), d.ID)
	t.put(change{Charge: &c})
	t.put(change{Dispute: d})
	t.tell(tellChargeDisputeCreated, event{Dispute: d})
	if !inquiry {
		t.tell(tellChargeDisputeFundsWithdrawn, event{Dispute: d})
	}
	t.closeReview(c.Review, "disputed")
	return d
}

// withdraw makes d a chargeback: it takes the money and starts the time for evidence.
func (t *tx) withdraw(d *dispute) {
	d.Status = disputeNeedsAnswer
	d.DueBy = t.now.Add(evidenceWithin).Unix()
	d.Ends = d.DueBy
	t.bookDispute(d)
}

func (d *dispute) isInquiry() bool {
	return d.Status == inquiryNeedsAnswer || d.Status == inquiryInReview || d.Status == inquiryClosed
}

func (d *dispute) isOver() bool {
	return d.Status == inquiryClosed || d.Status == disputeWon || d.Status == disputeLost
}

// withdrawn is what the dispute keeps out of the balance.
func (d *dispute) withdrawn() int64 {
	if d.isInquiry() || d.Status == disputeWon {
		return 0
	}
	return d.Amount
}

// withdrawn is what all disputes of a charge keep out of the balance.
func (st *state) withdrawn(c *charge) int64 {
	var sum int64
	for _, id := range c.Disputes {
		sum += st.disputes.byID[id].withdrawn()
	}
	return sum
}

// disputeReasons are those of the API that a card can have.
var disputeReasons = []string{
	"credit_not_processed", "duplicate", "fraudulent", "general", "incorrect_account_details", "insufficient_funds",
	"product_not_received", "product_unacceptable", "subscription_canceled", "unrecognized",
}

// Words of evidence that decide a dispute in test mode, as Stripe names them.
const (
	evidenceWins      = "winning_evidence"
	evidenceLoses     = "losing_evidence"
	evidenceEscalates = "escalate_inquiry_evidence"
)

// answerDispute hands evidence in. Evidence with one of the words above decides at once; any other
// waits for the card holder's bank.
func (t *tx) answerDispute(d *dispute) {
	d.Submitted++
	d.Ends = t.now.Add(reviewTakes).Unix()
	if d.isInquiry() {
		d.Status = inquiryInReview
	} else {
		d.Status = disputeInReview
	}
	t.put(change{Dispute: d})
	t.tell(tellChargeDisputeUpdated, event{Dispute: d})
	switch d.Evidence["uncategorized_text"] {
	case evidenceWins:
		t.settle(d, disputeWon)
	case evidenceLoses:
		t.settle(d, disputeLost)
	case evidenceEscalates:
		if d.isInquiry() {
			t.escalate(d)
		}
	}
}

// escalate turns an inquiry into a chargeback over what is still there: a part may have gone back.
// With nothing left to take it is closed.
func (t *tx) escalate(old *dispute) *dispute {
	d, c := *old, t.st.charges.byID[old.Charge]
	d.Amount = min(d.Amount, c.Captured-c.Refunded-t.st.withdrawn(c))
	if d.Amount <= 0 {
		return t.settle(old, inquiryClosed)
	}
	t.withdraw(&d)
	t.put(change{Dispute: &d})
	t.tell(tellChargeDisputeUpdated, event{Dispute: &d})
	t.tell(tellChargeDisputeFundsWithdrawn, event{Dispute: &d})
	return &d
}

// settle ends a dispute. An inquiry has no winner: it is closed, or lost as a chargeback.
func (t *tx) settle(old *dispute, status string) *dispute {
	if old.isInquiry() && status == disputeLost {
		if old = t.escalate(old); old.isOver() {
			return old
		}
	}
	d := *old
	if d.isInquiry() {
		status = inquiryClosed
	}
	d.Status, d.Ends = status, 0
	if status == disputeWon {
		t.bookWonDispute(&d)
	}
	t.put(change{Dispute: &d})
	if status == disputeWon {
		t.tell(tellChargeDisputeFundsReinstated, event{Dispute: &d})
	}
	t.tell(tellChargeDisputeClosed, event{Dispute: &d})
	return &d
}

// endDispute is time running out: an inquiry fades, a chargeback is lost.
func (t *tx) endDispute(d *dispute) {
	if d.isInquiry() {
		t.settle(d, inquiryClosed)
		return
	}
	late := *d
	late.PastDue = d.Submitted == 0
	t.settle(&late, disputeLost)
}

// closeInquiries ends what was asked about a payment that went back in full.
func (t *tx) closeInquiries(c *charge) {
	for _, id := range c.Disputes {
		if d := t.st.disputes.byID[id]; d.isInquiry() && !d.isOver() {
			t.settle(d, inquiryClosed)
		}
	}
}

// refundable tells why a disputed charge gives no refund; an inquiry and a won dispute do not stop it.
func (st *state) refundable(c *charge) *apiError {
	for _, id := range c.Disputes {
		switch d := st.disputes.byID[id]; d.Status {
		case disputeNeedsAnswer, disputeInReview:
			return refuse("charge_disputed", "", "Charge "+c.ID+" has been charged back; cannot issue a refund.", nil)
		case disputeLost:
			return refuse("refund_disputed_payment", "", "Charge "+c.ID+" was lost in a dispute; cannot issue a refund.", nil)
		}
	}
	return nil
}

func (st *state) disputeObject(d *dispute, x expansion) obj {
	lines := make([]obj, len(d.Balance))
	for i, id := range d.Balance {
		lines[i] = st.balanceObject(st.balance.byID[id], nil)
	}
	o := obj{
		"id": d.ID, "object": "dispute", "livemode": false, "amount": d.Amount, "currency": d.Currency,
		"charge": d.Charge, "payment_intent": d.Intent, "created": d.Created, "reason": d.Reason, "status": d.Status,
		"balance_transactions": lines, "evidence": d.evidenceObject(), "metadata": words(d.Metadata),
		"is_charge_refundable": d.isInquiry() && !d.isOver(),
		"evidence_details": obj{"due_by": number(d.DueBy), "has_evidence": len(d.Evidence) > 0,
			"past_due": d.PastDue, "submission_count": d.Submitted},
		"payment_method_details": obj{"type": "card", "card": obj{"brand": d.Brand, "network_reason_code": "83"}},
	}
	if x.has("charge") {
		o["charge"] = st.chargeObject(st.charges.byID[d.Charge], x.under("charge"))
	}
	if x.has("payment_intent") {
		o["payment_intent"] = st.intentObject(st.intents.byID[d.Intent], x.under("payment_intent"))
	}
	return o
}

// evidenceTexts are the fields of evidence that are text; evidenceFiles are ids of uploaded files,
// which the bank keeps as the ids they are.
var (
	evidenceTexts = []string{
		"access_activity_log", "billing_address", "cancellation_policy_disclosure", "cancellation_rebuttal",
		"customer_email_address", "customer_name", "customer_purchase_ip", "duplicate_charge_explanation",
		"duplicate_charge_id", "product_description", "refund_policy_disclosure", "refund_refusal_explanation",
		"service_date", "shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number",
		"uncategorized_text",
	}
	evidenceFiles = []string{
		"cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation",
		"receipt", "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
	}
)

func (d *dispute) evidenceObject() obj {
	o := obj{}
	for _, fields := range [][]string{evidenceTexts, evidenceFiles} {
		for _, name := range fields {
			o[name] = text(d.Evidence[name])
		}
	}
	return o
}

func (w *warning) object(st *state) obj {
	c := st.charges.byID[w.Charge]
	return obj{
		"id": w.ID, "object": "radar.early_fraud_warning", "charge": w.Charge, "payment_intent": w.Intent,
		"created": w.Created, "livemode": false, "fraud_type": "misc", "actionable": c.Refunded < c.Captured && len(c.Disputes) == 0,
	}
}
