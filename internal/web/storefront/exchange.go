package storefront

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// YourCarPage asks what the buyer's own car is.
type YourCarPage struct {
	web.Base
	Form       YourCarForm
	Unit       string // the label of the mileage
	Days       string // how long an offer is kept
	Conditions []Option
	Errors     web.FieldErrors
	PostURL    string
	BackURL    string
}

// YourCarForm is what was typed.
type YourCarForm struct {
	Plate, Km, Condition, Email string
	Accident, Serviced          bool
}

// SwapPage is an offer for the buyer's own car.
type SwapPage struct {
	web.Base
	Car     string
	Facts   []Fact
	Value   money.Money
	Stands  bool
	Until   string
	Left    int // seconds
	Soon    string
	Grounds []string // on which alone the value may be asked for anew
	BackURL string
	NewURL  string
}

// yourCar is where a shop values cars.
func (s *shop) yourCar() string { return s.path() + "/used/your-car" }

func (h *Handlers) showYourCar(c echo.Context) error {
	s, err := h.usedShop(c)
	if err != nil {
		return err
	}
	p, err := h.yourCarPage(c, s, YourCarForm{Condition: "good", Serviced: true})
	if err != nil {
		return err
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/your_car", p)
}

func (h *Handlers) yourCarPage(c echo.Context, s *shop, form YourCarForm) (*YourCarPage, error) {
	u, ok := s.market.UsedAt(s.day)
	if !ok || u.ExchangeDays == 0 {
		return nil, web.ErrNotFound
	}
	p := &YourCarPage{Base: h.base(c, s, "", "used_cars"), Form: form, Days: "", PostURL: s.yourCar(), BackURL: s.path() + "/used"}
	p.Title, p.Days = p.T("used.swap.title"), p.T("used.swap.lede", "Days", u.ExchangeDays)
	p.Unit = p.T("used.stock.field.km")
	if s.market.Miles() {
		p.Unit = p.T("used.stock.field.mi")
	}
	for _, x := range usedcars.Conditions {
		p.Conditions = append(p.Conditions, Option{x, p.T("used.swap.condition." + x), x == form.Condition})
	}
	p.NoIndex = true
	return p, nil
}

// subject reads what was typed of the car, or says what is wrong with each field.
func (t YourCarForm) subject(f *web.Form, s *shop) usedcars.Subject {
	a := usedcars.Subject{Market: s.market.Code, Day: s.day, Condition: t.Condition, Accident: t.Accident, Serviced: t.Serviced}
	fits := false
	if a.Plate, fits = s.market.CleanPlate(t.Plate); !fits || len(a.Plate) < 2 || len(a.Plate) > 16 {
		f.Reject("plate", "used.swap.plate_bad")
	}
	n, err := strconv.Atoi(strings.NewReplacer(".", "", ",", "", " ", "").Replace(t.Km))
	if err != nil || n < 0 || n > 1_000_000 {
		f.Reject("km", "used.stock.number_bad")
	}
	a.Km = s.market.Km(n)
	if !slices.Contains(usedcars.Conditions, t.Condition) {
		f.Reject("condition", "used.stock.choice_bad")
	}
	if !plausibleEmail(strings.ToLower(t.Email)) {
		f.Reject("email", "checkout.error.email")
	}
	return a
}

// valueYourCar asks the provider, keeps its answer and leads to the offer's page.
func (h *Handlers) valueYourCar(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, err := h.usedShop(c)
	if err != nil {
		return err
	}
	form := YourCarForm{Plate: f.Value("plate"), Km: f.Value("km"), Condition: f.Value("condition"), Email: f.Value("email"), Accident: f.Has("accident"), Serviced: f.Has("serviced")}
	asked := form.subject(f, s)
	var v usedcars.Valuation
	return h.Kit.Act(c, f, web.Act{Name: "storefront.value", Fields: map[string]string{usedcars.ErrNoValue.Key: "plate"},
		First: func(ctx context.Context) error {
			err := h.Kit.MayBegin(c)
			if err == nil {
				v, err = h.UsedCar.Value(ctx, asked)
			}
			return err
		},
		Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			x, err := h.UsedCar.OfferTx(ctx, tx, s.flow(), asked, v, strings.ToLower(form.Email))
			return string(x.Key), err
		},
		To: func(key string) string { return s.yourCar() + "/" + h.UsedCar.ExchangeToken(id.Exchange(key)) },
		Again: func(r web.Refusal) error {
			p, err := h.yourCarPage(c, s, form)
			if err != nil {
				return err
			}
			p.Errors = f.Errors()
			return h.Kit.Show(c, r.Status, "storefront/your_car", p)
		}})
}

// swapCookie keeps the secret of the reader's newest offer, so that the price of the next car he holds knows of it.
const swapCookie = "swap"

