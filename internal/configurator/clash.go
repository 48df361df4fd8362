package configurator

import (
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/id"
)

// clashOf tells why a feature can not be had, or left out, beside the picks, and finds the change that
// gives up the fewest of them. The desk holds the picks and does so again afterwards.
func (mo *Model) clashOf(k *desk, p picks, i int, leaving bool, before []int32) *Clash {
	v := mo.at[i]
	wanted := mo.values[i]
	if leaving {
		wanted = mo.rest[i]
	}
	c := &Clash{Feature: mo.code(i), Leaving: leaving}
	if h, held := mo.held[i]; held && !leaving {
		c.Hold = &h
	}
	k.Pick(v, wanted...)
	behind, _ := k.Conflict(v)
	q := mo.only(p, behind)
	c.Picks = mo.selection(q)
	mo.repair(k, c, p, i, before)
	if c.Hold == nil {
		c.Rules = mo.rulesBehind(q, v, wanted)
		mo.blameHold(c, q, v, wanted)
	}
	mo.restore(k, p, v)
	return c
}

// repair finds the least change and says what it does.
func (mo *Model) repair(k *desk, c *Clash, p picks, i int, before []int32) {
	v := mo.at[i]
	lost, total, ok := k.Change(mo.weights, func(u int) bool { return u == v }, func(int) int64 { return mo.bound }, k.car)
	if !ok {
		return
	}
	next := p.with(mo, i)
	if c.Leaving {
		next = p.but(mo, i)
	}
	for _, u := range lost {
		if j, out := p.of(mo, int(u)); out {
			c.Drops = append(c.Drops, omit+mo.code(j))
		} else {
			c.Drops = append(c.Drops, mo.code(j))
		}
		next = next.free(mo, int(u))
	}
	c.Repair, c.RepairTotal = mo.selection(next), mo.money(total)
	c.Adds, c.Leaves = mo.moves(before, k.car, c)
}

// moves lists what comes into the car and which options leave it, beside what the clash names anyway.
func (mo *Model) moves(before, after []int32, c *Clash) (adds, leaves []id.Feature) {
	for v := range after {
		was, is := mo.vars[v].values[before[v]].feature, mo.vars[v].values[after[v]].feature
		if was == is {
			continue
		}
		if is >= 0 && mo.code(is) != c.Feature {
			adds = append(adds, mo.code(is))
		}
		if option := mo.vars[v].group == catalogue.Options; option && was >= 0 && mo.code(was) != c.Feature && !slices.Contains(c.Drops, mo.code(was)) {
			leaves = append(leaves, mo.code(was))
		}
	}
	return adds, leaves
}

// only keeps the picks of some variables.
func (mo *Model) only(p picks, vars []int) picks {
	other := func(i int) bool { return !slices.Contains(vars, mo.at[i]) }
	return picks{in: slices.DeleteFunc(slices.Clone(p.in), other), out: slices.DeleteFunc(slices.Clone(p.out), other)}
}

func (mo *Model) restore(k *desk, p picks, v int) {
	k.Unpick(v)
	mo.apply(k, p)
}

// clashAmong explains picks of which no car has all. The desk holds the picks.
func (mo *Model) clashAmong(k *desk, p picks) error {
	never := func(int) bool { return false }
	lost, _, ok := k.Change(mo.weights, never, func(int) int64 { return mo.bound }, k.car)
	if !ok {
		return ErrHeld.With("model", mo.rng.Name)
	}
	given := picks{}
	for _, u := range lost {
		if j, out := p.of(mo, int(u)); out {
			given.out = insert(given.out, j)
		} else {
			given.in = insert(given.in, j)
		}
	}
	c := &Clash{Drops: mo.selection(given)}
	rest := p
	for _, u := range lost {
		rest = rest.free(mo, int(u))
	}
	c.Repair = mo.selection(rest)
	if b, err := mo.build(k.car); err == nil {
		c.RepairTotal = b.Quote.Total
	}
	mo.tellLeast(k, c, p, given)
	return c
}

// tellLeast names the clash of the fewest picks around one that has to go: with fewer around another,
// this one would have nothing to do with it.
func (mo *Model) tellLeast(k *desk, c *Clash, p, given picks) {
	var least []int
	for n, i := range slices.Concat(given.in, given.out) {
		if behind, _ := k.Conflict(mo.at[i]); n == 0 || len(behind) < len(least) {
			least, c.Feature, c.Leaving = behind, mo.code(i), n >= len(given.in)
		}
	}
	i := mo.index[c.Feature]
	if h, held := mo.held[i]; held && !c.Leaving {
		c.Hold = &h
		return
	}
	wanted := mo.values[i]
	if c.Leaving {
		wanted = mo.rest[i]
	}
	q := mo.only(p, least)
	c.Picks = mo.selection(q)
	c.Rules = mo.rulesBehind(q, mo.at[i], wanted)
	mo.blameHold(c, q, mo.at[i], wanted)
}

// blameHold finds the hold behind a clash that no rule explains alone: what the feature needs is held.
func (mo *Model) blameHold(c *Clash, q picks, v int, wanted []int32) {
	if len(c.Rules) > 0 || c.Hold != nil {
		return
	}
	for n := range mo.holds {
		if c.Rules = mo.rulesBehind(q, v, wanted, mo.barred(mo.holds[n:n+1])...); len(c.Rules) > 0 {
			c.Hold = &mo.holds[n]
			return
		}
	}
	c.Hold, c.Rules = mo.blameHolds(q, v, wanted)
}

// blameHolds answers one of several holds that only together leave no car, and the rules beside them.
func (mo *Model) blameHolds(q picks, v int, wanted []int32) (*Hold, []*catalogue.Rule) {
	guilty := slices.Clone(mo.holds)
	for n := len(guilty) - 1; n >= 0 && len(guilty) > 1; n-- {
		fewer := slices.Delete(slices.Clone(guilty), n, n+1)
		if len(mo.rulesBehind(q, v, wanted, mo.barred(fewer)...)) > 0 {
			guilty = fewer
		}
	}
	if len(guilty) == 0 {
		return nil, nil
	}
	return &guilty[0], mo.rulesBehind(q, v, wanted, mo.barred(guilty)...)
}

// barred says that what is held is in no car.
func (mo *Model) barred(holds []Hold) []diagram.Literal {
	out := make([]diagram.Literal, len(holds))
	for n, h := range holds {
		i := mo.index[h.Feature]
		out[n] = diagram.Literal{Var: mo.at[i], Values: mo.rest[i]}
	}
	return out
}

// rulesBehind are rules of the range, none to spare, that keep a variable from these values beside the
// picks; none when it takes more than the rules.
func (mo *Model) rulesBehind(q picks, v int, wanted []int32, more ...diagram.Literal) []*catalogue.Rule {
	given := append(more, diagram.Literal{Var: v, Values: wanted})
	for _, i := range q.in {
		given = append(given, diagram.Literal{Var: mo.at[i], Values: mo.values[i]})
	}
	for _, i := range q.out {
		given = append(given, diagram.Literal{Var: mo.at[i], Values: mo.rest[i]})
	}
	return slices.Clone(mo.reasons.find(mo.plan, given)) // the caller may do with them what he likes
}
