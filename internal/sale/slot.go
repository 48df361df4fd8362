package sale

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"
)

// WishTx keeps the first day on which the buyer can fetch the car, for the dealer to plan with: from tomorrow on, within a
// year; empty takes the wish back. It books nothing.
func (s *Service) WishTx(tx *db.Tx, key id.Order, day string) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	if !o.State.WithDealer() {
		return ordering.ErrMoved
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	if day != "" {
		t, err := time.Parse(time.DateOnly, day)
		today := world.Today(mk, tx.Now)
		if err != nil || market.Date(t.Format(time.DateOnly)) <= today || market.Date(day) > today.Plus(365) {
			return ErrWish
		}
	}
	return ordering.SetWishTx(tx, o, day)
}

// BookTx books the handover for the buyer; booking again moves it.
func (s *Service) BookTx(ctx context.Context, tx *db.Tx, key id.Order, starts time.Time) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	if o.State != ordering.Ready {
		return ordering.ErrMoved
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	dealer, ok := s.World.Now().Dealer(o.Place())
	if !ok {
		return ErrDealer
	}
	taken, err := network.Taken(tx.DB, o.Place(), tx.Now)
	if err != nil {
		return err
	}
	for _, slot := range dealer.Slots(mk, tx.Now, taken, o.Snapshot.Electric) {
		if slot.StartsAt.Equal(starts) {
			a := &network.Appointment{Order: o.ID, Market: o.Market, Dealer: o.Place(), StartsAt: slot.StartsAt, EndsAt: slot.EndsAt, Electric: o.Snapshot.Electric}
			if err := network.BookTx(tx, a, dealer.BaysFor(slot.StartsAt, o.Snapshot.Electric)); err != nil {
				return err
			}
			booking, err := network.BookingsTx(tx, o.ID)
			if err != nil {
				return err
			}
			return s.TellBuyerTx(ctx, tx, o, "slot", booking)
		}
	}
	return network.ErrNoSlot
}

// MannerTx keeps how the buyer would like the booked handover to be, as far as the site can grant it.
func (s *Service) MannerTx(tx *db.Tx, key id.Order, asked []string) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	d, ok := s.World.Now().Dealer(o.Place())
	if !ok {
		return ErrDealer
	}
	return network.MannerTx(tx, o.ID, d.Granted(asked))
}
