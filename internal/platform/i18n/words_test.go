package i18n

import "testing"

func TestWordsFallBackInOneOrder(t *testing.T) {
	t.Parallel()
	all := Words{"de": "Griff", "it": "Maniglia", "en": "Handle", "fr": "Poignée", "es": "Asa"}
	without := func(langs ...string) Words {
		out := Words{}
		for l, s := range all {
			out[l] = s
		}
		for i, l := range langs {
			if out[l] = ""; i%2 == 0 { // missing or empty: a hole either way
				delete(out, l)
			}
		}
		return out
	}
	for name, c := range map[string]struct {
		words      Words
		text, lang string
	}{
		"asked":            {all, "Griff", "de"},
		"then the first":   {without("de"), "Maniglia", "it"},
		"then English":     {without("de", "it"), "Handle", "en"},
		"then what is":     {without("de", "it", "en"), "Asa", "es"},
		"nothing":          {Words{}, "", ""},
		"none at all":      {nil, "", ""},
		"only empty":       {Words{"de": "", "": ""}, "", ""},
		"for all":          {Words{"": "Duster"}, "Duster", ""},
		"asked before all": {Words{"": "Duster", "de": "Staub"}, "Staub", "de"},
		"all before first": {Words{"": "Duster", "it": "Polvere"}, "Duster", ""},
	} {
		for range 20 { // maps are walked at random
			if text, lang := c.words.Pick("de", "it"); text != c.text || lang != c.lang {
				t.Fatalf("%s: %q in %q, want %q in %q", name, text, lang, c.text, c.lang)
			}
		}
	}
	if got := all.In(); got != "Handle" {
		t.Errorf("for nobody: %q", got)
	}
}

func TestKnownLocales(t *testing.T) {
	t.Parallel()
	if got := Locales(); len(got) != 6 || got[0] != "en-GB" || got[3] != "de-DE" {
		t.Errorf("locales: %v", got)
	}
	if !Writes("de-DE", "EUR") || !Writes("ro-RO", "RON") || Writes("es-ES", "GBP") || Writes("de-AT", "EUR") {
		t.Error("a currency is written where it is not known, or the other way round")
	}
	if LanguageOf("de-DE") != "de" || LanguageOf("de") != "de" {
		t.Error("the language of a locale")
	}
}
