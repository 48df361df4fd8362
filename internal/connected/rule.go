package connected

import (
	"slices"
	"strings"
	"time"

	"forecourt/internal/id"
)

// Urgency is how soon something must be done.
type Urgency string

// The urgencies.
const (
	Stop Urgency = "stop" // do not drive on
	Soon Urgency = "soon" // within days
	Plan Urgency = "plan" // with the next visit
)

// Rule turns a signal into a warning, see config/signals.yaml.
type Rule struct {
	Code    string   `yaml:"code"`
	Lamp    Lamp     `yaml:"lamp"`
	Signal  string   `yaml:"signal"`
	AtMost  int      `yaml:"at_most"`
	Margin  int      `yaml:"margin"`
	Owner   bool     `yaml:"owner"`
	Low     int      `yaml:"low"`
	High    int      `yaml:"high"`
	Urgency Urgency  `yaml:"urgency"`
	Item    string   `yaml:"item"`
	Days    int      `yaml:"days"` // after which an open warning expires
	Models  []string `yaml:"models"`
	Brands  []string `yaml:"brands"`
	Markets []string `yaml:"markets"`
	Fuels   []string `yaml:"fuels"`
}

// kindOfSignal is what a keeper must have agreed to for a rule's signal.
var kindOfSignal = map[string]Kind{"tyre_kpa": Tyres, "battery_pct": Battery, "battery_health_pct": Health, "service_days": Upkeep, "service_km": Upkeep}

// Kind is what a keeper must have agreed to for the rule to look.
func (r *Rule) Kind() Kind {
	if r.Lamp != "" {
		return Lamps
	}
	return kindOfSignal[r.Signal]
}

// Rules are all rules, in the order of their file.
type Rules struct{ all []Rule }

// Car is what rules ask of a car.
type Car struct {
	Market id.Market
	Brand  id.Brand
	Model  id.Model
	Title  string // as people call it
	Fuel   string
}

func (r *Rule) concerns(c Car) bool {
	named := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	return named(r.Markets, string(c.Market)) && named(r.Brands, string(c.Brand)) && named(r.Models, strings.ToLower(string(c.Model))) && named(r.Fuels, c.Fuel)
}

// For are the rules of a car: of one code the last that concerns it.
func (rs *Rules) For(c Car) (out []*Rule) {
	for i := range rs.all {
		r := &rs.all[i]
		if !r.concerns(c) {
			continue
		}
		if at := slices.IndexFunc(out, func(o *Rule) bool { return o.Code == r.Code }); at >= 0 {
			out[at] = r
		} else {
			out = append(out, r)
		}
	}
	return out
}

// limit is at or below which value the rule warns; the keeper's own threshold goes first. False when he switched it off.
func (r *Rule) limit(own map[string]int) (int, bool) {
	if v, ok := own[r.Code]; ok && r.Owner {
		return min(max(v, r.Low), r.High), v != 0
	}
	return r.AtMost, true
}

// verdict is what a rule says of a reading.
type verdict int

const (
	silent verdict = iota // not about this reading, or between the limit and its margin
	holds
	gone
)

// judge looks at the newest reading of the rule's kind; value is what it saw.
func (r *Rule) judge(l Readings, own map[string]int) (verdict, int) {
	if r.Lamp != "" {
		switch {
		case l.Lamps == nil:
			return silent, 0
		case slices.Contains(*l.Lamps, r.Lamp):
			return holds, 1
		}
		return gone, 0
	}
	v, ok := r.value(l)
	limit, on := r.limit(own)
	switch {
	case !ok:
		return silent, 0
	case !on:
		return gone, v
	case v <= limit:
		return holds, v
	case v > limit+r.Margin:
		return gone, v
	}
	return silent, v
}

// value is the one that the rule looks at; of tyres the lowest.
func (r *Rule) value(l Readings) (int, bool) {
	var v *int
	switch r.Signal {
	case "battery_pct":
		v = l.Charge
	case "battery_health_pct":
		v = l.Health
	case "service_days":
		v = l.ServiceDays
	case "service_km":
		v = l.ServiceKm
	case "tyre_kpa":
		for _, kpa := range l.Tyres {
			if v == nil || kpa < *v {
				v = &kpa
			}
		}
	}
	if v == nil {
		return 0, false
	}
	return *v, true
}

// life is how long its warning stays open.
func (r *Rule) life() time.Duration { return time.Duration(r.Days) * 24 * time.Hour }
