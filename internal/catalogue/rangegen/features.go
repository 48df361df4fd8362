package rangegen

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
)

// How many choices of each group a model of scale 1 has.
const (
	versions   = 4
	engines    = 5
	colours    = 9
	upholstery = 4
	wheels     = 5
	packs      = 5
)

// plan is a model in the making.
type plan struct {
	dice  *rand.Rand
	scale int
	r     *catalogue.Range
	place map[id.Feature]int // in r.Features
	items []*item            // equipment without packs, in the order of the areas
	boxes []*item            // packs
	std   [][]*item          // by version
	built []car
}

// roof is the area of two-tone roofs, beside those of the word list.
const roof = -1

// item is an option and where it may be had.
type item struct {
	code     id.Feature
	area     int // counted over all rounds of the word list
	versions []bool
	engines  []bool
	needs    []*item // at least one of them; the first may be had wherever this one may
	parts    []*item // packs
}

func (p *plan) head(brand id.Brand, number int) {
	name := modelNames[number%len(modelNames)]
	if round := number / len(modelNames); round > 0 {
		name = fmt.Sprintf("%s %d", name, round+1)
	}
	p.r.Brand, p.r.Name, p.r.Order = brand, name, number%999+1
	p.r.Model = id.Model(strings.ReplaceAll(strings.ToLower(name), " ", "-"))
	p.r.Body = pick(p, []string{"hatch", "estate", "suv", "suv-large", "saloon"})
	p.r.Seats, p.r.WeeksFrom, p.r.WeeksTo = 5, 6+p.dice.IntN(4), 12+p.dice.IntN(6)
	p.r.Strapline = catalogue.Words{"en": "A model for trying things out.", "it": "Un modello per fare prove.", "fr": "Un modèle pour faire des essais."}
	p.r.Tags = []string{"new"}
}

func pick[T any](p *plan, of []T) T { return of[p.dice.IntN(len(of))] }

// chance is true in so many of 100 cases.
func (p *plan) chance(percent int) bool { return p.dice.IntN(100) < percent }

func (p *plan) add(f catalogue.Feature) {
	p.place[f.Code] = len(p.r.Features)
	p.r.Features = append(p.r.Features, f)
}

// named makes the code and the name of the i-th use of a word.
func named(t term, round int) (id.Feature, catalogue.Words) {
	mark := marks[round%len(marks)]
	if n := round / len(marks); n > 0 {
		mark = strings.TrimSpace(fmt.Sprintf("%s %d", mark, n+1))
	}
	code := t.code
	if mark != "" {
		code += "-" + strings.ReplaceAll(strings.ToLower(mark), " ", "")
	}
	return id.Feature(code), t.words(mark)
}

// choices adds the groups of which a buyer chooses one.
func (p *plan) choices() {
	for i := range versions * p.scale {
		name := versionNames[i%len(versionNames)]
		code, words := named(term{strings.ToLower(name), name, name, name}, i/len(versionNames))
		p.add(catalogue.Feature{Code: code, Group: catalogue.Version, Name: words})
	}
	for i := range engines * p.scale {
		p.add(p.engine(i))
	}
	for i := range colours * p.scale {
		c := paints[i%len(paints)]
		code, words := named(c.term, i/len(paints))
		p.add(catalogue.Feature{Code: code, Group: catalogue.Colour, Name: words, Hex: c.hex, Finish: c.finish})
	}
	for i := range upholstery * p.scale {
		c := fabrics[i%len(fabrics)]
		code, words := named(c.term, i/len(fabrics))
		p.add(catalogue.Feature{Code: code, Group: catalogue.Upholstery, Name: words, Hex: c.hex})
	}
	for i := range wheels * p.scale {
		p.add(rim(i))
	}
	p.r.ShowOff = []id.Feature{p.r.Features[p.of(catalogue.Colour)[0]].Code, p.r.Features[p.of(catalogue.Wheels)[0]].Code}
}

// engine is the i-th engine; power grows with i, and each fuel has figures of its own.
func (p *plan) engine(i int) catalogue.Feature {
	fuel := []string{"petrol", "hybrid", "diesel", "petrol", "plugin"}[i%engines]
	kw := int64(70 + 90*i/(engines*p.scale) + 5*(i%engines))
	e := &catalogue.EngineFacts{Fuel: fuel, KW: kw, MassKg: 1150 + 3*kw, Gearbox: "manual", Drive: "fwd", TowingKg: 900 + 100*int64(i%4)}
	switch fuel {
	case "petrol":
		e.CO2, e.Litres100 = 105+kw/4, 45+kw/10
	case "diesel":
		e.CO2, e.Litres100 = 100+kw/4, 40+kw/12
	case "hybrid":
		e.CO2, e.Litres100, e.Gearbox = 90+kw/8, 38+kw/14, "automatic"
	case "plugin":
		e.CO2, e.Litres100, e.KWh100, e.RangeKm, e.Gearbox = 20+kw/10, 9+kw/40, 170, 60, "automatic"
	}
	if i%engines == 3 {
		e.Drive, e.Gearbox = "awd", "automatic"
	}
	kind := strings.ToUpper(fuel[:1]) + fuel[1:]
	name := fmt.Sprintf("%s %d", kind, kw)
	if e.Drive == "awd" {
		name += " 4x4"
	}
	return catalogue.Feature{Code: id.Feature(fmt.Sprintf("%s-%d-%d", fuel, kw, i+1)), Group: catalogue.Engine, Name: catalogue.Words{"": name}, Engine: e}
}

func rim(i int) catalogue.Feature {
	t, inches := rims[i%len(rims)], 16+i%len(rims)*4/len(rims)+i/len(rims)%3
	code, words := named(term{code: fmt.Sprintf("%s-%d", t.code, inches),
		en: fmt.Sprintf("%d-inch %s", inches, t.en), it: fmt.Sprintf("Cerchi da %d pollici %s", inches, t.it), fr: fmt.Sprintf("Jantes %d pouces %s", inches, t.fr)},
		i/len(rims))
	return catalogue.Feature{Code: code, Group: catalogue.Wheels, Name: words, Design: t.code, Inches: inches}
}

// of are the places of a group's features.
func (p *plan) of(g catalogue.Group) []int {
	var out []int
	for i := range p.r.Features {
		if p.r.Features[i].Group == g {
			out = append(out, i)
		}
	}
	return out
}
