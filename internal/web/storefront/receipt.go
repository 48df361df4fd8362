package storefront

import (
	"net/http"

	"forecourt/internal/allocation"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ReceiptPage says to the buyer who was asked to take the order, and why.
type ReceiptPage struct {
	web.Base
	Receipt web.Receipt
	BackURL string
}

func (h *Handlers) showReceipt(c echo.Context) error {
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	chain, err := allocation.Receipts(h.NewCar.DB.Read(c.Request().Context()), o.ID)
	if err != nil {
		return err
	}
	p := &ReceiptPage{Base: h.base(c, o.shop, "", ""), BackURL: o.url()}
	p.Preview, p.NoIndex = false, true
	p.Title, p.Zone = p.T("receipt.title"), o.shop.market.Zone()
	p.Receipt = h.Kit.Receipt(p.Base, o.Number, o.ID, chain, web.ReceiptReader{Buyer: true})
	return h.Kit.Show(c, http.StatusOK, "storefront/receipt", p)
}
