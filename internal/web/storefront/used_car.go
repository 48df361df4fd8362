package storefront

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// UsedCarPage is one used car with all that is known of it.
type UsedCarPage struct {
	web.Base
	Name      string
	Version   string
	Drawing   carart.Spec
	Price     money.Money
	Prior     string
	VAT       string
	Deposit   money.Money
	Facts     []Fact
	Equipment []string
	Photos    []UsedShot // the first is shown large; where there is none the drawing stands
	Turn      []UsedTurn // the pictures around the car, as a tour; none where there are too few
	Faults    []UsedFault
	Marks     []UsedMark
	Known     UsedKnown
	Line      *UsedLine
	Explained string // why an odometer fell, in the dealer's words
	Readings  []UsedReading
	Falls     bool // an odometer said less than it had said before
	Battery   string
	Guarantee string
	Shorter   string // what a buyer may agree to; empty where there is no shorter one
	Finance   *Finance
	Leave     *Leave
	Back      *UsedBack
	SwapURL   string // where to have one's own car valued; empty where nobody does
	Dealer    *network.Dealer
	DealerAt  string
	Hours     []HoursDay
	Held      *UsedHeld
	Gone      bool
	Joined    bool // an address was put into the line just now
	Left      bool // the reader let the car go just now
	Email     string
	Errors    web.FieldErrors
	HoldURL   string
	LineURL   string
	BackURL   string
	Data      UsedData
	Prices    *UsedPrices
	Proof     *Proof     // of the price
	Cards     []UsedCard // of a car that cannot be had, others like it
}

// UsedData is the car for search engines: schema.org's Car with its Offer.
type UsedData struct {
	Context    string         `json:"@context"`
	Type       string         `json:"@type"`
	Name       string         `json:"name"`
	Images     []string       `json:"image,omitempty"`
	Brand      string         `json:"brand"`
	Model      string         `json:"model"`
	Colour     string         `json:"color"`
	Fuel       string         `json:"fuelType"`
	Gearbox    string         `json:"vehicleTransmission"`
	Registered string         `json:"dateVehicleFirstRegistered"`
	Condition  string         `json:"itemCondition"`
	Doors      int            `json:"numberOfDoors"`
	Mileage    map[string]any `json:"mileageFromOdometer"`
	Offers     map[string]any `json:"offers"`
}

// UsedFault is a fault in words.
type UsedFault struct {
	No          int
	Panel, Text string
	Added       string    // when it was found after the car was offered
	Photo       *UsedShot // nil when there is none
}

// UsedReading is what an odometer said, and who read it.
type UsedReading struct{ Day, Km, Source string }

// UsedHeld tells that somebody has the car.
type UsedHeld struct {
	Until   string
	Left    int    // seconds; 0 when no end is known
	Mine    string // the page of the reader's own hold or place in the line; empty when he has none
	GoOn    string // what that link says
	Waiting string // how many wait
}

// usedCarOf reads the car of an address. Its words do not count: the right ones are the address.
func (h *Handlers) usedCarOf(c echo.Context) (*shop, *usedcars.Whole, error) {
	s, err := h.usedShop(c)
	if err != nil {
		return nil, nil, err
	}
	key, ok := usedcars.OfSlug(c.Param("slug"))
	if !ok {
		return nil, nil, web.ErrNotFound
	}
	w, err := usedcars.WholeOf(h.NewCar.DB.Read(c.Request().Context()), key)
	if err != nil {
		return nil, nil, err
	}
	if w.Brand != s.brand.Code || w.Market != s.market.Code || w.State == usedcars.Draft {
		return nil, nil, usedcars.ErrNoCar
	}
	return s, w, nil
}

func (h *Handlers) showUsedCar(c echo.Context) error {
	s, w, err := h.usedCarOf(c)
	if err != nil {
		return err
	}
	if c.Param("slug") != w.Slug() {
		return c.Redirect(http.StatusMovedPermanently, usedURL(s, w.Car))
	}
	p, err := h.usedCarPage(c, s, w)
	if err != nil {
		return err
	}
	p.Joined, p.Left = c.QueryParam("done") == "line", c.QueryParam("done") == "left"
	status := http.StatusOK
	if !p.giveBack(c, s) {
		status = http.StatusUnprocessableEntity
	}
	if p.Gone {
		status, p.NoIndex = http.StatusGone, true
	}
	return h.Kit.Show(c, status, "storefront/used_car", p)
}

