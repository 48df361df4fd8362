package sale

import (
	"context"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
)

// SendLeaveLinkTx mails an order's link to its buyer when number and address belong together, at most once a day for an
// order. It answers the same whether they do or not.
func (s *Service) SendLeaveLinkTx(ctx context.Context, tx *db.Tx, shop Shop, number, email string) error {
	key, ok, err := ordering.FindForBuyer(tx.DB, shop.Brand, shop.Market, number, email)
	if err != nil || !ok {
		return err
	}
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	return s.TellBuyerTx(ctx, tx, o, "withdraw_link", int(tx.Now.Unix()/int64(24*time.Hour/time.Second)))
}
