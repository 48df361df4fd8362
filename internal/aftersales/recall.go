package aftersales

import (
	"slices"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"
)

// Recall is a campaign of a maker: work that its owner pays nothing for.
type Recall struct {
	Code    string      `yaml:"code" json:"code"`
	Brand   id.Brand    `yaml:"brand" json:"brand"`
	From    market.Date `yaml:"from" json:"from"`
	Source  string      `yaml:"source" json:"source"`
	Name    i18n.Words  `yaml:"name" json:"name"`
	Text    i18n.Words  `yaml:"text" json:"text"`
	VINs    []VINs      `yaml:"vins" json:"vins"`
	Minutes int         `yaml:"minutes" json:"minutes"`
	Skill   Skill       `yaml:"skill" json:"skill"`
	Parts   []Uses      `yaml:"parts" json:"parts,omitempty"`
}

// RecallsOf lists the open recalls of a car on a day, the oldest first.
func (b *Book) RecallsOf(c Car, day market.Date) (out []Recall) {
	for _, r := range b.Recalls {
		if r.Brand != c.Brand || r.From > day || !slices.ContainsFunc(r.VINs, func(v VINs) bool { return v.holds(c.VIN) }) {
			continue
		}
		if _, done := c.last(r.Code); !done {
			out = append(out, r)
		}
	}
	return out
}
