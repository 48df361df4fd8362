package i18n

import (
	"maps"
	"slices"
)

// Words is a text by language ("en", "it"); the key "" serves all languages.
type Words map[string]string

// SetWord lets a file give one word for all languages in place of one for each.
func (w *Words) SetWord(word string) { *w = Words{"": word} }

// In gives the words for a reader of languages, the one asked for first.
func (w Words) In(langs ...string) string {
	text, _ := w.Pick(langs...)
	return text
}

// Pick is In with the language of the words, "" when they serve all. It is the one place that falls back: to
// the languages named in their order, then to English, then to what there is, always the same. A language
// whose words are empty has none.
func (w Words) Pick(langs ...string) (text, lang string) {
	for i, l := range langs {
		if s := w[l]; s != "" && l != "" {
			return s, l
		}
		if s := w[""]; s != "" && i == 0 {
			return s, ""
		}
	}
	if s := w[baseLanguage]; s != "" {
		return s, baseLanguage
	}
	for _, l := range slices.Sorted(maps.Keys(w)) {
		if w[l] != "" {
			return w[l], l
		}
	}
	return "", ""
}
