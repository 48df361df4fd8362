package market

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"forecourt/internal/platform/filecheck"
	"forecourt/internal/platform/i18n"
)

// Wording is a text of a market's file: plain, in the market's first language, or one for each language.
type Wording i18n.Words

// Plain makes words in a market's first language.
func Plain(text string) Wording { return Wording{"": text} }

// SetWord reads the plain form from a file.
func (w *Wording) SetWord(word string) { *w = Plain(word) }

// MarshalJSON keeps the plain form plain: code from before there were languages reads it too.
func (w Wording) MarshalJSON() ([]byte, error) {
	if len(w) == 0 || len(w) == 1 && w[""] != "" {
		return json.Marshal(w[""])
	}
	return json.Marshal(i18n.Words(w))
}

// UnmarshalJSON reads both forms.
func (w *Wording) UnmarshalJSON(raw []byte) error {
	var plain string
	if json.Unmarshal(raw, &plain) == nil {
		if *w = nil; plain != "" {
			*w = Plain(plain)
		}
		return nil
	}
	return json.Unmarshal(raw, (*i18n.Words)(w))
}

// Said is a text as a reader gets it; Lang is its language when that is not the one asked for.
type Said struct{ Text, Lang string }

// Say gives words of the market to a reader of a language.
func (m *Market) Say(w Wording, lang string) Said {
	text, in := i18n.Words(w).Pick(lang, m.Language())
	if in == "" {
		in = m.Language()
	}
	if in == lang || text == "" {
		in = ""
	}
	return Said{text, in}
}

// SayAll gives a list of words.
func (m *Market) SayAll(ws []Wording, lang string) []Said {
	var out []Said
	for _, w := range ws {
		out = append(out, m.Say(w, lang))
	}
	return out
}

// FeeLabel is what a line of a day is called; false when none of that code is in force.
func (m *Market) FeeLabel(code string, d Date, lang string) (string, bool) {
	for i := range m.Fees {
		if f := &m.Fees[i]; f.Code == code && f.From <= d && (f.To == "" || d <= f.To) {
			return m.Say(f.Label, lang).Text, true
		}
	}
	return "", false
}

// Language is the first language of the market: "en".
func (m *Market) Language() string { return i18n.LanguageOf(m.Locale) }

// Locales are all that the shop speaks here, the first one first.
func (m *Market) Locales() []string { return append([]string{m.Locale}, m.Also...) }

// LocaleOf finds the locale of a language that is spoken here.
func (m *Market) LocaleOf(lang string) (string, bool) {
	for _, l := range m.Locales() {
		if i18n.LanguageOf(l) == lang {
			return l, true
		}
	}
	return "", false
}

// Speak is the locale asked for where it is spoken, else the first one.
func (m *Market) Speak(locale string) string {
	if slices.Contains(m.Also, locale) {
		return locale
	}
	return m.Locale
}

// languages demands of each locale that everything can be said and written in it, and that an address needs
// no more than a language to name it.
func (c checker) languages(m *Market) {
	seen := map[string]bool{m.Language(): true}
	for i, l := range m.Also {
		here := filecheck.At("also", i)
		if !slices.Contains(locales, l) {
			c.Say(here, "also can not be %q; it is one of %s", l, strings.Join(locales, ", "))
			continue
		}
		if seen[i18n.LanguageOf(l)] {
			c.Say(here, "language %s is given twice", i18n.LanguageOf(l))
		}
		seen[i18n.LanguageOf(l)] = true
		if m.Currency != "" && !i18n.Writes(l, m.Currency) {
			c.Say(here, "how %s writes %s is not known", l, m.Currency)
		}
	}
}

// said demands words; wording and each look at those that are there.
func (c checker) said(w Wording, path ...string) {
	if len(w) == 0 {
		c.Present("", path...)
		return
	}
	c.wording(w, path...)
}

func (c checker) each(ws []Wording, path ...string) {
	for i, w := range ws {
		c.wording(w, append(slices.Clone(path), strconv.Itoa(i))...)
	}
}

// wording demands the market's first language: every reader of it falls back to that.
func (c checker) wording(w Wording, path ...string) {
	if len(w) == 0 || w[""] != "" {
		return
	}
	name := path[len(path)-1]
	if _, err := strconv.Atoi(name); err == nil {
		name = "item of " + path[len(path)-2]
	}
	for lang := range w {
		if !slices.ContainsFunc(locales, func(l string) bool { return i18n.LanguageOf(l) == lang }) {
			c.Say(append(slices.Clone(path), lang), "%s is given in a language without words: %q", name, lang)
		}
	}
	if w[c.first] == "" {
		c.Say(path, "%s is missing in the market's first language, %s", name, c.first)
	}
}
