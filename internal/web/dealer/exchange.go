package dealer

import (
	"context"
	"errors"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Exchange is the buyer's own car, which he gives in part exchange, as the dealer's page shows it.
type Exchange struct {
	Car, Plate string
	Value      money.Money
	Offered    string // the mileage of the offer, and how far beyond it the value holds
	State      string
	Open       bool // it is still to be taken
	Note       string
	Grounds    []Choice
	Unit       string
	Typed      ExchangeTyped
}

// ExchangeTyped is what was typed and refused.
type ExchangeTyped struct{ VIN, Odometer, Value, Note string }

// exchange reads the part exchange of an order; nil when there is none or nobody here knows its buyer.
func (h *Handlers) exchange(c echo.Context, s site, p *OrderPage) error {
	if !p.Known() {
		return nil
	}
	x, err := ordering.ExchangeOf(h.kit.DB.Read(c.Request().Context()), p.Order.ID)
	if err != nil || x == nil {
		return err
	}
	out := &Exchange{Car: x.Car, Plate: x.Plate, Value: s.market.Amount(x.ValueMinor), State: p.T("exchange.state." + string(x.State)), Open: x.State == ordering.ExchangeAgreed && p.Working(),
		Offered: p.T("exchange.offered", "Km", p.P.Distance(int64(x.Km)*1000, s.unit()), "More", p.P.Distance(int64(x.ToleranceKm)*1000, s.unit()))}
	out.Unit = p.T("used.stock.field.km")
	if s.market.Miles() {
		out.Unit = p.T("used.stock.field.mi")
	}
	for _, g := range ordering.ExchangeGrounds {
		out.Grounds = append(out.Grounds, Choice{Value: g, Label: p.T("exchange.why." + g)})
	}
	if x.Asked != nil {
		out.Note = x.Asked.Note
	}
	p.Exchange = out
	return nil
}

// exchangeFields say beside which field a refusal is shown.
var exchangeFields = map[string]string{"exchange.km_over": "own_km", "exchange.seen_missing": "own_seen", "exchange.value_bad": "own_value", "exchange.note_bad": "own_note", "exchange.ground_bad": "own_ground", "order.vin_invalid": "own_vin", "dealer.odometer_any": "own_km"}

// errOwnValue refuses what is no amount.
var errOwnValue = ordering.ErrExchangeValue

// takeExchange is the dealer's word about the buyer's own car: it is as offered, or another value is asked for.
func (h *Handlers) takeExchange(c echo.Context) error {
	return h.act(c, deed{name: "exchange", fields: exchangeFields, again: h.exchangeAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		if f.Value("act") == "differ" {
			p := Page{Base: h.kit.BaseFor(c), now: s.now}
			minor, err := int64(0), error(nil)
			if typed := f.Value("own_value"); typed != "0" {
				minor, err = web.ParseAmount(p.P, typed, p.Symbol(s.market.Currency))
			}
			if err != nil {
				return "", errOwnValue
			}
			return orderURL(number, "exchange_asked"), h.cars.DifferTx(ctx, tx, s.staff(), number, f.Value("own_ground"), minor, f.Text("own_note"))
		}
		t := sale.Taken{Seen: f.Has("own_seen")}
		var ok bool
		if t.VIN, ok = id.CleanVIN(f.Value("own_vin")); !ok {
			f.Reject("own_vin", "order.vin_invalid")
		}
		if t.OdometerKm, ok = readKm(f.Value("own_km"), s.unit()); !ok {
			f.Reject("own_km", "dealer.odometer_any")
		}
		if !f.OK() {
			return "", ordering.ErrExchangeSeen
		}
		err := h.cars.TakeExchangeTx(ctx, tx, s.staff(), number, t)
		if errors.Is(err, ordering.ErrNoExchange) {
			err = ordering.ErrMoved
		}
		return orderURL(number, "exchange_taken"), err
	}})
}

func (h *Handlers) exchangeAgain(c echo.Context, s site, f *web.Form, a web.Refusal) error {
	p, err := h.orderPage(c, s)
	if err != nil {
		return err
	}
	p.Errors, p.Problem = f.Errors(), p.Sentence(a.Key)
	if p.Exchange != nil {
		p.Exchange.Typed = ExchangeTyped{f.Value("own_vin"), f.Value("own_km"), f.Value("own_value"), f.Text("own_note")}
		for i := range p.Exchange.Grounds {
			p.Exchange.Grounds[i].On = p.Exchange.Grounds[i].Value == f.Value("own_ground")
		}
	}
	return h.kit.Show(c, a.Status, "dealer/order", p)
}
