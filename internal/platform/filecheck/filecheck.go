package filecheck

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one mistake in a file.
type Problem struct {
	File   string
	Line   int // from 1; 1 for a mistake of the whole file
	Reason string
}

// String is the form that people and editors know: file:line: reason.
func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason) }

// Problems are the mistakes of one or several files; as an error they read one per line.
type Problems []Problem

// Error lists all mistakes, one per line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err is nil when nothing is wrong.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Sort orders mistakes by file, then line, then reason.
func (ps Problems) Sort() {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Reason < b.Reason
	})
}

// Decode reads data into dst, a pointer to a struct whose fields carry yaml tags. Fields that could
// be read are filled even when others are wrong, so that checks of meaning can still run.
func Decode(file string, data []byte, dst any) []Problem {
	root, problems := Parse(file, data)
	if root == nil {
		return problems
	}
	return append(problems, DecodeNode(file, root, dst)...)
}

// Parse reads the syntax alone. The root is the outermost mapping or list, nil when there is none or
// when the file goes beyond the ordinary limits.
func Parse(file string, data []byte) (*yaml.Node, []Problem) {
	return ParseWithin(file, data, Ordinary)
}

// ParseWithin is Parse with limits of its own.
func ParseWithin(file string, data []byte, limits Limits) (*yaml.Node, []Problem) {
	if problems := limits.scan(file, data); len(problems) > 0 {
		return nil, Cut(problems)
	}
	root, problems := parse(file, data)
	if root == nil {
		return nil, problems
	}
	if beyond := limits.tree(file, root); len(beyond) > 0 {
		return nil, Cut(append(problems, beyond...))
	}
	return root, problems
}

func parse(file string, data []byte) (*yaml.Node, []Problem) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, []Problem{{file, 1, "the file is empty"}}
	} else if err != nil {
		return nil, []Problem{syntaxProblem(file, err)}
	}
	if len(doc.Content) == 0 {
		return nil, []Problem{{file, 1, "the file is empty"}}
	}
	if err := dec.Decode(&second); err == nil {
		return doc.Content[0], []Problem{{file, second.Line, "a second document starts here; one file holds one"}}
	} else if !errors.Is(err, io.EOF) {
		return doc.Content[0], []Problem{syntaxProblem(file, err)}
	}
	return doc.Content[0], nil
}

// DecodeNode reads one node into dst, a non-nil pointer.
func DecodeNode(file string, n *yaml.Node, dst any) []Problem {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return []Problem{{file, n.Line, "nowhere to put the value"}}
	}
	d := decoder{file: file}
	d.value(n, v.Elem(), "the file")
	return d.problems
}

var syntaxLine = regexp.MustCompile(`line (\d+): `)

func syntaxProblem(file string, err error) Problem {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := syntaxLine.FindStringSubmatchIndex(text); m != nil {
		if n, convErr := strconv.Atoi(text[m[2]:m[3]]); convErr == nil {
			line = n
		}
		text = text[:m[0]] + text[m[1]:]
	}
	return Problem{file, line, "not readable as YAML: " + text}
}

// Find walks from root by keys and, in lists, by positions ("0" is the first). It answers nil when
// the path leads nowhere.
func Find(root *yaml.Node, path ...string) *yaml.Node {
	n := root
	for _, step := range path {
		if n = child(n, step); n == nil {
			return nil
		}
	}
	return n
}

// LineOf is the line where the value at path is written: the line of its key, or of its item in a
// list. When the path ends early it is the line of the last part that exists.
func LineOf(root *yaml.Node, path ...string) int {
	if root == nil {
		return 1
	}
	line, n := root.Line, root
	for _, step := range path {
		k, v := keyOf(n, step), child(n, step)
		switch {
		case k != nil:
			line = k.Line
		case v != nil:
			line = v.Line
		}
		if n = v; n == nil {
			break
		}
	}
	return line
}

func keyOf(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i]
		}
	}
	return nil
}

func child(n *yaml.Node, step string) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	}
	return nil
}
