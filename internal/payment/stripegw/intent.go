package stripegw

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"forecourt/internal/payment"
)

// Intent implements payment.Gateway.
func (g *Gateway) Intent(ctx context.Context, intentID string) (payment.Intent, error) {
	p := &stripe.PaymentIntentParams{}
	p.Context = ctx
	p.AddExpand("latest_charge")
	pi, err := g.api.PaymentIntents.Get(intentID, p)
	if err != nil {
		return payment.Intent{}, wrap("read intent", err)
	}
	return toIntent(pi), nil
}

// Capture implements payment.Gateway.
func (g *Gateway) Capture(ctx context.Context, intentID string, amountMinor int64, key string) (payment.Intent, error) {
	p := &stripe.PaymentIntentCaptureParams{AmountToCapture: stripe.Int64(amountMinor)}
	p.Context = ctx
	p.AddExpand("latest_charge")
	return g.change(ctx, intentID, "capture", key, &p.Params, func() (*stripe.PaymentIntent, error) { return g.api.PaymentIntents.Capture(intentID, p) },
		func(i payment.Intent) bool { return i.Status == payment.IntentSucceeded && i.Received == amountMinor })
}

// Void implements payment.Gateway.
func (g *Gateway) Void(ctx context.Context, intentID, key string) (payment.Intent, error) {
	p := &stripe.PaymentIntentCancelParams{}
	p.Context = ctx
	p.AddExpand("latest_charge")
	return g.change(ctx, intentID, "void", key, &p.Params, func() (*stripe.PaymentIntent, error) { return g.api.PaymentIntents.Cancel(intentID, p) },
		func(i payment.Intent) bool { return i.Status == payment.IntentCanceled })
}

// change makes a call that moves an intent on. After a refusal, or behind a key that only repeats an old failure, it
// looks at the intent: when that is in the wanted state, an earlier call did the work and its answer was lost. An unknown
// outcome is not settled here but handed up.
func (g *Gateway) change(ctx context.Context, intentID, op, key string, p *stripe.Params, call func() (*stripe.PaymentIntent, error), wanted func(payment.Intent) bool) (payment.Intent, error) {
	var now payment.Intent
	look := func() (ok bool, err error) {
		i, err := g.Intent(ctx, intentID)
		if err == nil && wanted(i) {
			now, ok = i, true
		}
		return ok, err
	}
	err := withKeys(key, p, func() error {
		pi, err := call()
		if err == nil {
			now = toIntent(pi)
		}
		return err
	}, look)
	if err == nil {
		return now, nil
	}
	if refused(err) {
		if ok, _ := look(); ok {
			return now, nil
		}
	}
	return payment.Intent{}, wrap(op, err)
}
