package manager

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/insight"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

const ordersLimit = 100

// OrdersPage lists today's and open orders without personal data.
type OrdersPage struct {
	web.Base
	Query   string // as typed
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
		filter.Words, filter.Names, filter.Sites = typed, r.May(identity.ManagerPapers), r.sitesNamed(w, typed)
	}
	g := s.kit.DB.Read(c.Request().Context())
	rows, err := insight.Orders(g, filter, now)
	if err == nil && found && len(rows) == 0 { // the end of a VIN may look like a number
		filter.Number, filter.Words, filter.Names = "", typed, r.May(identity.ManagerPapers)
		rows, err = insight.Orders(g, filter, now)
	}
	if err != nil {
		return err
	}
	p := &OrdersPage{Base: s.base(c, "/manager/orders", "manager.orders.title"), Query: typed}
	rows, p.Older = web.Leaf(rows, ordersLimit, func(last insight.OrderLine) string {
		return "/manager/orders?" + url.Values{"q": {typed}, "market": {code}, "state": {state}, "before": {string(last.ID)}}.Encode()
	})
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

// sitesNamed are the dealers of the reader's markets with the words in their name or code; words of two letters or less name none.
func (r reader) sitesNamed(w *world.World, words string) []id.Dealer {
	var out []id.Dealer
	if words = strings.ToLower(words); utf8.RuneCountInString(words) < 3 {
		return nil
	}
	for _, m := range r.markets {
		for _, d := range w.DealersOf(m.Code) {
			if strings.Contains(strings.ToLower(d.Name), words) || strings.ToLower(string(d.Code)) == words {
				out = append(out, d.Code)
			}
		}
	}
	return out
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
