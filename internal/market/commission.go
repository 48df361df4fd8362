package market

import (
	"forecourt/internal/id"
	"forecourt/internal/platform/filecheck"
)

// Commission is what a dealer is paid for a car that it hands over, by a rule for orders from a day on. A rule knows no
// channel: a buyer at home and one in the showroom bring the dealer the same.
type Commission struct {
	Version    string `yaml:"version" json:"version"` // stands on every order
	From       Date   `yaml:"from" json:"from"`
	Source     string `yaml:"source" json:"source"`
	FixedMinor int64  `yaml:"fixed_minor" json:"fixed_minor,omitempty"` // for each car, without VAT
	NetBP      int64  `yaml:"net_bp" json:"net_bp,omitempty"`           // of the car's price without VAT and duties, in basis points
}

// Of is the commission for a car of so much without VAT and duties, in minor units, half up.
func (c Commission) Of(netMinor int64) int64 {
	return c.FixedMinor + (netMinor*c.NetBP+5_000)/10_000
}

// CommissionAt is the rule of a flow for orders of a day; false without any.
func (m *Market) CommissionAt(flow id.Flow, d Date) (Commission, bool) {
	best, ok := Commission{}, false
	for _, c := range m.Commission[flow] {
		if c.From <= d && (!ok || c.From > best.From) {
			best, ok = c, true
		}
	}
	return best, ok
}

// CommissionNamed is the rule of a version.
func (m *Market) CommissionNamed(flow id.Flow, version string) (Commission, bool) {
	for _, c := range m.Commission[flow] {
		if c.Version == version {
			return c, true
		}
	}
	return Commission{}, false
}

// commission refuses rules that would pay nothing, or that two orders of one day could read differently.
func (c checker) commission(m *Market) {
	for flow, rules := range m.Commission {
		if _, ok := m.Flows[flow]; !ok {
			c.Say([]string{"commission", string(flow)}, "flow %q is not sold here", flow)
		}
		versions, days := map[string]bool{}, map[Date]bool{}
		for i, r := range rules {
			in := func(key string) []string {
				return append([]string{"commission"}, filecheck.At(string(flow), i, key)...)
			}
			if c.date(r.From, in("from")...) && days[r.From] {
				c.Say(in("from"), "a second rule begins on %s", r.From)
			}
			if c.Present(r.Version, in("version")...) && versions[r.Version] {
				c.Say(in("version"), "version %s is given twice", r.Version)
			}
			days[r.From], versions[r.Version] = true, true
			c.Present(r.Source, in("source")...)
			c.Between(r.FixedMinor, 0, maxFee, in("fixed_minor")...)
			c.Between(r.NetBP, 0, 3_000, in("net_bp")...)
			if r.FixedMinor == 0 && r.NetBP == 0 {
				c.Say(in("version"), "rule %s pays nothing", r.Version)
			}
		}
	}
}
