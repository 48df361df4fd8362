package aftersales

import (
	"slices"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"
)

// Contract is a service plan: work of some visits, paid ahead.
type Contract struct {
	Code   string     `yaml:"code" json:"code"`
	Name   i18n.Words `yaml:"name" json:"name"`
	Text   i18n.Words `yaml:"text" json:"text"`
	For    Fit        `yaml:"for" json:"for"`
	Months int        `yaml:"months" json:"months"` // from the day of the contract
	Visits int        `yaml:"visits" json:"visits"`
	Covers []string   `yaml:"covers" json:"covers"` // codes of items; "inspection" for that of the law
}

// Owned is a service plan that a car has.
type Owned struct {
	ID     id.Contract
	Code   string
	From   market.Date
	Until  market.Date // its last day
	Visits int         // that are left
}

// Contract finds a service plan.
func (b *Book) Contract(code string) (*Contract, bool) {
	i := slices.IndexFunc(b.Contracts, func(x Contract) bool { return x.Code == code })
	if i < 0 {
		return nil, false
	}
	return &b.Contracts[i], true
}

// cover is the plan of the car that pays for an item on a day; empty when none does.
func (b *Book) cover(c *Car, item string, day market.Date) string {
	for _, o := range c.Owned {
		x, known := b.Contract(o.Code)
		if known && o.Visits > 0 && o.From <= day && day <= o.Until && slices.Contains(x.Covers, item) {
			return o.Code
		}
	}
	return ""
}

// coversOf are the plans that pay for some of the lines, each once.
func coversOf(lines []Line) (out []string) {
	for _, l := range lines {
		if l.Cover != "" && !slices.Contains(out, l.Cover) {
			out = append(out, l.Cover)
		}
	}
	return out
}
