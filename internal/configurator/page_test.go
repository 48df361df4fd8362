package configurator_test

import (
	"errors"
	"slices"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
)

func TestDefaultIsTheCheapestCarThereIs(t *testing.T) {
	t.Parallel()
	eachWorld(t, 1, 200, func(w *world) {
		want, _ := w.cheapest(picked{})
		if got := w.mo.From().Total.Minor; got != want {
			w.t.Fatalf("from %d, cheapest %d", got, want)
		}
		b, err := w.mo.Complete(w.mo.Default())
		if err != nil || !slices.Equal(b.Selection, w.mo.Default()) || b.Quote.Total.Minor != want {
			w.t.Fatalf("default %v is no car of that price: %v", w.mo.Default(), err)
		}
	})
}

func TestCompleteKeepsPicksAtTheLeastPrice(t *testing.T) {
	t.Parallel()
	eachWorld(t, 2, 150, func(w *world) {
		for range 6 {
			w.checkComplete(w.somePicks())
			w.checkComplete(w.wholePicks())
			w.checkComplete(configurator.Exactly(w.wholePicks()))
			w.checkComplete(configurator.Exactly(w.somePicks()))
		}
	})
}

func (w *world) checkComplete(s configurator.Selection) {
	w.t.Helper()
	p := w.read(w.t, plain(s))
	b, err := w.mo.Complete(s)
	if c, ok := w.asItIs(p); ok {
		if err != nil || !slices.Equal(b.Selection, w.selection(c)) {
			w.t.Fatalf("%v is a car, but became %v, %v", s, b.Selection, err)
		}
		w.checkBuild(b)
		return
	}
	total, cars := w.cheapest(p)
	if cars == 0 {
		w.checkRefusal(p, err)
		return
	}
	if err != nil || b.Quote.Total.Minor != total || !w.keep(w.checkBuild(b), p) {
		w.t.Fatalf("%v became %v of %d, %v; want %d", s, b.Selection, b.Quote.Total.Minor, err, total)
	}
}

// plain takes the ~ alone away.
func plain(s configurator.Selection) configurator.Selection {
	return slices.DeleteFunc(slices.Clone(s), func(c id.Feature) bool { return c == "~" })
}

// asItIs finds the car that is picked whole: with what comes free and nothing more.
func (w *world) asItIs(p picked) (oracleCar, bool) {
	for _, c := range w.cars {
		if w.keep(c, p) && w.of(w.selection(c))&^p.in == 0 {
			return c, true
		}
	}
	return oracleCar{}, false
}

// checkBuild compares a build with the car that it says it is.
func (w *world) checkBuild(b configurator.Build) oracleCar {
	w.t.Helper()
	c, ok := w.find(w.of(b.Selection) | w.of(b.Included))
	if !ok || c.total != b.Quote.Total.Minor || !slices.Equal(b.Selection, w.selection(c)) || !slices.Equal(b.Included, w.codes(c.free&w.group(catalogue.Options))) {
		w.t.Fatalf("%v with %v is no car, or not of %s", b.Selection, b.Included, b.Quote.Total)
	}
	for _, l := range b.Quote.Lines {
		if i, part := w.bit[id.Feature(l.Code)]; part && l.Included != (c.free>>i&1 != 0) {
			w.t.Fatalf("%v: line %s included %t", b.Selection, l.Code, l.Included)
		}
	}
	if err := w.mo.Check(b.Selection); err != nil {
		w.t.Fatalf("the gate refuses %v: %v", b.Selection, err)
	}
	return c
}

func TestEveryChoiceOfAPageIsExact(t *testing.T) {
	t.Parallel()
	eachWorld(t, 3, 150, func(w *world) {
		for range 2 {
			w.wander(w.somePicks(), 3)
			w.wander(w.wholePicks(), 2)
			w.wander(configurator.Exactly(w.wholePicks()), 2)
		}
	})
}

// wander checks a page and some that its choices lead to.
func (w *world) wander(s configurator.Selection, clicks int) {
	w.t.Helper()
	for range clicks {
		p, ok := w.checkPage(s)
		if !ok {
			return
		}
		g := p.Groups[w.rng.IntN(len(p.Groups))]
		if next := g.Choices[w.rng.IntN(len(g.Choices))].Next; next != nil {
			s = next
		}
	}
}

