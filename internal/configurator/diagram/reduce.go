package diagram

// relation is a rule made ready for compilation: either rows of a table or, for a clause, one mask of
// values for each variable.
type relation struct {
	scope  []int32
	rows   []int32
	clause bool
	masks  [][]bool
}

// reduced is a problem without what needs no compilation. Values that no rule tells apart are one
// class; classes take the place of values in relations.
type reduced struct {
	width     []int32   // by variable: its classes
	class     [][]int32 // by variable and value: its class, -1 when it is never possible
	relations []relation
}

// reduce makes a problem ready. It answers ErrEmpty when it already sees a contradiction.
func reduce(p *Problem) (*reduced, error) {
	n := newNarrowing(p)
	if !n.run() {
		return nil, ErrEmpty
	}
	r := n.classify(n.signatures())
	if r == nil {
		r = n.classify(nil)
	}
	return r, nil
}

// narrowing drops values that some rule alone shows to be impossible, until no rule drops one more.
type narrowing struct {
	alive     [][]bool // by variable and value
	count     []int    // by variable: values alive
	relations []relation
	trivial   []bool    // by relation: it forbids nothing
	uses      [][]int32 // by variable: relations it stands in
	queue     []int32
	queued    []bool
}

func newNarrowing(p *Problem) *narrowing {
	n := &narrowing{uses: make([][]int32, len(p.Vars))}
	for _, v := range p.Vars {
		n.alive = append(n.alive, filled(v.Values, true))
		n.count = append(n.count, v.Values)
	}
	for i := range p.Rules {
		r := relate(&p.Rules[i], p.Vars)
		for _, v := range r.scope {
			n.uses[v] = append(n.uses[v], int32(i))
		}
		n.relations = append(n.relations, r)
		n.queue = append(n.queue, int32(i))
	}
	n.trivial, n.queued = make([]bool, len(p.Rules)), filled(len(p.Rules), true)
	return n
}

func filled(n int, with bool) []bool {
	s := make([]bool, n)
	for i := range s {
		s[i] = with
	}
	return s
}

func relate(rule *Rule, vars []Var) relation {
	if rule.Scope != nil {
		r := relation{rows: append([]int32(nil), rule.Rows...)}
		for _, v := range rule.Scope {
			r.scope = append(r.scope, int32(v))
		}
		return r
	}
	r := relation{clause: true}
	where := map[int]int{}
	for _, l := range rule.Any {
		i, ok := where[l.Var]
		if !ok {
			i = len(r.scope)
			where[l.Var] = i
			r.scope = append(r.scope, int32(l.Var))
			r.masks = append(r.masks, make([]bool, vars[l.Var].Values))
		}
		for _, x := range l.Values {
			r.masks[i][x] = true
		}
	}
	return r
}

// run reaches the fixpoint; it answers false when a variable has no value left.
func (n *narrowing) run() bool {
	for len(n.queue) > 0 {
		i := n.queue[0]
		n.queue, n.queued[i] = n.queue[1:], false
		r := &n.relations[i]
		if n.trivial[i] {
			continue
		}
		ok := false
		if r.clause {
			ok = n.clause(i, r)
		} else {
			ok = n.table(r)
		}
		if !ok {
			return false
		}
	}
	return true
}

// restrict keeps the values of v that are in keep; it answers false when none is left.
func (n *narrowing) restrict(v int32, keep []bool) bool {
	before := n.count[v]
	for x, k := range keep {
		if n.alive[v][x] && !k {
			n.alive[v][x] = false
			n.count[v]--
		}
	}
	if n.count[v] < before {
		for _, i := range n.uses[v] {
			if !n.queued[i] {
				n.queue, n.queued[i] = append(n.queue, i), true
			}
		}
	}
	return n.count[v] > 0
}

// table drops rows with dead values, and values without a row.
func (n *narrowing) table(r *relation) bool {
	k := len(r.scope)
	seen := make([][]bool, k)
	for j, v := range r.scope {
		seen[j] = make([]bool, len(n.alive[v]))
	}
	kept := r.rows[:0]
rows:
	for i := 0; i < len(r.rows); i += k {
		row := r.rows[i : i+k]
		for j, v := range r.scope {
			if !n.alive[v][row[j]] {
				continue rows
			}
		}
		for j, x := range row {
			seen[j][x] = true
		}
		kept = append(kept, row...)
	}
	r.rows = kept
	for j, v := range r.scope {
		if !n.restrict(v, seen[j]) {
			return false
		}
	}
	return true
}

// clause drops dead values and literals; a clause of one literal says which values are left.
func (n *narrowing) clause(i int32, r *relation) bool {
	k := 0
	for j, v := range r.scope {
		holds := 0
		for x := range r.masks[j] {
			r.masks[j][x] = r.masks[j][x] && n.alive[v][x]
			if r.masks[j][x] {
				holds++
			}
		}
		if holds == n.count[v] {
			n.trivial[i] = true
			return true
		}
		if holds > 0 {
			r.scope[k], r.masks[k] = v, r.masks[j]
			k++
		}
	}
	r.scope, r.masks = r.scope[:k], r.masks[:k]
	if k > 1 {
		return true
	}
	n.trivial[i] = true
	return k == 1 && n.restrict(r.scope[0], r.masks[0])
}
