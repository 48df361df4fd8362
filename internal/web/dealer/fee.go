package dealer

import (
	"context"
	"errors"
	"net/http"

	"forecourt/internal/allocation"
	"forecourt/internal/identity"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const feesPath = "/dealer/fees"

// FeePage is what the site is paid for one car, and what is said about it.
type FeePage struct {
	Page
	Fee *web.Fee
}

// OrderFee is what an order brings the dealer.
type OrderFee struct {
	Amount money.Money
	Rule   string
	URL    string // of its page; empty before the handover
}

// fee tells what the order brings by its rule; nothing to who may not see money, and where the market pays none.
func (p *OrderPage) fee(s site, v *allocation.OrderView) {
	o := &ordering.Order{Number: v.Number, Brand: v.Brand, Market: v.Market, Flow: v.Flow, Dealer: s.dealer.Code, Currency: money.Currency(v.Currency), Snapshot: p.Snapshot, CreatedAt: v.CreatedAt}
	due, ok := sale.CommissionDue(s.market, o)
	if !ok || !s.user.MayAt(identity.DealerMoney, s.dealer.Code) {
		return
	}
	p.Fee = &OrderFee{Amount: due.Amount, Rule: due.Version}
	if !v.HandedOverAt.IsZero() {
		p.Fee.URL = feesPath + "/" + v.Number
	}
}

func (h *Handlers) feePage(c echo.Context, s site) (*FeePage, error) {
	number, ok := ordering.ReadNumber(c.Param("number"))
	if !ok {
		return nil, web.ErrNotFound
	}
	fee, err := payment.CommissionByNumber(h.kit.DB.Read(c.Request().Context()), number, s.dealer.Code, nil)
	if err != nil {
		return nil, err
	}
	p := &FeePage{Page: h.page(c, s, "", "statement")}
	p.Title = p.T("fee.title")
	p.Fee = web.NewFee(p.Base, fee, s.dealer.Name, s.dealer.Zone(), payment.SideDealer)
	if fee.State == "" || fee.State == payment.ObjectionOpen {
		p.Fee.Action = feesPath + "/" + number
	}
	return p, nil
}

func (h *Handlers) showFee(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	p, err := h.feePage(c, s)
	if err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/fee", p)
}

// objectFee sends the site's word about its commission.
func (h *Handlers) objectFee(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	number, ok := ordering.ReadNumber(c.Param("number"))
	if !ok {
		return web.ErrNotFound
	}
	to, err := h.kit.Once(c, f, "dealer.fee "+number+" "+string(s.dealer.Code), func(ctx context.Context, tx *db.Tx) (string, error) {
		return feesPath + "/" + number + "?done=objected", h.cars.ObjectTx(ctx, tx, s.staff(), number, f.Text("words"))
	})
	if err == nil {
		return web.SeeOther(c, to)
	}
	var x *fault.Fault
	if !errors.As(err, &x) || x.Kind != fault.Invalid && x.Kind != fault.Conflict {
		return err
	}
	p, perr := h.feePage(c, s)
	if perr != nil {
		return perr
	}
	if field := web.FeeFields[x.Key]; field != "" {
		f.Reject(field, x.Key)
	} else {
		p.Problem = p.sentence(x.Key)
	}
	p.Errors, p.Fee.Typed.Words = f.Errors(), f.Text("words")
	return h.kit.Show(c, web.StatusOf(err), "dealer/fee", p)
}
