package sale

import (
	"context"

	"forecourt/internal/allocation"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/world"
)

// goodwillTx gives the buyer of an order that the caller has locked what the market sets for a silence of which he is told
// now, at the expense of the dealer who was silent. It is taken off what he owes; of what is paid already, that much goes
// back by the way of every part of a payment, after the commit.
func (s *Service) goodwillTx(ctx context.Context, tx *db.Tx, mk *market.Market, o *ordering.Order, e *allocation.Entry, round int) error {
	minor := min(mk.Promised().GoodwillAt(world.Today(mk, tx.Now)), o.TotalMinor)
	if minor <= 0 {
		return nil
	}
	fresh, err := payment.GiveTx(tx, payment.Goodwill{Order: o.ID, Round: round, Market: o.Market, Dealer: e.Dealer, Amount: money.Of(minor, o.Currency)}, SellerOf(o))
	if err != nil || !fresh {
		return err
	}
	return s.ExcessTx(ctx, tx, o, payment.PartGoodwill)
}
