package rangegen

import (
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
)

// writeRules writes what was planned, and between the planned cars what a maker would forbid.
func (p *plan) writeRules() {
	p.come()
	p.matrix()
	p.trims()
	p.colours()
	for _, it := range slices.Concat(p.items, p.boxes) {
		p.offered(it)
		p.rest(it)
	}
	p.apart(15*p.scale, p.near)
	p.apart(3*p.scale, p.far)
	p.apart(5*p.scale, p.mixed)
	p.calendar()
}

// rule adds one with its reason.
func (p *plan) rule(r catalogue.Rule) { p.r.Rules = append(p.r.Rules, r) }

// come writes what comes with versions and packs.
func (p *plan) come() {
	for v, i := range p.of(catalogue.Version) {
		if len(p.std[v]) > 0 {
			p.rule(catalogue.Rule{Kind: catalogue.Standard, If: p.r.Features[i].Code, Any: codes(p.std[v])})
		}
	}
	for _, box := range p.boxes {
		p.rule(catalogue.Rule{Kind: catalogue.Includes, If: box.code, Any: codes(box.parts)})
	}
}

func codes(items []*item) []id.Feature {
	var out []id.Feature
	for _, it := range items {
		if !slices.Contains(out, it.code) {
			out = append(out, it.code)
		}
	}
	return out
}

// matrix is the table of versions, engines and wheels: each version takes some engines, and its
// stronger engines only larger wheels.
func (p *plan) matrix() {
	rule := catalogue.Rule{Kind: catalogue.OnlyWith, Of: []string{"version", "engine", "wheels"}, Because: table}
	motors, rims := p.of(catalogue.Engine), p.of(catalogue.Wheels)
	for _, v := range p.of(catalogue.Version) {
		version := p.r.Features[v].Code
		weak := p.row(version, motors[:len(motors)/2], rims)
		strong := p.row(version, motors[len(motors)/2:], rims[len(rims)/3:])
		for _, row := range []catalogue.Row{weak, strong} {
			if len(row[1]) > 0 && len(row[2]) > 0 {
				rule.Rows = append(rule.Rows, row)
			}
		}
	}
	p.rule(rule)
}

// row allows a version about half of some engines and two thirds of some wheels, and whatever the
// planned cars of that version and these engines have.
func (p *plan) row(version id.Feature, motors, rims []int) catalogue.Row {
	keep := map[id.Feature]bool{}
	for _, c := range p.built {
		for _, e := range motors {
			if !c[version] || !c[p.r.Features[e].Code] {
				continue
			}
			for x := range c {
				keep[x] = true
			}
		}
	}
	return catalogue.Row{{version}, p.some(motors, 50, keep), p.some(p.all(catalogue.Wheels, rims, keep), 65, keep)}
}

// all adds to some features those of the group that must be kept.
func (p *plan) all(g catalogue.Group, some []int, keep map[id.Feature]bool) []int {
	return slices.DeleteFunc(p.of(g), func(i int) bool { return !slices.Contains(some, i) && !keep[p.r.Features[i].Code] })
}

// some are the features to keep and so many per cent of the others.
func (p *plan) some(from []int, percent int, keep map[id.Feature]bool) catalogue.Cell {
	var out catalogue.Cell
	for _, i := range from {
		if code := p.r.Features[i].Code; p.chance(percent) || keep[code] {
			out = append(out, code)
		}
	}
	return out
}

// trims says which upholstery each version has, in one table.
func (p *plan) trims() {
	rule := catalogue.Rule{Kind: catalogue.OnlyWith, Of: []string{"version", "upholstery"}, Because: table}
	for _, v := range p.of(catalogue.Version) {
		version := p.r.Features[v].Code
		if cell := p.some(p.of(catalogue.Upholstery), 40, p.seenWith(version)); len(cell) > 0 {
			rule.Rows = append(rule.Rows, catalogue.Row{{version}, cell})
		}
	}
	p.rule(rule)
}

// seenWith is all that planned cars with a feature have.
func (p *plan) seenWith(x id.Feature) map[id.Feature]bool {
	seen := map[id.Feature]bool{}
	for _, c := range p.built {
		if c[x] {
			for y := range c {
				seen[y] = true
			}
		}
	}
	return seen
}

// colours keeps some paints for versions from some step on.
func (p *plan) colours() {
	for _, i := range p.of(catalogue.Colour) {
		f := &p.r.Features[i]
		if f.Finish == "solid" || !p.chance(80) {
			continue
		}
		lowest := versions - 1
		for _, c := range p.built {
			if c[f.Code] {
				lowest = min(lowest, p.version(c)%versions)
			}
		}
		if step := p.dice.IntN(lowest + 1); step > 0 {
			p.rule(p.require(f.Code, p.from(step)...))
		}
	}
}

// from are the versions of a step and above.
func (p *plan) from(step int) []id.Feature {
	var out []id.Feature
	for v, i := range p.of(catalogue.Version) {
		if v%versions >= step {
			out = append(out, p.r.Features[i].Code)
		}
	}
	return out
}

// offered says on which versions and with which engines an option may be had. Options that only some
// engines allow are written as a table or as what excludes them, as product offices do both.
func (p *plan) offered(it *item) {
	if on := p.where(catalogue.Version, it.versions, true); len(on) < len(it.versions) {
		p.rule(p.require(it.code, on...))
	}
	on, off := p.where(catalogue.Engine, it.engines, true), p.where(catalogue.Engine, it.engines, false)
	switch {
	case len(off) == 0 || it.parts != nil: // the parts of a pack say it already
	case p.chance(40):
		p.rule(catalogue.Rule{Kind: catalogue.OnlyWith, Of: []string{"engine", string(it.code)}, Because: p.because(only, on),
			Rows: []catalogue.Row{{slices.Clone(catalogue.Cell(on)), nil}, {nil, {catalogue.Without}}}})
	default:
		p.rule(p.exclude(it.code, off...))
	}
}

func (p *plan) where(g catalogue.Group, steps []bool, want bool) []id.Feature {
	var out []id.Feature
	for n, i := range p.of(g) {
		if steps[n] == want {
			out = append(out, p.r.Features[i].Code)
		}
	}
	return out
}

// rest writes what an option rests on.
func (p *plan) rest(it *item) {
	if len(it.needs) > 0 {
		p.rule(p.require(it.code, codes(it.needs)...))
	}
}

func (p *plan) require(x id.Feature, any ...id.Feature) catalogue.Rule {
	return catalogue.Rule{Kind: catalogue.Requires, If: x, Any: any, Because: p.because(only, any)}
}

func (p *plan) exclude(x id.Feature, any ...id.Feature) catalogue.Rule {
	return catalogue.Rule{Kind: catalogue.Excludes, If: x, Any: any, Because: p.because(never, any)}
}
