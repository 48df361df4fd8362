package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/platform/i18n"
)

// said is what the sources ask the catalogues for.
type said struct {
	texts    map[string]bool   // every literal: a key may travel as data before it is asked for
	prefixes map[string]bool   // the beginnings of keys that are put together
	asked    map[string]string // keys asked for by name, and a place that does
}

// Every key is asked for somewhere, and whatever is asked for by name stands in the catalogue. A key that
// is put together counts as used when a source holds its beginning, up to a dot or an underscore.
func TestEveryWordIsUsedAndEveryUseHasAWord(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	keys := words.Keys("en")
	s := &said{map[string]bool{}, map[string]bool{}, map[string]string{}}
	for _, root := range []string{"../../internal", "../../cmd", "../../templates"} {
		if err := s.walk(root); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.asked) < 300 {
		t.Fatalf("only %d keys are asked for by name: the search has gone blind", len(s.asked))
	}
	for _, key := range keys {
		if !s.uses(key) {
			t.Errorf("nothing uses %s", key)
		}
	}
	for key, place := range s.asked {
		if _, found := slices.BinarySearch(keys, key); !found {
			t.Errorf("%s asks for %s, which has no words", place, key)
		}
	}
}

func (s *said) uses(key string) bool {
	// A fault is named by its key alone; the page of errors adds which half of it it wants.
	for _, half := range []string{"", ".title", ".text"} {
		if name, found := strings.CutSuffix(key, half); found && s.texts[name] {
			return true
		}
	}
	for _, f := range id.Flows { // the words of one flow, which go before those of all
		if all, found := strings.CutSuffix(key, "."+string(f)); found && s.uses(all) {
			return true
		}
	}
	for i, r := range key {
		if (r == '.' || r == '_') && s.prefixes[key[:i+1]] {
			return true
		}
	}
	return false
}

func (s *said) walk(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go"):
			return err
		case strings.HasSuffix(path, ".go"):
			return s.readGo(path)
		case strings.HasSuffix(path, ".html") || strings.HasSuffix(path, ".txt"):
			return s.readTemplate(path)
		}
		return nil
	})
}

func (s *said) readGo(path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				s.hear(text)
			}
		case *ast.CallExpr:
			method, ok := n.Fun.(*ast.SelectorExpr)
			if ok && (method.Sel.Name == "T" || method.Sel.Name == "N") && len(n.Args) > 0 {
				if lit, ok := n.Args[0].(*ast.BasicLit); ok {
					if key, err := strconv.Unquote(lit.Value); err == nil {
						s.asked[key] = path
					}
				}
			}
		}
		return true
	})
	return nil
}

var (
	action = regexp.MustCompile(`\{\{.*?\}\}`)
	quoted = regexp.MustCompile(`"([^"]*)"`)
	named  = regexp.MustCompile(`\.[TN] "([^"]*)"`)
)

func (s *said) readTemplate(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, code := range action.FindAllString(string(raw), -1) {
		for _, m := range quoted.FindAllStringSubmatch(code, -1) {
			s.hear(m[1])
		}
		for _, m := range named.FindAllStringSubmatch(code, -1) {
			s.asked[m[1]] = path
		}
	}
	return nil
}

func (s *said) hear(text string) {
	s.texts[text] = true
	if strings.Contains(text, ".") && (strings.HasSuffix(text, ".") || strings.HasSuffix(text, "_")) {
		s.prefixes[text] = true
	}
}

// French has a space before a colon and English has none, so what stands between a name and its value is
// the locale's: pages and letters ask Label or Pair for it.
func TestNobodyGluesAColonToAWord(t *testing.T) {
	t.Parallel()
	each(t, "../../templates", ".html", func(text string) {
		for _, glued := range colon.FindAllString(text, -1) {
			t.Errorf("a template glues a colon: %q", glued)
		}
	})
	for _, root := range []string{"../../internal/web", "../../internal/letters"} {
		each(t, root, ".go", func(text string) {
			for _, glued := range joined.FindAllString(text, -1) {
				t.Errorf("code glues a colon: %q", glued)
			}
		})
	}
}

// html/template forgets the "data-" of an attribute and takes what then begins with "on" for script: words
// there reach people in quotes.
func TestNoWordsAreTakenForScript(t *testing.T) {
	t.Parallel()
	each(t, "../../templates", ".html", func(text string) {
		for _, attribute := range onData.FindAllString(text, -1) {
			t.Errorf("a template escapes %s as script: name it otherwise", attribute)
		}
	})
}

var (
	onData = regexp.MustCompile(`data-on[a-z-]*="[^"]{0,30}`)
	colon  = regexp.MustCompile(`[^ ]{0,40}(\}\}(</\w+>)?:[ <]|"vh">:).{0,20}`)
	joined = regexp.MustCompile(`.{0,40}(\+ ": |": " ?\+).{0,20}`)
)
