package stripesim_test

import (
	"errors"
	"testing"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"forecourt/internal/stripesim/banktest"
)

// TestStripesOwnClient reads and changes, with Stripe's library, what the gateway has no method for.
func TestStripesOwnClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(w.srv.URL), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
	api := client.New(testKey, &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
	i := w.bought(banktest.Disputed)

	disputes := api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: stripe.String(i.ID)})
	if !disputes.Next() {
		t.Fatalf("no dispute: %v", disputes.Err())
	}
	d := disputes.Dispute()
	if d.Status != stripe.DisputeStatusNeedsResponse || d.Reason != stripe.DisputeReasonFraudulent || len(d.BalanceTransactions) != 1 ||
		d.BalanceTransactions[0].Net != -12_000 || d.PaymentIntent.ID != i.ID || d.EvidenceDetails.DueBy == 0 {
		t.Errorf("dispute: %+v", d)
	}
	d, err := api.Disputes.Update(d.ID, &stripe.DisputeParams{
		Evidence: &stripe.DisputeEvidenceParams{UncategorizedText: stripe.String("winning_evidence")},
		Submit:   stripe.Bool(true),
	})
	if err != nil || d.Status != stripe.DisputeStatusWon {
		t.Errorf("evidence: %+v %v", d, err)
	}

	p := &stripe.BalanceTransactionListParams{}
	p.AddExpand("data.source")
	p.Limit = stripe.Int64(2) // more than one page
	kinds := map[stripe.BalanceTransactionSourceType]int{}
	lines := api.BalanceTransactions.List(p)
	for lines.Next() {
		kinds[lines.BalanceTransaction().Source.Type]++
	}
	if lines.Err() != nil || kinds[stripe.BalanceTransactionSourceTypeCharge] != 1 || kinds[stripe.BalanceTransactionSourceTypeDispute] != 2 {
		t.Errorf("balance: %v %v", kinds, lines.Err())
	}

	_, err = api.PaymentIntents.New(&stripe.PaymentIntentParams{
		Amount: stripe.Int64(500), Currency: stripe.String("eur"), PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		PaymentMethod: stripe.String("pm_card_visa_chargeDeclinedInsufficientFunds"), Confirm: stripe.Bool(true),
	})
	var declined *stripe.Error
	if !errors.As(err, &declined) || declined.DeclineCode != stripe.DeclineCodeInsufficientFunds || declined.PaymentIntent == nil ||
		declined.PaymentIntent.Status != stripe.PaymentIntentStatusRequiresPaymentMethod {
		t.Errorf("decline: %+v", err)
	}
	pi, err := api.PaymentIntents.New(&stripe.PaymentIntentParams{
		Amount: stripe.Int64(500), Currency: stripe.String("eur"), PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		PaymentMethod: stripe.String("pm_card_threeDSecure2Required"), Confirm: stripe.Bool(true), ReturnURL: stripe.String(shop),
	})
	if err != nil || pi.Status != stripe.PaymentIntentStatusRequiresAction || pi.NextAction.RedirectToURL.URL == "" {
		t.Errorf("challenge: %+v %v", pi, err)
	}
	who, err := api.Customers.New(&stripe.CustomerParams{Email: stripe.String("ada@example.com")})
	if err != nil || who.Email != "ada@example.com" {
		t.Errorf("customer: %+v %v", who, err)
	}
}
