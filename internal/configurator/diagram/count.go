package diagram

import (
	"math/big"
	"math/bits"
)

// Count is the exact number of whole assignments that keep all picks. It allocates.
func (k *Desk) Count() *big.Int {
	d := k.d
	counts := make([]*big.Int, len(d.lev))
	counts[d.term()] = big.NewInt(1)
	var t, gap big.Int
	for node := d.term() - 1; node >= 0; node-- {
		sum, l := new(big.Int), d.lev[node]
		for _, e := range d.edges[d.first[node]:d.first[node+1]] {
			if ways := k.ways(l, d.classMask(e.class)); ways > 0 {
				t.Mul(counts[e.child], gap.SetInt64(ways))
				sum.Add(sum, k.times(&t, l+1, d.lev[e.child]))
			}
		}
		counts[node] = sum
	}
	return k.times(counts[0], 0, d.lev[0])
}

// times multiplies by the number of ways through the levels from a to before b.
func (k *Desk) times(n *big.Int, a, b int32) *big.Int {
	for l := a; l < b; l++ {
		n.Mul(n, big.NewInt(k.ways(l, k.d.levelMask(l))))
	}
	return n
}

// ways is the number of values of a mask that count.
func (k *Desk) ways(l int32, mask []uint64) int64 {
	n := 0
	for i, m := range mask {
		n += bits.OnesCount64(m & k.allowed(l, int32(i)))
	}
	return int64(n)
}

// Roughly is Count as a floating-point number, good to 12 digits, without allocating.
func (k *Desk) Roughly() float64 {
	d := k.d
	if k.dense == nil {
		k.dense = make([]float64, len(d.lev)+len(d.clev))
	}
	dense, share := k.dense[:len(d.lev)], k.dense[len(d.lev):]
	all := 1.0
	for l := range int32(len(d.varAt)) {
		ways := float64(k.ways(l, d.levelMask(l)))
		if all *= ways; ways == 0 {
			return 0
		}
		for c := d.cfrom[l]; c < d.cfrom[l+1]; c++ {
			share[c] = float64(k.ways(l, d.classMask(c))) / ways
		}
	}
	dense[d.term()] = 1
	for node := d.term() - 1; node >= 0; node-- {
		sum := 0.0
		for _, e := range d.edges[d.first[node]:d.first[node+1]] {
			sum += dense[e.child] * share[e.class]
		}
		dense[node] = sum
	}
	return all * dense[0]
}
