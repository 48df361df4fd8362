package web_test

import (
	"io/fs"
	"regexp"
	"testing"

	"forecourt/templates"
)

var (
	partDefined = regexp.MustCompile(`\{\{-? ?define "([^"]+)"`)
	partUsed    = regexp.MustCompile(`\{\{-? ?template "([^"]+)"`)
)

// TestEveryPartOfAPageIsUsed: a part that a merge cut out of its page would be missed by nobody but its readers.
func TestEveryPartOfAPageIsUsed(t *testing.T) {
	t.Parallel()
	used, defined := map[string]bool{"main": true, "layout": true}, map[string]string{}
	err := fs.WalkDir(templates.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(templates.Files, path)
		for _, m := range partDefined.FindAllStringSubmatch(string(b), -1) {
			defined[m[1]] = path
		}
		for _, m := range partUsed.FindAllStringSubmatch(string(b), -1) {
			used[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(defined) < 20 {
		t.Fatalf("only %d parts found", len(defined))
	}
	for name, path := range defined {
		if !used[name] {
			t.Errorf("no page uses the part %q of %s", name, path)
		}
	}
}
