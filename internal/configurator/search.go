package configurator

import "slices"

// change is the cost of one changed pick: more than any price, so that a cost compares first by
// changes and then by price.
const change = int64(1) << 44

// The searches on a page stop after so many steps and fall back to a car known from Compile; real
// ranges need some dozens. Those of Compile and Complete, made once, may go on for longer.
const (
	pageSteps = 4_000
	fullSteps = 400_000
)

// search looks for the car of least cost that has all of must and none of never. It starts from the
// base picks, looks for a broken rule and tries each way to mend it, one after the other; a way that
// was tried is forbidden to the next, so that no car is seen twice. Whatever can not become cheaper
// than the best car found is left. The cost of a car is its price, plus a change for each base pick
// that is not in it, plus added for each option picked beside the base.
type search struct {
	mo    *Model
	base  set
	added int64

	best  int64 // only cars below it count
	found bool
	picks set
	steps int
}

// cheapestWith finds the cheapest car that has all of must. Options come in when a rule needs them or
// when they save money, as a pack does that costs less than its parts.
func (mo *Model) cheapestWith(must set) (set, bool) {
	s := search{mo: mo, best: 1 << 62, steps: fullSteps}
	s.visit(must, mo.dead)
	return s.picks, s.found
}

// nearest finds the car with the fewest changes to base, among those the one of least price. The
// number of changes is raised step by step, since near cars are found far sooner than far ones.
func (mo *Model) nearest(base, must, never set, steps int) (set, bool) {
	never.join(&mo.dead)
	s := search{mo: mo, base: base, added: change, steps: steps}
	for k := int64(1); !s.found && s.steps > 0 && k <= int64(base.count()+len(mo.features)); k++ {
		s.best = k * change
		s.visit(must, never)
	}
	return s.picks, s.found
}

// node is the state of one step: what is picked so far and which groups are still open.
type node struct {
	must, never set
	possible    set // features that can still be in the car
	picks, car  set
	open        set
}

func (s *search) visit(must, never set) {
	for s.steps > 0 {
		s.steps--
		n := node{must: must, never: never}
		if !s.settle(&n) {
			return
		}
		least := s.least(&n)
		if least >= s.best {
			return
		}
		must, never = n.must, n.never
		hit, ways := s.conflict(&n)
		switch {
		case hit == dead:
			return
		case hit == forced:
			must, never = n.must, n.never
			continue
		case hit == choice:
			// With no group left to fill, whatever mends a rule is one change more.
			if !n.open.empty() || least+s.added < s.best {
				s.mend(&n, ways)
			}
			return
		case !n.open.empty():
			s.fill(&n)
			return
		}
		s.take(&n)
		p := s.saver(&n)
		if p < 0 {
			return
		}
		s.visit(must.with(p), never)
		never.add(p)
	}
}

// settle works out the picks of a node: what must be, else the base. A pick that brings something
// forbidden is forbidden too. It answers false when nothing is left.
func (s *search) settle(n *node) bool {
	mo := s.mo
	for {
		if !s.choose(n) {
			return false
		}
		n.car = set{}
		spoilt := -1
		for i := n.picks.first(); i >= 0; i = n.picks.next(i + 1) {
			if mo.reach[i].meets(&n.never) {
				spoilt = i
				break
			}
			n.car.join(&mo.reach[i])
		}
		if spoilt < 0 {
			return true
		}
		if n.must.has(spoilt) {
			return false
		}
		n.never.add(spoilt)
	}
}

// choose picks for each group and the options, and tells what is still possible.
func (s *search) choose(n *node) bool {
	mo := s.mo
	n.picks, n.open, n.possible = set{}, set{}, mo.options
	for k := range mo.groups {
		all := &mo.groups[k].all
		sure, left := n.must.and(all), all.minus(&n.never)
		if i := sure.first(); i >= 0 {
			if sure.next(i+1) >= 0 || n.never.has(i) {
				return false
			}
			n.picks.add(i)
			n.possible.add(i)
			continue
		}
		if left.empty() {
			return false
		}
		n.possible.join(&left)
		if kept := left.and(&s.base); !kept.empty() {
			n.picks.join(&kept)
		} else {
			n.open.join(&left)
		}
	}
	n.possible.take(&n.never)
	wanted := s.base
	wanted.join(&n.must)
	wanted = wanted.and(&mo.options)
	if n.must.meets(&n.never) {
		return false
	}
	wanted.take(&n.never)
	n.picks.join(&wanted)
	return true
}

// least is a cost that no car of this node can be below.
func (s *search) least(n *node) int64 {
	mo, sum := s.mo, int64(0)
	for i := n.picks.first(); i >= 0; i = n.picks.next(i + 1) {
		sum += s.atLeast(n, i)
	}
	for k := range mo.groups {
		all := &mo.groups[k].all
		if open := n.open.and(all); !open.empty() {
			sum += s.leastOf(n, open)
		}
		if old := s.base.and(all); !old.empty() && !n.picks.meets(&old) {
			sum += change
		}
	}
	lost := s.base.and(&mo.options)
	lost = lost.and(&n.never)
	return sum + change*int64(lost.count())
}

func (s *search) leastOf(n *node, open set) int64 {
	low := int64(-1)
	for i := open.first(); i >= 0; i = open.next(i + 1) {
		if c := s.atLeast(n, i); low < 0 || c < low {
			low = c
		}
	}
	return low
}

// atLeast is what a pick costs at least: nothing but its duty while something that is still possible
// would bring it for free.
func (s *search) atLeast(n *node, i int) int64 {
	mo := s.mo
	if mo.givers[i].meets(&n.possible) {
		return mo.duty[i]
	}
	cost := mo.duty[i] + mo.price[i]
	if mo.options.has(i) && !s.base.has(i) {
		cost += s.added
	}
	return cost
}

// mend tries each way; the ways before it are closed, so every car is met once.
func (s *search) mend(n *node, ways []way) {
	must, never := n.must, n.never
	for _, w := range ways {
		if w.in {
			s.visit(must.with(w.i), never)
			never.add(w.i)
		} else {
			s.visit(must, never.with(w.i))
			must.add(w.i)
		}
	}
}

// fill tries each feature of the first open group, the cheapest first.
func (s *search) fill(n *node) {
	g, _ := s.mo.ofGroup(n.open.first())
	open := n.open.and(&g)
	order := make([]int, 0, 16)
	for i := open.first(); i >= 0; i = open.next(i + 1) {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(s.atLeast(n, a) - s.atLeast(n, b)) })
	for _, i := range order {
		s.visit(n.must.with(i), n.never)
	}
}

// take keeps a valid car when it is the best so far.
func (s *search) take(n *node) {
	n.picks = s.mo.tidy(n.picks, n.car)
	cost := s.mo.total(n.picks, n.car)
	lost := s.base.minus(&n.car)
	cost += change * int64(lost.count())
	extra := n.picks.and(&s.mo.options)
	extra.take(&s.base)
	cost += s.added * int64(extra.count())
	if cost < s.best {
		s.best, s.found, s.picks = cost, true, n.picks
	}
}
