package stripesim

import (
	"fmt"
	"maps"
	"slices"
)

var intentExpands = []string{
	"customer", "latest_charge", "latest_charge.balance_transaction", "payment_method", "review",
}

func readIntent(t *tx, c *call) (any, *apiError) {
	x := c.expand(intentExpands...)
	c.text("client_secret")
	if err := c.done(); err != nil {
		return nil, err
	}
	pi := t.st.intents.byID[c.id]
	if pi == nil {
		return nil, missing("payment_intent", c.id)
	}
	return t.st.intentObject(pi, x), nil
}

func listIntents(t *tx, c *call) (any, *apiError) {
	x, who, created := c.expand(intentExpands...), c.text("customer"), c.created()
	return page(c, "/v1/payment_intents", &t.st.intents,
		func(pi *intent) bool { return (who == "" || pi.Customer == who) && created(pi.Created) },
		func(pi *intent) obj { return t.st.intentObject(pi, x) })
}

func captureIntent(t *tx, c *call) (any, *apiError) {
	x, amount := c.expand(intentExpands...), c.amount("amount_to_capture", 0)
	meta := c.table("metadata")
	c.oneOf("final_capture", "true") // there is one capture only
	c.text("statement_descriptor")
	c.text("statement_descriptor_suffix")
	if err := c.done(); err != nil {
		return nil, err
	}
	pi := t.st.intents.byID[c.id]
	if pi == nil {
		return nil, missing("payment_intent", c.id)
	}
	if err := capturable(pi); err != nil {
		return nil, err
	}
	if amount == 0 {
		amount = pi.Capturable
	}
	if amount > pi.Capturable {
		return nil, refuse("amount_too_large", "amount_to_capture", fmt.Sprintf(
			"Received amount_to_capture %d, which is greater than the remaining amount that is capturable: %d.",
			amount, pi.Capturable), pi)
	}
	next := *pi
	next.Metadata = merged(pi.Metadata, meta)
	return t.st.intentObject(t.capture(&next, amount), x), nil
}

func capturable(pi *intent) *apiError {
	switch {
	case pi.Status == intentNeedsCapture:
		return nil
	case pi.Status == intentCanceled && pi.CancelReason == "automatic":
		return refuse("charge_expired_for_capture", "",
			"The charge cannot be captured as the authorization has expired.", pi)
	}
	return refuse("payment_intent_unexpected_state", "", "This PaymentIntent could not be captured because it has a "+
		"status of "+pi.Status+". Only a PaymentIntent with one of the following statuses may be captured: requires_capture.", pi)
}

func cancelIntent(t *tx, c *call) (any, *apiError) {
	x := c.expand(intentExpands...)
	reason := c.oneOf("cancellation_reason", "", "abandoned", "duplicate", "fraudulent", "requested_by_customer")
	if err := c.done(); err != nil {
		return nil, err
	}
	pi := t.st.intents.byID[c.id]
	if pi == nil {
		return nil, missing("payment_intent", c.id)
	}
	if err := cancellable(pi, t.st.sessions.byID[pi.Session]); err != nil {
		return nil, err
	}
	return t.st.intentObject(t.cancel(pi, reason), x), nil
}

func cancellable(pi *intent, s *session) *apiError {
	if s != nil && s.Status == sessionOpen {
		return refuse("payment_intent_unexpected_state", "", "You cannot cancel this PaymentIntent because it has an "+
			"active Checkout Session. Expire the Checkout Session instead.", pi)
	}
	if slices.Contains([]string{intentNeedsMethod, intentNeedsCapture, intentNeedsConfirmation, intentNeedsAction}, pi.Status) {
		return nil
	}
	return refuse("payment_intent_unexpected_state", "", "You cannot cancel this PaymentIntent because it has a status of "+
		pi.Status+".", pi)
}

func merged(old, more map[string]string) map[string]string {
	if len(more) == 0 {
		return old
	}
	out := maps.Clone(old)
	if out == nil {
		out = map[string]string{}
	}
	for k, v := range more {
		if out[k] = v; v == "" {
			delete(out, k) // an empty value takes the key out
		}
	}
	return out
}

var chargeExpands = []string{"balance_transaction", "customer", "payment_intent", "review"}

func readCharge(t *tx, c *call) (any, *apiError) {
	x := c.expand(chargeExpands...)
	if err := c.done(); err != nil {
		return nil, err
	}
	ch := t.st.charges.byID[c.id]
	if ch == nil {
		return nil, missing("charge", c.id)
	}
	return t.st.chargeObject(ch, x), nil
}

func listCharges(t *tx, c *call) (any, *apiError) {
	x, pi, created := c.expand(chargeExpands...), c.text("payment_intent"), c.created()
	who := c.text("customer")
	return page(c, "/v1/charges", &t.st.charges,
		func(ch *charge) bool {
			return (pi == "" || ch.Intent == pi) && (who == "" || ch.Customer == who) && created(ch.Created)
		},
		func(ch *charge) obj { return t.st.chargeObject(ch, x) })
}
