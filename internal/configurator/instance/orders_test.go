package instance

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestOrders(t *testing.T) {
	t.Parallel()
	in, err := Parse([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, vars, rows string }{
		"header":      {"z,x\n-1,7\n0,\n", "[2 0]", "[[0 2] [1 -1]]"},
		"semicolon":   {"\ufeff\"x\";\"z\"\r\n\"1\";\"?\"\r\n", "[0 2]", "[[1 -1]]"},
		"blanks":      {"x  y z\n0 0 -1\n\n 7\t7 0\n", "[0 1 2]", "[[0 0 0] [2 2 1]]"},
		"no header":   {"0,0,-1\n1,1,0\n", "[0 1 2]", "[[0 0 0] [1 1 1]]"},
		"more than x": {"id,x,y\n17,0,1\n", "[0 1]", "[[0 1]]"},
	} {
		o, err := ParseOrders(c.text, in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if fmt.Sprint(o.Vars) != c.vars || fmt.Sprint(o.Rows) != c.rows {
			t.Errorf("%s: %v %v", name, o.Vars, o.Rows)
		}
	}
	for text, says := range map[string]string{
		"":                    "no orders",
		"x,y\n":               "no orders",
		"x,y\n0,5\n":          `line 2: instance: variable y has no value "5"`,
		"x,y\n0,0\n0,0,0\n":   "line 3",
		"colour,price\n1,2\n": "names no variables",
		"0,0,4\n":             "line 1",
	} {
		if _, err := ParseOrders(text, in); !errors.Is(err, ErrInstance) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want a word on %q", text, err, says)
		}
	}
}

// Generated orders keep the rules, as far as they tell.
func TestGenerate(t *testing.T) {
	t.Parallel()
	in, orders := Generate(Shape{Seed: 5, Variables: 60, Versions: 12, Orders: 200})
	if err := in.Problem.Check(); err != nil {
		t.Fatal(err)
	}
	again, _ := Generate(Shape{Seed: 5, Variables: 60, Versions: 12, Orders: 200})
	if fmt.Sprint(again.Problem) != fmt.Sprint(in.Problem) {
		t.Error("the same seed makes another instance")
	}
	if len(in.Values) != 60 || len(orders.Rows) != 200 {
		t.Fatalf("%d variables, %d orders", len(in.Values), len(orders.Rows))
	}
	whole := 0
	for _, row := range orders.Rows {
		for i := range in.Problem.Rules {
			if r := &in.Problem.Rules[i]; told(row, r.Scope) {
				whole++
				if !r.Allows(row) {
					t.Fatalf("an order breaks rule %s", r.Name)
				}
			}
		}
	}
	if whole == 0 {
		t.Error("no rule could be looked at")
	}
}

func told(row []int32, scope []int) bool {
	for _, v := range scope {
		if row[v] == Unknown {
			return false
		}
	}
	return true
}
