package palette

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Tokens are the colours that every look gives, for light and for dark. accent is for the one main action of
// a view, select for what is chosen, edge for the border of controls, line for quiet rules that carry no
// meaning, stage-1 and stage-2 for the floor that a drawing stands on, head for the bar on top.
var Tokens = []string{"bg", "surface", "sunken", "line", "edge", "ink", "quiet", "accent", "accent-hover", "on-accent",
	"link", "tint", "focus", "select", "stage-1", "stage-2", "head", "on-head"}

// Colours are token and colour: "ink": "#131a20".
type Colours map[string]string

// Palette is a look, in both schemes.
type Palette struct {
	Light Colours `yaml:"light" json:"light"`
	Dark  Colours `yaml:"dark" json:"dark"`
}

// Named is a palette and the data-brand under which pages ask for it.
type Named struct {
	Code string
	Palette
}

// rules say which ink stands on which grounds, and how strongly it must differ: 4.5 for text, 3 for the
// marks of controls (WCAG 2.2, 1.4.3 and 1.4.11).
var rules = []struct {
	least   float64
	ink     string
	grounds string
}{
	{4.5, "ink", "bg surface sunken tint good-bg warn-bg bad-bg info-bg"},
	{4.5, "quiet", "bg surface sunken tint"},
	{4.5, "link", "bg surface sunken tint good-bg"},
	{4.5, "on-accent", "accent accent-hover"},
	{4.5, "on-head", "head"},
	{4.5, "good", "good-bg surface bg sunken"},
	{4.5, "warn", "warn-bg surface bg sunken tint"},
	{4.5, "bad", "bad-bg surface bg sunken tint"},
	{4.5, "info", "info-bg surface bg sunken"},
	{4.5, "surface", "select bad"}, // the tick in a chosen mark, the sign beside an error
	{4.5, "bg", "ink"},             // the current chip and page number
	{3, "edge", "bg surface sunken tint"},
	{3, "select", "bg surface sunken tint"},
	{3, "focus", "bg surface sunken tint good-bg bad-bg"},
}

// Scheme is one half of a look with its name.
type Scheme struct {
	Name string // "light" or "dark"
	Own  Colours
	all  Colours
}

// All are the colours of the scheme with the signals.
func (s Scheme) All() Colours { return maps.Clone(s.all) }

// Schemes are both halves, each completed by the signals that all looks share.
func (p Palette) Schemes() []Scheme {
	return []Scheme{{"light", p.Light, whole(signals.Light, p.Light)}, {"dark", p.Dark, whole(signals.Dark, p.Dark)}}
}

func whole(shared, own Colours) Colours {
	out := maps.Clone(shared)
	maps.Copy(out, own)
	return out
}

// Pair is an ink on a ground and how strongly they differ.
type Pair struct {
	Ink, Ground             string
	InkColour, GroundColour string
	Ratio, Least            float64
}

// Pairs computes every pair that the rules name.
func (s Scheme) Pairs() []Pair {
	var out []Pair
	for _, r := range rules {
		for ground := range strings.FieldsSeq(r.grounds) {
			a, b := s.all[r.ink], s.all[ground]
			out = append(out, Pair{r.ink, ground, a, b, Contrast(a, b), r.least})
		}
	}
	return out
}

// Flaw is what is wrong with one colour of a look.
type Flaw struct{ Scheme, Token, Reason string }

// Check finds tokens that are missing, strange or no colour, and inks that can not be read. Contrast is only
// judged once all colours are there: a missing one would be told a dozen times.
func (p Palette) Check() []Flaw {
	var out []Flaw
	for _, s := range p.Schemes() {
		out = append(out, s.form()...)
	}
	if len(out) > 0 {
		return out
	}
	for _, s := range p.Schemes() {
		for _, x := range s.Pairs() {
			if x.Ratio < x.Least {
				out = append(out, Flaw{s.Name, s.blame(x), fmt.Sprintf("%s %s on %s %s has a contrast of %.2f, it needs %.1f",
					x.Ink, x.InkColour, x.Ground, x.GroundColour, x.Ratio, x.Least)})
			}
		}
	}
	return out
}

// judged keeps what Check said, by the colours themselves: there are as many as brands, and every page asks.
var judged sync.Map

// OrHouse is the look itself, or the house's when it can not be used: a database from before has none.
func (p Palette) OrHouse() Palette {
	var key strings.Builder
	for _, c := range []Colours{p.Light, p.Dark} {
		for _, token := range Tokens {
			key.WriteString(c[token] + " ")
		}
	}
	sound, known := judged.Load(key.String())
	if !known {
		sound, _ = judged.LoadOrStore(key.String(), len(p.Check()) == 0)
	}
	if !sound.(bool) {
		return House
	}
	return p
}

// blame is the token of the pair that the look itself gives: signals are the house's.
func (s Scheme) blame(x Pair) string {
	if _, own := s.Own[x.Ink]; own {
		return x.Ink
	}
	return x.Ground
}

func (s Scheme) form() []Flaw {
	var out []Flaw
	for _, token := range Tokens {
		colour, given := s.Own[token]
		switch {
		case !given:
			out = append(out, Flaw{s.Name, token, token + " is missing"})
		case !hex(colour):
			out = append(out, Flaw{s.Name, token, fmt.Sprintf("%s can not be %q; write it like #1a2b3c", token, colour)})
		}
	}
	for _, token := range slices.Sorted(maps.Keys(s.Own)) {
		if !slices.Contains(Tokens, token) {
			out = append(out, Flaw{s.Name, token, fmt.Sprintf("there is no colour %q; the colours are %s", token, strings.Join(Tokens, ", "))})
		}
	}
	return out
}

// Sheet writes the looks as a part of the style sheet: the house's for everything, then each brand's. A part
// of a page may carry its own data-brand: the front door shows all brands beside one another. Looks that do
// not pass the check are left out, and their pages wear the house's. Paper is always light.
func Sheet(brands []Named) string {
	var light, dark strings.Builder
	write := func(to *strings.Builder, selector string, c Colours) {
		fmt.Fprintf(to, "%s{", selector)
		for _, token := range slices.SortedFunc(maps.Keys(c), byPlace) {
			fmt.Fprintf(to, "--%s:%s;", token, c[token])
		}
		to.WriteString("}\n")
	}
	write(&light, ":root", signals.Light)
	write(&dark, ":root", signals.Dark)
	for _, b := range append([]Named{{HouseCode, House}}, brands...) {
		if len(b.Check()) > 0 {
			continue
		}
		selector := "[data-brand=" + b.Code + "]"
		if b.Code == HouseCode {
			selector = ":where(:root)," + selector
		}
		write(&light, selector, b.Light)
		write(&dark, selector, b.Dark)
	}
	return "@layer tokens{\n" + light.String() + "@media screen and (prefers-color-scheme:dark){\n" + dark.String() + "}}\n"
}

// byPlace keeps the tokens in their order, the same in every block, which packs best.
func byPlace(a, b string) int {
	return cmp.Or(cmp.Compare(slices.Index(Tokens, a), slices.Index(Tokens, b)), cmp.Compare(a, b))
}
