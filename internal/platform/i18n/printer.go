package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/platform/money"
)

// Printer speaks one locale. It holds no state of a request and may be shared.
type Printer struct {
	catalogue *Catalogue
	words     messages
	language  string
	locale    string
	rules     *rules
	plural    func(int) form
	own       messages // of one kind of thing, by the plain key; nil when there are none
}

// For speaks of one kind of thing: where a key has words of its own for it, with the kind as its last part
// (order.title.ready.used beside order.title.ready), they are taken before those that serve everything.
func (p *Printer) For(kind string) *Printer {
	own := p.catalogue.ownWords(p.language, kind)
	if len(own) == 0 {
		return p
	}
	of := *p
	of.own = own
	return &of
}

// message is the words of a key; nil when there are none.
func (p *Printer) message(key string) *message {
	if m := p.own[key]; m != nil {
		return m
	}
	return p.words[key]
}

// Locale is the tag whose formats are used, such as "it-IT".
func (p *Printer) Locale() string { return p.locale }

// Language is the language of the words.
func (p *Printer) Language() string { return p.language }

// Lang is for the lang attribute: the locale, or the language of the words where the locale has no
// catalogue, because a screen reader that reads English words as German is not understood.
func (p *Printer) Lang() string {
	if strings.HasPrefix(p.locale, p.language+"-") {
		return p.locale
	}
	return p.language
}

// Has tells whether the language has the key.
func (p *Printer) Has(key string) bool { return p.words[key] != nil }

// T returns the text of a key; args are pairs of placeholder name and value. A key that does not
// exist comes back in brackets and is kept in Catalogue.Missing.
func (p *Printer) T(key string, args ...any) string {
	m := p.message(key)
	if m == nil {
		return p.unknown(key)
	}
	t := m.forms[other]
	if len(t.names) == 0 {
		return t.literals[0]
	}
	return p.join(t, args)
}

// N returns the plural form of a key for a count, which fills {{.Count}} as the locale writes it.
func (p *Printer) N(key string, count int, args ...any) string {
	m := p.message(key)
	if m == nil {
		return p.unknown(key)
	}
	t := m.form(p.plural(count))
	if len(t.names) == 0 {
		return t.literals[0]
	}
	pairs := make([]any, 0, len(args)+2)
	return p.join(t, append(append(pairs, args...), "Count", count))
}

// Label is a name with the colon that leads to its value: "Price:", in French "Prix :".
func (p *Printer) Label(name string) string { return name + p.rules.signGap + ":" }

// Pair is a name and its value in one text: "Price: £14,045". What comes between them is the locale's:
// nobody else glues a colon.
func (p *Printer) Pair(name, value string) string { return p.Label(name) + " " + value }

func (p *Printer) unknown(key string) string {
	p.catalogue.missing.Store(p.language+" "+key, struct{}{})
	return "[" + key + "]"
}

func (p *Printer) join(t *text, args []any) string {
	b := make([]byte, 0, 96)
	for i, name := range t.names {
		b = append(b, t.literals[i]...)
		b = p.appendArg(b, name, args)
	}
	return string(append(b, t.literals[len(t.names)]...))
}

func (p *Printer) appendArg(b []byte, name string, args []any) []byte {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return p.appendValue(b, args[i+1])
		}
	}
	// A forgotten argument must be seen in tests and must not take the page down.
	p.catalogue.missing.Store(p.language+" argument "+name, struct{}{})
	return append(append(append(b, '['), name...), ']')
}

// appendValue writes numbers and money as the locale does. Years and codes are passed as strings.
func (p *Printer) appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(b, v...)
	case int:
		return p.rules.appendInt(b, int64(v))
	case int64:
		return p.rules.appendInt(b, v)
	case money.Money:
		return p.appendMoney(b, v, plain)
	case time.Time:
		return p.rules.appendTime(b, p.rules.dateLong, v)
	case fmt.Stringer:
		return append(b, v.String()...)
	case bool:
		return strconv.AppendBool(b, v)
	}
	return fmt.Append(b, v)
}
