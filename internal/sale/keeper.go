package sale

import (
	"errors"
	"fmt"
	"strconv"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/vehicle"
	"forecourt/internal/world"
)

const garagePurpose = "garage"

// GarageToken is the secret of a garage's link; the number counts its links.
func (s *Service) GarageToken(g id.Garage, linkNo int) string {
	return s.Tokens.Of(garagePurpose, string(g)+"/"+strconv.Itoa(linkNo))
}

// GarageHash is what is kept of that secret.
func (s *Service) GarageHash(g id.Garage, linkNo int) []byte {
	return ordering.HashToken(s.GarageToken(g, linkNo))
}

// keptTx makes the buyer of a car that was handed over its keeper: car, garage and the first line of its history.
func (s *Service) keptTx(tx *db.Tx, o *ordering.Order, km int) error {
	f, err := s.flowOf(o)
	if err != nil || !f.Vehicle || o.VIN == "" {
		return err
	}
	v, today, err := s.vehicleOf(tx, o)
	if err != nil {
		return err
	}
	if err := vehicle.RegisterTx(tx, v, today); err != nil {
		return fmt.Errorf("sale: keep %s: %w", o.ID, err)
	}
	if v, err = vehicle.LockTx(tx, v.ID); err != nil {
		return err
	}
	g, err := s.GarageTx(tx, o)
	if err != nil {
		return err
	}
	k, err := vehicle.KeepTx(tx, v.ID, g.ID, vehicle.Handover, o.ID)
	if err != nil {
		return err
	}
	return vehicle.HappenedTx(tx, v, &vehicle.Event{Kind: vehicle.GivenOver, Km: km, Dealer: o.Dealer, Order: o.ID, Keeper: k.ID})
}

// vehicleOf is the car of an order. A new one is registered on the day of its handover.
func (s *Service) vehicleOf(tx *db.Tx, o *ordering.Order) (*vehicle.Vehicle, market.Date, error) {
	mk, err := s.Market(o.Market)
	if err != nil {
		return nil, "", err
	}
	today := world.Today(mk, tx.Now)
	v := &vehicle.Vehicle{VIN: o.VIN, Market: o.Market, Brand: o.Brand, Model: o.Snapshot.Model, Title: o.Snapshot.Title(), Fuel: o.Snapshot.Fuel, Plate: o.Plate, Registered: today}
	if u := o.Snapshot.Used; u != nil {
		v.Registered = market.Date(u.Registered)
	}
	if o.Snapshot.Electric {
		v.Fuel = "electric"
	}
	return v, today, nil
}

// GarageTx is the garage of an order's buyer.
func (s *Service) GarageTx(tx *db.Tx, o *ordering.Order) (*vehicle.Garage, error) {
	b, err := ordering.BuyerOf(tx.DB, o.Buyer)
	if err != nil {
		return nil, err
	}
	return vehicle.GarageTx(tx, o.Market, vehicle.Person{Email: b.Email, Name: b.Name, Locale: o.Locale}, s.GarageHash)
}

// letGoTx ends the time that began with an order, whose car is its dealer's again; km is 0 when nobody read the odometer.
func letGoTx(tx *db.Tx, o *ordering.Order, what vehicle.Kind, km int) error {
	k, err := vehicle.KeeperByOrder(tx.DB, o.ID)
	if err != nil || k == nil {
		return err
	}
	v, err := vehicle.LockTx(tx, k.Vehicle)
	if err != nil {
		return err
	}
	if _, err := vehicle.EndKeeperTx(tx, k.ID, string(what)); err != nil {
		return err
	}
	return vehicle.HappenedTx(tx, v, &vehicle.Event{Kind: what, Km: km, Dealer: o.Dealer, Order: o.ID, Keeper: k.ID})
}

// CarCorrectedTx lets the keeper of a car follow the corrected VIN or plate of his order: what was written under the wrong VIN is
// ended there, and stands anew under the right one.
func (s *Service) CarCorrectedTx(tx *db.Tx, o *ordering.Order) error {
	if err := letGoTx(tx, o, vehicle.NotGiven, 0); err != nil {
		return err
	}
	return s.keptTx(tx, o, 0)
}

// KeeperLeavesTx ends the time of whoever keeps a car that a dealer took over; nothing when nobody is known to.
func (s *Service) KeeperLeavesTx(tx *db.Tx, vin string, km int, d id.Dealer) error {
	v, err := vehicle.ByVIN(tx.DB, vin)
	if errors.Is(err, vehicle.ErrUnknown) {
		return nil
	}
	if err == nil {
		v, err = vehicle.LockTx(tx, v.ID)
	}
	if err != nil {
		return err
	}
	k, err := vehicle.KeeperOf(tx.DB, v.ID)
	if err != nil || k == nil {
		return err
	}
	if _, err := vehicle.EndKeeperTx(tx, k.ID, vehicle.Resold); err != nil {
		return err
	}
	return vehicle.HappenedTx(tx, v, &vehicle.Event{Kind: vehicle.CameBack, Km: km, Dealer: d, Keeper: k.ID})
}
