package configurator_test

import (
	"github.com/crillab/gophersat/solver"

	"forecourt/internal/configurator/diagram"
)

// domains are the values that a question leaves to each variable.
type domains [][]bool

func everything(p *diagram.Problem) domains {
	dom := make(domains, len(p.Vars))
	for v := range dom {
		dom[v] = make([]bool, p.Vars[v].Values)
		for x := range dom[v] {
			dom[v][x] = true
		}
	}
	return dom
}

// under are the values left by picks.
func under(p *diagram.Problem, picks map[int]int32) domains {
	dom := everything(p)
	for v, x := range picks {
		clear(dom[v])
		dom[v][x] = true
	}
	return dom
}

// formula says a problem in clauses: one literal for each value, and for rules of three and more
// variables one for each row. Every question gets a formula and a solver of its own: one that is used
// again with other assumptions has been seen to answer wrong.
type formula struct {
	p       *diagram.Problem
	lit     [][]int // by variable and value, 0 for one that the question leaves out
	clauses [][]int
	last    int
}

func newFormula(p *diagram.Problem, dom domains) *formula {
	f := &formula{p: p, lit: make([][]int, len(p.Vars))}
	for v := range p.Vars {
		f.lit[v] = make([]int, p.Vars[v].Values)
		var one []int
		for x, in := range dom[v] {
			if in {
				f.last++
				f.lit[v][x] = f.last
				for _, other := range one {
					f.clauses = append(f.clauses, []int{-other, -f.last})
				}
				one = append(one, f.last)
			}
		}
		f.clauses = append(f.clauses, one)
	}
	for i := range p.Rules {
		switch r := &p.Rules[i]; {
		case r.Scope == nil:
			f.any(r)
		case len(r.Scope) <= 2:
			f.narrow(r)
		default:
			f.wide(r)
		}
	}
	return f
}

func (f *formula) any(r *diagram.Rule) {
	var c []int
	for _, l := range r.Any {
		for _, x := range l.Values {
			if f.lit[l.Var][x] != 0 {
				c = append(c, f.lit[l.Var][x])
			}
		}
	}
	f.clauses = append(f.clauses, c)
}

// narrow says a rule of one or two variables: each value needs a partner.
func (f *formula) narrow(r *diagram.Rule) {
	if len(r.Scope) == 1 {
		var c []int
		for _, x := range r.Rows {
			if l := f.lit[r.Scope[0]][x]; l != 0 {
				c = append(c, l)
			}
		}
		f.clauses = append(f.clauses, c)
		return
	}
	a, b := f.lit[r.Scope[0]], f.lit[r.Scope[1]]
	f.needs(a, func(add func(l, partner int)) {
		for i := 0; i < len(r.Rows); i += 2 {
			add(a[r.Rows[i]], b[r.Rows[i+1]])
		}
	})
	f.needs(b, func(add func(l, partner int)) {
		for i := 0; i < len(r.Rows); i += 2 {
			add(b[r.Rows[i+1]], a[r.Rows[i]])
		}
	})
}

// needs writes for each literal that one of its partners holds with it.
func (f *formula) needs(lits []int, partners func(add func(l, partner int))) {
	with := map[int][]int{}
	partners(func(l, partner int) {
		if l != 0 && partner != 0 {
			with[l] = append(with[l], partner)
		}
	})
	for _, l := range lits {
		if l != 0 {
			f.clauses = append(f.clauses, append([]int{-l}, with[l]...))
		}
	}
}

func (f *formula) wide(r *diagram.Rule) {
	n := len(r.Scope)
	rows := map[int][]int{}
next:
	for i := 0; i < len(r.Rows); i += n {
		for j, v := range r.Scope {
			if f.lit[v][r.Rows[i+j]] == 0 {
				continue next
			}
		}
		f.last++
		for j, v := range r.Scope {
			l := f.lit[v][r.Rows[i+j]]
			f.clauses = append(f.clauses, []int{-f.last, l})
			rows[l] = append(rows[l], f.last)
		}
	}
	for _, v := range r.Scope {
		for _, l := range f.lit[v] {
			if l != 0 {
				f.clauses = append(f.clauses, append([]int{-l}, rows[l]...))
			}
		}
	}
}

// buildable asks whether anything can be built from these values.
func buildable(p *diagram.Problem, dom domains) bool {
	f := newFormula(p, dom)
	for _, c := range f.clauses {
		if len(c) == 0 {
			return false
		}
	}
	return solver.New(solver.ParseSliceNb(f.clauses, f.last)).Solve() == solver.Sat
}

// leastTotal is the least total that the solver finds for these values; -1 when there is none.
func leastTotal(p *diagram.Problem, dom domains, cost func(v, x int) int64) int64 {
	f := newFormula(p, dom)
	var lits []solver.Lit
	var weights []int
	for v := range f.lit {
		for x, l := range f.lit[v] {
			if l != 0 && cost(v, x) > 0 {
				lits = append(lits, solver.IntToLit(int32(l)))
				weights = append(weights, int(cost(v, x)))
			}
		}
	}
	for _, c := range f.clauses {
		if len(c) == 0 {
			return -1
		}
	}
	pb := solver.ParseSliceNb(f.clauses, f.last)
	pb.SetCostFunc(lits, weights)
	return int64(solver.New(pb).Minimize())
}

// keepable asks whether something can be built that keeps one pick and at least some number of others.
func keepable(p *diagram.Problem, picks map[int]int32, must, atLeast int) bool {
	f := newFormula(p, under(p, map[int]int32{must: picks[must]}))
	var constraints []solver.PBConstr
	for _, c := range f.clauses {
		if len(c) == 0 {
			return false
		}
		constraints = append(constraints, solver.PropClause(c...))
	}
	var kept []int
	for v, x := range picks {
		if v != must {
			kept = append(kept, f.lit[v][x])
		}
	}
	constraints = append(constraints, solver.AtLeast(kept, atLeast))
	return solver.New(solver.ParsePBConstrs(constraints)).Solve() == solver.Sat
}
