package arch

import (
	"bufio"
	"cmp"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/platform/dbtest"
)

// unnamed are columns ("table.column") that no code of ours names, or tables with none that is, with why they are there.
var unnamed = map[string]string{}

var identifier = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_]*`)

// TestEveryColumnIsNamed: a column that no package names which also names its table is dead: nothing fills it but a
// default, and nothing reads it. A row's struct names a column by its field.
func TestEveryColumnIsNamed(t *testing.T) {
	t.Parallel()
	words := map[string]map[string]bool{} // by package, folded
	for _, f := range sources(t) {
		if f.test || slices.Contains(workshop, f.pkg) {
			continue
		}
		if words[f.pkg] == nil {
			words[f.pkg] = map[string]bool{}
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CommentGroup:
				return false
			case *ast.Ident:
				words[f.pkg][folded(n.Name)] = true
			case *ast.BasicLit:
				for _, w := range identifier.FindAllString(n.Value, -1) {
					words[f.pkg][folded(w)] = true
				}
			}
			return true
		})
	}
	for _, c := range columns(t) {
		named := false
		for _, in := range words {
			named = named || in[folded(c.table)] && in[folded(c.column)]
		}
		why := cmp.Or(unnamed[c.table+"."+c.column], unnamed[c.table])
		switch {
		case !named && why == "":
			t.Errorf("%s.%s is named by no package that knows its table: drop it, or say here why it is there", c.table, c.column)
		case named && why != "":
			t.Errorf("%s.%s is named by now: it is no exception any more", c.table, c.column)
		}
	}
}

// folded makes "due_at" and "DueAt" the same.
func folded(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

type column struct{ table, column string }

func columns(t *testing.T) (out []column) {
	t.Helper()
	var rows []struct{ Tab, Col string }
	err := dbtest.New(t).Read(t.Context()).Raw(`SELECT c.table_name AS tab, c.column_name AS col FROM information_schema.columns c
		JOIN pg_tables p ON p.schemaname = 'public' AND p.tablename = c.table_name
		WHERE c.table_schema = 'public' AND c.table_name NOT LIKE 'river%' AND c.table_name NOT LIKE 'goose%' ORDER BY 1, c.ordinal_position`).Scan(&rows).Error
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 500 {
		t.Fatalf("only %d columns: the search has gone blind", len(rows))
	}
	for _, r := range rows {
		out = append(out, column{r.Tab, r.Col})
	}
	return out
}

// TestEveryModuleIsImported: a module that go.mod asks for directly is imported by a file of ours.
func TestEveryModuleIsImported(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join(top(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	asked := regexp.MustCompile(`^\t?(?:require )?([a-z0-9.-]+\.[a-z]+/\S+) v\S+$`)
	var modules []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if m := asked.FindStringSubmatch(lines.Text()); m != nil {
			modules = append(modules, m[1])
		}
	}
	if len(modules) < 20 {
		t.Fatalf("only %v: the search has gone blind", modules)
	}
	all := sources(t)
	for _, m := range modules {
		if !slices.ContainsFunc(all, func(s source) bool {
			return slices.ContainsFunc(s.imports, func(i string) bool { return i == m || strings.HasPrefix(i, m+"/") })
		}) {
			t.Errorf("%s is in go.mod and nothing imports it", m)
		}
	}
}
