package workshop

import (
	"context"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/world"
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

// How many days are looked ahead for another time of a visit, and how many times are shown.
const (
	moveDays  = 21
	moveTimes = 60
)

// SlotsAt are the next free times of a site for the work of a booking, as customer and workshop may move it to.
func (s *Service) SlotsAt(ctx context.Context, site *network.Dealer, b *aftersales.Booking) ([]aftersales.Slot, error) {
	return s.Slots(ctx, sale.Shop{Brand: b.Brand, Market: b.Market, Flow: id.FlowService}, []*network.Dealer{site}, b.Lines, b.Mobility, s.DB.Clock.Now(), moveDays, moveTimes)
}
