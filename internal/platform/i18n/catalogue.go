package i18n

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v3"
)

//go:embed locales/*/*.yaml
var embedded embed.FS

// baseLanguage is read by people for whose language there is no catalogue.
const baseLanguage = "en"

// Catalogue is every message of every language, compiled. Safe for concurrent use.
type Catalogue struct {
	languages map[string]messages
	printers  sync.Map // locale -> *Printer
	own       sync.Map // "language kind" -> messages
	missing   sync.Map // "language key" -> struct{}
}

type messages map[string]*message

// Load compiles the embedded catalogues and reports every mistake in them at once. They never change, so a
// process compiles them once.
func Load() (*Catalogue, error) { return load() }

var load = sync.OnceValues(func() (*Catalogue, error) {
	root, err := fs.Sub(embedded, "locales")
	if err != nil {
		return nil, err
	}
	return LoadFS(root)
})

// LoadFS compiles catalogues laid out as <language>/<surface>.yaml.
func LoadFS(root fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(root, "*/*.yaml")
	if err != nil {
		return nil, err
	}
	c := &Catalogue{languages: map[string]messages{}}
	var mistakes []error
	for _, name := range names {
		mistakes = append(mistakes, c.addFile(root, name)...)
	}
	if c.languages[baseLanguage] == nil {
		mistakes = append(mistakes, fmt.Errorf("no catalogue for the base language %q", baseLanguage))
	}
	if len(mistakes) > 0 {
		return nil, fmt.Errorf("locale catalogues: %w", errors.Join(mistakes...))
	}
	return c, nil
}

func (c *Catalogue) addFile(root fs.FS, name string) []error {
	parsed, err := parseFile(root, name)
	if err != nil {
		return []error{fmt.Errorf("%s: %w", name, err)}
	}
	language := path.Dir(name)
	if c.languages[language] == nil {
		c.languages[language] = messages{}
	}
	var mistakes []error
	for _, m := range parsed {
		if c.languages[language][m.ID] != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: key %s stands in another file of this language already", name, m.ID))
			continue
		}
		compiled, err := compile(m)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: %s: %w", name, m.ID, err))
			continue
		}
		c.languages[language][m.ID] = compiled
	}
	return mistakes
}

func parseFile(root fs.FS, name string) ([]*i18n.Message, error) {
	raw, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	return i18n.ParseMessageBytes(raw, yaml.Unmarshal)
}

// Languages lists the languages that have words, sorted.
func (c *Catalogue) Languages() []string {
	var out []string
	for language := range c.languages {
		out = append(out, language)
	}
	slices.Sort(out)
	return out
}

// Keys lists every key of a language, sorted.
func (c *Catalogue) Keys(language string) []string {
	var out []string
	for key := range c.languages[language] {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

// Missing lists "language key" for every key that was asked for in vain, sorted. Tests that render
// pages fail when it is not empty.
func (c *Catalogue) Missing() []string {
	var out []string
	c.missing.Range(func(k, _ any) bool {
		out = append(out, k.(string))
		return true
	})
	slices.Sort(out)
	return out
}

// Printer speaks a locale such as en-GB. Formats that are unknown for the region are those of the
// language; a language without catalogue reads the base language. Printers of known locales are
// made once and shared.
func (c *Catalogue) Printer(locale string) *Printer {
	if p, ok := c.printers.Load(locale); ok {
		return p.(*Printer)
	}
	p := c.newPrinter(locale)
	// Only our own tags are kept: a locale that somebody sends us must not fill the memory.
	if p.locale != locale {
		return p
	}
	kept, _ := c.printers.LoadOrStore(locale, p)
	return kept.(*Printer)
}

// ownWords are the words of a language that one kind of thing has for itself, by the key of those that serve everything.
// They are found once.
func (c *Catalogue) ownWords(language, kind string) messages {
	if kind == "" {
		return nil
	}
	if own, ok := c.own.Load(language + " " + kind); ok {
		return own.(messages)
	}
	own, words := messages{}, c.languages[language]
	for key, m := range words {
		if plain, ends := strings.CutSuffix(key, "."+kind); ends && words[plain] != nil {
			own[plain] = m
		}
	}
	kept, _ := c.own.LoadOrStore(language+" "+kind, own)
	return kept.(messages)
}

func (c *Catalogue) newPrinter(locale string) *Printer {
	rules := rulesFor(locale)
	language, _, _ := strings.Cut(rules.tag, "-")
	words, lang := c.languages[language], language
	if words == nil {
		words, lang = c.languages[baseLanguage], baseLanguage
	}
	return &Printer{catalogue: c, words: words, language: lang, locale: rules.tag, rules: rules, plural: pluralRules[lang]}
}
