package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mustRead gives a file of the project as text.
func mustRead(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(top(t), filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// folders lists the folders in a folder.
func folders(t *testing.T, path string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(top(t), filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != "testdata" {
			out = append(out, e.Name())
		}
	}
	return out
}

// glob lists files of the project.
func glob(t *testing.T, pattern string) (out []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(top(t), filepath.FromSlash(pattern)))
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %d files: %v", pattern, len(found), err)
	}
	for _, f := range found {
		rel, err := filepath.Rel(top(t), f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, filepath.ToSlash(rel))
	}
	return out
}

var (
	ticked   = regexp.MustCompile("`([^`\n]+)`")
	ourFile  = regexp.MustCompile(`^[a-z0-9_/]+\.(go|mjs|sql)$`)
	testOnly = []string{"webtest"} // rooms that the map need not name
)

// TestTheMapNamesEveryRoom: whoever adds a room says in the README what lives there.
func TestTheMapNamesEveryRoom(t *testing.T) {
	t.Parallel()
	_, table, ok := strings.Cut(mustRead(t, "README.md"), "## The map")
	if !ok {
		t.Fatal("the README has no map")
	}
	var named []string
	for _, m := range ticked.FindAllStringSubmatch(table, -1) {
		named = append(named, m[1], filepath.Base(m[1]))
	}
	for _, room := range []string{"internal", "internal/flow", "internal/web"} {
		for _, name := range folders(t, room) {
			if !slices.Contains(named, name) && !slices.Contains(testOnly, name) {
				t.Errorf("the map in README.md does not name %s/%s", room, name)
			}
		}
	}
}

// TestPlacesThatAreNamedAreThere: a list of places with a file that is gone sends its reader away.
func TestPlacesThatAreNamedAreThere(t *testing.T) {
	t.Parallel()
	var files []string
	for _, f := range sources(t) {
		files = append(files, "/"+f.path)
	}
	for _, f := range glob(t, "migrations/*.sql") {
		files = append(files, "/"+f)
	}
	for _, doc := range []string{"README.md", "docs/contributing.md"} {
		checked := 0
		for _, m := range ticked.FindAllStringSubmatch(mustRead(t, doc), -1) {
			if !ourFile.MatchString(m[1]) {
				continue
			}
			checked++
			_, err := os.Stat(filepath.Join(top(t), filepath.FromSlash(m[1])))
			if err != nil && !slices.ContainsFunc(files, func(f string) bool { return strings.HasSuffix(f, "/"+m[1]) }) {
				t.Errorf("%s names %s, which is not there", doc, m[1])
			}
		}
		if checked < 10 {
			t.Errorf("only %d places were found in %s", checked, doc)
		}
	}
}

// TestDecisionsAreShortAndListed: a record is read when it is short, and found when the index names it.
func TestDecisionsAreShortAndListed(t *testing.T) {
	t.Parallel()
	const dir, most = "docs/decisions", 25
	entries, err := os.ReadDir(filepath.Join(top(t), dir))
	if err != nil {
		t.Fatal(err)
	}
	index := mustRead(t, dir+"/README.md")
	head := regexp.MustCompile(`^# (\d{4}) .+\n\n\d+ [A-Z][a-z]+ \d{4}\n\n`)
	numbers := map[string]string{}
	for _, e := range entries {
		if e.Name() == "README.md" {
			continue
		}
		text := mustRead(t, dir+"/"+e.Name())
		m := head.FindStringSubmatch(text)
		if m == nil || !strings.HasPrefix(e.Name(), m[1]+"-") {
			t.Errorf("%s begins with its number and title, then its day", e.Name())
			continue
		}
		if other := numbers[m[1]]; other != "" {
			t.Errorf("%s and %s have the same number", e.Name(), other)
		}
		numbers[m[1]] = e.Name()
		if n := strings.Count(text, "\n"); n > most {
			t.Errorf("%s has %d lines, at most %d: say what, why and what was refused", e.Name(), n, most)
		}
		if !strings.Contains(index, "]("+e.Name()+")") {
			t.Errorf("%s/README.md does not list %s", dir, e.Name())
		}
	}
}
