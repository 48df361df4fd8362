package rangegen

import (
	"slices"

	"forecourt/internal/catalogue"
)

// options adds the equipment, area by area, and plans where each piece may be had and what it needs. A
// larger model has more areas, not larger ones: in real ranges, too, few rules reach across.
func (p *plan) options() {
	for round := range p.scale {
		for a, ar := range areas {
			for _, t := range ar.items {
				code, words := named(t, round)
				f := catalogue.Feature{Code: code, Group: catalogue.Options, Name: words}
				if t.code == "rails" {
					f.Draws = "rails"
				}
				p.add(f)
				p.items = append(p.items, p.newItem(f, round*len(areas)+a))
			}
		}
	}
	for i := range p.scale {
		code, words := named(twoTone, i)
		f := catalogue.Feature{Code: code, Group: catalogue.Options, Name: words, Draws: "two_tone"}
		p.add(f)
		p.items = append(p.items, p.newItem(f, roof))
	}
	for i, it := range p.items {
		p.need(it, i)
	}
}

// newItem plans equipment as makers do: from some step of the range on, and with some kinds of engine,
// not with a list of its own of either.
func (p *plan) newItem(f catalogue.Feature, area int) *item {
	it := &item{code: f.Code, area: area, versions: all(versions * p.scale), engines: all(engines * p.scale)}
	if p.chance(50) {
		step := 1 + p.dice.IntN(versions-1)
		for v := range it.versions {
			it.versions[v] = v%versions >= step
		}
	}
	if p.chance(25) {
		kinds := pick(p, kindsOf)
		for e := range it.engines {
			it.engines[e] = kinds[e%engines]
		}
	}
	return it
}

// kindsOf are the limits by kind of engine: petrol, hybrid, diesel, four-wheel drive, plug-in hybrid.
var kindsOf = [][engines]bool{
	{true, true, true, true, false},  // nothing that is charged
	{true, false, true, true, false}, // no large battery
	{false, true, false, true, true}, // automatic gearboxes
	{true, true, false, true, true},  // no diesel
}

func all(n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// need lets a piece of equipment rest on earlier ones, of the same area as a rule and of another in 15
// of 100 cases. Earlier ones only, so that no circle of needs can come about.
func (p *plan) need(it *item, i int) {
	if !p.chance(60) {
		return
	}
	far := p.chance(15)
	near := slices.DeleteFunc(slices.Clone(p.items[:i]), func(o *item) bool { return far != (o.area != it.area) || !it.fits(o) })
	if len(near) == 0 {
		return
	}
	first := pick(p, near)
	it.versions, it.engines = both(it.versions, first.versions), both(it.engines, first.engines)
	it.needs = []*item{first}
	if second := pick(p, near); second != first && p.chance(50) {
		it.needs = append(it.needs, second)
	}
}

func both(a, b []bool) []bool {
	out := slices.Clone(a)
	for i := range out {
		out[i] = out[i] && b[i]
	}
	return out
}

// fits tells whether two items may be had on one car.
func (it *item) fits(other *item) bool {
	return slices.Contains(both(it.versions, other.versions), true) && slices.Contains(both(it.engines, other.engines), true)
}

// packs put two to four pieces of an area together.
func (p *plan) packs() {
	for _, a := range p.dice.Perm(len(areas) * p.scale)[:packs*p.scale] {
		code, words := named(areas[a%len(areas)].pack, a/len(areas))
		p.add(catalogue.Feature{Code: code, Group: catalogue.Options, Name: words, Pack: true})
		box := &item{code: code, area: a, versions: all(versions * p.scale), engines: all(engines * p.scale)}
		here := slices.DeleteFunc(slices.Clone(p.items), func(it *item) bool { return it.area != a })
		p.dice.Shuffle(len(here), func(i, j int) { here[i], here[j] = here[j], here[i] })
		for _, it := range here {
			if len(box.parts) < 2+p.dice.IntN(3) && box.fits(it) {
				box.versions, box.engines = both(box.versions, it.versions), both(box.engines, it.engines)
				box.parts = append(box.parts, it)
			}
		}
		p.boxes = append(p.boxes, box)
	}
}

// standard gives each step of the range all that the step below has and some more, with what that
// equipment needs.
func (p *plan) standard() {
	p.std = make([][]*item, versions*p.scale)
	for step := range versions {
		var here []*item
		if step > 0 {
			here = slices.Clone(p.std[step-1])
		}
		may := slices.DeleteFunc(slices.Clone(p.items), func(it *item) bool {
			return it.area == roof || !it.versions[step] || slices.Contains(it.engines, false)
		})
		for range 2 * p.scale {
			if len(may) > 0 {
				here = with(here, pick(p, may))
			}
		}
		for v := step; v < len(p.std); v += versions {
			p.std[v] = here
		}
	}
}

// with adds an item and all that comes with it or that it needs.
func with(items []*item, it *item) []*item {
	if slices.Contains(items, it) {
		return items
	}
	items = append(items, it)
	for _, part := range it.parts {
		items = with(items, part)
	}
	if len(it.needs) > 0 && !slices.ContainsFunc(it.needs, func(x *item) bool { return slices.Contains(items, x) }) {
		items = with(items, it.needs[0])
	}
	return items
}
