package storefront_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/web/storefront"
)

func TestEveryPageHasASampleThatRenders(t *testing.T) {
	t.Parallel()
	s := open(t)
	samples := storefront.Samples()
	for _, name := range s.web.PageNames() {
		if strings.HasPrefix(name, "storefront/") && samples[name] == nil {
			t.Errorf("%s has no sample", name)
		}
	}
	for name, page := range samples {
		body, err := s.web.Render(name, page)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		checkIDs(t, name, string(body))
	}
}

var (
	ids  = regexp.MustCompile(` id="([^"]*)"`)
	refs = regexp.MustCompile(` (?:for|aria-labelledby|aria-describedby)="([^"]*)"`)
)

// checkIDs finds ids that stand twice in a page and references that lead nowhere.
func checkIDs(t *testing.T, name, body string) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(body, -1) {
		if seen[m[1]] {
			t.Errorf("%s: id %s stands twice", name, m[1])
		}
		seen[m[1]] = true
	}
	for _, m := range refs.FindAllStringSubmatch(body, -1) {
		for _, ref := range strings.Fields(m[1]) {
			if !seen[ref] {
				t.Errorf("%s: nothing has the id %s", name, ref)
			}
		}
	}
}

// Every page of every shop renders in its language, with no word missing, style or script inline.
func TestEveryShop(t *testing.T) {
	t.Parallel()
	s := open(t)
	w := s.World.Now()
	for _, b := range w.Brands {
		for _, m := range w.Markets {
			if m.Code == "zz" {
				continue
			}
			root := "/" + string(b.Code) + "/" + string(m.Code)
			paths := []string{root, root + "/dealers", root + "/build", root + "/leave-name", root + "/legal/terms", root + "/legal/privacy", root + "/legal/withdrawal", root + "/legal/help", root + "/legal/accessibility"}
			for _, r := range w.Ranges(b.Code, m.Code, "2026-11-24") {
				p := root + "/new/" + string(r.Model)
				paths = append(paths, p, p+"/configure", p+"/dealer", p+"/save")
			}
			for _, path := range paths {
				a := s.page(path)
				// A market whose language has no catalogue yet reads the base language, and says so.
				if lang := s.web.Catalogue.Printer(m.Locale).Lang(); !strings.Contains(a.body, `<html lang="`+lang+`"`) {
					t.Errorf("%s is not in %s", path, lang)
				}
				checkIDs(t, path, a.body)
				if strings.Contains(a.body, " style=") || strings.Contains(a.body, "<script>") {
					t.Errorf("%s has inline style or script", path)
				}
			}
		}
	}
	if missing := s.web.Catalogue.Missing(); len(missing) > 0 {
		slices.Sort(missing)
		t.Errorf("words missing: %v", missing)
	}
}
