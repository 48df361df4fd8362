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
	p.SetIdempotencyKey(key)
	p.AddExpand("latest_charge")
	pi, err := g.api.PaymentIntents.Capture(intentID, p)
	if err == nil {
		return toIntent(pi), nil
	}
	return g.alreadyDone(ctx, "capture", intentID, err, func(i payment.Intent) bool {
		return i.Status == payment.IntentSucceeded && i.Received == amountMinor
	})
}

// Void implements payment.Gateway.
func (g *Gateway) Void(ctx context.Context, intentID, key string) (payment.Intent, error) {
	p := &stripe.PaymentIntentCancelParams{}
	p.Context = ctx
	p.SetIdempotencyKey(key)
	p.AddExpand("latest_charge")
	pi, err := g.api.PaymentIntents.Cancel(intentID, p)
	if err == nil {
		return toIntent(pi), nil
	}
	return g.alreadyDone(ctx, "void", intentID, err, func(i payment.Intent) bool {
		return i.Status == payment.IntentCanceled
	})
}

// alreadyDone looks at the intent after a refusal: when it is in the wanted state, an earlier call
// did the work and its answer was lost. An unknown outcome is not settled here but handed up.
func (g *Gateway) alreadyDone(
	ctx context.Context, op, intentID string, err error, done func(payment.Intent) bool,
) (payment.Intent, error) {
	if !refused(err) {
		return payment.Intent{}, wrap(op, err)
	}
	if now, readErr := g.Intent(ctx, intentID); readErr == nil && done(now) {
		return now, nil
	}
	return payment.Intent{}, wrap(op, err)
}
