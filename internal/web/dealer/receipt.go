package dealer

import (
	"net/http"

	"forecourt/internal/allocation"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ReceiptPage says to a dealer why the order came here.
type ReceiptPage struct {
	Page
	Receipt web.Receipt
	BackURL string
}

// showReceipt answers for orders that the dealer may open, and no others.
func (h *Handlers) showReceipt(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	v, err := h.order(c, s)
	if err != nil {
		return err
	}
	chain, err := allocation.Receipts(h.kit.DB.Read(c.Request().Context()), v.ID)
	if err != nil {
		return err
	}
	p := &ReceiptPage{Page: h.page(c, s, "", "queue"), BackURL: "/dealer/orders/" + v.Number}
	p.Title = p.T("receipt.title")
	p.Receipt = h.kit.Receipt(p.Base, v.Number, v.ID, chain, web.ReceiptReader{Dealer: s.dealer.Code})
	return h.kit.Show(c, http.StatusOK, "dealer/receipt", p)
}
