package sale

import (
	"context"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/photo"
	"forecourt/internal/talk"
)

// CanTalk tells whether buyer and dealer may write to each other: from the dealer's yes on, until all is over.
func CanTalk(o ordering.State) bool { return o.WithDealer() || o.Sold() }

// WriteTx sends a buyer's message to the dealer who has the order.
func (s *Service) WriteTx(ctx context.Context, tx *db.Tx, key id.Order, body string, picture *photo.Photo) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	if !CanTalk(o.State) {
		return ordering.ErrMoved
	}
	if _, err := talk.SayTx(tx, talk.New{Order: o.ID, Market: o.Market, Dealer: o.Dealer, Side: talk.Buyer, Body: body, Photo: picture}); err != nil {
		return err
	}
	if err := allocation.AskedTx(tx, o.ID); err != nil {
		return err
	}
	return s.TellTx(ctx, tx, o, "dealer", "dealer_message", aDay(tx.Now))
}

// AnswerTx sends a message of the dealer to the buyer. It is news: the promise of news begins anew.
func (s *Service) AnswerTx(ctx context.Context, tx *db.Tx, staff Staff, number, body string, picture *photo.Photo) error {
	o, err := lockSoldTx(tx, staff, number)
	if err != nil {
		return err
	}
	e, err := allocation.LiveOf(tx.DB, o.ID) // none any more after the handover: people go on writing
	if err != nil {
		return err
	}
	works := e != nil && e.Dealer == staff.Dealer && e.State == allocation.Accepted
	if !CanTalk(o.State) || !works && !o.State.Sold() {
		return ordering.ErrMoved
	}
	if _, err := talk.SayTx(tx, talk.New{Order: o.ID, Market: o.Market, Dealer: o.Dealer, Side: talk.Dealer, User: staff.User, Body: body, Photo: picture}); err != nil {
		return err
	}
	if err := allocation.AnsweredTx(tx, o.ID); err != nil {
		return err
	}
	if works {
		if err := s.newsTx(tx, o, e); err != nil {
			return err
		}
	}
	return s.TellBuyerTx(ctx, tx, o, "message", aDay(tx.Now))
}

// aDay numbers a day: a side that writes ten times in an hour sends one letter.
func aDay(now time.Time) int { return int(now.Unix() / int64(24*time.Hour/time.Second)) }