// checkPage compares a page with the oracle; false when no car has the picks.
func (w *world) checkPage(s configurator.Selection) (configurator.Page, bool) {
	w.t.Helper()
	page, err := w.mo.Page(s)
	p := w.read(w.t, plain(s))
	if len(s) > len(plain(s)) {
		if c, whole := w.asItIs(p); whole {
			p = w.checkSpelt(c, p, page, err)
		}
	}
	total, cars := w.cheapest(p)
	if cars == 0 {
		w.checkRefusal(p, err)
		return page, false
	}
	if err != nil || page.Build.Quote.Total.Minor != total || page.Cars != float64(cars) || !slices.Equal(page.Picks, w.wrote(p)) {
		w.t.Fatalf("page of %v: %v, total %d, %v cars, picks %v; want %d, %d", s, err, page.Build.Quote.Total.Minor, page.Cars, page.Picks, total, cars)
	}
	now := w.checkBuild(page.Build)
	if !w.keep(now, p) {
		w.t.Fatalf("page of %v shows %v", s, page.Build.Selection)
	}
	var shown parts
	last := -1
	for _, g := range page.Groups {
		for _, c := range g.Choices {
			i := w.bit[c.Feature.Code]
			if i <= last || c.Feature.Group != g.Group {
				w.t.Fatalf("%s stands in the wrong place", c.Feature.Code)
			}
			shown, last = shown|1<<i, i
			w.checkChoice(step{w, p, now, i}, c)
		}
	}
	if shown != w.buildable() {
		w.t.Fatalf("%v are shown, %v are in some car", w.codes(shown), w.codes(w.buildable()))
	}
	return page, true
}

// checkSpelt expects the page of "nothing but these" to be about that car, by options left out by name.
func (w *world) checkSpelt(c oracleCar, p picked, page configurator.Page, err error) picked {
	w.t.Helper()
	if err != nil || !slices.Equal(page.Build.Selection, w.selection(c)) {
		w.t.Fatalf("exactly %v became %v, %v", w.wrote(p), page.Build.Selection, err)
	}
	spelt := w.read(w.t, page.Picks)
	if spelt.in != p.in || p.out&^spelt.out != 0 || spelt.out&c.has != 0 {
		w.t.Fatalf("exactly %v is spelt %v", w.wrote(p), page.Picks)
	}
	return spelt
}

// step is a choice as the oracle sees it.
type step struct {
	*world
	picks picked
	now   oracleCar
	i     int
}

func (w *world) checkChoice(s step, c configurator.Choice) {
	w.t.Helper()
	bit := parts(1) << s.i
	one := c.Feature.Group != catalogue.Options
	if !c.Feature.Pack && c.Brings != nil || c.Feature.Pack && !slices.Equal(c.Brings, s.brings()) {
		w.t.Fatalf("%s brings %v, want %v", c.Feature.Code, c.Brings, s.brings())
	}
	if c.Delta.Minor != c.From.Minor-s.now.total {
		w.t.Fatalf("%s: from %s, delta %s", c.Feature.Code, c.From, c.Delta)
	}
	if c.Next != nil {
		next, err := w.mo.Page(c.Next)
		if err != nil || next.Build.Quote.Total != c.From {
			w.t.Fatalf("%v: %s %s promises %s, the next page says %s, %v", w.wrote(s.picks), c.State, c.Feature.Code, c.From, next.Build.Quote.Total, err)
		}
	}
	switch {
	case s.now.has&bit == 0:
		s.taking(c)
	case !one && s.now.free&bit != 0:
		s.stays(c, configurator.Included, nil)
		if !slices.Equal(c.With, s.givers()) {
			w.t.Fatalf("%s comes with %v, want %v", c.Feature.Code, c.With, s.givers())
		}
	case one && s.picks.in&bit != 0:
		s.stays(c, configurator.Chosen, nil)
	case one:
		s.stays(c, configurator.Taken, w.wrote(s.others().and(picked{in: bit})))
	default:
		s.leaving(c)
	}
}

// others are the picks that a click on the choice leaves as they are.
func (s step) others() picked { return s.picks.without(s.alternatives(s.i)) }

func (s step) stays(c configurator.Choice, want configurator.State, next configurator.Selection) {
	s.t.Helper()
	if c.State != want || c.From.Minor != s.now.total || c.Clash != nil || !slices.Equal(c.Next, next) || (c.Next == nil) != (next == nil) {
		s.t.Fatalf("%v: %s %s leads to %v at %s, want %s %v", s.wrote(s.picks), c.State, c.Feature.Code, c.Next, c.From, want, next)
	}
}

