package dealer

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const usedPath = "/dealer/used"

// A site's used cars are shown so many at a time, and no farther than anybody turns pages.
const (
	usedLeaf  = 15
	usedPages = 200
)

// UsedPage is a site's used cars: what each costs, how long it stands, and who has it.
type UsedPage struct {
	Page
	Rows   []UsedRow
	AddURL string
	Import string // where cars are brought in by file
	Fallen []FallenCar
	May    bool
	Prev   string // empty at the ends of the list
	Next   string
}

// UsedRow is one car.
type UsedRow struct {
	ID, Name, Version, Facts, VIN string
	Price                         money.Money
	Typed                         string // the price as the field shows it
	State, Tone                   string
	Age                           string // how long it stands and what that cost
	Hint                          string // how many alike cost less
	Held                          string // who has it until when
	Waiting                       string
	Draft, CanPrice, CanRelease   bool
	URL                           string // of the car in the shop
	CarURL                        string // of what is known of it
}

// UsedForm is a new car as somebody types it.
type UsedForm struct {
	VIN, Plate, Brand, Make, Model, Version, Engine, Registered, Km, Owners, Power, CO2, Doors, Seats, Price, Bought string
	Body, Fuel, Gearbox, Colour, Emission, VAT                                                                       string
	Equipment                                                                                                        []string
}

// UsedNewPage asks for a new car.
type UsedNewPage struct {
	Page
	Form   UsedForm
	Texts  []UsedField
	Lists  []UsedSelect
	Pieces []Item
	Errors web.FieldErrors
}

// UsedField is a field for words or figures.
type UsedField struct {
	Name, Label, Value, Mode string
	Optional                 bool
}

// usedOptional may stay empty.
var usedOptional = []string{"plate", "version", "engine", "bought"}

// UsedSelect is a field with choices.
type UsedSelect struct {
	Name, Label string
	Options     []Choice
}

// Choice is one of a list.
type Choice struct {
	Value, Label string
	On           bool
}

func (h *Handlers) showUsed(c echo.Context) error {
	return web.View(h.kit, c, h.siteOf, "dealer/used", h.usedPage)
}

func (h *Handlers) usedPage(c echo.Context, s site) (*UsedPage, error) {
	p := &UsedPage{Page: h.page(c, s, "", "stock"), AddURL: usedPath + "/new", Import: usedImportPath}
	p.Title, p.May = p.T("used.stock.title"), p.Page.May("dealer.queue") && s.sellsUsed()
	n, err := strconv.Atoi(c.QueryParam("page"))
	if err != nil || n < 1 || n > usedPages {
		n = 1
	}
	own, err := usedcars.OwnOf(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, (n-1)*usedLeaf, usedLeaf+1)
	at := func(n int) string { return usedPath + "?page=" + strconv.Itoa(n) }
	if n > 1 {
		p.Prev = at(n - 1)
	}
	own, p.Next = web.Leaf(own, usedLeaf, func(usedcars.Own) string { return at(n + 1) })
	for _, x := range own {
		p.Rows = append(p.Rows, h.usedRow(p.Page, s, x))
	}
	if err == nil {
		p.Fallen, err = h.fallen(c, p.Page, s)
	}
	return p, err
}

func (s site) sellsUsed() bool { return len(s.usedBrands()) > 0 }

// usedBrands are the shops in which the site offers used cars.
func (s site) usedBrands() []string {
	var out []string
	for b := range s.dealer.Takes {
		if s.dealer.TakesPart(b, usedcar.Flow) {
			out = append(out, string(b))
		}
	}
	slices.Sort(out)
	return out
}

