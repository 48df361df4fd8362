package configurator

import (
	"slices"
	"strings"
	"unicode/utf8"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
)

// Selection is what a buyer picked: feature codes. In front of a code a ~ says that an option is to be
// left out, and a ~ alone that nothing is to be added that is not named. That of a Build is a whole
// car: one of each group and the options paid for, in canonical order, none twice, no ~.
type Selection []id.Feature

// omit marks what is left out.
const omit = "~"

// Exactly asks for this car and nothing else, where an incomplete one would be completed as cheaply as
// possible.
func Exactly(s Selection) Selection { return append(Selection{omit}, s...) }

// Omitted tells whether an entry says what to leave out, and what.
func Omitted(entry id.Feature) (id.Feature, bool) {
	rest, ok := strings.CutPrefix(string(entry), omit)
	return id.Feature(rest), ok && rest != ""
}

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
	for entry := range strings.SplitSeq(text, ".") {
		if code := strings.TrimPrefix(entry, omit); !isCode(code) && entry != omit {
			return nil, ErrMalformed
		}
		s = append(s, id.Feature(entry))
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
	p, err := mo.picks(s)
	if err != nil {
		return nil, err
	}
	return mo.selection(p), nil
}

// picks is a selection understood: features in their order.
type picks struct {
	in, out []int
	exact   bool
}

// picks refuses what is not sold, two of a group of one choice, and what is both picked and left out.
func (mo *Model) picks(s Selection) (picks, error) {
	var p picks
	for _, entry := range s {
		if entry == omit {
			p.exact = true
			continue
		}
		code, leave := Omitted(entry)
		if !leave {
			code = entry
		}
		i, ok := mo.index[code]
		if !ok || !leave && !mo.buildable(i) || leave && mo.features[i].Group != catalogue.Options {
			return picks{}, ErrUnknown.With("feature", printable(string(code)))
		}
		if leave {
			p.out = insert(p.out, i)
		} else {
			p.in = insert(p.in, i)
		}
	}
	for k, i := range p.in {
		if k > 0 && mo.at[p.in[k-1]] == mo.at[i] {
			return picks{}, ErrTwoOfGroup.With("group", string(mo.features[i].Group))
		}
		if slices.Contains(p.out, i) {
			return picks{}, ErrTwoOfGroup.With("group", string(mo.code(i)))
		}
	}
	return p, nil
}

// buildable tells whether some car has a feature, whatever is held just now.
func (mo *Model) buildable(i int) bool {
	for _, x := range mo.values[i] {
		if mo.diagram.Alive(mo.at[i], int(x)) {
			return true
		}
	}
	return false
}

func insert(list []int, i int) []int {
	at, has := slices.BinarySearch(list, i)
	if has {
		return list
	}
	return slices.Insert(list, at, i)
}

// with picks a feature in place of others of its variable.
func (p picks) with(mo *Model, i int) picks {
	q := p.free(mo, mo.at[i])
	q.in = insert(q.in, i)
	return q
}

// but leaves an option out.
func (p picks) but(mo *Model, i int) picks {
	q := p.free(mo, mo.at[i])
	q.out = insert(q.out, i)
	return q
}

// free forgets what was picked of a variable.
func (p picks) free(mo *Model, v int) picks {
	other := func(i int) bool { return mo.at[i] == v }
	return picks{in: slices.DeleteFunc(slices.Clone(p.in), other), out: slices.DeleteFunc(slices.Clone(p.out), other)}
}

// whole tells whether one of each group is picked.
func (p picks) whole(mo *Model) bool {
	n := 0
	for _, i := range p.in {
		if mo.features[i].Group != catalogue.Options {
			n++
		}
	}
	return n == len(catalogue.Groups)-1
}

// of is the pick of a variable: a feature, and whether it is left out; -1 for none.
func (p picks) of(mo *Model, v int) (i int, out bool) {
	for _, i := range p.in {
		if mo.at[i] == v {
			return i, false
		}
	}
	for _, i := range p.out {
		if mo.at[i] == v {
			return i, true
		}
	}
	return -1, false
}

// selection writes picks as they travel in a URL.
func (mo *Model) selection(p picks) Selection {
	s := make(Selection, 0, len(p.in)+len(p.out)+1)
	if p.exact {
		s = append(s, omit)
	}
	for _, i := range p.in {
		s = append(s, mo.code(i))
	}
	for _, i := range p.out {
		s = append(s, omit+mo.code(i))
	}
	return s
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
