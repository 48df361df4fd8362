package i18n

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// form is a CLDR plural category.
type form uint8

const (
	other form = iota
	one
	few
	many
	forms // how many there are
)

var formNames = [forms]string{"other", "one", "few", "many"}

// text is a compiled sentence: literal pieces with a placeholder between each two. So there is
// always one more literal than names; a sentence without placeholders is one literal.
type text struct {
	literals []string
	names    []string
}

// message is a compiled entry; a form that the language does not write is nil.
type message struct {
	forms [forms]*text
}

func (m *message) isPlural() bool {
	for f := other + 1; f < forms; f++ {
		if m.forms[f] != nil {
			return true
		}
	}
	return false
}

func (m *message) form(f form) *text {
	if t := m.forms[f]; t != nil {
		return t
	}
	return m.forms[other]
}

// pluralRules picks the form for a whole number. They are written out because the tables of
// golang.org/x/text are older than the category "many" of French, Italian and Spanish.
var pluralRules = map[string]func(n int) form{
	"en": oneForOne,
	"de": oneForOne,
	"it": oneForOneManyForMillions,
	"es": oneForOneManyForMillions,
	"fr": func(n int) form {
		if n == 0 {
			return one
		}
		return oneForOneManyForMillions(n)
	},
	"ro": func(n int) form {
		switch {
		case n == 1 || n == -1:
			return one
		case n == 0 || abs(n%100) >= 1 && abs(n%100) <= 19:
			return few
		}
		return other
	},
}

func oneForOne(n int) form {
	if n == 1 || n == -1 {
		return one
	}
	return other
}

func oneForOneManyForMillions(n int) form {
	if n != 0 && n%1_000_000 == 0 {
		return many
	}
	return oneForOne(n)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

var placeholder = regexp.MustCompile(`\{\{\s*\.([A-Za-z][A-Za-z0-9]*)\s*\}\}`)

func compile(m *i18n.Message) (*message, error) {
	if m.Zero != "" || m.Two != "" {
		return nil, fmt.Errorf("plural forms zero and two are not used by any of our languages")
	}
	out := &message{}
	for f, source := range [forms]string{m.Other, m.One, m.Few, m.Many} {
		if source == "" {
			continue
		}
		t, err := compileText(source)
		if err != nil {
			return nil, err
		}
		out.forms[f] = t
	}
	if out.forms[other] == nil {
		return nil, fmt.Errorf("empty text (a plural needs at least %q)", formNames[other])
	}
	return out, nil
}

func compileText(source string) (*text, error) {
	if strings.TrimSpace(source) == "" {
		return nil, fmt.Errorf("empty text")
	}
	t, from := &text{}, 0
	for _, at := range placeholder.FindAllStringSubmatchIndex(source, -1) {
		t.literals = append(t.literals, source[from:at[0]])
		t.names = append(t.names, source[at[2]:at[3]])
		from = at[1]
	}
	t.literals = append(t.literals, source[from:])
	for _, literal := range t.literals {
		if strings.Contains(literal, "{{") || strings.Contains(literal, "}}") {
			return nil, fmt.Errorf("only placeholders of the form {{.Name}} are allowed: %q", source)
		}
	}
	return t, nil
}

// placeholders of all forms together, sorted, each once.
func (m *message) placeholders() []string {
	var out []string
	for _, t := range m.forms {
		if t != nil {
			out = append(out, t.names...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
