package instance

import (
	"fmt"
	"strconv"
	"strings"
)

// reader3 reads version 3: variables alone and in arrays, constraints alone and in groups.
type reader3 struct {
	in    *Instance
	ids   map[string]*element
	sizes map[string][]int // of arrays
}

func readXCSP3(root *element) (*Instance, error) {
	r := &reader3{in: newInstance("XCSP3"), ids: map[string]*element{}, sizes: map[string][]int{}}
	r.index(root)
	variables, constraints := root.child("variables"), root.child("constraints")
	if variables == nil || constraints == nil {
		return nil, refuse("the file needs <variables> and <constraints>")
	}
	for _, e := range variables.Within {
		var err error
		switch e.name() {
		case "var":
			err = r.variable(e)
		case "array":
			err = r.array(e)
		default:
			err = refuse("<%s> among the variables is not understood", e.name())
		}
		if err != nil {
			return nil, err
		}
	}
	return r.in, r.constraints(constraints.Within)
}

func (r *reader3) index(e *element) {
	if id := e.attr("id"); id != "" {
		r.ids[id] = e
	}
	for _, c := range e.Within {
		r.index(c)
	}
}

// like follows as="id" to the element that says it; the chain is short in any honest file.
func (r *reader3) like(e *element) (*element, error) {
	for range 20 {
		as := e.attr("as")
		if as == "" {
			return e, nil
		}
		next, ok := r.ids[as]
		if !ok {
			return nil, refuse("<%s>: there is nothing called %q", e.name(), as)
		}
		e = next
	}
	return nil, refuse("<%s>: its as=%q goes in a circle", e.name(), e.attr("as"))
}

func (r *reader3) variable(e *element) error {
	as, err := r.like(e)
	if err != nil {
		return err
	}
	values, err := domain3(as)
	if err != nil {
		return err
	}
	return r.in.addVariable(e.attr("id"), values)
}

func domain3(e *element) ([]string, error) {
	if kind := e.attr("type"); kind != "" && kind != "integer" && kind != "symbolic" {
		return nil, refuse("variables of type %s are not understood", kind)
	}
	values, err := expand(e.Text)
	return distinct(values), err
}

func (r *reader3) array(e *element) error {
	as, err := r.like(e)
	if err != nil {
		return err
	}
	sizes, err := brackets(as.attr("size"))
	if err != nil {
		return err
	}
	id := e.attr("id")
	r.sizes[id] = sizes
	cells := cellNames(id, sizes)
	domains, err := r.domains(as, id, cells)
	if err != nil {
		return err
	}
	for _, cell := range cells {
		values, ok := domains[cell]
		if !ok {
			values, ok = domains["others"]
		}
		if !ok {
			continue // an array may have holes: a cell without domain is no variable
		}
		if err := r.in.addVariable(cell, append([]string(nil), values...)); err != nil {
			return err
		}
	}
	return nil
}

// domains reads the one domain of an array, or those said for its cells.
func (r *reader3) domains(e *element, id string, cells []string) (map[string][]string, error) {
	out := map[string][]string{}
	if e.child("domain") == nil {
		values, err := domain3(e)
		out["others"] = values
		return out, err
	}
	known := map[string]bool{}
	for _, c := range cells {
		known[c] = true
	}
	for _, d := range e.Within {
		values, err := domain3(d)
		if err != nil {
			return nil, err
		}
		for _, word := range strings.Fields(d.attr("for")) {
			if word == "others" {
				out[word] = values
				continue
			}
			// A domain of an array copied by as= speaks of the first one's cells.
			if i := strings.IndexByte(word, '['); i > 0 {
				word = id + word[i:]
			}
			named, err := r.cells(word)
			if err != nil {
				return nil, err
			}
			for _, c := range named {
				if !known[c] {
					return nil, refuse("array %s has no cell %s", id, c)
				}
				out[c] = values
			}
		}
	}
	return out, nil
}

// brackets reads the sizes of an array: [3][4].
func brackets(text string) ([]int, error) {
	var sizes []int
	all := 1
	for rest := strings.TrimSpace(text); rest != ""; {
		inner, after, ok := strings.Cut(strings.TrimPrefix(rest, "["), "]")
		n, err := strconv.Atoi(strings.TrimSpace(inner))
		if !ok || rest[0] != '[' || err != nil || n < 1 || n > maxVars {
			return nil, refuse("%q is no size of an array", text)
		}
		if all *= n; all > maxVars {
			return nil, refuse("an array has more than %d cells", maxVars)
		}
		sizes, rest = append(sizes, n), strings.TrimSpace(after)
	}
	if len(sizes) == 0 {
		return nil, refuse("an array has no size")
	}
	return sizes, nil
}

func cellNames(id string, sizes []int) []string {
	names := []string{id}
	for _, n := range sizes {
		var longer []string
		for _, name := range names {
			for i := range n {
				longer = append(longer, fmt.Sprintf("%s[%d]", name, i))
			}
		}
		names = longer
	}
	return names
}

// cells names the variables that one word of a list stands for: y, x[3], x[0..4], x[], x[][2].
func (r *reader3) cells(word string) ([]string, error) {
	id, rest, isCell := strings.Cut(word, "[")
	if !isCell {
		return []string{word}, nil
	}
	sizes, ok := r.sizes[id]
	if !ok {
		return nil, refuse("there is no array %q", id)
	}
	names, parts := []string{id}, strings.Split(strings.TrimSuffix(rest, "]"), "][")
	if len(parts) != len(sizes) || !strings.HasSuffix(word, "]") {
		return nil, refuse("%q does not fit array %s of %d dimensions", word, id, len(sizes))
	}
	for i, part := range parts {
		from, to, err := indices(part, sizes[i])
		if err != nil {
			return nil, refuse("%q: %v", word, err)
		}
		var longer []string
		for _, name := range names {
			for n := from; n <= to; n++ {
				longer = append(longer, fmt.Sprintf("%s[%d]", name, n))
			}
		}
		names = longer
	}
	return names, nil
}

func indices(part string, size int) (from, to int, err error) {
	part = strings.TrimSpace(part)
	if part == "" {
		return 0, size - 1, nil
	}
	from, to, is, err := span(part)
	if !is && err == nil {
		from, err = strconv.Atoi(part)
		to = from
	}
	if err != nil || from < 0 || to >= size {
		return 0, 0, fmt.Errorf("no index %q in an array of %d", part, size)
	}
	return from, to, nil
}

// list finds the variables of a list.
func (r *reader3) list(words []string) ([]int, error) {
	var vars []int
	for _, word := range words {
		names, err := r.cells(word)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			v, ok := r.in.Variable(name)
			if !ok {
				return nil, refuse("there is no variable %q", name)
			}
			vars = append(vars, v)
		}
	}
	return vars, nil
}
