package configurator_test

import (
	"math"
	"math/big"
	"slices"
	"time"
)

// factor is a table of weights over some variables; rows that are not in it weigh nothing.
type factor[T any] struct {
	scope  []int
	rows   []int32
	weight []T
}

func (f *factor[T]) len() int { return len(f.weight) }

func (f *factor[T]) has(v int) bool { return slices.Contains(f.scope, v) }

// sums says how weights go together: multiplied along one assignment, added over assignments.
type sums[T any] struct {
	one      T
	mul, add func(a, b T) T
}

var counting = sums[*big.Int]{big.NewInt(1),
	func(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) },
	func(a, b *big.Int) *big.Int { return new(big.Int).Add(a, b) }}

var cheapest = sums[int64]{0,
	func(a, b int64) int64 { return a + b },
	func(a, b int64) int64 { return min(a, b) }}

// eliminator takes variables out one after the other: the tables about a variable are joined, the
// variable is summed out, the result is a table about its neighbours. It knows no diagram, no order
// found by the compiler and no pick: a second way to counts and to least totals.
type eliminator[T any] struct {
	sums[T]
	unary   func(v int, x int32) T
	factors []*factor[T]
	size    []float64 // by variable: logarithm of the values left
	values  [][]int32
	limit   int
}

// eliminate answers the sum over everything that the rules allow within the domains. ok is false when
// a table grows over the limit; none when nothing is allowed.
func eliminate[T any](tables []relation, dom domains, s sums[T], unary func(v int, x int32) T, limit int) (sum T, none, ok bool) {
	dom = narrowed(tables, dom)
	e := &eliminator[T]{sums: s, unary: unary, limit: limit}
	for v := range dom {
		var left []int32
		for x, in := range dom[v] {
			if in {
				left = append(left, int32(x))
			}
		}
		if len(left) == 0 {
			return sum, true, true
		}
		e.values, e.size = append(e.values, left), append(e.size, math.Log(float64(len(left))))
	}
	for _, t := range tables {
		e.factors = append(e.factors, within(t, dom, s.one))
	}
	return e.run()
}

// eliminateSplit does the same and, where a table grows too large, value by value of the variable with
// most rules: version by version a range falls into much smaller ones. It gives up at the end.
func eliminateSplit[T any](tables []relation, dom domains, s sums[T], unary func(v int, x int32) T, limit int, end time.Time) (sum T, none, ok bool) {
	if sum, none, ok = eliminate(tables, dom, s, unary, limit/5); ok {
		return sum, none, ok
	}
	rules, v := make([]int, len(dom)), 0
	for _, t := range tables {
		for _, u := range t.scope {
			if rules[u]++; rules[u] > rules[v] {
				v = u
			}
		}
	}
	none = true
	dom = narrowed(tables, dom)
	for x, in := range dom[v] {
		if !in {
			continue
		}
		if time.Now().After(end) {
			return sum, false, false
		}
		one := slices.Clone(dom)
		one[v] = make([]bool, len(dom[v]))
		one[v][x] = true
		part, empty, ok := eliminate(tables, one, s, unary, limit)
		switch {
		case !ok:
			return sum, false, false
		case empty:
		case none:
			sum, none = part, false
		default:
			sum = s.add(sum, part)
		}
	}
	return sum, none, true
}

func within[T any](t relation, dom domains, one T) *factor[T] {
	f := &factor[T]{scope: t.scope}
	for row := range slices.Chunk(t.rows, max(1, len(t.scope))) {
		if fits(t.scope, row, dom) {
			f.rows, f.weight = append(f.rows, row...), append(f.weight, one)
		}
	}
	return f
}

func (e *eliminator[T]) run() (sum T, none, ok bool) {
	sum = e.one
	left := make([]int, len(e.values))
	for v := range left {
		left[v] = v
	}
	for len(left) > 0 {
		i := e.next(left)
		v := left[i]
		left = slices.Delete(left, i, i+1)
		f, ok := e.takeOut(v)
		if !ok {
			return sum, false, false
		}
		switch {
		case f.len() == 0:
			return sum, true, true
		case len(f.scope) == 0:
			sum = e.mul(sum, f.weight[0])
		default:
			e.factors = append(e.factors, f)
		}
	}
	return sum, false, true
}

