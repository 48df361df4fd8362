package storefront

import (
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
	"forecourt/internal/web"
)

// CompareSection is a group of rows.
type CompareSection struct {
	Key, Title string
	Note       string
	Rows       []CompareRow
}

// CompareRow is one fact of every car.
type CompareRow struct {
	Label string
	Cells []CompareCell
}

// CompareCell is one car's value. Mark is "yes", "no" or empty.
type CompareCell struct{ Text, Mark string }

// same tells whether a row says nothing that helps to choose.
func (r CompareRow) same() bool {
	return len(r.Cells) > 1 && !slices.ContainsFunc(r.Cells, func(c CompareCell) bool { return c.Text != r.Cells[0].Text })
}

// differing keeps the rows whose cells differ.
func differing(ss []CompareSection) []CompareSection {
	var out []CompareSection
	for _, s := range ss {
		s.Rows = slices.DeleteFunc(slices.Clone(s.Rows), CompareRow.same)
		if len(s.Rows) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// sheet makes the rows of a comparison.
type sheet struct {
	web.Base
	cars []candidate
}

func (t *sheet) row(label string, cell func(candidate) string) CompareRow {
	r := CompareRow{Label: label}
	for _, c := range t.cars {
		r.Cells = append(r.Cells, CompareCell{Text: cell(c)})
	}
	return r
}

func (t *sheet) section(key string, rows ...CompareRow) CompareSection {
	return CompareSection{Key: key, Title: t.T("storefront.compare.section." + key), Rows: rows}
}

func (t *sheet) price() CompareSection {
	return t.section("price",
		t.row(t.T("checkout.lines.total"), func(c candidate) string { return t.Money(c.build.Quote.Total) }),
		t.row(t.T("checkout.check.deposit"), func(c candidate) string { return t.MoneyShort(c.deposit()) }),
		t.row(t.T("storefront.fact.weeks"), func(c candidate) string {
			return t.T("storefront.weeks", "From", c.rng.WeeksFrom, "To", c.rng.WeeksTo)
		}))
}

func (t *sheet) engine() CompareSection {
	fact := func(label string, value func(*catalogue.EngineFacts) string) CompareRow {
		return t.row(t.T(label), func(c candidate) string {
			e, _ := engineOf(c.rng, c.build)
			if v := value(e); v != "" {
				return v
			}
			return t.T("storefront.compare.not_stated")
		})
	}
	s := t.section("engine",
		t.row(t.T("storefront.group.engine"), func(c candidate) string { return namesOf(c.shop, c.rng, c.build).Engine }),
		fact("storefront.compare.fact.fuel", func(e *catalogue.EngineFacts) string { return t.T("fuel." + e.Fuel) }),
		fact("storefront.compare.fact.power", t.power),
		fact("storefront.compare.fact.gearbox", func(e *catalogue.EngineFacts) string { return t.T("gearbox." + e.Gearbox) }),
		fact("storefront.compare.fact.drive", func(e *catalogue.EngineFacts) string { return t.T("drive." + e.Drive) }),
		fact("storefront.fact.consumption", t.use),
		fact("storefront.fact.co2", func(e *catalogue.EngineFacts) string { return t.T("storefront.unit.co2", "N", t.P.Int(e.CO2)) }))
	if t.anyEngine(func(e *catalogue.EngineFacts) bool { return e.RangeKm > 0 }) {
		s.Rows = append(s.Rows, fact("storefront.compare.fact.range", func(e *catalogue.EngineFacts) string {
			if e.RangeKm == 0 {
				return ""
			}
			return t.Distance(e.RangeKm * 1000)
		}))
	}
	s.Rows = append(s.Rows,
		fact("storefront.fact.towing", t.towing),
		fact("storefront.compare.fact.mass", func(e *catalogue.EngineFacts) string { return t.T("storefront.unit.kg", "N", t.P.Int(e.MassKg)) }),
		t.row(t.T("storefront.fact.seats"), func(c candidate) string { return t.P.Int(int64(seatsOf(c.car, c.build))) }))
	return s
}

// power gives the metric horsepower that registration papers know beside the kilowatts.
func (t *sheet) power(e *catalogue.EngineFacts) string {
	return t.T("storefront.compare.unit.power", "KW", t.P.Int(e.KW), "HP", t.P.Int((e.KW*135962+50000)/100000))
}

// use writes both figures of an engine that burns and plugs in.
func (t *sheet) use(e *catalogue.EngineFacts) string {
	out := consumption(t.Base, e)
	if e.Litres100 > 0 && e.KWh100 > 0 {
		plug := *e
		plug.Litres100 = 0
		out += " + " + consumption(t.Base, &plug)
	}
	return out
}

func (t *sheet) towing(e *catalogue.EngineFacts) string {
	if e.TowingKg == 0 {
		return t.T("storefront.compare.no_towing")
	}
	return t.T("storefront.unit.kg", "N", t.P.Int(e.TowingKg))
}

func (t *sheet) anyEngine(is func(*catalogue.EngineFacts) bool) bool {
	return slices.ContainsFunc(t.cars, func(c candidate) bool {
		e, ok := engineOf(c.rng, c.build)
		return ok && is(e)
	})
}

func (t *sheet) running(prices energyPrices, metres int64) CompareSection {
	cost := func(label string, months int64) CompareRow {
		return t.row(t.T(label), func(c candidate) string {
			e, _ := engineOf(c.rng, c.build)
			return t.MoneyShort(wholeUnits(c.market.Amount((prices.perYear(e, metres) + months/2) / months)))
		})
	}
	return t.section("running", cost("storefront.compare.per_year", 1), cost("storefront.compare.per_month", 12))
}

// wholeUnits drops the pennies of an estimate: it is not that exact.
func wholeUnits(m money.Money) money.Money {
	m.Minor = (m.Minor + 50) / 100 * 100
	return m
}

// equipment lists what at least one of the cars has: choices of one kind by name, options by mark.
func (t *sheet) equipment() CompareSection {
	s := t.section("equipment")
	for _, g := range catalogue.Groups {
		if g == catalogue.Engine {
			continue
		}
		if g != catalogue.Options {
			s.Rows = append(s.Rows, t.row(t.T("storefront.group."+string(g)), func(c candidate) string { return c.partOf(g) }))
		}
	}
	for _, code := range t.options() {
		s.Rows = append(s.Rows, t.optionRow(code))
	}
	return s
}

// partOf names a car's part of a group of one choice.
func (c candidate) partOf(g catalogue.Group) string {
	for _, code := range append(slices.Clone(c.build.Selection), c.build.Included...) {
		if f, ok := c.rng.Feature(code); ok && f.Group == g {
			return c.say(f.Name)
		}
	}
	return ""
}

// options are the codes of the options in the cars, each once, as the ranges list them.
func (t *sheet) options() []id.Feature {
	var out []id.Feature
	for _, c := range t.cars {
		for i := range c.rng.Features {
			f := &c.rng.Features[i]
			if f.Group == catalogue.Options && !slices.Contains(out, f.Code) && c.has(f.Code) {
				out = append(out, f.Code)
			}
		}
	}
	return out
}

func (c candidate) has(f id.Feature) bool {
	return slices.Contains(c.build.Selection, f) || slices.Contains(c.build.Included, f)
}

func (t *sheet) optionRow(code id.Feature) CompareRow {
	var r CompareRow
	for _, c := range t.cars {
		if f, ok := c.rng.Feature(code); ok && r.Label == "" {
			r.Label = c.say(f.Name)
		}
		cell := CompareCell{t.T("storefront.compare.not_fitted"), "no"}
		if slices.Contains(c.build.Included, code) {
			cell = CompareCell{t.T("storefront.compare.included"), "yes"}
		} else if l, ok := lineOf(c.build.Quote, string(code)); ok {
			cell = CompareCell{t.T("storefront.compare.chosen", "Price", t.MoneyShort(l.Amount)), "yes"}
		}
		r.Cells = append(r.Cells, cell)
	}
	return r
}

func lineOf(q pricing.Quote, code string) (pricing.Line, bool) {
	i := slices.IndexFunc(q.Lines, func(l pricing.Line) bool { return l.Code == code })
	if i < 0 {
		return pricing.Line{}, false
	}
	return q.Lines[i], true
}

// lines are the price lines that differ. Choices of one kind stand in one line each, all options
// together in one: what they are and cost is said with the equipment. Each column sums to its total
// together with the lines that do not differ.
func (t *sheet) lines() CompareSection {
	s := t.section("lines")
	for _, g := range catalogue.Groups {
		label := t.T("storefront.group." + string(g))
		if g == catalogue.Options {
			label = t.T("storefront.compare.options")
		}
		s.Rows = append(s.Rows, t.row(label, func(c candidate) string { return t.MoneyShort(c.sumOf(g)) }))
	}
	for _, l := range t.fees() {
		s.Rows = append(s.Rows, t.row(t.cars[0].feeLabel(l.Code, l.Label), func(c candidate) string {
			mine, ok := lineOf(c.build.Quote, l.Code)
			if !ok {
				mine.Amount = c.market.Amount(0)
			}
			return t.MoneyShort(mine.Amount)
		}))
	}
	s.Rows = slices.DeleteFunc(s.Rows, CompareRow.same)
	return s
}

func (c candidate) sumOf(g catalogue.Group) money.Money {
	sum := c.market.Amount(0)
	for _, l := range c.build.Quote.Lines {
		if f, ok := c.rng.Feature(id.Feature(l.Code)); ok && l.Kind != pricing.KindFee && f.Group == g {
			sum = sum.Add(l.Amount)
		}
	}
	return sum
}

func (t *sheet) fees() []pricing.Line {
	var out []pricing.Line
	for _, c := range t.cars {
		for _, l := range c.build.Quote.Lines {
			if l.Kind == pricing.KindFee && !slices.ContainsFunc(out, func(o pricing.Line) bool { return o.Code == l.Code }) {
				out = append(out, l)
			}
		}
	}
	return out
}
