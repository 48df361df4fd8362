package diagram

import "math/bits"

// Cheapest writes the cheapest assignment that keeps all picks into out, by variable, and answers its
// total; Impossible when the picks clash. Of equal ones it takes lower values first, level by level.
func (k *Desk) Cheapest(w *Weights, out []int32) int64 {
	k.load(w)
	k.sweepUp()
	if k.base+k.down[0] >= Impossible {
		return Impossible
	}
	k.trace(out, func(l int32) ([]int64, int64) { return w.value[k.d.voff[l]:k.d.voff[l+1]], k.cost[l] }, k.allowed)
	return k.base + k.down[0]
}

// trace follows the least extra from the root. costs are the values' costs in the question of a level
// and the least of them; may is the mask of values that count.
func (k *Desk) trace(out []int32, costs func(l int32) ([]int64, int64), may func(l, word int32) uint64) {
	d := k.d
	free := func(from, to int32) {
		for l := from; l < to; l++ {
			row, low := costs(l)
			out[d.varAt[l]] = k.atCost(l, row, low, d.levelMask(l), may)
		}
	}
	free(0, d.lev[0])
	for node := int32(0); node != d.term(); {
		l := d.lev[node]
		row, low := costs(l)
		value, to := int32(-1), edge{}
		for _, e := range d.edges[d.first[node]:d.first[node+1]] {
			if k.more[e.class] >= Impossible || k.down[e.child]+k.more[e.class] != k.down[node] {
				continue
			}
			if x := k.atCost(l, row, low+k.more[e.class], d.classMask(e.class), may); value < 0 || x < value {
				value, to = x, e
			}
		}
		out[d.varAt[l]] = value
		free(l+1, d.lev[to.child])
		node = to.child
	}
}

// atCost is the lowest value of a mask that costs so much.
func (k *Desk) atCost(l int32, row []int64, cost int64, mask []uint64, may func(l, word int32) uint64) int32 {
	for i, m := range mask {
		for m &= may(l, int32(i)); m != 0; m &= m - 1 {
			if x := i<<6 + bits.TrailingZeros64(m); row[x] == cost {
				return int32(x)
			}
		}
	}
	return -1
}
