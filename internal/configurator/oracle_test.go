package configurator_test

import (
	"math/bits"
	"slices"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/pricing"
)

// oracle knows every car of a small range: it writes down all sets of parts that have one of each
// group and any of the options, and lets each rule strike out those that break it.
type oracle struct {
	m     *market.Market
	r     *catalogue.Range
	list  *catalogue.PriceList
	parts []*catalogue.Feature // sold, in canonical order
	bit   map[id.Feature]int   // place in parts
	sets  []parts
	rules []*catalogue.Rule // in force
	keeps [][]bool          // by rule: the sets that it allows
	cars  []oracleCar       // the sets that all rules allow
	held  parts
}

// parts is a set of features by their place.
type parts uint32

type oracleCar struct {
	has, free parts
	total     int64
}

// entry is a pick as the oracle understands it: parts in the car and parts left out.
type picked struct{ in, out parts }

func newOracle(m *market.Market, r *catalogue.Range, day market.Date) *oracle {
	o := &oracle{m: m, r: r, bit: map[id.Feature]int{}}
	o.list, _ = r.PricesAt(m.Code, day)
	for _, g := range catalogue.Groups {
		for i := range r.Features {
			if f := &r.Features[i]; f.Group == g && o.sold(f.Code) {
				o.bit[f.Code] = len(o.parts)
				o.parts = append(o.parts, f)
			}
		}
	}
	o.write(0, 0)
	for i := range r.Rules {
		if x := &r.Rules[i]; x.AppliesAt(m.Code, day) {
			o.rules = append(o.rules, x)
		}
	}
	for _, x := range o.rules {
		keep := make([]bool, len(o.sets))
		for i, s := range o.sets {
			keep[i] = o.allows(x, s)
		}
		o.keeps = append(o.keeps, keep)
	}
	for i, s := range o.sets {
		if o.passes(i, all) {
			o.cars = append(o.cars, o.priced(s, day))
		}
	}
	return o
}

func all(int) bool { return true }

func (o *oracle) sold(c id.Feature) bool { _, ok := o.list.Amounts[c]; return ok }

// write lists all sets from a group on.
func (o *oracle) write(group int, so parts) {
	if group == len(catalogue.Groups)-1 {
		options := o.group(catalogue.Options)
		for sub := options; ; sub = (sub - 1) & options {
			o.sets = append(o.sets, so|sub)
			if sub == 0 {
				return
			}
		}
	}
	for i, f := range o.parts {
		if f.Group == catalogue.Groups[group] {
			o.write(group+1, so|1<<i)
		}
	}
}

// group is the set of all parts of a group.
func (o *oracle) group(g catalogue.Group) parts {
	s := parts(0)
	for i, f := range o.parts {
		if f.Group == g {
			s |= 1 << i
		}
	}
	return s
}

func (o *oracle) of(codes []id.Feature) parts {
	s := parts(0)
	for _, c := range codes {
		if i, sold := o.bit[c]; sold {
			s |= 1 << i
		}
	}
	return s
}

func (o *oracle) codes(s parts) []id.Feature {
	var out []id.Feature
	for i, f := range o.parts {
		if s>>i&1 != 0 {
			out = append(out, f.Code)
		}
	}
	return out
}

// allows reads a rule as the product office means it.
func (o *oracle) allows(r *catalogue.Rule, s parts) bool {
	if r.Kind == catalogue.OnlyWith {
		return slices.ContainsFunc(r.Rows, func(row catalogue.Row) bool { return o.fits(r.Of, row, s) })
	}
	if s&o.of([]id.Feature{r.If}) == 0 {
		return true
	}
	any := o.of(r.Any)
	switch r.Kind {
	case catalogue.Requires:
		return s&any != 0
	case catalogue.Excludes:
		return s&any == 0
	case catalogue.Includes:
		return any&^s == 0
	}
	return any&o.group(catalogue.Options)&^s == 0
}

func (o *oracle) fits(of []string, row catalogue.Row, s parts) bool {
	for c, cell := range row {
		what := catalogue.Without
		for _, f := range o.codes(s) {
			if i := o.bit[f]; string(f) == of[c] || string(o.parts[i].Group) == of[c] && o.parts[i].Group != catalogue.Options {
				what = f
			}
		}
		if !cell.Fits(what) {
			return false
		}
	}
	return true
}

// passes tells whether some of the rules allow a set.
func (o *oracle) passes(set int, rule func(k int) bool) bool {
	for k := range o.rules {
		if rule(k) && !o.keeps[k][set] {
			return false
		}
	}
	return true
}

func (o *oracle) priced(s parts, day market.Date) oracleCar {
	c := oracleCar{has: s, free: o.freeIn(s, all)}
	gross, share := int64(0), int64(0)
	for i, f := range o.parts {
		if s>>i&1 == 0 {
			continue
		}
		if c.free>>i&1 == 0 {
			gross += o.list.Amounts[f.Code]
		}
		if f.Engine != nil {
			c.total += pricing.Duties(o.m, *f.Engine, day).Minor
			share = o.share(f.Engine.CO2)
		}
	}
	vat, _ := o.m.VATAt(day)
	net := gross - half(gross*vat, 10_000+vat)
	c.total += gross + half(net*share, 10_000)
	return c
}

