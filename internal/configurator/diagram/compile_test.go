package diagram

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"
)

// randomProblem has few enough assignments to try them all.
func randomProblem(rng *rand.Rand) *Problem {
	p := &Problem{Name: "random"}
	for i := range 1 + rng.Intn(7) {
		p.Vars = append(p.Vars, Var{Name: fmt.Sprintf("v%d", i), Values: 1 + rng.Intn(4)})
	}
	for range rng.Intn(7) {
		if rng.Intn(2) == 0 {
			p.Rules = append(p.Rules, randomTable(rng, p.Vars))
		} else {
			p.Rules = append(p.Rules, randomClause(rng, p.Vars))
		}
	}
	return p
}

func randomTable(rng *rand.Rand, vars []Var) Rule {
	scope := rng.Perm(len(vars))[:1+rng.Intn(min(4, len(vars)))]
	full := 1
	for _, v := range scope {
		full *= vars[v].Values
	}
	r := Rule{Scope: scope}
	for range rng.Intn(2 * full) {
		for _, v := range scope {
			r.Rows = append(r.Rows, int32(rng.Intn(vars[v].Values)))
		}
	}
	return r
}

func randomClause(rng *rand.Rand, vars []Var) Rule {
	var r Rule
	for range 1 + rng.Intn(4) {
		v := rng.Intn(len(vars))
		l := Literal{Var: v}
		for range rng.Intn(3) {
			l.Values = append(l.Values, int32(rng.Intn(vars[v].Values)))
		}
		r.Any = append(r.Any, l)
	}
	return r
}

// each calls visit with every assignment.
func each(p *Problem, visit func(car []int32)) {
	car := make([]int32, len(p.Vars))
	for {
		visit(car)
		i := 0
		for ; i < len(car); i++ {
			if car[i]++; int(car[i]) < p.Vars[i].Values {
				break
			}
			car[i] = 0
		}
		if i == len(car) {
			return
		}
	}
}

// allows follows an assignment down the layers.
func (l *layered) allows(car []int32) bool {
	for v, x := range car {
		if !l.alive[v][x] {
			return false
		}
	}
	at := top
	if len(l.kids) > 0 {
		at = 0
	}
	for at >= 0 {
		at = l.kids[at][car[l.order[l.level[at]]]]
	}
	return at == top
}

// shape answers what is wrong with the form of the layers, or nothing.
func (l *layered) shape(p *Problem) string {
	if len(l.order) != len(p.Vars) || len(l.level) != len(l.kids) {
		return "sizes do not fit"
	}
	seen := map[string]bool{}
	reached := make([]bool, len(l.kids))
	for id, kids := range l.kids {
		v := l.order[l.level[id]]
		if len(kids) != p.Vars[v].Values {
			return fmt.Sprintf("node %d has %d children", id, len(kids))
		}
		if id > 0 && !reached[id] {
			return fmt.Sprintf("node %d is reached by no parent before it", id)
		}
		different := map[int32]bool{}
		for x, k := range kids {
			switch {
			case l.alive[v][x]:
				different[k] = true
			case k != none:
				return fmt.Sprintf("node %d offers dead value %d", id, x)
			}
			if k >= 0 {
				if int(k) <= id || l.level[k] <= l.level[id] {
					return fmt.Sprintf("node %d has child %d", id, k)
				}
				reached[k] = true
			}
		}
		key := fmt.Sprint(v, kids)
		if seen[key] || len(different) < 2 {
			return fmt.Sprintf("node %d is not reduced: %v", id, kids)
		}
		seen[key] = true
	}
	return ""
}

// agrees compares layers with the rules, assignment by assignment.
func agrees(t *testing.T, p *Problem, l layered, err error) {
	t.Helper()
	alive := make([][]bool, len(p.Vars))
	for v := range alive {
		alive[v] = make([]bool, p.Vars[v].Values)
	}
	cars := 0
	each(p, func(car []int32) {
		if p.Broken(car) >= 0 {
			if err == nil && l.allows(car) {
				t.Fatalf("%+v: the diagram allows %v", p, car)
			}
			return
		}
		cars++
		for v, x := range car {
			alive[v][x] = true
		}
		if err == nil && !l.allows(car) {
			t.Fatalf("%+v: the diagram forbids %v", p, car)
		}
	})
	if cars == 0 {
		if !errors.Is(err, ErrEmpty) {
			t.Fatalf("%+v: nothing can be built, but %v", p, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("%+v: %v", p, err)
	}
	if wrong := l.shape(p); wrong != "" {
		t.Fatalf("%+v: %s", p, wrong)
	}
	for v := range alive {
		for x, a := range alive[v] {
			if l.alive[v][x] != a {
				t.Fatalf("%+v: value %d of variable %d: alive %v, want %v", p, x, v, l.alive[v][x], a)
			}
		}
	}
}

func TestCompileAgreesWithTheRules(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(1))
	for range 3000 {
		p := randomProblem(rng)
		o := Options{}
		for _, v := range rng.Perm(len(p.Vars))[:rng.Intn(len(p.Vars)+1)] {
			o.Order = append(o.Order, p.Vars[v].Name)
		}
		o.Keep = rng.Intn(2) == 0
		l, _, err := compile(context.Background(), p, o)
		agrees(t, p, l, err)
	}
}

// ladder is a problem of n choices, each tied to the one across: small only in some orders.
func ladder(n int) *Problem {
	p := &Problem{}
	for i := range 2 * n {
		p.Vars = append(p.Vars, Var{Name: fmt.Sprintf("v%d", i), Values: 3})
	}
	for i := range n {
		r := Rule{Scope: []int{i, n + i}}
		for x := range int32(3) {
			r.Rows = append(r.Rows, x, (x+1)%3)
		}
		p.Rules = append(p.Rules, r)
	}
	return p
}

func names(p *Problem, order []int) []string {
	var s []string
	for _, v := range order {
		s = append(s, p.Vars[v].Name)
	}
	return s
}

func TestCompileIsDeterministic(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(5))
	for range 50 {
		p := randomProblem(rng)
		a, _, errA := compile(context.Background(), p, Options{})
		b, _, errB := compile(context.Background(), p, Options{})
		if fmt.Sprint(a, errA) != fmt.Sprint(b, errB) {
			t.Fatalf("%+v: %v and %v", p, a, b)
		}
	}
}

