package catalogue

import (
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"
)

// Group is a kind of choice.
type Group string

// The groups in the order a buyer meets them. Of the first five exactly one feature is chosen, of
// options any number.
const (
	Version    Group = "version"
	Engine     Group = "engine"
	Colour     Group = "colour"
	Upholstery Group = "upholstery"
	Wheels     Group = "wheels"
	Options    Group = "options"
)

// Groups lists all groups in order; the last one is the only one of many choices.
var Groups = []Group{Version, Engine, Colour, Upholstery, Wheels, Options}

// Words is a text by language; a plain one serves all languages (names).
type Words = i18n.Words

// EngineFacts are the figures that price lines and labels need.
type EngineFacts struct {
	Fuel      string `yaml:"fuel" json:"fuel"` // petrol, diesel, hybrid, plugin, electric, lpg
	KW        int64  `yaml:"kw" json:"kw"`
	CO2       int64  `yaml:"co2" json:"co2"`                         // g/km WLTP
	CO2Empty  int64  `yaml:"co2_empty" json:"co2_empty,omitempty"`   // a plug-in hybrid's g/km with an empty battery
	MassKg    int64  `yaml:"mass_kg" json:"mass_kg"`                 // in running order
	Litres100 int64  `yaml:"litres_100" json:"litres_100,omitempty"` // tenths of a litre per 100 km
	KWh100    int64  `yaml:"kwh_100" json:"kwh_100,omitempty"`       // tenths of a kWh per 100 km
	RangeKm   int64  `yaml:"range_km" json:"range_km,omitempty"`
	Gearbox   string `yaml:"gearbox" json:"gearbox"` // manual, automatic
	Drive     string `yaml:"drive" json:"drive"`     // fwd, rwd, awd
	TowingKg  int64  `yaml:"towing_kg" json:"towing_kg"`
}

// Feature is one choice of a range. Codes are unique within the range, over all groups.
type Feature struct {
	Code   id.Feature   `yaml:"code" json:"code"`
	Group  Group        `yaml:"-" json:"group"`
	Name   Words        `yaml:"name" json:"name"`
	Text   Words        `yaml:"text" json:"text,omitempty"`
	Engine *EngineFacts `yaml:"engine" json:"engine,omitempty"` // engines only
	Hex    string       `yaml:"hex" json:"hex,omitempty"`       // colours and upholstery: #rrggbb
	Finish string       `yaml:"finish" json:"finish,omitempty"` // colours: solid, metallic, pearl
	Stitch string       `yaml:"stitch" json:"stitch,omitempty"` // upholstery: #rrggbb
	Design string       `yaml:"design" json:"design,omitempty"` // wheels: steel, aero, multi, y5, turbine, blade
	Inches int          `yaml:"inches" json:"inches,omitempty"` // wheels
	Pack   bool         `yaml:"pack" json:"pack,omitempty"`     // options: includes other options
	Draws  string       `yaml:"draws" json:"draws,omitempty"`   // what it changes in the drawing: options "rails" or "two_tone", versions a trim
}

// RuleKind says what a rule demands.
type RuleKind string

// Rule kinds. All but the last hold when If is part of the car; OnlyWith always holds.
const (
	Requires RuleKind = "requires"  // at least one of Any
	Excludes RuleKind = "excludes"  // none of Any
	Includes RuleKind = "includes"  // all of Any come with it at no extra price (packs)
	Standard RuleKind = "standard"  // all of Any are standard on it (versions), at no extra price
	OnlyWith RuleKind = "only_with" // at least one of Rows fits the car
)

// Rule is a rule of the product office.
type Rule struct {
	Kind    RuleKind     `yaml:"kind" json:"kind"`
	If      id.Feature   `yaml:"if" json:"if"`
	Any     []id.Feature `yaml:"any" json:"any"`
	Of      []string     `yaml:"of" json:"of,omitempty"`           // only_with: the columns of the table
	Rows    []Row        `yaml:"rows" json:"rows,omitempty"`       // only_with: the allowed combinations
	Because Words        `yaml:"because" json:"because,omitempty"` // one sentence for the buyer
	Markets []id.Market  `yaml:"markets" json:"markets,omitempty"` // all when empty
	From    market.Date  `yaml:"from" json:"from,omitempty"`
	To      market.Date  `yaml:"to" json:"to,omitempty"`
}

// PriceList holds VAT-inclusive prices in minor units by feature. A feature without a price is not
// sold in that market. The car's list price is the sum over its features that are not included.
type PriceList struct {
	Version string               `yaml:"version" json:"version"` // "gb-2026-1"
	From    market.Date          `yaml:"from" json:"from"`
	Amounts map[id.Feature]int64 `yaml:"amounts" json:"amounts"`
}

// Range is everything about one model.
type Range struct {
	Brand     id.Brand                  `yaml:"brand" json:"brand"`
	Model     id.Model                  `yaml:"model" json:"model"`
	Name      string                    `yaml:"name" json:"name"`
	Body      string                    `yaml:"body" json:"body"` // a silhouette of platform/carart
	Seats     int                       `yaml:"seats" json:"seats"`
	Order     int                       `yaml:"order" json:"order"`
	Strapline Words                     `yaml:"strapline" json:"strapline"`
	Tags      []string                  `yaml:"tags" json:"tags,omitempty"`   // electric, hybrid, awd, seven_seats, new: words in the catalogues as tag.<code>
	WeeksFrom int                       `yaml:"weeks_from" json:"weeks_from"` // usual delivery, in weeks from order
	WeeksTo   int                       `yaml:"weeks_to" json:"weeks_to"`
	ShowOff   []id.Feature              `yaml:"show_off" json:"show_off"` // colour and wheels that the range page draws
	Features  []Feature                 `yaml:"-" json:"features"`
	Rules     []Rule                    `yaml:"rules" json:"rules"`
	Prices    map[id.Market][]PriceList `yaml:"prices" json:"prices"`

	// VariableOrder is how the compiled form is laid out: found once by a long search, kept beside the
	// range so that every later publication is quick. It changes no price and nothing that can be had.
	VariableOrder []string `yaml:"-" json:"variable_order,omitempty"`
}

// Feature finds a feature by its code.
func (r *Range) Feature(c id.Feature) (*Feature, bool) {
	for i := range r.Features {
		if r.Features[i].Code == c {
			return &r.Features[i], true
		}
	}
	return nil, false
}

// PricesAt is the price list of a market in force on a day; false when the model is not sold there.
func (r *Range) PricesAt(m id.Market, d market.Date) (*PriceList, bool) {
	var best *PriceList
	for i, l := range r.Prices[m] {
		if l.From <= d && (best == nil || l.From > best.From) {
			best = &r.Prices[m][i]
		}
	}
	return best, best != nil
}
