package configurator

import "math/bits"

// words bounds a range to 256 features, which is twice what a large model has. A wider set would make
// every page slower.
const words = 4

// set is a set of features by their place in the model. It is a value: copies are independent.
type set [words]uint64

func (s *set) add(i int)     { s[i>>6] |= 1 << (i & 63) }
func (s *set) del(i int)     { s[i>>6] &^= 1 << (i & 63) }
func (s set) with(i int) set { s.add(i); return s }
func (s *set) has(i int) bool {
	return s[i>>6]&(1<<(i&63)) != 0
}

func (s *set) join(o *set) {
	for i := range s {
		s[i] |= o[i]
	}
}

func (s *set) take(o *set) {
	for i := range s {
		s[i] &^= o[i]
	}
}

func (s *set) and(o *set) set {
	var out set
	for i := range s {
		out[i] = s[i] & o[i]
	}
	return out
}

func (s *set) minus(o *set) set {
	var out set
	for i := range s {
		out[i] = s[i] &^ o[i]
	}
	return out
}

func (s *set) meets(o *set) bool {
	for i := range s {
		if s[i]&o[i] != 0 {
			return true
		}
	}
	return false
}

func (s *set) empty() bool {
	all := uint64(0)
	for _, w := range s {
		all |= w
	}
	return all == 0
}

func (s *set) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// first is the lowest member, -1 of none.
func (s *set) first() int { return s.next(0) }

// next is the lowest member from i on, -1 when there is none: for i := s.first(); i >= 0; i = s.next(i+1).
func (s *set) next(i int) int {
	for w := i >> 6; w < words; w++ {
		v := s[w]
		if w == i>>6 {
			v &= ^uint64(0) << (i & 63)
		}
		if v != 0 {
			return w<<6 + bits.TrailingZeros64(v)
		}
	}
	return -1
}
