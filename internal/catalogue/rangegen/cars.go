package rangegen

import (
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
)

// car is a planned car that every rule must allow.
type car map[id.Feature]bool

// places is on how many planned cars each option is put; few enough that rules find room between them.
const places = 3

// cars plans some cars such that every feature is on one of them.
func (p *plan) cars() {
	groups := map[catalogue.Group][]int{}
	most := 4 * versions * p.scale
	for _, g := range catalogue.Groups[:5] {
		groups[g] = p.of(g)
		p.dice.Shuffle(len(groups[g]), func(i, j int) { groups[g][i], groups[g][j] = groups[g][j], groups[g][i] })
	}
	for i := range most {
		c := car{}
		for _, g := range catalogue.Groups[:5] {
			c[p.r.Features[groups[g][i%len(groups[g])]].Code] = true
		}
		p.built = append(p.built, c)
		p.equip(c, p.std[p.version(c)])
	}
	for _, it := range slices.Concat(p.boxes, p.items) {
		p.putOn(it)
	}
}

func (p *plan) equip(c car, items []*item) {
	for _, it := range items {
		c[it.code] = true
	}
}

// version and engine are the steps of a car's version and engine.
func (p *plan) version(c car) int { return p.step(c, catalogue.Version) }
func (p *plan) engineOf(c car) int {
	return p.step(c, catalogue.Engine)
}

func (p *plan) step(c car, g catalogue.Group) int {
	return slices.IndexFunc(p.of(g), func(i int) bool { return c[p.r.Features[i].Code] })
}

// putOn puts an option on some of the cars that may have it. Where no planned car can, a new one is
// planned for it.
func (p *plan) putOn(it *item) {
	on := 0
	for _, i := range p.dice.Perm(len(p.built)) {
		c := p.built[i]
		if on < places && it.versions[p.version(c)] && it.engines[p.engineOf(c)] {
			p.fit(c, it)
			on++
		}
	}
	if on > 0 {
		return
	}
	c := car{}
	for _, g := range catalogue.Groups[2:5] {
		c[p.r.Features[pick(p, p.of(g))].Code] = true
	}
	v := slices.Index(it.versions, true)
	c[p.r.Features[p.of(catalogue.Version)[v]].Code] = true
	c[p.r.Features[p.of(catalogue.Engine)[slices.Index(it.engines, true)]].Code] = true
	p.equip(c, p.std[v])
	p.fit(c, it)
	p.built = append(p.built, c)
}

// fit puts an item on a car with all that it brings and needs, taking first what the car has already.
func (p *plan) fit(c car, it *item) {
	if c[it.code] {
		return
	}
	c[it.code] = true
	for _, part := range it.parts {
		p.fit(c, part)
	}
	if len(it.needs) > 0 && !slices.ContainsFunc(it.needs, func(x *item) bool { return c[x.code] }) {
		p.fit(c, it.needs[0])
	}
}

// meet tells whether two features are on one planned car.
func (p *plan) meet(a, b id.Feature) bool {
	return slices.ContainsFunc(p.built, func(c car) bool { return c[a] && c[b] })
}
