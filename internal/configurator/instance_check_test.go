package configurator_test

import (
	"maps"
	"slices"
	"time"

	"forecourt/internal/configurator/diagram"
)

// check stops sessions at random moments and asks other engines the same questions.
func (tr *trial) check() {
	s := tr.session(23)
	start := time.Now()
	for i := range tr.plan.states {
		if i >= tr.plan.least && time.Since(start) > tr.plan.budget {
			return
		}
		s.clear()
		perm := s.r.Perm(len(tr.p.Vars))
		for _, v := range perm[:s.r.IntN(len(perm)+1)] {
			if s.next(i, v) {
				s.k.Page(tr.w)
			}
		}
		s.values(i)
		s.totals(i)
		s.refusal()
	}
}

// values asks a solver of its own for a few values that are offered and a few that are not.
func (s *session) values(i int) {
	tr := s.tr
	for range 2 {
		for _, offered := range []bool{true, false} {
			v, x, ok := s.find(offered)
			if !ok {
				continue
			}
			if tr.ValuesChecked++; buildable(tr.p, s.instead(v, x)) != offered {
				tr.differs("moment %d: %s offered %t, the solver says otherwise, after %s", i, tr.name(v, x), offered, s.told())
			}
		}
	}
}

// find looks for a value that is offered, or that is not.
func (s *session) find(offered bool) (v int, x int32, ok bool) {
	for range 300 {
		v := s.r.IntN(len(s.tr.p.Vars))
		x := s.r.IntN(s.tr.p.Vars[v].Values)
		if (s.k.From(v, x) < diagram.Impossible) == offered {
			return v, int32(x), true
		}
	}
	return 0, 0, false
}

// instead are the picks with one more, or with another in its place.
func (s *session) instead(v int, x int32) domains {
	picks := maps.Clone(s.picks)
	picks[v] = x
	return under(s.tr.p, picks)
}

// totals compares prices and the number of cars left.
func (s *session) totals(i int) {
	tr := s.tr
	dom := under(tr.p, s.picks)
	if n, ok := tr.eliminated(dom); ok {
		if tr.CountsChecked++; n.Cmp(s.k.Count()) != 0 {
			tr.differs("moment %d: %v cars are left, %v by elimination, after %s", i, s.k.Count(), n, s.told())
		}
	}
	v, x, ok := s.find(true)
	if !ok {
		return
	}
	from := s.k.From(v, int(x))
	if least, none, ok := tr.leastBy(s.instead(v, x), nil); ok {
		if tr.TotalsChecked++; none || least != from {
			tr.differs("moment %d: %s costs from %d, %d by elimination, after %s", i, tr.name(v, x), from, least, s.told())
		}
	}
	if s.within(tr.plan.optimiser) {
		tr.TotalsByOptimiser++
		if least := leastTotal(tr.p, s.instead(v, x), func(v, x int) int64 { return tr.price[v][x] }); least != from {
			tr.differs("moment %d: %s costs from %d, the optimiser says %d, after %s", i, tr.name(v, x), from, least, s.told())
		}
	}
}

// within tells whether the optimiser is asked: it goes from car to cheaper car, which takes for ever
// where there are very many.
func (s *session) within(cars float64) bool { return s.k.Roughly() <= cars && s.tr.Tuples <= 40_000 }

// leastBy is the least total by elimination; picks that may be given up cost a penalty.
func (tr *trial) leastBy(dom domains, lose map[int]int32) (least int64, none, ok bool) {
	if tr.tables == nil {
		return 0, false, false
	}
	return eliminate(tr.tables, dom, cheapest, func(v int, x int32) int64 {
		if pick, is := lose[v]; is && pick != x {
			return tr.price[v][x] + penalty(v)
		}
		return tr.price[v][x]
	}, tr.plan.rows/5)
}

// refusal checks the reason and the way out for a value that is not offered.
func (s *session) refusal() {
	v, x, ok := s.refused()
	if !ok {
		return
	}
	before, had := s.picks[v]
	s.pick(v, x)
	s.conflict(v)
	s.change(v)
	if had {
		s.pick(v, before)
	} else {
		s.k.Unpick(v)
		delete(s.picks, v)
	}
}

// conflict must clash, and must not without any one of its picks.
func (s *session) conflict(v int) {
	tr := s.tr
	clash, ok := s.k.Conflict(v)
	if !ok {
		tr.differs("%s is not offered, yet nothing clashes with it, after %s", tr.p.Vars[v].Name, s.told())
		return
	}
	clash = slices.Clone(clash)
	tr.ConflictsChecked++
	tr.LargestConflict = max(tr.LargestConflict, len(clash))
	picks := map[int]int32{v: s.picks[v]}
	for _, u := range clash {
		picks[u] = s.picks[u]
	}
	if len(picks) != len(clash)+1 || buildable(tr.p, under(tr.p, picks)) {
		tr.differs("%v is said to clash and does not, %s", clash, s.told())
	}
	for _, u := range clash {
		fewer := maps.Clone(picks)
		delete(fewer, u)
		if !buildable(tr.p, under(tr.p, fewer)) {
			tr.differs("the clash of %s needs no %s, %s", tr.p.Vars[v].Name, tr.p.Vars[u].Name, s.told())
		}
	}
}

// change must keep the rules and the value, give up no more picks than needed, and be the cheapest so.
func (s *session) change(v int) {
	tr := s.tr
	lost, total, ok := s.k.Change(tr.w, func(u int) bool { return u == v }, penalty, s.car)
	if !ok {
		tr.differs("no way to %s, though it can be built, %s", tr.name(v, s.picks[v]), s.told())
		return
	}
	tr.ChangesChecked++
	tr.LargestChange = max(tr.LargestChange, len(lost))
	kept, sum := 0, int64(0)
	for u, x := range s.car {
		sum += tr.price[u][x]
		if pick, is := s.picks[u]; is && pick != x {
			if u == v || !slices.Contains(lost, int32(u)) {
				tr.differs("the change loses %s without a word, %s", tr.p.Vars[u].Name, s.told())
			}
		} else if is {
			kept++
		}
	}
	if kept+len(lost) != len(s.picks) || sum != total || !s.accepted(s.car) {
		tr.differs("the change says %d lost at %d, but loses %d at %d, %s", len(lost), total, len(s.picks)-kept, sum, s.told())
	}
	s.fewest(v, len(lost), total)
}

func (s *session) fewest(v, lost int, total int64) {
	tr := s.tr
	if least, none, ok := tr.leastBy(under(tr.p, map[int]int32{v: s.picks[v]}), s.picks); ok {
		if want := total + int64(lost)*penalty(0); none || least != want {
			tr.differs("the change gives up %d at %d, by elimination %d at %d, %s", lost, total, least/penalty(0), least%penalty(0), s.told())
		}
	}
	if !s.only(v) {
		return
	}
	tr.ChangesByOptimiser++
	if others := len(s.picks) - 1; keepable(tr.p, s.picks, v, others-lost+1) || !keepable(tr.p, s.picks, v, others-lost) {
		tr.differs("the change gives up %d, the solver says otherwise, %s", lost, s.told())
	}
}

// only tells whether few enough cars have the value for the solver to count picks on them.
func (s *session) only(v int) bool {
	k := s.tr.d.NewDesk()
	k.Pick(v, s.picks[v])
	return k.Roughly() <= s.tr.plan.optimiser && s.tr.Tuples <= 40_000
}
