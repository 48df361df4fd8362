package manager

import (
	"context"
	"net/http"
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/insight"
	"forecourt/internal/market"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// RangePage is the report of a model in one market: what can be built, the rules in words, the prices
// and what is held.
type RangePage struct {
	web.Base
	Errors    web.FieldErrors
	Name      string
	Code      string // of the market, as addresses have it
	Country   string
	Tabs      []Tab
	Report    *ReportCard
	Editions  []EditionLine // those to come
	Groups    []GroupLine
	Lists     []FeatureList
	Rules     RuleList
	Holds     []HoldLine
	Hold      HoldForm
	MayHold   bool
	Drafts    []DraftLine
	History   []PublicationLine
	TryURL    string
	DraftURL  string
	RangeURL  string
	ListURL   string
	Orderable string // cars that can be ordered today, while something is held
}

// ReportCard is what a publication told about a range in a market.
type ReportCard struct {
	Cars      string
	Features  int
	Variables int
	Rules     int
	Published string
	Who       string
	Size      string
	Took      string
	Never     []NeverLine
	Idle      []RuleLine
	Changes   *Changes
}

// NeverLine is a feature that no car can have, and the rules that forbid it.
type NeverLine struct {
	Name  string
	Rules []RuleLine
}

// Changes is what a range changes against the one before.
type Changes struct {
	CarsBefore string
	CarsAfter  string
	Added      []string
	Removed    []string
	RulesIn    []RuleLine
	RulesOut   []RuleLine
	Prices     int
	PriceLines []PriceLine // a few of them
	None       bool        // nothing is different
}

// PriceLine is a price that changes.
type PriceLine struct{ Name, Old, New string }

// EditionLine is an edition that takes over on a later day.
type EditionLine struct{ From, Cars string }

// PublicationLine is one time that the range went live.
type PublicationLine struct{ When, Who, Note string }

func (s *Surface) showRange(c echo.Context) error {
	a, err := s.about(c, c.QueryParam("market"))
	if err != nil {
		return err
	}
	return s.answerRange(c, http.StatusOK, a, HoldForm{Feature: web.CleanLine(c.QueryParam("hold"))}, web.FieldErrors{})
}

func (s *Surface) answerRange(c echo.Context, status int, a about, hold HoldForm, errs web.FieldErrors) error {
	ctx := c.Request().Context()
	p := &RangePage{Base: s.base(c, rangesPath, "manager.range.title"), Errors: errs, Name: a.brand.Name + " " + a.rng.Name, Code: a.code(), Country: a.market.Name,
		ListURL: rangesPath, RangeURL: a.url(""), TryURL: a.url("try", "market", a.code()), DraftURL: a.url("draft", "market", a.code()), MayHold: a.mayHold()}
	p.Title, p.Zone = p.Name, a.market.Zone()
	only := id.Feature(web.CleanLine(c.QueryParam("feature")))
	p.Tabs = a.tabs("", "feature", string(only))
	history, err := world.History(ctx, s.kit.DB, a.brand.Code, a.rng.Model)
	if err != nil {
		return err
	}
	drafts, err := world.Drafts(ctx, s.kit.DB, a.brand.Code, a.rng.Model)
	if err != nil {
		return err
	}
	names, err := s.names(ctx, a, history, drafts)
	if err != nil {
		return err
	}
	e, ok := a.edition()
	say := newSpeaker(p.Base, a, a.rng, e.Report)
	if ok {
		if p.Report, err = s.reportCard(ctx, a, say, e, history, names); err != nil {
			return err
		}
	}
	p.later(a, say)
	p.fillHolds(s, a, say, hold, names)
	p.Groups, p.Lists = groups(a, say, e.Report), features(a, say, e.Report)
	p.Rules = rules(a, say, only)
	p.Drafts = draftLines(p.Base, a, drafts, names)
	for i, h := range history {
		if i == 6 {
			break
		}
		p.History = append(p.History, PublicationLine{When: p.DateTime(h.PublishedAt), Who: publisher(p.Base, h.By, names), Note: h.Note})
	}
	p.Flash = s.done(c, a, say, history, names)
	return s.kit.Show(c, status, "manager/range", p)
}

// names are those of all staff on the page.
func (s *Surface) names(ctx context.Context, a about, history []world.Publication, drafts []world.Draft) (map[string]string, error) {
	var who []string
	for _, h := range history {
		who = append(who, staffKey(h.By))
	}
	for _, d := range drafts {
		who = append(who, staffKey(d.MadeBy))
	}
	for _, h := range a.held() {
		who = append(who, staffKey(h.ChangedBy))
	}
	for _, e := range a.world.Editions(a.brand.Code, a.rng.Model) {
		who = append(who, staffKey(e.By))
	}
	return insight.Names(s.kit.DB.Read(ctx), who)
}

func (s *Surface) reportCard(ctx context.Context, a about, say *speaker, e world.EditionInfo, history []world.Publication, names map[string]string) (*ReportCard, error) {
	card := newReportCard(say, e.Report)
	card.Published, card.Who = say.b.P.DateTime(e.PublishedAt.In(a.market.Zone())), publisher(say.b, e.By, names)
	if e.Report.Changed == nil {
		return card, nil
	}
	former := say
	if len(e.Report.Changed.RulesRemoved)+len(e.Report.Changed.FeaturesRemoved) > 0 && len(history) > 1 {
		old, err := world.RangeOf(ctx, s.kit.DB, history[1].ID)
		if err != nil {
			return nil, err
		}
		former = newSpeaker(say.b, a, old, configurator.Report{})
	}
	card.Changes = changes(say, former, *e.Report.Changed, e.Report.Cars)
	return card, nil
}

// newReportCard is the part of a report that a draft has as well.
func newReportCard(say *speaker, r configurator.Report) *ReportCard {
	card := &ReportCard{Cars: digits(say.b.P, r.Cars), Features: r.Features, Variables: r.Variables, Rules: r.Rules,
		Size: say.b.T("manager.range.size", "Nodes", r.Nodes, "Kilobytes", (r.Bytes+1023)/1024),
		Took: took(say.b, r.Millis), Idle: say.shorts(r.Idle)}
	for _, n := range r.Never {
		card.Never = append(card.Never, NeverLine{Name: say.name(n.Feature), Rules: say.shorts(n.Rules)})
	}
	return card
}

func took(b web.Base, millis int64) string {
	if millis == 0 {
		return b.T("manager.range.took_less")
	}
	return b.T("manager.range.took", "Millis", millis)
}

// changes puts what is different into words: what came by the new range, what went by the former.
func changes(say, former *speaker, c configurator.RangeChanges, cars string) *Changes {
	out := &Changes{CarsAfter: digits(say.b.P, cars), Added: say.names(c.FeaturesAdded), Removed: former.names(c.FeaturesRemoved),
		RulesIn: say.shorts(c.RulesAdded), RulesOut: former.shorts(c.RulesRemoved), Prices: c.PricesChanged}
	if c.CarsBefore != "" {
		out.CarsBefore = digits(say.b.P, c.CarsBefore)
	}
	out.None = out.CarsBefore == out.CarsAfter && len(out.Added)+len(out.Removed)+len(out.RulesIn)+len(out.RulesOut)+out.Prices == 0
	return out
}

// later lists the editions that take over on a later day.
func (p *RangePage) later(a about, say *speaker) {
	for _, e := range a.world.Editions(a.brand.Code, a.rng.Model) {
		if e.Market == a.market.Code && e.From > a.day {
			p.Editions = append(p.Editions, EditionLine{From: say.day(e.From), Cars: digits(p.P, e.Report.Cars)})
		}
	}
}

// RuleList are the rules of a range, those in force first.
type RuleList struct {
	Total   int
	Shown   int
	Kinds   []RuleGroup
	Other   []RuleLine // of other markets or other days
	Feature string     // that they are searched for
	Choices []OptionGroup
}

// RuleGroup are the rules of one kind.
type RuleGroup struct {
	Title string
	Rules []RuleLine
}

// OptionGroup is a heading of a select with its options.
type OptionGroup struct {
	Label   string
	Options []Option
}

var ruleKinds = []catalogue.RuleKind{catalogue.OnlyWith, catalogue.Requires, catalogue.Excludes, catalogue.Includes, catalogue.Standard}

func rules(a about, say *speaker, only id.Feature) RuleList {
	out := RuleList{Total: len(say.r.Rules), Choices: choices(say, only, nil)}
	if _, ok := say.r.Feature(only); ok {
		out.Feature = say.name(only)
	} else {
		only = ""
	}
	groups := make([]RuleGroup, len(ruleKinds))
	for i := range say.r.Rules {
		r := &say.r.Rules[i]
		if only != "" && !speaksOf(say.r, r, only) {
			continue
		}
		out.Shown++
		if !r.AppliesAt(a.market.Code, a.day) {
			out.Other = append(out.Other, say.rule(r, only))
			continue
		}
		k := slices.Index(ruleKinds, r.Kind)
		groups[k].Title = say.b.T("manager.range.kind." + string(r.Kind))
		groups[k].Rules = append(groups[k].Rules, say.rule(r, only))
	}
	for _, g := range groups {
		if len(g.Rules) > 0 {
			out.Kinds = append(out.Kinds, g)
		}
	}
	return out
}

// choices lists features by group for a select, those of a market when sold is given.
func choices(say *speaker, chosen id.Feature, sold *catalogue.PriceList) []OptionGroup {
	var out []OptionGroup
	for _, g := range catalogue.Groups {
		og := OptionGroup{Label: say.b.T("storefront.group." + string(g))}
		for _, f := range say.r.Features {
			if f.Group != g {
				continue
			}
			if sold != nil {
				if _, ok := sold.Amounts[f.Code]; !ok {
					continue
				}
			}
			og.Options = append(og.Options, Option{Value: string(f.Code), Label: say.name(f.Code), Selected: f.Code == chosen})
		}
		if len(og.Options) > 0 {
			out = append(out, og)
		}
	}
	return out
}

// priceList is what a market asks on a day, or on the first day it asks anything.
func priceList(rng *catalogue.Range, m id.Market, day market.Date) *catalogue.PriceList {
	if l, ok := rng.PricesAt(m, day); ok {
		return l
	}
	first := &catalogue.PriceList{}
	for i, l := range rng.Prices[m] {
		if first.From == "" || l.From < first.From {
			first = &rng.Prices[m][i]
		}
	}
	return first
}

// ChangesOn are changes with the page that has the words.
type ChangesOn struct {
	Page    web.Base
	Changes *Changes
}

// With hands changes to the part of a template that shows them.
func (p *RangePage) With(c *Changes) ChangesOn { return ChangesOn{p.Base, c} }

// With hands changes to the part of a template that shows them.
func (p *DraftPage) With(c *Changes) ChangesOn { return ChangesOn{p.Base, c} }