func (h *Handlers) usedRow(p Page, s site, x usedcars.Own) UsedRow {
	r := UsedRow{ID: string(x.ID), Name: x.Title(), Version: x.Version, VIN: x.VIN, Price: s.market.Amount(x.PriceMinor), Typed: p.PlainAmount(s.market.Amount(x.PriceMinor)),
		Facts: strings.Join([]string{x.Year(), p.P.Distance(int64(x.Km)*1000, s.unit()), p.T("used.fuel." + x.Fuel)}, ", "), State: p.T("used.state." + string(x.State)), Draft: x.State == usedcars.Draft, CarURL: usedCarURL(x.ID),
		CanPrice: x.State == usedcars.Draft || x.State == usedcars.Listed, CanRelease: x.Holder == usedcars.Holding || x.Holder == usedcars.Offered}
	r.Tone = map[usedcars.State]string{usedcars.Listed: "good", usedcars.Held: "warn", usedcars.Sold: "info"}[x.State]
	if !r.Draft {
		r.URL = "/" + string(x.Brand) + "/" + string(x.Market) + "/used/" + x.Slug()
		age := h.used.AgeOf(x.Car, s.now)
		r.Age = p.N("used.stock.age", age.Days, "Cost", p.MoneyShort(s.market.Amount(age.CostMinor)))
		if age.Alike > 0 {
			r.Hint = p.T("used.stock.alike", "Cheaper", age.Cheaper, "All", age.Alike)
		}
	}
	if !x.HeldUntil.IsZero() {
		r.Held = p.T("used.held_until", "Time", p.DateTime(x.HeldUntil))
	}
	if x.Waiting > 0 {
		r.Waiting = p.N("used.waiting", x.Waiting)
	}
	return r
}

// actOnUsed carries one act upon a car of the site out, or shows the list with what became of the car meanwhile.
func (h *Handlers) actOnUsed(c echo.Context, done string, act func(ctx context.Context, tx *db.Tx, s site, car id.UsedCar) error) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, f *web.Form) (web.Act, error) {
		car := id.UsedCar(c.Param("car"))
		return web.Act{Name: "dealer." + done + " " + strconv.Quote(string(car)), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return usedPath + "?done=" + done, act(ctx, tx, s, car)
		}, Again: func(r web.Refusal) error { return h.usedAgain(c, s, r) }}, nil
	})
}

func (h *Handlers) usedAgain(c echo.Context, s site, r web.Refusal) error {
	p, err := h.usedPage(c, s)
	if err != nil {
		return err
	}
	p.Problem = p.Sentence(r.Key)
	return h.kit.Show(c, r.Status, "dealer/used", p)
}

func (h *Handlers) withdrawUsed(c echo.Context) error {
	return h.actOnUsed(c, "used_withdrawn", func(ctx context.Context, tx *db.Tx, s site, car id.UsedCar) error {
		return h.used.WithdrawCarTx(ctx, tx, s.staff(), car)
	})
}

func (h *Handlers) releaseUsed(c echo.Context) error {
	return h.actOnUsed(c, "used_released", func(ctx context.Context, tx *db.Tx, s site, car id.UsedCar) error {
		return h.used.ReleaseTx(ctx, tx, s.staff(), car)
	})
}

func (h *Handlers) priceUsed(c echo.Context) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, f *web.Form) (web.Act, error) {
		car := id.UsedCar(c.Param("car"))
		return web.Act{Name: "dealer.used_priced " + strconv.Quote(string(car)), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			p := h.page(c, s, "", "stock")
			minor, err := web.ParseAmount(p.P, f.Value("price"), p.Symbol(s.market.Currency))
			if err != nil {
				return "", usedcars.ErrPrice
			}
			return usedPath + "?done=used_priced", h.used.PriceTx(ctx, tx, s.staff(), car, minor)
		}, Again: func(r web.Refusal) error { return h.usedAgain(c, s, r) }}, nil
	})
}

func (h *Handlers) showUsedNew(c echo.Context) error {
	return web.View(h.kit, c, h.siteOf, "dealer/used_new", func(c echo.Context, s site) (*UsedNewPage, error) {
		return h.usedNewPage(c, s, UsedForm{Body: "hatch", Fuel: "petrol", Gearbox: "manual", Colour: "grey", Emission: "euro6d", VAT: string(usedcars.Margin), Doors: "5", Seats: "5"}), nil
	})
}

