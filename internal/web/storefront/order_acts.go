package storefront

import (
	"cmp"
	"context"
	"net/http"
	"sort"
	"strconv"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// toCardPage leads an unpaid order to its card page, the same one in every tab.
func (h *Handlers) toCardPage(c echo.Context) error {
	if _, err := web.ReadForm(c); err != nil {
		return err
	}
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	if o.State == ordering.Checkout && !o.shop.now.Before(o.DueAt) {
		h.settle(c, o.ID)
		return web.SeeOther(c, o.url())
	}
	if o.State != ordering.Checkout {
		return web.SeeOther(c, o.url())
	}
	return h.toCard(c, o.Order, o.url())
}

// toCard leads an order to its card page, or to its own page when nothing is to pay there or the bank is silent.
func (h *Handlers) toCard(c echo.Context, o *ordering.Order, own string) error {
	page, err := h.cardPage(c, o)
	if err != nil {
		h.Kit.Log.WarnContext(c.Request().Context(), "no card page", "order", o.ID, "error", err.Error())
		return web.SeeOther(c, own+"?back=silent")
	}
	return web.SeeOther(c, cmp.Or(page, own))
}

// begunAt is the page of an order that a shop's page became, by its first link.
func (h *Handlers) begunAt(c echo.Context, s *shop, key id.Order) (string, error) {
	link, err := ordering.FirstLink(h.NewCar.DB.Read(c.Request().Context()), key)
	if err != nil {
		return "", err
	}
	return s.path() + "/orders/" + h.NewCar.Tokens.Link(link), nil
}

// toBegun leads to the card page of such an order while it waits for its first payment, else to its own.
func (h *Handlers) toBegun(c echo.Context, s *shop, key id.Order) error {
	own, err := h.begunAt(c, s, key)
	if err != nil {
		return err
	}
	o, err := ordering.Get(h.NewCar.DB.Read(c.Request().Context()), key)
	if err != nil || o.State != ordering.Checkout {
		return seeOrFail(c, own, err)
	}
	return h.toCard(c, o, own)
}

// deed is one thing that a buyer does to his order.
type deed struct {
	name   string
	done   string // of the sentence on the order's page afterwards
	fields map[string]string
	field  string
	over   []*fault.Fault // somebody was quicker, and the order's page tells it
	first  func(ctx context.Context) error
	do     func(ctx context.Context, tx *db.Tx) error
	keep   func(p *OrderPage) // puts back what was typed
}

// act carries out a form of the order's page. Refused, it shows the page as the order is now, with what was wrong.
func (h *Handlers) act(c echo.Context, plan func(o *openOrder, f *web.Form) (deed, error)) error {
	return web.Post(h.Kit, c, h.orderOf, func(o *openOrder, f *web.Form) (web.Act, error) {
		d, err := plan(o, f)
		a := o.did(web.Act{Name: "storefront." + d.name, Fields: d.fields, Field: d.field, First: d.first, Again: func(r web.Refusal) error { return h.orderAgain(c, f, r, d.keep) }}, "?done="+d.done, d.do)
		for _, x := range d.over {
			a.Over[x] = o.url()
		}
		return a, err
	})
}

// did makes an act upon an order lead back to its page. Its address is a secret and is not kept.
func (o *openOrder) did(a web.Act, tail string, do func(ctx context.Context, tx *db.Tx) error) web.Act {
	a.Over = map[*fault.Fault]string{}
	a.Do = func(ctx context.Context, tx *db.Tx) (string, error) { return "done", do(ctx, tx) }
	a.To = func(string) string { return o.url() + tail }
	return a
}

// orderAgain shows the order's page, as the order is now, with why a form of it was refused.
func (h *Handlers) orderAgain(c echo.Context, f *web.Form, r web.Refusal, keep func(p *OrderPage)) error {
	o, err := h.wholeOrder(c)
	if err != nil {
		return err
	}
	p, err := h.orderPage(c, o)
	if err != nil {
		return err
	}
	p.Errors = f.Errors()
	if r.Key != "" {
		p.Notice, p.NoticeBad = p.Sentence(r.Key), true
	}
	if keep != nil {
		keep(p)
	}
	return h.Kit.Show(c, r.Status, "storefront/order", p)
}

// prolong gives more time to pay. An order that was paid or lapsed meanwhile says so on its page.
func (h *Handlers) prolong(c echo.Context) error {
	return h.act(c, func(o *openOrder, _ *web.Form) (deed, error) {
		return deed{name: "longer", done: "longer", over: []*fault.Fault{ordering.ErrMoved, sale.ErrProlonged}, do: func(ctx context.Context, tx *db.Tx) error {
			return h.NewCar.ProlongTx(ctx, tx, o.ID)
		}}, nil
	})
}

// settle asks the bank how a payment stands. It only brings our books in line with the bank's, as an
// event or the sweep would, so a GET may do it. When the bank is silent the page says so.
func (h *Handlers) settle(c echo.Context, o id.Order) {
	if err := h.NewCar.SettleReturn(c.Request().Context(), o); err != nil {
		h.Kit.Log.WarnContext(c.Request().Context(), "the bank could not be asked", "order", o, "error", err.Error())
	}
}

func (h *Handlers) backPaid(c echo.Context) error   { return h.backFromBank(c, "paid") }
func (h *Handlers) backUnpaid(c echo.Context) error { return h.backFromBank(c, "unpaid") }

func (h *Handlers) backFromBank(c echo.Context, how string) error {
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	h.settle(c, o.ID)
	return web.SeeOther(c, o.url()+"?back="+how)
}

// slots lists the free handover times by day, the first days opened.
func (h *Handlers) slots(c echo.Context, b web.Base, o *openOrder) ([]SlotDay, error) {
	if o.place == nil {
		return nil, nil
	}
	taken, err := network.Taken(h.NewCar.DB.Read(c.Request().Context()), o.Place(), o.shop.now)
	if err != nil {
		return nil, err
	}
	var out []SlotDay
	for _, s := range afterWish(o, o.place.Slots(o.shop.market, o.shop.now, taken, o.Snapshot.Electric)) {
		local := s.StartsAt.In(o.place.Zone())
		if day := b.Date(local); len(out) == 0 || out[len(out)-1].Day != day {
			out = append(out, SlotDay{Day: day, Open: len(out) < 2})
		}
		d := &out[len(out)-1]
		d.Slots = append(d.Slots, SlotChoice{Value: strconv.FormatInt(s.StartsAt.Unix(), 10), Time: b.P.Time(local),
			Taken: o.appointment != nil && o.appointment.StartsAt.Equal(s.StartsAt)})
	}
	return out, nil
}

func sortByDistance(rows []DealerRow) {
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].metres < rows[j].metres })
}

