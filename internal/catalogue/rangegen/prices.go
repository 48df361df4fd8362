package rangegen

import (
	"fmt"
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/market"
)

var markets = []id.Market{"gb", "it", "fr"}

// prices writes two lists for each market; the second is a little dearer.
func (p *plan) prices() {
	base := map[id.Feature]int64{}
	first := int64(15_000+500*p.dice.IntN(30)) * 100
	for _, g := range catalogue.Groups {
		for n, i := range p.of(g) {
			base[p.r.Features[i].Code] = p.amount(&p.r.Features[i], n, first)
		}
	}
	p.r.Prices = map[id.Market][]catalogue.PriceList{}
	for n, m := range markets {
		missing := p.missing(n)
		for year, from := range []market.Date{"2026-01-01", "2026-10-01"} {
			l := catalogue.PriceList{Version: fmt.Sprintf("%s-2026-%d", m, year+1), From: from, Amounts: map[id.Feature]int64{}}
			for code, minor := range base {
				if !slices.Contains(missing, code) {
					l.Amounts[code] = minor * int64(100+4*n+2*year) / 100 / 500 * 500
				}
			}
			p.r.Prices[m] = append(p.r.Prices[m], l)
		}
	}
}

// amount is the price of the n-th feature of its group.
func (p *plan) amount(f *catalogue.Feature, n int, first int64) int64 {
	step := int64(n)
	switch f.Group {
	case catalogue.Version:
		return first + step*170_000/int64(p.scale)
	case catalogue.Engine:
		return step * 90_000 / int64(p.scale)
	case catalogue.Colour:
		return map[string]int64{"solid": 0, "metallic": 65_000, "pearl": 90_000}[f.Finish]
	case catalogue.Upholstery, catalogue.Wheels:
		return step * 40_000 / int64(p.scale)
	default:
		if f.Pack {
			return 50_000 + 5_000*int64(p.dice.IntN(10))
		}
		return 10_000 + 2_500*int64(p.dice.IntN(30))
	}
}

// missing is what one market does not sell: a few options, such that all that is left is still on a
// planned car without them and nothing comes along that has no price.
func (p *plan) missing(market int) []id.Feature {
	var out []id.Feature
	for range market * p.scale {
		it := pick(p, p.items)
		if !slices.Contains(out, it.code) && !p.comes(it) && p.covered(append(slices.Clone(out), it.code)) {
			out = append(out, it.code)
		}
	}
	return out
}

// comes tells whether an item is part of a version or a pack.
func (p *plan) comes(it *item) bool {
	return slices.ContainsFunc(p.r.Rules, func(r catalogue.Rule) bool {
		return (r.Kind == catalogue.Standard || r.Kind == catalogue.Includes) && slices.Contains(r.Any, it.code)
	})
}

// covered tells whether the planned cars without some features have all the others.
func (p *plan) covered(without []id.Feature) bool {
	seen := map[id.Feature]bool{}
	for _, c := range p.built {
		if slices.ContainsFunc(without, func(x id.Feature) bool { return c[x] }) {
			continue
		}
		for x := range c {
			seen[x] = true
		}
	}
	return len(seen) == len(p.r.Features)-len(without)
}
