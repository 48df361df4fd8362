package storefront

import (
	"errors"
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
)

// need is a must-have: one of these features, of which the cheapest is taken. A model that sells none
// of them lacks the need; no car is promised a part that its range does not have.
type need struct {
	key   string
	oneOf []id.Feature
	body  func(string) bool                // the car must be built so
	motor func(catalogue.EngineFacts) bool // the engine must be so
}

// needs are the must-haves that the guide asks for, in its order.
var needs = []need{
	{key: "tow", oneOf: []id.Feature{"tow-fixed", "tow-detach"}, motor: func(e catalogue.EngineFacts) bool { return e.TowingKg > 0 }},
	{key: "boot", body: roomy},
	{key: "park", oneOf: []id.Feature{"sensors-rear", "camera-rear", "camera-360"}},
	{key: "warm", oneOf: []id.Feature{"heated-seats"}},
	{key: "cruise", oneOf: []id.Feature{"cruise-adaptive"}},
	{key: "sleep", oneOf: []id.Feature{"sleep-kit"}},
}

// grip is what snow and tracks ask of a car without four driven wheels.
var grip = need{key: "where", oneOf: []id.Feature{"tyres-all"}}

// moreSeats are the features that add seats to a model, and how many.
var moreSeats = map[id.Feature]int{"third-row": 2}

// guided is a suitor with the car behind it.
type guided struct {
	suitor
	car   *car
	build configurator.Build
	got   []id.Feature           // what it has because of the wishes
	picks configurator.Selection // its engine and those: the rest is as cheap as can be
}

// matcher makes cars for wishes. It lives as long as one page and remembers what it asked the
// configurator: the wishes given up one after the other ask for much the same cars again.
type matcher struct {
	cars []*car
	seen map[string]completed
}

type completed struct {
	build configurator.Build
	ok    bool
}

func (h *Handlers) matcher(s *shop) (*matcher, error) {
	m := &matcher{seen: map[string]completed{}}
	for _, r := range s.world.Ranges(s.brand.Code, s.market.Code, s.day) {
		k, err := h.carOf(s, r.Model)
		if errors.Is(err, configurator.ErrHeld) {
			continue // nothing of it can be ordered just now
		}
		if err != nil {
			return nil, err
		}
		m.cars = append(m.cars, k)
	}
	return m, nil
}

// complete is the cheapest car with these picks, if there is one.
func (m *matcher) complete(k *car, picked configurator.Selection) (configurator.Build, bool) {
	key := string(k.rng.Model) + ":" + configurator.Encode(picked)
	c, known := m.seen[key]
	if !known {
		b, err := k.model.Complete(picked)
		c = completed{b, err == nil}
		m.seen[key] = c
	}
	return c.build, c.ok
}

// suitors makes the cheapest car of every engine of every model here that meets the wishes, or as
// many of them as the model can; with wholeOnly those that lack something are left out. The budget
// does not count: ranking weighs it.
func (m *matcher) suitors(w wishes, wholeOnly bool) []guided {
	var out []guided
	for _, k := range m.cars {
		for i := range k.rng.Features {
			f := &k.rng.Features[i]
			if f.Engine == nil {
				continue
			}
			if g, ok := m.suitor(k, f, w, wholeOnly); ok {
				out = append(out, g)
			}
		}
	}
	return out
}

// suitor is false for an engine that is not sold here.
func (m *matcher) suitor(k *car, f *catalogue.Feature, w wishes, wholeOnly bool) (guided, bool) {
	r := k.rng
	g := guided{car: k, suitor: suitor{Model: r.Model, Order: r.Order, Body: r.Body, Engine: *f.Engine}}
	base := configurator.Selection{f.Code}
	plain, sold := m.complete(k, base)
	if !sold {
		return g, false
	}
	wanted := m.possible(&g, base, g.demands(w))
	if wholeOnly && len(g.Lacks) > 0 {
		return g, false
	}
	b, got, ok := m.cheapest(k, base, wanted)
	if !ok && wholeOnly {
		return g, false
	}
	if !ok { // not all together: one after the other, as the page asks for them
		var kept []need
		b = plain
		for _, n := range wanted {
			if more, have, ok := m.cheapest(k, base, append(slices.Clone(kept), n)); ok {
				kept, b, got = append(kept, n), more, have
			} else {
				g.Lacks = append(g.Lacks, n.key)
			}
		}
	}
	g.build, g.got, g.Total = b, got, b.Quote.Total.Minor
	g.picks = append(slices.Clone(base), got...)
	return g, true
}

