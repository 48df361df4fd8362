package workshop

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/vehicle"
	"forecourt/internal/world"

	"gorm.io/gorm"
)

const visitPurpose = "visit"

// Wish is what a customer wants done, where, and when.
type Wish struct {
	Car      aftersales.Car
	Title    string // of the car, as people call it
	Picks    []aftersales.Pick
	Dealer   id.Dealer
	Start    time.Time
	Mobility aftersales.Mobility
	Near     string // where a car is collected, as its customer writes it
	Source   aftersales.Source
}

// Known adds to a car what the house knows of it: its service plans, and what was done in the time of whoever has proven that he
// keeps it. A stranger's mileage is not told, but one below it is refused.
func (s *Service) Known(g *gorm.DB, c *aftersales.Car, m id.Market) (id.Vehicle, error) {
	v, err := find(g, c, m)
	if errors.Is(err, vehicle.ErrUnknown) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if c.Owned, err = aftersales.ContractsOf(g, v.ID); err != nil {
		return "", err
	}
	es, err := vehicle.History(g, v.ID)
	for _, e := range es {
		if e.Kind != vehicle.Serviced || e.Doubtful {
			continue
		}
		was := aftersales.Visit{On: market.DateOf(e.At), Km: e.Km}
		for _, l := range e.Lines {
			was.Items = append(was.Items, l.Code)
			if l.Code == aftersales.InspectionItem {
				c.Inspected = was.On
			}
		}
		c.Visits = append(c.Visits, was)
	}
	return v.ID, err
}

func find(g *gorm.DB, c *aftersales.Car, m id.Market) (*vehicle.Vehicle, error) {
	switch {
	case vehicle.GoodVIN(c.VIN):
		v, err := vehicle.ByVIN(g, c.VIN)
		if err == nil && v.Market != m {
			err = vehicle.ErrUnknown
		}
		return v, err
	case c.Plate != "":
		return vehicle.ByPlate(g, m, c.Plate)
	}
	return nil, vehicle.ErrUnknown
}

// ByPlate finds what is known of a car by its plate or VIN, to spare its customer the typing: what it is, never who keeps it or
// how far it was driven. False when it is not known in the market.
func (s *Service) ByPlate(g *gorm.DB, m id.Market, typed string) (*vehicle.Vehicle, bool, error) {
	c := aftersales.Car{VIN: strings.ToUpper(strings.ReplaceAll(typed, " ", ""))}
	if !vehicle.GoodVIN(c.VIN) {
		mk, err := s.Market(m)
		if err != nil {
			return nil, false, err
		}
		ok := false
		if c.Plate, ok = mk.CleanPlate(typed); !ok {
			return nil, false, nil
		}
	}
	v, err := find(g, &c, m)
	if errors.Is(err, vehicle.ErrUnknown) {
		return nil, false, nil
	}
	return v, err == nil, err
}

// Slots are the free slots of workshops for some work, from a day on.
func (s *Service) Slots(ctx context.Context, shop sale.Shop, sites []*network.Dealer, lines []aftersales.Line, mobility aftersales.Mobility, from time.Time, days, first int) ([]aftersales.Slot, error) {
	now := s.DB.Clock.Now()
	mk, rules, _, err := s.Terms(shop.Market, now)
	if err != nil {
		return nil, err
	}
	return aftersales.Free(s.DB.Read(ctx), aftersales.Ask{Sites: sites, Market: mk, Rules: rules, Skills: aftersales.SkillsOf(lines), Minutes: aftersales.MinutesOf(lines), Parts: aftersales.PartsOf(lines),
		Mobility: mobility, Now: now, From: from, Days: days, First: first, DueAt: now.Add(time.Duration(rules.HoldMinutes) * time.Minute)})
}

// HoldTx holds a slot for a customer who is about to book, for as long as the market's rules say.
func (s *Service) HoldTx(ctx context.Context, tx *db.Tx, shop sale.Shop, w Wish) (*aftersales.Booking, error) {
	if err := s.RequireOpenTx(tx, shop); err != nil {
		return nil, err
	}
	mk, rules, _, err := s.Terms(shop.Market, tx.Now)
	if err != nil {
		return nil, err
	}
	site, err := s.DealerIn(shop, w.Dealer)
	if err != nil {
		return nil, err
	}
	v, err := s.Known(tx.DB, &w.Car, shop.Market)
	if err != nil {
		return nil, err
	}
	lines, err := s.Book().Pick(mk, w.Car, world.Today(mk, tx.Now), w.Picks)
	if err != nil {
		return nil, err
	}
	if aftersales.MinutesOf(lines) == 0 {
		return nil, ErrNothing
	}
	h := aftersales.Hold{Site: site, Market: mk, Rules: rules, Brand: shop.Brand, Source: w.Source, Start: w.Start, Lines: lines, Mobility: w.Mobility, Km: w.Car.Km, Vehicle: v,
		Told:  aftersales.Told{VIN: w.Car.VIN, Plate: w.Car.Plate, Model: w.Car.Model, Title: w.Title, Fuel: w.Car.Fuel, Registered: w.Car.Registered},
		DueAt: tx.Now.Add(time.Duration(rules.HoldMinutes) * time.Minute)}
	if w.Mobility == aftersales.IsCollected {
		place, ok := s.World.Now().Places(shop.Market).Find(shop.Market, w.Near)
		if !ok {
			return nil, aftersales.ErrFar
		}
		if h.CollectFeeMinor, h.CollectMetres, ok = rules.Collection(site, place); !ok {
			return nil, aftersales.ErrFar
		}
	}
	return aftersales.HoldTx(tx, h)
}

// VisitToken is the secret of a booking's page.
func (s *Service) VisitToken(key id.Booking) string {
	return string(key) + "." + s.Tokens.Of(visitPurpose, string(key))
}

// VisitBy finds the booking of a secret link in a shop.
func (s *Service) VisitBy(g *gorm.DB, shop sale.Shop, token string) (*aftersales.Booking, error) {
	key, _, _ := strings.Cut(token, ".")
	if subtle.ConstantTimeCompare([]byte(s.VisitToken(id.Booking(key))), []byte(token)) != 1 {
		return nil, aftersales.ErrNoBooking
	}
	b, err := aftersales.BookingBy(g, id.Booking(key))
	if err == nil && (b.Brand != shop.Brand || b.Market != shop.Market) {
		err = aftersales.ErrNoBooking
	}
	return b, err
}
