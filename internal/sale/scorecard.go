package sale

import (
	"context"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
)

// CanRate tells whether the buyer may say what he thought of the dealer: from the handover on.
func CanRate(o ordering.State) bool { return o.Sold() }

// RateTx keeps what the buyer thought of the dealer who handed the car over, from one to five. It may be changed for
// allocation.RatingOpen. The audit holds the figure, not the words.
func (s *Service) RateTx(ctx context.Context, tx *db.Tx, key id.Order, stars int, words string) error {
	if err := allocation.CheckRating(stars, words); err != nil {
		return err
	}
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	if !CanRate(o.State) {
		return ordering.ErrMoved
	}
	if err := allocation.RateTx(tx, o.ID, o.Market, o.Dealer, stars, words); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: "buyer", Action: "order.rate", Subject: "order:" + string(o.ID), Market: string(o.Market), Brand: string(o.Brand), New: map[string]int{"stars": stars}})
}

// RemarkTx keeps what a dealer says to its scorecard, or what the country answers, and notes who did.
func (s *Service) RemarkTx(ctx context.Context, tx *db.Tx, n allocation.NewRemark) error {
	if err := allocation.RemarkTx(tx, n); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: "staff:" + string(n.User), Action: "scorecard.remark", Subject: "dealer:" + string(n.Dealer), Market: string(n.Market),
		New: map[string]string{"figure": string(n.Figure), "side": string(n.Side), "number": n.Number}})
}
