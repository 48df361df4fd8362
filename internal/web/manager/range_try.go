package manager

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// TryPage asks a range "what if": every feature beside some picks, as the shop would answer.
type TryPage struct {
	web.Base
	Name      string
	Country   string
	Tabs      []Tab
	Days      []Tab  // editions of other days
	Draft     string // when it was made; empty for the live range
	BackURL   string
	BackText  string
	LiveURL   string // the same picks in the live range
	Picks     []TryPick
	Clear     string
	Mended    string
	MendRules []RuleLine
	Total     string
	Cars      string
	LiveTotal string
	LiveCars  string
	Car       string
	Add       []OptionGroup
	Hidden    []Option // parameters that the form carries on
	Groups    []TryGroup
	Never     []string
}

// TryPick is a pick with the way to let it go.
type TryPick struct{ Name, URL string }

// TryGroup is a group of choices.
type TryGroup struct {
	Key     string
	Name    string
	Choices []TryChoice
}

// TryChoice is a feature beside the picks.
type TryChoice struct {
	Name  string
	Code  string
	State Badge
	From  string
	Delta string
	URL   string
	Act   string // what the link does
	Why   string
	Rules []RuleLine
	Moves string // what else changes
}

// trial is a range that is being asked, with the picks of the address.
type trial struct {
	about
	draft *world.Draft
	rng   *catalogue.Range
	day   market.Date
	days  []market.Date
	model *configurator.Model
}

func (s *Surface) showTry(c echo.Context) error {
	a, err := s.about(c, c.QueryParam("market"))
	if err != nil {
		return err
	}
	t, err := s.trial(c, a)
	if err != nil {
		return err
	}
	p := &TryPage{Base: s.base(c, rangesPath, "manager.range.try.title"), Name: a.brand.Name + " " + t.rng.Name, Country: a.market.Name,
		BackURL: a.url("", "market", a.code()), BackText: a.brand.Name + " " + t.rng.Name}
	p.Title, p.Zone = p.T("manager.range.try.of", "Model", p.Name), a.market.Zone()
	if t.draft != nil {
		p.Draft, p.BackURL = p.DateTime(t.draft.MadeAt), a.url("drafts/"+string(t.draft.ID), "market", a.code())
	}
	say := newSpeaker(p.Base, a, t.rng, configurator.Report{})
	page, err := p.ask(c, t, say)
	if err != nil {
		return err
	}
	p.fill(t, say, page)
	p.compare(s, t, page)
	return s.kit.Show(c, http.StatusOK, "manager/range_try", p)
}

// trial finds the model that an address asks: the live one with what is held, or a draft.
func (s *Surface) trial(c echo.Context, a about) (trial, error) {
	t := trial{about: a, rng: a.rng, day: a.day}
	key := c.QueryParam("draft")
	if key != "" {
		d, r, err := s.draftOf(c, a, key)
		if err != nil {
			return trial{}, err
		}
		t.draft, t.rng = d, r
		for _, x := range d.Report {
			if x.Market == a.market.Code {
				t.days = append(t.days, x.From)
			}
		}
	} else {
		for _, e := range a.world.Editions(a.brand.Code, a.rng.Model) {
			if e.Market == a.market.Code {
				t.days = append(t.days, e.From)
			}
		}
	}
	if _, sold := t.rng.PricesAt(a.market.Code, t.day); !sold {
		if len(t.days) == 0 {
			return trial{}, web.ErrNotFound
		}
		t.day = t.days[0]
	}
	if asked := market.Date(c.QueryParam("day")); asked > t.day && slices.Contains(t.days, asked) {
		t.day = asked
	}
	var err error
	if t.model, err = s.modelOf(t); err != nil {
		return trial{}, err
	}
	return t, nil
}

// modelOf compiles a draft once and keeps it; the live model is the shop's own.
func (s *Surface) modelOf(t trial) (*configurator.Model, error) {
	if t.draft == nil {
		return t.world.Model(t.brand.Code, t.market.Code, t.rng.Model, t.day)
	}
	key := trialKey{t.draft.ID, t.market.Code, t.day, t.world.Static}
	mo, err := s.trials.get(key, func() (*configurator.Model, error) { return t.world.Try(t.rng, t.market.Code, t.day) })
	if err != nil {
		return nil, err
	}
	return mo.With(inForce(t.world.Holds(t.brand.Code, t.market.Code, t.rng.Model), t.day))
}

