package diagram

import "slices"

// attempt is a diagram on its way from an order to all rules.
type attempt struct {
	*forest
	rules []*relation // still to come
	root  int32
	in    []bool // by variable: it stands in a rule that is already in
	whole bool   // all rules are in
	abort int    // children that are too many even after sifting; 0 means none are
}

// How the diagram is put in order while it grows.
const (
	firstSift  = 3000 // children at which it first is
	growSlack  = 1.15
	growFactor = 2.0 // and then whenever it has grown by this
)

func newAttempt(m meter, r *reduced, vars []int32, limit int) *attempt {
	a := &attempt{forest: newForest(m, r.width, vars, limit), root: yes, in: make([]bool, len(vars))}
	for i := range r.relations {
		a.rules = append(a.rules, &r.relations[i])
	}
	return a
}

// fixed conjoins all rules in the order given, without another: in the sequence of grow, but a rule
// that makes the diagram much larger waits for others, which may forbid most of what it adds.
func (a *attempt) fixed() error {
	hard := a.limit
	defer func() { a.limit = hard }()
	for factor := 1.3; len(a.rules) > 0; {
		var waiting []*relation
		before := len(a.rules)
		for len(a.rules) > 0 {
			q := a.next()
			a.limit = min(hard, int(factor*float64(a.live))+waitAbove)
			switch err := a.take(q); {
			case err == ErrBudget && a.limit < hard:
				waiting = append(waiting, q)
			case err != nil:
				return err
			}
		}
		if a.rules = waiting; len(waiting) == before {
			factor *= 1.7
		}
	}
	return a.verdict()
}

// waitAbove is a growth for which no rule waits.
const waitAbove = 500

// bottomUp conjoins all rules in the order given, those at the bottom first, so that each touches only
// what lies above.
func (a *attempt) bottomUp() error {
	low := make(map[*relation]int32, len(a.rules))
	for _, q := range a.rules {
		low[q], _, _ = a.reach(q)
	}
	slices.SortStableFunc(a.rules, func(p, q *relation) int { return int(low[q] - low[p]) })
	for _, q := range a.rules {
		if err := a.take(q); err != nil {
			return err
		}
	}
	return a.verdict()
}

// grow conjoins all rules, the one that adds fewest variables and is closest together first, and puts
// the diagram in a better order whenever it has doubled.
func (a *attempt) grow() error {
	ripe := firstSift
	for len(a.rules) > 0 {
		q := a.next()
		a.gather(q)
		if err := a.take(q); err != nil {
			return err
		}
		if a.size < ripe {
			continue
		}
		if err := a.sift(growSlack); err != nil {
			return err
		}
		if a.abort > 0 && a.size > a.abort {
			return errSpent
		}
		ripe = max(firstSift, int(growFactor*float64(a.size)))
	}
	return a.verdict()
}

func (a *attempt) verdict() error {
	a.whole = a.root != no
	if !a.whole {
		return ErrEmpty
	}
	return nil
}

// take conjoins one rule.
func (a *attempt) take(q *relation) error {
	if a.root == no {
		return ErrEmpty
	}
	id := a.build(q)
	if a.fail == nil {
		a.root = a.conjoin(a.root, id)
	}
	if err := a.fail; err != nil {
		a.sweep()
		return err
	}
	for _, v := range q.scope {
		a.in[v] = true
	}
	return nil
}

// next takes the best rule out of those to come.
func (a *attempt) next() *relation {
	best, least := 0, int32(0)
	for i, q := range a.rules {
		low, high, fresh := a.reach(q)
		cost := int32(fresh)<<20 + high - low
		if a.root == yes {
			cost = -int32(len(q.scope))
		}
		if i == 0 || cost < least {
			best, least = i, cost
		}
	}
	q := a.rules[best]
	a.rules = slices.Delete(a.rules, best, best+1)
	return q
}

// reach answers between which levels a rule lies and how many variables it adds.
func (a *attempt) reach(q *relation) (low, high int32, fresh int) {
	low = int32(len(a.vars))
	for _, v := range q.scope {
		low, high = min(low, a.at[v]), max(high, a.at[v])
		if !a.in[v] {
			fresh++
		}
	}
	return low, high, fresh
}

// gather moves the variables that a rule adds, which have no nodes yet, below those it has in common
// with the rest: sifting has moved these away from where the first order had them.
func (a *attempt) gather(q *relation) {
	low := int32(-1)
	for _, v := range q.scope {
		if a.in[v] {
			low = max(low, a.at[v])
		}
	}
	if low < 0 {
		return
	}
	anchor := a.vars[low]
	for _, v := range q.scope {
		if a.in[v] {
			continue
		}
		for a.at[v] > a.at[anchor]+1 {
			a.swap(a.at[v] - 1)
		}
		for a.at[v] < a.at[anchor] {
			a.swap(a.at[v])
		}
		anchor = v
	}
}
