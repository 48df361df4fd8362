package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// source is one Go file of the project.
type source struct {
	path    string // from the top of the project
	name    string
	pkg     string // its folder, below internal
	test    bool
	imports []string
	tree    *ast.File
	set     *token.FileSet
}

// top is the folder with go.mod.
func top(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
}

func sources(t *testing.T) []source {
	t.Helper()
	root := top(t)
	var out []source
	for _, folder := range []string{"cmd", "config", "internal", "migrations", "static", "templates"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			f, err := read(root, path)
			out = append(out, f)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 100 {
		t.Fatalf("only %d files were found", len(out))
	}
	return out
}

func read(root, path string) (source, error) {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return source{}, err
	}
	rel = filepath.ToSlash(rel)
	f := source{path: rel, name: filepath.Base(rel), test: strings.HasSuffix(rel, "_test.go"), set: token.NewFileSet()}
	f.pkg = strings.TrimPrefix(filepath.ToSlash(filepath.Dir(rel)), "internal/")
	f.tree, err = parser.ParseFile(f.set, path, nil, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return f, err
	}
	for _, i := range f.tree.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		f.imports = append(f.imports, p)
	}
	return f, nil
}

func TestWhoMayImportWhom(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		for _, path := range f.imports {
			to, ours := strings.CutPrefix(path, "forecourt/internal/")
			if !ours {
				continue
			}
			if ok, why := allowed(f.pkg, to); !ok {
				t.Errorf("%s imports %s: %s", f.path, to, why)
			}
		}
	}
}

func TestEveryLibraryInItsRoom(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		if f.test || isWorkshop(f.pkg) {
			continue
		}
		for _, path := range f.imports {
			for _, l := range libraries {
				if strings.HasPrefix(path, l.name) && !l.rooms(f) {
					t.Errorf("%s imports %s: %s", f.path, path, l.reason)
				}
			}
		}
	}
}

// clockless tells packages in which time comes from outside: tests and the demo turn it. Package
// diagram measures how long it looks for a good order of variables, which changes no answer.
func clockless(pkg string) bool {
	if pkg == "configurator/diagram" || isWorkshop(pkg) {
		return false
	}
	_, capable := capability(pkg)
	return capable || under(pkg, "flow") || pkg == "world" || pkg == "letters" || under(pkg, "web/storefront") || under(pkg, "web/dealer") || under(pkg, "web/manager")
}

func TestRulesDoNotLookAtTheClock(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		if f.test || !clockless(f.pkg) {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since" || sel.Sel.Name == "Until") {
				t.Errorf("%s uses time.%s: rules take the time of the transaction or of the injected clock, so that deadlines can be tested", f.set.Position(n.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}

func TestNoRoomForEverything(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		for _, part := range strings.Split(f.pkg, "/") {
			if contains([]string{"util", "utils", "helper", "helpers", "common", "models", "misc", "shared"}, part) {
				t.Errorf("%s: a package called %s has no noun, so everything ends up in it", f.path, part)
			}
		}
	}
}

func TestRulesRefuseWhatTheyShould(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]bool{
		{"pricing", "market"}: true, {"pricing", "ordering"}: false, {"market", "pricing"}: false, {"ordering", "payment"}: false,
		{"payment/stripegw", "payment"}: true, {"payment", "payment/stripegw"}: true, {"allocation", "flow/newcar"}: false,
		{"flow/newcar", "ordering"}: true, {"flow/newcar", "flow/pilot"}: false, {"flow/newcar", "web"}: false,
		{"web/dealer", "web"}: true, {"web/dealer", "web/storefront"}: false, {"web/dealer", "allocation"}: true, {"web", "web/dealer"}: false, {"web", "flow/newcar"}: false,
		{"platform/db", "platform/clock"}: true, {"platform/db", "ordering"}: false, {"id", "market"}: false,
		{"ordering", "app"}: false, {"app", "web/dealer"}: true, {"app", "testkit"}: false, {"doctor", "ordering"}: false, {"world", "ordering"}: false, {"newroom", "market"}: false,
	} {
		if got, _ := allowed(pair[0], pair[1]); got != want {
			t.Errorf("%s may import %s: %t, want %t", pair[0], pair[1], got, want)
		}
	}
}