// share is the part of the net price that a duty takes, in basis points.
func (o *oracle) share(co2 int64) int64 {
	share := int64(0)
	for _, f := range o.m.Fees {
		for _, s := range f.Steps {
			if f.Kind == market.FeeNet && co2 > s.Above {
				share = s.RateBP
			}
		}
	}
	return share
}

// half rounds a quotient half up.
func half(n, d int64) int64 { return (2*n + d) / (2 * d) }

// freeIn are the parts of a set that come with others by some of the rules.
func (o *oracle) freeIn(s parts, rule func(k int) bool) parts {
	free := parts(0)
	for k, r := range o.rules {
		if rule(k) && (r.Kind == catalogue.Includes || r.Kind == catalogue.Standard) && s&o.of([]id.Feature{r.If}) != 0 {
			free |= o.of(r.Any) & s
		}
	}
	return free
}

// keep tells whether a car has all picks and nothing that is held.
func (o *oracle) keep(c oracleCar, p picked) bool {
	return c.has&p.in == p.in && c.has&p.out == 0 && c.has&o.held == 0
}

// cheapest is the least total of the cars with some picks, and how many there are.
func (o *oracle) cheapest(p picked) (total int64, cars int) {
	for _, c := range o.cars {
		if o.keep(c, p) {
			if cars++; cars == 1 || c.total < total {
				total = c.total
			}
		}
	}
	return total, cars
}

// buildable are the parts of all cars, whatever is held.
func (o *oracle) buildable() parts {
	s := parts(0)
	for _, c := range o.cars {
		s |= c.has
	}
	return s
}

func (o *oracle) find(s parts) (oracleCar, bool) {
	for _, c := range o.cars {
		if c.has == s {
			return c, true
		}
	}
	return oracleCar{}, false
}

// selection is a car as a buyer would order it: without what comes free of the options.
func (o *oracle) selection(c oracleCar) configurator.Selection {
	return o.codes(c.has &^ (c.free & o.group(catalogue.Options)))
}

// nearest is the fewest picks that a car with the wanted ones gives up of the others, and the least
// total among those cars.
func (o *oracle) nearest(want, others picked) (lost int, total int64, ok bool) {
	for _, c := range o.cars {
		if !o.keep(c, want) {
			continue
		}
		n := bits.OnesCount32(uint32(others.in&^c.has | others.out&c.has))
		if !ok || n < lost || n == lost && c.total < total {
			lost, total, ok = n, c.total, true
		}
	}
	return lost, total, ok
}

// refutes tells whether some rules alone leave no set with these picks.
func (o *oracle) refutes(rule func(k int) bool, p picked) bool {
	for i, s := range o.sets {
		if s&p.in == p.in && s&p.out == 0 && o.passes(i, rule) {
			return false
		}
	}
	return true
}

// alternatives are the parts that cannot be in a car beside another part.
func (o *oracle) alternatives(i int) parts {
	if g := o.parts[i].Group; g != catalogue.Options {
		return o.group(g)
	}
	return 1 << i
}

// read understands picks.
func (o *oracle) read(t *testing.T, s configurator.Selection) picked {
	t.Helper()
	var p picked
	for _, entry := range s {
		code, out := configurator.Omitted(entry)
		if !out {
			code = entry
		}
		i, sold := o.bit[code]
		if !sold {
			t.Fatalf("%v names %q", s, code)
		}
		if out {
			p.out |= 1 << i
		} else {
			p.in |= 1 << i
		}
	}
	return p
}

// wrote is a selection as the configurator writes it.
func (o *oracle) wrote(p picked) configurator.Selection {
	s := configurator.Selection(o.codes(p.in))
	for _, c := range o.codes(p.out) {
		s = append(s, "~"+c)
	}
	return s
}

func (p picked) size() int { return bits.OnesCount32(uint32(p.in)) + bits.OnesCount32(uint32(p.out)) }

func (p picked) and(q picked) picked { return picked{p.in | q.in, p.out | q.out} }

func (p picked) but(q picked) picked { return picked{p.in &^ q.in, p.out &^ q.out} }

// without forgets what was picked among some parts.
func (p picked) without(s parts) picked { return picked{p.in &^ s, p.out &^ s} }

// subsets calls do for every smaller set of picks of a size, until it answers true.
func (p picked) subsets(size int, do func(picked) bool) bool {
	if size == 0 {
		return do(picked{})
	}
	for rest := p; rest.size() >= size; {
		var one picked
		if rest.in != 0 {
			one.in = rest.in & -rest.in
		} else {
			one.out = rest.out & -rest.out
		}
		rest = rest.but(one)
		if rest.subsets(size-1, func(q picked) bool { return do(q.and(one)) }) {
			return true
		}
	}
	return false
}
