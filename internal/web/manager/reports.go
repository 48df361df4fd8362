package manager

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

const reportsPath = "/manager/reports"

// ReportsPage takes the maker's files in that say how far cars are.
type ReportsPage struct {
	web.Base
	Errors  web.FieldErrors
	Reports web.Reports
}

// ReportPage is one such file.
type ReportPage struct {
	web.Base
	Problem string
	Sheet   web.ReportSheet
}

// scope lets an office report on the orders of its markets.
func (r reader) scope() ordering.Scope {
	return ordering.Scope{Actor: "staff:" + string(r.ID), Markets: r.codes()}
}

func (s *Surface) showReports(c echo.Context) error {
	return s.answerReports(c, http.StatusOK, web.FieldErrors{})
}

func (s *Surface) answerReports(c echo.Context, status int, errs web.FieldErrors) (err error) {
	p := &ReportsPage{Base: s.base(c, reportsPath, "report.title"), Errors: errs}
	if p.Reports, err = s.kit.Reports(c, p.Base, reportsPath, s.reader(c).scope()); err != nil {
		return err
	}
	return s.kit.Show(c, status, "manager/reports", p)
}

func (s *Surface) sendReports(c echo.Context) error {
	r := s.reader(c)
	if len(r.markets) == 0 {
		return web.ErrForbidden
	}
	f, name, file, err := web.ReadReports(c)
	if err != nil {
		return err
	}
	if file == nil {
		return s.answerReports(c, http.StatusUnprocessableEntity, f.Errors())
	}
	defer func() { _ = file.Close() }()
	to, err := s.kit.Once(c, f, "reports.file "+string(r.ID), func(ctx context.Context, tx *db.Tx) (string, error) {
		key, err := s.cars.TakeReportsTx(ctx, tx, r.scope(), name, file)
		return reportsPath + "/" + string(key), err
	})
	if err != nil {
		if err := f.RejectFault("file", err); err != nil {
			return err
		}
		return s.answerReports(c, http.StatusUnprocessableEntity, f.Errors())
	}
	return web.SeeOther(c, to)
}

func (s *Surface) showReport(c echo.Context) error { return s.answerReport(c, http.StatusOK, "") }

func (s *Surface) answerReport(c echo.Context, status int, problem string) (err error) {
	p := &ReportPage{Base: s.base(c, reportsPath, "report.title")}
	if p.Sheet, err = s.kit.ReportSheet(c, p.Base, reportsPath, s.reader(c).scope()); err != nil {
		return err
	}
	if p.Title = p.Sheet.Name; problem != "" {
		p.Problem = p.T(problem)
	}
	return s.kit.Show(c, status, "manager/report", p)
}

func (s *Surface) applyReports(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	key := ordering.ImportID(c.Param("import"))
	to, err := s.kit.Once(c, f, "reports.apply "+string(key), func(ctx context.Context, tx *db.Tx) (string, error) {
		return reportsPath + "/" + string(key), s.cars.ApplyReportsTx(ctx, tx, s.reader(c).scope(), key)
	})
	var x *fault.Fault
	if errors.As(err, &x) && x.Kind == fault.Conflict {
		return s.answerReport(c, http.StatusConflict, x.Key)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, to)
}

func (s *Surface) reportRejects(c echo.Context) error {
	return s.kit.ReportRejects(c, s.kit.BaseFor(c), s.reader(c).scope())
}
