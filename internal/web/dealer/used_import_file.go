package dealer

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"forecourt/internal/platform/db"
	"forecourt/internal/usedcars/intake"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// usedLines are lines on one page of a file.
const usedLines = 100

// UsedImportPage is one file of used cars: what its columns are, how far it is, and what becomes of each line.
type UsedImportPage struct {
	Page
	Back               web.NavItem
	Path               string
	When, State        string
	Columns            []ImportColumn // while its sender looks at them
	Lacks              string         // what a new car must say and no column does
	Busy               bool           // somebody works on it
	MayApply, MayRemap bool
	Apply              string // what carrying out would do
	Said, Left         string // how far, and how long it will take
	Rows, Looked       int
	Fell               string
	Counts             []web.ReportCount
	Bars               []ImportBar
	Lines              []ImportLine
	More, Rejects      string
}

// ImportColumn is a column of a file with what it may be.
type ImportColumn struct {
	Name, Word, Sample string
	Options            []Choice
}

// ImportBar is how many lines have an outcome, drawn.
type ImportBar struct {
	Label, Value, Tone string
	Width              int // in a hundred
}

// ImportLine is a line with what becomes of it.
type ImportLine struct{ No, VIN, Car, Outcome, Tone, Why string }

// importOutcomes in the order of the page.
var importOutcomes = []intake.Outcome{intake.New, intake.Changes, intake.Same, intake.Rejects}

var importTones = map[intake.Outcome]string{intake.New: "good", intake.Changes: "info", intake.Same: "", intake.Rejects: "bad"}

// lookUsedImport shows a file; fields are what somebody chose for its columns and was refused.
func (h *Handlers) lookUsedImport(c echo.Context, s site, fields []intake.Field, r web.Refusal) error {
	g := h.kit.DB.Read(c.Request().Context())
	f, err := intake.Of(g, s.dealer.Code, intake.ID(c.Param("stock")))
	if err != nil {
		return err
	}
	p := &UsedImportPage{Page: h.page(c, s, f.Name, "stock"), Path: usedImportPath + "/" + string(f.ID), Rows: f.Rows, Looked: f.Rows - f.Open()}
	p.Back, p.Problem = web.NavItem{URL: usedImportPath, Label: p.T("used.import.title")}, p.Sentence(r.Key)
	p.When, p.State = p.DateTime(f.CreatedAt), p.T("used.import.state."+string(f.State))
	if fields == nil {
		fields = f.Fields
	}
	if f.State == intake.Mapping {
		lines, err := intake.Lines(g, f.ID, "", 0, 3)
		if err != nil {
			return err
		}
		p.columns(f, fields, lines)
		return h.kit.Show(c, r.Status, "dealer/used_import", p)
	}
	p.progress(s, f)
	if err := h.importLines(c, p, f); err != nil {
		return err
	}
	return h.kit.Show(c, r.Status, "dealer/used_import", p)
}

// columnKeys are the words of fields that have them elsewhere; the others are used.column.<field>.
var columnKeys = map[intake.Field]string{intake.VIN: "used.fact.vin", intake.Plate: "used.fact.plate", intake.Shop: "used.stock.field.shop", intake.Make: "used.facet.make", intake.Model: "used.facet.model",
	intake.Version: "used.stock.field.version", intake.Engine: "used.fact.engine", intake.Body: "used.facet.body", intake.Fuel: "used.facet.fuel", intake.Gearbox: "used.facet.gearbox", intake.Colour: "used.facet.colour",
	intake.Doors: "used.fact.doors", intake.Seats: "used.fact.seats", intake.KW: "used.stock.field.kw", intake.CO2: "used.stock.field.co2", intake.Emission: "used.facet.emission", intake.Registered: "used.fact.registered",
	intake.Km: "used.stock.field.km", intake.Miles: "used.stock.field.mi", intake.Owners: "used.fact.owners", intake.Equipment: "used.equipment_title", intake.Price: "used.stock.field.price", intake.VAT: "used.stock.field.vat",
	intake.Bought: "used.stock.field.bought"}

