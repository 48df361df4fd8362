package web

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/insight"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
	"forecourt/internal/platform/pdf"

	"github.com/labstack/echo/v4"
)

// Statement is a dealer's settlement as the page, the file and the paper tell it; all three are made of it.
type Statement struct {
	Path   string // of the page; its file and paper lie beside it
	Name   string // the dealer's
	Month  string // "November 2026" in the reader's words
	Months []MonthChoice
	// Near are the latest months as links, and the one that is shown: whoever looks for an earlier one finds it without
	// opening a list.
	Near   []MonthChoice
	Lines  []StatementLine
	Sum    StatementLine
	Before string
	After  string
	// Verdict says in words who owes whom at the end.
	Verdict string

	figures insight.Statement
	base    Base
	feePath string
}

// MonthChoice is a month that the reader may ask for.
type MonthChoice struct {
	Code, Label string
	Selected    bool
	URL         string
}

// StatementLine is one order, or the sum, in the reader's figures.
type StatementLine struct {
	Number, Car, HandedOver                                                                    string
	Sold, VAT, Received, Desk, Deposit, Open, Held, Disputed, Fees, Commission, Goodwill, Owed string
	Rule, Objection, Tone, FeeURL                                                              string // of the commission; empty without one

	base Base
	used *[sums]bool // the columns that the page shows
}

// sums is how many amounts a line has.
const sums = 12

// StatementSum is an amount with the head of its column. Fee is the one that the rule of the commission stands beside.
type StatementSum struct {
	Head, Amount string
	Fee          bool
}

// amounts are those of a line, in the order of the columns.
func amounts(l insight.StatementLine) [sums]int64 {
	return [sums]int64{l.Sold, l.VAT, l.Received, l.Desk, l.Deposit, l.Open, l.Held, l.Disputed, l.Fees, l.Commission, l.Goodwill, l.Owed()}
}

// Sums are the amounts of a line that the page shows, in the order of the columns: a column in which there is nothing at all
// would only push the last ones off a screen. The file has all of them.
func (l StatementLine) Sums() []StatementSum {
	out := make([]StatementSum, 0, sums)
	for i, amount := range []string{l.Sold, l.VAT, l.Received, l.Desk, l.Deposit, l.Open, l.Held, l.Disputed, l.Fees, l.Commission, l.Goodwill, l.Owed} {
		if l.used == nil || l.used[i] {
			out = append(out, StatementSum{l.base.T("statement." + heads[3+i]), amount, heads[3+i] == "commission"})
		}
	}
	return out
}

// StatementDealer is whose settlement it is, and where its page lies.
type StatementDealer struct {
	Code     id.Dealer
	Name     string
	Currency money.Currency
	Zone     *time.Location
	Path     string
	FeePath  string // beneath which the commission of an order lies
}

// ReadStatement reads the settlement that a request asks for: ?month=2026-11, the running month without.
// ErrNotFound answers a month that is none, has not begun, or lies before the dealer's first movement.
func (k *Kit) ReadStatement(c echo.Context, b Base, d StatementDealer) (*Statement, error) {
	g, now := k.DB.Read(c.Request().Context()), k.DB.Clock.Now()
	first, err := insight.FirstMovement(g, d.Code)
	if err != nil {
		return nil, err
	}
	if first.IsZero() {
		first = now
	}
	oldest, newest := insight.MonthOf(first, d.Zone), insight.MonthOf(now, d.Zone)
	at := newest
	if asked := c.QueryParam("month"); asked != "" {
		var ok bool
		if at, ok = insight.ParseMonth(asked, d.Zone); !ok || at.First.Before(oldest.First) || at.First.After(newest.First) {
			return nil, ErrNotFound
		}
	}
	figures, err := insight.StatementOf(g, d.Code, d.Currency, at)
	if err != nil {
		return nil, err
	}
	s := NewStatement(b, d, figures)
	for m := newest; !m.First.Before(oldest.First) && len(s.Months) < mostMonths; m = m.Before() {
		s.Months = append(s.Months, MonthChoice{m.Code(), b.monthName(m), m.Code() == at.Code(), d.Path + "?" + url.Values{"month": {m.Code()}}.Encode()})
	}
	s.Near = near(s.Months)
	return s, nil
}

// near are the latest months, and the chosen one where it is older.
func near(all []MonthChoice) []MonthChoice {
	var out []MonthChoice
	for i, m := range all {
		if i < nearMonths || m.Selected {
			out = append(out, m)
		}
	}
	return out
}

// nearMonths are shown as links; the others stand in the list beside them.
const nearMonths = 6

// mostMonths bounds the choice; older ones answer to their address.
const mostMonths = 36

