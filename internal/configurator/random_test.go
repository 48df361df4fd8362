package configurator_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/pricing"
)

const today = market.Date("2026-03-02")

// size says how many features of each group a random range has.
type size [6]int

var small = size{2, 3, 2, 2, 2, 5}

func randomMarket(rng *rand.Rand) *market.Market {
	return &market.Market{Code: "it", Currency: "EUR", VAT: []market.Rate{{From: "2013-10-01", RateBP: 2200}}, Fees: []market.Fee{
		{Code: "road", Label: "Messa su strada", Kind: market.FeeFixed, From: "2020-01-01", AmountMinor: 900},
		{Code: "ipt", Kind: market.FeePower, From: "2020-01-01", AmountMinor: 150, BaseUnits: 53, PerUnitMinor: 3, PerUnitMilli: 511, SurchargeBP: 2000, VATFree: true},
		{Code: "malus", Kind: market.FeeCO2, From: "2020-01-01", Steps: []market.FeeStep{{Above: 100, AmountMinor: rng.Int64N(400)}, {Above: 130, AmountMinor: rng.Int64N(4000)}}},
	}}
}

// randomRange makes a range with rules of every kind; some features have no price and some rules are
// not in force. Options include only options after them, so nothing includes itself.
func randomRange(rng *rand.Rand, n size, rules int) *catalogue.Range {
	r := &catalogue.Range{Brand: "dacia", Model: "meadow", Name: "Meadow", Body: "suv"}
	amounts := map[id.Feature]int64{}
	for g, name := range catalogue.Groups {
		for i := range n[g] {
			f := catalogue.Feature{Code: id.Feature(fmt.Sprintf("%s%d", name[:2], i)), Group: name}
			if name == catalogue.Engine {
				f.Engine = &catalogue.EngineFacts{CO2: 80 + rng.Int64N(80), KW: 40 + rng.Int64N(100), MassKg: 1200}
			}
			r.Features = append(r.Features, f)
			if rng.IntN(25) > 0 {
				amounts[f.Code] = rng.Int64N(10) * rng.Int64N(100)
			}
		}
	}
	rng.Shuffle(len(r.Features), func(i, j int) {
		if r.Features[i].Group != catalogue.Options && r.Features[j].Group != catalogue.Options {
			r.Features[i], r.Features[j] = r.Features[j], r.Features[i]
		}
	})
	for range rules {
		r.Rules = append(r.Rules, randomRule(rng, r))
	}
	r.Prices = map[id.Market][]catalogue.PriceList{"it": {{Version: "it-1", From: "2026-01-01", Amounts: amounts}}}
	return r
}

func randomRule(rng *rand.Rand, r *catalogue.Range) catalogue.Rule {
	at := rng.IntN(len(r.Features))
	rule := catalogue.Rule{If: r.Features[at].Code, Kind: []catalogue.RuleKind{catalogue.Requires, catalogue.Excludes, catalogue.Includes, catalogue.Standard}[rng.IntN(4)]}
	for range 1 + rng.IntN(3) {
		to := rng.IntN(len(r.Features))
		same := r.Features[to].Group == r.Features[at].Group
		comes := rule.Kind == catalogue.Includes || rule.Kind == catalogue.Standard
		if to == at || same && r.Features[to].Group != catalogue.Options || comes && same && to < at || slices.Contains(rule.Any, r.Features[to].Code) {
			continue
		}
		rule.Any = append(rule.Any, r.Features[to].Code)
	}
	switch rng.IntN(12) {
	case 0:
		rule.Markets = []id.Market{"gb"}
	case 1:
		rule.To = "2026-03-01"
	}
	return rule
}

// oracle knows every car of a range, found by trying all selections against the rules as written.
type oracle struct {
	m    *market.Market
	r    *catalogue.Range
	list *catalogue.PriceList
	cars []oracleCar
}

type oracleCar struct {
	picks map[id.Feature]bool
	car   map[id.Feature]bool
	total int64
}

func newOracle(m *market.Market, r *catalogue.Range) *oracle {
	list, _ := r.PricesAt(m.Code, today)
	o := &oracle{m: m, r: r, list: list}
	o.enumerate(0, map[id.Feature]bool{})
	return o
}

