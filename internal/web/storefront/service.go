package storefront

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
	"forecourt/internal/vehicle"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ServicePage asks which car it is, and says what it needs and what that costs before anybody says who he is.
type ServicePage struct {
	web.Base
	Form     ServiceForm
	Models   []Option
	Fuels    []Option
	Unit     string // the label of the mileage
	Known    string // what the house knows of the plate
	Errors   web.FieldErrors
	Groups   []WorkGroup
	Carry    []Hidden
	Total    money.Money
	Minutes  string
	Priced   bool
	Action   string
	TimesURL string
}

// ServiceForm is what was asked, as addresses carry it.
type ServiceForm struct {
	Plate, Model, Fuel, Registered, Km string
	Near, Mobility, Dealer             string
	Picks                              []string
}

// WorkGroup is a part of the menu.
type WorkGroup struct {
	Title string
	Open  bool
	Lines []WorkLine
}

// WorkLine is a line of the menu with what people need to decide.
type WorkLine struct {
	Code, Name, Text, Why, Rule string
	Tyre                        string // the values of its label
	Price                       money.Money
	Free                        string // why it costs nothing
	On, Fixed                   bool
}

// serviceShop finds a shop in which work is sold, or shown to staff.
func (h *Handlers) serviceShop(c echo.Context) (*shop, error) {
	s, err := h.anyShop(c)
	if err != nil {
		return nil, err
	}
	s.about(id.FlowService)
	s.staff = s.state == market.Preview && h.isStaff(c.Request().Context())
	if h.Workshop != nil && (s.state == market.Live || s.state == market.Paused || s.staff) {
		return s, nil
	}
	return nil, web.ErrNotFound
}

func (s *shop) service() string { return s.path() + "/service" }

// readService reads what an address asks for; picked tells whether somebody chose from the menu already.
func readService(v url.Values) (f ServiceForm, picked bool) {
	f = ServiceForm{Plate: web.CleanLine(v.Get("plate")), Model: web.CleanLine(v.Get("model")), Fuel: web.CleanLine(v.Get("fuel")), Registered: web.CleanLine(v.Get("reg")), Km: web.CleanLine(v.Get("km")),
		Near: web.CleanLine(v.Get("near")), Mobility: web.CleanLine(v.Get("mobility")), Dealer: web.CleanLine(v.Get("dealer"))}
	for _, p := range v["pick"] {
		if p = web.CleanLine(p); p != "" && len(f.Picks) < mostWork {
			f.Picks = append(f.Picks, p)
		}
	}
	return f, v.Has("picked")
}

const mostWork = 40

// values are the form as an address carries it.
func (f ServiceForm) values() url.Values {
	v := url.Values{"picked": {"1"}}
	for name, value := range map[string]string{"plate": f.Plate, "model": f.Model, "fuel": f.Fuel, "reg": f.Registered, "km": f.Km, "near": f.Near, "mobility": f.Mobility, "dealer": f.Dealer} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if len(f.Picks) > 0 {
		v["pick"] = f.Picks
	}
	return v
}

// carry are the fields that a form takes along, without those that it asks for itself.
func (f ServiceForm) carry(but ...string) (out []Hidden) {
	v := f.values()
	for _, name := range []string{"picked", "plate", "model", "fuel", "reg", "km", "near", "mobility", "dealer", "pick"} {
		if slices.Contains(but, name) {
			continue
		}
		for _, value := range v[name] {
			out = append(out, Hidden{name, value})
		}
	}
	return out
}

