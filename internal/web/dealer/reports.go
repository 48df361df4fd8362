package dealer

import (
	"context"
	"errors"
	"net/http"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const reportsPath = "/dealer/reports"

// ReportsPage takes files in that say how far the site's cars are.
type ReportsPage struct {
	Page
	Reports web.Reports
}

// ReportPage is one such file.
type ReportPage struct {
	Page
	Sheet web.ReportSheet
}

// scope lets a dealer report on its own orders alone.
func (s site) scope() ordering.Scope {
	return ordering.Scope{Actor: "staff:" + string(s.user.ID), Dealer: s.dealer.Code}
}

func (h *Handlers) showReports(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	return h.answerReports(c, s, http.StatusOK, web.FieldErrors{})
}

func (h *Handlers) answerReports(c echo.Context, s site, status int, errs web.FieldErrors) (err error) {
	p := &ReportsPage{Page: h.page(c, s, "", "preparation")}
	p.Title, p.Errors = p.T("report.title"), errs
	if p.Reports, err = h.kit.Reports(c, p.Base, reportsPath, s.scope()); err != nil {
		return err
	}
	return h.kit.Show(c, status, "dealer/reports", p)
}

func (h *Handlers) sendReports(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	f, name, file, err := web.ReadReports(c)
	if err != nil {
		return err
	}
	if file == nil {
		return h.answerReports(c, s, http.StatusUnprocessableEntity, f.Errors())
	}
	defer func() { _ = file.Close() }()
	to, err := h.kit.Once(c, f, "reports.file "+string(s.dealer.Code), func(ctx context.Context, tx *db.Tx) (string, error) {
		key, err := h.cars.TakeReportsTx(ctx, tx, s.scope(), name, file)
		return reportsPath + "/" + string(key), err
	})
	if err != nil {
		if err := f.RejectFault("file", err); err != nil {
			return err
		}
		return h.answerReports(c, s, http.StatusUnprocessableEntity, f.Errors())
	}
	return web.SeeOther(c, to)
}

func (h *Handlers) showReport(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	return h.answerReport(c, s, http.StatusOK, "")
}

func (h *Handlers) answerReport(c echo.Context, s site, status int, problem string) (err error) {
	p := &ReportPage{Page: h.page(c, s, "", "preparation")}
	if p.Sheet, err = h.kit.ReportSheet(c, p.Base, reportsPath, s.scope()); err != nil {
		return err
	}
	if p.Title = p.Sheet.Name; problem != "" {
		p.Problem = p.T(problem)
	}
	return h.kit.Show(c, status, "dealer/report", p)
}

func (h *Handlers) applyReports(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	key := ordering.ImportID(c.Param("import"))
	to, err := h.kit.Once(c, f, "reports.apply "+string(key), func(ctx context.Context, tx *db.Tx) (string, error) {
		return reportsPath + "/" + string(key), h.cars.ApplyReportsTx(ctx, tx, s.scope(), key)
	})
	var x *fault.Fault
	if errors.As(err, &x) && x.Kind == fault.Conflict {
		return h.answerReport(c, s, http.StatusConflict, x.Key)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, to)
}

func (h *Handlers) reportRejects(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	return h.kit.ReportRejects(c, h.kit.BaseFor(c), s.scope())
}