func TestCompileKeepsAKnownOrder(t *testing.T) {
	t.Parallel()
	p := ladder(6)
	order := []int{11, 5, 0, 6, 3, 9, 1, 7, 2, 8, 10, 4}
	l, _, err := compile(context.Background(), p, Options{Order: names(p, order), Keep: true})
	agrees(t, ladder(6), l, err)
	if !slices.Equal(l.order, order) {
		t.Errorf("order %v", l.order)
	}
}

func TestCompilePlacesNewVariablesNearTheirKin(t *testing.T) {
	t.Parallel()
	p := ladder(6)
	l, _, err := compile(context.Background(), p, Options{Order: []string{"v4", "gone", "v0", "v6", "v2", "v3", "v5", "v1"}, Keep: true})
	agrees(t, p, l, err)
	if want := []int{4, 10, 0, 6, 2, 8, 3, 9, 5, 11, 1, 7}; !slices.Equal(l.order, want) {
		t.Errorf("order %v, want %v", l.order, want)
	}
}

func TestCompileStaysWithinItsBudget(t *testing.T) {
	t.Parallel()
	p := ladder(14)
	bad := make([]int, 28)
	for i := range bad {
		bad[i] = i
	}
	_, stats, err := compile(context.Background(), p, Options{Order: names(p, bad), Keep: true, MaxNodes: 5000})
	if !errors.Is(err, ErrBudget) || stats.Peak > 5000 {
		t.Errorf("known bad order: %v, peak %d", err, stats.Peak)
	}
	l, stats, err := compile(context.Background(), p, Options{MaxNodes: 5000})
	if err != nil || stats.Peak > 5000 || len(l.kids) != 56 {
		t.Errorf("%d nodes, peak %d, %v", len(l.kids), stats.Peak, err)
	}
	if _, stats, err = compile(context.Background(), p, Options{MaxNodes: 20}); !errors.Is(err, ErrBudget) || stats.Peak > 20 {
		t.Errorf("too small a budget: %v, peak %d", err, stats.Peak)
	}
}

func TestCompileHeedsCtx(t *testing.T) {
	t.Parallel()
	p := ladder(16)
	bad := make([]int, 32)
	for i := range bad {
		bad[i] = i
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := compile(ctx, p, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended before: %v", err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 5_000_000)
	defer cancel()
	if _, _, err := compile(ctx, p, Options{Order: names(p, bad), Keep: true, MaxNodes: 50_000_000}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended on the way: %v", err)
	}
}

func TestCompileFindsContradictions(t *testing.T) {
	t.Parallel()
	p := ladder(3)
	p.Rules = append(p.Rules, Rule{Any: []Literal{{Var: 0, Values: []int32{0}}, {Var: 1, Values: []int32{0}}}},
		Rule{Any: []Literal{{Var: 0, Values: []int32{1}}, {Var: 3, Values: []int32{0}}}},
		Rule{Any: []Literal{{Var: 1, Values: []int32{1}}, {Var: 4, Values: []int32{0}}}},
		Rule{Any: []Literal{{Var: 0, Values: []int32{1, 2}}, {Var: 1, Values: []int32{1, 2}}}})
	l, _, err := compile(context.Background(), p, Options{})
	agrees(t, p, l, err)
	for _, r := range []Rule{{}, {Scope: []int{2}}, {Any: []Literal{{Var: 1}}}} {
		if _, _, err := compile(context.Background(), &Problem{Vars: p.Vars, Rules: []Rule{r}}, Options{}); !errors.Is(err, ErrEmpty) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestCompileWithATimeForSearch(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(6))
	for range 100 {
		p := randomProblem(rng)
		l, _, err := compile(context.Background(), p, Options{Search: 1})
		agrees(t, p, l, err)
	}
}
