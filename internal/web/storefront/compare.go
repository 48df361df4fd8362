package storefront

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"forecourt/internal/configurator"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ComparePage sets two to four cars side by side. The address holds all of it.
type ComparePage struct {
	web.Base
	Errors   web.FieldErrors
	Notes    []string
	Columns  []CompareColumn
	Sections []CompareSection
	Diff     bool
	DiffURL  string // shows the other view
	Energy   []EnergyField
	Yearly   Yearly
	Hidden   []Hidden // the cars, for the forms
	Adds     []CompareAdd
	Typed    string // a code that leads nowhere
	Mentions []market.Said
}

// CompareColumn is one car.
type CompareColumn struct {
	Number       int
	Names        carNames
	Drawing      carart.Spec
	Total        money.Money
	Proof        *Proof
	Note         string
	ConfigureURL string
	ChooseURL    string
	RemoveURL    string
}

// EnergyField is a price that the running cost rests on.
type EnergyField struct {
	Name, Label, Value string
	Assumed            bool
	Error              string // word key
}

// Yearly is the distance of a year.
type Yearly struct {
	Label, Value string
	Assumed      bool
	Error        string
}

// CompareAdd puts one more model beside the others.
type CompareAdd struct {
	Name string
	From money.Money
	URL  string
}

// Span is how many columns the table has.
func (p *ComparePage) Span() int { return len(p.Columns) + 1 }

// Tag names a column in the cells of a narrow page, where the head has gone out of sight.
func (p *ComparePage) Tag(i int) string {
	if i >= len(p.Columns) {
		return ""
	}
	return strconv.Itoa(p.Columns[i].Number) + ". " + p.Columns[i].Names.Model + " " + p.Columns[i].Names.Version
}

func (h *Handlers) showCompare(c echo.Context) error {
	s, err := h.openShop(c)
	if err != nil {
		return err
	}
	if typed := web.CleanLine(c.QueryParam("code")); typed != "" {
		return h.compareSaved(c, s, typed)
	}
	var unkept *ComparePage
	err = h.shared(c, s, compareParams, "storefront/compare", func() (any, error) {
		p, err := h.comparePage(c, s)
		if err == nil && p.Errors.Any() {
			unkept, err = p, errShown
		}
		return p, err
	})
	if unkept != nil {
		return h.Kit.Show(c, http.StatusUnprocessableEntity, "storefront/compare", unkept)
	}
	return err
}

// compareSaved adds the car of a saved build and goes to the comparison that has it.
func (h *Handlers) compareSaved(c echo.Context, s *shop, typed string) error {
	b := h.base(c, s, "", "new_cars")
	ask, err := h.readComparison(b, s, c.QueryParams())
	if err != nil {
		return err
	}
	one, ok, err := h.savedCandidate(c, s, typed)
	if err != nil {
		return err
	}
	if ok && len(ask.cars) < mostCandidates {
		cs := ask.raws()
		if !slices.Contains(cs, one.raw()) {
			cs = append(cs, one.raw())
		}
		return web.SeeOther(c, ask.url(s, cs, ask.diff))
	}
	key := "storefront.build.unknown"
	if ok {
		key = "storefront.compare.error.full"
	}
	ask.reject("code", key)
	return h.Kit.Show(c, http.StatusUnprocessableEntity, "storefront/compare", h.compareOf(b, s, ask, typed))
}

func (h *Handlers) savedCandidate(c echo.Context, s *shop, typed string) (candidate, bool, error) {
	code, ok := ordering.ParseCode(typed)
	if !ok {
		return candidate{}, false, nil
	}
	saved, err := ordering.ConfigurationBy(h.NewCar.DB.Read(c.Request().Context()), code)
	if errors.Is(err, ordering.ErrNoDraft) || err == nil && (saved.Brand != s.brand.Code || saved.Market != s.market.Code) {
		return candidate{}, false, nil
	}
	if err != nil {
		return candidate{}, false, err
	}
	return h.candidate(h.base(c, s, "", "new_cars"), s, string(saved.Model)+":"+saved.Selection)
}

func (h *Handlers) comparePage(c echo.Context, s *shop) (*ComparePage, error) {
	b := h.base(c, s, "", "new_cars")
	ask, err := h.readComparison(b, s, c.QueryParams())
	if err != nil {
		return nil, err
	}
	if ask.asked > 0 && len(ask.cars) == 0 {
		ask.reject("add", "storefront.compare.error.no_car")
	}
	return h.compareOf(b, s, ask, ""), nil
}

