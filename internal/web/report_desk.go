package web

import (
	"context"
	"io"
	"net/http"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"

	"github.com/labstack/echo/v4"
)

// ReportDesk is the pages on which a portal takes files of reports in; the portals differ in whose cars they may tell of.
type ReportDesk struct {
	Kit    *Kit
	Path   string
	Take   func(ctx context.Context, tx *db.Tx, s ordering.Scope, name string, file io.Reader) (ordering.ImportID, error)
	Apply  func(ctx context.Context, tx *db.Tx, s ordering.Scope, key ordering.ImportID) error
	Reader func(c echo.Context) (ReportReader, error)
}

// ReportReader is who sends files, and the portal's page around them.
type ReportReader struct {
	Base
	Scope ordering.Scope
	Whose string // the site or the person: part of what makes two forms the same
	Site  string // the dealer's name; empty in an office
	Back  NavItem
}

// ReportsPage takes files in that say how far cars are.
type ReportsPage struct {
	ReportReader
	Errors  FieldErrors
	Reports Reports
}

// ReportPage is one such file.
type ReportPage struct {
	ReportReader
	Problem string
	Sheet   ReportSheet
}

// List shows the files that were sent and the form for another one.
func (d ReportDesk) List(c echo.Context) error {
	r, err := d.Reader(c)
	if err != nil {
		return err
	}
	return d.list(c, r, http.StatusOK, FieldErrors{})
}

func (d ReportDesk) list(c echo.Context, r ReportReader, status int, errs FieldErrors) error {
	p := &ReportsPage{ReportReader: r, Errors: errs}
	p.Title = p.T("report.title")
	var err error
	if p.Reports, err = d.Kit.Reports(c, p.Base, d.Path, r.Scope); err != nil {
		return err
	}
	return d.Kit.Show(c, status, "shared/reports", p)
}

// Send takes a file in. Nothing counts before somebody has looked at what it would do and applies it.
func (d ReportDesk) Send(c echo.Context) error {
	r, err := d.Reader(c)
	if err != nil {
		return err
	}
	f, name, file, err := ReadReports(c)
	if err != nil {
		return err
	}
	if file != nil {
		defer func() { _ = file.Close() }()
	}
	return d.Kit.Act(c, f, Act{Name: "reports.file " + r.Whose, Field: "file", Do: func(ctx context.Context, tx *db.Tx) (string, error) {
		key, err := d.Take(ctx, tx, r.Scope, name, file)
		return d.Path + "/" + string(key), err
	}, Again: func(x Refusal) error { return d.list(c, r, x.Status, f.Errors()) }})
}

// Look shows one file: what becomes of each row.
func (d ReportDesk) Look(c echo.Context) error {
	r, err := d.Reader(c)
	if err != nil {
		return err
	}
	return d.look(c, r, Refusal{Status: http.StatusOK})
}

func (d ReportDesk) look(c echo.Context, r ReportReader, x Refusal) error {
	p := &ReportPage{ReportReader: r, Problem: r.Sentence(x.Key)}
	var err error
	if p.Sheet, err = d.Kit.ReportSheet(c, p.Base, d.Path, r.Scope); err != nil {
		return err
	}
	p.Title, p.Back = p.Sheet.Name, NavItem{URL: d.Path, Label: p.T("report.title")}
	return d.Kit.Show(c, x.Status, "shared/report", p)
}

// Carry makes a file that was looked at count.
func (d ReportDesk) Carry(c echo.Context) error {
	return Post(d.Kit, c, d.Reader, func(r ReportReader, _ *Form) (Act, error) {
		key := ordering.ImportID(c.Param("import"))
		return Act{Name: "reports.apply " + string(key), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return d.Path + "/" + string(key), d.Apply(ctx, tx, r.Scope, key)
		}, Again: func(x Refusal) error { return d.look(c, r, x) }}, nil
	})
}

// Rejects answers the refused rows of a file.
func (d ReportDesk) Rejects(c echo.Context) error {
	r, err := d.Reader(c)
	if err != nil {
		return err
	}
	return d.Kit.ReportRejects(c, r.Base, r.Scope)
}

// Samples gives a page per template of the kit's own, for the test that checks templates against their structs.
func Samples() map[string]any {
	r := ReportReader{Site: "Northgate Motors Leeds", Back: NavItem{URL: "/", Label: "Back"}}
	return map[string]any{"shared/reports": &ReportsPage{ReportReader: r, Reports: SampleReports()}, "shared/report": &ReportPage{ReportReader: r, Problem: "problem", Sheet: SampleReportSheet()}}
}