func (h *Handlers) usedCarPage(c echo.Context, s *shop, w *usedcars.Whole) (*UsedCarPage, error) {
	p := &UsedCarPage{Base: h.base(c, s, "", "used_cars"), Name: w.Title(), Version: w.Version, Price: s.market.Amount(w.PriceMinor), Deposit: s.market.Amount(min(s.terms().DepositMinor, w.PriceMinor)),
		HoldURL: usedURL(s, w.Car) + "/hold", LineURL: usedURL(s, w.Car) + "/line", BackURL: s.path() + "/used"}
	p.Title = p.T("used.car_title", "Car", w.Title()+" "+w.Version, "Year", w.Year())
	s.publishUsed(&p.Base, "/used/"+w.Slug(), p.T("used.car_describe", "Car", w.Title()+" "+w.Version, "Facts", strings.Join(usedFacts(p.Base, w.Car), ", "), "Price", p.MoneyShort(p.Price)))
	p.Drawing = usedLook(w.Look, "h", p.T("used.drawing", "Car", w.Title()+" "+w.Version, "Colour", p.T("used.colour."+w.Colour)))
	p.facts(s, w)
	p.promises(s, w)
	if w.PriorMinor > 0 {
		p.Prior = p.T("used.prior", "Price", p.Money(s.market.Amount(w.PriorMinor)))
	}
	if d, ok := s.world.Dealer(w.Dealer); ok {
		p.Dealer, p.DealerAt, p.Hours = d, address(d), week(p.Base, d)
	}
	p.Gone = w.State != usedcars.Listed && w.State != usedcars.Held && w.State != usedcars.Sold
	if w.State == usedcars.Held || w.State == usedcars.Sold {
		mine, state, err := h.myHold(c, s, w.ID)
		if err != nil {
			return nil, err
		}
		p.Held = &UsedHeld{Mine: mine, GoOn: p.T("used.mine")}
		if state == usedcars.Waiting {
			p.Held.GoOn = p.T("used.mine_waiting")
		}
		if !w.HeldUntil.IsZero() {
			p.Held.Until, p.Held.Left = p.Time(w.HeldUntil), leftOf(w.HeldUntil, s.now)
		}
		if w.Waiting > 0 {
			p.Held.Waiting = p.N("used.waiting", w.Waiting)
		}
	}
	p.Finance = financeOf(p.Base, s, p.Price)
	p.Leave = foreseen(p.Base, s, p.Deposit, p.Price, s.terms().CaptureNow())
	if u, ok := s.market.UsedAt(s.day); ok && u.ExchangeDays > 0 && !p.Gone {
		p.SwapURL = s.yourCar()
	}
	p.Data = usedData(p.Base, s, w, p.Gone)
	return p, h.usedPrices(c, s, p, w)
}

func (p *UsedCarPage) facts(s *shop, w *usedcars.Whole) {
	owners := p.N("used.owners", w.Owners)
	if w.Owners == 0 {
		owners = p.T("used.fleet")
	}
	for _, f := range [][2]string{
		{"registered", dayOf(p.Base, w.Registered)}, {"km", p.Distance(int64(w.Km) * 1000)}, {"fuel", p.T("used.fuel." + w.Fuel)}, {"gearbox", p.T("used.gearbox." + w.Gearbox)}, {"engine", w.Engine},
		{"power", p.T("used.kw", "KW", w.KW, "HP", int(float64(w.KW)*1.35962+.5))}, {"body", p.T("used.body." + w.Body)}, {"colour", p.T("used.colour." + w.Colour)}, {"doors", p.P.Int(int64(w.Doors))},
		{"seats", p.P.Int(int64(w.Seats))}, {"co2", p.T("used.g_km", "N", w.CO2)}, {"emission", p.T("used.emission." + w.Emission)}, {"owners", owners}, {"vin", w.VIN}, {"plate", w.Plate},
	} {
		if f[1] != "" {
			p.Facts = append(p.Facts, Fact{p.T("used.fact." + f[0]), f[1]})
		}
	}
	for _, e := range w.Equipment {
		p.Equipment = append(p.Equipment, p.T("used.equipment."+e))
	}
	p.known(s, w)
	p.Falls, p.Explained = usedcars.Falls(w.Kms) || w.Explained != "", w.Explained
	for _, r := range w.Kms {
		p.Readings = append(p.Readings, UsedReading{dayOf(p.Base, r.On), p.Distance(int64(r.Km) * 1000), p.T("used.read_by." + r.Source)})
	}
	switch {
	case w.Battery.Pct > 0:
		p.Battery = p.T("used.battery", "Percent", p.P.Percent(int64(w.Battery.Pct)*100), "How", p.T("used.battery_how."+w.Battery.How), "Day", dayOf(p.Base, w.Battery.On))
	case w.HasBattery():
		p.Battery = p.T("used.battery_unknown")
	}
}

