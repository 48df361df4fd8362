package filecheck

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Most is how many mistakes of one file are told. Nobody reads more, and telling a million would be
// the most costly part of refusing a hostile file.
const Most = 500

// Limits bound what a file may hold, so that no file can take the memory or the time of others.
type Limits struct {
	Bytes int
	Nodes int // values, lists and groups of keys together
	Keys  int // in one group of keys
	Depth int // lists and groups of keys within each other
}

// Ordinary are the limits of files without limits of their own.
var Ordinary = Limits{Bytes: 8 << 20, Nodes: 1_000_000, Keys: 20_000, Depth: 24}

// scan looks at the bytes before anything is built from them.
func (l Limits) scan(file string, data []byte) []Problem {
	if len(data) > l.Bytes {
		return []Problem{{file, 1, fmt.Sprintf("the file has %d bytes; the most is %d", len(data), l.Bytes)}}
	}
	// Each value but the first stands behind one of these, so few files have more values than this
	// counts, and those are found when they have been read.
	parts := 1
	for _, sign := range []string{"\n", ",", "[", "{", ": ", "- ", "? "} {
		parts += bytes.Count(data, []byte(sign))
	}
	if parts > l.Nodes {
		return []Problem{{file, 1, fmt.Sprintf("the file has too many values; the most is %d", l.Nodes)}}
	}
	return unseenIn(file, data)
}

// unseenIn finds bytes that are no text and letters that nobody can see.
func unseenIn(file string, data []byte) []Problem {
	var out []Problem
	line, told := 1, 0
	say := func(format string, args ...any) {
		if told != line && len(out) <= Most {
			out = append(out, Problem{file, line, fmt.Sprintf(format, args...)})
		}
		told = line
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			say("the byte %#02x is not UTF-8 text", data[i])
		case r == '\n':
			line++
		case r == '\r' && i+1 < len(data) && data[i+1] == '\n', r == '\ufeff' && i == 0:
		case unseen(r):
			say("the control character %U has no place in a file", r)
		}
		i += size
	}
	return out
}

// unseen tells of letters that change how a text is read without being seen. Line ends and tabs are
// for the caller to judge.
func unseen(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u2028', r == '\u2029', r == '\ufeff':
		return true
	default:
		return unicode.IsControl(r)
	}
}

// tree looks at what was read before it is put anywhere.
func (l Limits) tree(file string, root *yaml.Node) []Problem {
	w := treeWalk{limits: l, file: file}
	w.visit(root, 1)
	if w.nodes > l.Nodes {
		w.problems = append(w.problems, Problem{file, 1, fmt.Sprintf("the file has %d values; the most is %d", w.nodes, l.Nodes)})
	}
	return w.problems
}

type treeWalk struct {
	limits   Limits
	file     string
	nodes    int
	problems []Problem
}

func (w *treeWalk) visit(n *yaml.Node, depth int) {
	w.nodes++
	if len(n.Content) == 0 || len(w.problems) > Most {
		return
	}
	if depth > w.limits.Depth {
		w.problems = append(w.problems, Problem{w.file, n.Line, fmt.Sprintf("more than %d lists and groups of keys within each other", w.limits.Depth)})
		return
	}
	if keys := len(n.Content) / 2; n.Kind == yaml.MappingNode && keys > w.limits.Keys {
		w.problems = append(w.problems, Problem{w.file, n.Line, fmt.Sprintf("%d keys in one group; the most is %d", keys, w.limits.Keys)})
		return
	}
	for _, child := range n.Content {
		w.visit(child, depth+1)
	}
}

// Cut keeps the first mistakes of a file that has too many, and says so.
func Cut(ps []Problem) []Problem {
	if len(ps) <= Most {
		return ps
	}
	last := ps[Most-1]
	return append(ps[:Most:Most], Problem{last.File, last.Line, "there are more mistakes than these; mend them first"})
}

// longWord is more than any value that a person mistyped.
const longWord = 200

// Clip shortens the texts among the arguments of a message, which come from the file.
func Clip(args []any) []any {
	for i, a := range args {
		if v := reflect.ValueOf(a); v.Kind() == reflect.String && v.Len() > longWord {
			args[i] = strings.ToValidUTF8(v.String()[:longWord], "") + "..."
		}
	}
	return args
}
