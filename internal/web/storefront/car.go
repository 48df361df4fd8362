package storefront

import (
	"net/url"
	"slices"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// PriceLine is one line of a price, with the words of the page's language.
type PriceLine struct {
	Label    string
	Amount   money.Money
	Included bool
}

// PriceTable is a whole price in two groups that sum to its total.
type PriceTable struct {
	Car   []PriceLine // the car and what was chosen
	Road  []PriceLine // what puts it on the road
	Total money.Money
	VAT   money.Money
	Rate  string // "20%"
	Proof *Proof // nil where none is needed
}

func priceTable(p *i18n.Printer, s *shop, r *catalogue.Range, q pricing.Quote) PriceTable {
	t := PriceTable{Total: q.Total, VAT: q.VAT, Rate: p.Percent(q.VATRateBP), Proof: s.proof(q)}
	for _, l := range q.Lines {
		line := PriceLine{Label: lineLabel(s, r, l), Amount: l.Amount, Included: l.Included}
		if l.Kind == pricing.KindFee {
			t.Road = append(t.Road, line)
		} else {
			t.Car = append(t.Car, line)
		}
	}
	return t
}

func lineLabel(s *shop, r *catalogue.Range, l pricing.Line) string {
	if l.Kind == pricing.KindFee {
		return s.feeLabel(l.Code, l.Label)
	}
	name := l.Code
	if f, ok := r.Feature(id.Feature(l.Code)); ok {
		name = s.say(f.Name)
	}
	if l.Kind == pricing.KindCar {
		return r.Name + " " + name
	}
	return name
}

// carNames are the words for a build that pages repeat.
type carNames struct {
	Model, Version, Engine, Colour, Wheels string
}

func namesOf(s *shop, r *catalogue.Range, b configurator.Build) carNames {
	n := carNames{Model: r.Name}
	for _, code := range append(append([]id.Feature{}, b.Selection...), b.Included...) {
		f, ok := r.Feature(code)
		if !ok {
			continue
		}
		switch f.Group {
		case catalogue.Version:
			n.Version = s.say(f.Name)
		case catalogue.Engine:
			n.Engine = s.say(f.Name)
		case catalogue.Colour:
			n.Colour = s.say(f.Name)
		case catalogue.Wheels:
			n.Wheels = s.say(f.Name)
		}
	}
	return n
}

func spec(d configurator.Drawing, key, label string) carart.Spec {
	return carart.Spec{Body: carart.Body(d.Body), Paint: carart.Paint{Hex: d.PaintHex, Finish: carart.Finish(d.Finish)},
		Wheels: carart.Wheel(d.WheelDesign), Rails: d.Rails, TwoTone: d.TwoTone, Trim: carart.Trim(d.Trim), ID: key, Label: label}
}

// drawn is the hero of a page: the build seen from a side, with words for who cannot see it.
func drawn(b web.Base, built configurator.Build, n carNames, v carart.View) carart.Spec {
	s := spec(built.Drawing, "h", drawingLabel(b, n))
	if v == carart.Quarter {
		s.View, s.Label = v, b.T("storefront.car.drawing_quarter", "Model", n.Model, "Version", n.Version, "Colour", n.Colour, "Wheels", n.Wheels)
	}
	return s
}

// drawingLabel says what the drawing shows.
func drawingLabel(b web.Base, n carNames) string {
	return b.T("storefront.car.drawing", "Model", n.Model, "Version", n.Version, "Colour", n.Colour, "Wheels", n.Wheels)
}

func engineOf(r *catalogue.Range, b configurator.Build) (*catalogue.EngineFacts, bool) {
	for _, code := range b.Selection {
		if f, ok := r.Feature(code); ok && f.Engine != nil {
			return f.Engine, true
		}
	}
	return nil, false
}

// consumption writes what an engine uses as its market counts it.
func consumption(b web.Base, e *catalogue.EngineFacts) string {
	mpg := b.Market != nil && b.Market.Consumption == "mpg"
	switch {
	case e.Litres100 > 0 && mpg:
		return b.T("storefront.unit.mpg", "N", b.P.Decimal1((2824809+50*e.Litres100)/(100*e.Litres100)))
	case e.Litres100 > 0:
		return b.T("storefront.unit.l100", "N", b.P.Decimal1(e.Litres100))
	case e.KWh100 > 0 && mpg:
		return b.T("storefront.unit.mi_kwh", "N", b.P.Decimal1((621371+50*e.KWh100)/(100*e.KWh100)))
	case e.KWh100 > 0:
		return b.T("storefront.unit.kwh100", "N", b.P.Decimal1(e.KWh100))
	}
	return ""
}

// engineLine says an engine in one line: what it burns, how it shifts, what it drives.
func engineLine(b web.Base, e *catalogue.EngineFacts) string {
	line := strings.Join([]string{b.T("fuel." + e.Fuel), b.T("gearbox." + e.Gearbox), b.T("drive." + e.Drive)}, ", ")
	if use := consumption(b, e); use != "" {
		line += ". " + use
	}
	return line
}

// Fact is a name and a value.
type Fact struct{ Label, Value string }

func carFacts(b web.Base, r *catalogue.Range, e *catalogue.EngineFacts) []Fact {
	out := []Fact{{b.T("storefront.fact.weeks"), b.T("storefront.weeks", "From", r.WeeksFrom, "To", r.WeeksTo)}}
	if e == nil {
		return out
	}
	out = append(out, Fact{b.T("storefront.fact.co2"), b.T("storefront.unit.co2", "N", b.P.Int(e.CO2))})
	if use := consumption(b, e); use != "" {
		out = append(out, Fact{b.T("storefront.fact.consumption"), use})
	}
	if e.RangeKm > 0 {
		out = append(out, Fact{b.T("storefront.fact.range"), b.Distance(e.RangeKm * 1000)})
	} else if e.TowingKg > 0 {
		out = append(out, Fact{b.T("storefront.fact.towing"), b.T("storefront.unit.kg", "N", b.P.Int(e.TowingKg))})
	}
	return out
}

// car is the model that a path names, in a shop.
type car struct {
	*shop
	rng   *catalogue.Range
	model *configurator.Model
}

func (h *Handlers) carOf(s *shop, code id.Model) (*car, error) {
	r, ok := s.world.Range(s.brand.Code, code)
	if !ok {
		return nil, world.ErrNoModel
	}
	m, err := s.world.Model(s.brand.Code, s.market.Code, code, s.day)
	if err != nil {
		return nil, err
	}
	return &car{shop: s, rng: r, model: m}, nil
}

// unheld is the model for cars that exist: what is held is kept from new orders only.
func (k *car) unheld() (*configurator.Model, error) {
	return k.world.Unheld(k.brand.Code, k.market.Code, k.rng.Model, k.day)
}

func (h *Handlers) openCar(c echo.Context) (*car, error) {
	s, err := h.openShop(c)
	if err != nil {
		return nil, err
	}
	return h.carOf(s, id.Model(c.Param("model")))
}

// build reads a selection from an address and makes it whole.
func (k *car) build(text string) (configurator.Build, error) {
	picked, err := configurator.Decode(text)
	if err != nil {
		return configurator.Build{}, err
	}
	return k.model.Complete(picked)
}

func (k *car) name(f id.Feature) string {
	if left, is := configurator.Omitted(f); is {
		f = left
	}
	if x, ok := k.rng.Feature(f); ok {
		return k.say(x.Name)
	}
	return string(f)
}

// version names the version among features; empty when there is none.
func (k *car) version(fs []id.Feature) string {
	for _, f := range fs {
		if k.isVersion(f) {
			return k.name(f)
		}
	}
	return ""
}

// beside are the features that are no version.
func (k *car) beside(fs []id.Feature) []id.Feature {
	return slices.DeleteFunc(slices.Clone(fs), k.isVersion)
}

func (k *car) isVersion(f id.Feature) bool {
	x, ok := k.rng.Feature(f)
	return ok && x.Group == catalogue.Version
}

func (k *car) namesOf(fs []id.Feature) []string {
	out := make([]string, len(fs))
	for i, f := range fs {
		out[i] = k.name(f)
	}
	return out
}

// url is a page of the car with a selection: the configurator, the dealer step, saving.
func (k *car) url(page string, s configurator.Selection, more ...string) string {
	q := url.Values{}
	if len(s) > 0 {
		q.Set("s", configurator.Encode(s))
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			q.Set(more[i], more[i+1])
		}
	}
	u := modelURL(k.shop, k.rng) + "/" + page
	if len(q) > 0 {
		u += "?" + q.Encode()
	}
	return u
}

// exactText asks for exactly the car that a stored selection names.
func exactText(selection string) string {
	if selection == "" || strings.HasPrefix(selection, "~.") {
		return selection
	}
	return "~." + selection
}

// configureURL leads back to exactly this car.
func (k *car) configureURL(b configurator.Build) string {
	return k.url("configure", configurator.Exactly(b.Selection))
}

func leaveURL(s *shop, model id.Model, selection string) string {
	q := url.Values{}
	if model != "" {
		q.Set("model", string(model))
	}
	if selection != "" {
		q.Set("s", selection)
	}
	if len(q) == 0 {
		return s.path() + "/leave-name"
	}
	return s.path() + "/leave-name?" + q.Encode()
}
