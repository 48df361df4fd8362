package workshop

import (
	"crypto/subtle"
	"errors"
	"strings"

	"gorm.io/gorm"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/sale"
	"forecourt/internal/vehicle"
)

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
