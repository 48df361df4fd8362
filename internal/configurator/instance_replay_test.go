package configurator_test

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"forecourt/internal/configurator/diagram"
	"forecourt/internal/configurator/instance"
)

// session is one customer's clicks on a desk of his own.
type session struct {
	tr    *trial
	k     *diagram.Desk
	r     *rand.Rand
	picks map[int]int32
	seen  map[string]bool // cars that the rules have accepted
	car   []int32
	count int // picks that were offered
}

func (tr *trial) session(seed uint64) *session {
	return &session{tr: tr, k: tr.d.NewDesk(), r: rand.New(rand.NewPCG(seed, 7)), picks: map[int]int32{}, seen: map[string]bool{}, car: make([]int32, len(tr.p.Vars))}
}

func (s *session) clear() {
	s.k.Clear()
	clear(s.picks)
	s.k.Page(s.tr.w)
}

func (s *session) pick(v int, x int32) {
	s.k.Pick(v, x)
	s.picks[v] = x
}

// offered tells whether a value is, and whether another of the variable is too.
func (s *session) offered(v int, x int32) (this, other bool) {
	for y := range s.tr.p.Vars[v].Values {
		if s.k.From(v, y) < diagram.Impossible {
			this, other = this || int32(y) == x, other || int32(y) != x
		}
	}
	return this, other
}

// replay plays recorded orders and random walks, each in random order, and checks the rules by hand.
func (tr *trial) replay() {
	start := time.Now()
	if tr.orders != nil {
		tr.Orders, tr.ColumnsLeftOut = len(tr.orders.Rows), tr.orders.Unnamed
		tr.OrdersReplayed = tr.everyone(len(tr.orders.Rows), (*session).order)
		tr.OrdersSeconds = round(time.Since(start).Seconds())
	}
	tr.WalksReplayed = tr.everyone(tr.plan.walks, (*session).walk)
}

// everyone plays sessions on all cores.
func (tr *trial) everyone(n int, play func(s *session, i int) bool) int {
	var next, played, offered atomic.Int64
	var all sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		all.Add(1)
		go func() {
			defer all.Done()
			s := tr.session(0)
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				s.r = rand.New(rand.NewPCG(uint64(i), 7))
				if play(s, i) {
					played.Add(1)
				}
			}
			offered.Add(int64(s.count))
		}()
	}
	all.Wait()
	tr.PicksOffered += int(offered.Load())
	return int(played.Load())
}

// order replays one recorded order. A value that is the only one left changes nothing when picked, so
// the page is not asked for again; every tenth session asks all the same.
func (s *session) order(i int) bool {
	o := s.tr.orders
	s.clear()
	for _, c := range s.r.Perm(len(o.Vars)) {
		v, x := o.Vars[c], o.Rows[i][c]
		if x == instance.Unknown {
			continue
		}
		this, other := s.offered(v, x)
		if !this {
			s.tr.differs("order %d: %s is not offered when its turn comes, after %s", i+1, s.tr.name(v, x), s.told())
			return false
		}
		s.count++
		s.pick(v, x)
		if (other || i%10 == 0) && s.k.Page(s.tr.w) >= diagram.Impossible {
			s.tr.differs("order %d: a dead end after %s", i+1, s.told())
			return false
		}
	}
	return s.finish()
}

// walk picks an offered value for every variable, in random order.
func (s *session) walk(int) bool {
	s.clear()
	for _, v := range s.r.Perm(len(s.tr.p.Vars)) {
		if !s.step(v) {
			return false
		}
	}
	return s.finish()
}

// step picks one of the offered values of a variable.
func (s *session) step(v int) bool {
	var may []int32
	for x := range s.tr.p.Vars[v].Values {
		if s.k.From(v, x) < diagram.Impossible {
			may = append(may, int32(x))
		}
	}
	if len(may) == 0 {
		s.tr.differs("a dead end: nothing is offered for %s after %s", s.tr.p.Vars[v].Name, s.told())
		return false
	}
	x := may[s.r.IntN(len(may))]
	want := s.k.From(v, int(x))
	s.pick(v, x)
	s.count++
	if got := s.k.Page(s.tr.w); got != want {
		s.tr.differs("%s was offered from %d and costs %d, after %s", s.tr.name(v, x), want, got, s.told())
		return false
	}
	return true
}

// finish lets the raw rules judge the cheapest car with all picks.
func (s *session) finish() bool {
	total := s.k.Cheapest(s.tr.w, s.car)
	if total >= diagram.Impossible {
		s.tr.differs("no car keeps %s", s.told())
		return false
	}
	sum := int64(0)
	for v, x := range s.car {
		if want, is := s.picks[v]; is && want != x {
			s.tr.differs("the car has %s, picked was %s", s.tr.name(v, x), s.tr.name(v, want))
			return false
		}
		sum += s.tr.price[v][x]
	}
	if sum != total {
		s.tr.differs("the car costs %d, said was %d", sum, total)
		return false
	}
	return s.accepted(s.car)
}

// accepted asks the raw rules, once for each car.
func (s *session) accepted(car []int32) bool {
	k := string(pack(nil, car))
	if s.seen[k] {
		return true
	}
	if rule := s.tr.p.Broken(car); rule >= 0 {
		s.tr.differs("the final car breaks rule %s: %v", s.tr.p.Rules[rule].Name, car)
		return false
	}
	s.seen[k] = true
	return true
}

// told names the picks.
func (s *session) told() string {
	out := "no picks"
	sep := ""
	for v := range s.tr.p.Vars {
		if x, is := s.picks[v]; is {
			if sep == "" {
				out = ""
			}
			out += sep + s.tr.name(v, x)
			sep = " "
		}
	}
	return out
}
