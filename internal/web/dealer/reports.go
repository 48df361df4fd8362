package dealer

import (
	"forecourt/internal/ordering"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const reportsPath = "/dealer/reports"

// reports are the pages of files that say how far the site's cars are: a dealer reports on its own orders alone.
func (h *Handlers) reports() web.ReportDesk {
	return web.ReportDesk{Kit: h.kit, Path: reportsPath, Take: h.cars.TakeReportsTx, Apply: h.cars.ApplyReportsTx, Reader: func(c echo.Context) (web.ReportReader, error) {
		s, err := h.siteOf(c)
		if err != nil {
			return web.ReportReader{}, err
		}
		p := h.page(c, s, "", "preparation")
		return web.ReportReader{Base: p.Base, Scope: ordering.Scope{Actor: "staff:" + string(s.user.ID), Dealer: s.dealer.Code}, Whose: string(s.dealer.Code),
			Site: p.Site, Back: web.NavItem{URL: "/dealer/preparation", Label: p.T("dealer.nav.preparation")}}, nil
	}}
}