func (h *Handlers) compareOf(b web.Base, s *shop, ask *comparison, typed string) *ComparePage {
	p := &ComparePage{Base: b, Errors: ask.errs, Notes: ask.notes, Diff: ask.diff && len(ask.cars) >= fewestCandidates, Typed: cut(typed, 40), Mentions: mentions(s)}
	p.Title, p.NoIndex = p.T("storefront.compare.title"), len(ask.cars) > 0
	s.publish(&p.Base, "/compare", "", p.T("storefront.describe.compare", "Brand", s.brand.Name))
	p.addColumns(s, ask)
	p.addSheet(s, ask)
	p.addForms(s, ask)
	if len(ask.cars) < mostCandidates {
		p.Adds = h.compareAdds(s, ask)
	}
	return p
}

func (p *ComparePage) addColumns(s *shop, ask *comparison) {
	for i, c := range ask.cars {
		col := CompareColumn{Number: i + 1, Names: namesOf(c.shop, c.rng, c.build), Total: c.build.Quote.Total, Proof: c.shop.proof(c.build.Quote), Note: c.note,
			ConfigureURL: c.configureWith(c.build, ask.others(i)), ChooseURL: c.chooseURL(c.build), RemoveURL: ask.url(s, ask.others(i), ask.diff)}
		col.Drawing = spec(c.build.Drawing, "compare-"+strconv.Itoa(i+1), drawingLabel(p.Base, col.Names))
		p.Columns = append(p.Columns, col)
	}
}

// configureWith opens a car to change it, and carries the others along so that it finds back to them.
func (k *car) configureWith(b configurator.Build, others []string) string {
	return withOthers(k.configureURL(b), others)
}

// withOthers carries the other cars of a comparison along in an address.
func withOthers(u string, others []string) string {
	if len(others) == 0 {
		return u
	}
	sign := "?"
	if strings.Contains(u, "?") {
		sign = "&"
	}
	return u + sign + url.Values{"with": others}.Encode()
}

func (p *ComparePage) addSheet(s *shop, ask *comparison) {
	if len(ask.cars) == 0 {
		return
	}
	t := sheet{Base: p.Base, cars: ask.cars}
	running := t.running(ask.prices, s.market.Metres(ask.yearly))
	running.Note = p.T("storefront.compare.running_note", "Yearly", p.Distance(s.market.Metres(ask.yearly)))
	p.Sections = []CompareSection{t.price(), t.engine(), running, t.equipment()}
	if len(ask.cars) >= fewestCandidates {
		if l := t.lines(); len(l.Rows) > 0 {
			p.Sections = append(p.Sections, l)
		}
		p.DiffURL = ask.url(s, ask.raws(), !p.Diff)
	}
	if p.Diff {
		p.Sections = differing(p.Sections)
	}
}

func (p *ComparePage) addForms(s *shop, ask *comparison) {
	for _, raw := range ask.raws() {
		p.Hidden = append(p.Hidden, Hidden{"c", raw})
	}
	if p.Diff {
		p.Hidden = append(p.Hidden, Hidden{"diff", "1"})
	}
	p.Yearly = Yearly{Label: p.T("storefront.compare.yearly." + s.market.Distance), Value: strconv.FormatInt(ask.yearly, 10),
		Assumed: !ask.given.Has("yearly"), Error: ask.errs.Of("yearly")}
	point := strings.Trim(p.P.Decimal1(11), "1")
	for _, e := range energyParams {
		if !slices.ContainsFunc(ask.cars, func(c candidate) bool {
			facts, ok := engineOf(c.rng, c.build)
			return ok && slices.Contains(energies(facts), e)
		}) && ask.errs.Of(e) == "" {
			continue
		}
		p.Energy = append(p.Energy, EnergyField{Name: e, Label: p.T("storefront.compare.energy."+e, "Currency", string(s.market.Currency)),
			Value: writePrice(*ask.prices.at(e), point), Assumed: !ask.given.Has(e), Error: ask.errs.Of(e)})
	}
}

// compareAdds offers every model, at its lowest price.
func (h *Handlers) compareAdds(s *shop, ask *comparison) []CompareAdd {
	var out []CompareAdd
	for _, r := range s.world.Ranges(s.brand.Code, s.market.Code, s.day) {
		k, err := h.carOf(s, r.Model)
		if err != nil {
			continue
		}
		raw := rawCandidate(r.Model, k.model.Default())
		if cs := ask.raws(); !slices.Contains(cs, raw) {
			out = append(out, CompareAdd{Name: r.Name, From: k.model.From().Total, URL: ask.url(s, append(cs, raw), ask.diff)})
		}
	}
	return out
}
