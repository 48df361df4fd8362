package storefront

import (
	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/market"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ModelPage is one model: what there is of it and from which price.
type ModelPage struct {
	web.Base
	Name         string
	Strapline    string
	Tags         []string
	Seats        int
	From         money.Money
	Proof        *Proof // of From
	Drawing      carart.Spec
	Weeks        string
	Facts        []Fact
	Energy       *Energy
	Finance      *Finance
	Versions     []ModelVersion
	Engines      []ModelEngine
	ConfigureURL string
	CompareURL   string
	LeaveURL     string
	Mentions     []market.Said
}

// ModelVersion is a way into the configurator.
type ModelVersion struct {
	Name string
	Text string
	From money.Money
	URL  string
}

// ModelEngine is a row of the engines' table.
type ModelEngine struct {
	Name        string
	Line        string
	CO2         string
	Consumption string
	From        money.Money
	URL         string
}

func (h *Handlers) showModel(c echo.Context) error {
	k, err := h.openCar(c)
	if err != nil {
		return err
	}
	return h.shared(c, k.shop, nil, "storefront/model", func() (any, error) { return h.modelPage(c, k) })
}

func (h *Handlers) modelPage(c echo.Context, k *car) (*ModelPage, error) {
	p := &ModelPage{Base: h.base(c, k.shop, k.rng.Name, "new_cars"), Name: k.rng.Name, Strapline: k.say(k.rng.Strapline),
		Tags: ordered(k.rng.TagsIn(k.market.Code, k.day)), Seats: k.rng.Seats, From: k.model.From().Total, Drawing: showOff(k.rng),
		ConfigureURL: k.url("configure", nil), CompareURL: compareLink(k.shop, []string{rawCandidate(k.rng.Model, nil)}), LeaveURL: leaveURL(k.shop, k.rng.Model, ""), Mentions: mentions(k.shop)}
	k.publish(&p.Base, modelPath(k.rng.Model), k.rng.Model, p.T("storefront.describe.model", "Brand", k.brand.Name, "Model", p.Name, "Strapline", sentence(p.Strapline), "From", p.MoneyShort(p.From)))
	p.Drawing.View, p.Drawing.Label = carart.Quarter, p.T("storefront.car.model_drawing", "Model", k.rng.Name)
	p.SocialImage = h.social(k.shop, k.rng, k.rng.ShowOff, p.Drawing.Label)
	cheapest, err := k.model.Complete(k.model.Default())
	if err != nil {
		return nil, err
	}
	e, _ := engineOf(k.rng, cheapest)
	p.Facts = carFacts(p.Base, k.rng, e)
	p.Proof = k.proof(k.model.From())
	p.Energy = energyOf(p.Base, k.shop, namesOf(k.shop, k.rng, cheapest).Engine, e)
	p.Finance = financeOf(p.Base, k.shop, p.From)
	for i := range k.rng.Features {
		f := &k.rng.Features[i]
		if f.Group != catalogue.Version && f.Group != catalogue.Engine {
			continue
		}
		b, err := k.model.Complete(configurator.Selection{f.Code})
		if err != nil {
			continue // not sold here
		}
		p.add(k, f, b)
	}
	return p, nil
}

func (p *ModelPage) add(k *car, f *catalogue.Feature, b configurator.Build) {
	name, text, url := k.say(f.Name), k.say(f.Text), k.url("configure", configurator.Selection{f.Code})
	if f.Group == catalogue.Version {
		p.Versions = append(p.Versions, ModelVersion{Name: name, Text: text, From: b.Quote.Total, URL: url})
		return
	}
	co2 := classWords(p.Base, k.shop, f.Engine)
	if co2 == "" {
		co2 = p.T("storefront.unit.co2", "N", p.P.Int(f.Engine.CO2))
	}
	p.Engines = append(p.Engines, ModelEngine{Name: name, Line: p.engineWords(f.Engine), CO2: co2,
		Consumption: consumption(p.Base, f.Engine), From: b.Quote.Total, URL: url})
}

func (p *ModelPage) engineWords(e *catalogue.EngineFacts) string {
	return p.P.T("storefront.engine.words", "Fuel", p.T("fuel."+e.Fuel), "Gearbox", p.T("gearbox."+e.Gearbox), "Drive", p.T("drive."+e.Drive))
}