func (p Page) column(f intake.Field) string {
	if key, ok := columnKeys[f]; ok {
		return p.T(key)
	}
	return p.T("used.column." + string(f))
}

func (p *UsedImportPage) columns(f *intake.File, fields []intake.Field, lines []intake.Line) {
	for i, word := range f.Header {
		col := ImportColumn{Name: "c" + strconv.Itoa(i), Word: word, Options: []Choice{{"", p.T("used.import.none"), fields[i] == intake.None}}}
		for _, l := range lines {
			if i < len(l.Cells) && l.Cells[i] != "" {
				col.Sample = l.Cells[i]
				break
			}
		}
		for _, x := range intake.Fields {
			col.Options = append(col.Options, Choice{string(x), p.column(x), fields[i] == x})
		}
		p.Columns = append(p.Columns, col)
	}
	var lacks []string
	for _, any := range intake.Lacks(fields) {
		lacks = append(lacks, p.column(any[0]))
	}
	if len(lacks) > 0 {
		p.Lacks = p.T("used.import.lacks", "Fields", p.P.List(lacks))
	}
}

func (p *UsedImportPage) progress(s site, f *intake.File) {
	n := func(i int) string { return p.P.Int(int64(i)) }
	p.Busy = f.State == intake.Checking || f.State == intake.Applying
	p.Said = p.T("report.progress", "Done", n(p.Looked), "Rows", n(p.Rows))
	if left := f.Left(s.now); p.Busy && left > 0 {
		p.Left = p.N("used.import.left", int((left+time.Minute-1)/time.Minute))
	}
	p.MayRemap = f.State == intake.Checked
	p.MayApply = f.State == intake.Checked && f.Counts[intake.New]+f.Counts[intake.Changes] > 0
	p.Apply = p.T("used.import.apply_text", "New", n(f.Counts[intake.New]), "Changed", n(f.Counts[intake.Changes]))
	if f.Fell > 0 {
		p.Fell = p.T("used.import.fell", "N", n(f.Fell))
	}
	for _, o := range importOutcomes {
		tone := map[intake.Outcome]string{intake.New: "good", intake.Rejects: "bad"}[o]
		p.Bars = append(p.Bars, ImportBar{p.T("used.import.outcome." + string(o)), n(f.Counts[o]), tone, (f.Counts[o]*100 + f.Rows/2) / max(f.Rows, 1)})
	}
	if f.Counts[intake.Rejects] > 0 {
		p.Rejects = p.Path + "/rejects.csv"
	}
}

func (h *Handlers) importLines(c echo.Context, p *UsedImportPage, f *intake.File) error {
	asked := intake.Outcome(c.QueryParam("outcome"))
	if _, ok := importTones[asked]; !ok {
		asked = ""
	}
	p.Counts = append(p.Counts, web.ReportCount{URL: p.Path, Label: p.T("report.all"), N: p.P.Int(int64(f.Rows)), Current: asked == ""})
	for _, o := range importOutcomes {
		p.Counts = append(p.Counts, web.ReportCount{URL: p.Path + "?outcome=" + string(o), Label: p.T("used.import.outcome." + string(o)), N: p.P.Int(int64(f.Counts[o])), Current: o == asked})
	}
	after, _ := strconv.ParseInt(c.QueryParam("after"), 10, 31)
	lines, err := intake.Lines(h.kit.DB.Read(c.Request().Context()), f.ID, asked, int(max(after, 0)), usedLines+1)
	if err != nil {
		return err
	}
	lines, p.More = web.Leaf(lines, usedLines, func(last intake.Line) string { return fmt.Sprintf("%s?outcome=%s&after=%d", p.Path, asked, last.No) })
	for _, l := range lines {
		out := ImportLine{No: strconv.Itoa(l.No), VIN: l.VIN, Car: carOf(f, l), Tone: importTones[l.Outcome], Why: p.why(l.Fault)}
		if l.Outcome != "" {
			out.Outcome = p.T("used.import.outcome." + string(l.Outcome))
		}
		p.Lines = append(p.Lines, out)
	}
	return nil
}

