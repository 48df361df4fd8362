package world

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/platform/filecheck"
)

// An order file stands beside a range file and tells how the range is laid out when it is compiled:
// the name of one variable per line, "#" begins a remark. It changes no answer, only the time that
// compiling takes, so a name that the range has not (any more) is no mistake.

// OrderFile is the name of the order file of a range file.
func OrderFile(name string) string { return strings.TrimSuffix(name, ".yaml") + ".order" }

// The most that an order file may hold, far above what any range has variables.
const (
	maxOrderLines = 4_000
	maxOrderName  = 80
)

// DecodeOrder reads an order file.
func DecodeOrder(name string, data []byte) ([]string, []filecheck.Problem) {
	var out []string
	var bad []filecheck.Problem
	if n := bytes.Count(data, []byte("\n")); n > maxOrderLines {
		return nil, []filecheck.Problem{{File: name, Line: maxOrderLines, Reason: fmt.Sprintf("%d lines; the most is %d", n, maxOrderLines)}}
	}
	seen, n := map[string]bool{}, 0
	for line := range strings.Lines(string(data)) {
		n++
		word, _, _ := strings.Cut(line, "#")
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		switch {
		case len(word) > maxOrderName || strings.ContainsFunc(word, notInName):
			bad = append(bad, filecheck.Problem{File: name, Line: n, Reason: "a line holds the name of one variable, like colour or options/tow-bar"})
		case seen[word]:
			bad = append(bad, filecheck.Problem{File: name, Line: n, Reason: word + " is named twice"})
		}
		seen[word] = true
		out = append(out, word)
	}
	return out, filecheck.Cut(bad)
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '/' && r != '_'
}

// EncodeOrder writes an order file.
func EncodeOrder(r *catalogue.Range) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# How %s is laid out when it is compiled; found by: forecourt range order\n", r.Name)
	for _, v := range r.VariableOrder {
		b.WriteString(v + "\n")
	}
	return b.Bytes()
}

// mergeOrders adds to an order what only other orders name, each where its neighbour stands.
func mergeOrders(base []string, others ...[]string) []string {
	out := slices.Clone(base)
	for _, o := range others {
		at := 0
		for _, name := range o {
			if i := slices.Index(out, name); i >= 0 {
				at = i + 1
				continue
			}
			out = slices.Insert(out, at, name)
			at++
		}
	}
	return out
}