// NewStatement puts a settlement into the reader's words.
func NewStatement(b Base, d StatementDealer, f insight.Statement) *Statement {
	s := &Statement{Path: d.Path, Name: d.Name, Month: b.monthName(f.Month), figures: f, base: b, feePath: d.FeePath}
	used := &[sums]bool{0: true, 2: true, sums - 1: true} // sold, received, owed
	for _, l := range f.Lines {
		for i, n := range amounts(l) {
			used[i] = used[i] || n != 0
		}
		s.Lines = append(s.Lines, s.line(l, s.cell))
		s.Lines[len(s.Lines)-1].used = used
	}
	s.Sum = s.line(f.Sum, s.money)
	s.Sum.used = used
	s.Sum.Number = b.T("statement.sum")
	s.Before, s.After = s.money(f.Before()), s.money(f.After())
	switch after := f.After(); {
	case after > 0:
		s.Verdict = b.T("statement.we_owe", "Amount", s.money(after), "Dealer", d.Name)
	case after < 0:
		s.Verdict = b.T("statement.dealer_owes", "Amount", s.money(-after), "Dealer", d.Name)
	default:
		s.Verdict = b.T("statement.even")
	}
	return s
}

func (s *Statement) money(minor int64) string {
	return s.base.Money(money.Of(minor, s.figures.Currency))
}

// cell is money in an order's row: a nought is a dash there, so that what is something stands out.
func (s *Statement) cell(minor int64) string {
	if minor == 0 {
		return "–"
	}
	return s.money(minor)
}

func (s *Statement) line(l insight.StatementLine, write func(int64) string) StatementLine {
	out := StatementLine{Number: l.Number, Car: l.Model, Sold: write(l.Sold), VAT: write(l.VAT), Received: write(l.Received), Desk: write(l.Desk),
		Deposit: write(l.Deposit), Open: write(l.Open), Held: write(l.Held), Disputed: write(l.Disputed), Fees: write(l.Fees), Commission: write(l.Commission), Goodwill: write(l.Goodwill), Owed: write(l.Owed()), Rule: l.Rule, base: s.base}
	if l.Rule != "" && s.feePath != "" {
		out.FeeURL = s.feePath + "/" + url.PathEscape(l.Number)
	}
	if l.Objection != "" {
		out.Objection, out.Tone = s.base.T("fee.state."+l.Objection), objectionTone[l.Objection]
	}
	if !l.HandedOver.IsZero() {
		out.HandedOver = s.base.P.DateShort(l.HandedOver.In(s.figures.Month.First.Location()))
	}
	return out
}

func (b Base) monthName(m insight.Month) string {
	return b.T("statement.month."+strconv.Itoa(int(m.First.Month())), "Year", strconv.Itoa(m.First.Year()))
}

// FileURL is the address of the statement as a file of a kind: "csv" or "pdf".
func (s *Statement) FileURL(kind string) string {
	return s.Path + "/" + kind + "?" + url.Values{"month": {s.figures.Month.Code()}}.Encode()
}

// objectionTone is how an objection's state looks.
var objectionTone = map[string]string{"open": "warn", "stands": "", "corrected": "good"}

// AnswerFile answers the statement as the kind of file that the route names.
func (s *Statement) AnswerFile(c echo.Context) error {
	name := []string{"settlement", string(s.figures.Dealer), s.figures.Month.Code()}
	switch c.Param("file") {
	case "csv":
		return s.sheet(c, name)
	case "pdf":
		body, err := s.PDF()
		if err != nil {
			return err
		}
		return Download(c, "application/pdf", body, "pdf", name...)
	}
	return ErrNotFound
}

// heads are the columns of the file, in its order.
var heads = []string{"order", "car", "handed_over", "sold", "vat", "received", "desk", "deposit", "open", "held", "disputed", "fees", "commission", "goodwill", "owed", "currency", "rule", "objection"}

// sheet is the settlement for a spreadsheet or a program: days as 2026-11-24; after the orders a row with the sums, and
// what was owed before and after.
func (s *Statement) sheet(c echo.Context, name []string) error {
	head := make([]string, len(heads))
	for i, h := range heads {
		head[i] = s.base.T("statement." + h)
	}
	return Sheet(c, head, func(yield func([]string, error) bool) {
		for _, l := range s.figures.Lines {
			if !yield(s.record(l), nil) {
				return
			}
		}
		sum := s.figures.Sum
		sum.Number = s.base.T("statement.sum")
		for _, row := range [][]string{s.record(sum), s.balance("statement.before", s.figures.Before()), s.balance("statement.after", s.figures.After())} {
			if !yield(row, nil) {
				return
			}
		}
	}, name...)
}

func (s *Statement) record(l insight.StatementLine) []string {
	day := ""
	if !l.HandedOver.IsZero() {
		day = l.HandedOver.In(s.figures.Month.First.Location()).Format(time.DateOnly)
	}
	out := []string{l.Number, l.Model, day}
	for _, n := range amounts(l) {
		out = append(out, CellAmount(n))
	}
	objection := ""
	if l.Objection != "" {
		objection = s.base.T("fee.state." + l.Objection)
	}
	return append(out, string(s.figures.Currency), l.Rule, objection)
}

func (s *Statement) balance(key string, minor int64) []string {
	out := make([]string, len(heads))
	out[0], out[len(out)-4], out[len(out)-3] = s.base.T(key), CellAmount(minor), string(s.figures.Currency)
	return out
}

// StatementPart is a table of the paper: an A4 page is too narrow for all columns side by side.
type StatementPart struct {
	Title string
	Cols  []pdf.Column
	Rows  []pdf.Row
}

