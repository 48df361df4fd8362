package storefront

import (
	"errors"
	"net/http"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// PayPage is what a pay link opens: what is owed for which car, and the way to the card page. It names
// nobody and leads nowhere else.
type PayPage struct {
	web.Base
	Number    string
	Car       string
	Dealer    string
	Owed      money.Money
	Paid      money.Money
	Over      bool   // the order takes no money: not accepted yet, or it is over
	Until     string // the day until which it may stay open; empty while it must be paid before the handover
	Notice    string
	NoticeBad bool
	PostURL   string
}

// payable is the order of a pay link with what is told of its money.
func (h *Handlers) payable(c echo.Context) (*openOrder, error) {
	private(c)
	s, err := h.anyShop(c)
	if err != nil {
		return nil, err
	}
	o, err := h.NewCar.OrderToPay(c.Request().Context(), s.flow(), c.Param("token"), c.Param("number"))
	if err != nil {
		return nil, err
	}
	s.about(o.Flow)
	web.SpeakTo(c, o.Locale)
	s.locale = h.Kit.Locale(c, s.market)
	w, err := sale.WholeOf(h.NewCar.DB.Read(c.Request().Context()), o.ID)
	if err != nil {
		return nil, err
	}
	d, _ := s.world.Dealer(o.Dealer)
	return &openOrder{Order: o, shop: s, dealer: d, payments: w.Payments, paid: money.Of(w.PaidMinor, o.Currency), deferral: w.Deferral, exchange: w.Exchange}, nil
}

func (h *Handlers) showPay(c echo.Context) error {
	o, err := h.payable(c)
	if err != nil {
		return err
	}
	return h.answerPay(c, http.StatusOK, o, c.QueryParam("back"))
}

// answerPay shows the page; said is what the way back from the card page or the bank has to say.
func (h *Handlers) answerPay(c echo.Context, status int, o *openOrder, said string) error {
	p := &PayPage{Base: h.base(c, o.shop, "", ""), Number: o.Number, Car: o.Snapshot.AsRead().Title(), Dealer: o.dealerName(),
		Owed: o.owed(), Paid: o.paid, Over: !o.State.TakesMoney(), PostURL: c.Request().URL.Path}
	p.Preview, p.NoIndex = false, true
	p.Title, p.Until = p.T("pay.link.title", "Number", o.Number), until(p.Base, o)
	switch {
	case said == "paid" && o.waiting():
		p.Notice = p.T("order.notice.asking")
	case said == "paid":
		p.Notice = p.T("pay.link.thanks")
	case said == "unpaid":
		p.Notice, p.NoticeBad = p.T("order.notice.unpaid"), true
	case said != "" && p.P.Has(said):
		p.Notice, p.NoticeBad = p.T(said), true
	}
	return h.Kit.Show(c, status, "storefront/pay", p)
}

// waiting tells whether a card page is open.
func (o *openOrder) waiting() bool {
	for _, p := range o.payments {
		if p.Waits() {
			return true
		}
	}
	return false
}

// payByLink leads from the pay link to the card page.
func (h *Handlers) payByLink(c echo.Context) error {
	if _, err := web.ReadForm(c); err != nil {
		return err
	}
	o, err := h.payable(c)
	if err != nil {
		return err
	}
	url, err := h.NewCar.BalancePage(c.Request().Context(), o.ID, 0)
	if err == nil && url != "" {
		return web.SeeOther(c, url)
	}
	key, err := h.payProblem(c, o.Order, err)
	if err != nil {
		return err
	}
	if o, err = h.payable(c); err != nil {
		return err
	}
	return h.answerPay(c, http.StatusConflict, o, key)
}

// payProblem is the message of a refused card page; other errors come back.
func (h *Handlers) payProblem(c echo.Context, o *ordering.Order, err error) (string, error) {
	var f *fault.Fault
	if err == nil {
		return sale.ErrNothingOwed.Key, nil
	}
	if !errors.As(err, &f) || f.Kind != fault.Invalid && f.Kind != fault.Conflict {
		return "", err
	}
	if errors.Is(err, sale.ErrBankSilent) {
		h.Kit.Log.WarnContext(c.Request().Context(), "no card page for a balance", "order", o.ID, "error", err.Error())
	}
	return f.Key, nil
}

func (h *Handlers) linkPaid(c echo.Context) error   { return h.backToLink(c, "paid") }
func (h *Handlers) linkUnpaid(c echo.Context) error { return h.backToLink(c, "unpaid") }

// backToLink is the way back from a balance's card page.
func (h *Handlers) backToLink(c echo.Context, how string) error {
	o, err := h.payable(c)
	if err != nil {
		return err
	}
	h.settle(c, o.ID)
	return web.SeeOther(c, o.shop.path()+"/pay/"+c.Param("token")+"/"+o.Number+"?back="+how)
}

// PayRest is the form for paying the rest, or a part of it, by card.
type PayRest struct {
	Amount string // as typed, or all that is owed
}

// payRest is there while money is owed and the order takes it.
func payRest(b web.Base, o *openOrder) *PayRest {
	if !o.State.TakesMoney() || o.owed().Minor < payment.LeastMinor {
		return nil
	}
	return &PayRest{Amount: b.PlainAmount(o.owed())}
}

// payBalance leads the buyer to the card page for what is typed, or for all that is owed.
func (h *Handlers) payBalance(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.wholeOrder(c)
	if err != nil {
		return err
	}
	b := h.base(c, o.shop, "", "")
	minor, err := web.ParseAmount(b.P, f.Value("amount"), b.Symbol(o.Currency))
	if err != nil {
		f.Reject("amount", web.AmountKey(err))
		return h.balanceAgain(c, f)
	}
	url, err := h.NewCar.BalancePage(c.Request().Context(), o.ID, minor)
	if err == nil && url != "" {
		return web.SeeOther(c, url)
	}
	key, err := h.payProblem(c, o.Order, err)
	if err != nil {
		return err
	}
	f.Reject("amount", key)
	return h.balanceAgain(c, f)
}

func (h *Handlers) balanceAgain(c echo.Context, f *web.Form) error {
	o, err := h.wholeOrder(c)
	if err != nil {
		return err
	}
	p, err := h.orderPage(c, o)
	if err != nil {
		return err
	}
	p.Errors = f.Errors()
	if p.PayRest != nil {
		p.PayRest.Amount = f.Value("amount")
	}
	return h.Kit.Show(c, http.StatusUnprocessableEntity, "storefront/order", p)
}

// renewBy says until when the buyer must make a new reservation for the order to go on.
func renewBy(b web.Base, o *openOrder) string {
	for _, p := range o.payments {
		if sale.EndsSoon(o.Order, p, o.shop.now) {
			return b.DateTime(p.CaptureBefore.Add(-allocation.SafetyMargin))
		}
	}
	return ""
}

// renew leads to the card page on which a new reservation is made.
func (h *Handlers) renew(c echo.Context) error {
	if _, err := web.ReadForm(c); err != nil {
		return err
	}
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	url, err := h.NewCar.RenewPage(c.Request().Context(), o.ID)
	switch {
	case err == nil && url != "":
		return web.SeeOther(c, url)
	case err == nil, errors.Is(err, ordering.ErrMoved):
		return web.SeeOther(c, o.url())
	case errors.Is(err, sale.ErrBankSilent):
		h.Kit.Log.WarnContext(c.Request().Context(), "no card page for a new reservation", "order", o.ID, "error", err.Error())
		return web.SeeOther(c, o.url()+"?back=silent")
	}
	return err
}
