package diagram

import "math/bits"

// Desk is where one worker puts questions to a diagram: what is picked, what is withheld, and scratch.
// It allocates nothing after NewDesk but where a method says so. It is not for two goroutines at once.
type Desk struct {
	d *Diagram

	pick   []uint64 // by level: the values that a pick leaves
	picked []bool   // by level
	open   []uint64 // by level: alive and not withheld
	held   []bool   // by level: something is withheld

	cost  []int64   // level: cheapest value that it may take in this question
	more  []int64   // class: what its cheapest value costs above cost of its level
	down  []int64   // node: least extra from here to the end
	up    []int64   // node: least extra from the root to here
	best  []int64   // class: least extra of a whole assignment through it, its own value apart
	cover []int64   // least extra of an assignment that skips a stretch of levels: rows of 2^k levels
	from  []int64   // value: least total with it
	base  int64     // sum of cost over the levels
	dense []float64 // node: share of all combinations below it that can be built
	alone *asking   // scratch of Change
	clash *clashes  // scratch of Conflict
}

// NewDesk makes a desk without picks.
func (d *Diagram) NewDesk() *Desk {
	n := len(d.varAt)
	k := &Desk{d: d, pick: make([]uint64, len(d.alive)), picked: make([]bool, n), open: make([]uint64, len(d.alive)), held: make([]bool, n),
		cost: make([]int64, n), more: make([]int64, len(d.clev)), down: make([]int64, len(d.lev)), up: make([]int64, len(d.lev)),
		best: make([]int64, len(d.clev)), cover: make([]int64, bits.Len(uint(n))*(n+1)), from: make([]int64, d.voff[n])}
	copy(k.open, d.alive)
	return k
}

// Clear forgets all picks; what is withheld stays withheld.
func (k *Desk) Clear() { clear(k.picked) }

// Pick leaves the variable only these values. A second pick of the same variable replaces the first.
func (k *Desk) Pick(v int, values ...int32) {
	l := k.d.pos[v]
	mask := k.pick[k.d.aoff[l]:k.d.aoff[l+1]]
	clear(mask)
	for _, x := range values {
		mask[x>>6] |= 1 << (x & 63)
	}
	k.picked[l] = true
}

// Unpick takes a pick back.
func (k *Desk) Unpick(v int) { k.picked[k.d.pos[v]] = false }

// Picked tells whether a variable has a pick.
func (k *Desk) Picked(v int) bool { return k.picked[k.d.pos[v]] }

// Withhold takes a value out for every question, whether picked or not: out of stock, not this week.
func (k *Desk) Withhold(v, x int) {
	l := k.d.pos[v]
	k.open[k.d.aoff[l]+int32(x>>6)] &^= 1 << (x & 63)
	k.held[l] = true
}

// Release gives back everything that was withheld.
func (k *Desk) Release() {
	copy(k.open, k.d.alive)
	clear(k.held)
}

// values of a level that a question may use when picks bind.
func (k *Desk) allowed(l int32, word int32) uint64 {
	i := k.d.aoff[l] + word
	m := k.open[i]
	if k.picked[l] {
		m &= k.pick[i]
	}
	return m
}

// Page answers one whole page: the cheapest assignment that keeps every pick, and for every value of
// every variable the least total with it (see From). It answers Impossible when the picks clash; then
// From still tells which single change of a pick mends it.
func (k *Desk) Page(w *Weights) int64 {
	k.load(w)
	k.sweepUp()
	k.sweepDown()
	k.spread(w)
	return min(k.base+k.down[0], Impossible)
}

// From is the least total of an assignment with this value that keeps all picks but one of the
// variable itself; Impossible when there is none. Page must have been called.
func (k *Desk) From(v, x int) int64 { return k.from[k.d.voff[k.d.pos[v]]+int32(x)] }

// Best is the least total with one of the values of a mask that Pick would take.
func (k *Desk) Best(v int, values ...int32) int64 {
	row, low := k.from[k.d.voff[k.d.pos[v]]:], Impossible
	for _, x := range values {
		low = min(low, row[x])
	}
	return low
}

// load prepares costs of levels and classes with all picks binding.
func (k *Desk) load(w *Weights) {
	d := k.d
	k.base = 0
	copy(k.more, w.class)
	for l := range int32(len(d.varAt)) {
		if k.picked[l] || k.held[l] {
			k.loadBound(w, l)
		} else {
			k.cost[l] = w.level[l]
			k.base += w.level[l]
		}
	}
	for c, l := range d.clev {
		if !k.picked[l] && !k.held[l] {
			k.more[c] -= k.cost[l]
		}
	}
}

