package configurator_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
)

// world is a random range with its model and its oracle.
type world struct {
	*oracle
	t   *testing.T
	rng *rand.Rand
	mo  *configurator.Model
}

// eachWorld runs a check on many small random ranges, of which all cars are known.
func eachWorld(t *testing.T, seed uint64, count int, check func(w *world)) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	built := 0
	for range count {
		m, r := randomMarket(rng), randomRange(rng, small, 3+rng.IntN(10))
		o := newOracle(m, r)
		mo, err := configurator.Compile(m, r, today)
		if err != nil {
			if len(o.cars) > 0 {
				t.Fatalf("%d cars, but Compile says %v", len(o.cars), err)
			}
			continue
		}
		built++
		check(&world{o, t, rng, mo})
	}
	if built < count/2 {
		t.Fatalf("only %d of %d ranges could be built: the generator is too strict to prove much", built, count)
	}
}

func (w *world) anyCar() []id.Feature {
	c := w.cars[w.rng.IntN(len(w.cars))]
	var out []id.Feature
	for _, f := range w.r.Features {
		if c.picks[f.Code] {
			out = append(out, f.Code)
		}
	}
	s, err := w.mo.Parse(texts(out))
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func texts(s []id.Feature) []string {
	var out []string
	for _, f := range s {
		out = append(out, string(f))
	}
	return out
}

func none(oracleCar) int { return 0 }

func TestDefaultIsTheCheapestCarThereIs(t *testing.T) {
	t.Parallel()
	eachWorld(t, 1, 300, func(w *world) {
		_, want, _ := w.best(func(oracleCar) bool { return true }, none)
		if got := w.mo.From().Total.Minor; got != want {
			w.t.Fatalf("from %d, cheapest %d", got, want)
		}
		car, ok := w.find(w.mo.Default())
		if !ok || car.total != want {
			w.t.Fatalf("default %v is no car of that price", w.mo.Default())
		}
	})
}

func TestCompleteKeepsPicksAtTheLeastPrice(t *testing.T) {
	t.Parallel()
	eachWorld(t, 2, 250, func(w *world) {
		for range 6 {
			w.checkComplete(w.somePicks())
		}
	})
}

// somePicks are random picks, at most one of each group of one choice.
func (w *world) somePicks() configurator.Selection {
	var s configurator.Selection
	taken := map[catalogue.Group]bool{}
	for _, f := range w.r.Features {
		if w.rng.IntN(4) > 0 || taken[f.Group] && f.Group != catalogue.Options {
			continue
		}
		if slices.ContainsFunc(w.cars, func(c oracleCar) bool { return c.car[f.Code] }) {
			s, taken[f.Group] = append(s, f.Code), true
		}
	}
	return s
}

func (w *world) checkComplete(s configurator.Selection) {
	want := setOf(s)
	_, total, ok := w.best(func(c oracleCar) bool { return w.lost(want, c) == 0 }, none)
	b, err := w.mo.Complete(s)
	if w.mo.Check(s) == nil { // a whole car stays as it is, even if a pack would save money
		whole, _ := w.find(b.Selection)
		if err != nil || w.lost(want, whole) > 0 || slices.ContainsFunc(b.Selection, func(f id.Feature) bool { return !want[f] }) {
			w.t.Fatalf("%v became %v, %v", s, b.Selection, err)
		}
		w.checkBuild(b)
		return
	}
	if ok {
		if err != nil || b.Quote.Total.Minor != total {
			w.t.Fatalf("%v: %d %v, want %d", s, b.Quote.Total.Minor, err, total)
		}
		w.checkBuild(b)
		return
	}
	var clash *configurator.Clash
	if !errors.As(err, &clash) {
		w.t.Fatalf("%v can not be built, but %v", s, err)
	}
	n, total, _ := w.best(func(oracleCar) bool { return true }, func(c oracleCar) int { return w.changes(want, c) })
	w.checkRepair(clash, want, n, total)
}

func (w *world) lost(want map[id.Feature]bool, c oracleCar) int {
	n := 0
	for f := range want {
		if !c.car[f] {
			n++
		}
	}
	return n
}

func (w *world) checkBuild(b configurator.Build) {
	car, ok := w.find(b.Selection)
	if !ok || car.total != b.Quote.Total.Minor {
		w.t.Fatalf("%v is no car, or not of %s", b.Selection, b.Quote.Total)
	}
	if len(b.Included)+len(b.Selection) != len(car.car) || slices.ContainsFunc(b.Included, func(f id.Feature) bool { return !car.car[f] || car.picks[f] }) {
		w.t.Fatalf("%v includes %v, want the rest of %v", b.Selection, b.Included, car.car)
	}
	if err := w.mo.Check(b.Selection); err != nil {
		w.t.Fatalf("the gate refuses %v: %v", b.Selection, err)
	}
}

func (w *world) checkRepair(c *configurator.Clash, want map[id.Feature]bool, n int, total int64) {
	car, ok := w.find(c.Repair)
	if !ok || w.changes(want, car) != n || car.total != total || c.RepairTotal.Minor != total {
		w.t.Fatalf("picks %v: repair %v changes %d at %d (%s), want %d at %d", want, c.Repair, w.changes(want, car), car.total, c.RepairTotal, n, total)
	}
	if len(c.Drops)+len(c.Adds) == 0 {
		w.t.Fatalf("a repair of %v that changes nothing", want)
	}
	for _, f := range c.Drops {
		if !want[f] || car.car[f] {
			w.t.Fatalf("drops %s", f)
		}
	}
	w.checkTold(c)
}

// checkTold looks for the rule that a clash tells.
func (w *world) checkTold(c *configurator.Clash) {
	for _, r := range w.r.Rules {
		if r.Kind == c.Rule && (r.If == c.A && slices.Contains(r.Any, c.B) || r.Kind == catalogue.Excludes && r.If == c.B && slices.Contains(r.Any, c.A)) {
			return
		}
	}
	w.t.Fatalf("no rule says %v", c)
}

func TestEveryChoiceOfAPageIsExact(t *testing.T) {
	t.Parallel()
	eachWorld(t, 3, 250, func(w *world) {
		s := w.anyCar()
		p, err := w.mo.Page(s)
		if err != nil {
			w.t.Fatal(err)
		}
		now, ok := w.find(p.Build.Selection)
		if !ok || !slices.Equal(p.Build.Selection, s) {
			w.t.Fatalf("page of %v shows %v", s, p.Build.Selection)
		}
		w.checkBuild(p.Build)
		shown := 0
		for _, g := range p.Groups {
			for _, c := range g.Choices {
				w.checkChoice(now, c)
				shown++
			}
		}
		if possible := w.possible(); shown != possible {
			w.t.Fatalf("%d choices shown, %d features are in some car", shown, possible)
		}
	})
}

func (w *world) possible() int {
	n := 0
	for _, f := range w.r.Features {
		if slices.ContainsFunc(w.cars, func(c oracleCar) bool { return c.car[f.Code] }) {
			n++
		}
	}
	return n
}

func (w *world) checkChoice(now oracleCar, c configurator.Choice) {
	f, one := c.Feature.Code, c.Feature.Group != catalogue.Options
	next, ok := w.find(c.Next)
	if !ok || c.Delta.Minor != next.total-now.total {
		w.t.Fatalf("%s %s leads to %v at %s", f, c.State, c.Next, c.Delta)
	}
	want := setOf(w.mo.Default()[:0])
	for p := range now.picks {
		if p != f && (!one || w.group(p) != c.Feature.Group) {
			want[p] = true
		}
	}
	switch {
	case now.picks[f] && one || now.car[f] && !now.picks[f]:
		if len(c.Next) != len(now.picks) || c.Clash != nil || c.State == configurator.Offered || c.State == configurator.Blocked {
			w.t.Fatalf("%s is in the car, %s", f, c.State)
		}
	case now.picks[f]:
		w.checkStep(c, configurator.Chosen, want, func(o oracleCar) bool { return !o.car[f] }, now)
	default:
		want[f] = true
		state := configurator.Offered
		if c.Clash != nil {
			state = configurator.Blocked
		}
		w.checkStep(c, state, want, func(o oracleCar) bool { return o.car[f] }, now)
	}
}

// checkStep compares where a choice leads with the nearest of all cars.
func (w *world) checkStep(c configurator.Choice, state configurator.State, want map[id.Feature]bool, pass func(oracleCar) bool, now oracleCar) {
	n, total, ok := w.best(pass, func(o oracleCar) int { return w.changes(want, o) })
	if c.State != state {
		w.t.Fatalf("%s is %s, want %s", c.Feature.Code, c.State, state)
	}
	if !ok { // every car has it: it stays
		if len(c.Next) != len(now.picks) || c.Clash != nil {
			w.t.Fatalf("%s can not be left out, but %v", c.Feature.Code, c.Next)
		}
		return
	}
	if c.Clash == nil {
		if next, _ := w.find(c.Next); n != 0 || w.changes(want, next) != 0 || next.total != total {
			w.t.Fatalf("%s leads to %v without a clash, nearest has %d changes", c.Feature.Code, c.Next, n)
		}
		return
	}
	if n == 0 || !slices.Equal(c.Clash.Repair, c.Next) {
		w.t.Fatalf("%s clashes, but a car with all picks exists", c.Feature.Code)
	}
	w.checkRepair(c.Clash, want, n, total)
}

// The compiled rules and the gate must agree on every selection, good or bad.
func TestGateAgreesWithTheModel(t *testing.T) {
	t.Parallel()
	eachWorld(t, 4, 150, func(w *world) {
		for range 20 {
			var s configurator.Selection
			for _, g := range catalogue.Groups[:5] {
				of := w.sold(g)
				s = append(s, of[w.rng.IntN(len(of))])
			}
			for _, f := range w.sold(catalogue.Options) {
				if w.rng.IntN(3) == 0 {
					s = append(s, f)
				}
			}
			_, err := w.mo.Page(s)
			if gate := w.mo.Check(s); (gate == nil) != (err == nil) {
				w.t.Fatalf("%v: page %v, gate %v", s, err, gate)
			}
		}
	})
}
