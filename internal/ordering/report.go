package ordering

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
)

// ReportStages are the stages that may be reported by file or API, in order: what the factory and the transport know. The
// dealer's own checks and the handover are made where the car is.
var ReportStages = []State{Ordered, Built, InTransit, Arrived}

// MostReports bounds one file.
const MostReports = 50_000

// Report says that a car reached a stage on a day.
type Report struct {
	Line       int // of the file, from 1; the header is line 1
	VIN        string
	Stage      State
	On         string // "2026-11-29"
	Number     string // of the order; empty when the VIN is to find it
	Correction bool   // the stage lies behind, and its day was wrong
	Outcome    Outcome
	Why        string // of a reject: report.<why>
}

// Outcome is what a report does, or would do.
type Outcome string

// Outcomes of a report.
const (
	Moves    Outcome = "move"    // the order goes on to the stage
	Notes    Outcome = "note"    // the order is there already; the day is kept
	Same     Outcome = "same"    // known: nothing changes
	Corrects Outcome = "correct" // the day of a stage that lies behind is kept anew
	Rejects  Outcome = "reject"
)

// ImportID names a file of reports.
type ImportID string

// Scope is whose orders somebody may report on: one dealer's, or those of some markets.
type Scope struct {
	Actor   string // "staff:<id>", "client:<id>" or "system"
	Dealer  id.Dealer
	Markets []id.Market
}

// Has tells whether an order is within the scope. What is not does not exist for the reporter.
func (s Scope) Has(o *Order) bool {
	if s.Dealer != "" {
		return o.Dealer == s.Dealer
	}
	return slices.Contains(s.Markets, o.Market)
}

// Faults of a file as a whole.
var (
	ErrReportKind    = fault.New(fault.Invalid, "report.file.kind", "ordering.ReadReports")
	ErrReportCode    = fault.New(fault.Invalid, "report.file.encoding", "ordering.ReadReports")
	ErrReportColumns = fault.New(fault.Invalid, "report.file.columns", "ordering.ReadReports")
	ErrReportMany    = fault.New(fault.Invalid, "report.file.many", "ordering.ReadReports")
	ErrReportEmpty   = fault.New(fault.Invalid, "report.file.empty", "ordering.ReadReports")
	ErrNoImport      = fault.New(fault.NotFound, "fault.not_found", "ordering.Import")
	ErrImportMoved   = fault.New(fault.Conflict, "report.moved", "ordering.Import")
)

// Reports reads a file row by row: whatever its length, one row is in memory.
type Reports struct {
	csv *csv.Reader
	at  map[string]int
	n   int
}

var reportHeader = []string{"vin", "stage", "date"}

// longestField of a row; longer ones are cut, and refused for their form.
const longestField = 60

// ReadReports begins to read a file: columns vin, stage and date in any order, order and correction if wanted, separated by
// commas, semicolons or tabs. UTF-8 with or without its mark; anything else is refused here.
func ReadReports(r io.Reader) (*Reports, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	begin, _ := b.Peek(4096)
	switch {
	case len(begin) == 0:
		return nil, ErrReportEmpty
	case bytes.HasPrefix(begin, []byte("PK\x03\x04")), bytes.HasPrefix(begin, []byte("\x1f\x8b")), bytes.HasPrefix(begin, []byte("\xd0\xcf\x11\xe0")), bytes.HasPrefix(begin, []byte("%PDF")):
		return nil, ErrReportKind // a workbook, a packed file: they are not opened
	case bytes.HasPrefix(begin, []byte("\xff\xfe")), bytes.HasPrefix(begin, []byte("\xfe\xff")), bytes.IndexByte(begin, 0) >= 0:
		return nil, ErrReportCode
	case bytes.HasPrefix(begin, []byte("\ufeff")):
		_, _ = b.Discard(len("\ufeff"))
		begin = begin[len("\ufeff"):]
	}
	head, _, _ := strings.Cut(string(begin), "\n")
	x := &Reports{csv: csv.NewReader(b), at: map[string]int{}}
	x.csv.FieldsPerRecord, x.csv.TrimLeadingSpace, x.csv.ReuseRecord, x.csv.LazyQuotes = -1, true, true, true
	for _, sep := range []rune{';', '\t'} {
		if strings.ContainsRune(head, sep) {
			x.csv.Comma = sep
		}
	}
	names, err := x.csv.Read()
	if err != nil {
		return nil, unreadable(err)
	}
	for i, name := range names {
		if !utf8.ValidString(name) {
			return nil, ErrReportCode
		}
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := x.at[name]; !twice {
			x.at[name] = i
		}
	}
	for _, name := range reportHeader {
		if _, ok := x.at[name]; !ok {
			return nil, ErrReportColumns
		}
	}
	return x, nil
}

