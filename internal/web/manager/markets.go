package manager

import (
	"net/http"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/insight"
	"forecourt/internal/market"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// MarketsPage is the console's first page: every shop of the reader with its state and figures.
type MarketsPage struct {
	web.Base
	Now       string
	Zones     string
	Alerts    []Alert
	Orders    int
	Takings   []string // one per currency
	Waiting   int
	Oldest    string // age of the oldest offer; empty when none waits
	Overdue   int
	Cards     []Card
	Last      []AuditLine
	MaySwitch bool
}

// Alert is a shop that takes no orders.
type Alert struct {
	Shop   string
	Market string
	Text   string
	URL    string // of its switch; empty for those who may not move it
}

// Card is one shop.
type Card struct {
	Market    string
	Shop      string
	State     Badge
	Since     string
	Reason    string
	Spark     Spark
	HasSpark  bool
	SparkText string // what the drawing shows, in words
	Orders    int
	Takings   string
	Waiting   int
	Oldest    string
	Overdue   int
	Zone      string
	Action    string // label of the link to the switch; empty for those who may not move it
	SwitchURL string
	OrdersURL string
	Days      []DayLine
	Open      []StateLine
}

// DayLine is a row of the card's table, the newest day first.
type DayLine struct {
	Day    string
	Orders int
	Card   string
	Desk   string
}

// StateLine counts the open orders in a state.
type StateLine struct {
	State string
	Count int
}

// next is the position that a manager most likely wants: the link on the card leads to it.
var next = map[market.State]market.State{market.Live: market.Paused, market.Paused: market.Live, market.Preview: market.Live, market.Off: market.Preview}

func (s *Surface) showMarkets(c echo.Context) error {
	ctx, r, w := c.Request().Context(), s.reader(c), s.kit.World.Now()
	now := s.kit.DB.Clock.Now()
	switches := w.Switches(r.Sees)
	shops, movers := make([]insight.Shop, len(switches)), make([]string, len(switches))
	for i, sw := range switches {
		shops[i], movers[i] = insight.Shop{Brand: sw.Brand, Market: sw.Market, Flow: sw.Flow}, sw.ChangedBy
	}
	figures, err := insight.Console(s.kit.DB.Read(ctx), r.places(), shops, now)
	if err != nil {
		return err
	}
	names, err := insight.Names(s.kit.DB.Read(ctx), movers)
	if err != nil {
		return err
	}
	last, err := insight.Acts(s.kit.DB.Read(ctx), r.codes(), true, 5)
	if err != nil {
		return err
	}
	p := &MarketsPage{Base: s.base(c, "/manager", "manager.markets.title"), MaySwitch: r.May("manager.switch")}
	p.Now, p.Zones = p.DateTime(now), p.P.List(zones(p.Base, r))
	if len(r.markets) == 1 {
		p.Now = p.P.DateTime(now.In(r.markets[0].Zone()))
	}
	p.Flash = moved(p.Base, w, r, c.QueryParam("moved"))
	sum := map[money.Currency]int64{}
	for i, sw := range switches {
		f := figures[shops[i]]
		p.add(w, sw, f, names[sw.ChangedBy], now)
		sum[currency(w, sw.Market)] += f.Today().CardMinor
	}
	p.total(r, sum, figures, now)
	p.Last = auditLines(p.Base, w, last)
	return s.kit.Show(c, http.StatusOK, "manager/markets", p)
}

func zones(b web.Base, r reader) []string {
	var out []string
	for _, m := range r.markets {
		out = append(out, m.TimeZone)
	}
	return out
}

func currency(w *world.World, m id.Market) money.Currency {
	if x, ok := w.Market(m); ok {
		return x.Currency
	}
	return ""
}

// add appends the card of a shop and, when it is paused, the alert.
func (p *MarketsPage) add(w *world.World, sw market.Switch, f *insight.Figures, who string, now time.Time) {
	m, _ := w.Market(sw.Market)
	path := string(sw.Brand) + "/" + string(sw.Market) + "/" + string(sw.Flow)
	card := Card{Market: m.Name, Shop: shopName(p.Base, w, sw.Brand, sw.Flow), State: switchBadge(p.Base, sw.State), Zone: m.TimeZone,
		Since: since(p.Base, w, sw, who), Reason: reason(sw), Orders: f.Today().Orders, Takings: p.MoneyShort(m.Amount(f.Today().CardMinor)),
		Waiting: f.Waiting, Overdue: f.Overdue, OrdersURL: "/manager/orders?market=" + string(sw.Market)}
	card.Spark, card.HasSpark = spark(f.Days)
	card.SparkText = p.T("manager.spark", "Total", f.Orders(), "Today", f.Today().Orders)
	if !f.Oldest.IsZero() {
		card.Oldest = age(p.Base, now.Sub(f.Oldest))
	}
	if p.MaySwitch {
		to := next[sw.State]
		card.Action, card.SwitchURL = p.T("manager.to."+string(to)), "/manager/switch/"+path+"?to="+string(to)
	}
	for i := len(f.Days) - 1; i >= 0; i-- {
		d := f.Days[i]
		card.Days = append(card.Days, DayLine{Day: p.P.DateShort(d.Date), Orders: d.Orders, Card: p.Money(m.Amount(d.CardMinor)), Desk: p.Money(m.Amount(d.DeskMinor))})
	}
	for _, o := range ordered(f.Open) {
		card.Open = append(card.Open, StateLine{State: p.T("manager.order." + o.State), Count: o.Count})
	}
	p.Cards = append(p.Cards, card)
	if sw.State == market.Paused {
		p.Alerts = append(p.Alerts, Alert{Shop: card.Shop, Market: card.Market, URL: card.SwitchURL,
			Text: p.T("manager.alert.text", "Since", card.Since) + " " + p.N("manager.alert.orders", f.Booked)})
	}
}

// total sums the shops for the strip on top.
func (p *MarketsPage) total(r reader, sum map[money.Currency]int64, figures map[insight.Shop]*insight.Figures, now time.Time) {
	var oldest time.Time
	for _, f := range figures {
		p.Orders += f.Today().Orders
		p.Waiting += f.Waiting
		p.Overdue += f.Overdue
		if !f.Oldest.IsZero() && (oldest.IsZero() || f.Oldest.Before(oldest)) {
			oldest = f.Oldest
		}
	}
	if !oldest.IsZero() {
		p.Oldest = age(p.Base, now.Sub(oldest))
	}
	seen := map[money.Currency]bool{}
	for _, m := range r.markets {
		if !seen[m.Currency] {
			seen[m.Currency] = true
			p.Takings = append(p.Takings, p.MoneyShort(m.Amount(sum[m.Currency])))
		}
	}
}

// stateOrder is the way of an order.
var stateOrder = []string{"checkout", "offered", "choosing", "accepted", "ordered", "built", "in_transit", "arrived", "prepared", "ready", "returning"}

func ordered(in []insight.StateCount) []insight.StateCount {
	var out []insight.StateCount
	for _, st := range stateOrder {
		for _, x := range in {
			if x.State == st {
				out = append(out, x)
			}
		}
	}
	return out
}

// since tells from when a switch stands as it does and by whom; the import is nobody's act.
func since(b web.Base, w *world.World, sw market.Switch, who string) string {
	at := instant(b, w, sw.Market, sw.ChangedAt)
	if who == "" {
		return b.T("manager.since", "When", at)
	}
	return b.T("manager.since_by", "When", at, "Who", who)
}

// reason is the manager's own words; what the import wrote is none.
func reason(sw market.Switch) string {
	if sw.ChangedBy == "" {
		return ""
	}
	return sw.Reason
}

// moved is the sentence after a switch was moved. The address names the shop only; what is said of it
// is its state now, so that a forged link can tell nothing untrue.
func moved(b web.Base, w *world.World, r reader, shop string) string {
	parts := strings.Split(shop, ".")
	if len(parts) != 3 || !r.Sees(id.Market(parts[1])) {
		return ""
	}
	sw := w.Switch(id.Brand(parts[0]), id.Market(parts[1]), id.Flow(parts[2]))
	if sw.Version == 0 {
		return ""
	}
	return b.T("manager.moved", "Shop", shopName(b, w, sw.Brand, sw.Flow), "Market", marketName(w, sw.Market), "State", b.T("manager.state."+string(sw.State)))
}
