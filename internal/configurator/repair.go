package configurator

import (
	"forecourt/internal/catalogue"
	"forecourt/internal/id"
)

// clashOfPick tells why a car with a new pick does not go and mends it: old are the picks
// before, next those with the new one.
func (mo *Model) clashOfPick(old, next set, pick int) *Clash {
	repair, ok := mo.nearest(next, set{}.with(pick), set{}, pageSteps)
	if !ok {
		repair = mo.witness[pick]
	}
	r, at := mo.broken(mo.car(next), set{})
	c := mo.tell(r, at, mo.car(old), repair)
	if c.Rule == catalogue.Excludes && !mo.brings(pick, c.A) && mo.brings(pick, c.B) {
		c.A, c.B = c.B, c.A // the newcomer is named first
	}
	mo.settleClash(c, next, repair)
	return c
}

// clashOfDrop tells why a pick can not be left out alone; nil when every car has it.
func (mo *Model) clashOfDrop(old, next set, drop int) *Clash {
	never := set{}.with(drop)
	repair, ok := mo.nearest(next, set{}, never, pageSteps)
	if !ok {
		if repair, ok = mo.anyWithout(drop); !ok {
			return nil
		}
	}
	r, at := mo.broken(mo.car(next), set{})
	c := mo.tell(r, at, mo.car(old), repair)
	mo.settleClash(c, next, repair)
	return c
}

// anyWithout is the cheapest known car that does without a feature.
func (mo *Model) anyWithout(i int) (set, bool) {
	var best set
	found, low := false, int64(0)
	for j := range mo.witness {
		w := mo.witness[j]
		car := mo.car(w)
		if w.empty() || car.has(i) {
			continue
		}
		if t := mo.total(w, car); !found || t < low {
			best, found, low = w, true, t
		}
	}
	return best, found
}

// clashAmong explains picks of which no car has all.
func (mo *Model) clashAmong(p set) *Clash {
	repair, ok := mo.nearest(p, set{}, set{}, fullSteps)
	if !ok {
		repair = mo.cheap
	}
	car := mo.car(p)
	r, at := mo.broken(car, mo.open(p))
	if r == nil {
		r, at = mo.brokenBy(p, repair)
	}
	c := mo.tell(r, at, car, repair)
	mo.settleClash(c, p, repair)
	return c
}

// brokenBy serves picks that break no rule yet, but leave no way to fill the rest: a pick that the
// repair gives up is put back into it to see what it breaks there.
func (mo *Model) brokenBy(p, repair set) (*rule, int) {
	kept := mo.car(repair)
	lost := p.minus(&kept)
	for i := lost.first(); i >= 0; i = lost.next(i + 1) {
		whole := repair
		if g, one := mo.ofGroup(i); one {
			whole.take(&g)
		}
		if r, at := mo.broken(mo.car(whole.with(i)), set{}); r != nil {
			return r, at
		}
	}
	// Only a search that ran out of steps comes here: its repair gives up a pick for nothing, or none.
	i := max(lost.first(), p.first())
	return &rule{Rule: &catalogue.Rule{Kind: catalogue.Excludes, If: mo.code(i)}, from: i}, p.first()
}

// tell names the two parts. A need that several could meet is told by the one that the buyer just
// lost, else by the one that the repair brings.
func (mo *Model) tell(r *rule, at int, before, repair set) *Clash {
	c := &Clash{Rule: r.Kind, A: r.If, Because: r.Because}
	if r.Kind == catalogue.Requires {
		after := mo.car(repair)
		for _, prefer := range []set{before, after} {
			if hit := r.any.and(&prefer); !hit.empty() {
				at = hit.first()
				break
			}
		}
	}
	c.B = mo.code(at)
	return c
}

// settleClash adds the repair and what it costs in picks.
func (mo *Model) settleClash(c *Clash, wanted, repair set) {
	car := mo.car(repair)
	c.Repair = mo.codes(repair)
	c.RepairTotal = mo.money(mo.total(repair, car))
	c.Drops = mo.codes(wanted.minus(&car))
	before := mo.car(wanted)
	c.Adds = mo.codes(repair.minus(&before))
}

// brings tells whether a feature comes into the car with a pick.
func (mo *Model) brings(pick int, code id.Feature) bool {
	i, ok := mo.index[code]
	return ok && mo.reach[pick].has(i)
}
