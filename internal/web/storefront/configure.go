package storefront

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/carart"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ConfigurePage is a car being put together. Its choices are the buttons of one form, which holds what was
// picked once; the address a button leads to names the picks and what was clicked, and shows the car after it.
type ConfigurePage struct {
	web.Base
	Names     carNames
	Drawing   carart.Spec
	Views     []ViewLink
	Facts     []Fact
	Energy    *Energy
	Sections  []ConfigureSection
	Price     PriceTable
	Weeks     string
	Changed   *Changed
	Mended    *Mended      // what the address asked for could not be built
	Form      []FormField  // what each button sends with it
	Picked    []PickedPart // what the buyer chose; the rest is filled as cheaply as possible
	CarsLeft  string
	Rooms     []Room
	SaveURL   string
	DealerURL string
	LeaveURL  string
	Mentions  []market.Said
	Phone     *Phone
	Revision  *Revision // with it the page changes an order

	built  configurator.Selection // the whole car as shown
	view   carart.View
	others []string // cars of a comparison that wait for this one
}

// FormField is a hidden field.
type FormField struct{ Name, Value string }

// PickedPart is one thing the buyer chose, and the way to let it go.
type PickedPart struct{ Entry, Name, Label string }

// ViewLink shows the same car from another side.
type ViewLink struct {
	Key, Label, URL string
	Current         bool
}

// Room is a way to another page about the same car.
type Room struct{ Text, URL string }

// ConfigureSection is one group of choices.
type ConfigureSection struct {
	Group   string
	Many    bool
	Swatch  bool
	Open    []ConfigureChoice
	Blocked []ConfigureChoice
}

// ConfigureChoice is one feature as the page offers it.
type ConfigureChoice struct {
	Key     string // unique in the page
	Act     string // what its button does: take or leave; empty for what comes with something else
	Name    string
	Text    string
	Current bool
	Delta   string
	Total   string // on the road after the click, when the click changes it
	Note    string // what it includes, or why it is in the car although nobody picked it
	Moves   string // that it takes another version
	Feature *catalogue.Feature
	Changed *Changed

	// of a blocked choice
	Why     string
	Because []string
	Changes []string // what the switch gives up, brings and takes away
	Switch  string
	Many    bool
}

// Changed tells what the last click did and how to take it back.
type Changed struct {
	Text    string
	More    string // what changed besides the version
	Delta   string
	UndoURL string
	Undo    string
}

// Mended tells how an address that is no car was read.
type Mended struct{ Text string }

// RefusedPage answers an address that names no car at all.
type RefusedPage struct {
	web.Base
	Name     string
	StartURL string
}

// longestOther bounds what an address can make the page repeat in each of its links.
const longestOther = 600

// The acts of a button: take a feature, leave an option out, forget that it was picked.
const (
	actTake   = "take"
	actLeave  = "leave"
	actForget = "forget"
)

var configureParams = []string{"s", actTake, actLeave, actForget, "was", "at", "with", "view"}

func (h *Handlers) showConfigure(c echo.Context) error {
	k, err := h.openCar(c)
	if err != nil {
		return err
	}
	err = h.shared(c, k.shop, configureParams, "storefront/configure", func() (any, error) { return h.configurePage(c, k) })
	if refused(err) {
		return h.refuse(c, k)
	}
	return err
}

func (h *Handlers) refuse(c echo.Context, k *car) error {
	p := &RefusedPage{Base: h.base(c, k.shop, "", "new_cars"), Name: k.rng.Name, StartURL: k.url("configure", nil)}
	p.Title, p.NoIndex = p.T("storefront.refused.title"), true
	return h.Kit.Show(c, http.StatusUnprocessableEntity, "storefront/refused", p)
}

func (h *Handlers) configurePage(c echo.Context, k *car) (*ConfigurePage, error) {
	p := &ConfigurePage{Base: h.base(c, k.shop, "", "new_cars"), Mentions: mentions(k.shop), others: c.QueryParams()["with"]}
	p.others = slices.DeleteFunc(slices.Clone(p.others[:min(len(p.others), mostCandidates-1)]), func(s string) bool { return len(s) > longestOther })
	if p.view = carart.View(c.QueryParam("view")); !p.view.Known() {
		p.view = carart.Side
	}
	picked, err := configurator.Decode(c.QueryParam("s"))
	if err != nil {
		return nil, err
	}
	click := p.act(c, k, picked)
	if click != nil {
		picked = click.after
	}
	page, err := p.mend(k, picked)
	if err != nil {
		return nil, err
	}
	p.fill(k, page)
	p.Phone = k.phone(h.Kit.BaseURL, page.Picks, k.locale)
	if click != nil {
		p.tellChange(k, page, *click)
	}
	return p, nil
}