func (h *Handlers) bookSlot(c echo.Context) error {
	return h.pick(c, "slot", "starts", "slot.missing", func(ctx context.Context, tx *db.Tx, o *openOrder, value string) error {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 || n > 1<<40 {
			return network.ErrNoSlot
		}
		if err := h.NewCar.BookTx(ctx, tx, o.ID, time.Unix(n, 0).UTC()); err != nil {
			return err
		}
		return h.NewCar.MannerTx(tx, o.ID, c.Request().PostForm["manners"])
	})
}

func (h *Handlers) chooseDealer(c echo.Context) error {
	return h.pick(c, "choose", "dealer", "checkout.dealer_missing", func(ctx context.Context, tx *db.Tx, o *openOrder, value string) error {
		return h.NewCar.ChooseTx(ctx, tx, o.ID, id.Dealer(value))
	})
}

// pick carries out a form with one field that must be filled.
func (h *Handlers) pick(c echo.Context, name, field, missing string, do func(context.Context, *db.Tx, *openOrder, string) error) error {
	return h.act(c, func(o *openOrder, f *web.Form) (deed, error) {
		value := f.Value(field)
		if value == "" {
			f.Reject(field, missing)
		}
		return deed{name: name, done: field, field: field, fields: map[string]string{ordering.ErrMoved.Key: ""}, do: func(ctx context.Context, tx *db.Tx) error {
			return do(ctx, tx, o, value)
		}}, nil
	})
}

// answerQuestion sends the buyer's answer to the dealer who asked. What was typed is kept when it is refused.
func (h *Handlers) answerQuestion(c echo.Context) error {
	return h.act(c, func(o *openOrder, f *web.Form) (deed, error) {
		return deed{name: "answer", done: "answer", fields: map[string]string{allocation.ErrAnswer.Key: "answer"}, do: func(ctx context.Context, tx *db.Tx) error {
			return h.NewCar.ReplyTx(ctx, tx, o.ID, f.Text("answer"))
		}, keep: func(p *OrderPage) {
			if p.Question != nil {
				p.Question.Typed = f.Text("answer")
			} else if !f.OK() { // answered meanwhile: there is no field to say it beside
				p.Errors, p.Notice, p.NoticeBad = web.FieldErrors{}, p.T(allocation.ErrNoQuestion.Key), true
			}
		}}, nil
	})
}

// CancelPage asks once more before an order is ended.
type CancelPage struct {
	web.Base
	Number  string
	Sold    OrderCar
	Leave   *Leave
	PostURL string
	BackURL string
}

func (h *Handlers) showCancel(c echo.Context) error {
	o, err := h.wholeOrder(c)
	if err != nil {
		return err
	}
	if !o.State.CanCancel() {
		return web.SeeOther(c, o.url())
	}
	p := &CancelPage{Base: h.base(c, o.shop, "", ""), Number: o.Number, PostURL: o.url() + "/cancel", BackURL: o.url()}
	p.Preview, p.NoIndex = false, true
	p.Title = p.T("order.cancel.title")
	p.Sold, p.Leave = orderCar(p.Base, o), leaveTerms(p.Base, o)
	return h.Kit.Show(c, http.StatusOK, "storefront/cancel", p)
}

func (h *Handlers) cancelOrder(c echo.Context) error {
	return web.Post(h.Kit, c, h.orderOf, func(o *openOrder, _ *web.Form) (web.Act, error) {
		a := o.did(web.Act{Name: "storefront.cancel"}, "", func(ctx context.Context, tx *db.Tx) error { return h.NewCar.CancelTx(ctx, tx, o.ID) })
		if o.State == ordering.Cancelled { // before, by another tab: the page says so
			a.Over[ordering.ErrMoved] = o.url()
		}
		return a, nil
	})
}
