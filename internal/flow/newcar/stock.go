package newcar

import (
	"context"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/stock"
	"forecourt/internal/world"
)

// Faults of buying a car that exists.
var (
	ErrCarTaken  = stock.ErrTaken
	ErrCarUnsold = fault.New(fault.Conflict, "checkout.car_unsold", "newcar")
)

// CarFor checks that a car is of a shop's model and free; a car of another shop does not exist here.
func (s *Service) CarFor(c *stock.Car, shop sale.Shop, model id.Model) error {
	if c.Brand != shop.Brand || c.Market != shop.Market || c.Model != model {
		return stock.ErrNoCar
	}
	if c.State != stock.Free {
		return ErrCarTaken
	}
	return nil
}

// BuildOf is a car's build at today's price. A car that the range does not allow as it is can not be
// sold: the buyer would get another one than the page shows.
func BuildOf(m *configurator.Model, c *stock.Car) (configurator.Build, error) {
	picked, err := configurator.Decode(c.Selection)
	if err != nil {
		return configurator.Build{}, ErrCarUnsold
	}
	if err := m.Check(picked); err != nil {
		return configurator.Build{}, ErrCarUnsold
	}
	b, err := m.Complete(picked)
	if err != nil || configurator.Encode(b.Selection) != c.Selection {
		return configurator.Build{}, ErrCarUnsold
	}
	return b, nil
}

// wishTx reads the car that a new draft names. Its build, not what the address says, is what is bought.
func (s *Service) wishTx(tx *db.Tx, b *Build) error {
	c, err := stock.Get(tx.DB, b.Car)
	if err != nil {
		return err
	}
	if err := s.CarFor(c, b.Shop, b.Model); err != nil {
		return err
	}
	_, m, err := s.price(Build{Shop: b.Shop, Model: b.Model, Car: b.Car})
	if err != nil {
		return err
	}
	full, err := BuildOf(m, c)
	b.Selection = full.Selection
	return err
}

// sellTx locks the car that a draft names and writes into its order what is sold. From here to the
// end of the transaction nobody else can take it.
func (s *Service) sellTx(tx *db.Tx, d *ordering.Draft, o *ordering.Order, bought string, m *configurator.Model, mk *market.Market) error {
	if d.Car == "" {
		return nil
	}
	c, err := stock.LockTx(tx, d.Car)
	if err != nil {
		return err
	}
	if err := s.CarFor(c, sale.Shop{Brand: o.Brand, Market: o.Market, Flow: id.FlowNew}, c.Model); err != nil {
		return err
	}
	if _, err := BuildOf(m, c); err != nil || c.Selection != bought {
		return ErrCarUnsold
	}
	place, ok := s.World.Now().Dealer(c.Dealer)
	if !ok {
		return ErrCarUnsold
	}
	today := world.Today(mk, tx.Now)
	there := c.ReadyAt(place, mk, today)
	o.Snapshot.Stock = &ordering.StockCar{Number: c.ID, Stage: string(c.Stage), Dealer: c.Dealer, ReadyOn: string(there),
		MovedOn: string(stock.WorkingDays(mk, place.Region, there, stock.TransferDays))}
	return nil
}

// LeaveCarTx lets go of the car that a draft names: the buyer orders the same build from the factory.
func (s *Service) LeaveCarTx(tx *db.Tx, shop sale.Shop, token string) error {
	d, err := ordering.LockDraftTx(tx, shop.Brand, shop.Market, token)
	if err != nil {
		return err
	}
	d.Car = ""
	return ordering.SetDraftTx(tx, d)
}

// skipFactoryTx moves an order that a dealer has just accepted to where its car is.
func (s *Service) skipFactoryTx(ctx context.Context, tx *db.Tx, o *ordering.Order) error {
	if o.Snapshot.Stock == nil {
		return nil
	}
	c, err := stock.HeldBy(tx.DB, o.ID)
	if err != nil || c == nil {
		return err
	}
	return s.toCarTx(ctx, tx, o, c)
}

// toCarTx moves an accepted order to where the car is that it has.
func (s *Service) toCarTx(ctx context.Context, tx *db.Tx, o *ordering.Order, c *stock.Car) error {
	ev := ordering.Fetch
	switch {
	case c.VIN == "":
		ev = ordering.Place // it is in the factory's plan already
	case c.Stage == stock.Ground && c.Dealer == o.Dealer:
		ev = ordering.Stand
	}
	return ordering.MoveTx(ctx, tx, o, ev, "system", string(c.ID), ordering.Change{VIN: c.VIN})
}

// followTx lets the car go where its order goes.
func followTx(tx *db.Tx, o *ordering.Order, ev ordering.Event) error {
	switch ev { // an order may have a car that it did not name: one of the pool
	case ordering.Dispatch:
		return stock.FollowTx(tx, o.ID, stock.Transit, o.VIN, o.Dealer)
	case ordering.Arrive:
		return stock.FollowTx(tx, o.ID, stock.Ground, o.VIN, o.Dealer)
	}
	return nil
}

// carBatch bounds what one sweep frees.
const carBatch = 100

// sweepCars frees cars whose order is over. The step that ends an order does it too: this finds what
// an instance of an older release ended.
func (s *Service) sweepCars(ctx context.Context) error {
	over, err := endedWithCar(s.DB.Read(ctx), carBatch)
	if err != nil || len(over) == 0 {
		return err
	}
	return s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		for _, o := range over {
			if err := stock.ReleaseTx(tx, o); err != nil {
				return err
			}
		}
		return nil
	})
}