// click is what led to a page: picks before and after it, and the choice where it was made.
type click struct {
	before, after configurator.Selection
	at            string
}

// act reads the button that led to this page, or the link that took it back; nil when neither did. What is
// not sold any more is told and changes nothing; picks that fit in no car are left to mend.
func (p *ConfigurePage) act(c echo.Context, k *car, picked configurator.Selection) *click {
	if gone := id.Feature(c.QueryParam(actForget)); gone != "" {
		rest := slices.DeleteFunc(slices.Clone(picked), func(f id.Feature) bool { return f == gone })
		return &click{before: picked, after: rest}
	}
	for _, verb := range []string{actTake, actLeave} {
		code := id.Feature(c.QueryParam(verb))
		if code == "" {
			continue
		}
		next, err := k.model.After(picked, code, verb == actLeave)
		if errors.Is(err, configurator.ErrUnknown) {
			p.Mended = &Mended{Text: p.T("storefront.configure.not_sold_any_more")}
		}
		if err != nil {
			return nil
		}
		return &click{before: picked, after: next, at: string(code)}
	}
	was, at := c.QueryParam("was"), c.QueryParam("at")
	before, err := configurator.Decode(was)
	if was == "" && at == "" || err != nil {
		return nil
	}
	return &click{before: before, after: picked, at: at}
}

// mend is the page of these picks, or of the nearest that can be built, with a word about what was changed.
func (p *ConfigurePage) mend(k *car, picked configurator.Selection) (configurator.Page, error) {
	page, err := k.model.Page(picked)
	if errors.Is(err, configurator.ErrUnknown) {
		if sold := k.soldOf(picked); len(sold) > 0 {
			p.Mended = &Mended{Text: p.T("storefront.configure.not_sold_any_more")}
			page, err = k.model.Page(sold)
		}
	}
	var clash *configurator.Clash
	if errors.As(err, &clash) && clash.Repair != nil {
		p.Mended = &Mended{Text: p.T("storefront.configure.mended", "Why", clashWords(p.Base, k, clash), "Because", strings.Join(because(k, clash), " "))}
		page, err = k.model.Page(clash.Repair)
	}
	return page, err
}

func (p *ConfigurePage) fill(k *car, page configurator.Page) {
	b := page.Build
	encoded := configurator.Encode(b.Selection)
	p.built = b.Selection
	p.Names = namesOf(k.shop, k.rng, b)
	p.Title = p.T("storefront.configure.title", "Model", p.Names.Model, "Version", p.Names.Version)
	k.publish(&p.Base, modelPath(k.rng.Model)+"/configure", k.rng.Model, p.T("storefront.describe.configure", "Brand", k.brand.Name, "Model", p.Names.Model))
	p.Drawing = drawn(p.Base, b, p.Names, p.view)
	p.Views = p.views(k, page.Picks)
	e, _ := engineOf(k.rng, b)
	p.Facts = carFacts(p.Base, k.rng, e)
	p.Energy = energyOf(p.Base, k.shop, namesOf(k.shop, k.rng, b).Engine, e)
	p.Weeks = p.T("storefront.weeks", "From", k.rng.WeeksFrom, "To", k.rng.WeeksTo)
	p.Price = priceTable(p.P, k.shop, k.rng, b.Quote)
	p.SaveURL, p.DealerURL = k.url("save", b.Selection), k.url("dealer", b.Selection)
	p.LeaveURL = leaveURL(k.shop, k.rng.Model, encoded)
	p.Form = p.form(page.Picks)
	p.Picked, p.CarsLeft = p.picked(k, page.Picks), carsLeft(p.Base, page.Cars)
	p.Rooms = []Room{{p.T("storefront.configure.nearest"), k.url("nearest", configurator.Exactly(b.Selection))}, {p.T("storefront.configure.compare"), k.compareURL(b, p.others)},
		{p.T("storefront.guide.link"), k.path() + "/guide"}}
	for _, g := range page.Groups {
		s := ConfigureSection{Group: string(g.Group), Many: g.Group == catalogue.Options, Swatch: g.Group == catalogue.Colour || g.Group == catalogue.Upholstery}
		for _, ch := range g.Choices {
			one := p.choice(k, ch)
			if ch.State == configurator.Blocked {
				s.Blocked = append(s.Blocked, one)
			} else {
				s.Open = append(s.Open, one)
			}
		}
		p.Sections = append(p.Sections, s)
	}
}

// form is what the address of a click names beside the click.
func (p *ConfigurePage) form(picks configurator.Selection) []FormField {
	var out []FormField
	if len(picks) > 0 {
		out = append(out, FormField{"s", configurator.Encode(picks)})
	}
	if p.view != carart.Side { // a reader who turned the car keeps it turned
		out = append(out, FormField{"view", string(p.view)})
	}
	for _, other := range p.others {
		out = append(out, FormField{"with", other})
	}
	return out
}

