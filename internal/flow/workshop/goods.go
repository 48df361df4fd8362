package workshop

import (
	"context"
	"errors"

	"forecourt/internal/aftersales"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/vehicle"
)

// freeTx: the order ended before the car was fetched; the slot, its parts and its courtesy car are free, and may suit somebody
// who waits. What is being worked at cannot be left.
func (s *Service) freeTx(tx *db.Tx, o *ordering.Order) error {
	b, err := bookingTx(tx, o)
	if err != nil || b.State.Final() {
		return err
	}
	if b.State == aftersales.InWork || b.State == aftersales.Ready {
		return ErrInWork
	}
	if err := aftersales.ReleaseTx(tx, b, "left"); err != nil {
		return err
	}
	return s.freedTx(tx, b)
}

// freedTx offers what became free at a booking's site to who waits for an earlier slot.
func (s *Service) freedTx(tx *db.Tx, b *aftersales.Booking) error {
	mk, rules, _, err := s.Terms(b.Market, tx.Now)
	if errors.Is(err, sale.ErrClosed) {
		return nil
	}
	site, ok := s.World.Now().Dealer(b.Dealer)
	if err != nil || !ok {
		return err
	}
	found, err := aftersales.OfferTx(tx, site, mk, rules)
	for _, e := range found {
		if err == nil && e.Booking.Order != "" {
			err = s.TellTx(tx.Statement.Context, tx, &ordering.Order{ID: e.Booking.Order, Market: e.Booking.Market}, "buyer", "earlier_slot", int(e.Slot.StartsAt.Unix()/60))
		}
	}
	return err
}

// doneTx: the customer has his car again. What was done stands in its history, plans that paid for it are used, those that were
// bought begin.
func (s *Service) doneTx(tx *db.Tx, o *ordering.Order) error {
	b, err := bookingTx(tx, o)
	if err != nil {
		return err
	}
	if err := aftersales.DoneTx(tx, b); err != nil {
		return err
	}
	if b.Vehicle == "" {
		return nil // nobody has read its VIN
	}
	if err := errors.Join(aftersales.UseContractTx(tx, b), s.contractsTx(tx, o, b)); err != nil {
		return err
	}
	v, err := vehicle.LockTx(tx, b.Vehicle)
	if err != nil {
		return err
	}
	k, err := vehicle.KeeperOf(tx.DB, v.ID)
	if err != nil {
		return err
	}
	e := &vehicle.Event{Kind: vehicle.Serviced, Km: b.Km, Dealer: b.Dealer, Order: o.ID, Lines: worked(o, b)}
	if k != nil {
		e.Keeper = k.ID
		if err := vehicle.VisitedTx(tx, k.Garage, b.Dealer); err != nil {
			return err
		}
	}
	return vehicle.HappenedTx(tx, v, e)
}

// worked are the lines of a visit as the car's history tells them.
func worked(o *ordering.Order, b *aftersales.Booking) []vehicle.Work {
	var out []vehicle.Work
	for i, l := range b.Lines {
		if l.Kind == aftersales.KindContract || l.Fitting == aftersales.Collected || i >= len(o.Snapshot.Lines) {
			continue
		}
		out = append(out, vehicle.Work{Code: l.Code, Label: o.Snapshot.Lines[i].Label})
	}
	return out
}

// contractsTx begins the service plans that were bought with a visit.
func (s *Service) contractsTx(tx *db.Tx, o *ordering.Order, b *aftersales.Booking) error {
	site, ok := s.World.Now().Dealer(b.Dealer)
	if !ok {
		return sale.ErrDealer
	}
	for _, l := range b.Lines {
		x, known := s.Book().Contract(l.Code)
		if l.Kind != aftersales.KindContract || !known {
			continue
		}
		if err := aftersales.SellContractTx(tx, x, o.Brand, o.Market, b.Vehicle, o.ID, market.DateOf(tx.Now.In(site.Zone()))); err != nil {
			return err
		}
	}
	return nil
}

// undoneTx: the handover was taken back minutes later; the work is done as before, and the history says both.
func (s *Service) undoneTx(tx *db.Tx, o *ordering.Order) error {
	b, err := bookingTx(tx, o)
	if err != nil {
		return err
	}
	if err := aftersales.UndoneTx(tx, b); err != nil || b.Vehicle == "" {
		return err
	}
	if _, err := aftersales.EndContractTx(tx, o.ID); err != nil {
		return err
	}
	v, err := vehicle.LockTx(tx, b.Vehicle)
	if err != nil {
		return err
	}
	return vehicle.HappenedTx(tx, v, &vehicle.Event{Kind: vehicle.NotGiven, Dealer: b.Dealer, Order: o.ID})
}

// sweep frees slots whose hold is over.
func (s *Service) sweep(ctx context.Context) error {
	return s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		freed, err := aftersales.SweepTx(tx, 100)
		seen := map[string]bool{}
		for _, b := range freed {
			if err != nil || seen[string(b.Dealer)] {
				continue
			}
			seen[string(b.Dealer)] = true
			err = s.freedTx(tx, b)
		}
		return err
	})
}
