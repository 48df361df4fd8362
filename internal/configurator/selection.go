package configurator

import (
	"strings"
	"unicode/utf8"

	"forecourt/internal/id"
)

// Selection is what a buyer picked. Those that a Model gives out are in canonical order, have no
// feature twice and none that is included anyway.
type Selection []id.Feature

// maxEncoded bounds what Decode reads; the largest real build has a tenth of it.
const maxEncoded = 4096

// Encode writes a selection for a URL: its codes in their order, joined by dots.
func Encode(s Selection) string {
	var b strings.Builder
	for i, c := range s {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(string(c))
	}
	return b.String()
}

// Decode reads what Encode wrote. It knows the form only; a Model knows the features.
func Decode(text string) (Selection, error) {
	if text == "" {
		return nil, nil
	}
	if len(text) > maxEncoded {
		return nil, ErrTooMany
	}
	var s Selection
	for code := range strings.SplitSeq(text, ".") {
		if !isCode(code) {
			return nil, ErrMalformed
		}
		s = append(s, id.Feature(code))
	}
	return s, nil
}

func isCode(s string) bool {
	for _, c := range []byte(s) {
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != ""
}

// Parse reads picks that came from outside, in any order; empty ones and repetitions do not count.
func (mo *Model) Parse(raw []string) (Selection, error) {
	if len(raw) > 2*len(mo.features) {
		return nil, ErrTooMany
	}
	var s Selection
	for _, code := range raw {
		if code = strings.TrimSpace(code); code != "" {
			s = append(s, id.Feature(code))
		}
	}
	picks, err := mo.picks(s)
	if err != nil {
		return nil, err
	}
	return mo.codes(picks), nil
}

// picks is a selection as a set; it refuses what is not sold and two of a group of one choice.
func (mo *Model) picks(s Selection) (set, error) {
	var p set
	for _, c := range s {
		i, ok := mo.index[c]
		if !ok || mo.dead.has(i) {
			return set{}, ErrUnknown.With("feature", printable(string(c)))
		}
		p.add(i)
	}
	for _, g := range mo.groups {
		if mine := p.and(&g.all); mine.count() > 1 {
			return set{}, ErrTwoOfGroup.With("group", string(g.name))
		}
	}
	return p, nil
}

// open is the union of the groups of one choice in which nothing is picked.
func (mo *Model) open(picks set) set {
	var out set
	for k := range mo.groups {
		if !mo.groups[k].all.meets(&picks) {
			out.join(&mo.groups[k].all)
		}
	}
	return out
}

// printable cuts what somebody typed to what an error may repeat.
func printable(s string) string {
	const longest = 40
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), longest)]
}

// ofGroup is the group of one choice that a feature belongs to; false for options.
func (mo *Model) ofGroup(i int) (set, bool) {
	if mo.groupOf[i] < 0 {
		return set{}, false
	}
	return mo.groups[mo.groupOf[i]].all, true
}