// link is this page with other picks, from this page.
func (p *ConfigurePage) link(k *car, s configurator.Selection, more ...string) string {
	if p.view != carart.Side {
		more = append(more, "view", string(p.view))
	}
	full := withOthers(k.url("configure", s, more...), p.others)
	if _, query, ok := strings.Cut(full, "?"); ok {
		return "?" + query
	}
	return full
}

func (p *ConfigurePage) views(k *car, picks configurator.Selection) []ViewLink {
	var out []ViewLink
	now := p.view
	for _, v := range carart.Views() {
		p.view = v
		out = append(out, ViewLink{Key: "view-" + string(v), Label: p.T("storefront.view." + string(v)), URL: p.link(k, picks), Current: v == now})
	}
	p.view = now
	return out
}

// soldOf keeps the picks that are sold today.
func (k *car) soldOf(picks configurator.Selection) configurator.Selection {
	return slices.DeleteFunc(slices.Clone(picks), func(f id.Feature) bool {
		_, err := k.model.Parse([]string{string(f)})
		return err != nil
	})
}

// picked lists what the buyer chose.
func (p *ConfigurePage) picked(k *car, picks configurator.Selection) []PickedPart {
	var out []PickedPart
	for _, entry := range picks {
		one := PickedPart{Entry: string(entry), Name: k.name(entry)}
		if code, left := configurator.Omitted(entry); left {
			one.Name = p.T("storefront.configure.without", "Part", k.name(code))
		}
		one.Label = p.T("storefront.configure.let_go", "Part", one.Name)
		out = append(out, one)
	}
	return out
}

// carsLeft says in plain words how many different cars still have everything picked.
func carsLeft(b web.Base, n float64) string {
	switch {
	case n < 1e6:
		return b.N("storefront.configure.cars", int(n))
	case n < 1e9:
		return b.N("storefront.configure.cars_millions", int(n/1e6))
	case n < 1e12:
		return b.N("storefront.configure.cars_billions", int(n/1e9))
	}
	return b.T("storefront.configure.cars_countless", "N", b.P.Int(int64(math.Log10(n))))
}

func (p *ConfigurePage) choice(k *car, ch configurator.Choice) ConfigureChoice {
	f := ch.Feature
	out := ConfigureChoice{Key: string(f.Code), Name: k.say(f.Name), Text: k.say(f.Text), Feature: f, Delta: p.Delta(ch.Delta)}
	if ch.Next != nil {
		out.Act = actTake
		if ch.Leaving() {
			out.Act = actLeave
		}
	}
	if ch.Next == nil {
		out.Delta = "" // no click, no price
	}
	if !ch.Delta.IsZero() && ch.Next != nil && f.Group != catalogue.Options {
		out.Total = p.T("storefront.configure.total", "Total", p.MoneyShort(ch.From))
	}
	if v := k.version(ch.Also); v != "" && ch.Next != nil {
		out.Moves = p.T("storefront.configure.moves", "Version", v)
	}
	if f.Engine != nil {
		out.Text = engineLine(p.Base, f.Engine)
	}
	if also := k.beside(ch.Also); len(also) > 0 {
		out.Note = p.T("storefront.configure.with", "Parts", p.P.List(k.namesOf(also)))
	}
	if len(ch.Brings) > 0 {
		out.Note = strings.TrimSpace(p.T("storefront.configure.brings", "Parts", p.P.List(k.namesOf(ch.Brings))) + " " + out.Note)
	}
	switch ch.State {
	case configurator.Included:
		out.Current, out.Delta = true, p.T("storefront.configure.included")
		out.Note = p.T("storefront.configure.included_in", "Parts", p.P.List(k.namesOf(ch.With)))
	case configurator.Chosen, configurator.Taken:
		p.inCar(k, &out, ch)
	case configurator.Offered:
		if ch.Delta.IsZero() {
			out.Delta = p.T("storefront.configure.no_charge")
		}
	}
	if ch.Clash != nil {
		p.explain(k, &out, ch)
	}
	return out
}

// inCar writes a choice that the car has, picked or not.
func (p *ConfigurePage) inCar(k *car, out *ConfigureChoice, ch configurator.Choice) {
	out.Current = true
	if ch.Feature.Group == catalogue.Options {
		out.Delta = p.Delta(ch.Delta.Neg())
	} else {
		out.Delta = p.T("storefront.configure.selected")
	}
	if ch.State == configurator.Chosen {
		return
	}
	switch {
	case ch.Clash != nil: // told with the clash
	case ch.Saves:
		out.Note = p.T("storefront.configure.saves")
	case ch.Feature.Group != catalogue.Options:
		out.Delta = p.T("storefront.configure.ours")
	}
}