// carOf names the car of a line as its file does.
func carOf(f *intake.File, l intake.Line) string {
	cell := func(x intake.Field) string {
		for i, y := range f.Fields {
			if x == y && i < len(l.Cells) {
				return l.Cells[i]
			}
		}
		return ""
	}
	return web.CleanLine(cell(intake.Make) + " " + cell(intake.Model))
}

// why says in words what is wrong with a line, with what it said.
func (p Page) why(f intake.Fault) string {
	if f.Why == "" {
		return ""
	}
	out := p.T("used.import.why." + string(f.Why))
	if f.Field != "" {
		out = p.Pair(p.column(f.Field), out)
	}
	if f.Said != "" {
		out += " (" + f.Said + ")"
	}
	return out
}

// mapUsed says which column is what.
func (h *Handlers) mapUsed(c echo.Context) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, form *web.Form) (web.Act, error) {
		key := intake.ID(c.Param("stock"))
		f, err := intake.Of(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, key)
		if err != nil {
			return web.Act{}, err
		}
		fields := make([]intake.Field, len(f.Header))
		for i := range fields {
			fields[i] = intake.Field(form.Value("c" + strconv.Itoa(i)))
		}
		return web.Act{Name: "dealer.used_columns " + string(key), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return usedImportPath + "/" + string(key), h.used.MapStockTx(ctx, tx, s.scope(), key, fields)
		}, Again: func(r web.Refusal) error { return h.lookUsedImport(c, s, fields, r) }}, nil
	})
}

// actOnFile makes a step of a file of the site.
func (h *Handlers) actOnFile(c echo.Context, name string, act func(ctx context.Context, tx *db.Tx, scope intake.Scope, key intake.ID) error) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, _ *web.Form) (web.Act, error) {
		key := intake.ID(c.Param("stock"))
		return web.Act{Name: name + " " + strconv.Quote(string(key)), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return usedImportPath + "/" + string(key), act(ctx, tx, s.scope(), key)
		}, Again: func(r web.Refusal) error { return h.lookUsedImport(c, s, nil, r) }}, nil
	})
}

func (h *Handlers) applyUsed(c echo.Context) error {
	return h.actOnFile(c, "dealer.used_apply", h.used.ApplyStockTx)
}

func (h *Handlers) remapUsed(c echo.Context) error {
	return h.actOnFile(c, "dealer.used_remap", func(_ context.Context, tx *db.Tx, scope intake.Scope, key intake.ID) error {
		return h.used.RemapStockTx(tx, scope, key)
	})
}

// usedRejects answers the refused lines of a file with their reasons, row by row as they are read.
func (h *Handlers) usedRejects(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	g := h.kit.DB.Read(c.Request().Context())
	f, err := intake.Of(g, s.dealer.Code, intake.ID(c.Param("stock")))
	if err != nil {
		return err
	}
	p := h.page(c, s, "", "stock")
	return web.Sheet(c, []string{"line", "vin", "column", "reason", "value"}, func(yield func([]string, error) bool) {
		for after := 0; ; {
			lines, err := intake.Lines(g, f.ID, intake.Rejects, after, 1000)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(lines) == 0 {
				return
			}
			for _, l := range lines {
				column := ""
				if l.Fault.Field != "" {
					column = p.column(l.Fault.Field)
				}
				if !yield([]string{strconv.Itoa(l.No), l.VIN, column, p.T("used.import.why." + string(l.Fault.Why)), l.Fault.Said}, nil) {
					return
				}
				after = l.No
			}
		}
	}, "rejects")
}
