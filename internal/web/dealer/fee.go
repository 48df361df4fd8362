package dealer

import (
	"context"

	"forecourt/internal/allocation"
	"forecourt/internal/identity"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
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
	return web.View(h.kit, c, h.siteOf, "dealer/fee", h.feePage)
}

// objectFee sends the site's word about its commission.
func (h *Handlers) objectFee(c echo.Context) error {
	return h.act(c, deed{name: "fee", fields: web.FeeFields, again: h.feeAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		return feesPath + "/" + number + "?done=objected", h.cars.ObjectTx(ctx, tx, s.staff(), number, f.Text("words"))
	}})
}

func (h *Handlers) feeAgain(c echo.Context, s site, f *web.Form, a web.Refusal) error {
	p, err := h.feePage(c, s)
	if err != nil {
		return err
	}
	p.Errors, p.Problem, p.Fee.Typed.Words = f.Errors(), p.Sentence(a.Key), f.Text("words")
	return h.kit.Show(c, a.Status, "dealer/fee", p)
}
