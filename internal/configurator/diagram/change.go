package diagram

import "math/bits"

// asking is a question in which some picks may be given up, each at a penalty.
type asking struct {
	must    []bool  // by level: this pick stays
	penalty []int64 // by level
	value   []int64 // by value: weight and penalty
	lost    []int32
}

func (k *Desk) ask() *asking {
	if k.alone == nil {
		n := len(k.d.varAt)
		k.alone = &asking{must: make([]bool, n), penalty: make([]int64, n), value: make([]int64, len(k.from))}
	}
	return k.alone
}

// Change finds the whole assignment that keeps the picks of the variables for which must answers true
// and gives up, of the others, those with the least sum of penalties; among equal ones it is the
// cheapest. It writes it into out, by variable, and answers the variables whose picks it gives up (the
// slice is the Desk's own, good until the next question) and its total without penalties. It answers
// false when even the musts clash. penalty must be positive; one pass, no search.
func (k *Desk) Change(w *Weights, must func(v int) bool, penalty func(v int) int64, out []int32) ([]int32, int64, bool) {
	q := k.ask()
	for l, v := range k.d.varAt {
		q.must[l], q.penalty[l] = true, 0
		if k.picked[l] && !must(int(v)) {
			q.must[l], q.penalty[l] = false, penalty(int(v))
		}
	}
	if !k.solve(w, out) {
		return nil, Impossible, false
	}
	total := int64(0)
	for v, x := range out {
		total += w.Of(v, int(x))
	}
	return k.given(out), total, true
}

// solve answers the question in ask.
func (k *Desk) solve(w *Weights, out []int32) bool {
	q := k.alone
	k.base = 0
	for l := range int32(len(k.d.varAt)) {
		if !k.picked[l] && !k.held[l] {
			copy(q.value[k.d.voff[l]:k.d.voff[l+1]], w.value[k.d.voff[l]:k.d.voff[l+1]])
			k.cost[l] = w.level[l]
			for c := k.d.cfrom[l]; c < k.d.cfrom[l+1]; c++ {
				k.more[c] = w.class[c] - w.level[l]
			}
		} else {
			k.loadAsked(w, l)
		}
		k.base = min(k.base+k.cost[l], Impossible)
	}
	k.sweepUp()
	if k.base+k.down[0] >= Impossible {
		return false
	}
	k.trace(out, func(l int32) ([]int64, int64) { return q.value[k.d.voff[l]:k.d.voff[l+1]], k.cost[l] }, k.askable)
	return true
}

// askable is the mask of values that the question may use.
func (k *Desk) askable(l, word int32) uint64 {
	i := k.d.aoff[l] + word
	if k.picked[l] && k.alone.must[l] {
		return k.open[i] & k.pick[i]
	}
	return k.open[i]
}

func (k *Desk) loadAsked(w *Weights, l int32) {
	d, q := k.d, k.alone
	row := q.value[d.voff[l]:d.voff[l+1]]
	copy(row, w.value[d.voff[l]:d.voff[l+1]])
	if k.picked[l] && q.penalty[l] > 0 {
		for x := range row {
			if k.pick[d.aoff[l]+int32(x>>6)]>>(x&63)&1 == 0 {
				row[x] += q.penalty[l]
			}
		}
	}
	low := Impossible
	words := d.aoff[l+1] - d.aoff[l]
	for i := range words {
		low = min(low, leastOf(row, i, k.askable(l, i)))
	}
	k.cost[l] = low
	for c := d.cfrom[l]; c < d.cfrom[l+1]; c++ {
		best, mask := Impossible, d.classMask(c)
		for i := range words {
			best = min(best, leastOf(row, i, mask[i]&k.askable(l, i)))
		}
		k.more[c] = Impossible
		if best < Impossible {
			k.more[c] = best - low
		}
	}
}

func leastOf(row []int64, word int32, m uint64) int64 {
	low := Impossible
	for ; m != 0; m &= m - 1 {
		low = min(low, row[word<<6+int32(bits.TrailingZeros64(m))])
	}
	return low
}

// given lists the variables whose picks an assignment does not keep.
func (k *Desk) given(out []int32) []int32 {
	q := k.alone
	q.lost = q.lost[:0]
	for l, v := range k.d.varAt {
		x := out[v]
		if k.picked[l] && k.pick[k.d.aoff[l]+x>>6]>>(x&63)&1 == 0 {
			q.lost = append(q.lost, v)
		}
	}
	return q.lost
}
