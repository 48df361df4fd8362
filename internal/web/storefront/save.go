package storefront

import (
	"context"
	"errors"
	"net/http"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// SavePage asks whether to keep a build under a code. It stands between the configurator, which is
// shared, and the act, whose form key is the visitor's own.
type SavePage struct {
	web.Base
	Names     carNames
	Drawing   carart.Spec
	Total     money.Money
	Selection string
	PostURL   string
	BackURL   string
}

func (h *Handlers) showSave(c echo.Context) error {
	k, err := h.openCar(c)
	if err != nil {
		return err
	}
	b, err := k.build(c.QueryParam("s"))
	if err != nil {
		return h.unbuildable(c, k, err)
	}
	p := &SavePage{Base: h.base(c, k.shop, "", "new_cars"), Names: namesOf(k.shop, k.rng, b), Total: b.Quote.Total,
		Selection: configurator.Encode(b.Selection), PostURL: modelURL(k.shop, k.rng) + "/save", BackURL: k.configureURL(b)}
	p.Title, p.NoIndex = p.T("storefront.save.title"), true
	p.Drawing = spec(b.Drawing, "h", drawingLabel(p.Base, p.Names))
	return h.Kit.Show(c, http.StatusOK, "storefront/save", p)
}

// unbuildable answers a step with a selection that is no car: a clash goes back to the configurator,
// which explains and mends it; anything else is refused.
func (h *Handlers) unbuildable(c echo.Context, k *car, err error) error {
	var clash *configurator.Clash
	switch {
	case errors.As(err, &clash):
		s := c.QueryParam("s")
		if s == "" {
			s = c.FormValue("s")
		}
		picked, _ := configurator.Decode(s)
		return web.SeeOther(c, k.url("configure", picked))
	case refused(err):
		return h.refuse(c, k)
	}
	return err
}

func (h *Handlers) saveBuild(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	k, err := h.openCar(c)
	if err != nil {
		return err
	}
	b, err := k.build(f.Value("s"))
	if err != nil {
		return h.unbuildable(c, k, err)
	}
	return h.Kit.Act(c, f, h.begins(c, web.Act{Name: "storefront.save", Do: func(_ context.Context, tx *db.Tx) (string, error) {
		saved, err := h.NewCar.SaveTx(tx, newcar.Build{Shop: k.flow(), Model: k.rng.Model, Selection: b.Selection})
		if err != nil {
			return "", err
		}
		return k.path() + "/build/" + ordering.Pretty(saved.Code), nil
	}}))
}

// BuildPage opens a saved build: the same car, at the same price or with all that changed.
type BuildPage struct {
	web.Base
	Energy       *Energy
	Finance      *Finance
	Code         string
	Link         string // to write down or send
	Names        carNames
	Drawing      carart.Spec
	Price        PriceTable
	OldTotal     money.Money
	SavedOn      string
	Changed      bool
	Differences  []Difference
	Gone         []string // parts that are not sold any more
	ConfigureURL string
	DealerURL    string
	LeaveURL     string
	Phone        *Phone
}

// Difference is a price line that is not what it was. Empty amounts mean: was not there, is not there.
type Difference struct {
	Label    string
	Old, New string
}

// FindBuildPage asks for a code.
type FindBuildPage struct {
	web.Base
	Typed  string
	Failed bool
}

func (h *Handlers) findBuild(c echo.Context) error {
	s, err := h.openShop(c)
	if err != nil {
		return err
	}
	typed := web.CleanLine(c.QueryParam("code"))
	if code, ok := ordering.ParseCode(typed); ok {
		return web.SeeOther(c, s.path()+"/build/"+ordering.Pretty(code))
	}
	return h.askForCode(c, s, typed)
}

func (h *Handlers) askForCode(c echo.Context, s *shop, typed string) error {
	p := &FindBuildPage{Base: h.base(c, s, "", "saved_build"), Typed: cut(typed, 40), Failed: typed != ""}
	p.Title, p.NoIndex = p.T("storefront.build.find_title"), true
	status := http.StatusOK
	if p.Failed {
		status = http.StatusNotFound
	}
	return h.Kit.Show(c, status, "storefront/find_build", p)
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

func (h *Handlers) showBuild(c echo.Context) error {
	s, err := h.openShop(c)
	if err != nil {
		return err
	}
	typed := web.CleanLine(c.Param("code"))
	code, ok := ordering.ParseCode(typed)
	if !ok {
		return h.askForCode(c, s, typed)
	}
	saved, err := ordering.ConfigurationBy(h.NewCar.DB.Read(c.Request().Context()), code)
	if errors.Is(err, ordering.ErrNoDraft) || err == nil && (saved.Brand != s.brand.Code || saved.Market != s.market.Code) {
		return h.askForCode(c, s, typed)
	}
	if err != nil {
		return err
	}
	k, err := h.carOf(s, saved.Model)
	if err != nil {
		return h.askForCode(c, s, typed)
	}
	p, err := h.buildPage(c, k, saved)
	if err != nil {
		return err
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/build", p)
}

func (h *Handlers) buildPage(c echo.Context, k *car, saved *ordering.Configuration) (*BuildPage, error) {
	p := &BuildPage{Base: h.base(c, k.shop, "", "saved_build"), Code: ordering.Pretty(saved.Code), OldTotal: saved.Quote.Total}
	p.Title, p.NoIndex = p.T("storefront.build.title", "Code", p.Code), true
	p.Link = h.Kit.BaseURL + web.LocalePath(k.path()+"/build/"+p.Code, k.market, k.locale)
	p.Phone = &Phone{Link: p.Link, QR: web.DrawQR(p.Link), Open: true} // on paper too
	p.SavedOn = p.Date(saved.CreatedAt)
	picked, err := configurator.Decode(saved.Selection)
	if err != nil {
		return nil, err
	}
	b, gone, err := stillSold(k, picked)
	if err != nil {
		return nil, err
	}
	p.Gone = k.namesOf(gone)
	p.Names = namesOf(k.shop, k.rng, b)
	p.Drawing = spec(b.Drawing, "h", drawingLabel(p.Base, p.Names))
	p.SocialImage = h.social(k.shop, k.rng, partsOf(b), drawn(p.Base, b, p.Names, carart.Quarter).Label)
	p.Price = priceTable(p.P, k.shop, k.rng, b.Quote)
	e, _ := engineOf(k.rng, b)
	p.Energy = energyOf(p.Base, k.shop, p.Names.Engine, e)
	p.Finance = financeOf(p.Base, k.shop, b.Quote.Total)
	p.Differences = p.compare(k, saved.Quote, b.Quote)
	p.Changed = len(p.Differences) > 0 || saved.Quote.Total != b.Quote.Total
	p.ConfigureURL, p.DealerURL = k.configureURL(b), k.url("dealer", b.Selection)
	p.LeaveURL = leaveURL(k.shop, k.rng.Model, configurator.Encode(b.Selection))
	return p, nil
}

// stillSold makes today's car of an old selection: what is not sold any more is left out and named.
func stillSold(k *car, picked configurator.Selection) (configurator.Build, []id.Feature, error) {
	var keep configurator.Selection
	var gone []id.Feature
	for _, f := range picked {
		if _, err := k.model.Complete(configurator.Selection{f}); err != nil {
			gone = append(gone, f)
		} else {
			keep = append(keep, f)
		}
	}
	b, err := k.model.Complete(keep)
	var clash *configurator.Clash
	if errors.As(err, &clash) {
		gone = append(gone, clash.Drops...)
		b, err = k.model.Complete(clash.Repair)
	}
	return b, gone, err
}

func (p *BuildPage) compare(k *car, old, new pricing.Quote) []Difference {
	before := map[string]pricing.Line{}
	for _, l := range old.Lines {
		before[l.Code] = l
	}
	var out []Difference
	for _, l := range new.Lines {
		was, ok := before[l.Code]
		delete(before, l.Code)
		switch {
		case !ok && l.Amount.IsZero():
		case !ok:
			out = append(out, Difference{Label: lineLabel(k.shop, k.rng, l), New: p.Money(l.Amount)})
		case was.Amount != l.Amount:
			out = append(out, Difference{Label: lineLabel(k.shop, k.rng, l), Old: p.Money(was.Amount), New: p.Money(l.Amount)})
		}
	}
	for _, l := range old.Lines {
		if _, gone := before[l.Code]; gone {
			out = append(out, Difference{Label: lineLabel(k.shop, k.rng, l), Old: p.Money(l.Amount)})
		}
	}
	return out
}
