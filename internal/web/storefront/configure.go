package storefront

import (
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