// link is the page with other picks.
func (t trial) link(s configurator.Selection, more ...string) string {
	pairs := []string{"market", t.code(), "s", configurator.Encode(s)}
	if t.draft != nil {
		pairs = append(pairs, "draft", string(t.draft.ID))
	}
	if t.day != t.about.day {
		pairs = append(pairs, "day", string(t.day))
	}
	return t.url("try", append(pairs, more...)...)
}

// ask reads the picks of the address. Picks that do not go together are mended as the shop does, and
// the page says so; what the range does not know is left out.
func (p *TryPage) ask(c echo.Context, t trial, say *speaker) (configurator.Page, error) {
	picks, err := configurator.Decode(c.QueryParam("s"))
	if err != nil {
		p.Mended, picks = p.T("manager.range.try.unread"), nil
	}
	if add := web.CleanLine(c.QueryParam("add")); add != "" {
		picks = t.add(picks, id.Feature(add))
	}
	page, err := t.model.Page(picks)
	var clash *configurator.Clash
	switch {
	case errors.As(err, &clash) && clash.Repair != nil:
		p.Mended, p.MendRules = p.T("manager.range.try.mended", "Why", why(say, clash), "Parts", say.picks(clash.Drops)), clashRules(say, clash)
		return t.model.Page(clash.Repair)
	case errors.Is(err, configurator.ErrUnknown), errors.Is(err, configurator.ErrTwoOfGroup), errors.Is(err, configurator.ErrTooMany):
		p.Mended = p.T("manager.range.try.unread")
		return t.model.Page(nil)
	}
	return page, err
}

// add picks a feature in place of another of its group.
func (t trial) add(picks configurator.Selection, f id.Feature) configurator.Selection {
	page, err := t.model.Page(picks)
	if err != nil {
		return append(slices.Clone(picks), f)
	}
	for _, g := range page.Groups {
		for _, ch := range g.Choices {
			if ch.Feature.Code == f && ch.Next != nil && ch.State != configurator.Chosen {
				if ch.Feature.Group == catalogue.Options && ch.State == configurator.Taken {
					return append(slices.Clone(page.Picks), f)
				}
				return ch.Next
			}
		}
	}
	return picks
}

func (p *TryPage) fill(t trial, say *speaker, page configurator.Page) {
	p.Total, p.Cars = p.Money(page.Build.Quote.Total), count(p.Base, page.Cars)
	p.Car = p.P.List(say.names(page.Build.Selection))
	p.Clear = t.link(nil)
	for i, entry := range page.Picks {
		p.Picks = append(p.Picks, TryPick{Name: say.pick(entry), URL: t.link(slices.Delete(slices.Clone(page.Picks), i, i+1))})
	}
	p.Add = choices(say, "", priceList(t.rng, t.market.Code, t.day))
	p.Hidden = []Option{{Value: t.code(), Label: "market"}, {Value: configurator.Encode(page.Picks), Label: "s"}}
	if t.draft != nil {
		p.Hidden = append(p.Hidden, Option{Value: string(t.draft.ID), Label: "draft"})
		p.LiveURL = t.url("try", "market", t.code(), "s", configurator.Encode(page.Picks))
	}
	if t.day != t.about.day {
		p.Hidden = append(p.Hidden, Option{Value: string(t.day), Label: "day"})
	}
	p.tabs(t, say, page.Picks)
	seen := map[id.Feature]bool{}
	for _, g := range page.Groups {
		one := TryGroup{Key: string(g.Group), Name: p.T("storefront.group." + string(g.Group))}
		for _, ch := range g.Choices {
			seen[ch.Feature.Code] = true
			one.Choices = append(one.Choices, p.choice(t, say, ch, page.Picks))
		}
		p.Groups = append(p.Groups, one)
	}
	for _, f := range t.rng.Features {
		if _, sold := priceList(t.rng, t.market.Code, t.day).Amounts[f.Code]; sold && !seen[f.Code] {
			p.Never = append(p.Never, say.name(f.Code))
		}
	}
}

// tabs lead to the same question in another market or on another day.
func (p *TryPage) tabs(t trial, say *speaker, picks configurator.Selection) {
	for _, m := range t.reader.markets {
		if len(t.rng.Prices[m.Code]) > 0 {
			o := t
			o.market, o.day = m, o.about.day
			p.Tabs = append(p.Tabs, Tab{Label: m.Name, URL: o.link(picks), Current: m == t.market})
		}
	}
	for _, d := range t.days {
		o := t
		if o.day = d; d <= t.about.day {
			o.day = t.about.day
		}
		p.Days = append(p.Days, Tab{Label: say.day(o.day), URL: o.link(picks), Current: o.day == t.day})
	}
	if len(p.Days) < 2 {
		p.Days = nil
	}
}

