package usedcar

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"
)

// Faults of listing a car.
var (
	ErrOrdered = fault.New(fault.Conflict, "used.vin_ordered", "usedcar.List")
	ErrFuture  = fault.New(fault.Invalid, "used.registered_bad", "usedcar.List")
)

// AddTx takes a car into a dealer's stock, as a draft that nobody sees yet. Its VIN may not be for sale anywhere, nor on its way
// to a buyer as a new car.
func (s *Service) AddTx(ctx context.Context, tx *db.Tx, staff sale.Staff, c usedcars.Car) (id.UsedCar, error) {
	mk, err := s.Market(c.Market)
	if err != nil {
		return "", err
	}
	if _, err := s.DealerIn(sale.Shop{Brand: c.Brand, Market: c.Market, Flow: id.FlowUsed}, staff.Dealer); err != nil {
		return "", err
	}
	if c.Registered > world.Today(mk, tx.Now) {
		return "", ErrFuture
	}
	going, err := ordering.LiveVIN(tx.DB, c.VIN)
	if err != nil {
		return "", err
	}
	if going {
		return "", ErrOrdered
	}
	c.ID, c.Dealer, c.Currency = usedcars.NewNumber(), staff.Dealer, string(mk.Currency)
	if err := usedcars.AddTx(tx, &c, s.wordsOf(&c), staff.Actor()); err != nil {
		return "", err
	}
	return c.ID, s.auditTx(ctx, tx, staff, "used.add", &c, "")
}

// ListTx offers a draft to everybody. ErrNotReady while anything is missing that its market asks for.
func (s *Service) ListTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar) error {
	c, err := ownTx(tx, staff, key)
	if err == nil && c.State != usedcars.Draft {
		err = usedcars.ErrMoved
	}
	if err != nil {
		return err
	}
	if err := s.readyTx(tx, key); err != nil {
		return err
	}
	return s.moveOwnTx(ctx, tx, staff, key, usedcars.Listed, "used.list")
}

// WithdrawCarTx takes a car that nobody has off the market for good.
func (s *Service) WithdrawCarTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar) error {
	return s.moveOwnTx(ctx, tx, staff, key, usedcars.Withdrawn, "used.withdraw")
}

func (s *Service) moveOwnTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar, to usedcars.State, act string) error {
	c, err := ownTx(tx, staff, key)
	if err != nil {
		return err
	}
	if err := usedcars.MoveTx(tx, c, usedcars.Step{To: to, Actor: staff.Actor()}); err != nil {
		return err
	}
	return s.auditTx(ctx, tx, staff, act, c, "")
}

// ownTx locks a car of a dealer; another's does not exist for it.
func ownTx(tx *db.Tx, staff sale.Staff, key id.UsedCar) (*usedcars.Car, error) {
	tx.By = staff.Actor()
	c, err := usedcars.LockTx(tx, key)
	if err == nil && c.Dealer != staff.Dealer {
		err = usedcars.ErrNoCar
	}
	return c, err
}

// PriceTx gives a car another price, in minor units. Who has the car was promised the old one: ErrMoved.
func (s *Service) PriceTx(ctx context.Context, tx *db.Tx, staff sale.Staff, key id.UsedCar, minor int64) error {
	c, err := ownTx(tx, staff, key)
	if err != nil {
		return err
	}
	was := c.PriceMinor
	if err := usedcars.PriceTx(tx, c, minor, staff.Actor()); err != nil {
		return err
	}
	if was == minor {
		return nil
	}
	return s.auditTx(ctx, tx, staff, "used.price", c, "")
}

func (s *Service) auditTx(ctx context.Context, tx *db.Tx, staff sale.Staff, act string, c *usedcars.Car, reason string) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: staff.Actor(), Action: act, Subject: "used_car:" + string(c.ID), Market: string(c.Market), Brand: string(c.Brand),
		New: map[string]any{"state": string(c.State), "price_minor": c.PriceMinor}, Reason: reason})
}

// Ageing is how long a car has stood for sale and what that cost so far, by the market's demo figure a day.
type Ageing struct {
	Days      int
	CostMinor int64
	Alike     int // cars of the same model and about the same year in the market
	Cheaper   int // of them
}

// AgeOf tells how a dealer's car stands.
func (s *Service) AgeOf(c *usedcars.Car, now time.Time) Ageing {
	a := Ageing{}
	if c.ListedAt.IsZero() || c.State == usedcars.Draft {
		return a
	}
	a.Days = int(now.Sub(c.ListedAt) / (24 * time.Hour))
	if _, terms, _, err := s.Terms(c.Market, now); err == nil {
		a.CostMinor = int64(a.Days) * terms.DayCostMinor
	}
	alike, cheaper, _ := s.Shelf.At(c.Market).Alike(c.Title(), c.Registered.Time(time.UTC).Year(), c.PriceMinor)
	a.Alike, a.Cheaper = max(0, alike-1), cheaper
	return a
}