func (p *ConfigurePage) explain(k *car, out *ConfigureChoice, ch configurator.Choice) {
	c := ch.Clash
	out.Why = clashWords(p.Base, k, c)
	if c.Hold == nil {
		out.Because = because(k, c)
	}
	out.Many = ch.Feature.Group == catalogue.Options
	if ch.Next == nil {
		return
	}
	out.Switch = p.T("storefront.configure.switch", "Name", out.Name)
	if c.Leaving {
		out.Delta, out.Switch = p.T("storefront.configure.needed"), p.T("storefront.configure.leave_out", "Name", out.Name)
		out.Changes = append(out.Changes, p.T("storefront.configure.if_left_out"))
	}
	if len(c.Drops) > 0 {
		out.Changes = append(out.Changes, p.T("storefront.configure.gives_up", "Parts", p.P.List(k.namesOf(c.Drops))))
	}
	if len(c.Adds) > 0 {
		out.Changes = append(out.Changes, p.T("storefront.configure.also_adds", "Parts", p.P.List(k.namesOf(c.Adds))))
	}
	if len(c.Leaves) > 0 {
		out.Changes = append(out.Changes, p.T("storefront.configure.also_leaves", "Parts", p.P.List(k.namesOf(c.Leaves))))
	}
	out.Changes = append(out.Changes, p.T("storefront.configure.new_total", "Total", p.MoneyShort(c.RepairTotal)))
}

// clashWords says what does not go with what.
func clashWords(b web.Base, k *car, c *configurator.Clash) string {
	name := k.name(c.Feature)
	switch {
	case c.Hold != nil:
		return holdWords(b, k, c.Hold)
	case c.Feature == "":
		return b.T("storefront.configure.clash")
	case len(c.Picks) == 0:
		return b.T("storefront.configure.not_sold", "Part", name)
	case c.Leaving:
		return b.T("storefront.configure.needed_by", "Parts", b.P.List(k.namesOf(c.Picks)))
	}
	return b.T("storefront.configure.excludes", "A", name, "B", b.P.List(k.namesOf(c.Picks)))
}

func holdWords(b web.Base, k *car, h *configurator.Hold) string {
	if h.Until == "" {
		return b.T("storefront.configure.held", "Part", k.name(h.Feature))
	}
	return b.T("storefront.configure.held_until", "Part", k.name(h.Feature), "Day", b.Date(h.Until.Time(k.market.Zone())))
}

// because are the product office's sentences for the rules behind a clash.
func because(k *car, c *configurator.Clash) []string {
	var out []string
	for _, r := range c.Rules {
		if words := k.say(r.Because); words != "" && !slices.Contains(out, words) {
			out = append(out, words)
		}
	}
	return out
}

// tellChange puts the note of the last click into the section it was made in.
func (p *ConfigurePage) tellChange(k *car, page configurator.Page, c click) {
	then, err := k.model.Car(c.before)
	if err != nil {
		return
	}
	d := page.Build.Since(then)
	if len(d.Added)+len(d.Removed) == 0 {
		return
	}
	text, more := changeWords(p.Base, k, d)
	p.note(c.at, &Changed{Undo: p.T("storefront.configure.undo"), Text: text, More: more, Delta: p.Delta(d.Delta),
		UndoURL: p.link(k, c.before, "was", configurator.Encode(page.Picks), "at", c.at)})
}

// note puts a change beside the choice that was clicked, else on top of the page.
func (p *ConfigurePage) note(at string, n *Changed) {
	for i := range p.Sections {
		for j := range p.Sections[i].Open {
			if one := &p.Sections[i].Open[j]; one.Key == at {
				n.UndoURL += "#c-" + at
				one.Changed = n
				return
			}
		}
	}
	p.Changed = n
}

// changeWords says a change; another version comes first and alone, for with it the price level changes.
func changeWords(b web.Base, k *car, d configurator.Change) (text, more string) {
	added, removed := b.P.List(k.namesOf(d.Added)), b.P.List(k.namesOf(d.Removed))
	if now, was := k.version(d.Added), k.version(d.Removed); now != "" && was != "" {
		d.Added, d.Removed = k.beside(d.Added), k.beside(d.Removed)
		more, _ = changeWords(b, k, d)
		return b.T("storefront.configure.moved", "Version", now, "Old", was), more
	}
	switch {
	case added == "" && removed == "":
		return "", "" // the version was all

	case removed == "":
		return b.T("storefront.configure.added", "Parts", added), ""
	case added == "":
		return b.T("storefront.configure.removed", "Parts", removed), ""
	}
	return b.T("storefront.configure.replaced", "Parts", added, "Old", removed), ""
}
