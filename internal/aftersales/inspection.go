package aftersales

import (
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"
)

// InspectionRule is when a market's law wants cars looked at, from a day on.
type InspectionRule struct {
	Version     string      `yaml:"version" json:"version"`
	From        market.Date `yaml:"from" json:"from"`
	Source      string      `yaml:"source" json:"source"`
	Name        i18n.Words  `yaml:"name" json:"name"` // as people call it: "MOT test"
	FirstMonths int         `yaml:"first_months" json:"first_months"`
	Steps       []Interval  `yaml:"steps" json:"steps"`
	Minutes     int         `yaml:"minutes" json:"minutes"`
	SoonDays    int         `yaml:"soon_days" json:"soon_days"` // before its day it is offered
	VATFree     bool        `yaml:"vat_free" json:"vat_free,omitempty"`
}

// Interval is how many months lie between two inspections of cars that were so many months old at the first of them.
type Interval struct {
	FromMonths  int `yaml:"from_months" json:"from_months"`
	EveryMonths int `yaml:"every_months" json:"every_months"`
}

// NextInspection is the day by which a car is to be inspected again: so many months after its registration, later after its last
// inspection, by its age at that one. last is empty when it never was.
func NextInspection(r *InspectionRule, registered, last market.Date) market.Date {
	if last == "" || last < registered {
		return registered.PlusMonths(r.FirstMonths)
	}
	every, age := r.FirstMonths, months(registered, last)
	for _, s := range r.Steps {
		if age >= s.FromMonths {
			every = s.EveryMonths
		}
	}
	// One that was made before the first was due at all does not bring it forward.
	return max(last.PlusMonths(every), registered.PlusMonths(r.FirstMonths))
}

// InspectionOf is the day by which a car is to be inspected again in a market, by the law of a day; false where none is known.
func (b *Book) InspectionOf(m id.Market, c Car, day market.Date) (market.Date, bool) {
	mb := b.Markets[m]
	if mb == nil {
		return "", false
	}
	r := mb.InspectionAt(day)
	if r == nil || !c.Registered.Valid() {
		return "", false
	}
	return NextInspection(r, c.Registered, c.Inspected), true
}