// dayOf writes a day of a car's papers, at noon so that it is the same day in every zone of a market.
func dayOf(b web.Base, d market.Date) string {
	return b.DateShort(d.Time(time.UTC).Add(12 * time.Hour))
}

// promises says by which law the car is guaranteed and how it is taxed.
func (p *UsedCarPage) promises(s *shop, w *usedcars.Whole) {
	p.VAT = p.T("used.vat." + string(w.VAT))
	u, ok := s.market.UsedAt(s.day)
	if !ok {
		return
	}
	key := "used.guarantee." + string(s.market.Code)
	if !p.P.Has(key) {
		key = "used.guarantee.any"
	}
	p.Guarantee = p.T(key, "Months", u.GuaranteeMonths)
	if u.ConsentMonths > 0 {
		p.Shorter = p.T("used.guarantee_shorter", "Months", u.ConsentMonths)
	}
}

func usedData(b web.Base, s *shop, w *usedcars.Whole, gone bool) UsedData {
	there := "https://schema.org/InStock"
	if w.State != usedcars.Listed {
		there = "https://schema.org/LimitedAvailability"
	}
	if gone {
		there = "https://schema.org/SoldOut"
	}
	d := UsedData{Context: "https://schema.org", Type: "Car", Name: w.Title() + " " + w.Version, Brand: w.Make, Model: w.Model, Colour: b.T("used.colour." + w.Colour), Fuel: b.T("used.fuel." + w.Fuel),
		Gearbox: b.T("used.gearbox." + w.Gearbox), Registered: string(w.Registered), Condition: "https://schema.org/UsedCondition", Doors: w.Doors,
		Mileage: map[string]any{"@type": "QuantitativeValue", "value": w.Km, "unitCode": "KMT"}}
	for _, x := range w.Photos {
		d.Images = append(d.Images, b.Abs(usedPhotoURL(x, x.Wide)))
	}
	d.Offers = map[string]any{"@type": "Offer", "price": fmt.Sprintf("%d.%02d", w.PriceMinor/100, w.PriceMinor%100), "priceCurrency": w.Currency, "availability": there, "url": b.Abs(usedURL(s, w.Car))}
	return d
}

// holdCookie keeps the secret of the reader's newest hold, so that his own hold never stands in his way. It is needed for
// what he asked for and says nothing of him.
const holdCookie = "hold"

// myHold is the page of the hold or of the place in the line that this browser has of a car, and which; empty when it has none.
func (h *Handlers) myHold(c echo.Context, s *shop, car id.UsedCar) (string, usedcars.HoldState, error) {
	k, err := c.Cookie(holdCookie)
	if err != nil {
		return "", "", nil
	}
	x, err := h.UsedCar.HoldOf(c.Request().Context(), s.flow(), k.Value)
	if errors.Is(err, usedcars.ErrNoHold) || err == nil && (x.Car != car || x.State == usedcars.Ended) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	return s.path() + "/used/hold/" + k.Value, x.State, nil
}

func (h *Handlers) rememberHold(c echo.Context, s *shop, token string) {
	c.SetCookie(&http.Cookie{Name: holdCookie, Value: token, Path: s.path() + "/used", MaxAge: 2 * 24 * 3600, HttpOnly: true, Secure: strings.HasPrefix(h.Kit.BaseURL, "https://"), SameSite: http.SameSiteLaxMode})
}

