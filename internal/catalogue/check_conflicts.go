package catalogue

import (
	"slices"

	"forecourt/internal/id"
)

// pair is two features that an excludes rule keeps apart, in the order of their codes.
type pair [2]id.Feature

func pairOf(a, b id.Feature) pair {
	if b < a {
		a, b = b, a
	}
	return pair{a, b}
}

// indexBars finds the excludes rules by the pairs they keep apart, so that each check below is one
// look-up: a file may hold thousands of rules.
func (c *checker) indexBars() {
	c.bars = map[pair][]*Rule{}
	for i := range c.r.Rules {
		rule := &c.r.Rules[i]
		if rule.Kind != Excludes {
			continue
		}
		for _, x := range rule.Any {
			if x != rule.If {
				c.bars[pairOf(rule.If, x)] = append(c.bars[pairOf(rule.If, x)], rule)
			}
		}
	}
}

// apart tells whether two features are kept apart while a rule is in force.
func (c *checker) apart(rule *Rule, a, b id.Feature) bool {
	return slices.ContainsFunc(c.bars[pairOf(a, b)], func(o *Rule) bool { return together(rule, o) })
}

// contradictions finds what a rule brings along and another forbids at the same time.
func (c *checker) contradictions(rule *Rule, at []string) {
	if rule.Kind == Excludes || len(rule.Any) == 0 {
		return
	}
	clash := 0
	for i, x := range rule.Any {
		if !c.apart(rule, rule.If, x) {
			continue
		}
		if clash++; rule.brings() {
			c.say(below(at, "any", i), "%q has %q by this rule and excludes it by another", rule.If, x)
		}
	}
	if rule.Kind == Requires && clash == len(rule.Any) {
		c.say(at, "%q requires %s and excludes the same", rule.If, list(rule.Any))
	}
	if rule.brings() {
		c.quarrels(rule, at)
	}
}

// quarrels finds two parts of one pack, or of one version, that another rule keeps apart.
func (c *checker) quarrels(rule *Rule, at []string) {
	for i, x := range rule.Any {
		for _, y := range rule.Any[:i] {
			if c.apart(rule, x, y) {
				c.say(below(at, "any", i), "%q has both %q and %q, which another rule keeps apart", rule.If, y, x)
			}
		}
	}
}

// circles finds packs that include each other, over any number of steps. It does not look at dates: a
// circle of packs that never meet would still read as a riddle.
func (c *checker) circles() {
	next, line := map[id.Feature][]id.Feature{}, map[id.Feature][]string{}
	for i := range c.r.Rules {
		if rule := &c.r.Rules[i]; rule.Kind == Includes {
			for _, x := range rule.Any {
				if x != rule.If {
					next[rule.If] = append(next[rule.If], x)
				}
			}
			line[rule.If] = in("rules", i)
		}
	}
	w := walk{next: next, state: map[id.Feature]int{}}
	for _, pack := range sortedKeys(next) {
		if circle := w.from(pack); circle != nil {
			c.say(line[circle[0]], "packs include each other in a circle: %s", list(append(circle, circle[0])))
		}
	}
}

// walk goes through packs once, deepest first, and remembers the way it came.
type walk struct {
	next  map[id.Feature][]id.Feature
	state map[id.Feature]int // 1 on the way, 2 done
	way   []id.Feature
}

// from is the first circle met from a pack, nil when there is none.
func (w *walk) from(x id.Feature) (circle []id.Feature) {
	switch w.state[x] {
	case 1:
		return slices.Clone(w.way[slices.Index(w.way, x):])
	case 2:
		return nil
	}
	w.state[x], w.way = 1, append(w.way, x)
	for _, y := range w.next[x] {
		if found := w.from(y); found != nil && circle == nil {
			circle = found
		}
	}
	w.state[x], w.way = 2, w.way[:len(w.way)-1]
	return circle
}
