package rangegen

import (
	"slices"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/market"
)

// apart writes up to so many excludes rules of the pairs that draw proposes. A pair that a planned car
// has, or that another rule speaks of, is left alone.
func (p *plan) apart(count int, draw func() (id.Feature, id.Feature)) {
	for tries := 60 * count; tries > 0 && count > 0; tries-- {
		a, b := draw()
		if a != b && !p.meet(a, b) && !p.told(a, b) {
			p.rule(p.exclude(a, b))
			count--
		}
	}
}

func (p *plan) told(a, b id.Feature) bool {
	return slices.ContainsFunc(p.r.Rules, func(r catalogue.Rule) bool {
		return r.Kind != catalogue.OnlyWith && (r.If == a && slices.Contains(r.Any, b) || r.If == b && slices.Contains(r.Any, a))
	})
}

// near proposes two options of one area.
func (p *plan) near() (a, b id.Feature) {
	x := pick(p, p.items)
	y := pick(p, slices.DeleteFunc(slices.Clone(p.items), func(o *item) bool { return o.area != x.area }))
	return x.code, y.code
}

// far proposes two options of two areas.
func (p *plan) far() (a, b id.Feature) {
	x := pick(p, p.items)
	y := pick(p, slices.DeleteFunc(slices.Clone(p.items), func(o *item) bool { return o.area == x.area }))
	return x.code, y.code
}

// mixed proposes a two-tone roof and a colour, driving equipment and wheels, or something of the cabin
// and an upholstery.
func (p *plan) mixed() (a, b id.Feature) {
	it := pick(p, p.items)
	switch {
	case it.area == roof:
		return it.code, p.r.Features[pick(p, p.of(catalogue.Colour))].Code
	case it.area%len(areas) == drive:
		return it.code, p.r.Features[pick(p, p.of(catalogue.Wheels))].Code
	case it.area%len(areas) == cabin:
		return it.code, p.r.Features[pick(p, p.of(catalogue.Upholstery))].Code
	default:
		return "", ""
	}
}

// calendar lets some of the excludes rules hold for a time or in a market only. Fewer rules in force
// never take a planned car away.
func (p *plan) calendar() {
	n := p.dice.IntN(7)
	for i := range p.r.Rules {
		r := &p.r.Rules[i]
		if r.Kind != catalogue.Excludes {
			continue
		}
		n++
		switch n % 7 {
		case 0:
			r.From = pick(p, []market.Date{"2026-04-01", "2026-09-01", "2027-01-01"})
		case 2:
			r.To = pick(p, []market.Date{"2026-06-30", "2026-12-31"})
		case 4:
			r.Markets = []id.Market{pick(p, markets)}
		}
	}
}

// The reasons that a buyer reads, with the names of what a rule speaks of.
var (
	only  = catalogue.Words{"en": "Only with: ", "it": "Solo con: ", "fr": "Uniquement avec : "}
	never = catalogue.Words{"en": "Not together with: ", "it": "Non insieme a: ", "fr": "Pas avec : "}
	table = catalogue.Words{"en": "This combination is not built.", "it": "Questa combinazione non viene prodotta.", "fr": "Cette combinaison n'est pas produite."}
)

// because names the first few features.
func (p *plan) because(start catalogue.Words, any []id.Feature) catalogue.Words {
	out := catalogue.Words{}
	for lang, text := range start {
		var names []string
		for _, x := range any[:min(len(any), 4)] {
			names = append(names, p.r.Features[p.place[x]].Name.In(lang))
		}
		end := "."
		if len(any) > 4 {
			end = ", ..."
		}
		out[lang] = text + strings.Join(names, ", ") + end
	}
	return out
}
