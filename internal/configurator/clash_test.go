package configurator_test

import (
	"slices"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
)

// checkClash compares the clash of a choice with all cars: its reasons and its repair.
func (s step) checkClash(c configurator.Choice, want picked) {
	s.t.Helper()
	k := c.Clash
	if k == nil || k.Feature != c.Feature.Code || k.Leaving != (want.out != 0) {
		s.t.Fatalf("%v: %s clashes, told %v", s.wrote(s.picks), c.Feature.Code, k)
	}
	s.checkReasons(k, want, s.others())
	lost, total, can := s.nearest(want, s.others())
	if !can {
		if k.Repair != nil || len(k.Drops)+len(k.Adds)+len(k.Leaves) > 0 || c.Next != nil || c.From.Minor != s.now.total {
			s.t.Fatalf("nothing helps %s, but %v", c.Feature.Code, k.Repair)
		}
		if s.held == 0 && want.in != 0 {
			s.t.Fatalf("%s is a dead end", c.Feature.Code)
		}
		return
	}
	drops := s.read(s.t, k.Drops)
	next := s.others().but(drops).and(want)
	if drops.size() != lost || drops.but(s.others()) != (picked{}) || !slices.Equal(k.Repair, s.wrote(next)) || !slices.Equal(c.Next, k.Repair) {
		s.t.Fatalf("%v: %s drops %v for %v, want %d dropped", s.wrote(s.picks), c.Feature.Code, k.Drops, k.Repair, lost)
	}
	if least, cars := s.cheapest(next); cars == 0 || least != total || k.RepairTotal.Minor != total || c.From != k.RepairTotal {
		s.t.Fatalf("%v: repair %v of %s, %d is the least", s.wrote(s.picks), k.Repair, k.RepairTotal, total)
	}
	s.checkMoves(k, want, drops)
}

// checkMoves expects what a clash lists to be all that changes between this page and that of its repair.
func (s step) checkMoves(k *configurator.Clash, want, drops picked) {
	s.t.Helper()
	page, err := s.mo.Page(k.Repair)
	if err != nil {
		s.t.Fatal(err)
	}
	after := s.of(page.Build.Selection) | s.of(page.Build.Included)
	adds, leaves, stays := s.of(k.Adds), s.of(k.Leaves), s.now.has&^(drops.in|want.out)
	for i := range s.parts {
		if (adds|want.in)>>i&1 != 0 {
			stays &^= s.alternatives(i) // one of a group takes the place of the other
		}
	}
	if stays&^leaves|adds|want.in != after || adds&(s.now.has|want.in) != 0 || leaves&^stays != 0 {
		s.t.Fatalf("%v: from %v by %s to %v: drops %v adds %v leaves %v", s.wrote(s.picks), s.codes(s.now.has), k.Feature, s.codes(after), k.Drops, k.Adds, k.Leaves)
	}
}

// checkReasons expects the smallest set of other picks behind a clash, and rules of which none can go.
func (w *world) checkReasons(k *configurator.Clash, want, others picked) {
	w.t.Helper()
	if held := want.in & w.held; held != 0 {
		if k.Hold == nil || k.Hold.Feature != k.Feature || len(k.Rules)+len(k.Picks) > 0 {
			w.t.Fatalf("%s is held: %+v", k.Feature, k)
		}
		return
	}
	behind := w.read(w.t, k.Picks)
	if _, cars := w.cheapest(behind.and(want)); cars > 0 || behind.but(others) != (picked{}) {
		w.t.Fatalf("%s clashes with %v, told %v", k.Feature, w.wrote(others), k.Picks)
	}
	if _, cars := w.cheapest(behind); cars == 0 {
		w.t.Fatalf("%v clash without %s", k.Picks, k.Feature)
	}
	for n := range behind.size() {
		if others.subsets(n, func(q picked) bool { _, cars := w.cheapest(q.and(want)); return cars == 0 }) {
			w.t.Fatalf("%s clashes with %d picks of %v, told %v", k.Feature, n, w.wrote(others), k.Picks)
		}
	}
	w.checkRules(k, behind.and(want))
}

// checkRules lets the rules that a clash names speak alone, then each time without one of them.
func (w *world) checkRules(k *configurator.Clash, p picked) {
	w.t.Helper()
	if w.refutes(all, p) != (k.Hold == nil) {
		w.t.Fatalf("%v: hold %v", w.wrote(p), k.Hold)
	}
	if k.Hold == nil {
		w.checkLeastRules(k.Rules, p)
		return
	}
	blamed := w.of([]id.Feature{k.Hold.Feature})
	if w.held&blamed == 0 {
		w.t.Fatalf("%s is not held", k.Hold.Feature)
	}
	for sub := w.held; sub != 0; sub = (sub - 1) & w.held {
		if beside := p.and(picked{out: sub}); sub&blamed != 0 && w.leastRules(k.Rules, beside) == "" {
			return
		}
	}
	w.t.Fatalf("%v clashes by other rules and holds than told: %v, hold %v", w.wrote(p), k, k.Hold)
}
