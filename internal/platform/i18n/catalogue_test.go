package i18n

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func loaded(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryLanguageHasEveryKeyWithTheSamePlaceholders(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	if got := c.Languages(); !slices.Equal(got, []string{"de", "en", "es", "fr", "it", "ro"}) {
		t.Fatalf("languages: %v", got)
	}
	for _, language := range c.Languages() {
		for key, base := range c.languages[baseLanguage] {
			m := c.languages[language][key]
			if m == nil {
				t.Errorf("%s lacks %s", language, key)
				continue
			}
			if got, want := m.placeholders(), base.placeholders(); !slices.Equal(got, want) {
				t.Errorf("%s %s has placeholders %v, %s has %v", language, key, got, baseLanguage, want)
			}
			if m.isPlural() != base.isPlural() {
				t.Errorf("%s %s: plural in one language only", language, key)
			}
		}
		for key := range c.languages[language] {
			if c.languages[baseLanguage][key] == nil {
				t.Errorf("%s has %s, which %s lacks", language, key, baseLanguage)
			}
		}
	}
}

func TestTextsAreClean(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	for language, words := range c.languages {
		for key, m := range words {
			for f, sentence := range m.forms {
				if sentence == nil {
					continue
				}
				if why := untidy(sentence); why != "" {
					t.Errorf("%s %s (%s): %s", language, key, formNames[f], why)
				}
			}
			if m.isPlural() && m.forms[one] == nil {
				t.Errorf("%s %s: a plural needs one and other", language, key)
			}
		}
	}
}

// Romanian says 5 zile but 20 de zile: without "few" small counts would read wrong.
func TestRomanianCountsHaveThreeForms(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	for key, m := range c.languages["ro"] {
		if m.isPlural() && m.forms[few] == nil {
			t.Errorf("ro %s lacks few", key)
		}
	}
	p := c.Printer("ro-RO")
	for count, want := range map[int]string{0: "0 zile", 1: "1 zi", 19: "19 zile", 20: "20 de zile", 101: "101 zile"} {
		if got := p.N("shared.count.days", count); got != want {
			t.Errorf("%d: %q, want %q", count, got, want)
		}
	}
}

func untidy(sentence *text) string {
	whole := strings.Join(sentence.literals, "x")
	switch {
	case strings.TrimSpace(whole) != whole:
		return "spaces at an end"
	case strings.ContainsAny(whole, "{}[]"):
		return "brackets left over"
	case strings.Contains(whole, "  "):
		return "two spaces"
	case strings.Contains(whole, "\ufffd"):
		return "broken characters"
	}
	return ""
}

// French sets ; : ? ! and the inside of « » off with a narrow no-break space, so that a line never begins
// with a sign. Romanian has a comma below s and t, no cedilla. One apostrophe serves all languages.
func TestTextsAreSetAsTheirLanguageSetsThem(t *testing.T) {
	t.Parallel()
	for language, words := range loaded(t).languages {
		for key, m := range words {
			for _, sentence := range m.forms {
				if sentence == nil {
					continue
				}
				whole := strings.Join(sentence.literals, "x")
				if strings.ContainsAny(whole, "şţŞŢ’") {
					t.Errorf("%s %s: a letter that the house writes otherwise: %q", language, key, whole)
				}
				if at := breakable.FindString(whole); language == "fr" && at != "" {
					t.Errorf("fr %s: %q may break in %q", key, at, whole)
				}
			}
		}
	}
}

// A sign right behind a letter, as in the name of a file's column, is no French.
var breakable = regexp.MustCompile(`[ \x{a0}][:;?!»]|«[^\x{202f}]|[^\x{202f}]»|[\pL\d)] ?:( |$)`)

var surfaces = []string{"shared", "signin", "storefront", "dealer", "manager", "mail", "fault", "paper", "site", "account", "showroom", "used", "condition", "service", "aftersales", "car"}

// Many people write catalogues at the same time: a key stands in the same file in every language,
// and one that begins with a surface's name stands in that surface's file.
func TestKeysStandInTheFileOfTheirSurface(t *testing.T) {
	t.Parallel()
	root, err := fs.Sub(embedded, "locales")
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(root, "*/*.yaml")
	if err != nil || len(names) < 6 {
		t.Fatalf("files: %v, %v", names, err)
	}
	home := map[string]string{}
	for _, name := range names {
		surface := strings.TrimSuffix(path.Base(name), ".yaml")
		if !slices.Contains(surfaces, surface) {
			t.Errorf("%s: no such surface (%v)", name, surfaces)
		}
		parsed, err := parseFile(root, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range parsed {
			first, _, _ := strings.Cut(m.ID, ".")
			if slices.Contains(surfaces, first) && first != surface {
				t.Errorf("%s: %s belongs to %s.yaml", name, m.ID, first)
			}
			if home[m.ID] == "" {
				home[m.ID] = surface
			}
			if home[m.ID] != surface {
				t.Errorf("%s: %s stands in %s.yaml of another language", name, m.ID, home[m.ID])
			}
		}
	}
}

func TestEveryFaultHasTitleAndText(t *testing.T) {
	t.Parallel()
	p := loaded(t).Printer("fr-FR")
	kinds := []string{"internal", "invalid", "not_found", "conflict", "forbidden", "unsigned", "gone",
		"limited", "closed", "too_large", "unavailable", "bad_request", "method"}
	for _, kind := range kinds {
		for _, part := range []string{".title", ".text"} {
			if !p.Has("fault." + kind + part) {
				t.Errorf("fault.%s%s is missing", kind, part)
			}
		}
	}
}
