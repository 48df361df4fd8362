package manager

import (
	"net/http"

	"forecourt/internal/ordering"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const reportsPath = "/manager/reports"

// reports are the pages of the maker's files that say how far cars are: an office reports on the orders of its markets.
func (s *Surface) reports() web.ReportDesk {
	return web.ReportDesk{Kit: s.kit, Path: reportsPath, Take: s.cars.TakeReportsTx, Apply: s.cars.ApplyReportsTx, Reader: func(c echo.Context) (web.ReportReader, error) {
		r := s.reader(c)
		if len(r.markets) == 0 && c.Request().Method == http.MethodPost {
			return web.ReportReader{}, web.ErrForbidden
		}
		return web.ReportReader{Base: s.base(c, reportsPath, "report.title"), Scope: ordering.Scope{Actor: "staff:" + string(r.ID), Markets: r.codes()}, Whose: string(r.ID)}, nil
	}}
}
