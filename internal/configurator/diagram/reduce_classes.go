package diagram

import "math/bits"

// signatures answers by variable and value a number that is the same for values that no rule tells
// apart: a sum over all rows of all rules of what stands beside the value.
func (n *narrowing) signatures() [][]uint64 {
	sums := make([][]uint64, len(n.alive))
	for v := range sums {
		sums[v] = make([]uint64, len(n.alive[v]))
	}
	for i := range n.relations {
		r, salt := &n.relations[i], scatter(uint64(i)+1)
		switch {
		case n.trivial[i]:
		case r.clause:
			for j, v := range r.scope {
				for x, holds := range r.masks[j] {
					if holds {
						sums[v][x] += salt
					}
				}
			}
		default:
			n.distinct(r)
			r.sign(sums, salt)
		}
	}
	return sums
}

func (r *relation) sign(sums [][]uint64, salt uint64) {
	k := len(r.scope)
	parts := make([]uint64, k)
	for i := 0; i < len(r.rows); i += k {
		whole := salt
		for j, x := range r.rows[i : i+k] {
			parts[j] = scatter(uint64(x)<<8 | uint64(j+1)<<32)
			whole += parts[j]
		}
		for j, v := range r.scope {
			sums[v][r.rows[i+j]] += scatter(whole - parts[j])
		}
	}
}

func scatter(x uint64) uint64 {
	x = (x ^ x>>31) * 0x9E3779B97F4A7C15
	x = (x ^ x>>29) * 0xBF58476D1CE4E5B9
	return x ^ x>>32
}

// distinct leaves every row of a table once.
func (n *narrowing) distinct(r *relation) {
	k := len(r.scope)
	cols, width := make([]int, k), make([]int32, k)
	for j, v := range r.scope {
		cols[j], width[j] = j, int32(len(n.alive[v]))
	}
	index := sortRows(r.rows, k, cols, width)
	kept := make([]int32, 0, len(r.rows))
	for _, o := range index {
		row := r.rows[o : int(o)+k]
		if m := len(kept); m > 0 && same(kept[m-k:], row) {
			continue
		}
		kept = append(kept, row...)
	}
	r.rows = kept
}

func same(a, b []int32) bool {
	for i, x := range a {
		if b[i] != x {
			return false
		}
	}
	return true
}

// classify makes classes of the values with the same signature, or one of each value without them. It
// answers nil when the signatures deceived it: then merged rows stand for more than there were.
func (n *narrowing) classify(sums [][]uint64) *reduced {
	r := &reduced{width: make([]int32, len(n.alive))}
	heads := make([][]int32, len(n.alive))
	for v, alive := range n.alive {
		keys := make([]uint64, len(alive))
		for x := range keys {
			keys[x] = uint64(x)
		}
		if sums != nil {
			keys = sums[v]
		}
		class, head, width := group(alive, keys)
		r.class = append(r.class, class)
		r.width[v], heads[v] = width, head
	}
	for i := range n.relations {
		if n.trivial[i] {
			continue
		}
		q, ok := r.translate(&n.relations[i], heads)
		if !ok {
			return nil
		}
		if len(q.scope) > 0 {
			r.relations = append(r.relations, q)
		}
	}
	return r
}

// group makes one class of the values alive with the same key. The first value of a class is its head
// and knows how many they are.
func group(alive []bool, keys []uint64) (class, head []int32, width int32) {
	class, head = make([]int32, len(alive)), make([]int32, len(alive))
	known := map[uint64]int{}
	for x, a := range alive {
		class[x] = -1
		if !a {
			continue
		}
		y, ok := known[keys[x]]
		if !ok {
			y, known[keys[x]], class[x] = x, x, width
			width++
		}
		class[x] = class[y]
		head[y]++
	}
	return class, head, width
}

// translate puts classes into a relation, without columns that are settled. A relation that forbids
// nothing comes back without scope.
func (r *reduced) translate(old *relation, heads [][]int32) (relation, bool) {
	var q relation
	var cols []int
	for j, v := range old.scope {
		if r.width[v] > 1 || old.clause {
			cols = append(cols, j)
			q.scope = append(q.scope, v)
		}
	}
	if old.clause {
		return r.translateClause(old, q)
	}
	stood := 0
	for i := 0; i < len(old.rows); i += len(old.scope) {
		row := old.rows[i : i+len(old.scope)]
		rows := 1
		for j, v := range old.scope {
			rows *= int(heads[v][row[j]])
		}
		if rows == 0 {
			continue
		}
		stood += rows
		for _, j := range cols {
			q.rows = append(q.rows, r.class[old.scope[j]][row[j]])
		}
	}
	if len(q.scope) > 0 && r.covers(&q) {
		q.scope = nil
	}
	return q, stood == len(old.rows)/len(old.scope)
}

func (r *reduced) translateClause(old *relation, q relation) (relation, bool) {
	q.clause = true
	for j, v := range q.scope {
		mask, said := make([]bool, r.width[v]), make([]bool, r.width[v])
		for x, c := range r.class[v] {
			if c < 0 {
				continue
			}
			holds := old.masks[j][x]
			if said[c] && mask[c] != holds {
				return q, false
			}
			mask[c], said[c] = holds, true
		}
		q.masks = append(q.masks, mask)
	}
	return q, true
}

// covers tells whether a table has every row there can be.
func (r *reduced) covers(q *relation) bool {
	full := uint64(1)
	for _, v := range q.scope {
		high, low := bits.Mul64(full, uint64(r.width[v]))
		if high > 0 {
			return false
		}
		full = low
	}
	return uint64(len(q.rows)/len(q.scope)) == full
}