// next is the variable whose tables together are expected to be smallest.
func (e *eliminator[T]) next(left []int) int {
	best, least := 0, math.Inf(1)
	for i, v := range left {
		var scope []int
		rows := 0.0
		for _, f := range e.factors {
			if f.has(v) {
				scope = append(scope, f.scope...)
				rows += math.Log(float64(f.len() + 1))
			}
		}
		slices.Sort(scope)
		full := 0.0
		for _, u := range slices.Compact(scope) {
			full += e.size[u]
		}
		if cost := min(full, rows); cost < least {
			best, least = i, cost
		}
	}
	return best
}

// takeOut joins what is about a variable and sums the variable out.
func (e *eliminator[T]) takeOut(v int) (*factor[T], bool) {
	var about, rest []*factor[T]
	for _, f := range e.factors {
		if f.has(v) {
			about = append(about, f)
		} else {
			rest = append(rest, f)
		}
	}
	e.factors = rest
	slices.SortFunc(about, func(a, b *factor[T]) int { return a.len() - b.len() })
	joined := &factor[T]{scope: []int{v}}
	for _, x := range e.values[v] {
		joined.rows, joined.weight = append(joined.rows, x), append(joined.weight, e.unary(v, x))
	}
	for len(about) > 0 {
		i := closest(joined, about)
		f := about[i]
		about = slices.Delete(about, i, i+1)
		if joined = e.join(joined, f); joined.len() > e.limit {
			return nil, false
		}
		e.absorb(&joined)
	}
	return e.sumOut(joined, v), true
}

// closest is the table that brings the fewest new variables.
func closest[T any](to *factor[T], among []*factor[T]) int {
	best, least := 0, math.MaxInt
	for i, f := range among {
		fresh := 0
		for _, v := range f.scope {
			if !to.has(v) {
				fresh++
			}
		}
		if fresh < least {
			best, least = i, fresh
		}
	}
	return best
}

// absorb joins tables about nothing but variables of this one: they only make it smaller.
func (e *eliminator[T]) absorb(joined **factor[T]) {
	rest := e.factors[:0]
	for _, f := range e.factors {
		inside := true
		for _, v := range f.scope {
			inside = inside && (*joined).has(v)
		}
		if inside {
			*joined = e.join(*joined, f)
		} else {
			rest = append(rest, f)
		}
	}
	e.factors = rest
}

func (e *eliminator[T]) join(a, b *factor[T]) *factor[T] {
	var mine, theirs, fresh []int // columns in both, and of b alone
	for j, v := range b.scope {
		if i := slices.Index(a.scope, v); i >= 0 {
			mine, theirs = append(mine, i), append(theirs, j)
		} else {
			fresh = append(fresh, j)
		}
	}
	index := map[string][]int{}
	var k []byte
	for r := range b.len() {
		k = pick(k[:0], b.rows[r*len(b.scope):], theirs)
		index[string(k)] = append(index[string(k)], r)
	}
	out := &factor[T]{scope: slices.Clone(a.scope)}
	for _, j := range fresh {
		out.scope = append(out.scope, b.scope[j])
	}
	for r := range a.len() {
		row := a.rows[r*len(a.scope) : (r+1)*len(a.scope)]
		k = pick(k[:0], row, mine)
		for _, q := range index[string(k)] {
			out.rows = append(out.rows, row...)
			for _, j := range fresh {
				out.rows = append(out.rows, b.rows[q*len(b.scope)+j])
			}
			out.weight = append(out.weight, e.mul(a.weight[r], b.weight[q]))
		}
		if out.len() > e.limit {
			return out
		}
	}
	return out
}

func pick(k []byte, row []int32, columns []int) []byte {
	for _, c := range columns {
		k = append(k, byte(row[c]), byte(row[c]>>8))
	}
	return k
}

func (e *eliminator[T]) sumOut(f *factor[T], v int) *factor[T] {
	out := &factor[T]{}
	var columns []int
	for i, u := range f.scope {
		if u != v {
			out.scope, columns = append(out.scope, u), append(columns, i)
		}
	}
	at := map[string]int{}
	var k []byte
	for r := range f.len() {
		row := f.rows[r*len(f.scope) : (r+1)*len(f.scope)]
		k = pick(k[:0], row, columns)
		i, known := at[string(k)]
		if known {
			out.weight[i] = e.add(out.weight[i], f.weight[r])
			continue
		}
		at[string(k)] = out.len()
		for _, c := range columns {
			out.rows = append(out.rows, row[c])
		}
		out.weight = append(out.weight, f.weight[r])
	}
	return out
}
