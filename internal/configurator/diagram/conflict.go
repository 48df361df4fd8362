package diagram

import "slices"

// Conflict finds the smallest set of picked variables that clashes with the pick of one of them, which
// stays out of the answer. It is exact: no smaller set clashes. ok is false when there is no clash; an
// empty answer with ok means that the value itself cannot be had.
//
// It goes by hitting sets: a change that mends the clash must touch every clash, so the least set that
// touches all the changes seen so far is either a clash itself or shows the next changes. A sweep shows
// several at once, where equally short ways part.
func (k *Desk) Conflict(v int) (clash []int, ok bool) {
	c := k.clashing()
	c.prepare(k, v)
	var changes [][]int32
	for {
		if !c.mendable(k) {
			return clash, true
		}
		for way := range ways {
			lost := c.lost(k, way)
			if len(lost) == 0 {
				return nil, false
			}
			if !slices.ContainsFunc(changes, func(o []int32) bool { return slices.Equal(o, lost) }) {
				changes = append(changes, lost)
			}
		}
		for _, u := range clash {
			c.keep(k, k.d.pos[u], false)
		}
		clash = hit(changes, len(k.d.varAt))
		for _, u := range clash {
			c.keep(k, k.d.pos[u], true)
		}
	}
}

// ways is how many changes one sweep shows at most; more make the sets to touch many, not the sweeps few.
const ways = 3

// clashes is scratch of Conflict: only the number of picks given up counts, so small numbers do.
type clashes struct {
	down  []int16 // node: fewest picks to give up from here to the end
	more  []int16 // class: picks given up by it, none or one, or far
	never []int16 // level: price of its pick when nothing of it can be had, whatever the path
	base  int32   // sum of never
}

// far is more than any number of picks; two of them still fit.
const far = int16(1) << 13

func (k *Desk) clashing() *clashes {
	if k.clash == nil {
		k.clash = &clashes{down: make([]int16, len(k.d.lev)), more: make([]int16, len(k.d.clev)), never: make([]int16, len(k.d.varAt))}
	}
	return k.clash
}

// prepare binds the pick of one variable and leaves the others to be given up.
func (c *clashes) prepare(k *Desk, v int) {
	c.base = 0
	for l := range int32(len(k.d.varAt)) {
		c.never[l] = 0
		if k.picked[l] || k.held[l] {
			c.keep(k, l, k.d.varAt[l] == int32(v))
			continue
		}
		clear(c.more[k.d.cfrom[l]:k.d.cfrom[l+1]])
	}
}

// keep binds the pick of a level, or lets it be given up.
func (c *clashes) keep(k *Desk, l int32, bound bool) {
	d := k.d
	price := int16(1)
	if bound {
		price = far
	}
	c.count(k, l, price)
	for class := d.cfrom[l]; class < d.cfrom[l+1]; class++ {
		mask, kept, open := d.classMask(class), uint64(0), uint64(0)
		for i, m := range mask {
			at := d.aoff[l] + int32(i)
			open |= m & k.open[at]
			kept |= m & k.open[at] & k.pick[at]
		}
		switch {
		case open == 0:
			c.more[class] = far
		case k.picked[l] && kept == 0 && c.never[l] == 0:
			c.more[class] = price
		default:
			c.more[class] = 0
		}
	}
}

// count adds the price of a pick of which nothing can be had once, wherever a path leads.
func (c *clashes) count(k *Desk, l int32, price int16) {
	kept, open := uint64(0), uint64(0)
	for i := k.d.aoff[l]; i < k.d.aoff[l+1]; i++ {
		kept |= k.open[i] & k.pick[i]
		open |= k.open[i]
	}
	want := int16(0)
	switch {
	case open == 0:
		want = far
	case k.picked[l] && kept == 0:
		want = price
	}
	c.base += int32(want) - int32(c.never[l])
	c.never[l] = want
}

// mendable tells whether giving up picks that are not bound helps, and fills down.
func (c *clashes) mendable(k *Desk) bool {
	d := k.d
	down, more := c.down, c.more
	down[d.term()] = 0
	for node := d.term() - 1; node >= 0; node-- {
		low := far
		for _, e := range d.edges[d.first[node]:d.first[node+1]] {
			low = min(low, down[e.child]+more[e.class])
		}
		down[node] = low
	}
	return c.base+int32(down[0]) < int32(far)
}

// lost lists the variables whose picks a least change gives up, level by level. Where equally short
// ways part it takes each in turn, beginning with another for another way.
func (c *clashes) lost(k *Desk, way int) []int32 {
	d := k.d
	var out []int32
	for l, never := range c.never {
		if never > 0 {
			out = append(out, d.varAt[l])
		}
	}
	for node := int32(0); node != d.term(); {
		edges := d.edges[d.first[node]:d.first[node+1]]
		for i := range edges {
			e := edges[(i+way)%len(edges)]
			if c.more[e.class] < far && c.down[e.child]+c.more[e.class] == c.down[node] {
				if c.more[e.class] > 0 {
					out = append(out, d.varAt[d.lev[node]])
				}
				node = e.child
				break
			}
		}
	}
	return out
}

// hit is a least set that has a member of each of the sets. There are few and small ones.
func hit(sets [][]int32, most int) []int {
	for size := 1; size <= most; size++ {
		if got, ok := hitWith(sets, nil, size); ok {
			return got
		}
	}
	return nil
}

func hitWith(sets [][]int32, have []int, left int) ([]int, bool) {
	for _, s := range sets {
		if meets(s, have) {
			continue
		}
		if left == 0 {
			return nil, false
		}
		for _, v := range s {
			if got, ok := hitWith(sets, append(have[:len(have):len(have)], int(v)), left-1); ok {
				return got, true
			}
		}
		return nil, false
	}
	return have, true
}

func meets(s []int32, have []int) bool {
	for _, a := range s {
		for _, b := range have {
			if int(a) == b {
				return true
			}
		}
	}
	return false
}