// possible keeps of each need the ways that go with the engine, and notes the needs that have none:
// what cannot be had alone need not be tried together with the rest.
func (m *matcher) possible(g *guided, base configurator.Selection, wanted []need) []need {
	var out []need
	for _, n := range wanted {
		var ways []id.Feature
		for _, code := range n.oneOf {
			if _, ok := g.car.rng.Feature(code); !ok {
				continue
			}
			if _, ok := m.complete(g.car, append(slices.Clone(base), code)); ok {
				ways = append(ways, code)
			}
		}
		if n.oneOf = ways; len(ways) > 0 {
			out = append(out, n)
		} else {
			g.Lacks = append(g.Lacks, n.key)
		}
	}
	return out
}

// demands notes what no option can mend and answers the needs that options may meet.
func (g *guided) demands(w wishes) []need {
	var out []need
	lacks := func(key string, yes bool) {
		if yes {
			g.Lacks = append(g.Lacks, key)
		}
	}
	if w.Seats > g.car.rng.Seats {
		if n, ok := seatsFor(g.car.rng, w.Seats); ok {
			out = append(out, n)
		} else {
			lacks("seats", true)
		}
	}
	if w.Where == "snow" && g.Engine.Drive != "awd" {
		out = append(out, grip)
	}
	lacks("fuel", !burns(w.Fuel, g.Engine.Fuel))
	lacks("gearbox", w.Gearbox != "" && w.Gearbox != g.Engine.Gearbox)
	for _, n := range needs {
		switch {
		case !slices.Contains(w.Must, n.key):
		case n.body != nil && !n.body(g.Body), n.motor != nil && !n.motor(g.Engine):
			lacks(n.key, true)
		case len(n.oneOf) > 0:
			out = append(out, n)
		}
	}
	return out
}

// burns tells whether a fuel answers the question for fuels.
func burns(asked, fuel string) bool {
	switch asked {
	case "petrol":
		return fuel == "petrol" || fuel == "diesel" || fuel == "hybrid" || fuel == "plugin"
	case "":
		return true
	}
	return asked == fuel
}

func seatsFor(r *catalogue.Range, seats int) (need, bool) {
	for code, more := range moreSeats {
		if _, ok := r.Feature(code); ok && r.Seats+more >= seats {
			return need{key: "seats", oneOf: []id.Feature{code}}, true
		}
	}
	return need{}, false
}

// cheapest tries every way to meet the needs and keeps the cheapest car; false when none can be built.
func (m *matcher) cheapest(k *car, picked configurator.Selection, wanted []need) (configurator.Build, []id.Feature, bool) {
	if len(wanted) == 0 {
		b, ok := m.complete(k, picked)
		return b, nil, ok
	}
	var best configurator.Build
	var got []id.Feature
	found := false
	for _, code := range wanted[0].oneOf {
		b, rest, ok := m.cheapest(k, append(slices.Clone(picked), code), wanted[1:])
		if ok && (!found || b.Quote.Total.Minor < best.Quote.Total.Minor) {
			best, got, found = b, append([]id.Feature{code}, rest...), true
		}
	}
	return best, got, found
}

// seatsOf counts the seats of a build.
func seatsOf(k *car, b configurator.Build) int {
	n := k.rng.Seats
	for code, more := range moreSeats {
		if slices.Contains(b.Selection, code) || slices.Contains(b.Included, code) {
			n += more
		}
	}
	return n
}

func plainSuitors(gs []guided) []suitor {
	out := make([]suitor, len(gs))
	for i := range gs {
		out[i] = gs[i].suitor
	}
	return out
}

// sells tells whether the model has a feature here at all.
func (m *matcher) sells(k *car, code id.Feature) bool {
	_, ok := k.rng.Feature(code)
	if ok {
		_, ok = m.complete(k, configurator.Selection{code})
	}
	return ok
}

// could tells whether the model and its engine can meet one wish.
func (m *matcher) could(g *guided, w wishes) bool {
	try := guided{car: g.car, suitor: suitor{Body: g.Body, Engine: g.Engine}}
	for _, n := range try.demands(w) {
		if !slices.ContainsFunc(n.oneOf, func(f id.Feature) bool { return m.sells(g.car, f) }) {
			return false
		}
	}
	return len(try.Lacks) == 0
}
