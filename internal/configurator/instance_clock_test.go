package configurator_test

import (
	"slices"
	"time"

	"forecourt/internal/configurator/diagram"
	"forecourt/internal/configurator/instance"
)

// repeats of each measurement, of which the best counts.
const repeats = 3

// timed is the shortest time of a few, in microseconds.
func timed(do func()) float64 {
	best := time.Duration(1<<63 - 1)
	for range repeats {
		start := time.Now()
		do()
		best = min(best, time.Since(start))
	}
	return float64(best.Nanoseconds()) / 1000
}

func quantile(of []float64, q float64) float64 {
	if len(of) == 0 {
		return 0
	}
	slices.Sort(of)
	return round(of[min(len(of)-1, int(q*float64(len(of))))])
}

// measure takes the time of clicks, of conflicts and of switches, along recorded orders or random walks.
func (tr *trial) measure() {
	s := tr.session(11)
	var clicks, conflicts, switches []float64
	for i := 0; len(clicks) < tr.plan.clicks || len(conflicts) < tr.plan.clashes && i < 4*tr.plan.clashes; i++ {
		s.clear()
		if i == 0 {
			tr.EmptyPage = round(timed(func() { s.k.Page(tr.w) }))
		}
		for n, v := range s.r.Perm(len(tr.p.Vars)) {
			if !s.next(i, v) {
				continue
			}
			if len(clicks) < tr.plan.clicks {
				clicks = append(clicks, timed(func() { s.k.Page(tr.w) }))
			} else {
				s.k.Page(tr.w)
			}
			if len(conflicts) < tr.plan.clashes && n%8 == 3 {
				if u, x, ok := s.refused(); ok {
					c, w := s.clash(u, x)
					conflicts, switches = append(conflicts, c), append(switches, w)
				}
			}
		}
	}
	tr.Clicks, tr.ClickP50, tr.ClickP99 = len(clicks), quantile(clicks, 0.5), quantile(clicks, 0.99)
	tr.ConflictP50, tr.ConflictP99 = quantile(conflicts, 0.5), quantile(conflicts, 0.99)
	tr.SwitchP50, tr.SwitchP99 = quantile(switches, 0.5), quantile(switches, 0.99)
}

// next picks for a variable what an order says, in every second session at random; false when the order
// says nothing.
func (s *session) next(i, v int) bool {
	o := s.tr.orders
	if o == nil || i%2 == 1 {
		return s.step(v)
	}
	row, c := o.Rows[i/2%len(o.Rows)], slices.Index(o.Vars, v)
	if c < 0 || row[c] == instance.Unknown {
		return false
	}
	s.pick(v, row[c])
	return true
}

// refused is a value that can be built, but not with the picks.
func (s *session) refused() (v int, x int32, ok bool) {
	for range 200 {
		v := s.r.IntN(len(s.tr.p.Vars))
		x := s.r.IntN(s.tr.p.Vars[v].Values)
		if s.tr.d.Alive(v, x) && s.k.From(v, x) >= diagram.Impossible {
			return v, int32(x), true
		}
	}
	return 0, 0, false
}

// clash measures a conflict and a switch for a refused value, and takes it back.
func (s *session) clash(v int, x int32) (conflict, change float64) {
	before, had := s.picks[v]
	s.k.Pick(v, x)
	conflict = timed(func() { s.k.Conflict(v) })
	change = timed(func() { s.k.Change(s.tr.w, func(u int) bool { return u == v }, penalty, s.car) })
	if had {
		s.k.Pick(v, before)
	} else {
		s.k.Unpick(v)
	}
	s.k.Page(s.tr.w)
	return conflict, change
}

// penalty of a pick given up is more than all prices together, so that the fewest are.
func penalty(int) int64 { return 1 << 30 }
