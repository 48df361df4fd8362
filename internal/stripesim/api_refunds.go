package stripesim

import "fmt"

var refundExpands = []string{
	"charge", "charge.balance_transaction", "payment_intent", "payment_intent.latest_charge",
	"balance_transaction", "failure_balance_transaction",
}

func createRefund(t *tx, c *call) (any, *apiError) {
	r := &refund{
		ID: newID("re_", 24), Status: refundSucceeded, Created: t.now.Unix(), Metadata: c.table("metadata"),
		Intent: c.text("payment_intent"), Charge: c.text("charge"), Amount: c.amount("amount", 0),
		Reason: c.oneOf("reason", "", "duplicate", "fraudulent", "requested_by_customer"),
	}
	x := c.expand(refundExpands...)
	if r.Intent == "" && r.Charge == "" {
		c.need("payment_intent")
	}
	if err := c.done(); err != nil {
		return nil, err
	}
	if err := t.fillRefund(r); err != nil {
		return nil, err
	}
	t.refund(r)
	return t.st.refundObject(r, x), nil
}

// fillRefund finds the charge and checks that so much of it was captured and is still there.
func (t *tx) fillRefund(r *refund) *apiError {
	if r.Charge == "" {
		pi := t.st.intents.byID[r.Intent]
		if pi == nil {
			return missing("payment_intent", r.Intent)
		}
		r.Charge = pi.Charge
	}
	ch := t.st.charges.byID[r.Charge]
	if ch == nil {
		return missing("charge", r.Charge)
	}
	pi := t.st.intents.byID[ch.Intent]
	if !ch.IsCaptured {
		return refuse("payment_intent_unexpected_state", "payment_intent",
			"This PaymentIntent has no captured charge to refund: cancel it instead.", pi)
	}
	if err := t.st.refundable(ch); err != nil {
		return err
	}
	left := ch.Captured - ch.Refunded
	if left == 0 {
		return refuse("charge_already_refunded", "", "Charge "+ch.ID+" has already been refunded.", nil)
	}
	if r.Amount == 0 {
		r.Amount = left
	}
	if r.Amount > left {
		return refuse("amount_too_large", "amount", fmt.Sprintf(
			"Refund amount (%d) is greater than unrefunded amount on charge (%d).", r.Amount, left), nil)
	}
	r.Intent, r.Currency = ch.Intent, ch.Currency
	return nil
}

func readRefund(t *tx, c *call) (any, *apiError) {
	x := c.expand(refundExpands...)
	if err := c.done(); err != nil {
		return nil, err
	}
	r := t.st.refunds.byID[c.id]
	if r == nil {
		return nil, missing("refund", c.id)
	}
	return t.st.refundObject(r, x), nil
}

func listRefunds(t *tx, c *call) (any, *apiError) {
	x, pi, ch, created := c.expand(refundExpands...), c.text("payment_intent"), c.text("charge"), c.created()
	return page(c, "/v1/refunds", &t.st.refunds,
		func(r *refund) bool {
			return (pi == "" || r.Intent == pi) && (ch == "" || r.Charge == ch) && created(r.Created)
		},
		func(r *refund) obj { return t.st.refundObject(r, x) })
}

// updateRefund changes words about a refund; the money cannot be changed.
func updateRefund(t *tx, c *call) (any, *apiError) {
	x, meta := c.expand(refundExpands...), c.table("metadata")
	if err := c.done(); err != nil {
		return nil, err
	}
	old := t.st.refunds.byID[c.id]
	if old == nil {
		return nil, missing("refund", c.id)
	}
	r := *old
	r.Metadata = merged(old.Metadata, meta)
	t.put(change{Refund: &r})
	t.tell(tellChargeRefundUpdated, event{Refund: &r})
	t.tell(tellRefundUpdated, event{Refund: &r})
	return t.st.refundObject(&r, x), nil
}

// cancelRefund calls off a refund that waits for something the card holder must do.
func cancelRefund(t *tx, c *call) (any, *apiError) {
	x := c.expand(refundExpands...)
	if err := c.done(); err != nil {
		return nil, err
	}
	r := t.st.refunds.byID[c.id]
	if r == nil {
		return nil, missing("refund", c.id)
	}
	if r.Status != refundNeedsYou {
		return nil, refuse("", "", "You cannot cancel this refund because it has a status of "+r.Status+".", nil)
	}
	return t.st.refundObject(t.turnRefund(r, refundCanceled), x), nil
}