func (h *Handlers) usedNewPage(c echo.Context, s site, form UsedForm) *UsedNewPage {
	p := &UsedNewPage{Page: h.page(c, s, "", "stock"), Form: form}
	p.Title = p.T("used.stock.add")
	unit := "used.stock.field.km"
	if s.market.Miles() {
		unit = "used.stock.field.mi"
	}
	for _, x := range [][4]string{{"vin", "used.fact.vin", form.VIN}, {"plate", "used.fact.plate", form.Plate}, {"make", "used.facet.make", form.Make}, {"model", "used.facet.model", form.Model},
		{"version", "used.stock.field.version", form.Version}, {"engine", "used.fact.engine", form.Engine}, {"km", unit, form.Km, "numeric"}, {"owners", "used.fact.owners", form.Owners, "numeric"},
		{"power", "used.stock.field.kw", form.Power, "numeric"}, {"co2", "used.stock.field.co2", form.CO2, "numeric"}, {"doors", "used.fact.doors", form.Doors, "numeric"}, {"seats", "used.fact.seats", form.Seats, "numeric"},
		{"price", "used.stock.field.price", form.Price, "decimal"}, {"bought", "used.stock.field.bought", form.Bought, "decimal"}} {
		p.Texts = append(p.Texts, UsedField{Name: x[0], Label: p.T(x[1]), Value: x[2], Mode: x[3], Optional: slices.Contains(usedOptional, x[0])})
	}
	for _, x := range []struct {
		name, label, words, now string
		of                      []string
	}{
		{"brand", "used.stock.field.shop", "", form.Brand, s.usedBrands()}, {"body", "used.facet.body", "used.body.", form.Body, usedcars.Bodies}, {"fuel", "used.facet.fuel", "used.fuel.", form.Fuel, usedcars.Fuels},
		{"gearbox", "used.facet.gearbox", "used.gearbox.", form.Gearbox, usedcars.Gearboxes}, {"colour", "used.facet.colour", "used.colour.", form.Colour, usedcars.Colours},
		{"emission", "used.facet.emission", "used.emission.", form.Emission, usedcars.Emissions}, {"vat", "used.stock.field.vat", "used.stock.vat.", form.VAT, []string{string(usedcars.Margin), string(usedcars.Qualifying)}},
	} {
		l := UsedSelect{Name: x.name, Label: p.T(x.label)}
		for _, v := range x.of {
			label := v
			if x.words != "" {
				label = p.T(x.words + v)
			} else if b, ok := s.world.Brand(id.Brand(v)); ok {
				label = b.Name
			}
			l.Options = append(l.Options, Choice{v, label, v == x.now})
		}
		p.Lists = append(p.Lists, l)
	}
	for _, e := range usedcars.Equipment {
		p.Pieces = append(p.Pieces, Item{Code: e, Done: slices.Contains(form.Equipment, e)})
	}
	return p
}

func readUsed(f *web.Form) UsedForm {
	return UsedForm{VIN: f.Value("vin"), Plate: f.Value("plate"), Brand: f.Value("brand"), Make: f.Value("make"), Model: f.Value("model"), Version: f.Value("version"), Engine: f.Value("engine"),
		Registered: f.Value("registered"), Km: f.Value("km"), Owners: f.Value("owners"), Power: f.Value("power"), CO2: f.Value("co2"), Doors: f.Value("doors"), Seats: f.Value("seats"), Price: f.Value("price"),
		Bought: f.Value("bought"), Body: f.Value("body"), Fuel: f.Value("fuel"), Gearbox: f.Value("gearbox"), Colour: f.Value("colour"), Emission: f.Value("emission"), VAT: f.Value("vat"), Equipment: f.Values("equipment")}
}

