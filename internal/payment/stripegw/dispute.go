package stripegw

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v76"

	"forecourt/internal/payment"
	"forecourt/internal/platform/money"
)

// DisputesOf implements payment.Gateway. The provider lists newest first.
func (g *Gateway) DisputesOf(ctx context.Context, intentID string) ([]payment.Dispute, error) {
	p := &stripe.DisputeListParams{PaymentIntent: stripe.String(intentID)}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	var out []payment.Dispute
	it := g.api.Disputes.List(p)
	for it.Next() {
		out = append(out, toDispute(it.Dispute()))
	}
	if err := it.Err(); err != nil {
		return nil, wrap("list disputes", err)
	}
	return out, nil
}

func toDispute(d *stripe.Dispute) payment.Dispute {
	out := payment.Dispute{ID: d.ID, Status: string(d.Status), Reason: string(d.Reason),
		Amount: money.Of(d.Amount, upperCode(d.Currency)), Created: instant(d.Created)}
	if d.EvidenceDetails != nil {
		out.AnswerBy = instant(d.EvidenceDetails.DueBy)
	}
	return out
}

// EventsSince implements payment.Gateway.
func (g *Gateway) EventsSince(ctx context.Context, since time.Time, each func(payment.Event) error) error {
	p := &stripe.EventListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	it := g.api.Events.List(p)
	for it.Next() {
		e, err := g.toEvent(*it.Event(), nil)
		if err != nil {
			return err
		}
		if err := each(e); err != nil {
			return err
		}
	}
	if err := it.Err(); err != nil {
		return wrap("list events", err)
	}
	return nil
}

// BalanceSince implements payment.Gateway.
func (g *Gateway) BalanceSince(ctx context.Context, since time.Time, each func(payment.BalanceLine) error) error {
	p := &stripe.BalanceTransactionListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	p.AddExpand("data.source")
	it := g.api.BalanceTransactions.List(p)
	for it.Next() {
		if err := each(toBalanceLine(it.BalanceTransaction())); err != nil {
			return err
		}
	}
	if err := it.Err(); err != nil {
		return wrap("list balance", err)
	}
	return nil
}

func toBalanceLine(b *stripe.BalanceTransaction) payment.BalanceLine {
	out := payment.BalanceLine{ID: b.ID, Type: string(b.Type), Amount: money.Of(b.Amount, upperCode(b.Currency)), FeeMinor: b.Fee, Created: instant(b.Created)}
	if b.Source == nil {
		return out
	}
	out.SourceID = b.Source.ID
	switch s := b.Source; {
	case s.Charge != nil && s.Charge.PaymentIntent != nil:
		out.IntentID = s.Charge.PaymentIntent.ID
	case s.Refund != nil && s.Refund.PaymentIntent != nil:
		out.IntentID = s.Refund.PaymentIntent.ID
	case s.Dispute != nil && s.Dispute.PaymentIntent != nil:
		out.IntentID = s.Dispute.PaymentIntent.ID
	}
	return out
}
