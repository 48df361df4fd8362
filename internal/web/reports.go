package web

import (
	"fmt"
	"mime/multipart"
	"strconv"

	"forecourt/internal/ordering"

	"github.com/labstack/echo/v4"
)

// MaxReportsFile is the longest file of reports in bytes, MaxReportsForm the form around it. MostReports rows fit well.
const (
	MaxReportsFile = 8 << 20
	MaxReportsForm = MaxReportsFile + 64<<10
)

// reportsShown are rows on one page of a file.
const reportsShown = 100

// Reports lists the files that somebody sent, and takes another one in.
type Reports struct {
	Path  string
	Files []ReportFile
	Most  string
}

// ReportFile is a line of the list.
type ReportFile struct{ URL, Name, When, State string }

// ReportSheet is one file: how far it is, and what becomes of each row.
type ReportSheet struct {
	Path, Name, When string
	State            string // in words
	Busy             bool   // somebody works on it
	MayApply         bool
	Rows, Looked     int
	Said             string // how far, in words
	Counts           []ReportCount
	Lines            []ReportLine
	More             string
	Rejects          string // of the file of what was refused; empty when nothing was
}

// ReportCount is how many rows have an outcome.
type ReportCount struct {
	URL, Label string
	N          string
	Current    bool
}

// ReportLine is a row with what becomes of it.
type ReportLine struct{ Line, VIN, Stage, Day, Number, Outcome, Tone, Why string }

// outcomes in the order of the page.
var outcomes = []ordering.Outcome{ordering.Rejects, ordering.Moves, ordering.Notes, ordering.Corrects, ordering.Same}

var outcomeTones = map[ordering.Outcome]string{ordering.Rejects: "bad", ordering.Moves: "good", ordering.Notes: "info", ordering.Corrects: "warn", ordering.Same: "info"}

// Reports makes the list of a scope's files.
func (k *Kit) Reports(c echo.Context, b Base, path string, s ordering.Scope) (Reports, error) {
	out := Reports{Path: path, Most: b.P.Int(ordering.MostReports)}
	files, err := ordering.ImportsOf(k.DB.Read(c.Request().Context()), s, 20)
	for _, i := range files {
		out.Files = append(out.Files, ReportFile{URL: path + "/" + string(i.ID), Name: i.Name, When: b.DateTime(i.CreatedAt), State: b.T("report.state." + string(i.State))})
	}
	return out, err
}

// ReportSheet makes the page of one file of a scope; another's file does not exist.
func (k *Kit) ReportSheet(c echo.Context, b Base, path string, s ordering.Scope) (ReportSheet, error) {
	g := k.DB.Read(c.Request().Context())
	i, err := ordering.ImportOf(g, s, ordering.ImportID(c.Param("import")))
	if err != nil {
		return ReportSheet{}, err
	}
	v := ReportSheet{Path: path + "/" + string(i.ID), Name: i.Name, When: b.DateTime(i.CreatedAt), State: b.T("report.state." + string(i.State)), Rows: i.Rows, Looked: i.Rows - i.Open,
		Busy: i.State == ordering.Checking || i.State == ordering.Applying}
	v.Said = b.T("report.progress", "Done", b.P.Int(int64(v.Looked)), "Rows", b.P.Int(int64(v.Rows)))
	v.MayApply = i.State == ordering.Checked && i.Counts[ordering.Moves]+i.Counts[ordering.Notes]+i.Counts[ordering.Corrects] > 0
	asked := ordering.Outcome(c.QueryParam("outcome"))
	v.Counts = append(v.Counts, ReportCount{URL: v.Path, Label: b.T("report.all"), N: b.P.Int(int64(i.Rows)), Current: outcomeTones[asked] == ""})
	for _, o := range outcomes {
		v.Counts = append(v.Counts, ReportCount{URL: v.Path + "?outcome=" + string(o), Label: b.T("report.outcome." + string(o)), N: b.P.Int(int64(i.Counts[o])), Current: o == asked})
	}
	if outcomeTones[asked] == "" {
		asked = ""
	}
	after, _ := strconv.ParseInt(c.QueryParam("after"), 10, 31)
	rows, err := ordering.ImportRows(g, i.ID, asked, int(max(after, 0)), reportsShown+1)
	if err != nil {
		return v, err
	}
	rows, v.More = Leaf(rows, reportsShown, func(last ordering.Report) string {
		return fmt.Sprintf("%s?outcome=%s&after=%d", v.Path, asked, last.Line)
	})
	for _, r := range rows {
		l := ReportLine{Line: strconv.Itoa(r.Line), VIN: r.VIN, Stage: stageOf(b, r), Day: r.On, Number: r.Number, Tone: outcomeTones[r.Outcome], Why: whyOf(b, r)}
		if r.Outcome != "" {
			l.Outcome = b.T("report.outcome." + string(r.Outcome))
		}
		v.Lines = append(v.Lines, l)
	}
	if i.Counts[ordering.Rejects] > 0 {
		v.Rejects = v.Path + "/rejects.csv"
	}
	return v, nil
}

func stageOf(b Base, r ordering.Report) string {
	if r.Rank() < 0 {
		return string(r.Stage)
	}
	return b.T("dstate." + string(r.Stage))
}

func whyOf(b Base, r ordering.Report) string {
	if r.Why == "" {
		return ""
	}
	return b.T("report.why." + r.Why)
}

// ReportRejects answers the refused rows of a file, with the reason in the reader's language, row by row as they are read.
func (k *Kit) ReportRejects(c echo.Context, b Base, s ordering.Scope) error {
	g := k.DB.Read(c.Request().Context())
	i, err := ordering.ImportOf(g, s, ordering.ImportID(c.Param("import")))
	if err != nil {
		return err
	}
	rows, err := ordering.ImportRows(g, i.ID, ordering.Rejects, 0, 1000)
	if err != nil {
		return err
	}
	return Sheet(c, []string{"line", "vin", "stage", "date", "order", "reason"}, func(yield func([]string, error) bool) {
		for len(rows) > 0 {
			for _, r := range rows {
				if !yield([]string{strconv.Itoa(r.Line), r.VIN, string(r.Stage), r.On, r.Number, whyOf(b, r)}, nil) {
					return
				}
			}
			if rows, err = ordering.ImportRows(g, i.ID, ordering.Rejects, rows[len(rows)-1].Line, 1000); err != nil {
				yield(nil, err)
				return
			}
		}
	}, "rejects")
}

// ReadReports reads the form with a file of reports. With a fault of the form's own the file is nil. The caller closes it.
func ReadReports(c echo.Context) (f *Form, name string, file multipart.File, err error) {
	f, up, err := ReadUpload(c, MaxReportsFile, "report.file.missing")
	if err != nil || up == nil {
		return f, "", nil, err
	}
	return f, up.Name, up.File, nil
}

// SampleReports and SampleReportSheet are shown by nobody: templates are tried with them.
func SampleReports() Reports {
	return Reports{Path: "/", Files: []ReportFile{{"/", "cars.csv", "today", "looked at"}}, Most: "50,000"}
}

// SampleReportSheet has every part of a sheet.
func SampleReportSheet() ReportSheet {
	return ReportSheet{Path: "/", Name: "cars.csv", When: "today", State: "looked at", Busy: true, MayApply: true, Rows: 2, Looked: 1, Said: "1 of 2", Counts: []ReportCount{{"/", "All", "2", true}},
		Lines: []ReportLine{{"2", "VF1RJA00061234567", "Built", "2026-11-29", "FC-7K3M-29QX", "refused", "bad", "unknown"}}, More: "/", Rejects: "/"}
}