func (h *Handlers) showSwap(c echo.Context) error {
	private(c)
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	s.about(id.FlowUsed)
	x, err := h.UsedCar.OfferOf(c.Request().Context(), s.flow(), c.Param("token"))
	if err != nil {
		return err
	}
	p := &SwapPage{Base: h.base(c, s, "", "used_cars"), Car: x.Car.Title() + " " + x.Car.Version, Value: s.market.Amount(x.ValueMinor), Stands: x.Stands(s.now), BackURL: s.path() + "/used", NewURL: s.yourCar()}
	p.NoIndex, p.Title = true, p.T("used.swap.offer_title", "Car", x.Car.Title())
	p.Until, p.Left, p.Soon = p.DateTime(x.Until), leftOf(x.Until, s.now), p.T("used.swap.soon")
	p.Facts = []Fact{{p.T("used.fact.plate"), x.Subject.Plate}, {p.T("used.fact.registered"), dayOf(p.Base, x.Car.Registered)}, {p.T("used.fact.fuel"), p.T("used.fuel." + x.Car.Fuel)},
		{p.T("used.fact.km"), p.Distance(int64(x.Subject.Km) * 1000)}, {p.T("used.condition"), p.T("used.swap.condition." + x.Subject.Condition)}}
	for _, g := range ordering.ExchangeGrounds {
		p.Grounds = append(p.Grounds, p.T("exchange.ground."+g, "Distance", p.Distance(int64(x.ToleranceKm)*1000)))
	}
	if p.Stands {
		c.SetCookie(&http.Cookie{Name: swapCookie, Value: c.Param("token"), Path: "/", MaxAge: p.Left, HttpOnly: true, Secure: strings.HasPrefix(h.Kit.BaseURL, "https://"), SameSite: http.SameSiteLaxMode})
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/swap", p)
}

// UsedSwap is the buyer's own car beside the price of one that he holds.
type UsedSwap struct {
	Car    string // empty when none is offered
	Value  money.Money
	Token  string
	Until  string
	Much   bool   // it is worth more than is left to pay, and can not be taken
	NewURL string // where to have a car valued; empty where nobody does
}

// chooseSwap lets what is left to pay fall by the buyer's own car, when his browser has an offer for it that stands.
func (h *Handlers) chooseSwap(c echo.Context, p *HoldPage, s *shop) error {
	if u, ok := s.market.UsedAt(s.day); !ok || u.ExchangeDays == 0 || p.State != usedcars.Holding {
		return nil
	}
	p.Swap.NewURL = s.yourCar()
	k, err := c.Cookie(swapCookie)
	if err != nil {
		return nil
	}
	x, err := h.UsedCar.OfferOf(c.Request().Context(), s.flow(), k.Value)
	if errors.Is(err, usedcars.ErrNoOffer) || err == nil && !x.Stands(s.now) {
		return nil
	}
	if err != nil {
		return err
	}
	p.Swap.Car, p.Swap.Value, p.Swap.Until = x.Car.Title()+" "+x.Subject.Plate, s.market.Amount(x.ValueMinor), p.DateTime(x.Until)
	if p.Swap.Much = x.ValueMinor > p.Balance.Minor; p.Swap.Much {
		return nil
	}
	p.Swap.Token, p.Balance = k.Value, p.Balance.Sub(p.Swap.Value)
	return nil
}

// swapRefused are the reasons for which an order with the buyer's own car is not placed, and its page is shown again.
func swapRefused(err error) (string, bool) {
	switch {
	case errors.Is(err, usedcars.ErrOfferOver), errors.Is(err, usedcars.ErrNoOffer):
		return usedcars.ErrOfferOver.Key, true
	case errors.Is(err, usedcar.ErrSwapMuch):
		return usedcar.ErrSwapMuch.Key, true
	}
	return "", false
}

// Exchanged is the buyer's own car on the page of his order.
type Exchanged struct {
	Car, Plate string
	Value      money.Money
	State      string
	Asked      *AskedValue
}

// AskedValue is another value that waits for the buyer's word.
type AskedValue struct {
	Seq  int
	Text string
	Note string
}

func exchanged(b web.Base, o *openOrder) *Exchanged {
	x := o.exchange
	if x == nil {
		return nil
	}
	out := &Exchanged{Car: x.Car, Plate: x.Plate, Value: o.shop.market.Amount(x.ValueMinor), State: b.T("exchange.state." + string(x.State))}
	if a := x.Asked; a != nil && o.State.WithDealer() {
		out.Asked = &AskedValue{a.Seq, b.T("exchange.asked", "Was", b.Money(o.shop.market.Amount(a.WasMinor)), "Now", b.Money(o.shop.market.Amount(a.NowMinor)), "Ground", b.T("exchange.why."+a.Ground)), a.Note}
	}
	return out
}

// answerExchange is the buyer's word on another value of his car.
func (h *Handlers) answerExchange(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	seq, err := strconv.Atoi(f.Value("seq"))
	word := f.Value("word")
	if err != nil || word != "yes" && word != "no" {
		return web.ErrBadForm
	}
	_, err = h.Kit.Once(c, f, "storefront.exchange", func(ctx context.Context, tx *db.Tx) (string, error) {
		return "done", h.NewCar.AnswerExchangeTx(ctx, tx, o.ID, seq, word == "yes")
	})
	if err != nil && !errors.Is(err, ordering.ErrMoved) { // answered before: the page says how it stands
		return err
	}
	return web.SeeOther(c, o.url())
}