// loadBound prepares a level of which only some values count.
func (k *Desk) loadBound(w *Weights, l int32) {
	d := k.d
	row := w.value[d.voff[l]:d.voff[l+1]]
	words := d.aoff[l+1] - d.aoff[l]
	low := Impossible
	for i := range words {
		for m := k.allowed(l, i); m != 0; m &= m - 1 {
			low = min(low, row[i<<6+int32(bits.TrailingZeros64(m))])
		}
	}
	if low == Impossible {
		// Nothing is left. Paths may skip the level, so its classes alone would not tell.
		for c := d.cfrom[l]; c < d.cfrom[l+1]; c++ {
			k.more[c] = Impossible
		}
		k.cost[l] = 0
		k.base += Impossible
		return
	}
	k.cost[l] = low
	k.base += low
	for c := d.cfrom[l]; c < d.cfrom[l+1]; c++ {
		mask, best := d.classMask(c), Impossible
		for i := range words {
			for m := mask[i] & k.allowed(l, i); m != 0; m &= m - 1 {
				best = min(best, row[i<<6+int32(bits.TrailingZeros64(m))])
			}
		}
		k.more[c] = min(best-low, Impossible)
		if best == Impossible {
			k.more[c] = Impossible
		}
	}
}

// sweepUp fills down: from the last level to the first.
func (k *Desk) sweepUp() {
	d := k.d
	last := d.term()
	down, more := k.down, k.more
	down[last] = 0
	for node := last - 1; node >= 0; node-- {
		low := Impossible
		for _, e := range d.edges[d.first[node]:d.first[node+1]] {
			low = min(low, down[e.child]+more[e.class])
		}
		down[node] = low
	}
}

// sweepDown fills up, best and cover: from the first level to the last.
func (k *Desk) sweepDown() {
	d := k.d
	up, down, more, best := k.up, k.down, k.more, k.best
	for i := range up {
		up[i] = Impossible
	}
	for i := range best {
		best[i] = Impossible
	}
	for i := range k.cover {
		k.cover[i] = Impossible
	}
	up[0] = 0
	if l := d.lev[0]; l > 0 {
		k.skip(0, l, down[0])
	}
	for node := range d.term() {
		u := up[node]
		if u >= Impossible {
			continue
		}
		l := d.lev[node]
		from := d.first[node]
		for i, e := range d.edges[from:d.first[node+1]] {
			t, below := u+more[e.class], down[e.child]
			if t < up[e.child] {
				up[e.child] = t
			}
			if u+below < best[e.class] {
				best[e.class] = u + below
			}
			if to := d.skips[from+int32(i)]; to >= 0 {
				k.skip(l+1, to, t+below)
			}
		}
	}
}

// skip notes an assignment that leaves the levels from a to before b free.
func (k *Desk) skip(a, b int32, extra int64) {
	if extra >= Impossible {
		return
	}
	rank := int32(bits.Len32(uint32(b-a))) - 1
	row := k.cover[rank*int32(len(k.d.varAt)+1):]
	row[a] = min(row[a], extra)
	z := b - 1<<rank
	row[z] = min(row[z], extra)
}

// spread turns what the sweeps found into the least total of every value.
func (k *Desk) spread(w *Weights) {
	d := k.d
	n := len(d.varAt)
	for rank := bits.Len(uint(n)) - 1; rank > 0; rank-- {
		wide, narrow, half := k.cover[rank*(n+1):], k.cover[(rank-1)*(n+1):], 1<<(rank-1)
		for l := range n - half {
			if t := wide[l]; t < Impossible {
				narrow[l] = min(narrow[l], t)
				narrow[l+half] = min(narrow[l+half], t)
			}
		}
	}
	for i := range k.from {
		k.from[i] = Impossible
	}
	if k.base >= 2*Impossible {
		return // two variables have nothing left: no single change mends that
	}
	for l := range n {
		k.spreadLevel(w, int32(l))
	}
}

func (k *Desk) spreadLevel(w *Weights, l int32) {
	d := k.d
	rest := k.base - k.cost[l]
	if rest >= Impossible {
		if !k.stuck(l) {
			return // another variable has nothing left
		}
		rest -= Impossible
	}
	from, value, open := k.from[d.voff[l]:d.voff[l+1]], w.value[d.voff[l]:d.voff[l+1]], k.open[d.aoff[l]:d.aoff[l+1]]
	for c := d.cfrom[l]; c < d.cfrom[l+1]; c++ {
		if t := k.best[c]; t < Impossible {
			lower(from, value, d.classMask(c), open, t+rest)
		}
	}
	if t := k.cover[l]; t < Impossible {
		lower(from, value, open, open, t+rest)
	}
}

// stuck tells whether a level itself has nothing left.
func (k *Desk) stuck(l int32) bool {
	for i := range k.d.aoff[l+1] - k.d.aoff[l] {
		if k.allowed(l, i) != 0 {
			return false
		}
	}
	return true
}

func lower(from, value []int64, mask, open []uint64, t int64) {
	for i, m := range mask {
		for m &= open[i]; m != 0; m &= m - 1 {
			x := i<<6 + bits.TrailingZeros64(m)
			if c := t + value[x]; c < from[x] {
				from[x] = c
			}
		}
	}
}