var tryTones = map[configurator.State]string{configurator.Chosen: "good", configurator.Taken: "info", configurator.Included: "info", configurator.Blocked: "bad"}

func (p *TryPage) choice(t trial, say *speaker, ch configurator.Choice, picks configurator.Selection) TryChoice {
	out := TryChoice{Name: say.name(ch.Feature.Code), Code: string(ch.Feature.Code), From: p.Money(ch.From), Delta: p.Delta(ch.Delta),
		State: Badge{Label: p.T("manager.range.try.state." + string(ch.State)), Tone: tryTones[ch.State]}}
	if ch.Next != nil {
		out.URL = t.link(ch.Next) + "#" + string(ch.Feature.Group)
	}
	option := ch.Feature.Group == catalogue.Options
	switch {
	case ch.State == configurator.Included:
		out.Why = p.T("manager.range.try.with", "Parts", p.P.List(say.names(ch.With)))
	case ch.State == configurator.Blocked:
		out.Act = p.T("manager.range.try.switch")
	case ch.State == configurator.Chosen && option, ch.State == configurator.Taken && option:
		out.Act = p.T("manager.range.try.leave")
		if ch.Saves {
			out.Why = p.T("manager.range.try.saves")
		}
	case ch.State == configurator.Chosen:
		out.URL = ""
	default:
		out.Act = p.T("manager.range.try.pick")
	}
	if ch.Clash != nil {
		out.Why, out.Rules, out.Moves = why(say, ch.Clash), clashRules(say, ch.Clash), p.moves(say, ch)
	}
	return out
}

// moves tells what a switch gives up and brings.
func (p *TryPage) moves(say *speaker, ch configurator.Choice) string {
	c, out := ch.Clash, ""
	if ch.Next == nil {
		return p.T("manager.range.try.no_way")
	}
	for _, part := range []struct {
		key   string
		parts []id.Feature
	}{{"gives_up", c.Drops}, {"adds", c.Adds}, {"leaves", c.Leaves}} {
		if len(part.parts) > 0 {
			out += p.T("manager.range.try."+part.key, "Parts", say.picks(part.parts)) + " "
		}
	}
	return out
}

// why says what stands in the way.
func why(say *speaker, c *configurator.Clash) string {
	switch {
	case c.Hold != nil && c.Hold.Until == "":
		return say.b.T("manager.range.try.held", "Part", say.name(c.Hold.Feature))
	case c.Hold != nil:
		return say.b.T("manager.range.try.held_until", "Part", say.name(c.Hold.Feature), "Day", say.day(c.Hold.Until))
	case len(c.Picks) == 0:
		return say.b.T("manager.range.try.by_rules")
	case c.Leaving:
		return say.b.T("manager.range.try.needed_by", "Parts", say.picks(c.Picks))
	}
	return say.b.T("manager.range.try.clashes", "Parts", say.picks(c.Picks))
}

func clashRules(say *speaker, c *configurator.Clash) []RuleLine {
	out := make([]RuleLine, len(c.Rules))
	for i, r := range c.Rules {
		out[i] = RuleLine{Text: say.sentence(r), Buyer: say.say(r.Because)}
	}
	return out
}

// compare asks the live range the same, beside a draft.
func (p *TryPage) compare(s *Surface, t trial, page configurator.Page) {
	if t.draft == nil {
		return
	}
	p.LiveTotal, p.LiveCars = p.T("manager.range.try.live_none"), "0"
	mo, err := t.world.Model(t.brand.Code, t.market.Code, t.about.rng.Model, t.about.day)
	if err != nil {
		return
	}
	if old, err := mo.Page(page.Picks); err == nil {
		p.LiveTotal, p.LiveCars = p.Money(old.Build.Quote.Total), count(p.Base, old.Cars)
	}
}

// count writes how many cars, exactly as long as the number is known exactly.
func count(b web.Base, cars float64) string {
	if cars < 1e12 {
		return b.P.Int(int64(cars))
	}
	text := strconv.FormatFloat(cars, 'f', 0, 64)
	exp := len(text) - 3
	return b.T("manager.range.about", "N", digits(b.P, strconv.FormatFloat(math.Floor(cars/math.Pow10(exp))*math.Pow10(exp), 'f', 0, 64)))
}
