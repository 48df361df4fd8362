package manager

import (
	"net/http"

	"forecourt/internal/allocation"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ReceiptPage says why an order went to its dealers, with every figure.
type ReceiptPage struct {
	web.Base
	Receipt web.Receipt
	BackURL string
}

func (s *Surface) showReceipt(c echo.Context) error {
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	chain, err := allocation.Receipts(s.kit.DB.Read(c.Request().Context()), o.ID)
	if err != nil {
		return err
	}
	p := &ReceiptPage{Base: s.base(c, "/manager/orders", "receipt.title"), BackURL: papersPath(o)}
	if m, ok := s.kit.World.Now().Market(o.Market); ok {
		p.Zone = m.Zone()
	}
	p.Receipt = s.kit.Receipt(p.Base, o.Number, o.ID, chain, web.ReceiptReader{Office: true})
	return s.kit.Show(c, http.StatusOK, "manager/receipt", p)
}
