package arch

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"testing"
)

// flowRooms are where a flow may be called by its name, beside tests and package id: its own folder and its own pages.
// What the program and its demonstration put together names them too.
var flowRooms = map[string][]string{
	"FlowNew":     {"flow/newcar", "web/storefront", "app", "bench", "testkit"},
	"FlowUsed":    {"flow/usedcar", "web/storefront", "app", "bench", "testkit"},
	"FlowService": {"flow/workshop", "web/storefront", "app", "bench", "testkit"},
}

// inSQL is a flow's name in a statement.
var inSQL = regexp.MustCompile(`\bflow\s*(=|<>|NOT IN|IN)\s*\(?'`)

func TestAFlowIsNamedInItsOwnRoomsOnly(t *testing.T) {
	t.Parallel()
	named := map[string]int{}
	for _, f := range sources(t) {
		if f.test || f.pkg == "id" {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && inSQL.MatchString(lit.Value) && !under(f.pkg, "flow") && f.pkg != "bench" {
				t.Errorf("%s asks the database for one flow by its name", f.set.Position(lit.Pos()))
			}
			x, ok := n.(*ast.SelectorExpr)
			if !ok || flowRooms[x.Sel.Name] == nil {
				return true
			}
			if at, ok := x.X.(*ast.Ident); !ok || at.Name != "id" {
				return true
			}
			named[x.Sel.Name]++
			if !slices.Contains(flowRooms[x.Sel.Name], f.pkg) {
				t.Errorf("%s names id.%s: what serves every flow asks the order, or the sale (sale.Flow), and switches on none", f.set.Position(x.Pos()), x.Sel.Name)
			}
			return true
		})
	}
	if named["FlowNew"] < 10 {
		t.Errorf("new cars are named %d times: the search has gone blind", named["FlowNew"])
	}
}
