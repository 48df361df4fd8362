package catalogue

import (
	"slices"

	"forecourt/internal/id"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/filecheck"

	"go.yaml.in/yaml/v3"
)

var (
	fuels    = []string{"petrol", "diesel", "hybrid", "plugin", "electric", "lpg"}
	gears    = []string{"manual", "automatic"}
	drives   = []string{"fwd", "rwd", "awd"}
	drawings = []string{"rails", "two_tone"}
)

func (c *checker) features() {
	place := map[Group]int{}
	lines := map[id.Feature]int{}
	for i := range c.r.Features {
		f := &c.r.Features[i]
		at := in(groupKeys[f.Group], place[f.Group])
		place[f.Group]++
		if n := filecheck.Find(c.root, at...); n == nil || n.Kind != yaml.MappingNode {
			continue
		}
		c.feature(f, at)
		if first, twice := lines[f.Code]; twice && f.Code != "" {
			c.say(below(at, "code"), "code %q is used twice, first in line %d", f.Code, first)
			continue
		}
		lines[f.Code] = filecheck.LineOf(c.root, below(at, "code")...)
		if f.Code != "" {
			c.groups[f.Code] = f.Group
		}
	}
	for _, g := range Groups[:len(Groups)-1] {
		if place[g] == 0 {
			c.present(true, in(groupKeys[g]))
		}
	}
}

func (c *checker) feature(f *Feature, at []string) {
	c.code(string(f.Code), below(at, "code"))
	if _, word := groupKeys[Group(f.Code)]; word {
		c.say(below(at, "code"), "code %q is the name of a group", f.Code)
	}
	c.name(f.Name, below(at, "name"))
	c.text(f.Text, below(at, "text"), false, longText)
	c.misplaced(f, at)
	switch f.Group {
	case Version:
		if f.Draws != "" {
			c.oneOf(f.Draws, words(carart.Trims()), below(at, "draws"))
		}
	case Engine:
		if c.present(f.Engine == nil, below(at, "engine")) && f.Engine != nil {
			c.engine(f.Engine, below(at, "engine"))
		}
	case Colour:
		c.hex(f.Hex, below(at, "hex"))
		c.oneOf(f.Finish, words(carart.Finishes()), below(at, "finish"))
	case Upholstery:
		c.hex(f.Hex, below(at, "hex"))
		if f.Stitch != "" {
			c.hex(f.Stitch, below(at, "stitch"))
		}
	case Wheels:
		c.oneOf(f.Design, words(carart.Wheels()), below(at, "design"))
		c.number(int64(f.Inches), 13, 23, below(at, "inches"))
	case Options:
		c.option(f, at)
	}
}

// belongs tells which keys have a meaning in which groups.
var belongs = map[string][]Group{
	"engine": {Engine}, "hex": {Colour, Upholstery}, "finish": {Colour}, "stitch": {Upholstery},
	"design": {Wheels}, "inches": {Wheels}, "pack": {Options}, "draws": {Options, Version},
}

func (c *checker) misplaced(f *Feature, at []string) {
	for _, key := range sortedKeys(belongs) {
		if !slices.Contains(belongs[key], f.Group) && filecheck.Find(c.root, below(at, key)...) != nil {
			c.say(below(at, key), "%s has no meaning for %s", key, groupKeys[f.Group])
		}
	}
}

func (c *checker) option(f *Feature, at []string) {
	if f.Draws != "" {
		c.oneOf(f.Draws, drawings, below(at, "draws"))
	}
	if !f.Pack {
		return
	}
	for _, rule := range c.r.Rules {
		if rule.Kind == Includes && rule.If == f.Code {
			return
		}
	}
	c.say(below(at, "pack"), "pack %q has no includes rule, so nothing comes with it", f.Code)
}

func (c *checker) engine(e *EngineFacts, at []string) {
	c.oneOf(e.Fuel, fuels, below(at, "fuel"))
	c.number(e.KW, 10, 1000, below(at, "kw"))
	c.number(e.MassKg, 500, 4000, below(at, "mass_kg"))
	c.oneOf(e.Gearbox, gears, below(at, "gearbox"))
	c.oneOf(e.Drive, drives, below(at, "drive"))
	c.given(e.TowingKg, 3500, below(at, "towing_kg"))
	c.given(e.CO2, 500, below(at, "co2"))
	if e.CO2Empty != 0 && (e.Fuel != "plugin" || e.CO2Empty < e.CO2 || e.CO2Empty > 500) {
		c.say(below(at, "co2_empty"), "co2_empty is a plug-in hybrid's figure, from its co2 to 500")
	}
	switch e.Fuel {
	case "electric":
		c.number(e.KWh100, 80, 400, below(at, "kwh_100"))
		c.number(e.RangeKm, 50, 1500, below(at, "range_km"))
		if e.CO2 != 0 || e.Litres100 != 0 {
			c.say(at, "an electric engine has no co2 and no litres_100")
		}
	case "plugin":
		c.number(e.KWh100, 50, 400, below(at, "kwh_100"))
		c.number(e.RangeKm, 20, 1500, below(at, "range_km"))
		c.number(e.Litres100, 1, 250, below(at, "litres_100"))
	default:
		c.number(e.Litres100, 10, 250, below(at, "litres_100"))
		if e.KWh100 != 0 {
			c.say(below(at, "kwh_100"), "kwh_100 has no meaning for an engine that is never charged")
		}
	}
}

// given is a figure that may be 0 but must be written, because 0 says something to the buyer.
func (c *checker) given(n, high int64, at []string) {
	if c.present(filecheck.Find(c.root, at...) == nil, at) && (n < 0 || n > high) {
		c.say(at, "%s must be 0 to %d, not %d", last(at), high, n)
	}
}

func words[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, w := range in {
		out[i] = string(w)
	}
	return out
}
