package usedcars

import (
	"math/bits"
	"slices"
)

// rows is how many cars stand in one block. A block is copied when one of its cars changes.
const rows = 4096

// pieces is for how many of Equipment a block has room.
const pieces = 16

// mask is a set of the rows of a block. What many cars have in common is counted sixty-four cars at a time.
type mask [rows / 64]uint64

func (m *mask) has(i int) bool { return m[i>>6]&(1<<(i&63)) != 0 }
func (m *mask) add(i int)      { m[i>>6] |= 1 << (i & 63) }
func (m *mask) drop(i int)     { m[i>>6] &^= 1 << (i & 63) }

// or adds what is in o.
func (m *mask) or(o *mask) {
	for w := range m {
		m[w] |= o[w]
	}
}

// and leaves what is in o too.
func (m *mask) and(o *mask) {
	for w := range m {
		m[w] &= o[w]
	}
}

func (m *mask) count() (n int32) {
	for _, w := range m {
		n += int32(bits.OnesCount64(w))
	}
	return n
}

// common is how many are in both.
func (m *mask) common(o *mask) (n int32) {
	for w := range m {
		n += int32(bits.OnesCount64(m[w] & o[w]))
	}
	return n
}

// block is some thousand cars in columns: what a search looks at, and nothing else. A million cars are about 50 MB.
type block struct {
	live   mask
	has    [pieces]mask   // by piece of Equipment
	brands []mask         // by number of the brand
	is     [facets][]mask // by number of the value, of facets with few values
	vals   [facets][rows]uint16
	price  [rows]int32 // minor units
	km     [rows]int32
	listed [rows]int32 // minutes since 1970
	text   [rows]int32
	year   [rows]uint16
	id     [rows][6]byte // without "U-"
}

// walked tells whether a facet has so many values that cars are counted one by one, and not by a set for each value.
func (f Facet) walked() bool { return f == ByModel || f == ByDealer }

// member is the set of a value; there is room for it afterwards.
func member(of *[]mask, n uint16) *mask {
	for len(*of) <= int(n) {
		*of = append(*of, mask{})
	}
	return &(*of)[n]
}

func (b *block) clone() *block {
	c := *b
	c.brands = slices.Clone(b.brands)
	for f := range b.is {
		c.is[f] = slices.Clone(b.is[f])
	}
	return &c
}

// clear takes a row out of every set.
func (b *block) clear(i int) {
	b.live.drop(i)
	for p := range b.has {
		b.has[p].drop(i)
	}
	for n := range b.brands {
		b.brands[n].drop(i)
	}
	for f := range b.is {
		for n := range b.is[f] {
			b.is[f][n].drop(i)
		}
	}
}
