package stripegw

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"forecourt/internal/payment"
)

// OpenCheckout implements payment.Gateway. A repeated key is answered by the provider with its
// first answer, so a session that was paid meanwhile may still look open: read it again to know.
func (g *Gateway) OpenCheckout(ctx context.Context, r payment.CheckoutRequest) (payment.Checkout, error) {
	p := &stripe.CheckoutSessionParams{
		Mode:               stripe.String(string(stripe.CheckoutSessionModePayment)),
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		ClientReferenceID:  stripe.String(r.OrderID),
		SuccessURL:         stripe.String(r.SuccessURL),
		CancelURL:          stripe.String(r.CancelURL),
		Locale:             stripe.String(stripeLocale(r.Locale)),
		LineItems:          []*stripe.CheckoutSessionLineItemParams{lineItem(r)},
		PaymentIntentData:  intentData(r),
		Metadata:           references(r),
	}
	if r.Email != "" {
		p.CustomerEmail = stripe.String(r.Email)
	}
	if !r.ExpiresAt.IsZero() {
		p.ExpiresAt = stripe.Int64(r.ExpiresAt.Unix())
	}
	p.Context = ctx
	p.AddExpand("payment_intent.latest_charge")
	var s *stripe.CheckoutSession
	// A page that was made behind a spoiled key has an address that nobody ever read: nobody can pay there, and it
	// ends by itself.
	err := withKeys(r.Key, &p.Params, func() (err error) { s, err = g.api.CheckoutSessions.New(p); return err }, func() (bool, error) { return false, nil })
	if err != nil {
		return payment.Checkout{}, wrap("open checkout", err)
	}
	return toCheckout(s), nil
}

// Checkout implements payment.Gateway.
func (g *Gateway) Checkout(ctx context.Context, sessionID string) (payment.Checkout, error) {
	p := &stripe.CheckoutSessionParams{}
	p.Context = ctx
	p.AddExpand("payment_intent.latest_charge")
	s, err := g.api.CheckoutSessions.Get(sessionID, p)
	if err != nil {
		return payment.Checkout{}, wrap("read checkout", err)
	}
	return toCheckout(s), nil
}

// ExpireCheckout implements payment.Gateway.
func (g *Gateway) ExpireCheckout(ctx context.Context, sessionID string) (payment.Checkout, error) {
	p := &stripe.CheckoutSessionExpireParams{}
	p.Context = ctx
	p.AddExpand("payment_intent.latest_charge")
	s, err := g.api.CheckoutSessions.Expire(sessionID, p)
	if err == nil {
		return toCheckout(s), nil
	}
	if !refused(err) {
		return payment.Checkout{}, wrap("expire checkout", err)
	}
	// Only an open session can be expired; one that is over already is what was wanted.
	now, readErr := g.Checkout(ctx, sessionID)
	if readErr == nil && now.Status != payment.SessionOpen {
		return now, nil
	}
	return payment.Checkout{}, wrap("expire checkout", err)
}

func lineItem(r payment.CheckoutRequest) *stripe.CheckoutSessionLineItemParams {
	product := &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String(itemName(r))}
	if r.Description != "" && r.Description != itemName(r) {
		product.Description = stripe.String(r.Description)
	}
	return &stripe.CheckoutSessionLineItemParams{
		Quantity: stripe.Int64(1),
		PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
			Currency:    stripe.String(lowerCode(r.Amount.Currency)),
			UnitAmount:  stripe.Int64(r.Amount.Minor),
			ProductData: product,
		},
	}
}

// itemName is never empty, because the provider refuses a line without a name.
func itemName(r payment.CheckoutRequest) string {
	switch {
	case r.OrderNumber != "":
		return r.OrderNumber
	case r.Description != "":
		return r.Description
	}
	return r.OrderID
}

func intentData(r payment.CheckoutRequest) *stripe.CheckoutSessionPaymentIntentDataParams {
	method := stripe.PaymentIntentCaptureMethodAutomatic
	if r.Manual {
		method = stripe.PaymentIntentCaptureMethodManual
	}
	d := &stripe.CheckoutSessionPaymentIntentDataParams{
		CaptureMethod: stripe.String(string(method)),
		Metadata:      references(r),
	}
	if r.OrderNumber != "" {
		d.Description = stripe.String(r.OrderNumber)
	}
	return d
}

// references go on the session and on its intent: whichever object is looked at names its order.
func references(r payment.CheckoutRequest) map[string]string {
	return map[string]string{metaOrder: r.OrderID, metaPayment: r.PaymentID}
}
