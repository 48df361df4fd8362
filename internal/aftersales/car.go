package aftersales

import (
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

// Car is a customer's car as the menu looks at it.
type Car struct {
	VIN        string // may be unknown, as may the plate
	Plate      string
	Brand      id.Brand
	Model      id.Model // of the range; one that is not built any more is fine
	Fuel       string   // as an engine of a range has it
	Registered market.Date
	Km         int
	Visits     []Visit     // what is known, in any order
	Inspected  market.Date // last; empty when never, or not known
	Owned      []Owned
}

// Visit is what was once done.
type Visit struct {
	On    market.Date
	Km    int
	Items []string // codes of items and recalls
}

// check refuses a car that cannot be, and one of another market.
func (c *Car) check(m *market.Market, day market.Date) error {
	if !c.Registered.Valid() || c.Registered > day || c.Km < 0 || c.Brand == "" {
		return ErrCar
	}
	if c.Plate != "" {
		if _, ok := m.CleanPlate(c.Plate); !ok {
			return ErrPlate
		}
	}
	if c.Km < c.lastKm() {
		return ErrFallen
	}
	return nil
}

func (c *Car) lastKm() (most int) {
	for _, v := range c.Visits {
		most = max(most, v.Km)
	}
	return most
}

// last is the last visit at which an item was done.
func (c *Car) last(code string) (Visit, bool) {
	best, ok := Visit{}, false
	for _, v := range c.Visits {
		if slices.Contains(v.Items, code) && (!ok || v.On > best.On) {
			best, ok = v, true
		}
	}
	return best, ok
}

// months is how many whole months lie between two days.
func months(from, to market.Date) int {
	a, b := from.Time(time.UTC), to.Time(time.UTC)
	n := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
	if from.PlusMonths(n) > to {
		n--
	}
	return max(n, 0)
}

// Fit is a rule on cars. What is empty asks for nothing.
type Fit struct {
	Brands     []id.Brand  `yaml:"brands" json:"brands,omitempty"`
	Models     []string    `yaml:"models" json:"models,omitempty"` // "dacia/duster"
	Fuels      []string    `yaml:"fuels" json:"fuels,omitempty"`
	FromMonths int         `yaml:"from_months" json:"from_months,omitempty"` // of age
	FromKm     int         `yaml:"from_km" json:"from_km,omitempty"`
	Since      market.Date `yaml:"since" json:"since,omitempty"` // first registered on that day or later
	Until      market.Date `yaml:"until" json:"until,omitempty"`
	VINs       []VINs      `yaml:"vins" json:"vins,omitempty"`
}

// VINs are the numbers from one to another, both among them; one alone when there is no other.
type VINs struct {
	From string `yaml:"from" json:"from"`
	To   string `yaml:"to" json:"to,omitempty"`
}

func (v VINs) holds(vin string) bool {
	if v.To == "" {
		return vin == v.From
	}
	return len(vin) == len(v.From) && v.From <= vin && vin <= v.To
}

// Takes tells whether a car is one of them on a day.
func (f *Fit) Takes(c *Car, day market.Date) bool {
	switch {
	case len(f.Brands) > 0 && !slices.Contains(f.Brands, c.Brand),
		len(f.Models) > 0 && !slices.Contains(f.Models, c.name()),
		len(f.Fuels) > 0 && !slices.Contains(f.Fuels, c.Fuel),
		f.FromMonths > 0 && months(c.Registered, day) < f.FromMonths,
		c.Km < f.FromKm,
		f.Since != "" && c.Registered < f.Since,
		f.Until != "" && c.Registered > f.Until:
		return false
	}
	return len(f.VINs) == 0 || slices.ContainsFunc(f.VINs, func(v VINs) bool { return v.holds(c.VIN) })
}

func (c *Car) name() string { return string(c.Brand) + "/" + string(c.Model) }
