package stripesim

import (
	"cmp"
	"slices"
	"strings"
)

// obj is a JSON object of the API. The API's objects are wide and mostly null; written as literals
// they can be compared with the original's line by line.
type obj map[string]any

// expansion says which ids of an answer are to be replaced by their objects.
type expansion []string

func (x expansion) has(path string) bool { return slices.Contains(x, path) }

// under is what is to be expanded inside the object that stands at name.
func (x expansion) under(name string) expansion {
	var out expansion
	for _, path := range x {
		if inner, ok := strings.CutPrefix(path, name+"."); ok {
			out = append(out, inner)
		}
	}
	return out
}

func (st *state) sessionObject(s *session, x expansion) obj {
	o := obj{
		"id": s.ID, "object": "checkout.session", "mode": "payment", "ui_mode": "hosted", "livemode": false,
		"status": s.Status, "payment_status": s.PaymentStatus, "created": s.Created, "expires_at": s.ExpiresAt,
		"amount_subtotal": s.Amount, "amount_total": s.Amount, "currency": s.Currency,
		"client_reference_id": text(s.ClientRef), "metadata": words(s.Metadata), "locale": text(s.Locale),
		"success_url": s.SuccessURL, "cancel_url": text(s.CancelURL), "url": nil,
		"customer_email": text(s.Email), "customer": text(s.Customer), "customer_creation": s.creation(),
		"customer_details": nil, "payment_intent": nil,
		"payment_method_types": []string{"card"}, "payment_method_options": obj{},
		"payment_method_collection": "if_required", "payment_method_configuration_details": nil,
		"automatic_tax": obj{"enabled": false, "liability": nil, "status": nil},
		"custom_fields": []any{}, "shipping_options": []any{},
		"custom_text":             obj{"after_submit": nil, "shipping_address": nil, "submit": nil, "terms_of_service_acceptance": nil},
		"total_details":           obj{"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
		"phone_number_collection": obj{"enabled": false},
		"after_expiration":        nil, "allow_promotion_codes": nil, "billing_address_collection": nil,
		"client_secret": nil, "consent": nil, "consent_collection": nil, "currency_conversion": nil,
		"invoice": nil, "invoice_creation": nil, "payment_link": nil, "recovered_from": nil,
		"setup_intent": nil, "shipping_address_collection": nil, "shipping_cost": nil,
		"shipping_details": nil, "submit_type": nil, "subscription": nil,
	}
	if s.Status == sessionOpen {
		o["url"] = s.URL
	}
	if s.Status == sessionComplete {
		o["customer_details"] = obj{"email": text(s.Email), "name": text(s.Name), "phone": nil,
			"address": noAddress(), "tax_exempt": "none", "tax_ids": []any{}}
	}
	if who := st.customers.byID[s.Customer]; x.has("customer") && who != nil {
		o["customer"] = who.object()
	}
	if x.has("line_items") {
		o["line_items"] = s.itemList(s.itemObjects(), false)
	}
	if s.Intent != "" {
		o["payment_intent"] = s.Intent
		if pi := st.intents.byID[s.Intent]; x.has("payment_intent") {
			o["payment_intent"] = st.intentObject(pi, x.under("payment_intent"))
		}
	}
	return o
}

func (st *state) intentObject(pi *intent, x expansion) obj {
	o := obj{
		"id": pi.ID, "object": "payment_intent", "livemode": false, "status": pi.Status, "created": pi.Created,
		"amount": pi.Amount, "amount_capturable": pi.Capturable, "amount_received": pi.Received,
		"amount_details": obj{"tip": obj{}}, "currency": pi.Currency,
		"capture_method": pi.captureMethod(), "confirmation_method": pi.confirmationMethod(),
		"client_secret": pi.Secret, "description": text(pi.Text), "metadata": words(pi.Metadata),
		"latest_charge": text(pi.Charge), "payment_method": nil, "payment_method_types": []string{"card"},
		"payment_method_options": obj{"card": obj{"installments": nil, "mandate_options": nil,
			"network": nil, "request_three_d_secure": pi.secureWish()}},
		"canceled_at": number(pi.CanceledAt), "cancellation_reason": text(pi.CancelReason),
		"last_payment_error": nil, "next_action": nil, "receipt_email": text(pi.Receipt),
		"application": nil, "application_fee_amount": nil, "automatic_payment_methods": nil,
		"customer": text(pi.Customer),
		"invoice":  nil, "on_behalf_of": nil, "payment_method_configuration_details": nil, "processing": nil,
		"review": text(pi.Review), "setup_future_usage": text(pi.KeepFor), "shipping": nil, "statement_descriptor": nil,
		"statement_descriptor_suffix": nil, "transfer_data": nil, "transfer_group": nil,
	}
	if pi.Card != nil {
		o["payment_method"] = pi.Card.ID
	}
	if pi.Card != nil && x.has("payment_method") {
		o["payment_method"] = pi.Card.methodObject()
	}
	if who := st.customers.byID[pi.Customer]; x.has("customer") && who != nil {
		o["customer"] = who.object()
	}
	if r := st.reviews.byID[pi.Review]; x.has("review") && r != nil {
		o["review"] = r.object()
	}
	if pi.Automatic {
		o["automatic_payment_methods"] = obj{"enabled": true, "allow_redirects": "always"}
	}
	if pi.Status == intentProcessing {
		o["processing"] = obj{"type": "card", "card": obj{}}
	}
	if pi.Failure != nil {
		o["last_payment_error"] = pi.Failure.object()
	}
	if pi.Status == intentNeedsAction {
		o["next_action"] = obj{"type": "redirect_to_url",
			"redirect_to_url": obj{"url": pi.Challenge, "return_url": text(pi.ReturnURL)}}
	}
	if c := st.charges.byID[pi.Charge]; x.has("latest_charge") && c != nil {
		o["latest_charge"] = st.chargeObject(c, x.under("latest_charge"))
	}
	return o
}

func (f *failure) object() obj {
	o := obj{"type": f.Type, "code": f.Code, "message": f.Message,
		"doc_url": "https://stripe.com/docs/error-codes/" + f.Code}
	if f.Decline != "" {
		o["decline_code"] = f.Decline
	}
	if f.Charge != "" {
		o["charge"] = f.Charge
	}
	if f.Card != nil {
		o["payment_method"] = f.Card.methodObject()
	}
	return o
}

func (st *state) chargeObject(c *charge, x expansion) obj {
	o := obj{
		"id": c.ID, "object": "charge", "livemode": false, "status": c.Status, "created": c.Created,
		"amount": c.Amount, "amount_captured": c.Captured, "amount_refunded": c.Refunded + c.Rest, "currency": c.Currency,
		"captured": c.IsCaptured, "paid": c.Status == chargeSucceeded, "refunded": c.allRefunded(),
		"disputed": len(c.Disputes) > 0, "payment_intent": c.Intent, "payment_method": c.Card.ID,
		"payment_method_details": obj{"type": "card", "card": c.cardObject()},
		"billing_details":        c.Card.billing(c.Email), "description": text(c.Text), "metadata": words(c.Metadata),
		"failure_code": nil, "failure_message": nil, "outcome": c.outcomeObject(), "fraud_details": obj{},
		"calculated_statement_descriptor": "CARD BANK TEST", "receipt_url": nil, "receipt_email": nil,
		"receipt_number": nil, "application": nil, "application_fee": nil, "application_fee_amount": nil,
		"balance_transaction": st.balanceOrID(c.Balance, x.has("balance_transaction"), x.under("balance_transaction")),
		"customer":            text(c.Customer), "failure_balance_transaction": nil, "invoice": nil,
		"on_behalf_of": nil, "review": text(c.Review), "shipping": nil, "source_transfer": nil,
		"statement_descriptor": nil, "statement_descriptor_suffix": nil, "transfer_data": nil, "transfer_group": nil,
	}
	if who := st.customers.byID[c.Customer]; x.has("customer") && who != nil {
		o["customer"] = who.object()
	}
	if r := st.reviews.byID[c.Review]; x.has("review") && r != nil {
		o["review"] = r.object()
	}
	if pi := st.intents.byID[c.Intent]; x.has("payment_intent") && pi != nil {
		o["payment_intent"] = st.intentObject(pi, nil)
	}
	if c.Failure != nil {
		o["failure_code"], o["failure_message"] = c.Failure.Code, c.Failure.Message
	}
	return o
}

func (c *charge) outcomeObject() obj {
	o := obj{"network_status": "approved_by_network", "reason": nil, "risk_level": "normal", "risk_score": 12,
		"seller_message": "Payment complete.", "type": "authorized"}
	if c.Failure != nil {
		o["network_status"], o["reason"] = "declined_by_network", c.Failure.Decline
		o["seller_message"], o["type"] = "The bank declined the payment.", "issuer_declined"
	}
	if c.Review != "" {
		o["risk_level"], o["risk_score"], o["type"] = "elevated", 66, "manual_review"
	}
	if c.Failure != nil && c.Failure.Decline == declineBlocked {
		o["network_status"], o["reason"], o["type"] = "not_sent_to_network", "highest_risk_level", "blocked"
		o["risk_level"], o["risk_score"] = "highest", 92
		o["seller_message"] = "Stripe blocked this payment as too risky."
	}
	return o
}

func (c *charge) cardObject() obj {
	o := c.Card.object()
	check := "pass"
	if c.Failure != nil && c.Failure.Decline == declineCVC {
		check = "fail"
	}
	o["checks"] = obj{"address_line1_check": nil, "address_postal_code_check": nil, "cvc_check": check}
	o["amount_authorized"], o["installments"], o["mandate"] = c.Amount, nil, nil
	o["network"], o["network_token"] = c.Card.Brand, obj{"used": false}
	o["extended_authorization"] = obj{"status": "disabled"}
	o["incremental_authorization"] = obj{"status": "unavailable"}
	o["multicapture"] = obj{"status": "unavailable"}
	o["overcapture"] = obj{"maximum_amount_capturable": c.Amount, "status": "unavailable"}
	o["three_d_secure"] = c.Card.secureObject()
	if c.CaptureBefore > 0 {
		o["capture_before"] = c.CaptureBefore
	}
	return o
}

func (u *cardUse) secureObject() any {
	if u.Secured == securedNot {
		return nil
	}
	return obj{"authentication_flow": u.Secured, "result": "authenticated", "result_reason": nil,
		"version": "2.2.0", "electronic_commerce_indicator": "05", "exemption_indicator": nil,
		"transaction_id": nil}
}

func (u *cardUse) object() obj {
	return obj{"brand": u.Brand, "last4": u.Last4, "exp_month": u.ExpMonth, "exp_year": u.ExpYear,
		"country": u.Country, "funding": "credit", "fingerprint": "test" + u.Last4, "wallet": nil}
}

func (u *cardUse) methodObject() obj {
	card := u.object()
	card["checks"], card["generated_from"] = nil, nil
	card["networks"] = obj{"available": []string{u.Brand}, "preferred": nil}
	card["three_d_secure_usage"] = obj{"supported": u.Brand != "amex"}
	return obj{"id": u.ID, "object": "payment_method", "type": "card", "created": u.Created, "livemode": false,
		"customer": text(u.Customer), "metadata": obj{}, "billing_details": u.billing(""), "card": card}
}

func (u *cardUse) billing(email string) obj {
	return obj{"address": noAddress(), "email": text(email), "name": text(u.Name), "phone": nil}
}

func (st *state) refundObject(r *refund, x expansion) obj {
	o := obj{
		"id": r.ID, "object": "refund", "amount": r.Amount, "currency": r.Currency, "status": r.Status,
		"created": r.Created, "charge": r.Charge, "payment_intent": r.Intent, "reason": text(r.Reason),
		"metadata": words(r.Metadata), "receipt_number": nil,
		"balance_transaction":      st.balanceOrID(r.Balance, x.has("balance_transaction"), nil),
		"destination_details":      obj{"type": "card", "card": obj{"type": "refund", "reference_status": "pending"}},
		"source_transfer_reversal": nil, "transfer_reversal": nil,
	}
	if x.has("charge") {
		o["charge"] = st.chargeObject(st.charges.byID[r.Charge], x.under("charge"))
	}
	if x.has("payment_intent") {
		o["payment_intent"] = st.intentObject(st.intents.byID[r.Intent], x.under("payment_intent"))
	}
	if r.Failed != "" {
		o["failure_balance_transaction"] = st.balanceOrID(r.Failed, x.has("failure_balance_transaction"), nil)
	}
	if r.Why != "" {
		o["failure_reason"] = r.Why
	}
	return o
}

func (st *state) eventObject(e *event) obj {
	var about obj
	switch {
	case e.Session != nil:
		about = st.sessionObject(e.Session, nil)
	case e.Intent != nil:
		about = st.intentObject(e.Intent, nil)
	case e.Charge != nil:
		about = st.chargeObject(e.Charge, nil)
	case e.Dispute != nil:
		about = st.disputeObject(e.Dispute, nil)
	case e.Review != nil:
		about = e.Review.object()
	case e.Customer != nil:
		about = e.Customer.object()
	case e.Method != nil:
		about = e.Method.methodObject()
	case e.Warning != nil:
		about = e.Warning.object(st)
	default:
		about = st.refundObject(e.Refund, nil)
	}
	return obj{
		"id": e.ID, "object": "event", "type": e.Type, "created": e.Created, "livemode": false,
		"api_version": APIVersion, "data": obj{"object": about}, "pending_webhooks": e.waiting(),
		"request": obj{"id": text(e.Request), "idempotency_key": text(e.Key)},
	}
}

func (w *endpoint) object(withSecret bool) obj {
	status := "disabled"
	if w.Enabled {
		status = "enabled"
	}
	o := obj{
		"id": w.ID, "object": "webhook_endpoint", "api_version": cmp.Or(w.Version, APIVersion), "application": nil,
		"created": w.Created, "description": text(w.Text), "enabled_events": w.Events, "livemode": false,
		"metadata": words(w.Metadata), "status": status, "url": w.URL,
	}
	if withSecret {
		o["secret"] = w.Secret
	}
	return o
}

func (s *session) creation() any {
	switch {
	case s.NewCustomer:
		return "always"
	case s.Customer != "":
		return nil
	}
	return "if_required"
}

func (pi *intent) captureMethod() string {
	switch {
	case pi.Manual:
		return "manual"
	case pi.Async:
		return "automatic_async"
	}
	return "automatic"
}

func (pi *intent) confirmationMethod() string {
	if pi.ByHand {
		return "manual"
	}
	return "automatic"
}

func (pi *intent) secureWish() string {
	if pi.AskSecure {
		return "any"
	}
	return "automatic"
}

// allRefunded tells whether nothing of the charge is left with the merchant.
func (c *charge) allRefunded() bool {
	return c.Refunded >= c.Amount || c.IsCaptured && c.Refunded >= c.Captured
}

func noAddress() obj {
	return obj{"city": nil, "country": nil, "line1": nil, "line2": nil, "postal_code": nil, "state": nil}
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func number(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

func words(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
