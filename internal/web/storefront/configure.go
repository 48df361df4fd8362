package storefront

import (
	"errors"
	"net/http"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/platform/carart"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ConfigurePage is a car being put together. Every choice is a link to the car after it.
type ConfigurePage struct {
	web.Base
	Names     carNames
	Drawing   carart.Spec
	Facts     []Fact
	Sections  []ConfigureSection
	Price     PriceTable
	Weeks     string
	Changed   *Changed
	Mended    *Mended // what the address asked for could not be built
	SaveURL   string
	DealerURL string
	LeaveURL  string
	Mentions  []string
}

// ConfigureSection is one group of choices.
type ConfigureSection struct {
	Group   string
	Many    bool
	Swatch  bool
	Changed *Changed
	Open    []ConfigureChoice
	Blocked []ConfigureChoice
}

// ConfigureChoice is one feature as the page offers it.
type ConfigureChoice struct {
	Key     string // data-swap: unique in the page, keeps the focus
	URL     string // empty for what comes with something else
	Name    string
	Text    string
	Current bool
	Delta   string
	Feature *catalogue.Feature

	// of a blocked choice
	Why      string
	Because  string
	GivesUp  string
	AlsoAdds string
	NewTotal string
	Switch   string
	Many     bool
}

// Changed tells what the last click did and how to take it back.
type Changed struct {
	Text    string
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

var configureParams = []string{"s", "was", "at"}

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
	p := &ConfigurePage{Base: h.base(c, k.shop, "", "new_cars"), Mentions: mentions(k.shop)}
	b, err := k.build(c.QueryParam("s"))
	var clash *configurator.Clash
	if errors.As(err, &clash) && len(clash.Repair) > 0 {
		p.Mended = &Mended{Text: p.T("storefront.configure.mended", "Why", clashWords(p.Base, k, clash), "Because", clash.Because.In(k.lang()))}
		b, err = k.model.Complete(clash.Repair)
	}
	if err != nil {
		return nil, err
	}
	page, err := k.model.Page(b.Selection)
	if err != nil {
		return nil, err
	}
	p.fill(k, page)
	p.tellChange(k, page, c.QueryParam("was"), c.QueryParam("at"))
	return p, nil
}

func (p *ConfigurePage) fill(k *car, page configurator.Page) {
	b := page.Build
	encoded := configurator.Encode(b.Selection)
	p.Names = namesOf(k.rng, k.lang(), b)
	p.Title = p.T("storefront.configure.title", "Model", p.Names.Model, "Version", p.Names.Version)
	p.Canonical = modelURL(k.shop, k.rng) + "/configure"
	p.Drawing = spec(b.Drawing, "hero", drawingLabel(p.Base, p.Names))
	e, _ := engineOf(k.rng, b)
	p.Facts = carFacts(p.Base, k.rng, e)
	p.Weeks = p.T("storefront.weeks", "From", k.rng.WeeksFrom, "To", k.rng.WeeksTo)
	p.Price = priceTable(p.P, k.rng, k.lang(), b.Quote)
	p.SaveURL, p.DealerURL = k.url("save", b.Selection), k.url("dealer", b.Selection)
	p.LeaveURL = leaveURL(k.shop, k.rng.Model, encoded)
	for _, g := range page.Groups {
		s := ConfigureSection{Group: string(g.Group), Many: g.Group == catalogue.Options, Swatch: g.Group == catalogue.Colour || g.Group == catalogue.Upholstery}
		for _, ch := range g.Choices {
			one := p.choice(k, ch, encoded)
			// Another version brings its own seats and wheels: that is a choice, not a dead end.
			if ch.State == configurator.Blocked && g.Group != catalogue.Version {
				s.Blocked = append(s.Blocked, one)
			} else {
				s.Open = append(s.Open, one)
			}
		}
		p.Sections = append(p.Sections, s)
	}
}

func (p *ConfigurePage) choice(k *car, ch configurator.Choice, now string) ConfigureChoice {
	f := ch.Feature
	out := ConfigureChoice{Key: string(f.Code), Name: f.Name.In(k.lang()), Text: f.Text.In(k.lang()), Feature: f, Delta: p.Delta(ch.Delta),
		URL: k.url("configure", ch.Next, "was", now, "at", string(f.Group)) + "#" + string(f.Group)}
	if f.Engine != nil {
		out.Text = engineLine(p.Base, f.Engine)
	}
	switch ch.State {
	case configurator.Included:
		out.URL, out.Current, out.Delta = "", true, p.T("storefront.configure.included")
	case configurator.Chosen:
		out.Current = true
		if f.Group == catalogue.Options {
			out.Delta = p.Delta(ch.Delta.Neg())
		} else {
			out.Delta = p.T("storefront.configure.selected")
			out.URL = k.url("configure", ch.Next) + "#" + string(f.Group)
		}
	case configurator.Offered:
		if ch.Delta.IsZero() {
			out.Delta = p.T("storefront.configure.no_charge")
		}
	}
	if ch.Clash != nil {
		p.explain(k, &out, ch.Clash)
	}
	return out
}

func (p *ConfigurePage) explain(k *car, out *ConfigureChoice, c *configurator.Clash) {
	out.Why, out.Because = clashWords(p.Base, k, c), c.Because.In(k.lang())
	out.NewTotal = p.T("storefront.configure.new_total", "Total", p.MoneyShort(c.RepairTotal))
	out.Switch, out.Many = p.T("storefront.configure.switch", "Name", out.Name), out.Feature.Group == catalogue.Options
	if out.Feature.Group == catalogue.Version && len(c.Drops) > 0 && len(c.Adds) > 0 {
		out.Why, out.Because = p.T("storefront.configure.swaps", "Parts", p.P.List(k.namesOf(c.Adds)), "Old", p.P.List(k.namesOf(c.Drops))), ""
		return
	}
	if len(c.Drops) > 0 {
		out.GivesUp = p.T("storefront.configure.gives_up", "Parts", p.P.List(k.namesOf(c.Drops)))
	}
	if len(c.Adds) > 0 {
		out.AlsoAdds = p.T("storefront.configure.also_adds", "Parts", p.P.List(k.namesOf(c.Adds)))
	}
}

// clashWords names the two parts that do not go together.
func clashWords(b web.Base, k *car, c *configurator.Clash) string {
	key := "storefront.configure.needs"
	if c.Rule == catalogue.Excludes {
		key = "storefront.configure.excludes"
	}
	return b.T(key, "A", k.name(c.A), "B", k.name(c.B))
}

// tellChange puts the note of the last click into the section it was made in.
func (p *ConfigurePage) tellChange(k *car, page configurator.Page, was, at string) {
	old, err := configurator.Decode(was)
	if was == "" || err != nil {
		return
	}
	if _, err := k.model.Complete(old); err != nil {
		return
	}
	d := k.model.Diff(old, page.Build.Selection)
	if len(d.Added)+len(d.Removed) == 0 {
		return
	}
	note := &Changed{Undo: p.T("storefront.configure.undo"), Text: changeWords(p.Base, k, d), Delta: p.Delta(d.Delta),
		UndoURL: k.url("configure", old, "was", configurator.Encode(page.Build.Selection), "at", at)}
	for i := range p.Sections {
		if p.Sections[i].Group == at {
			note.UndoURL += "#" + at
			p.Sections[i].Changed = note
			return
		}
	}
	p.Changed = note
}

func changeWords(b web.Base, k *car, d configurator.Change) string {
	added, removed := b.P.List(k.namesOf(d.Added)), b.P.List(k.namesOf(d.Removed))
	switch {
	case removed == "":
		return b.T("storefront.configure.added", "Parts", added)
	case added == "":
		return b.T("storefront.configure.removed", "Parts", removed)
	}
	return b.T("storefront.configure.replaced", "Parts", added, "Old", removed)
}
