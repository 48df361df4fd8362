package arch

import (
	"go/ast"
	"slices"
	"testing"
)

// What is read at one sitting: the figures of well-kept houses of this kind. `go test -v -run Sizes ./internal/arch` prints
// ours.
const (
	mostLines    = 600 // of a file
	mostOfNine   = 350 // lines, nine in ten files
	mostOfAFunc  = 40  // lines, nine in ten functions, from its head to its closing brace
	longestFunc  = 80
	longestTest  = 130 // a test walks through one story
	medianOfFunc = 15
)

// lists are functions that are one table each: split in two, nobody would find a line faster.
var lists = map[string]string{
	"internal/web/storefront/routes.go Routes": "all routes of a surface stand on one screen",
	"internal/web/dealer/routes.go Routes":     "all routes of a surface stand on one screen",
	"internal/web/manager/routes.go Routes":    "all routes of a surface stand on one screen",

	"internal/web/dealer/samples.go Samples":     "a page, a line",
	"internal/web/storefront/samples.go Samples": "a page, a line",
}

// sized is something with a length in lines.
type sized struct {
	lines int
	name  string
}

// sizes are the lengths of files and functions, of the product or of its tests.
func sizes(t *testing.T, tests bool) (files, funcs []sized) {
	for _, f := range sources(t) {
		if f.test != tests {
			continue
		}
		line := func(n ast.Node) int { return f.set.Position(n.End()).Line }
		files = append(files, sized{line(f.tree), f.path})
		for _, d := range f.tree.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				funcs = append(funcs, sized{line(fn) - f.set.Position(fn.Pos()).Line + 1, f.path + " " + fn.Name.Name})
			}
		}
	}
	byLines := func(a, b sized) int { return a.lines - b.lines }
	slices.SortFunc(files, byLines)
	slices.SortFunc(funcs, byLines)
	return files, funcs
}

// spread says what is in the middle, at nine in ten, and last.
func spread(of []sized) (median, nine int, last sized) {
	return of[len(of)/2].lines, of[len(of)*9/10].lines, of[len(of)-1]
}

// TestSizesAreThoseOfARoomOnePersonKnows: a file or function that has grown too long is split by noun or step, in a
// commit that only moves.
func TestSizesAreThoseOfARoomOnePersonKnows(t *testing.T) {
	t.Parallel()
	for _, tests := range []bool{false, true} {
		what, longest := "product", longestFunc
		if tests {
			what, longest = "tests", longestTest
		}
		files, funcs := sizes(t, tests)
		median, nine, last := spread(files)
		t.Logf("%s: %d files, median %d lines, nine in ten up to %d, longest %d (%s)", what, len(files), median, nine, last.lines, last.name)
		if nine > mostOfNine || last.lines > mostLines {
			t.Errorf("%s: files are too long: nine in ten up to %d (%d), %s has %d (%d)", what, nine, mostOfNine, last.name, last.lines, mostLines)
		}
		median, nine, last = spread(funcs)
		t.Logf("%s: %d functions, median %d lines, nine in ten up to %d, longest %d (%s)", what, len(funcs), median, nine, last.lines, last.name)
		if median > medianOfFunc || nine >= mostOfAFunc {
			t.Errorf("%s: functions are too long: median %d (%d), nine in ten up to %d (under %d)", what, median, medianOfFunc, nine, mostOfAFunc)
		}
		for _, fn := range funcs {
			if fn.lines > longest && lists[fn.name] == "" {
				t.Errorf("%s has %d lines, at most %d", fn.name, fn.lines, longest)
			}
		}
	}
}
