package aftersales

import "math/bits"

// A day is cut into quarters of an hour, counted from the site's midnight as time passes: a day that loses an hour has 92 of
// them, one that gains an hour 100. No quarter is there twice, so none can be sold twice.
const quarter = 15 * 60 // seconds

// day128 is a set of a day's quarters.
type day128 struct{ lo, hi uint64 }

var allDay = day128{^uint64(0), ^uint64(0)}

func (d day128) and(o day128) day128 { return day128{d.lo & o.lo, d.hi & o.hi} }
func (d day128) or(o day128) day128  { return day128{d.lo | o.lo, d.hi | o.hi} }
func (d day128) not() day128         { return day128{^d.lo, ^d.hi} }
func (d day128) empty() bool         { return d.lo|d.hi == 0 }

// down moves each quarter n places towards midnight; what comes from beyond the day is not in the set.
func (d day128) down(n int) day128 {
	switch {
	case n >= 128:
		return day128{}
	case n >= 64:
		return day128{lo: d.hi >> (n - 64)}
	case n == 0:
		return d
	}
	return day128{d.lo>>n | d.hi<<(64-n), d.hi >> n}
}

// span is the quarters from one to before another.
func span(from, to int) day128 {
	from, to = max(from, 0), min(to, 128)
	if from >= to {
		return day128{}
	}
	return below(to).and(below(from).not())
}

func below(n int) day128 {
	switch {
	case n <= 0:
		return day128{}
	case n < 64:
		return day128{lo: 1<<n - 1}
	case n < 128:
		return day128{lo: ^uint64(0), hi: 1<<(n-64) - 1}
	}
	return allDay
}

// runs are the quarters with which n quarters of the set begin, without a gap.
func (d day128) runs(n int) day128 {
	for have := 1; have < n && !d.empty(); {
		step := min(have, n-have)
		d = d.and(d.down(step))
		have += step
	}
	return d
}

// takeFirst removes the first quarter of the set; -1 when it is empty.
func (d *day128) takeFirst() int {
	if d.lo != 0 {
		i := bits.TrailingZeros64(d.lo)
		d.lo &= d.lo - 1
		return i
	}
	if d.hi != 0 {
		i := bits.TrailingZeros64(d.hi)
		d.hi &= d.hi - 1
		return 64 + i
	}
	return -1
}

func (d day128) count() int { return bits.OnesCount64(d.lo) + bits.OnesCount64(d.hi) }
