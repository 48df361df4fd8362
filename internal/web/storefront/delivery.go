package storefront

import (
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/stock"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// arrival says when the car is expected, from the offer until it stands at the dealer. The weeks count
// as in the letters: from the order to the factory, before that from the dealer's yes, else from the offer.
func arrival(b web.Base, o *openOrder) string {
	s := o.Snapshot
	if s.Stock != nil {
		return existing(b, o)
	}
	if s.WeeksFrom <= 0 || s.WeeksTo < s.WeeksFrom {
		return ""
	}
	switch o.State {
	case ordering.Offered, ordering.Accepted, ordering.Ordered, ordering.Built, ordering.InTransit:
	default:
		return ""
	}
	from := o.since()
	early, late := from.AddDate(0, 0, 7*s.WeeksFrom), from.AddDate(0, 0, 7*s.WeeksTo)
	if o.shop.now.After(late) {
		return b.T("order.arrival_late", "Late", b.Date(late), "Dealer", o.dealerName())
	}
	return b.T("order.arrival", "Early", b.Date(early), "Late", b.Date(late))
}

// existing says which car it is, and from when it can be handed over at the dealer who has the order.
func existing(b web.Base, o *openOrder) string {
	switch o.State {
	case ordering.Checkout, ordering.Offered, ordering.Accepted, ordering.Ordered, ordering.Built, ordering.InTransit, ordering.Arrived, ordering.Prepared:
		c := o.Snapshot.Stock
		day := c.ReadyAt(o.Dealer)
		if o.shop.now.After(day.AddDate(0, 0, 1)) {
			return b.T("order.stock.late", "Number", string(c.Number), "Dealer", o.dealerName(), "Day", b.Date(day))
		}
		return b.T("order.stock."+existsKey(stock.Stage(c.Stage)), "Number", string(c.Number), "Dealer", o.dealerName(), "Day", b.Date(day))
	}
	return ""
}

// since is the instant from which the weeks of the delivery count.
func (o *openOrder) since() time.Time {
	at := o.CreatedAt
	for _, step := range o.history {
		switch step.To {
		case ordering.Offered, ordering.Accepted, ordering.Ordered:
			at = step.At
		}
	}
	return at
}

func (o *openOrder) dealerName() string {
	if o.dealer == nil {
		return ""
	}
	return o.dealer.Name
}

// promise says what was promised once a dealer has the order: between which days the car is ready and how surely,
// and how often there is news.
func (h *Handlers) promise(c echo.Context, p *OrderPage, o *openOrder) error {
	e := o.live()
	if e == nil || e.StageAt.IsZero() || e.NewsDueAt.IsZero() {
		return nil
	}
	noon := func(d market.Date) time.Time { return d.Time(time.UTC).Add(12 * time.Hour) }
	if late := noon(e.ReadyTo); o.shop.now.After(late) {
		p.Arrival = p.T("order.arrival_late", "Late", p.Date(late), "Dealer", o.dealerName())
	} else {
		p.Arrival = p.T("order.promise.range", "Early", p.Date(noon(e.ReadyFrom)), "Late", p.Date(late), "Odds", e.OddsPct)
		came, ok, err := h.score.held(c.Request().Context(), h.NewCar.DB, o.shop.market, e.OddsPct, o.shop.now)
		if err != nil {
			return err
		}
		if ok {
			share, _ := came.HeldPct()
			p.Scored = p.T("order.promise.scored", "Odds", p.P.Percent(int64(e.OddsPct)*100), "Held", p.P.Percent(int64(share)*100), "All", came.Forecasts)
		}
	}
	key := "order.promise.news"
	if e.NewsStep > allocation.NobodyTold {
		key = "order.promise.broken"
	}
	p.News = p.T(key, "Days", o.shop.market.Promised().NewsDays, "Last", p.Date(e.NewsAt), "Dealer", o.dealerName())
	return nil
}

// Rest says how to pay what is left, and by when.
type Rest struct{ To, When string }

// rest is told from the dealer's yes on: before, nobody is owed anything.
func rest(b web.Base, o *openOrder) *Rest {
	if !o.State.TakesMoney() || o.owed().Minor <= 0 || o.dealer == nil {
		return nil
	}
	key := "order.rest.to"
	if o.Place() != o.Dealer && o.State != ordering.HandedOver { // who hands it over is not who sells it
		key = "order.rest.to_moved"
	}
	r := &Rest{To: b.T(key, "Dealer", o.dealer.LegalName, "Number", o.Number), When: b.T("order.rest.when")}
	switch day := until(b, o); {
	case day == "" && o.State == ordering.HandedOver:
		r.When = ""
	case day == "":
	case string(o.shop.day) > o.deferral.DueOn:
		r.When = b.T("order.rest.late", "Day", day, "Dealer", o.dealerName())
	default:
		r.When = b.T("order.rest.until", "Day", day)
	}
	return r
}

// until is the day until which the dealer lets the rest stay open; empty when nothing is open or no dealer said so. Before
// the handover a word whose day has passed is none any more.
func until(b web.Base, o *openOrder) string {
	d := o.deferral
	if d == nil || o.owed().Minor <= 0 || o.State != ordering.HandedOver && !d.Covers(o.owed().Minor, string(o.shop.day)) {
		return ""
	}
	return day(b, market.Date(d.DueOn))
}

// full tells whether the car is paid.
func (o *openOrder) full() bool {
	return o.State.TakesMoney() && o.Total().Sub(o.paid).Minor <= 0
}
