package manager

import (
	"net/http"
	"time"

	"forecourt/internal/insight"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

const refundsPath = "/manager/refunds"

// refundsLimit bounds the page; the nearest days are on it.
const refundsLimit = 200

// RefundsPage lists the money that buyers who left are owed, the most urgent first, and what others still owe.
type RefundsPage struct {
	web.Base
	Rows []RefundRow
	Open []OpenRow // cars that were handed over with money open, the nearest day first
}

// OpenRow is one of them.
type OpenRow struct {
	Number, Dealer, Market, Reason, By string
	Late                               Badge // empty until the promised day has passed
	Owed                               money.Money
}

// RefundRow is one order.
type RefundRow struct {
	Number string
	Dealer string
	Market string
	State  Badge
	By     string // the last day, or what it waits for
	Urgent Badge  // empty while there is time
	// Disputed tells that the card bank holds the money while it decides, and takes no refund.
	Disputed bool
	Owed     money.Money
	Left     money.Money
	Added    money.Money // by law: what is posted and, while it is late, what it is by today
}

func (s *Surface) showRefunds(c echo.Context) error {
	r, w, now := s.reader(c), s.kit.World.Now(), s.kit.DB.Clock.Now()
	due, err := insight.Refunds(s.kit.DB.Read(c.Request().Context()), r.places(), refundsLimit)
	if err != nil {
		return err
	}
	p := &RefundsPage{Base: s.base(c, refundsPath, "manager.refunds.title")}
	for _, d := range due {
		if mk, ok := w.Market(d.Market); ok {
			p.Rows = append(p.Rows, p.row(d, mk, w, world.Today(mk, now)))
		}
	}
	open, err := insight.OpenRests(s.kit.DB.Read(c.Request().Context()), r.places(), refundsLimit)
	if err != nil {
		return err
	}
	for _, d := range open {
		if mk, ok := w.Market(d.Market); ok {
			p.Open = append(p.Open, p.open(d, mk, w, world.Today(mk, now)))
		}
	}
	return s.kit.Show(c, http.StatusOK, "manager/refunds", p)
}

func (p *RefundsPage) open(d insight.OpenRest, mk *market.Market, w *world.World, today market.Date) OpenRow {
	due := market.Date(d.DueOn)
	row := OpenRow{Number: d.Number, Dealer: string(d.Dealer), Market: mk.Name, Reason: p.T("defer.reason." + d.Reason), By: p.day(due), Owed: money.Of(d.OwedMinor, d.Currency)}
	if x, ok := w.Dealer(d.Dealer); ok {
		row.Dealer = x.Name
	}
	if today > due {
		row.Late = Badge{Label: p.T("manager.refunds.late", "Days", p.N("manager.age.days", today.Since(due))), Tone: "bad"}
	}
	return row
}

func (p *RefundsPage) row(d insight.RefundDue, mk *market.Market, w *world.World, today market.Date) RefundRow {
	row := RefundRow{Number: d.Number, Dealer: string(d.Dealer), Market: mk.Name, State: orderBadge(p.Base, d.State), Owed: money.Of(d.OwedMinor, d.Currency), Left: money.Of(d.LeftMinor, d.Currency), Disputed: d.Disputed}
	if x, ok := w.Dealer(d.Dealer); ok {
		row.Dealer = x.Name
	}
	added := d.AddedMinor
	switch due := market.Date(d.DueOn); {
	case d.Settled:
		row.By = p.T("manager.refunds.only_added")
	case due == "":
		row.By = p.T("manager.refunds.after_car", "Day", p.day(market.Date(d.BringBy)))
	default:
		row.By = p.day(due)
		if today > due {
			row.Urgent = Badge{Label: p.T("manager.refunds.late", "Days", p.N("manager.age.days", today.Since(due))), Tone: "bad"}
			added += sale.LateOf(&ordering.Leaving{OwedMinor: d.OwedMinor, DueOn: d.DueOn}, &ordering.Order{TotalMinor: d.TotalMinor}, d.LeftMinor, mk, today)
		} else if d.AlarmOn != "" && today >= market.Date(d.AlarmOn) {
			row.Urgent = Badge{Label: p.T("manager.refunds.soon", "Days", p.N("manager.age.days", due.Since(today))), Tone: "warn"}
		}
	}
	row.Added = money.Of(added, d.Currency)
	return row
}

// day writes a day of law; noon is the same day in every zone of a market.
func (p *RefundsPage) day(d market.Date) string {
	return p.Date(d.Time(time.UTC).Add(12 * time.Hour))
}
