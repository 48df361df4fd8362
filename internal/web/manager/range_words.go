package manager

import (
	"slices"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/web"
	"forecourt/internal/world"
)

// RuleLine is a rule of the product office as a sentence.
type RuleLine struct {
	Text  string
	Buyer string // what the buyer reads when the rule stands in the way
	Where string // markets and dates; empty for everywhere and always
	Idle  string // a word for a rule that never bites
	Table *RuleTable
	Plain bool // it is known by its short form only
}

// RuleTable is a table of what goes together.
type RuleTable struct {
	Title string
	Head  []string
	Rows  [][]Cell
	Open  string // what opens it: how many rows it has
	More  string // how many rows are not shown
}

// Cell is a value with the column it belongs to.
type Cell struct{ Label, Text string }

// mostRows bounds what a page shows of a table; a filter by feature shows the rest.
const mostRows = 40

// speaker says what a range says, in the reader's language.
type speaker struct {
	b     web.Base
	w     *world.World
	r     *catalogue.Range
	zone  *market.Market
	idle  []string
	lines map[string]*catalogue.Rule // by short form
}

func newSpeaker(b web.Base, a about, r *catalogue.Range, report configurator.Report) *speaker {
	s := &speaker{b: b, w: a.world, r: r, zone: a.market, idle: report.Idle, lines: map[string]*catalogue.Rule{}}
	for i := range r.Rules {
		s.lines[configurator.Line(&r.Rules[i])] = &r.Rules[i]
	}
	return s
}

// say gives a range's words to the reader.
func (s *speaker) say(w catalogue.Words) string { return w.In(s.b.P.Language(), s.zone.Language()) }

// name is what people call a feature; its code when the range has none.
func (s *speaker) name(c id.Feature) string {
	if f, ok := s.r.Feature(c); ok {
		return s.say(f.Name)
	}
	return string(c)
}

func (s *speaker) names(codes []id.Feature) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = s.name(c)
	}
	return out
}

// pick names a feature, or one left out.
func (s *speaker) pick(entry id.Feature) string {
	if code, left := configurator.Omitted(entry); left {
		return s.b.T("manager.range.without", "Part", s.name(code))
	}
	return s.name(entry)
}

func (s *speaker) picks(entries []id.Feature) string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = s.pick(e)
	}
	return s.b.P.List(out)
}

// rule writes a rule; only is the feature that its table is cut down to, or empty.
func (s *speaker) rule(r *catalogue.Rule, only id.Feature) RuleLine {
	l := RuleLine{Text: s.sentence(r), Buyer: s.say(r.Because), Where: s.where(r)}
	if slices.Contains(s.idle, configurator.Line(r)) {
		l.Idle = s.b.T("manager.range.rule.idle")
	}
	if r.Kind == catalogue.OnlyWith {
		l.Table = s.table(r, only)
	}
	return l
}

// sentence is the rule in one sentence.
func (s *speaker) sentence(r *catalogue.Rule) string {
	if r.Kind == catalogue.OnlyWith {
		return s.b.T("manager.range.rule.only_with", "Parts", s.b.P.List(s.columns(r.Of)))
	}
	key, parts := "manager.range.rule."+string(r.Kind), s.names(r.Any)
	text := s.b.P.List(parts)
	if len(parts) > 1 && (r.Kind == catalogue.Requires || r.Kind == catalogue.Excludes) {
		key, text = key+"_any", strings.Join(parts, ", ")
	}
	return s.b.T(key, "Part", s.name(r.If), "Parts", text)
}

// short is the sentence of a rule known by its short form; the short form when the range has it no more.
func (s *speaker) short(line string) RuleLine {
	if r := s.lines[line]; r != nil {
		return RuleLine{Text: s.sentence(r), Buyer: s.say(r.Because), Where: s.where(r)}
	}
	return RuleLine{Text: line, Plain: true}
}

func (s *speaker) shorts(lines []string) []RuleLine {
	out := make([]RuleLine, len(lines))
	for i, l := range lines {
		out[i] = s.short(l)
	}
	return out
}

// columns names the columns of a table: groups, and options of their own.
func (s *speaker) columns(of []string) []string {
	out := make([]string, len(of))
	for i, c := range of {
		if slices.Contains(catalogue.Groups, catalogue.Group(c)) {
			out[i] = s.b.T("storefront.group." + c)
		} else {
			out[i] = s.name(id.Feature(c))
		}
	}
	return out
}

// table writes the rows that name a feature, all when none is asked for.
func (s *speaker) table(r *catalogue.Rule, only id.Feature) *RuleTable {
	t, n := &RuleTable{Head: s.columns(r.Of), Title: s.sentence(r)}, 0
	for _, row := range r.Rows {
		if only != "" && slices.Contains(columnsOf(s.r, r), only) && !slices.ContainsFunc(row, func(c catalogue.Cell) bool { return slices.Contains(c, only) }) {
			continue
		}
		if n++; n > mostRows {
			continue
		}
		cells := make([]Cell, len(row))
		for i, c := range row {
			cells[i] = Cell{Text: s.cell(c)}
			if i < len(t.Head) {
				cells[i].Label = t.Head[i]
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	t.Open = s.b.N("manager.range.rule.rows", n)
	if n > mostRows {
		t.More = s.b.N("manager.range.rule.more", n-mostRows)
	}
	return t
}

func (s *speaker) cell(c catalogue.Cell) string {
	if len(c) == 0 {
		return s.b.T("manager.range.rule.any")
	}
	out := make([]string, len(c))
	for i, x := range c {
		if out[i] = s.name(x); x == catalogue.Without {
			out[i] = s.b.T("manager.range.rule.none")
		}
	}
	return strings.Join(out, ", ")
}

// columnsOf are the features that a table names in its rows.
func columnsOf(rng *catalogue.Range, r *catalogue.Rule) []id.Feature {
	var out []id.Feature
	for _, row := range r.Rows {
		for _, c := range row {
			out = append(out, c...)
		}
	}
	for _, of := range r.Of {
		if _, ok := rng.Feature(id.Feature(of)); ok {
			out = append(out, id.Feature(of))
		}
	}
	return out
}

// speaksOf tells whether a rule is about a feature.
func speaksOf(rng *catalogue.Range, r *catalogue.Rule, f id.Feature) bool {
	if r.Kind == catalogue.OnlyWith {
		return slices.Contains(columnsOf(rng, r), f)
	}
	return r.If == f || slices.Contains(r.Any, f)
}

// where tells in which markets and when a rule holds.
func (s *speaker) where(r *catalogue.Rule) string {
	var out []string
	if len(r.Markets) > 0 {
		names := make([]string, len(r.Markets))
		for i, m := range r.Markets {
			names[i] = marketName(s.w, m)
		}
		out = append(out, s.b.T("manager.range.rule.markets", "Markets", s.b.P.List(names)))
	}
	if r.From != "" {
		out = append(out, s.b.T("manager.range.rule.from", "Day", s.day(r.From)))
	}
	if r.To != "" {
		out = append(out, s.b.T("manager.range.rule.to", "Day", s.day(r.To)))
	}
	return strings.Join(out, " ")
}

func (s *speaker) day(d market.Date) string { return s.b.P.Date(d.Time(s.zone.Zone())) }

// digits writes a number of any size with the groups of the locale.
func digits(p *i18n.Printer, number string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(p.Int(1_000_000), "1"), "000")
	var b strings.Builder
	for i, c := range []byte(number) {
		if i > 0 && (len(number)-i)%3 == 0 {
			b.WriteString(first)
		}
		b.WriteByte(c)
	}
	return b.String()
}
