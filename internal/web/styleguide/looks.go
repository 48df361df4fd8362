package styleguide

import (
	"fmt"
	"io/fs"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"forecourt/internal/platform/palette"
	"forecourt/static"
)

// look is a brand with both its schemes.
type look struct {
	Code, Name string
	Schemes    []scheme
}

type scheme struct {
	Code, Name string // of the brand, and of the scheme
	ID         string // makes the ids of a sample unique in the page
	Tokens     []token
	Pairs      []palette.Pair
	Tightest   palette.Pair // the pair that has the least to spare
}

type token struct{ Name, Colour string }

// spare is how far a pair is above what it needs.
func spare(p palette.Pair) float64 { return p.Ratio / p.Least }

func lookOf(n named) look {
	out := look{Code: n.Code, Name: n.Name}
	for _, half := range n.Schemes() {
		s := scheme{Code: n.Code, Name: half.Name, ID: n.Code + "-" + half.Name, Pairs: half.Pairs()}
		for _, t := range palette.Tokens {
			s.Tokens = append(s.Tokens, token{t, half.Own[t]})
		}
		s.Tightest = slices.MinFunc(s.Pairs, func(a, b palette.Pair) int { return int(math.Copysign(1, spare(a)-spare(b))) })
		out.Schemes = append(out.Schemes, s)
	}
	return out
}

// sideBySide writes each scheme under a name of its own, whatever the reader's screen prefers. It stands in no
// layer, so it wins over the sheet.
func sideBySide(all []named) string {
	var out strings.Builder
	out.WriteString("[data-scheme]{background:var(--bg);color:var(--ink);color-scheme:light}\n[data-scheme=dark]{color-scheme:dark}\n")
	for _, n := range all {
		if len(n.Check()) > 0 {
			continue
		}
		for _, s := range n.Schemes() {
			fmt.Fprintf(&out, "[data-brand=%s][data-scheme=%s]{", n.Code, s.Name)
			whole := s.All()
			for _, t := range slices.Sorted(maps.Keys(whole)) {
				fmt.Fprintf(&out, "--%s:%s;", t, whole[t])
			}
			out.WriteString("}\n")
		}
	}
	return out.String()
}

// measure is a step of a scale, read from the sheet itself.
type measure struct {
	Name, Value string
	Width       float64 // in pixels, of the plain values
}

var scale = regexp.MustCompile(`--([ts])-([0-9a-z]+):\s*([^;]+);`)

func measures(kind string) []measure {
	text, err := fs.ReadFile(static.Files, "css/tokens.css")
	if err != nil {
		return nil
	}
	var out []measure
	for _, m := range scale.FindAllStringSubmatch(string(text), -1) {
		if m[1] != kind {
			continue
		}
		rem, _ := strconv.ParseFloat(strings.TrimSuffix(m[3], "rem"), 64)
		out = append(out, measure{"--" + kind + "-" + m[2], m[3], rem * 16})
	}
	return out
}
