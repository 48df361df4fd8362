package instance

import (
	"fmt"
	"strconv"
	"strings"
)

func (r *reader3) constraints(list []*element) error {
	for _, e := range list {
		var err error
		switch e.name() {
		case "block":
			err = r.constraints(e.Within)
		case "group":
			err = r.group(e)
		default:
			err = r.constraint(e, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// group writes its one pattern for each of its lists of arguments.
func (r *reader3) group(e *element) error {
	var pattern *element
	var args []*element
	for _, c := range e.Within {
		switch {
		case c.name() == "args":
			args = append(args, c)
		case pattern == nil:
			pattern = c
		default:
			return refuse("a group has two patterns, <%s> and <%s>", pattern.name(), c.name())
		}
	}
	if pattern == nil || len(args) == 0 {
		return refuse("a group needs a pattern and arguments")
	}
	for _, a := range args {
		words, err := r.arguments(a.Text)
		if err != nil {
			return err
		}
		if err := r.constraint(pattern, words); err != nil {
			return err
		}
	}
	return nil
}

// arguments are variables, one by one, and numbers.
func (r *reader3) arguments(text string) ([]string, error) {
	var out []string
	for _, word := range strings.Fields(text) {
		names, err := r.cells(word)
		if err != nil {
			return nil, err
		}
		if out = append(out, names...); len(out) > maxVars {
			return nil, refuse("a constraint has more than %d arguments", maxVars)
		}
	}
	return out, nil
}

func (r *reader3) constraint(e *element, args []string) error {
	e, err := r.like(e)
	if err != nil {
		return err
	}
	name := e.attr("id")
	if name == "" {
		name = fmt.Sprintf("c%d", len(r.in.Problem.Rules))
	}
	switch e.name() {
	case "extension":
		err = r.extension(name, e, args)
	case "intension":
		err = r.intension(name, e, args)
	default:
		err = refuse("constraint <%s> is not understood: only tables (<extension>) and simple comparisons (<intension>) are", e.name())
	}
	if err != nil {
		return fmt.Errorf("constraint %s: %w", name, err)
	}
	return nil
}

// filled puts arguments where the pattern has %0, %1, and all the rest where it has %...
func filled(text string, args []string) ([]string, error) {
	used := 0
	words := strings.Fields(text)
	for _, word := range words {
		if n, err := strconv.Atoi(strings.TrimPrefix(word, "%")); err == nil && strings.HasPrefix(word, "%") {
			used = max(used, n+1)
		}
	}
	var out []string
	for _, word := range words {
		number, isPlace := strings.CutPrefix(word, "%")
		n, err := strconv.Atoi(number)
		switch {
		case !isPlace:
			out = append(out, word)
		case number == "..." && used <= len(args):
			out = append(out, args[used:]...)
		case err != nil || n < 0 || n >= len(args):
			return nil, refuse("there is no argument for %s", word)
		default:
			out = append(out, args[n])
		}
	}
	return out, nil
}

func (r *reader3) extension(name string, e *element, args []string) error {
	list, tuples, forbids, err := r.parts(e)
	if err != nil {
		return err
	}
	words, err := filled(list, args)
	if err != nil {
		return err
	}
	vars, err := r.list(words)
	if err != nil {
		return err
	}
	t, err := r.in.newTable(name, vars)
	if err != nil {
		return err
	}
	if len(vars) == 1 && !strings.Contains(tuples, "(") {
		err = t.unary(tuples)
	} else {
		err = t.parentheses(tuples)
	}
	if err != nil {
		return err
	}
	if forbids {
		return t.forbid()
	}
	t.allow()
	return nil
}

// parts of an extension; without <list> its own text is the list.
func (r *reader3) parts(e *element) (list, tuples string, forbids bool, err error) {
	var said *element
	list = e.Text
	for _, c := range e.Within {
		as, err := r.like(c)
		if err != nil {
			return "", "", false, err
		}
		switch c.name() {
		case "list":
			list = as.Text
		case "supports", "conflicts":
			if said != nil {
				return "", "", false, refuse("it has both <%s> and <%s>", said.name(), c.name())
			}
			said, tuples, forbids = c, as.Text, c.name() == "conflicts"
		default:
			return "", "", false, refuse("<%s> in a table is not understood", c.name())
		}
	}
	if said == nil {
		return "", "", false, refuse("it has neither <supports> nor <conflicts>")
	}
	return list, tuples, forbids, nil
}

// unary reads values and ranges of one variable; a range may reach beyond its domain.
func (t *table) unary(text string) error {
	values, err := expand(text)
	if err != nil {
		return err
	}
	for _, w := range values {
		if x, known := t.value(0, w); known {
			if err := t.add([]int32{x}); err != nil {
				return err
			}
		}
	}
	return nil
}

// parentheses reads tuples such as (1,2)(3,*). One with a value outside its domain is dropped.
func (t *table) parentheses(text string) error {
	tuple := make([]int32, len(t.cols))
	for rest := strings.TrimSpace(text); rest != ""; {
		if rest[0] != '(' {
			return refuse("a tuple starts with %.20q", rest)
		}
		inner, after, closed := strings.Cut(rest[1:], ")")
		if !closed {
			return refuse("a tuple has no end: %.40q", rest)
		}
		rest = strings.TrimSpace(after)
		if strings.Count(inner, ",")+1 != len(tuple) {
			return refuse("it has %d variables, but a tuple is (%.60s)", len(tuple), inner)
		}
		if err := t.tuple(inner, tuple); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) tuple(inner string, tuple []int32) error {
	i := 0
	for word := range strings.SplitSeq(inner, ",") {
		word = strings.TrimSpace(word)
		if word == "" || strings.ContainsAny(word, "({}<>=≠≤≥%:. \t\n") {
			return refuse("%q in a tuple is not understood", word)
		}
		x, known := t.value(i, word)
		if !known {
			return nil
		}
		tuple[i] = x
		i++
	}
	return t.add(tuple)
}
