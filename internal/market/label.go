package market

import (
	"fmt"

	"forecourt/internal/platform/filecheck"
)

// EnergyLabel is what the law wants said of a car's energy and CO2, from a day on. Prices are minor
// units for a litre, a kWh or a tonne of CO2.
type EnergyLabel struct {
	From    Date           `yaml:"from" json:"from"`
	Source  string         `yaml:"source" json:"source"`
	Adverts bool           `yaml:"adverts" json:"adverts,omitempty"` // the class stands beside every model that is advertised
	Classes []CO2Class     `yaml:"classes" json:"classes,omitempty"` // none where a plain table is enough
	Empty   bool           `yaml:"empty_battery" json:"empty_battery,omitempty"`
	Yearly  int64          `yaml:"yearly" json:"yearly,omitempty"` // in the market's unit of distance
	Prices  EnergyPrices   `yaml:"prices" json:"prices,omitzero"`
	Paths   []CO2PricePath `yaml:"co2_paths" json:"co2_paths,omitempty"`
}

// CO2Class is a band in g/km. The last one is open.
type CO2Class struct {
	Letter string `yaml:"class" json:"class"`
	UpTo   int64  `yaml:"up_to" json:"up_to,omitempty"`
}

// EnergyPrices are the prices that a label must state.
type EnergyPrices struct {
	Petrol int64 `yaml:"petrol" json:"petrol"`
	Diesel int64 `yaml:"diesel" json:"diesel"`
	LPG    int64 `yaml:"lpg" json:"lpg"`
	KWh    int64 `yaml:"kwh" json:"kwh"`
}

// CO2PricePath is a course that the price of CO2 may take, as its average over ten years.
type CO2PricePath struct {
	Path  string `yaml:"path" json:"path"` // low, mid, high
	Tonne int64  `yaml:"tonne" json:"tonne"`
}

// LabelAt is the label in force on a day; false where none is given.
func (m *Market) LabelAt(d Date) (EnergyLabel, bool) {
	best, ok := EnergyLabel{}, false
	for _, l := range m.Labels {
		if l.From <= d && (!ok || l.From > best.From) {
			best, ok = l, true
		}
	}
	return best, ok
}

func (c checker) labels(labels []EnergyLabel) {
	seen := map[Date]bool{}
	for i, l := range labels {
		in := func(key ...string) []string { return filecheck.At("energy_label", i, key...) }
		if c.date(l.From, in("from")...) && seen[l.From] {
			c.Say(in("from"), "a second label begins on %s", l.From)
		}
		seen[l.From] = true
		c.Present(l.Source, in("source")...)
		for j := range l.Classes {
			c.class(l.Classes, j, in("classes", fmt.Sprint(j)))
		}
		if l.Yearly != 0 {
			c.Between(l.Yearly, 1, 100_000, in("yearly")...)
			c.Between(l.Prices.Petrol, 1, 2000, in("prices", "petrol")...)
			c.Between(l.Prices.Diesel, 1, 2000, in("prices", "diesel")...)
			c.Between(l.Prices.LPG, 1, 2000, in("prices", "lpg")...)
			c.Between(l.Prices.KWh, 1, 2000, in("prices", "kwh")...)
		}
		for j, p := range l.Paths {
			c.OneOf(p.Path, []string{"low", "mid", "high"}, in("co2_paths", fmt.Sprint(j), "path")...)
			c.Between(p.Tonne, 1, 1_000_00, in("co2_paths", fmt.Sprint(j), "tonne")...)
		}
	}
}

// class demands that bands rise: with one out of order some cars would have no class.
func (c checker) class(classes []CO2Class, j int, here []string) {
	c.Present(classes[j].Letter, append(here, "class")...)
	if j > 0 && j < len(classes)-1 && classes[j].UpTo <= classes[j-1].UpTo {
		c.Say(here, "class %s does not rise over the one before", classes[j].Letter)
	}
	if j == len(classes)-1 && classes[j].UpTo != 0 {
		c.Say(here, "the last class is open and has no up_to")
	}
}
