package manager

import (
	"net/http"
	"net/url"
	"slices"

	"forecourt/internal/id"
	"forecourt/internal/insight"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const ordersLimit = 100

// OrdersPage lists today's and open orders without personal data.
type OrdersPage struct {
	web.Base
	Query   string // an order number as typed
	Markets []Option
	States  []Option
	Rows    []OrderRow
	Older   string // URL of the next page; empty on the last
}

// Option is a choice of a select.
type Option struct {
	Value    string
	Label    string
	Selected bool
}

// OrderRow is one order.
type OrderRow struct {
	Number  string
	Car     string
	Version string
	Dealer  string
	Market  string
	State   Badge
	Age     string
	Overdue bool
	// Disputed tells that a card holder disputes a payment, or his bank asks about one.
	Disputed bool
}

// listStates are those a reader may ask for: the open ones, then the ends.
var listStates = append(slices.Clone(stateOrder), "handed_over", "returned", "cancelled", "lapsed")

func (s *Surface) showOrders(c echo.Context) error {
	r, w, now := s.reader(c), s.kit.World.Now(), s.kit.DB.Clock.Now()
	all := r.markets
	code, state, before := c.QueryParam("market"), c.QueryParam("state"), c.QueryParam("before")
	typed := web.CleanLine(c.QueryParam("q"))
	if code != "" {
		var err error
		if r, err = r.only(id.Market(code)); err != nil {
			return err
		}
	}
	if (state != "" && !slices.Contains(listStates, state)) || (before != "" && !id.IsKey(before)) {
		return web.ErrNotFound
	}
	number, found := ordering.ReadNumber(typed)
	filter := insight.OrderFilter{Places: r.places(), State: state, Before: id.Order(before), Limit: ordersLimit + 1}
	if found {
		filter.Number, filter.Before = number, ""
	} else if typed != "" {
		filter.Places = nil // no order has such a number
	}
	rows, err := insight.Orders(s.kit.DB.Read(c.Request().Context()), filter, now)
	if err != nil {
		return err
	}
	p := &OrdersPage{Base: s.base(c, "/manager/orders", "manager.orders.title"), Query: typed}
	if len(rows) > ordersLimit {
		rows = rows[:ordersLimit]
		q := url.Values{"market": {code}, "state": {state}, "before": {string(rows[ordersLimit-1].ID)}}
		p.Older = "/manager/orders?" + q.Encode()
	}
	for _, o := range rows {
		row := OrderRow{Number: o.Number, Car: o.Model, Version: o.Version, Dealer: string(o.Dealer), Market: marketName(w, o.Market),
			State: orderBadge(p.Base, o.State), Age: age(p.Base, now.Sub(o.CreatedAt)), Overdue: o.Overdue, Disputed: o.Disputed}
		if d, ok := w.Dealer(o.Dealer); ok {
			row.Dealer = d.Name
		}
		p.Rows = append(p.Rows, row)
	}
	p.choices(all, code, state)
	return s.kit.Show(c, http.StatusOK, "manager/orders", p)
}

// choices fills the selects.
func (p *OrdersPage) choices(all []*market.Market, code, state string) {
	for _, m := range all {
		p.Markets = append(p.Markets, Option{Value: string(m.Code), Label: m.Name, Selected: string(m.Code) == code})
	}
	for _, st := range listStates {
		p.States = append(p.States, Option{Value: st, Label: p.T("manager.order." + st), Selected: st == state})
	}
}
