package aftersales

import (
	"slices"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"
)

// Book is what workshops sell and when it is due, in all markets.
type Book struct {
	Menu
	Goods
	Recalls   []Recall                  `json:"recalls"`
	Contracts []Contract                `json:"contracts"`
	Markets   map[id.Market]*MarketBook `json:"-"`
}

// Menu is the work and the plans by which it is due.
type Menu struct {
	From   market.Date `yaml:"from" json:"from"`
	Source string      `yaml:"source" json:"source"`
	Items  []Item      `yaml:"items" json:"items"`
	Plans  []Plan      `yaml:"plans" json:"plans"` // the first one that fits a car is its plan
}

// Goods are parts, accessories and tyres.
type Goods struct {
	From   market.Date `yaml:"from" json:"-"`
	Source string      `yaml:"source" json:"-"`
	Parts  []Part      `yaml:"parts" json:"parts"`
	Sizes  []Sizes     `yaml:"sizes" json:"sizes"`
}

// Item is one point of the menu.
type Item struct {
	Code     string     `yaml:"code" json:"code"` // "brake-fluid": a warning of a car names it
	Name     i18n.Words `yaml:"name" json:"name"`
	Text     i18n.Words `yaml:"text" json:"text,omitempty"`
	Extra    bool       `yaml:"extra" json:"extra,omitempty"` // offered beside what is due
	Variants []Variant  `yaml:"variants" json:"variants"`     // the first one that fits a car counts
}

// Variant is how an item is done at some cars.
type Variant struct {
	Code    string `yaml:"code" json:"code"`
	For     Fit    `yaml:"for" json:"for"`
	Minutes int    `yaml:"minutes" json:"minutes"`
	Skill   Skill  `yaml:"skill" json:"skill"`
	Parts   []Uses `yaml:"parts" json:"parts,omitempty"`
}

// Uses is a part that work needs.
type Uses struct {
	Part     string `yaml:"part" json:"part"`
	Quantity int    `yaml:"quantity" json:"quantity"`
}

// Part is something that lies on a shelf.
type Part struct {
	Code     string     `yaml:"code" json:"code"`
	Kind     string     `yaml:"kind" json:"kind"` // one of PartKinds
	Name     i18n.Words `yaml:"name" json:"name"`
	Text     i18n.Words `yaml:"text" json:"text,omitempty"`
	For      Fit        `yaml:"for" json:"for"`
	Minutes  int        `yaml:"minutes" json:"minutes,omitempty"` // to fit one
	Skill    Skill      `yaml:"skill" json:"skill,omitempty"`
	Bolted   bool       `yaml:"bolted" json:"bolted,omitempty"` // only fitted, never over the counter
	LeadDays int        `yaml:"lead_days" json:"lead_days"`
	Gone     bool       `yaml:"gone" json:"gone,omitempty"` // the maker sends no more
	Size     string     `yaml:"size" json:"size,omitempty"` // of a tyre: "215/60 R17"
	Season   string     `yaml:"season" json:"season,omitempty"`
	Label    *TyreLabel `yaml:"label" json:"label,omitempty"`
}

// Kinds of parts: what work uses, and what customers buy.
const (
	PartOfWork    = "part"
	PartAccessory = "accessory"
	PartTyre      = "tyre"
)

// PartKinds lists them; Seasons those of tyres, whose words are service.season.<code>.
var (
	PartKinds = []string{PartOfWork, PartAccessory, PartTyre}
	Seasons   = []string{"summer", "winter", "all"}
)

// lead is the time until one more is there.
func (p *Part) lead() int {
	if p.Gone {
		return Never
	}
	return p.LeadDays
}

// Sizes are the tyres that a model may have.
type Sizes struct {
	Model string   `yaml:"model" json:"model"` // "dacia/duster"
	Tyres []string `yaml:"tyres" json:"tyres"`
}

// MarketBook is what one market has of its own.
type MarketBook struct {
	Market      id.Market        `yaml:"market" json:"market"`
	Prices      []PriceList      `yaml:"prices" json:"prices"`
	Inspections []InspectionRule `yaml:"inspections" json:"inspections"`
	Rules       []Rules          `yaml:"rules" json:"rules"`
}

// PriceList is what everything costs from a day on, in minor units with VAT. What is not in it is not sold.
type PriceList struct {
	Version     string                      `yaml:"version" json:"version"`
	From        market.Date                 `yaml:"from" json:"from"`
	Source      string                      `yaml:"source" json:"source"`
	LabourMinor int64                       `yaml:"labour_minor" json:"labour_minor"` // an hour of a workshop, for what has no price of its own
	Inspection  int64                       `yaml:"inspection_minor" json:"inspection_minor"`
	Items       map[string]map[string]int64 `yaml:"items" json:"items"` // by item and variant
	Parts       map[string]int64            `yaml:"parts" json:"parts"`
	Contracts   map[string]int64            `yaml:"contracts" json:"contracts"`
}

// Labour is what so many minutes cost by the hour, half up.
func (p *PriceList) Labour(minutes int) int64 { return (p.LabourMinor*int64(minutes) + 30) / 60 }

// PricesAt is the price list of a day; nil before the first.
func (m *MarketBook) PricesAt(day market.Date) *PriceList {
	var best *PriceList
	for i := range m.Prices {
		if p := &m.Prices[i]; p.From <= day && (best == nil || p.From > best.From) {
			best = p
		}
	}
	return best
}

// InspectionAt is the law on inspections on a day; nil where none is known.
func (m *MarketBook) InspectionAt(day market.Date) *InspectionRule {
	var best *InspectionRule
	for i := range m.Inspections {
		if r := &m.Inspections[i]; r.From <= day && (best == nil || r.From > best.From) {
			best = r
		}
	}
	return best
}

// RulesAt are the rules of a market's workshops on a day; the zero Rules where there are none.
func (b *Book) RulesAt(m id.Market, day market.Date) (best Rules) {
	if mb := b.Markets[m]; mb != nil {
		for _, r := range mb.Rules {
			if r.From <= day && r.From >= best.From {
				best = r
			}
		}
	}
	return best
}

// Item finds a point of the menu.
func (b *Book) Item(code string) (*Item, bool) {
	i := slices.IndexFunc(b.Items, func(x Item) bool { return x.Code == code })
	if i < 0 {
		return nil, false
	}
	return &b.Items[i], true
}

// Part finds a part.
func (b *Book) Part(code string) (*Part, bool) {
	i := slices.IndexFunc(b.Parts, func(x Part) bool { return x.Code == code })
	if i < 0 {
		return nil, false
	}
	return &b.Parts[i], true
}

// needs are parts as a booking reserves them.
func (b *Book) needs(uses []Uses, times int) (out []Need) {
	for _, u := range uses {
		if p, ok := b.Part(u.Part); ok {
			out = append(out, Need{u.Part, u.Quantity * times, p.lead()})
		}
	}
	return out
}
