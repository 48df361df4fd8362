package dealer

import (
	"context"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/stock"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

const stockPath = "/dealer/stock"

// stockLimit bounds each list of the page.
const stockLimit = 200

// StockPage is what is reserved for a site and not sold, what is nobody's, and what became of cars.
type StockPage struct {
	Page
	Rule   string // what the market's rule says; empty when there is none
	Own    []StockRow
	Pool   []StockRow
	Moves  []StockMove
	MayAsk bool

	UsedURL string // of the site's used cars; empty where none are sold
}

// StockRow is one car.
type StockRow struct {
	Number, Model, Stage string
	Car                  string // version and engine, colour, price; empty when the car can not be read any more
	Day                  string // reserved until, or in the pool since
	Soon                 bool
	Wishes               int
	Mine                 bool
}

// StockMove is the receipt of what became of a car.
type StockMove struct{ Number, When, What, Why string }

func (h *Handlers) stockPage(c echo.Context, s site) (*StockPage, error) {
	p := &StockPage{Page: h.page(c, s, "", "stock")}
	p.Title, p.MayAsk = p.T("manager.stock.title"), p.May("dealer.queue")
	if s.sellsUsed() {
		p.UsedURL = usedPath
	}
	g := h.kit.DB.Read(c.Request().Context())
	own, err := stock.KeptBy(g, s.dealer.Code, stockLimit)
	if err != nil {
		return nil, err
	}
	rule, ruled := s.market.UnusedAt(world.Today(s.market, s.now))
	if ruled {
		p.Rule = p.T("pool.lede", "Car", rule.CarDays, "Slot", rule.SlotDays, "Warn", rule.WarnDays)
	}
	for _, car := range own {
		r := s.stockRow(p.Page, car)
		if ruled {
			r.Day, r.Soon = dayOf(p.Page, car.KeptUntil(rule, s.market)), !car.WarnedAt.IsZero()
		}
		p.Own = append(p.Own, r)
	}
	pool, err := stock.PoolOf(g, s.market.Code, s.dealer.Code, stockLimit)
	if err != nil {
		return nil, err
	}
	for _, x := range pool {
		if !newcar.SoldBy(s.dealer, x.Brand) {
			continue
		}
		r := s.stockRow(p.Page, x.Car)
		r.Day, r.Wishes, r.Mine = p.Date(x.PooledAt), x.Wishes, x.Mine
		p.Pool = append(p.Pool, r)
	}
	moves, err := stock.MovesOf(g, []id.Market{s.market.Code}, s.dealer.Code, 50)
	for _, m := range moves {
		p.Moves = append(p.Moves, StockMove{string(m.Car), p.DateTime(m.At), p.T("pool.what." + m.What),
			p.T("pool.why", "Since", dayOf(p.Page, m.Why.KeptSince), "Days", m.Why.Days, "Waiting", m.Why.Waiting, "Wishes", m.Why.Wishes)})
	}
	return p, err
}

// dayOf writes a day of the market; noon is the same day in every zone of it.
func dayOf(p Page, d market.Date) string { return p.Date(d.Time(time.UTC).Add(12 * time.Hour)) }

func (s site) stockRow(p Page, c *stock.Car) StockRow {
	r := StockRow{Number: string(c.ID), Model: string(c.Model)}
	if m, ok := s.world.Range(c.Brand, c.Model); ok {
		r.Model = m.Name
	}
	r.Car = s.stockCar(p, c)
	at := string(c.Dealer)
	if d, ok := s.world.FileOf(c.Dealer); ok {
		at = d.Name
	}
	r.Stage = p.T("pool.stage."+string(c.Stage), "Site", at)
	return r
}

// stockCar says which car it is: its version, engine and colour, and what it costs today. One that is built already may have
// what is held by now.
func (s site) stockCar(p Page, c *stock.Car) string {
	m, err := s.world.Unheld(c.Brand, s.market.Code, c.Model, world.Today(s.market, s.now))
	rng, ok := s.world.Range(c.Brand, c.Model)
	if err != nil || !ok {
		return ""
	}
	picks, err := configurator.Decode(c.Selection)
	if err != nil {
		return ""
	}
	whole, err := m.Complete(picks)
	if err != nil {
		return ""
	}
	names := map[catalogue.Group]string{}
	for _, code := range whole.Selection {
		if f, ok := rng.Feature(code); ok {
			names[f.Group] = f.Name.In(p.P.Lang(), s.market.Language())
		}
	}
	return join(strings.TrimSpace(names[catalogue.Version]+" "+names[catalogue.Engine]), names[catalogue.Colour], p.Money(whole.Quote.Total))
}

func (h *Handlers) showStock(c echo.Context) error {
	return web.View(h.kit, c, h.siteOf, "dealer/stock", h.stockPage)
}

func (h *Handlers) askForCar(c echo.Context) error {
	return h.actOnStock(c, "pool_asked", func(ctx context.Context, tx *db.Tx, s site, car id.StockCar) error {
		return h.cars.AskCarTx(ctx, tx, s.staff(), car)
	})
}

func (h *Handlers) leaveCar(c echo.Context) error {
	return h.actOnStock(c, "pool_left", func(ctx context.Context, tx *db.Tx, s site, car id.StockCar) error {
		return h.cars.LeaveCarOfPoolTx(ctx, tx, s.staff(), car)
	})
}

// actOnStock carries one act upon a car of the pool out, or shows the page with what became of the car meanwhile.
func (h *Handlers) actOnStock(c echo.Context, done string, act func(ctx context.Context, tx *db.Tx, s site, car id.StockCar) error) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, _ *web.Form) (web.Act, error) {
		car := c.Param("car")
		return web.Act{Name: "dealer." + done + " " + strconv.Quote(car) + " " + string(s.dealer.Code), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return stockPath + "?done=" + done, act(ctx, tx, s, id.StockCar(car))
		}, Again: func(r web.Refusal) error {
			p, err := h.stockPage(c, s)
			if err != nil {
				return err
			}
			p.Problem = p.Sentence(r.Key)
			return h.kit.Show(c, r.Status, "dealer/stock", p)
		}}, nil
	})
}
