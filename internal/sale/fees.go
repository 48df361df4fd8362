package sale

import (
	"context"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
)

// bookFees posts what the card bank charged for our payments and the ledger does not have yet. Who sells the car
// bears it: a dealer's settlement takes it off.
func (s *Service) bookFees(ctx context.Context, lines []payment.BalanceLine) error {
	fresh, err := payment.UnbookedFees(s.DB.Read(ctx), s.Gateway.Account(), lines)
	if err != nil {
		return err
	}
	for _, l := range fresh {
		p, err := payment.ByProvider(s.DB.Read(ctx), "", l.IntentID)
		if err != nil {
			return err
		}
		err = s.inOrder(ctx, p, func(_ context.Context, tx *db.Tx, o *ordering.Order, p *payment.Payment) error {
			return payment.PostFeeTx(tx, o.ID, p, SellerOf(o), money.Of(l.FeeMinor, l.Amount.Currency), l.ID)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
