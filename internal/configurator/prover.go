package configurator

import (
	"math/bits"

	"forecourt/internal/configurator/diagram"
)

// prover shows that rules leave no car for what is given: it narrows the values of every variable as
// far as single rules say, and where that is not enough tries values one by one.
type prover struct {
	p     *diagram.Problem
	off   []int        // variable: first word of its values in domains; one more at the end
	masks [][][]uint64 // rule, literal
	used  []bool       // rule: it narrowed something or was found broken
	start domains
	steps int
}

// domains are the values left of each variable, one after the other.
type domains []uint64

// maxSteps bounds the trying; real clashes are shown without any.
const maxSteps = 2000

func newProver(p *plan, given []diagram.Literal) *prover {
	pr := &prover{p: &p.problem, off: make([]int, 1, len(p.vars)+1), masks: p.masks, used: make([]bool, len(p.problem.Rules))}
	for v, x := range p.problem.Vars {
		pr.off = append(pr.off, pr.off[v]+words(x.Values))
	}
	pr.start = make(domains, pr.off[len(p.vars)])
	for v, x := range p.problem.Vars {
		left := pr.left(pr.start, v)
		for i := range x.Values {
			left[i>>6] |= 1 << (i & 63)
		}
	}
	for _, l := range given {
		left := pr.left(pr.start, l.Var)
		narrow(left, mask(l, len(left)))
	}
	return pr
}

// left are the values left of a variable.
func (pr *prover) left(d domains, v int) []uint64 { return d[pr.off[v]:pr.off[v+1]] }

func words(values int) int { return (values + 63) / 64 }

// masksOf are the values of every literal of every clause.
func masksOf(p *diagram.Problem) [][][]uint64 {
	out := make([][][]uint64, len(p.Rules))
	for k := range p.Rules {
		for _, l := range p.Rules[k].Any {
			out[k] = append(out[k], mask(l, words(p.Vars[l.Var].Values)))
		}
	}
	return out
}

func mask(l diagram.Literal, words int) []uint64 {
	m := make([]uint64, words)
	for _, x := range l.Values {
		m[x>>6] |= 1 << (x & 63)
	}
	return m
}

// refutes tells whether these rules leave nothing.
func (pr *prover) refutes(rules []int) bool {
	pr.steps = maxSteps
	for v := range pr.p.Vars {
		if size(pr.left(pr.start, v)) == 0 {
			return true
		}
	}
	return pr.dead(rules, pr.start)
}

func (pr *prover) dead(rules []int, from domains) bool {
	d := append(domains(nil), from...)
	if !pr.propagate(rules, d) {
		return true
	}
	v := pr.narrowest(rules, d)
	if v < 0 {
		return false
	}
	try := append(domains(nil), d...)
	for x := range pr.p.Vars[v].Values {
		if pr.left(d, v)[x>>6]>>(x&63)&1 == 0 {
			continue
		}
		if pr.steps--; pr.steps < 0 {
			return false
		}
		clear(pr.left(try, v))
		pr.left(try, v)[x>>6] = 1 << (x & 63)
		if !pr.dead(rules, try) {
			return false
		}
	}
	return true
}

// narrowest is the variable with the fewest values above one among those that some rule still waits
// for; -1 when all rules are kept whatever the rest will be.
func (pr *prover) narrowest(rules []int, d domains) int {
	best, least := -1, 0
	see := func(v int) {
		if n := size(pr.left(d, v)); n > 1 && (best < 0 || n < least) {
			best, least = v, n
		}
	}
	for _, k := range rules {
		r := &pr.p.Rules[k]
		if r.Scope == nil && pr.kept(k, d) {
			continue
		}
		for _, v := range r.Scope {
			see(v)
		}
		for _, l := range r.Any {
			see(l.Var)
		}
	}
	return best
}

// kept tells whether a clause holds whatever is taken of what is left.
func (pr *prover) kept(k int, d domains) bool {
	for i, l := range pr.p.Rules[k].Any {
		if within(pr.left(d, l.Var), pr.masks[k][i]) {
			return true
		}
	}
	return false
}

func size(m []uint64) int {
	n := 0
	for _, w := range m {
		n += bits.OnesCount64(w)
	}
	return n
}

// propagate narrows until nothing changes; false when a variable has no value left.
func (pr *prover) propagate(rules []int, d domains) bool {
	for changed := true; changed; {
		changed = false
		for _, k := range rules {
			var ok, did bool
			if pr.p.Rules[k].Scope == nil {
				ok, did = pr.clause(k, d)
			} else {
				ok, did = pr.table(k, d)
			}
			pr.used[k] = pr.used[k] || did || !ok
			if !ok {
				return false
			}
			changed = changed || did
		}
	}
	return true
}

// clause holds its last possible literal true.
func (pr *prover) clause(k int, d domains) (ok, did bool) {
	last := -1
	for i, l := range pr.p.Rules[k].Any {
		if !overlap(pr.left(d, l.Var), pr.masks[k][i]) {
			continue
		}
		if last >= 0 {
			return true, false
		}
		last = i
	}
	if last < 0 {
		return false, false
	}
	return true, narrow(pr.left(d, pr.p.Rules[k].Any[last].Var), pr.masks[k][last])
}

// table keeps the values of the rows that are still possible.
func (pr *prover) table(k int, d domains) (ok, did bool) {
	r := &pr.p.Rules[k]
	n := len(r.Scope)
	seen := make([][]uint64, n)
	for c, v := range r.Scope {
		seen[c] = make([]uint64, pr.off[v+1]-pr.off[v])
	}
	for i := 0; i+n <= len(r.Rows); i += n {
		if row := r.Rows[i : i+n]; pr.fits(row, r.Scope, d) {
			for c, x := range row {
				seen[c][x>>6] |= 1 << (x & 63)
			}
			ok = true
		}
	}
	for c, v := range r.Scope {
		did = narrow(pr.left(d, v), seen[c]) || did
	}
	return ok, did
}

func (pr *prover) fits(row []int32, scope []int, d domains) bool {
	for c, x := range row {
		if pr.left(d, scope[c])[x>>6]>>(x&63)&1 == 0 {
			return false
		}
	}
	return true
}

func overlap(a, b []uint64) bool {
	for i := range a {
		if a[i]&b[i] != 0 {
			return true
		}
	}
	return false
}

// within tells whether all of a is in b.
func within(a, b []uint64) bool {
	for i := range a {
		if a[i]&^b[i] != 0 {
			return false
		}
	}
	return true
}

// narrow keeps of a what is in b and tells whether anything went.
func narrow(a, b []uint64) bool {
	did := false
	for i := range a {
		if a[i]&^b[i] != 0 {
			a[i] &= b[i]
			did = true
		}
	}
	return did
}
