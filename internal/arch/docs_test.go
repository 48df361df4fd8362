package arch

import (
	"cmp"
	"flag"
	"go/doc/comment"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/aftersales"
	"forecourt/internal/allocation"
	"forecourt/internal/connected"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/stock"
	"forecourt/internal/usedcars"
)

var update = flag.Bool("update", false, "write the diagrams in the packages' doc.go anew")

// tablesLine begins the list of a package's tables in its doc.go; each point names some, a colon, and how long rows stay.
const tablesLine = "Tables, and how long their rows are kept:"

// docs are the package comments of internal, by package.
func docs(t *testing.T) map[string]string {
	t.Helper()
	out, found := map[string]string{}, map[string]bool{}
	for _, f := range sources(t) {
		if f.test || !strings.HasPrefix(f.path, "internal/") {
			continue
		}
		found[f.pkg] = true
		switch {
		case f.tree.Doc == nil:
		case f.name != "doc.go":
			t.Errorf("%s holds a package comment: it stands in doc.go, where a newcomer looks first", f.path)
		default:
			out[f.pkg] = f.tree.Doc.Text()
		}
	}
	for pkg := range found {
		if out[pkg] == "" {
			t.Errorf("internal/%s has no doc.go with a package comment: say what it owns and what it refuses", pkg)
		}
	}
	return out
}

// tablesOf reads the list of tables out of a package comment; bad are points that are not of the form.
func tablesOf(doc string) (tables, bad []string) {
	var listed bool
	for _, b := range new(comment.Parser).Parse(doc).Content {
		switch b := b.(type) {
		case *comment.Paragraph:
			listed = plain(b.Text) == tablesLine
		case *comment.List:
			for _, item := range b.Items {
				if p, ok := item.Content[0].(*comment.Paragraph); listed && ok {
					names, life, _ := strings.Cut(plain(p.Text), ":")
					if strings.TrimSpace(life) == "" {
						bad = append(bad, plain(p.Text))
					}
					tables = append(tables, strings.FieldsFunc(names, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })...)
				}
			}
		default:
			listed = false
		}
	}
	return tables, bad
}

func plain(words []comment.Text) string {
	var s strings.Builder
	for _, w := range words {
		if p, ok := w.(comment.Plain); ok {
			s.WriteString(string(p))
		}
	}
	return s.String()
}

