package storefront

import (
	"context"
	"errors"
	"net/http"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// WithdrawPage is the second step of leaving a contract after the handover: what is known is shown and confirmed,
// nothing is asked again.
type WithdrawPage struct {
	web.Base
	Number   string
	Sold     OrderCar
	Buyer    string
	Mail     string // where the receipt goes
	Seller   string
	Dealer   string
	DealerAt string
	Bought   string // the day of the order
	Got      string // the day of the handover
	Over     string // why it is too late; empty while it is not
	Leave    *Leave
	Bring    string
	Confirm  string
	PostURL  string
	BackURL  string
}

func (h *Handlers) showWithdraw(c echo.Context) error {
	o, err := h.wholeOrder(c)
	if err != nil {
		return err
	}
	switch {
	case o.State.CanCancel():
		return web.SeeOther(c, o.url()+"/cancel")
	case o.State != ordering.HandedOver:
		return web.SeeOther(c, o.url())
	}
	return h.withdrawPage(c, o, http.StatusOK)
}

func (h *Handlers) withdrawPage(c echo.Context, o *openOrder, status int) error {
	buyer, err := ordering.BuyerOf(h.NewCar.DB.Read(c.Request().Context()), o.Buyer)
	if err != nil {
		return err
	}
	p := &WithdrawPage{Base: h.base(c, o.shop, "", ""), Number: o.Number, Buyer: buyer.Name, Mail: buyer.Email, PostURL: o.url() + "/withdraw", BackURL: o.url()}
	p.Preview, p.NoIndex = false, true
	legal := ""
	if o.dealer != nil {
		p.Zone, p.Dealer, p.DealerAt, legal = o.dealer.Zone(), o.dealer.Name, address(o.dealer), o.dealer.LegalName
	}
	r := o.refund(sale.Worn{})
	p.Title, p.Confirm = withdrawHere(p.Base), confirmHere(p.Base)
	p.Sold, p.Leave = orderCar(p.Base, o), leaveTerms(p.Base, o)
	p.Seller = sellerName(o, legal)
	p.Bought, p.Got, p.Bring = p.Date(o.CreatedAt), p.Date(o.HandedOverAt), day(p.Base, r.BringBy)
	if r.Rule != sale.LeaveWithdraw {
		p.Over = p.T("withdraw.too_late", "Until", day(p.Base, r.Until))
	}
	return h.Kit.Show(c, status, "storefront/withdraw", p)
}

func sellerName(o *openOrder, legal string) string {
	if o.Snapshot.Seller == "maker" {
		return o.shop.brand.Name
	}
	return legal
}

// withdrawOrder takes the buyer's word. The receipt with its content, day and time goes by mail.
func (h *Handlers) withdrawOrder(c echo.Context) error {
	return web.Post(h.Kit, c, h.orderOf, func(o *openOrder, _ *web.Form) (web.Act, error) {
		a := o.did(web.Act{Name: "storefront.withdraw", Again: func(r web.Refusal) error {
			if !errors.Is(r.Cause, sale.ErrPeriodOver) {
				return r.Cause
			}
			o, err := h.wholeOrder(c)
			if err != nil {
				return err
			}
			return h.withdrawPage(c, o, http.StatusConflict)
		}}, "?done=withdrawn", func(ctx context.Context, tx *db.Tx) error { return h.NewCar.WithdrawTx(ctx, tx, o.ID) })
		if o.State == ordering.Returning || o.State == ordering.Returned {
			a.Over[ordering.ErrMoved] = a.To("")
		}
		return a, nil
	})
}

// WithdrawDoorPage leads a buyer who has not the secret link at hand to it, by mail.
type WithdrawDoorPage struct {
	web.Base
	Number, Email string
	Errors        web.FieldErrors
	Done          bool
	PostURL       string
}

func (h *Handlers) withdrawDoor(c echo.Context, s *shop) *WithdrawDoorPage {
	p := &WithdrawDoorPage{Base: h.base(c, s, "", ""), PostURL: s.path() + "/withdraw"}
	p.Preview, p.NoIndex = false, true
	p.Title = withdrawHere(p.Base)
	return p
}

func (h *Handlers) showWithdrawDoor(c echo.Context) error {
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	p := h.withdrawDoor(c, s)
	p.Done = c.QueryParam("done") != ""
	return h.Kit.Show(c, http.StatusOK, "storefront/withdraw_door", p)
}

// askWithdrawLink sends the order's link to the address that the order knows. Whether there is such an order is not
// told: the answer is the same.
func (h *Handlers) askWithdrawLink(c echo.Context) error {
	return web.Post(h.Kit, c, h.anyShop, func(s *shop, f *web.Form) (web.Act, error) {
		p := h.withdrawDoor(c, s)
		p.Number, p.Email = f.Value("number"), f.Value("email")
		number, ok := ordering.ReadNumber(p.Number)
		if !ok {
			f.Reject("number", "withdraw.error.number")
		}
		if !plausibleEmail(p.Email) {
			f.Reject("email", "checkout.error.email")
		}
		return h.begins(c, web.Act{Name: "storefront.withdraw_link", Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return s.path() + "/withdraw?done=1", h.NewCar.SendLeaveLinkTx(ctx, tx, s.flow(), number, p.Email)
		}, Again: func(r web.Refusal) error {
			p.Errors = f.Errors()
			return h.Kit.Show(c, r.Status, "storefront/withdraw_door", p)
		}}), nil
	})
}
