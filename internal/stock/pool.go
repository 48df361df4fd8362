package stock

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
)

// Faults of the pool.
var (
	ErrNotPooled = fault.New(fault.Conflict, "pool.gone", "stock.Wish")
	ErrWishes    = fault.New(fault.Conflict, "pool.too_many", "stock.Wish")
)

// MostWishes bounds for how many cars of the pool one dealer may ask at a time.
const MostWishes = 20

// PoolRest is how long a car lies in the pool before a dealer gets it for its own stock: so long buyers of the whole
// market, and sold orders that are accepted meanwhile, come first.
const PoolRest = 24 * time.Hour

// What becomes of a car.
const (
	Warned  = "warned"   // its dealer was told
	Pooled  = "pooled"   // it is no dealer's any more
	ToOrder = "to_order" // a buyer who waited has it
	ToStock = "to_stock" // a dealer who asked has it
)

// DaysOf is how many days a car stays with its dealer by a rule.
func (c *Car) DaysOf(u market.Unused) int {
	if c.Stage == Ground {
		return u.CarDays
	}
	return u.SlotDays
}

// KeptUntil is the first day on which a free car is not its dealer's any more: by the rule, and never earlier than the
// dealer was told before.
func (c *Car) KeptUntil(u market.Unused, m *market.Market) market.Date {
	end := market.DateOf(c.KeptSince.In(m.Zone())).Plus(c.DaysOf(u))
	if !c.WarnedAt.IsZero() {
		end = max(end, market.DateOf(c.WarnedAt.In(m.Zone())).Plus(u.WarnDays))
	}
	return end
}

// TellOn is the day on which its dealer is told.
func (c *Car) TellOn(u market.Unused, m *market.Market) market.Date {
	return market.DateOf(c.KeptSince.In(m.Zone())).Plus(c.DaysOf(u) - u.WarnDays)
}

// Move is the receipt of what became of a car: by which rule, with which figures.
type Move struct {
	Car    id.StockCar
	Market id.Market
	What   string
	From   id.Dealer
	To     id.Dealer // the same while it stays
	Order  id.Order  // of a buyer who got it; empty else
	Rule   string
	Why    Why
	At     time.Time
}

// Why are the figures behind a Move.
type Why struct {
	Stage     Stage       `json:"stage"`
	KeptSince market.Date `json:"kept_since"`
	Days      int         `json:"days"`
	Until     market.Date `json:"until,omitempty"`
	Waiting   int         `json:"waiting"` // buyers who waited for such a car
	Wishes    int         `json:"wishes"`  // dealers who had asked for it
}
