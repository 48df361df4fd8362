package usedcar

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/usedcars"
)

// carTx locks the car of an order.
func carTx(tx *db.Tx, o *ordering.Order) (*usedcars.Car, error) {
	return usedcars.LockTx(tx, o.Snapshot.Used.Number)
}

// soldTx: the order is paid for.
func (s *Service) soldTx(tx *db.Tx, o *ordering.Order) error {
	c, err := carTx(tx, o)
	if err != nil {
		return err
	}
	return usedcars.MoveTx(tx, c, usedcars.Step{To: usedcars.Sold, Actor: "system", Why: "paid", Order: o.ID})
}

// standTx: the dealer said yes; the car stands where it is fetched, or is to be brought there.
func (s *Service) standTx(ctx context.Context, tx *db.Tx, o *ordering.Order) error {
	if o.Snapshot.Used.Moved != nil {
		return s.planTransferTx(tx, o)
	}
	return ordering.MoveTx(ctx, tx, o, ordering.Stand, "system", string(o.Snapshot.Used.Number), ordering.Change{VIN: o.Snapshot.Used.VIN, Plate: o.Snapshot.Used.Plate})
}

// freeTx: the order ended before a handover; the next in line has the first refusal.
func (s *Service) freeTx(tx *db.Tx, o *ordering.Order) error {
	c, err := carTx(tx, o)
	if err != nil {
		return err
	}
	if err := errors.Join(stopTransferTx(tx, o), freeOfferTx(tx, o)); err != nil {
		return err
	}
	h, err := usedcars.HoldOfOrder(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if h.State == usedcars.Ended && c.Order != o.ID {
		return nil // let go already
	}
	if h.State == usedcars.Ended { // with a handover that was undone: the car is still the order's
		return s.passOnTx(tx.Statement.Context, tx, c, "system", string(usedcars.Unpaid))
	}
	return s.endTx(tx.Statement.Context, tx, c, h, usedcars.Unpaid, "system")
}

// goneTx: the car is the buyer's. Who still waits is told that it is over.
func (s *Service) goneTx(tx *db.Tx, o *ordering.Order) error {
	c, err := carTx(tx, o)
	if err != nil {
		return err
	}
	if err := usedcars.MoveTx(tx, c, usedcars.Step{To: usedcars.Gone, Actor: "dealer", Why: "handed_over", Order: o.ID}); err != nil {
		return err
	}
	if err := errors.Join(endTransferTx(tx, o, usedcars.Done), s.stockExchangeTx(tx, o)); err != nil {
		return err
	}
	h, err := usedcars.HoldOfOrder(tx.DB, o.ID)
	if err == nil && h.State == usedcars.Ordered {
		err = usedcars.MoveHoldTx(tx, h, usedcars.HoldMove{To: usedcars.Ended, Why: usedcars.Bought})
	}
	if err != nil && !errors.Is(err, usedcars.ErrNoHold) {
		return err
	}
	return s.lineOverTx(tx.Statement.Context, tx, c.ID)
}

// stayTx: the handover was undone minutes later. The car is its buyer's as before; the line is gone.
func (s *Service) stayTx(tx *db.Tx, o *ordering.Order) error {
	c, err := carTx(tx, o)
	if err != nil {
		return err
	}
	if err := endTransferTx(tx, o, usedcars.There); err != nil {
		return err
	}
	return usedcars.MoveTx(tx, c, usedcars.Step{To: usedcars.Sold, Actor: "dealer", Why: "undone", Order: o.ID})
}

// backTx: the buyer withdrew and the car stands at its dealer again. What is offered next is a new row under the same VIN, with
// all that was known of the car; the dealer lists it when it was looked at.
func (s *Service) backTx(tx *db.Tx, o *ordering.Order) error {
	c, err := carTx(tx, o)
	if err != nil {
		return err
	}
	again := *c
	if err := usedcars.MoveTx(tx, c, usedcars.Step{To: usedcars.Returned, Actor: "dealer", Why: "withdrawn", Order: o.ID}); err != nil {
		return err
	}
	again.ID, again.Order, again.PriorMinor, again.ListedAt, again.Dealer, again.Owners = usedcars.NewNumber(), "", 0, time.Time{}, o.Dealer, c.Owners+1
	if l, err := ordering.LeavingOf(tx.DB, o.ID); err == nil && l != nil && l.OdometerKm > 0 {
		again.Km = max(again.Km, l.OdometerKm)
	}
	if live, err := usedcars.LiveVIN(tx.DB, c.VIN); err != nil || live {
		return err // another dealer has it in stock by now: a matter between them, and none that keeps money from going back
	}
	if err := usedcars.AddTx(tx, &again, s.wordsOf(&again), "system"); err != nil {
		return err
	}
	return usedcars.CarryTx(tx, c.ID, again.ID)
}

// wordsOf are the words a car is found by, in its market's language.
func (s *Service) wordsOf(c *usedcars.Car) string {
	mk, ok := s.World.Now().Market(c.Market)
	if !ok {
		return c.Title()
	}
	p := s.Words.Printer(mk.Locale)
	return c.Words(func(key string) string { return p.T(key) })
}