// car reads which car it is, or says what is wrong with each field. Its name is as people call it.
func (f ServiceForm) car(s *shop) (c aftersales.Car, title string, wrong web.FieldErrors) {
	c = aftersales.Car{Brand: s.brand.Code, Model: id.Model(f.Model), Fuel: f.Fuel, Registered: market.Date(f.Registered)}
	bad := func(field, key string) { wrong.Add(field, key) }
	if typed := strings.ToUpper(strings.ReplaceAll(f.Plate, " ", "")); vehicle.GoodVIN(typed) {
		c.VIN = typed
	} else if typed != "" {
		ok := false
		if c.Plate, ok = s.market.CleanPlate(f.Plate); !ok {
			bad("plate", aftersales.ErrPlate.Key)
		}
	}
	if rng, ok := s.world.Range(s.brand.Code, c.Model); ok {
		title = rng.Name // pages and letters say the shop's brand before it
	} else if title = s.brand.Name; f.Model != otherModel {
		bad("model", "service.error.model")
	}
	if !slices.Contains(vehicle.Fuels, f.Fuel) {
		bad("fuel", "service.error.fuel")
	}
	if !c.Registered.Valid() || c.Registered > s.day || c.Registered < "1950-01-01" {
		bad("reg", "service.error.registered")
	}
	n, err := strconv.Atoi(strings.NewReplacer(".", "", ",", "", " ", "", "\u202f", "").Replace(f.Km))
	if err != nil || n < 0 || n > 1_000_000 {
		bad("km", "used.stock.number_bad")
	}
	c.Km = s.market.Km(n)
	return c, title, wrong
}

// otherModel is a car that is not built any more.
const otherModel = "other"

func (h *Handlers) showService(c echo.Context) error {
	s, err := h.serviceShop(c)
	if err != nil {
		return err
	}
	f, picked := readService(c.QueryParams())
	p := &ServicePage{Base: h.base(c, s, "", "service"), Action: s.service(), TimesURL: s.service() + "/times"}
	p.Title = p.T("service.title", "Brand", s.brand.Name)
	status := http.StatusOK
	if err := h.knowPlate(c, p, s, &f); err != nil {
		return err
	}
	if f.Km != "" || picked {
		if status, err = h.menu(c, p, s, &f, picked); err != nil {
			return err
		}
	}
	p.fields(s, f)
	return h.Kit.Show(c, status, "storefront/service", p)
}

// knowPlate fills in what the house knows of a plate or VIN: what car it is, never how far it was driven or whose it is.
func (h *Handlers) knowPlate(c echo.Context, p *ServicePage, s *shop, f *ServiceForm) error {
	if f.Plate == "" || f.Model != "" {
		return nil
	}
	v, ok, err := h.Workshop.ByPlate(h.NewCar.DB.Read(c.Request().Context()), s.market.Code, f.Plate)
	if err != nil || !ok || v.Brand != s.brand.Code {
		return err
	}
	f.Model, f.Fuel, f.Registered = string(v.Model), v.Fuel, string(v.Registered)
	if _, ok := s.world.Range(s.brand.Code, v.Model); !ok {
		f.Model = otherModel
	}
	p.Known = v.Title
	return nil
}

// fields are what the form of the car offers.
func (p *ServicePage) fields(s *shop, f ServiceForm) {
	p.Form = f
	p.Unit = p.T("used.stock.field.km")
	if s.market.Miles() {
		p.Unit = p.T("used.stock.field.mi")
	}
	for _, r := range s.world.Ranges(s.brand.Code, s.market.Code, s.day) {
		p.Models = append(p.Models, Option{string(r.Model), r.Name, f.Model == string(r.Model)})
	}
	p.Models = append(p.Models, Option{otherModel, p.T("service.other_model"), f.Model == otherModel})
	for _, x := range vehicle.Fuels {
		p.Fuels = append(p.Fuels, Option{x, p.T("used.fuel." + x), f.Fuel == x})
	}
}

