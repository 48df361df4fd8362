package i18n

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"forecourt/internal/platform/money"
)

const sampleEnglish = `
shop.title: New cars
shop.greeting: "Hello {{.Name}}, from {{ .Price }} on {{.Day}}"
shop.title.used: Used cars
shop.count.cars:
  one: "{{.Count}} car in {{.Town}}"
  other: "{{.Count}} cars in {{.Town}}"
`

const sampleFrench = `
shop.title: Voitures neuves
shop.title.used: Voitures d'occasion
shop.greeting: "Bonjour {{.Name}}, dès {{.Price}} le {{.Day}}"
shop.count.cars:
  one: "{{.Count}} voiture à {{.Town}}"
  many: "{{.Count}} de voitures à {{.Town}}"
  other: "{{.Count}} voitures à {{.Town}}"
`

func sample(t testing.TB) *Catalogue {
	t.Helper()
	c, err := LoadFS(fstest.MapFS{
		"en/storefront.yaml": {Data: []byte(sampleEnglish)},
		"fr/storefront.yaml": {Data: []byte(sampleFrench)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPlaceholdersTakeValuesAsTheLocaleWritesThem(t *testing.T) {
	t.Parallel()
	args := []any{"Name", "Ana & <Bo>", "Price", money.Of(123450, "EUR"), "Day", time.Date(2026, 8, 3, 0, 0, 0, 0, time.UTC)}
	for locale, want := range map[string]string{
		"en-GB": "Hello Ana & <Bo>, from €1,234.50 on 3 August 2026",
		"fr-FR": "Bonjour Ana & <Bo>, dès 1\u202f234,50\u00a0€ le 3 août 2026",
	} {
		if got := sample(t).Printer(locale).T("shop.greeting", args...); got != want {
			t.Errorf("%s: %q", locale, got)
		}
	}
}

func TestAColonIsTheLocales(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{"en-GB": "Price: £5", "fr-FR": "Price\u202f: £5"} {
		if got := sample(t).Printer(locale).Pair("Price", "£5"); got != want {
			t.Errorf("%s: %q, want %q", locale, got, want)
		}
	}
	if got := sample(t).Printer("fr-FR").Series([]string{"un, deux", "trois"}); got != "un, deux\u202f; trois" {
		t.Errorf("a series: %q", got)
	}
}

func TestCountsChooseTheirForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		locale string
		count  int
		want   string
	}{
		{"en-GB", 1, "1 car in Bath"},
		{"en-GB", 0, "0 cars in Bath"},
		{"en-GB", 1234, "1,234 cars in Bath"},
		{"fr-FR", 0, "0 voiture à Bath"},
		{"fr-FR", 2, "2 voitures à Bath"},
		{"fr-FR", 1_000_000, "1\u202f000\u202f000 de voitures à Bath"},
	} {
		if got := sample(t).Printer(c.locale).N("shop.count.cars", c.count, "Town", "Bath"); got != c.want {
			t.Errorf("%s %d: %q", c.locale, c.count, got)
		}
	}
}

func TestWhatIsMissingIsSeenAndKept(t *testing.T) {
	t.Parallel()
	c := sample(t)
	p := c.Printer("en-GB")
	if got := p.T("shop.nothing"); got != "[shop.nothing]" {
		t.Error(got)
	}
	if got := p.T("shop.greeting", "Name", "Ana", "Price", "nothing"); !strings.HasSuffix(got, "on [Day]") {
		t.Error(got)
	}
	if want := []string{"en argument Day", "en shop.nothing"}; !slices.Equal(c.Missing(), want) {
		t.Errorf("missing: %v", c.Missing())
	}
	if p.Has("shop.nothing") || !p.Has("shop.title") {
		t.Error("Has tells the wrong thing")
	}
}

func TestLocalesFallBackToTheirLanguageThenToTheBase(t *testing.T) {
	t.Parallel()
	c := sample(t)
	for asked, want := range map[string][2]string{
		"fr-FR":                    {"fr-FR", "fr"},
		"fr-BE":                    {"fr-FR", "fr"},
		"fr":                       {"fr-FR", "fr"},
		"de-DE":                    {"de-DE", "en"},
		"xx-YY":                    {"en-GB", "en"},
		"":                         {"en-GB", "en"},
		"'; DROP TABLE markets;--": {"en-GB", "en"},
	} {
		p := c.Printer(asked)
		if p.Locale() != want[0] || p.Language() != want[1] {
			t.Errorf("%q speaks %s with words of %s", asked, p.Locale(), p.Language())
		}
	}
}

func TestBrokenCataloguesAreRefusedWhole(t *testing.T) {
	t.Parallel()
	_, err := LoadFS(fstest.MapFS{
		"en/shared.yaml":     {Data: []byte("a.one: x\na.empty: \"\"\na.logic: \"{{if .X}}y{{end}}\"\n")},
		"en/storefront.yaml": {Data: []byte("a.one: again\n")},
		"it/shared.yaml":     {Data: []byte("a.one: x\na.one: y\n")},
		"fr/shared.yaml":     {Data: []byte("a.one:\n  two: deux\n  other: d'autres\n")},
	})
	if err == nil {
		t.Fatal("loaded")
	}
	for _, want := range []string{"en/shared.yaml: a.empty", "en/shared.yaml: a.logic", "en/storefront.yaml: key a.one", "it/shared.yaml", "fr/shared.yaml: a.one"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told in:\n%v", want, err)
		}
	}
}

func TestPrintersAreSharedByManyReaders(t *testing.T) {
	t.Parallel()
	c := sample(t)
	var readers sync.WaitGroup
	for i := range 16 {
		readers.Go(func() {
			locale := []string{"en-GB", "fr-FR", "it-IT"}[i%3]
			for range 200 {
				if c.Printer(locale).N("shop.count.cars", i, "Town", "Bath") == "" || c.Printer(locale).T("none") != "[none]" {
					t.Error("empty text")
				}
			}
		})
	}
	readers.Wait()
	if first := c.Printer("fr-FR"); first != c.Printer("fr-FR") {
		t.Error("a known locale is made twice")
	}
}

func BenchmarkPlainText(b *testing.B) {
	p := sample(b).Printer("en-GB")
	for b.Loop() {
		p.T("shop.title")
	}
}

func BenchmarkPlaceholders(b *testing.B) {
	p := sample(b).Printer("en-GB")
	for b.Loop() {
		p.T("shop.greeting", "Name", "Ana", "Price", "nothing", "Day", "Monday")
	}
}

func BenchmarkMoney(b *testing.B) {
	p := sample(b).Printer("fr-FR")
	for b.Loop() {
		p.Money(money.Of(123456789, "EUR"))
	}
}

func TestLangIsTheLanguageOfTheWords(t *testing.T) {
	t.Parallel()
	c, err := LoadFS(fstest.MapFS{"en/a.yaml": {Data: []byte("a: b\n")}, "it/a.yaml": {Data: []byte("a: c\n")}})
	if err != nil {
		t.Fatal(err)
	}
	for locale, want := range map[string]string{"en-GB": "en-GB", "it-IT": "it-IT", "de-DE": "en", "xx-YY": "en-GB"} {
		if got := c.Printer(locale).Lang(); got != want {
			t.Errorf("%s: lang %q, want %q", locale, got, want)
		}
	}
}

func TestRatesKeepTheirDecimal(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{"en-GB": "6.0%", "de-DE": "6,0\u00a0%", "it-IT": "6,0%"} {
		if got := loaded(t).Printer(locale).Percent1(60); got != want {
			t.Errorf("%s: %q", locale, got)
		}
	}
}

func TestWordsOfOneKindGoBeforeThoseOfAll(t *testing.T) {
	t.Parallel()
	p := sample(t).Printer("en-GB")
	for kind, want := range map[string]string{"": "New cars", "used": "Used cars", "service": "New cars"} {
		if got := p.For(kind).T("shop.title"); got != want {
			t.Errorf("%q: %q, want %q", kind, got, want)
		}
	}
	used := p.For("used")
	if got := used.N("shop.count.cars", 2, "Town", "Leeds"); got != "2 cars in Leeds" || !used.Has("shop.title") || used.Has("shop.title.new") {
		t.Errorf("of what has no words of its own: %q", got)
	}
	if p.T("shop.title") != "New cars" {
		t.Error("the printer that all share has changed")
	}
}