// car turns what was typed into a car, or says what is wrong with each field.
func (t UsedForm) car(f *web.Form, p Page, s site) usedcars.Car {
	c := usedcars.Car{Brand: id.Brand(t.Brand), Market: s.market.Code, Plate: strings.ToUpper(t.Plate), Make: t.Make, Model: t.Model, Version: t.Version, Engine: t.Engine,
		Body: t.Body, Fuel: t.Fuel, Gearbox: t.Gearbox, Colour: t.Colour, Emission: t.Emission, Registered: market.Date(t.Registered), VAT: usedcars.VAT(t.VAT)}
	reject := func(field, key string) { f.Reject(field, key) }
	var ok bool
	if c.VIN, ok = id.CleanVIN(t.VIN); !ok {
		reject("vin", "order.vin_invalid")
	}
	for _, x := range []struct {
		field, value string
		most         int
		must         bool
	}{{"plate", t.Plate, 16, false}, {"make", t.Make, 40, true}, {"model", t.Model, 60, true}, {"version", t.Version, 80, false}, {"engine", t.Engine, 80, false}} {
		if x.must && x.value == "" || len([]rune(x.value)) > x.most {
			reject(x.field, "used.stock.text_bad")
		}
	}
	for _, x := range []struct {
		field, value string
		of           []string
	}{{"body", t.Body, usedcars.Bodies}, {"fuel", t.Fuel, usedcars.Fuels}, {"gearbox", t.Gearbox, usedcars.Gearboxes}, {"colour", t.Colour, usedcars.Colours}, {"emission", t.Emission, usedcars.Emissions},
		{"vat", t.VAT, []string{string(usedcars.Margin), string(usedcars.Qualifying)}}} {
		if !slices.Contains(x.of, x.value) {
			reject(x.field, "used.stock.choice_bad")
		}
	}
	if !s.dealer.TakesPart(c.Brand, usedcar.Flow) {
		reject("brand", "used.stock.choice_bad")
	}
	if _, err := time.Parse(time.DateOnly, t.Registered); err != nil || c.Registered < "1950-01-01" {
		reject("registered", "used.registered_bad")
	}
	for _, e := range t.Equipment {
		if slices.Contains(usedcars.Equipment, e) && !slices.Contains(c.Equipment, e) {
			c.Equipment = append(c.Equipment, e)
		}
	}
	t.figures(f, p, s, &c)
	c.Look = usedcars.LookFor(c.Body, c.Colour, slices.Contains(c.Equipment, "rails"))
	return c
}

// figures reads the numbers of the form.
func (t UsedForm) figures(f *web.Form, p Page, s site, c *usedcars.Car) {
	var ok bool
	if c.Km, ok = readKm(t.Km, s.unit()); !ok {
		f.Reject("km", "dealer.odometer_any")
	}
	for _, x := range []struct {
		field, value string
		into         *int
		least, most  int
	}{{"owners", t.Owners, &c.Owners, 0, 30}, {"power", t.Power, &c.KW, 1, 1500}, {"co2", t.CO2, &c.CO2, 0, 900}, {"doors", t.Doors, &c.Doors, 2, 7}, {"seats", t.Seats, &c.Seats, 1, 9}} {
		n, err := strconv.Atoi(x.value)
		if err != nil || n < x.least || n > x.most {
			f.Reject(x.field, "used.stock.number_bad")
		}
		*x.into = n
	}
	var err error
	if c.PriceMinor, err = web.ParseAmount(p.P, t.Price, p.Symbol(s.market.Currency)); err != nil || !usedcars.IsPrice(c.PriceMinor) {
		f.Reject("price", "used.price_bad")
	}
	if t.Bought != "" {
		if c.Bought, err = web.ParseAmount(p.P, t.Bought, p.Symbol(s.market.Currency)); err != nil {
			f.Reject("bought", "used.price_bad")
		}
	}
}
