package storefront

import (
	"context"
	"errors"
	"net/http"
	"sort"
	"strconv"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
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
	url, err := h.cardPage(c, o.Order)
	if err != nil {
		h.Kit.Log.WarnContext(c.Request().Context(), "no card page", "order", o.ID, "error", err.Error())
		return web.SeeOther(c, o.url()+"?back=silent")
	}
	if url == "" {
		url = o.url()
	}
	return web.SeeOther(c, url)
}

// prolong gives more time to pay. An order that was paid or lapsed meanwhile says so on its page.
func (h *Handlers) prolong(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	_, err = h.Kit.Once(c, f, "storefront.longer", func(ctx context.Context, tx *db.Tx) (string, error) {
		return "done", h.NewCar.ProlongTx(ctx, tx, o.ID)
	})
	if errors.Is(err, ordering.ErrMoved) || errors.Is(err, sale.ErrProlonged) {
		return web.SeeOther(c, o.url())
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, o.url()+"?done=longer")
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
	if o.dealer == nil {
		return nil, nil
	}
	taken, err := network.Taken(h.NewCar.DB.Read(c.Request().Context()), o.Dealer, o.shop.now)
	if err != nil {
		return nil, err
	}
	var out []SlotDay
	for _, s := range afterWish(o, o.dealer.Slots(o.shop.market, o.shop.now, taken, o.Snapshot.Electric)) {
		local := s.StartsAt.In(o.dealer.Zone())
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
	return h.act(c, "storefront.slot", "starts", "slot.missing", func(ctx context.Context, tx *db.Tx, o *openOrder, value string) error {
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
	return h.act(c, "storefront.choose", "dealer", "checkout.dealer_missing", func(ctx context.Context, tx *db.Tx, o *openOrder, value string) error {
		return h.NewCar.ChooseTx(ctx, tx, o.ID, id.Dealer(value))
	})
}

// answerQuestion sends the buyer's answer to the dealer who asked. What was typed is kept when it is refused.
func (h *Handlers) answerQuestion(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	_, err = h.Kit.Once(c, f, "storefront.answer", func(ctx context.Context, tx *db.Tx) (string, error) {
		return "done", h.NewCar.ReplyTx(ctx, tx, o.ID, f.Text("answer"))
	})
	if err == nil {
		return web.SeeOther(c, o.url()+"?done=answer")
	}
	status := http.StatusUnprocessableEntity
	switch {
	case errors.Is(err, allocation.ErrNoQuestion):
		status = http.StatusConflict
	case !errors.Is(err, allocation.ErrAnswer):
		return err
	}
	if o, err = h.wholeOrder(c); err != nil {
		return err
	}
	p, err := h.orderPage(c, o)
	if err != nil {
		return err
	}
	if p.Question != nil && status == http.StatusUnprocessableEntity {
		f.Reject("answer", allocation.ErrAnswer.Key)
		p.Question.Typed, p.Errors = f.Text("answer"), f.Errors()
	} else {
		p.Notice, p.NoticeBad = p.T(allocation.ErrNoQuestion.Key), true
	}
	return h.Kit.Show(c, status, "storefront/order", p)
}

// act carries out a form with one field on an order, and shows the order again with a message when
// it can not be done.
func (h *Handlers) act(c echo.Context, name, field, missing string, do func(context.Context, *db.Tx, *openOrder, string) error) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	value := f.Value(field)
	if value == "" {
		f.Reject(field, missing)
	}
	if f.OK() {
		_, err = h.Kit.Once(c, f, name, func(ctx context.Context, tx *db.Tx) (string, error) { return "done", do(ctx, tx, o, value) })
		if err == nil {
			return web.SeeOther(c, o.url()+"?done="+field)
		}
		if errors.Is(err, ordering.ErrMoved) {
			return err
		}
		if err = f.RejectFault(field, err); err != nil {
			return err
		}
	}
	return h.refuseOn(c, f)
}

// refuseOn shows the order's page, as the order is now, with what was wrong with a form of it.
func (h *Handlers) refuseOn(c echo.Context, f *web.Form) error {
	o, err := h.wholeOrder(c)
	if err != nil {
		return err
	}
	p, err := h.orderPage(c, o)
	if err != nil {
		return err
	}
	p.Errors = f.Errors()
	return h.Kit.Show(c, http.StatusUnprocessableEntity, "storefront/order", p)
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
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	_, err = h.Kit.Once(c, f, "storefront.cancel", func(ctx context.Context, tx *db.Tx) (string, error) {
		return "done", h.NewCar.CancelTx(ctx, tx, o.ID)
	})
	// Cancelled before, by another tab: the page says so.
	if err != nil && !(errors.Is(err, ordering.ErrMoved) && o.State == ordering.Cancelled) {
		return err
	}
	return web.SeeOther(c, o.url())
}
