package storefront

import (
	"net/http"
	"slices"
	"time"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
	"forecourt/internal/stock"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// nearestShown is how many cars the page shows before the rest is folded away.
const nearestShown = 9

// NearestPage lists the cars that exist or are being built and come closest to a build.
type NearestPage struct {
	web.Base
	Names      carNames
	Total      money.Money
	Weeks      string
	Search     DealerSearch
	Stages     []Pick
	Dealers    []Pick
	Near       Nearest
	More       []NearCar // those less alike
	BackURL    string
	FactoryURL string
	LeaveURL   string
}

// Pick is one choice of a filter.
type Pick struct {
	Value string
	Label string
	On    bool
}

// Nearest are the cars closest to a build, the most alike first.
type Nearest struct {
	Base web.Base // of the page around them
	Cars []NearCar
	All  int // free cars of the model, whatever was asked for
}

// Beside is what the part of the template that draws one car sees.
func (n Nearest) Beside(c NearCar) BesideCar { return BesideCar{n.Base, c} }

// BesideCar is one car with the page around it.
type BesideCar struct {
	web.Base
	NearCar NearCar
}

// Shown is how many cars the page shows, folded ones too.
func (p *NearestPage) Shown() int { return len(p.Near.Cars) + len(p.More) }

// NearCar is one car beside the build on the screen.
type NearCar struct {
	Number   string
	Stage    string // in words
	Tone     string // of the stage's badge
	Name     string // version and engine
	Colour   string
	Drawing  carart.Spec
	Dealer   string
	Distance string
	Ready    string // first day of a handover
	Saved    string // against an order from the factory
	Same     bool   // the build on the screen, to the last part
	Rows     []NearRow
	Total    money.Money
	Delta    string
	URL      string

	dealer   id.Dealer
	distance int // likeness; zero is the same
	ready    string
}

// NearRow is one difference and what it does to the price.
type NearRow struct {
	Text   string
	Effect string
}

// NearAsk narrows the cars down. Without a place there are no distances.
type NearAsk struct {
	Stage    stock.Stage
	Dealer   id.Dealer
	Located  bool
	Lat, Lon float64
	Most     int // how many; zero is all
}

func (h *Handlers) showNearest(c echo.Context) error {
	k, err := h.openCar(c)
	if err != nil {
		return err
	}
	b, err := k.build(c.QueryParam("s"))
	if err != nil {
		return h.unbuildable(c, k, err)
	}
	picked, _ := configurator.Decode(c.QueryParam("s")) // read by build above
	p := &NearestPage{Base: h.base(c, k.shop, "", "new_cars"), Names: namesOf(k.shop, k.rng, b), Total: b.Quote.Total,
		BackURL: k.url("configure", picked), FactoryURL: k.url("dealer", b.Selection), LeaveURL: leaveURL(k.shop, k.rng.Model, configurator.Encode(b.Selection))}
	p.Title, p.NoIndex = p.T("storefront.nearest.title", "Model", k.rng.Name), true
	p.Weeks = p.T("storefront.weeks", "From", k.rng.WeeksFrom, "To", k.rng.WeeksTo)
	ask := p.ask(c, k, picked)
	if p.Near, err = h.NearestTo(c, p.Base, k, b, NearAsk{Located: ask.Located, Lat: ask.Lat, Lon: ask.Lon}); err != nil {
		return err
	}
	p.narrow(ask)
	if len(p.Near.Cars) > nearestShown {
		p.Near.Cars, p.More = p.Near.Cars[:nearestShown], p.Near.Cars[nearestShown:]
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/nearest", p)
}

// ask reads what the address wants: a place, a stage, a dealer. What it does not know counts as nothing.
func (p *NearestPage) ask(c echo.Context, k *car, picked configurator.Selection) NearAsk {
	p.Search = DealerSearch{Near: cut(web.CleanLine(c.QueryParam("near")), 60), Action: modelURL(k.shop, k.rng) + "/nearest",
		Hidden: []Hidden{{"s", configurator.Encode(picked)}}}
	var ask NearAsk
	ask.Lat, ask.Lon, ask.Located = p.Search.locate(c, p.Base, k.shop)
	if st := stock.Stage(c.QueryParam("stage")); slices.Contains(stock.Stages, st) {
		ask.Stage = st
	}
	if d, ok := k.world.Dealer(id.Dealer(c.QueryParam("dealer"))); ok && d.Market == k.market.Code {
		ask.Dealer = d.Code
	}
	return ask
}

// narrow fills the filters from the cars there are, then keeps those asked for.
func (p *NearestPage) narrow(ask NearAsk) {
	p.Stages = []Pick{{Label: p.T("storefront.nearest.any_stage")}}
	for _, st := range stock.Stages {
		p.Stages = append(p.Stages, Pick{string(st), p.T("storefront.nearest.stage." + string(st)), st == ask.Stage})
	}
	p.Dealers = []Pick{{Label: p.T("storefront.nearest.any_dealer")}}
	for _, car := range p.Near.Cars {
		pick := Pick{string(car.dealer), car.Dealer, car.dealer == ask.Dealer}
		if !slices.Contains(p.Dealers, pick) {
			p.Dealers = append(p.Dealers, pick)
		}
	}
	slices.SortStableFunc(p.Dealers[1:], func(a, b Pick) int { return compareWords(a.Label, b.Label) })
	p.Near.Cars = slices.DeleteFunc(p.Near.Cars, func(car NearCar) bool {
		return ask.Stage != "" && car.Tone != stageTone(ask.Stage) || ask.Dealer != "" && car.dealer != ask.Dealer
	})
}

func compareWords(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// NearestTo compares a build with every free car of its model, with one statement. Cars that the range
// does not allow any more are left out. The most alike come first, among those the soonest.
func (h *Handlers) NearestTo(c echo.Context, base web.Base, k *car, b configurator.Build, ask NearAsk) (Nearest, error) {
	cars, err := stock.FreeOf(h.NewCar.DB.Read(c.Request().Context()), k.brand.Code, k.market.Code, k.rng.Model)
	if err != nil {
		return Nearest{}, err
	}
	unheld, err := k.unheld()
	if err != nil {
		return Nearest{}, err
	}
	out := Nearest{Base: base}
	for _, x := range cars {
		theirs, err := newcar.BuildOf(unheld, x)
		if err != nil {
			continue
		}
		out.All++
		dealer, ok := k.world.Dealer(x.Dealer)
		if !ok || ask.Stage != "" && x.Stage != ask.Stage || ask.Dealer != "" && x.Dealer != ask.Dealer {
			continue
		}
		one := nearCar(base, k, x, dealer, b, theirs)
		if ask.Located {
			one.Distance = base.Distance(network.Metres(ask.Lat, ask.Lon, dealer.Lat, dealer.Lon))
		}
		out.Cars = append(out.Cars, one)
	}
	slices.SortStableFunc(out.Cars, func(a, b NearCar) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return compareWords(a.ready, b.ready)
	})
	if ask.Most > 0 && len(out.Cars) > ask.Most {
		out.Cars = out.Cars[:ask.Most]
	}
	return out, nil
}

func nearCar(base web.Base, k *car, x *stock.Car, dealer *network.Dealer, own, theirs configurator.Build) NearCar {
	names := namesOf(k.shop, k.rng, theirs)
	ready := x.ReadyAt(dealer, k.market, k.day)
	differences := stock.Compare(k.rng, own.Quote, theirs.Quote)
	out := NearCar{Number: string(x.ID), Stage: base.T("storefront.nearest.stage." + string(x.Stage)), Tone: stageTone(x.Stage),
		Name: names.Version + " " + names.Engine, Colour: names.Colour, Drawing: spec(theirs.Drawing, "car-"+string(x.ID), drawingLabel(base, names)),
		Dealer: dealer.Name, Ready: dayWords(base, ready), Saved: saved(base, k, string(ready)), Total: theirs.Quote.Total,
		URL: k.url("dealer", theirs.Selection, "car", string(x.ID)), dealer: x.Dealer, ready: string(ready),
		distance: stock.Distance(differences), Rows: nearRows(base, k, differences)}
	out.Same = len(differences) == 0
	if delta := theirs.Quote.Total.Sub(own.Quote.Total); !delta.IsZero() {
		out.Delta = base.Delta(delta)
	}
	return out
}

func stageTone(st stock.Stage) string {
	switch st {
	case stock.Ground:
		return "good"
	case stock.Transit:
		return "info"
	}
	return "plan"
}

// saved says how many weeks sooner the car is here than one ordered today, which usually takes from the
// first to the last of the range's weeks.
func saved(base web.Base, k *car, ready string) string {
	at, err := time.Parse(time.DateOnly, ready)
	if err != nil || k.rng.WeeksFrom <= 0 || k.rng.WeeksTo < k.rng.WeeksFrom {
		return ""
	}
	days := int(at.Sub(k.day.Time(time.UTC)).Hours()) / 24
	from, to := (7*k.rng.WeeksFrom-days)/7, (7*k.rng.WeeksTo-days)/7
	switch {
	case to < 1:
		return base.T("storefront.nearest.saved_none")
	case from < 1:
		return base.N("storefront.nearest.saved_up_to", to)
	case from == to:
		return base.N("storefront.nearest.saved", to)
	}
	return base.T("storefront.nearest.saved_range", "From", from, "To", to)
}

// nearRows names every difference. Parts that come or go at no price are told in one row each way.
func nearRows(base web.Base, k *car, ds []stock.Difference) []NearRow {
	var rows, taxes []NearRow
	var has, lacks []string
	for _, d := range ds {
		effect := money.Of(d.Effect, k.market.Currency)
		row := NearRow{Effect: base.Delta(effect)}
		if effect.IsZero() {
			row.Effect = base.T("storefront.configure.no_charge")
		}
		switch {
		case d.Kind == pricing.KindFee:
			row.Text = k.feeLabel(d.Fee, d.Label)
			taxes = append(taxes, row)
			continue
		case d.Has == d.Lacks && d.Comes:
			row.Text = base.T("storefront.nearest.comes", "Part", k.name(d.Has))
		case d.Has == d.Lacks:
			row.Text = base.T("storefront.nearest.other_price", "Part", k.name(d.Has))
		case d.Has != "" && d.Lacks != "" && d.Group != catalogue.Options:
			row.Text = base.T("storefront.nearest.instead", "Group", base.T("storefront.group."+string(d.Group)), "Part", k.name(d.Has), "Old", k.name(d.Lacks))
		case d.Has != "" && effect.IsZero():
			has = append(has, k.name(d.Has))
			continue
		case d.Has != "":
			row.Text = base.T("storefront.nearest.has", "Part", k.name(d.Has))
		case effect.IsZero():
			lacks = append(lacks, k.name(d.Lacks))
			continue
		default:
			row.Text = base.T("storefront.nearest.lacks", "Part", k.name(d.Lacks))
		}
		rows = append(rows, row)
	}
	if len(has) > 0 {
		rows = append(rows, NearRow{base.T("storefront.nearest.has", "Part", base.P.List(has)), base.T("storefront.configure.included")})
	}
	if len(lacks) > 0 {
		rows = append(rows, NearRow{base.T("storefront.nearest.lacks", "Part", base.P.List(lacks)), base.T("storefront.configure.no_charge")})
	}
	return append(rows, taxes...)
}