func (s step) givers() []id.Feature {
	var from parts
	for _, r := range s.rules {
		if (r.Kind == catalogue.Includes || r.Kind == catalogue.Standard) && s.of(r.Any)>>s.i&1 != 0 {
			from |= s.of([]id.Feature{r.If}) & s.now.has
		}
	}
	return s.codes(from)
}

// brings are the parts that a part makes free.
func (s step) brings() []id.Feature {
	var free parts
	for _, r := range s.rules {
		if (r.Kind == catalogue.Includes || r.Kind == catalogue.Standard) && r.If == s.parts[s.i].Code {
			free |= s.of(r.Any)
		}
	}
	return s.codes(free)
}

// taking expects the cheapest car with a part that is not in the car on the page.
func (s step) taking(c configurator.Choice) {
	s.t.Helper()
	want := picked{in: 1 << s.i}
	total, cars := s.cheapest(s.others().and(want))
	if cars == 0 {
		if c.State != configurator.Blocked || c.Clash == nil {
			s.t.Fatalf("%v: %s cannot be had, but is %s", s.wrote(s.picks), c.Feature.Code, c.State)
		}
		s.checkClash(c, want)
		return
	}
	if c.State != configurator.Offered || c.From.Minor != total || c.Clash != nil || !slices.Equal(c.Next, s.wrote(s.others().and(want))) {
		s.t.Fatalf("%v: %s is %s at %s to %v, want %d", s.wrote(s.picks), c.Feature.Code, c.State, c.From, c.Next, total)
	}
}

// leaving expects the cheapest car without an option that is paid for.
func (s step) leaving(c configurator.Choice) {
	s.t.Helper()
	without := picked{out: 1 << s.i}
	state := configurator.Taken
	if s.picks.in>>s.i&1 != 0 {
		state = configurator.Chosen
	}
	if c.State != state {
		s.t.Fatalf("%v: %s is %s", s.wrote(s.picks), c.Feature.Code, c.State)
	}
	total, cars := s.cheapest(s.others().and(without))
	if cars == 0 {
		s.checkClash(c, without)
		if c.Saves {
			s.t.Fatalf("%s is needed by %v", c.Feature.Code, c.Clash.Picks)
		}
		return
	}
	if c.From.Minor != total || c.Clash != nil || c.Saves != (state == configurator.Taken) {
		s.t.Fatalf("%v without %s: %s, want %d", s.wrote(s.picks), c.Feature.Code, c.From, total)
	}
	next := s.read(s.t, c.Next)
	if next != s.others() && next != s.others().and(without) {
		s.t.Fatalf("%v without %s becomes %v", s.wrote(s.picks), c.Feature.Code, c.Next)
	}
	if b, err := s.mo.Page(c.Next); err != nil || s.of(b.Build.Selection)>>s.i&1 != 0 {
		s.t.Fatalf("%s comes back by itself: %v", c.Feature.Code, err)
	}
}

// checkRefusal expects the clash of picks of which no car has all.
func (w *world) checkRefusal(p picked, err error) {
	w.t.Helper()
	var c *configurator.Clash
	if !errors.As(err, &c) {
		w.t.Fatalf("%v cannot be built, but: %v", w.wrote(p), err)
	}
	drops := w.read(w.t, c.Drops)
	lost, total, _ := w.nearest(picked{}, p)
	if drops.size() != lost || drops.but(p) != (picked{}) || !slices.Equal(c.Repair, w.wrote(p.but(drops))) {
		w.t.Fatalf("%v: drops %v for %v, want %d", w.wrote(p), c.Drops, c.Repair, lost)
	}
	if least, cars := w.cheapest(p.but(drops)); cars == 0 || least != total || c.RepairTotal.Minor != total {
		w.t.Fatalf("%v: repair %v of %s, %d is the least, %d at all", w.wrote(p), c.Repair, c.RepairTotal, total, least)
	}
	i, sold := w.bit[c.Feature]
	around := picked{in: 1 << i}
	if c.Leaving {
		around = picked{out: 1 << i}
	}
	if !sold || around.but(p) != (picked{}) {
		w.t.Fatalf("%v: the clash is about %s, leaving %t", w.wrote(p), c.Feature, c.Leaving)
	}
	w.checkReasons(c, around, p.without(w.alternatives(i)))
}
