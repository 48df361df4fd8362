package manager

import (
	"net/http"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/stock"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

const stockPath = "/manager/stock"

// stockLimit bounds each list of the page.
const stockLimit = 200

// StockPage shows the cars that no dealer has sold in time, market by market, and what became of others.
type StockPage struct {
	web.Base
	Markets []StockMarket
}

// StockMarket is one of the reader's markets.
type StockMarket struct {
	Name  string
	Rule  string
	Pool  []StockRow
	Moves []StockMove
}

// StockRow is a car of the pool.
type StockRow struct {
	Number, Model, Stage, Since string
	Wishes                      int
}

// StockMove is the receipt of what became of a car.
type StockMove struct{ Number, When, What, Who, Why string }

func (s *Surface) showStock(c echo.Context) error {
	r, w, now := s.reader(c), s.kit.World.Now(), s.kit.DB.Clock.Now()
	g := s.kit.DB.Read(c.Request().Context())
	p := &StockPage{Base: s.base(c, stockPath, "manager.stock.title")}
	moves, err := stock.MovesOf(g, r.codes(), "", stockLimit)
	if err != nil {
		return err
	}
	for _, m := range r.markets {
		x := StockMarket{Name: m.Name, Rule: p.T("pool.no_rule")}
		if u, ok := m.UnusedAt(world.Today(m, now)); ok {
			x.Rule = p.T("manager.stock.lede", "Car", u.CarDays, "Slot", u.SlotDays, "Warn", u.WarnDays, "Rule", u.Version)
		}
		pool, err := stock.PoolOf(g, m.Code, "", stockLimit)
		if err != nil {
			return err
		}
		for _, car := range pool {
			x.Pool = append(x.Pool, StockRow{string(car.ID), modelOf(w, car.Car), p.T("pool.stage."+string(car.Stage), "Site", siteName(w, car.Dealer)), p.Date(car.PooledAt), car.Wishes})
		}
		for _, v := range moves {
			if v.Market == m.Code {
				x.Moves = append(x.Moves, p.move(v, w))
			}
		}
		p.Markets = append(p.Markets, x)
	}
	return s.kit.Show(c, http.StatusOK, "manager/stock", p)
}

func (p *StockPage) move(v stock.Move, w *world.World) StockMove {
	who := siteName(w, v.From)
	if v.To != v.From {
		who = p.T("manager.stock.from_to", "From", who, "To", siteName(w, v.To))
	}
	return StockMove{string(v.Car), p.DateTime(v.At), p.T("pool.what." + v.What), who,
		p.T("pool.why", "Since", p.day(v.Why.KeptSince), "Days", v.Why.Days, "Waiting", v.Why.Waiting, "Wishes", v.Why.Wishes)}
}

// day writes a day of a market; noon is the same day in every zone of it.
func (p *StockPage) day(d market.Date) string { return p.Date(d.Time(time.UTC).Add(12 * time.Hour)) }

func modelOf(w *world.World, c *stock.Car) string {
	if r, ok := w.Range(c.Brand, c.Model); ok {
		return r.Name
	}
	return string(c.Model)
}

func siteName(w *world.World, d id.Dealer) string {
	if x, ok := w.FileOf(d); ok {
		return x.Name
	}
	return string(d)
}
