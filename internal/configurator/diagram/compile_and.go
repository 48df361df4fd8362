package diagram

// conjoin answers what both a and b allow, held once; a and b are let go. When it fails, a is still
// held and unharmed, and f.fail tells why until sweep.
func (f *forest) conjoin(a, b int32) int32 {
	f.stamp++
	f.misses = 0
	r := f.and(a, b)
	if f.fail != nil {
		f.drop(b)
		return a
	}
	f.hold(r)
	f.drop(a)
	f.drop(b)
	return r
}

func (f *forest) and(a, b int32) int32 {
	switch {
	case a == no || b == no || f.fail != nil:
		return no
	case a == yes || a == b:
		return b
	case b == yes:
		return a
	case a > b:
		a, b = b, a
	}
	key := uint64(a)<<32 | uint64(b)
	slot := key * 0x9E3779B97F4A7C15 >> 32 & uint64(len(f.cache)-1)
	if c := &f.cache[slot]; c.a == a && c.b == b && c.stamp == f.stamp {
		return c.r
	}
	if f.misses++; f.misses > len(f.cache) && len(f.cache) < mostCache {
		f.grow()
	}
	r := f.branch(a, b)
	slot = key * 0x9E3779B97F4A7C15 >> 32 & uint64(len(f.cache)-1)
	f.cache[slot] = conjunction{a: a, b: b, r: r, stamp: f.stamp}
	return r
}

// branchWork is what a conjunction costs besides its children, looking things up.
const branchWork = 20

// mostCache bounds the memory of the cache; a result forgotten is only found again.
const mostCache = 1 << 20

// grow makes the cache larger and keeps what it knows.
func (f *forest) grow() {
	old := f.cache
	f.cache, f.misses = make([]conjunction, 4*len(old)), 0
	for _, c := range old {
		if c.stamp == f.stamp {
			key := uint64(c.a)<<32 | uint64(c.b)
			f.cache[key*0x9E3779B97F4A7C15>>32&uint64(len(f.cache)-1)] = c
		}
	}
}

// branch conjoins a and b value by value of the upper variable of the two.
func (f *forest) branch(a, b int32) int32 {
	la, lb := f.topmost(a), f.topmost(b)
	v := f.vars[min(la, lb)]
	width := int(f.width[v])
	if err := f.meter.add(branchWork + 2*width); err != nil {
		f.fail = err
		return no
	}
	base := len(f.stack)
	for i := range width {
		x, y := a, b
		if la <= lb {
			x = f.pool[int(f.nodes[a].off)+i]
		}
		if lb <= la {
			y = f.pool[int(f.nodes[b].off)+i]
		}
		f.stack = append(f.stack, f.and(x, y))
	}
	r := no
	if f.fail == nil {
		r = f.make(v, f.stack[base:])
	}
	f.stack = f.stack[:base]
	return r
}
