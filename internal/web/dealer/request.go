package dealer

import (
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"net/url"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// requestsPath is above the orders that a site is asked to take over.
const requestsPath = "/dealer/requests/"

// RequestPage asks a dealer whether it takes an order over from another. It tells nothing of who buys.
type RequestPage struct {
	Page
	Order       *allocation.AskedView
	Number      string
	Heading     string
	From        string
	Text        string // who proposes it
	Drawing     template.HTML
	Snapshot    ordering.Snapshot
	Clock       Clock
	Area, Away  string
	State       string
	Stock       string
	Lines       []PriceGroup
	Total, Paid money.Money
	Reasons     []string
	Reason      string
}

// QuestionLink is a line above the queue: something that waits for an answer and is no offer.
type QuestionLink struct {
	URL, Text, Car, Number, By string
}

// CarAsked is the question for another car, as the order's page shows it.
type CarAsked struct {
	Due      string
	Over     bool
	Rows     []CarRow
	Old, New money.Money
	Reasons  []string
	Reason   string
}

// CarRow is one line of the price that differs.
type CarRow struct{ Part, Before, After string }

// questions words what waits for an answer.
func (s site) questions(p Page, qs []allocation.Question) []QuestionLink {
	var out []QuestionLink
	for _, q := range qs {
		l := QuestionLink{URL: "/dealer/requests/" + url.PathEscape(q.Number), Text: p.T("dealer.asked." + q.Kind), Car: q.Model + " " + q.Version,
			Number: q.Number, By: p.T("dealer.asked.by", "When", p.When(q.DueAt))}
		if q.Kind == string(ordering.AskCar) {
			l.URL = "/dealer/orders/" + url.PathEscape(q.Number) + "#car-asked"
		}
		out = append(out, l)
	}
	return out
}

func (h *Handlers) showRequest(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	p, err := h.requestPage(c, s)
	if errors.Is(err, allocation.ErrGone) {
		if _, has := allocation.OrderAt(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, c.Param("number")); has == nil {
			return web.SeeOther(c, "/dealer/orders/"+c.Param("number")) // it was taken over, in another tab perhaps
		}
	}
	if err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/request", p)
}

func (h *Handlers) requestPage(c echo.Context, s site) (*RequestPage, error) {
	number, ok := ordering.ReadNumber(c.Param("number"))
	if !ok {
		return nil, web.ErrNotFound
	}
	v, err := allocation.AskedAt(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, number)
	if err != nil {
		return nil, err
	}
	p := &RequestPage{Page: h.page(c, s, number, "queue")}
	return p, p.fill(s, v)
}

func (p *RequestPage) fill(s site, v *allocation.AskedView) error {
	if err := json.Unmarshal(v.Snapshot, &p.Snapshot); err != nil {
		return err
	}
	brand, _ := s.world.Brand(v.Brand)
	p.Order, p.Number, p.Heading = v, v.Number, brand.Name+" "+p.Snapshot.ModelName+" "+p.Snapshot.Version
	p.From = string(v.From)
	if d, ok := s.world.Dealer(v.From); ok {
		p.From = d.Name
	}
	p.Text = p.T("dealer.request.text", "From", p.From)
	if v.Cause != "" {
		p.Text = p.T("dealer.request.ordered", "From", p.From)
	}
	p.Drawing, p.Clock = draw(p.Page, v.Row, "car"), s.clock(p.Page, v.OfferedAt, v.DueAt, v.HaltedUntil)
	p.Area, p.Away, p.State = s.area(p.Page, v.Area), s.away(p.Page, v.Area), p.T("dstate."+v.OrderState)
	if v.StockCar != "" {
		p.Stock = s.existing(p.Page, v.Row)
	}
	p.Lines, p.Total, p.Paid, p.Reasons = groups(p.Page, p.Snapshot.Lines), s.market.Amount(v.TotalMinor), s.market.Amount(v.PaidHere), allocation.DeclineReasons
	return nil
}

// requestAgain shows the question with why it could not be answered so, or what became of it.
func (h *Handlers) requestAgain(c echo.Context, s site, f *web.Form, a web.Refusal) error {
	p, err := h.requestPage(c, s)
	if err != nil {
		return err
	}
	p.Errors, p.Problem, p.Reason = f.Errors(), p.Sentence(a.Key), f.Value("reason")
	return h.kit.Show(c, a.Status, "dealer/request", p)
}

func (h *Handlers) takeOver(c echo.Context) error {
	return h.act(c, deed{name: "take_over", again: h.requestAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, _ *web.Form) (string, error) {
		return orderURL(number, "taken_over"), h.cars.TakeOverTx(ctx, tx, s.staff(), number)
	}})
}

func (h *Handlers) leaveOver(c echo.Context) error {
	return h.act(c, deed{name: "leave_over", again: h.requestAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		return s.in("/dealer?done=not_taken"), h.cars.LeaveOverTx(ctx, tx, s.staff(), number, f.Value("reason"))
	}})
}

func (h *Handlers) allowCar(c echo.Context) error {
	return h.act(c, deed{name: "allow_car", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, _ *web.Form) (string, error) {
		return orderURL(number, "car_changed"), h.cars.AllowCarTx(ctx, tx, s.staff(), number)
	}})
}

func (h *Handlers) refuseCar(c echo.Context) error {
	return h.act(c, deed{name: "refuse_car", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		return orderURL(number, "car_kept"), h.cars.RefuseCarTx(ctx, tx, s.staff(), number, f.Value("reason"))
	}})
}

// carAsked is the question for another car about an order that waits for the factory; nil when there is none.
func (h *Handlers) carAsked(c echo.Context, s site, p *OrderPage) (*CarAsked, error) {
	if !p.Working() || p.Order.OrderState != string(ordering.Accepted) {
		return nil, nil
	}
	r, err := ordering.Asked(h.kit.DB.Read(c.Request().Context()), p.Order.ID)
	if err != nil || r == nil || r.Kind != ordering.AskCar {
		return nil, err
	}
	return p.asked(s, r), nil
}

func (p *OrderPage) asked(s site, r *ordering.Request) *CarAsked {
	out := &CarAsked{Due: p.When(r.DueAt), Over: !s.now.Before(r.DueAt), Old: p.MoneyView.Total, New: r.Total(p.MoneyView.Total.Currency), Reasons: ordering.RequestReasons}
	said := func(l ordering.Line) string {
		if l.Included || l.Amount.IsZero() {
			return p.T("dealer.included")
		}
		return p.Money(l.Amount)
	}
	before, after, labels := map[string]string{}, map[string]string{}, []string{}
	for _, l := range p.Snapshot.Lines {
		before[l.Label] = said(l)
		labels = append(labels, l.Label)
	}
	for _, l := range r.Car.Snapshot.Lines {
		after[l.Label] = said(l)
		if _, known := before[l.Label]; !known {
			labels = append(labels, l.Label)
		}
	}
	dash := func(s string) string {
		if s == "" {
			return "–"
		}
		return s
	}
	for _, l := range labels {
		if before[l] != after[l] {
			out.Rows = append(out.Rows, CarRow{l, dash(before[l]), dash(after[l])})
		}
	}
	return out
}
