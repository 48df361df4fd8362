package arch

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

const modulesList = "docs/dependencies.md"

var (
	required = regexp.MustCompile(`(?m)^\t(\S+) v\S+$`) // by itself: no remark stands behind it
	reasoned = regexp.MustCompile("(?m)^\\| `(\\S+)` \\| \\S.+ \\|$")
)

// TestEveryModuleHasAReason: whoever adds a module says why in a line; whoever removes one takes the line along.
func TestEveryModuleHasAReason(t *testing.T) {
	t.Parallel()
	names := func(re *regexp.Regexp, text string) (out []string) {
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			out = append(out, m[1])
		}
		slices.Sort(out)
		return out
	}
	list := mustRead(t, modulesList)
	have, said := names(required, mustRead(t, "go.mod")), names(reasoned, list)
	if len(have) < 10 {
		t.Fatalf("only %d modules were found", len(have))
	}
	for _, m := range have {
		if !slices.Contains(said, m) {
			t.Errorf("%s is required, and %s has no reason for it", m, modulesList)
		}
	}
	for i, m := range said {
		if !slices.Contains(have, m) || i > 0 && said[i-1] == m {
			t.Errorf("%s speaks of %s, which is not required, or twice", modulesList, m)
		}
	}
	_, forTests, ok := strings.Cut(list, "## Tests only")
	if !ok {
		t.Fatalf("%s has no part for tests", modulesList)
	}
	tests := names(reasoned, forTests)
	t.Logf("%d modules, of them %d for tests only", len(have), len(tests))
	for _, f := range sources(t) {
		if f.test || isWorkshop(f.pkg) {
			continue
		}
		for _, path := range f.imports {
			for _, m := range tests {
				if path == m || strings.HasPrefix(path, m+"/") {
					t.Errorf("%s imports %s, which is for tests only", f.path, path)
				}
			}
		}
	}
}
