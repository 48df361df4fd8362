package stock

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/fault"
)

// Faults of this package.
var (
	ErrNoCar = fault.New(fault.NotFound, "fault.not_found", "stock")
	ErrTaken = fault.New(fault.Conflict, "checkout.car_taken", "stock.Hold")
	ErrVIN   = fault.New(fault.Invalid, "order.vin_other", "stock.Follow")

	ErrVINTaken = fault.New(fault.Invalid, "order.vin_taken", "stock.CorrectVIN")
	ErrListed   = fault.New(fault.Invalid, "slip.listed", "stock.CorrectVIN")
)

// Stage is how far a car is.
type Stage string

// The stages.
const (
	Ground  Stage = "ground"  // stands at the dealer
	Transit Stage = "transit" // built, on its way
	Build   Stage = "build"   // in the factory's plan
)

// Stages lists them, the nearest to the buyer first.
var Stages = []Stage{Ground, Transit, Build}

// State tells whose a car is.
type State string

// The states.
const (
	Free State = "free"
	Held State = "held"
	Gone State = "gone"

	Returned State = "returned"
)

// Edge is one allowed step.
type Edge struct{ From, To State }

// Edges is the machine of a car.
var Edges = []Edge{{"", Free}, {Free, Held}, {Held, Free}, {Held, Gone}, {Gone, Returned}, {Gone, Held}}

// Car is one new car.
type Car struct {
	ID        id.StockCar
	Brand     id.Brand
	Market    id.Market
	Model     id.Model
	Dealer    id.Dealer // where it stands or will arrive
	VIN       string    // empty until it is built
	Selection string    // the whole car, encoded as in URLs
	Stage     Stage
	ReadyOn   market.Date // first day of a handover at Dealer
	State     State
	Order     id.Order // empty while free

	KeptSince time.Time // with this dealer, or free again
	WarnedAt  time.Time // the dealer was told that its time is nearly over; zero before
	PooledAt  time.Time // no dealer's since; zero while it is one's
}

// PrepareDays are the working days a dealer needs for a car that stands there: inspection, plates,
// cleaning. No car is promised earlier.
const PrepareDays = 2

// TransferDays are the working days it takes to bring a car to another dealer of the market.
const TransferDays = 5

// ReadyAt is the first day on which the car can be handed over at a dealer, seen from today. The day
// of a car that is late moves with the calendar: yesterday is no promise.
func (c *Car) ReadyAt(d *network.Dealer, m *market.Market, today market.Date) market.Date {
	ready := WorkingDays(m, d.Region, today, PrepareDays)
	if c.ReadyOn > ready {
		ready = c.ReadyOn
	}
	if d.Code != c.Dealer {
		ready = WorkingDays(m, d.Region, ready, TransferDays)
	}
	return ready
}

// WorkingDays is the n-th working day after a day: Monday to Friday without the region's holidays.
func WorkingDays(m *market.Market, region string, from market.Date, n int) market.Date {
	t := from.Time(time.UTC)
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if wd := t.Weekday(); wd != time.Saturday && wd != time.Sunday && !m.IsHoliday(market.DateOf(t), region) {
			n--
		}
	}
	return market.DateOf(t)
}
