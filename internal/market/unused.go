package market

import "forecourt/internal/platform/filecheck"

// Unused is a market's rule for how long cars that nobody has bought stay with a dealer, from a day on. Days are
// the market's calendar days.
type Unused struct {
	Version  string `yaml:"version" json:"version"` // stands on every receipt
	From     Date   `yaml:"from" json:"from"`
	Source   string `yaml:"source" json:"source"`
	CarDays  int    `yaml:"car_days" json:"car_days"`   // of a car that stands there
	SlotDays int    `yaml:"slot_days" json:"slot_days"` // of one that is being built or on its way
	WarnDays int    `yaml:"warn_days" json:"warn_days"` // so long before the end the dealer is told, at least
}

// UnusedAt is the rule on a day; false when cars stay where they are for ever.
func (m *Market) UnusedAt(d Date) (Unused, bool) {
	var best Unused
	for _, u := range m.Unused {
		if u.From <= d && u.From >= best.From {
			best = u
		}
	}
	return best, best.Version != ""
}

func (c checker) unusedStock(list []Unused) {
	versions, days := map[string]bool{}, map[Date]bool{}
	for i, u := range list {
		in := func(key string) []string { return filecheck.At("unused_stock", i, key) }
		if c.date(u.From, in("from")...) && days[u.From] {
			c.Say(in("from"), "a second rule begins on %s", u.From)
		}
		if c.Present(u.Version, in("version")...) && versions[u.Version] {
			c.Say(in("version"), "version %s is given twice", u.Version)
		}
		days[u.From], versions[u.Version] = true, true
		c.Present(u.Source, in("source")...)
		c.Between(int64(u.CarDays), 7, 730, in("car_days")...)
		c.Between(int64(u.SlotDays), 7, 730, in("slot_days")...)
		c.Between(int64(u.WarnDays), 1, int64(min(u.CarDays, u.SlotDays))-1, in("warn_days")...)
	}
}