// unreadable passes on what a door says of a body that is too large; anything else is no table.
func unreadable(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) || errors.Is(err, io.EOF) {
		return ErrReportKind
	}
	return err
}

// Next is the next row, its form already judged; io.EOF after the last. Empty rows are passed over.
func (x *Reports) Next() (Report, error) {
	for {
		rec, err := x.csv.Read()
		if errors.Is(err, io.EOF) && x.n == 0 {
			return Report{}, ErrReportEmpty
		}
		if errors.Is(err, io.EOF) {
			return Report{}, err
		}
		if err != nil {
			return Report{}, unreadable(err)
		}
		line, _ := x.csv.FieldPos(0)
		for _, f := range rec {
			if !utf8.ValidString(f) || strings.ContainsRune(f, 0) {
				return Report{}, ErrReportCode
			}
		}
		r := Report{Line: line, VIN: x.field(rec, "vin"), Stage: State(strings.ToLower(x.field(rec, "stage"))), On: x.field(rec, "date"), Number: x.field(rec, "order")}
		word := strings.ToLower(x.field(rec, "correction"))
		if r.VIN == "" && r.Stage == "" && r.On == "" && r.Number == "" {
			continue
		}
		if x.n++; x.n > MostReports {
			return Report{}, ErrReportMany
		}
		r.Correction = word != "" && word != "0" && word != "no" && word != "false"
		return r.Checked(), nil
	}
}

// field is a cell in one line, cut to what any right value needs.
func (x *Reports) field(rec []string, name string) string {
	i, ok := x.at[name]
	if !ok || i >= len(rec) {
		return ""
	}
	v := rec[i]
	if len(v) > longestField {
		v = strings.ToValidUTF8(v[:longestField], "")
	}
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, v)), " ")
}

// vinForm is ISO 3779: 17 signs without I, O and Q.
var vinForm = regexp.MustCompile(`^[A-HJ-NPR-Z0-9]{17}$`)

// Checked judges a report by itself: a wrong form makes it a reject.
func (r Report) Checked() Report {
	bad := func(why string) Report {
		r.Outcome, r.Why = Rejects, why
		return r
	}
	vin := strings.ToUpper(strings.ReplaceAll(r.VIN, " ", ""))
	if !vinForm.MatchString(vin) {
		return bad("vin")
	}
	r.VIN = vin
	if r.Rank() < 0 {
		return bad("stage")
	}
	if t, err := time.Parse(time.DateOnly, r.On); err != nil || t.Year() < 2000 || t.Year() > 2999 {
		return bad("date")
	}
	if r.Number != "" {
		n, ok := ReadNumber(r.Number)
		if !ok {
			return bad("number")
		}
		r.Number = n
	}
	return r
}

// Rank is the place of the report's stage on the way; -1 when it is none that may be reported.
func (r Report) Rank() int { return slices.Index(ReportStages, r.Stage) }

// Judge says what a report does to an order that is within the reporter's scope, today being the day at its market. known
// are the days on which the stage was reported before.
func (r Report) Judge(o *Order, today string, known []string) (Outcome, string) {
	way := MachineOf(o.Flow).Stages
	here, there := slices.Index(way, o.State), slices.Index(way, r.Stage)
	switch {
	case o.VIN != "" && o.VIN != r.VIN:
		return Rejects, "other_vin"
	case r.On > today:
		return Rejects, "future"
	case r.On < o.CreatedAt.UTC().AddDate(0, 0, -1).Format(time.DateOnly):
		return Rejects, "early"
	case slices.Contains(known, r.On):
		return Same, ""
	case !o.State.WithDealer() && o.State != HandedOver:
		return Rejects, "not_accepted"
	case r.Correction && there <= here:
		return Corrects, ""
	case r.Correction:
		return Rejects, "ahead"
	case len(known) > 0:
		return Rejects, "other_day"
	case there == here:
		return Notes, ""
	case there < here:
		return Rejects, "behind"
	}
	return Moves, ""
}
