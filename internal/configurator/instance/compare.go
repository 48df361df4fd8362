package instance

import (
	"slices"
	"strconv"
	"strings"
)

// comparison is an <intension> such as le(x[3],5), eq(x,y) or in(x,set(1,3)).
type comparison struct {
	op    string
	left  string
	right []string
}

var operators = map[string]func(a, b int) bool{
	"le": func(a, b int) bool { return a <= b },
	"lt": func(a, b int) bool { return a < b },
	"ge": func(a, b int) bool { return a >= b },
	"gt": func(a, b int) bool { return a > b },
	"eq": func(a, b int) bool { return a == b },
	"ne": func(a, b int) bool { return a != b },
}

var spaced = strings.NewReplacer("(", " ( ", ")", " ) ", ",", " , ")

func (r *reader3) intension(name string, e *element, args []string) error {
	text := e.Text
	if f := e.child("function"); f != nil {
		text = f.Text
	}
	words, err := filled(spaced.Replace(text), args)
	if err != nil {
		return err
	}
	c, ok := parseComparison(words)
	if !ok {
		return refuse("the expression %.80q is not understood: le, lt, ge, gt, eq, ne and in of two variables, or of one and numbers, are", strings.TrimSpace(text))
	}
	return r.compare(name, c)
}

func parseComparison(words []string) (comparison, bool) {
	n := len(words)
	if n < 6 || words[1] != "(" || words[3] != "," || words[n-1] != ")" {
		return comparison{}, false
	}
	c := comparison{op: words[0], left: words[2]}
	if _, plain := operators[c.op]; plain && n == 6 {
		c.right = words[4:5]
		return c, !strings.ContainsAny(c.left+words[4], "(),")
	}
	if c.op != "in" || words[4] != "set" || words[5] != "(" || words[n-2] != ")" {
		return c, false
	}
	for i, w := range words[6 : n-2] {
		if (w == ",") != (i%2 == 1) || strings.ContainsAny(w, "()") {
			return c, false
		}
		if i%2 == 0 {
			c.right = append(c.right, w)
		}
	}
	return c, true
}

// side is one side of a comparison: a variable or a constant.
type side struct {
	v    int
	is   bool
	word string
}

func (r *reader3) side(word string) side {
	v, is := r.in.Variable(word)
	return side{v: v, is: is, word: word}
}

func (r *reader3) compare(name string, c comparison) error {
	left := r.side(c.left)
	if c.op == "in" {
		if !left.is {
			return refuse("there is no variable %q", c.left)
		}
		return r.choose(name, []int{left.v}, func(a, _ string) (bool, error) { return slices.Contains(c.right, a), nil })
	}
	right := r.side(c.right[0])
	holds := func(a, b string) (bool, error) { return holds(c.op, a, b) }
	switch {
	case left.is && right.is:
		return r.choose(name, []int{left.v, right.v}, holds)
	case left.is:
		return r.choose(name, []int{left.v}, func(a, _ string) (bool, error) { return holds(a, right.word) })
	case right.is:
		return r.choose(name, []int{right.v}, func(a, _ string) (bool, error) { return holds(left.word, a) })
	}
	return refuse("neither %q nor %q is a variable", c.left, c.right[0])
}

func holds(op, a, b string) (bool, error) {
	m, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	if err1 != nil || err2 != nil {
		return false, refuse("%q and %q cannot be compared as numbers", a, b)
	}
	return operators[op](m, n), nil
}

// choose makes a table of the values, or pairs of values, for which the test answers true.
func (r *reader3) choose(name string, vars []int, test func(a, b string) (bool, error)) error {
	t, err := r.in.newTable(name, vars)
	if err != nil {
		return err
	}
	second := []string{""}
	if len(vars) == 2 {
		second = r.in.Values[vars[1]]
	}
	if len(second)*len(r.in.Values[vars[0]]) > maxSpread {
		return refuse("a comparison of more than %d pairs", maxSpread)
	}
	for i, a := range r.in.Values[vars[0]] {
		for j, b := range second {
			ok, err := test(a, b)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if err := t.add([]int32{int32(i), int32(j)}[:len(vars)]); err != nil {
				return err
			}
		}
	}
	t.allow()
	return nil
}
