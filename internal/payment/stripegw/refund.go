package stripegw

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"forecourt/internal/payment"
)

// Refund implements payment.Gateway.
func (g *Gateway) Refund(
	ctx context.Context, intentID string, amountMinor int64, ref, key string,
) (payment.Refund, error) {
	p := &stripe.RefundParams{
		PaymentIntent: stripe.String(intentID),
		Amount:        stripe.Int64(amountMinor),
		Metadata:      map[string]string{metaPayment: ref},
	}
	p.Context = ctx
	var out payment.Refund
	err := withKeys(key, &p.Params, func() error {
		r, err := g.api.Refunds.New(p)
		if err == nil {
			out = toRefund(r)
		}
		return err
	}, func() (bool, error) {
		made, err := g.RefundsOf(ctx, intentID)
		for _, r := range made {
			if r.Ref == ref && r.AmountMinor == amountMinor && r.Status != "failed" && r.Status != "canceled" {
				out = r
				return true, err
			}
		}
		return false, err
	})
	if err != nil {
		return payment.Refund{}, wrap("refund", err)
	}
	return out, nil
}

// RefundsOf implements payment.Gateway. The provider lists newest first.
func (g *Gateway) RefundsOf(ctx context.Context, intentID string) ([]payment.Refund, error) {
	p := &stripe.RefundListParams{PaymentIntent: stripe.String(intentID)}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	var out []payment.Refund
	it := g.api.Refunds.List(p)
	for it.Next() {
		out = append(out, toRefund(it.Refund()))
	}
	if err := it.Err(); err != nil {
		return nil, wrap("list refunds", err)
	}
	return out, nil
}
