package diagram

import "math/bits"

// Impossible is the cost of what cannot be had. Sums of two still fit.
const Impossible = int64(1) << 60

// MaxWeight bounds one value's weight, so that the sum over all variables and the penalties of a change
// stay far below Impossible.
const MaxWeight = int64(1) << 44

// Weights are the costs of the values for one diagram, such as a price list. They never change.
type Weights struct {
	d     *Diagram
	value []int64 // by value, level after level
	class []int64 // cheapest value of each class
	level []int64 // cheapest alive value of each level
}

// Weigh gives every value a cost, which must not be negative nor above MaxWeight: others are cut to
// these bounds. A new price list is new weights, never a new diagram.
func (d *Diagram) Weigh(cost func(v, x int) int64) *Weights {
	w := &Weights{d: d, value: make([]int64, d.voff[len(d.varAt)]), class: make([]int64, len(d.clev)), level: make([]int64, len(d.varAt))}
	for l, v := range d.varAt {
		row := w.value[d.voff[l]:d.voff[l+1]]
		for x := range row {
			row[x] = min(max(cost(int(v), x), 0), MaxWeight)
		}
		w.level[l] = least(row, d.levelMask(int32(l)))
	}
	for c, l := range d.clev {
		w.class[c] = least(w.value[d.voff[l]:d.voff[l+1]], d.classMask(int32(c)))
	}
	return w
}

// Of is the weight of one value.
func (w *Weights) Of(v, x int) int64 { return w.value[w.d.voff[w.d.pos[v]]+int32(x)] }

// least is the lowest cost in a mask, Impossible in an empty one.
func least(costs []int64, mask []uint64) int64 {
	low := Impossible
	for i, m := range mask {
		for ; m != 0; m &= m - 1 {
			low = min(low, costs[i<<6+bits.TrailingZeros64(m)])
		}
	}
	return low
}