// menu prices the work. What is due is chosen beforehand, until somebody chose.
func (h *Handlers) menu(c echo.Context, p *ServicePage, s *shop, f *ServiceForm, picked bool) (int, error) {
	car, _, wrong := f.car(s)
	if wrong.Any() {
		p.Errors = wrong
		return http.StatusUnprocessableEntity, nil
	}
	if _, err := h.Workshop.Known(h.NewCar.DB.Read(c.Request().Context()), &car, s.market.Code); err != nil {
		return 0, err
	}
	lines, err := aftersales.Recommend(s.world.Service(), s.market, car, s.day)
	var told *fault.Fault
	if errors.As(err, &told) && told.Kind == fault.Invalid {
		p.Errors.Add(cmp.Or(fieldOfCar[told.Key], "plate"), told.Key)
		return http.StatusUnprocessableEntity, nil
	}
	if err != nil {
		return 0, err
	}
	shelf, err := s.world.Service().Shelf(s.market, car, s.day)
	if err != nil {
		return 0, err
	}
	if !picked {
		f.Picks = nil
		for _, l := range lines {
			if l.Kind == aftersales.KindDue || l.Kind == aftersales.KindInspection {
				f.Picks = append(f.Picks, l.Code)
			}
		}
	}
	p.groups(s, append(lines, shelf...), f.Picks)
	p.Priced, p.Carry = true, f.carry("pick", "near", "mobility", "dealer")
	return http.StatusOK, nil
}

// fieldOfCar is beside which field a fault of the car is shown.
var fieldOfCar = map[string]string{aftersales.ErrFallen.Key: "km", aftersales.ErrPlate.Key: "plate", aftersales.ErrCar.Key: "reg", aftersales.ErrMarket.Key: "plate"}

// groups sorts the menu, adds up what is chosen, and says how long that takes.
func (p *ServicePage) groups(s *shop, lines []aftersales.Line, picks []string) {
	at := map[string]int{}
	p.Total = s.market.Amount(0)
	minutes := 0
	for _, l := range lines {
		g := groupOf(l.Kind)
		i, ok := at[g]
		if !ok {
			i = len(p.Groups)
			at[g], p.Groups = i, append(p.Groups, WorkGroup{Title: p.T("service.group." + g), Open: g == "due"})
		}
		w := workLine(p.Base, s, l)
		w.On = w.Fixed || slices.Contains(picks, l.Code)
		if w.On {
			p.Total, minutes = p.Total.Add(l.Amount), minutes+l.Minutes
			p.Groups[i].Open = true
		}
		p.Groups[i].Lines = append(p.Groups[i].Lines, w)
	}
	p.Minutes = p.N("service.minutes", minutes)
}

func groupOf(k aftersales.Kind) string {
	switch k {
	case aftersales.KindRecall, aftersales.KindDue, aftersales.KindInspection:
		return "due"
	case aftersales.KindAccessory:
		return "accessories"
	case aftersales.KindTyre:
		return "tyres"
	case aftersales.KindContract:
		return "plans"
	}
	return "extras"
}

// workLine says a line of work in the reader's words.
func workLine(b web.Base, s *shop, l aftersales.Line) WorkLine {
	w := WorkLine{Code: l.Code, Name: s.say(l.Name), Text: s.say(l.Text), Price: l.Amount, Fixed: !l.Optional(), Rule: b.T("service.withdrawal." + string(l.Withdrawal))}
	switch l.Why.Reason {
	case aftersales.ByMonths:
		w.Why = b.T("service.reason.months", "Months", l.Why.Months, "Day", dayOf(b, l.Why.DueOn))
	case aftersales.ByKm:
		w.Why = b.T("service.reason.km", "Distance", b.Distance(int64(l.Why.DueKm)*1000))
	case aftersales.ByLaw:
		w.Why = b.T("service.reason.inspection", "Day", dayOf(b, l.Why.DueOn))
	case aftersales.ByRecall:
		w.Why = b.T("service.reason.recall")
	}
	if l.Cover != "" {
		w.Free = b.T("service.covered")
	} else if l.Amount.IsZero() {
		w.Free = b.T("service.free")
	}
	if t := l.Label; t != nil {
		w.Tyre = b.T("service.tyre", "Fuel", t.Fuel, "Wet", t.WetGrip, "Noise", t.NoiseDB, "Class", t.NoiseClass)
	}
	return w
}
