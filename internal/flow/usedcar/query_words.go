package usedcar

import (
	"strconv"

	"forecourt/internal/id"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"
)

// Choice is one thing that a query asks for, in words, and the query without it.
type Choice struct {
	Label   string
	Without Query
}

// Choices names all that a query asks for. place is what the place is called, empty when it is not known.
func (q Query) Choices(p *i18n.Printer, in In, place string) []Choice {
	var out []Choice
	add := func(label string, take func(*Query)) { out = append(out, Choice{label, q.Without(take)}) }
	far := func(n int) string { return distance(p, in, int64(n)) }
	amount := func(n int64) string { return p.MoneyShort(in.Market.Amount(n * 100)) }
	if q.Words != "" {
		add(p.T("used.chip.words", "Words", q.Words), func(q *Query) { q.Words = "" })
	}
	if place != "" {
		label := p.T("used.chip.near", "Place", place)
		if q.Within > 0 {
			label = p.T("used.chip.within", "Distance", far(q.Within), "Place", place)
		}
		add(label, func(q *Query) { q.Near, q.Within = "", 0 })
	}
	_, monthly := in.Market.FinanceAt(in.Day)
	for _, x := range []struct {
		on   bool
		key  string
		text string
		take func(*Query)
	}{
		{q.From > 0, "from", amount(q.From), func(q *Query) { q.From = 0 }},
		{q.To > 0, "to", amount(q.To), func(q *Query) { q.To = 0 }},
		{q.Monthly > 0 && monthly, "monthly", amount(q.Monthly), func(q *Query) { q.Monthly = 0 }},
		{q.YearFrom > 0, "year_from", strconv.Itoa(q.YearFrom), func(q *Query) { q.YearFrom = 0 }},
		{q.YearTo > 0, "year_to", strconv.Itoa(q.YearTo), func(q *Query) { q.YearTo = 0 }},
		{q.Far > 0, "far", far(q.Far), func(q *Query) { q.Far = 0 }},
	} {
		if x.on {
			add(p.T("used.chip."+x.key, "Value", x.text), x.take)
		}
	}
	for _, f := range Facets {
		for _, v := range q.Values[f.Facet] {
			add(p.Pair(p.T("used.facet."+f.Name), ValueWords(p, in.World, f.Facet, v)), func(q *Query) { q.Values[f.Facet] = dropped(q.Values[f.Facet], v) })
		}
	}
	for _, v := range q.Equipment {
		add(p.T("used.equipment."+v), func(q *Query) { q.Equipment = dropped(q.Equipment, v) })
	}
	return out
}

// Labels are the words of a query's choices.
func (q Query) Labels(p *i18n.Printer, in In) []string {
	place := ""
	if at := q.Place(in); at != nil {
		place = at.Name
	}
	var out []string
	for _, c := range q.Choices(p, in, place) {
		out = append(out, c.Label)
	}
	return out
}

func distance(p *i18n.Printer, in In, n int64) string {
	return p.Distance(in.Market.Metres(n), in.Market.Unit())
}

// ValueWords says a value of a facet to a reader.
func ValueWords(p *i18n.Printer, w *world.World, f usedcars.Facet, v string) string {
	switch f {
	case usedcars.ByFuel:
		return p.T("used.fuel." + v)
	case usedcars.ByGearbox:
		return p.T("used.gearbox." + v)
	case usedcars.ByBody:
		return p.T("used.body." + v)
	case usedcars.ByColour:
		return p.T("used.colour." + v)
	case usedcars.ByEmission:
		return p.T("used.emission." + v)
	case usedcars.ByDealer:
		if d, ok := w.Dealer(id.Dealer(v)); ok {
			return d.Name
		}
	}
	return v
}