// TestEveryTableHasOneOwner: each table of the schema stands in the list of exactly one doc.go, with its retention.
func TestEveryTableHasOneOwner(t *testing.T) {
	t.Parallel()
	owners := map[string][]string{}
	for pkg, doc := range docs(t) {
		tables, bad := tablesOf(doc)
		for _, item := range bad {
			t.Errorf("internal/%s/doc.go does not say how long rows are kept: %q", pkg, item)
		}
		for _, table := range tables {
			owners[table] = append(owners[table], pkg)
		}
	}
	var schema []string
	if err := dbtest.New(t).Read(t.Context()).Raw(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`).Scan(&schema).Error; err != nil {
		t.Fatal(err)
	}
	if len(schema) < 60 {
		t.Fatalf("only %d tables: the search has gone blind", len(schema))
	}
	for _, table := range schema {
		if len(owners[table]) != 1 {
			t.Errorf("%s is named by %d packages %v: it needs one owner, whose doc.go names it under %q", table, len(owners[table]), owners[table], tablesLine)
		}
		delete(owners, table)
	}
	for table, pkgs := range owners {
		t.Errorf("%v name the table %s, which the schema does not have", pkgs, table)
	}
}

func TestListsOfTablesAreRead(t *testing.T) {
	t.Parallel()
	tables, bad := tablesOf("Package x owns things.\n\n" + tablesLine + "\n\n  - orders, order_history: as long as\n    the books\n  - buyers, users\n\nIt refuses:\n\n  - drafts: never\n")
	if !slices.Equal(tables, []string{"orders", "order_history", "buyers", "users"}) || len(bad) != 1 {
		t.Errorf("read %v, without a time %v", tables, bad)
	}
}

// diagram is a machine as a doc.go shows it.
type diagram struct {
	pkg, of string
	steps   []ordering.Edge // the event may be empty
	first   []ordering.State
}

// homes are the packages that declare a flow's machine.
var homes = map[id.Flow]string{id.FlowNew: "flow/newcar", id.FlowUsed: "flow/usedcar", id.FlowService: "flow/workshop"}

func diagrams(t *testing.T) []diagram {
	t.Helper()
	var out []diagram
	for _, m := range ordering.Machines() {
		if homes[m.Flow] == "" {
			t.Fatalf("the flow %s has a machine: say in homes whose doc.go shows it", m.Flow)
		}
		out = append(out, diagram{homes[m.Flow], "an order", m.Steps(), append([]ordering.State{"", ordering.Checkout}, m.Stages...)})
	}
	pay, entry, car := diagram{pkg: "payment", of: "a payment"}, diagram{pkg: "allocation", of: "a queue entry"}, diagram{pkg: "stock", of: "a car"}
	for _, e := range payment.Edges {
		pay = pay.with(string(e.From), string(e.To))
	}
	for _, e := range allocation.Edges {
		entry = entry.with(string(e.From), string(e.To))
	}
	for _, e := range stock.Edges {
		car = car.with(string(e.From), string(e.To))
	}
	used := diagram{pkg: "usedcars", of: "a car"}
	for _, e := range usedcars.Edges {
		used = used.with(string(e.From), string(e.To))
	}
	warning := diagram{pkg: "connected", of: "a warning"}
	for _, e := range connected.Edges {
		warning = warning.with(string(e.From), string(e.To))
	}
	stay := diagram{pkg: "aftersales", of: "a booking"}
	for _, e := range aftersales.Edges {
		stay = stay.with(string(e.From), string(e.To))
	}
	return append(out, pay, entry, car, used, warning, stay)
}

func (d diagram) with(from, to string) diagram {
	d.steps = append(d.steps, ordering.Edge{From: ordering.State(from), To: ordering.State(to)})
	return d
}

// line tells readers of a doc.go where the drawing below it comes from.
func (d diagram) line() string {
	return "// The steps of " + d.of + ", made from the table (go test ./internal/arch -run Diagrams -update):"
}

// draw writes the steps as comment lines, by the state that they leave: first those of the usual way, then as they are met.
func (d diagram) draw() string {
	order, wide := slices.Clone(d.first), len("(new)")
	add := func(s ordering.State) {
		if !slices.Contains(order, s) {
			order = append(order, s)
		}
		wide = max(wide, len(s))
	}
	for _, e := range d.steps {
		add(e.From)
	}
	for _, e := range d.steps {
		add(e.To)
	}
	var b strings.Builder
	for _, s := range order {
		name := cmp.Or(string(s), "(new)")
		lines := d.leaving(s)
		if len(lines) == 0 {
			lines = []string{"ends"}
		}
		for _, l := range lines {
			b.WriteString("//\t" + name + strings.Repeat(" ", wide-len(name)) + " " + l + "\n")
			name = ""
		}
	}
	return b.String()
}

// leaving are the steps out of a state: a line for each event, or one line when steps have no names.
func (d diagram) leaving(s ordering.State) []string {
	var named, plain []string
	for _, e := range d.steps {
		switch {
		case e.From != s:
		case e.Event == "":
			plain = append(plain, string(e.To))
		default:
			named = append(named, "--"+string(e.Event)+"--> "+string(e.To))
		}
	}
	if len(plain) > 0 {
		named = append(named, "--> "+strings.Join(plain, ", "))
	}
	return named
}

// into puts the drawing below its line, in the place of the indented lines there; false when there is no such line.
func (d diagram) into(file string) (string, bool) {
	before, after, ok := strings.Cut(file, d.line()+"\n//\n")
	if !ok {
		return file, false
	}
	for strings.HasPrefix(after, "//\t") {
		_, after, _ = strings.Cut(after, "\n")
	}
	if strings.HasPrefix(after, "// ") {
		after = "//\n" + after
	}
	return before + d.line() + "\n//\n" + d.draw() + after, true
}

// TestDiagramsAreThoseOfTheTables: the steps in a doc.go are those that the code allows.
func TestDiagramsAreThoseOfTheTables(t *testing.T) {
	t.Parallel()
	for _, d := range diagrams(t) {
		path := filepath.Join(top(t), "internal", filepath.FromSlash(d.pkg), "doc.go")
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		want, ok := d.into(string(raw))
		switch {
		case !ok:
			t.Errorf("internal/%s/doc.go has no place for its steps; put this line there, and an empty one after it:\n%s", d.pkg, d.line())
		case *update:
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Error(err)
			}
		case want != string(raw):
			t.Errorf("internal/%s/doc.go does not show the steps that the code allows: go test ./internal/arch -run Diagrams -update", d.pkg)
		}
	}
}

func TestADiagramTakesThePlaceOfTheOld(t *testing.T) {
	t.Parallel()
	d := diagram{pkg: "x", of: "a thing"}.with("", "on").with("on", "off")
	d.steps[1].Event = "press"
	got, ok := d.into("// Package x.\n//\n" + d.line() + "\n//\n//\told --> older\n//\told --> gone\n//\n// More.\npackage x\n")
	if want := "// Package x.\n//\n" + d.line() + "\n//\n//\t(new) --> on\n//\ton    --press--> off\n//\toff   ends\n//\n// More.\npackage x\n"; !ok || got != want {
		t.Errorf("got %q", got)
	}
}
