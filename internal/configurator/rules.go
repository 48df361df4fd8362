package configurator

import (
	"forecourt/internal/catalogue"
	"forecourt/internal/id"
)

// rule is a rule in force between features that are sold.
type rule struct {
	*catalogue.Rule
	from int
	any  set // of Includes and Standard only what needs saying: features of groups of one choice
}

func (mo *Model) addRules() error {
	n := len(mo.features)
	mo.reach, mo.givers, mo.bars, mo.needs = make([]set, n), make([]set, n), make([]set, n), make([][]set, n)
	for i := range n {
		mo.reach[i].add(i)
	}
	for i := range mo.rng.Rules {
		r := &mo.rng.Rules[i]
		from, sold := mo.index[r.If]
		if sold && r.AppliesAt(mo.market.Code, mo.day) {
			mo.addRule(rule{Rule: r, from: from, any: mo.setOf(r.Any)})
		}
	}
	return mo.spreadIncluded()
}

func (mo *Model) addRule(r rule) {
	switch r.Kind {
	case catalogue.Excludes:
		for i := r.any.first(); i >= 0; i = r.any.next(i + 1) {
			mo.bars[r.from].add(i)
			mo.bars[i].add(r.from)
		}
	case catalogue.Requires:
		mo.needs[r.from] = append(mo.needs[r.from], r.any)
	case catalogue.Includes, catalogue.Standard:
		for i := r.any.first(); i >= 0; i = r.any.next(i + 1) {
			mo.givers[i].add(r.from)
		}
		come := r.any.and(&mo.options)
		mo.reach[r.from].join(&come)
		r.any.take(&mo.options)
		if r.Kind == catalogue.Standard {
			return // of a group of one choice it is free, not forced
		}
		for i := r.any.first(); i >= 0; i = r.any.next(i + 1) {
			mo.needs[r.from] = append(mo.needs[r.from], set{}.with(i))
		}
	}
	mo.rules = append(mo.rules, r)
}

// spreadIncluded closes reach: what an included option includes comes too. Two options that include
// each other would both be free for ever and are refused.
func (mo *Model) spreadIncluded() error {
	for changed := true; changed; {
		changed = false
		for i := range mo.reach {
			before := mo.reach[i]
			for j := before.first(); j >= 0; j = before.next(j + 1) {
				mo.reach[i].join(&mo.reach[j])
			}
			changed = changed || before != mo.reach[i]
		}
	}
	for i := range mo.reach {
		for j := mo.reach[i].first(); j >= 0; j = mo.reach[i].next(j + 1) {
			if i != j && mo.reach[j].has(i) {
				return ErrRange.With("feature", string(mo.code(i)))
			}
		}
		mo.givers[i].del(i)
	}
	return nil
}

func (mo *Model) setOf(codes []id.Feature) set {
	var s set
	for _, c := range codes {
		if i, ok := mo.index[c]; ok {
			s.add(i)
		}
	}
	return s
}

// car is everything in the car of some picks.
func (mo *Model) car(picks set) set {
	var c set
	for i := picks.first(); i >= 0; i = picks.next(i + 1) {
		c.join(&mo.reach[i])
	}
	return c
}

// tidy drops options that come with another pick anyway.
func (mo *Model) tidy(picks, car set) set {
	opts := picks.and(&mo.options)
	for i := opts.first(); i >= 0; i = opts.next(i + 1) {
		if mo.givers[i].meets(&car) {
			picks.del(i)
		}
	}
	return picks
}

// fits tells whether a car of complete groups keeps every rule.
func (mo *Model) fits(car set) bool {
	for i := car.first(); i >= 0; i = car.next(i + 1) {
		if mo.bars[i].meets(&car) {
			return false
		}
		for k := range mo.needs[i] {
			if !mo.needs[i][k].meets(&car) {
				return false
			}
		}
	}
	return true
}

// broken is the first rule that a car breaks and the member of the rule it turns on, nil when it keeps
// them all. Needs that a group still open may fill are not broken yet.
func (mo *Model) broken(car, open set) (*rule, int) {
	for k := range mo.rules {
		r := &mo.rules[k]
		if !car.has(r.from) {
			continue
		}
		if r.Kind == catalogue.Excludes {
			if hit := r.any.and(&car); !hit.empty() {
				return r, hit.first()
			}
			continue
		}
		if r.Kind == catalogue.Includes {
			rest := r.any.minus(&car)
			rest.take(&open)
			if !rest.empty() {
				return r, rest.first()
			}
			continue
		}
		if !r.any.meets(&car) && !r.any.meets(&open) {
			return r, r.any.first()
		}
	}
	return nil, -1
}

// total is the on-the-road price of tidy picks and their car.
func (mo *Model) total(picks, car set) int64 {
	sum := int64(0)
	for i := picks.first(); i >= 0; i = picks.next(i + 1) {
		sum += mo.duty[i]
		if !mo.givers[i].meets(&car) {
			sum += mo.price[i]
		}
	}
	return sum
}
