package market

import (
	"forecourt/internal/id"
	"forecourt/internal/platform/filecheck"
)

// Allocation is a market's rule for how the orders of a flow find a dealer, for offers from a day on. Times of
// the ladder are opening hours of the dealer who was asked, counted from the offer.
type Allocation struct {
	Version  string `yaml:"version" json:"version"` // stands on every receipt
	From     Date   `yaml:"from" json:"from"`
	Source   string `yaml:"source" json:"source"`
	Strategy string `yaml:"strategy" json:"strategy"` // one of Strategies
	// AnyDealer lets a buyer leave the choice of the dealer to the rule.
	AnyDealer bool `yaml:"any_dealer" json:"any_dealer,omitempty"`
	// ReachKm is how far from the buyer's place a dealer may be whom the buyer did not name; 0 is any distance.
	ReachKm int `yaml:"reach_km" json:"reach_km,omitempty"`
	// RemindHours, SiteHours and CountryHours after the offer the dealer is reminded, the manager of the site and then
	// the country hear of it. A step that would come when the time to answer is over is left out; 0 leaves it out always.
	RemindHours  int `yaml:"remind_hours" json:"remind_hours,omitempty"`
	SiteHours    int `yaml:"site_hours" json:"site_hours,omitempty"`
	CountryHours int `yaml:"country_hours" json:"country_hours,omitempty"`
	// AskHours is how long (by the wall's clock) a question to the buyer stops the dealer's time at most; 0 allows none.
	AskHours int `yaml:"ask_hours" json:"ask_hours,omitempty"`
}

// Strategies are the ways to choose among dealers whom the buyer did not name; package allocation has them.
var Strategies = []string{"nearest", "capacity", "round_robin", "balance", "record"}

// AllocationAt is the rule of a flow on a day. Without any, orders go where their buyers named and nowhere else,
// and nobody is reminded.
func (m *Market) AllocationAt(flow id.Flow, d Date) Allocation {
	best := Allocation{Version: "none", Strategy: "nearest"}
	for _, a := range m.Allocation[flow] {
		if a.From <= d && a.From >= best.From {
			best = a
		}
	}
	return best
}

func (c checker) allocation(m *Market) {
	for flow, rules := range m.Allocation {
		if _, ok := m.Flows[flow]; !ok {
			c.Say([]string{"allocation", string(flow)}, "flow %q is not sold here", flow)
		}
		versions, days := map[string]bool{}, map[Date]bool{}
		for i, a := range rules {
			in := func(key string) []string {
				return append([]string{"allocation"}, filecheck.At(string(flow), i, key)...)
			}
			if c.date(a.From, in("from")...) && days[a.From] {
				c.Say(in("from"), "a second rule begins on %s", a.From)
			}
			if c.Present(a.Version, in("version")...) && versions[a.Version] {
				c.Say(in("version"), "version %s is given twice", a.Version)
			}
			days[a.From], versions[a.Version] = true, true
			c.Present(a.Source, in("source")...)
			c.OneOf(a.Strategy, Strategies, in("strategy")...)
			c.Between(int64(a.ReachKm), 0, 2000, in("reach_km")...)
			c.Between(int64(a.AskHours), 0, 168, in("ask_hours")...)
			c.ladder(a, in)
		}
	}
}

// ladder refuses steps that would not follow one another.
func (c checker) ladder(a Allocation, in func(string) []string) {
	last := 0
	for _, s := range []struct {
		key   string
		hours int
	}{{"remind_hours", a.RemindHours}, {"site_hours", a.SiteHours}, {"country_hours", a.CountryHours}} {
		c.Between(int64(s.hours), 0, 80, in(s.key)...)
		if s.hours > 0 && s.hours <= last {
			c.Say(in(s.key), "%s must be later than the step before it", s.key)
		}
		last = max(last, s.hours)
	}
}
