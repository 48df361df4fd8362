package diagram

import (
	"math/rand"
	"testing"
)

func TestValuesThatNoRuleTellsApartAreOne(t *testing.T) {
	t.Parallel()
	p := &Problem{Vars: []Var{{"colour", 6}, {"trim", 3}, {"wheels", 4}}}
	p.Rules = []Rule{
		{Scope: []int{0, 1}, Rows: []int32{0, 0, 1, 0, 2, 0, 2, 1, 3, 1, 4, 1, 3, 1}}, // colour 5 and trim 2 never
		{Any: []Literal{{Var: 2, Values: []int32{1, 2}}, {Var: 1, Values: []int32{0, 2}}}},
	}
	r, err := reduce(p)
	if err != nil {
		t.Fatal(err)
	}
	for v, want := range [][]int32{{0, 0, 1, 2, 2, -1}, {0, 1, -1}, {0, 1, 1, 0}} {
		for x, c := range want {
			if r.class[v][x] != c {
				t.Errorf("variable %d value %d: class %d, want %d", v, x, r.class[v][x], c)
			}
		}
	}
	if rows := len(r.relations[0].rows) / 2; rows != 4 {
		t.Errorf("%d rows of classes, want 4", rows)
	}
}

func TestRulesThatForbidNothingAreDropped(t *testing.T) {
	t.Parallel()
	p := &Problem{Vars: []Var{{"a", 2}, {"b", 3}}}
	p.Rules = []Rule{
		{Scope: []int{1}, Rows: []int32{0, 2, 2}},
		{Scope: []int{0, 1}, Rows: []int32{0, 0, 0, 2, 1, 0, 1, 2}},
		{Any: []Literal{{Var: 1, Values: []int32{0, 2}}}},
	}
	r, err := reduce(p)
	if err != nil || len(r.relations) != 0 || r.width[1] != 1 || r.class[1][1] != -1 {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestDeceivingSignaturesAreFoundOut(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(4))
	caught := 0
	for range 300 {
		p := randomProblem(rng)
		n := newNarrowing(p)
		if !n.run() {
			continue
		}
		honest := n.classify(n.signatures())
		sums := make([][]uint64, len(p.Vars))
		for v := range sums {
			sums[v] = make([]uint64, p.Vars[v].Values)
		}
		if r := n.classify(sums); r == nil {
			caught++
		} else if len(r.relations) != 0 || len(honest.relations) != 0 {
			t.Fatalf("%+v: values taken for one although rules tell them apart", p)
		}
	}
	if caught < 50 {
		t.Fatalf("only %d were worth anything", caught)
	}
}