// holdCar is the button: the car is kept for the reader from now on.
func (h *Handlers) holdCar(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, w, err := h.usedCarOf(c)
	if err != nil {
		return err
	}
	if mine, _, err := h.myHold(c, s, w.ID); err != nil || mine != "" {
		if err != nil {
			return err
		}
		return web.SeeOther(c, mine)
	}
	if err := h.Kit.MayBegin(c); err != nil {
		return err
	}
	token, err := h.holdInTurn(c, f, s, w.Car)
	if errors.Is(err, usedcars.ErrTaken) || errors.Is(err, usedcars.ErrRed) {
		return h.usedAgain(c, f, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	secret := h.UsedCar.TokenOf(id.Hold(token))
	h.rememberHold(c, s, secret)
	return web.SeeOther(c, s.path()+"/used/hold/"+secret)
}

// holdInTurn keeps the car for who comes first of those who press at once. The others hear ErrTaken without a transaction,
// unless they are who has it and press again because the answer did not reach them.
func (h *Handlers) holdInTurn(c echo.Context, f *web.Form, s *shop, car *usedcars.Car) (string, error) {
	const act = "storefront.used_hold"
	leave, err := h.turns.take(c.Request().Context(), car.ID)
	if err != nil {
		return "", err
	}
	defer leave()
	if now, err := usedcars.Get(h.NewCar.DB.Read(c.Request().Context()), car.ID); err != nil || now.State != usedcars.Listed {
		if err != nil {
			return "", err
		}
		was, known, err := h.Kit.Before(c, f, act)
		if err == nil && !known {
			err = usedcars.ErrTaken
		}
		return was, err
	}
	return h.Kit.Once(c, f, act, func(_ context.Context, tx *db.Tx) (string, error) {
		held, err := h.UsedCar.HoldTx(tx, s.flow(), car.ID)
		return string(held.Hold), err
	})
}

// usedAgain shows the car's page as it is now: who came too late sees until when another has it, and the line.
func (h *Handlers) usedAgain(c echo.Context, f *web.Form, status int) error {
	s, w, err := h.usedCarOf(c)
	if err != nil {
		return err
	}
	p, err := h.usedCarPage(c, s, w)
	if err != nil {
		return err
	}
	p.Errors, p.Email = f.Errors(), f.Value("email")
	if status == http.StatusConflict && !p.Errors.Any() && len(p.Known.Flags) == 0 {
		p.Flash = p.T("used.taken")
	}
	return h.Kit.Show(c, status, "storefront/used_car", p)
}

// joinLine puts an address into the line of a car that another has.
func (h *Handlers) joinLine(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, w, err := h.usedCarOf(c)
	if err != nil {
		return err
	}
	email := strings.ToLower(f.Value("email"))
	if !plausibleEmail(email) {
		f.Reject("email", "checkout.error.email")
		return h.usedAgain(c, f, http.StatusUnprocessableEntity)
	}
	if err := h.Kit.MayBegin(c); err != nil {
		return err
	}
	key, err := h.Kit.Once(c, f, "storefront.used_line", func(_ context.Context, tx *db.Tx) (string, error) {
		held, err := h.UsedCar.JoinTx(tx, s.flow(), w.ID, email)
		return string(held.Hold), err
	})
	switch {
	case errors.Is(err, usedcars.ErrMoved): // it is free again: nothing to wait for
		return web.SeeOther(c, usedURL(s, w.Car))
	case errors.Is(err, usedcars.ErrWaits): // whose address it is need not be the reader: the page says the same
		return web.SeeOther(c, usedURL(s, w.Car)+"?done=line")
	case errors.Is(err, usedcars.ErrLineFull):
		f.Reject("email", usedcars.ErrLineFull.Key)
		return h.usedAgain(c, f, http.StatusConflict)
	case err != nil:
		return err
	}
	secret := h.UsedCar.TokenOf(id.Hold(key))
	h.rememberHold(c, s, secret)
	return web.SeeOther(c, s.path()+"/used/hold/"+secret)
}