func (o *oracle) enumerate(g int, picks map[id.Feature]bool) {
	if catalogue.Groups[g] == catalogue.Options {
		o.options(o.sold(catalogue.Options), picks)
		return
	}
	for _, c := range o.sold(catalogue.Groups[g]) {
		picks[c] = true
		o.enumerate(g+1, picks)
		delete(picks, c)
	}
}

func (o *oracle) options(rest []id.Feature, picks map[id.Feature]bool) {
	if len(rest) == 0 {
		o.judge(picks)
		return
	}
	o.options(rest[1:], picks)
	picks[rest[0]] = true
	o.options(rest[1:], picks)
	delete(picks, rest[0])
}

func (o *oracle) sold(g catalogue.Group) []id.Feature {
	var out []id.Feature
	for _, f := range o.r.Features {
		if _, ok := o.list.Amounts[f.Code]; ok && f.Group == g {
			out = append(out, f.Code)
		}
	}
	return out
}

func (o *oracle) group(c id.Feature) catalogue.Group {
	f, _ := o.r.Feature(c)
	return f.Group
}

func (o *oracle) isSold(c id.Feature) bool { _, ok := o.list.Amounts[c]; return ok }

// judge keeps picks that are a car and of which none is included anyway.
func (o *oracle) judge(picks map[id.Feature]bool) {
	car, free := map[id.Feature]bool{}, map[id.Feature]bool{}
	for c := range picks {
		car[c] = true
	}
	for size := -1; size != len(car); {
		size = len(car)
		o.each(car, func(r *catalogue.Rule) {
			for _, c := range r.Any {
				if (r.Kind == catalogue.Includes || r.Kind == catalogue.Standard) && o.isSold(c) {
					free[c] = true
					if o.group(c) == catalogue.Options {
						car[c] = true
					}
				}
			}
		})
	}
	ok := true
	o.each(car, func(r *catalogue.Rule) { ok = ok && keeps(r, car, o) })
	total := int64(0)
	for c := range picks {
		if f, _ := o.r.Feature(c); f.Engine != nil {
			total += pricing.Duties(o.m, *f.Engine, today).Minor
		}
		if free[c] && o.group(c) == catalogue.Options {
			ok = false
		}
		if !free[c] {
			total += o.list.Amounts[c]
		}
	}
	if ok {
		p := map[id.Feature]bool{}
		for c := range picks {
			p[c] = true
		}
		o.cars = append(o.cars, oracleCar{p, car, total})
	}
}

func (o *oracle) each(car map[id.Feature]bool, do func(*catalogue.Rule)) {
	for i := range o.r.Rules {
		if r := &o.r.Rules[i]; car[r.If] && r.AppliesAt(o.m.Code, today) {
			do(r)
		}
	}
}

func keeps(r *catalogue.Rule, car map[id.Feature]bool, o *oracle) bool {
	hits, sold := 0, 0
	for _, c := range r.Any {
		if o.isSold(c) {
			sold++
		}
		if car[c] {
			hits++
		}
	}
	switch r.Kind {
	case catalogue.Requires:
		return hits > 0
	case catalogue.Excludes:
		return hits == 0
	case catalogue.Includes:
		return hits == sold
	}
	return true
}

// best is the least cost of the cars that pass.
func (o *oracle) best(pass func(oracleCar) bool, changes func(oracleCar) int) (n int, total int64, ok bool) {
	for _, c := range o.cars {
		if !pass(c) {
			continue
		}
		if k := changes(c); !ok || k < n || k == n && c.total < total {
			n, total, ok = k, c.total, true
		}
	}
	return n, total, ok
}

// changes counts the picks of want that a car has not, and its options that are not in want.
func (o *oracle) changes(want map[id.Feature]bool, c oracleCar) int {
	n := 0
	for f := range want {
		if !c.car[f] {
			n++
		}
	}
	for f := range c.picks {
		if o.group(f) == catalogue.Options && !want[f] {
			n++
		}
	}
	return n
}

func (o *oracle) find(s []id.Feature) (oracleCar, bool) {
	for _, c := range o.cars {
		if len(c.picks) == len(s) && !slices.ContainsFunc(s, func(f id.Feature) bool { return !c.picks[f] }) {
			return c, true
		}
	}
	return oracleCar{}, false
}

func setOf(s []id.Feature) map[id.Feature]bool {
	out := map[id.Feature]bool{}
	for _, f := range s {
		out[f] = true
	}
	return out
}