// Parts are the tables of the paper: what was sold, where the money lies, and what is owed for it.
func (s *Statement) Parts() []StatementPart {
	part := func(title string, cols []string, cells func(StatementLine) []string) StatementPart {
		p := StatementPart{Title: s.base.T("statement." + title)}
		for i, c := range cols {
			p.Cols = append(p.Cols, pdf.Column{Head: s.base.T("statement." + c), Width: 1 / float64(len(cols)), Right: i > 0 && !slices.Contains([]string{"car", "handed_over", "rule", "objection"}, c)})
		}
		for _, l := range s.Lines {
			p.Rows = append(p.Rows, pdf.Row{Cells: cells(l)})
		}
		p.Rows = append(p.Rows, pdf.Row{Cells: cells(s.Sum), Strong: true})
		return p
	}
	owed := []string{"order", "held", "disputed", "fees", "commission", "owed"}
	given := s.Sum.used[slices.Index(heads, "goodwill")-3]
	if given {
		owed = slices.Insert(owed, len(owed)-1, "goodwill")
	}
	return []StatementPart{
		part("part.sales", []string{"order", "car", "handed_over", "sold", "vat"}, func(l StatementLine) []string { return []string{l.Number, l.Car, l.HandedOver, l.Sold, l.VAT} }),
		part("part.money", []string{"order", "received", "desk", "deposit", "open"}, func(l StatementLine) []string { return []string{l.Number, l.Received, l.Desk, l.Deposit, l.Open} }),
		part("part.owed", owed, func(l StatementLine) []string {
			if given {
				return []string{l.Number, l.Held, l.Disputed, l.Fees, l.Commission, l.Goodwill, l.Owed}
			}
			return []string{l.Number, l.Held, l.Disputed, l.Fees, l.Commission, l.Owed}
		}),
		part("part.commission", []string{"order", "commission", "rule", "objection"}, func(l StatementLine) []string { return []string{l.Number, l.Commission, l.Rule, l.Objection} }),
	}
}

// PDF is the settlement as a paper.
func (s *Statement) PDF() ([]byte, error) {
	b := s.base
	title := b.T("statement.title")
	d := pdf.New(pdf.Meta{Title: title + ", " + s.Name + ", " + s.Month, Lang: b.P.Locale(), Author: "Forecourt", Created: s.figures.Month.First,
		Footer: s.Name + ", " + s.Month, Page: func(page, of int) string {
			return b.T("statement.page", "Page", strconv.Itoa(page), "Of", strconv.Itoa(of))
		}})
	d.Title(title)
	d.Facts(pdf.Fact{Key: b.T("statement.dealer"), Value: s.Name}, pdf.Fact{Key: b.T("statement.for"), Value: s.Month},
		pdf.Fact{Key: b.T("statement.before"), Value: s.Before}, pdf.Fact{Key: b.T("statement.owed"), Value: s.Sum.Owed}, pdf.Fact{Key: b.T("statement.after"), Value: s.After},
		pdf.Fact{Key: b.T("statement.deposit"), Value: s.Sum.Deposit})
	d.Text(s.Verdict)
	if len(s.Lines) == 0 {
		d.Text(b.T("statement.empty"))
	} else {
		for _, p := range s.Parts() {
			d.Heading(p.Title)
			d.Table(p.Cols, p.Rows)
		}
	}
	d.Small(b.T("statement.note"))
	return d.Bytes()
}

// SampleStatement is an invented settlement, for the test that checks all templates against their structs.
func SampleStatement() *Statement {
	words, err := i18n.Load()
	if err != nil {
		panic(err) // the catalogues are part of the binary
	}
	day := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	f := insight.Statement{Dealer: "gb-sample", Currency: "GBP", Month: insight.MonthOf(day, time.UTC)}
	f.Lines = []insight.StatementLine{{Number: "FC-7K3M-29QX", Model: "Duster", HandedOver: day, Sold: 2_573_500, VAT: 428_916, Desk: 2_563_500, Held: 10_000, Fees: 170, Commission: 61_000, Rule: "gb-fee-2026-1", Objection: "open"},
		{Number: "FC-8L4N-3ARY", Model: "Sandero", Received: 10_000, Deposit: 10_000, Disputed: 500}}
	f.Sum = insight.StatementLine{Sold: 2_573_500, VAT: 428_916, Received: 10_000, Desk: 2_563_500, Deposit: 10_000, Held: 10_000, Disputed: 500, Fees: 170, Commission: 61_000, Before: 12_000}
	s := NewStatement(Base{P: words.Printer("en-GB"), Zone: time.UTC}, StatementDealer{Code: "gb-sample", Name: "Northgate Motors Leeds", Currency: "GBP", Zone: time.UTC, Path: "/dealer/statement", FeePath: "/dealer/fees"}, f)
	s.Months = []MonthChoice{{f.Month.Code(), s.Month, true, "/dealer/statement?month=2026-11"}, {"2026-10", "October 2026", false, "/dealer/statement?month=2026-10"}}
	s.Near = near(s.Months)
	return s
}
