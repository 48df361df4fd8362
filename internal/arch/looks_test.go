package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/market"
)

// given are classes that a page's struct names, not its template: tones of a state, marks of a way.
var given = strings.Fields("good warn bad info done now gone")

// hooks are classes that no rule of the sheet needs.
var hooks = map[string]string{
	"swatch": "names the drawing of a paint or seat, for who reads the page's source",
}

var (
	remark   = regexp.MustCompile(`(?s)/\*.*?\*/`)
	selector = regexp.MustCompile(`[^{};]*\{`)
	dotted   = regexp.MustCompile(`\.(-?[a-z][a-z0-9-]*)`)
	worn     = regexp.MustCompile(`class=\\?"((?:\{\{.*?\}\}|[^"\\])*)\\?"`)
	scripted = regexp.MustCompile(`(?:className: |classList\.(?:add|remove|toggle)\()'([^']*)'`)
)

// styled are the classes that the style sheet speaks of.
func styled(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	each(t, "../../static/css", ".css", func(text string) {
		for _, s := range selector.FindAllString(remark.ReplaceAllString(text, ""), -1) {
			for _, m := range dotted.FindAllStringSubmatch(s, -1) {
				out[m[1]] = true
			}
		}
	})
	return out
}

// wearing are the classes that pages, Go and script write.
func wearing(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	note := func(rule *regexp.Regexp) func(string) {
		return func(text string) {
			for _, m := range rule.FindAllStringSubmatch(text, -1) {
				for class := range strings.FieldsSeq(action.ReplaceAllString(m[1], " ")) {
					out[class] = true
				}
			}
		}
	}
	each(t, "../../templates", ".html", note(worn))
	each(t, "../../internal", ".go", note(worn))
	each(t, "../../static/js", ".js", note(scripted))
	return out
}

// each reads the files below a folder; mails have a look of their own.
func each(t *testing.T, root, ext string, read func(text string)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ext || strings.HasSuffix(path, "_test.go") || filepath.Base(filepath.Dir(path)) == "mail" {
			return err
		}
		n++
		b, err := os.ReadFile(path)
		read(string(b))
		return err
	})
	if err != nil || n == 0 {
		t.Fatalf("%d files in %s, %v", n, root, err)
	}
}

func TestEveryRuleOfTheSheetIsWorn(t *testing.T) {
	t.Parallel()
	worn := wearing(t)
	for class := range styled(t) {
		if !worn[class] && !slices.Contains(given, class) {
			t.Errorf("the style sheet has rules for .%s, which no page wears", class)
		}
	}
}

func TestEveryClassHasARule(t *testing.T) {
	t.Parallel()
	styled := styled(t)
	if len(styled) < 100 {
		t.Fatalf("only %d classes are styled: the search has gone blind", len(styled))
	}
	worn := wearing(t)
	for class := range worn {
		if !styled[class] && hooks[class] == "" {
			t.Errorf("a page wears .%s, for which the style sheet has no rule", class)
		}
	}
	for class := range hooks {
		if styled[class] || !worn[class] {
			t.Errorf(".%s needs no excuse any more", class)
		}
	}
	for _, class := range given {
		if !styled[class] {
			t.Errorf(".%s is no tone or mark any more", class)
		}
	}
}

// What a brand looks like is data: a rule, page or script that knows one by name would have to be written again
// for the next.
func TestNoLookKnowsABrandByName(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../config/brands.yaml")
	if err != nil {
		t.Fatal(err)
	}
	brands, problems := market.DecodeBrands("brands.yaml", data)
	if len(problems) > 0 || len(brands) < 2 {
		t.Fatalf("%d brands, %v", len(brands), problems)
	}
	for root, ext := range map[string]string{"../../static/css": ".css", "../../static/js": ".js", "../../templates": ".html"} {
		each(t, root, ext, func(text string) {
			for _, b := range brands {
				if strings.Contains(strings.ToLower(text), string(b.Code)) {
					t.Errorf("a file of %s names %s", root, b.Name)
				}
			}
		})
	}
}
