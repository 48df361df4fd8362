package diagram

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrDamaged is a stored diagram that was cut, changed or written by another version.
var ErrDamaged = errors.New("diagram: stored form is damaged")

var magic = []byte("diagram\x01")

// MarshalBinary writes the stored form: a mark, the arrays and a SHA-256 checksum over both.
func (d *Diagram) MarshalBinary() ([]byte, error) {
	b := append([]byte(nil), magic...)
	for _, a := range []*[]int32{&d.varAt, &d.voff, &d.aoff, &d.lev, &d.first, &d.clev, &d.coff} {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(*a)))
		b, _ = binary.Append(b, binary.LittleEndian, *a) // fixed-size numbers: cannot fail
	}
	for _, a := range []*[]uint64{&d.alive, &d.cmask} {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(*a)))
		b, _ = binary.Append(b, binary.LittleEndian, *a)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(d.edges)))
	for _, e := range d.edges {
		b = binary.LittleEndian.AppendUint32(b, uint32(e.child))
		b = binary.LittleEndian.AppendUint32(b, uint32(e.class))
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...), nil
}

// Open reads a stored diagram. It answers ErrDamaged unless the checksum is right and every index
// inside is: a diagram that opens can be asked anything.
func Open(stored []byte) (*Diagram, error) {
	body := len(stored) - sha256.Size
	if body < len(magic) || !bytes.HasPrefix(stored, magic) {
		return nil, fmt.Errorf("%w: no such mark", ErrDamaged)
	}
	if sum := sha256.Sum256(stored[:body]); !bytes.Equal(sum[:], stored[body:]) {
		return nil, fmt.Errorf("%w: checksum differs", ErrDamaged)
	}
	r := reader{rest: stored[len(magic):body]}
	d := &Diagram{}
	for _, a := range []*[]int32{&d.varAt, &d.voff, &d.aoff, &d.lev, &d.first, &d.clev, &d.coff} {
		*a = make([]int32, r.length(4))
		r.fill(*a)
	}
	for _, a := range []*[]uint64{&d.alive, &d.cmask} {
		*a = make([]uint64, r.length(8))
		r.fill(*a)
	}
	pairs := make([]int32, 2*r.length(8))
	r.fill(pairs)
	if r.bad || len(r.rest) > 0 {
		return nil, fmt.Errorf("%w: wrong length", ErrDamaged)
	}
	for i := 0; i < len(pairs); i += 2 {
		d.edges = append(d.edges, edge{child: pairs[i], class: pairs[i+1]})
	}
	if reason := d.restore(); reason != "" {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, reason)
	}
	return d, nil
}

type reader struct {
	rest []byte
	bad  bool
}

// length reads the length of an array and refuses one that the rest cannot hold.
func (r *reader) length(size int) int {
	if r.bad || len(r.rest) < 4 {
		r.bad = true
		return 0
	}
	n := int(binary.LittleEndian.Uint32(r.rest))
	r.rest = r.rest[4:]
	if n > len(r.rest)/size {
		r.bad = true
		return 0
	}
	return n
}

func (r *reader) fill(a any) {
	if r.bad {
		return
	}
	n, err := binary.Decode(r.rest, binary.LittleEndian, a)
	r.bad = err != nil
	r.rest = r.rest[n:]
}

// restore checks every index and computes what is not stored.
func (d *Diagram) restore() string {
	n := int32(len(d.varAt))
	if n == 0 || !offsets(d.voff, n, -1) || !offsets(d.aoff, n, len(d.alive)) || len(d.lev) == 0 ||
		!offsets(d.first, int32(len(d.lev)-1), len(d.edges)) || !offsets(d.coff, int32(len(d.clev)), len(d.cmask)) {
		return "offsets"
	}
	d.pos = make([]int32, n)
	for i := range d.pos {
		d.pos[i] = -1
	}
	for l, v := range d.varAt {
		if v < 0 || v >= n || d.pos[v] >= 0 {
			return "variables"
		}
		d.pos[v] = int32(l)
		if values := d.voff[l+1] - d.voff[l]; d.aoff[l+1]-d.aoff[l] != (values+63)/64 || !within(d.levelMask(int32(l)), values) {
			return "values"
		}
	}
	if reason := d.restoreClasses(n); reason != "" {
		return reason
	}
	return d.restoreEdges(n)
}

func (d *Diagram) restoreClasses(n int32) string {
	at := int32(0)
	for c, l := range d.clev {
		if l < at || l >= n || d.coff[c+1]-d.coff[c] != d.aoff[l+1]-d.aoff[l] || !within(d.classMask(int32(c)), d.voff[l+1]-d.voff[l]) {
			return "classes"
		}
		for ; int32(len(d.cfrom)) <= l; at = l {
			d.cfrom = append(d.cfrom, int32(c))
		}
	}
	for int32(len(d.cfrom)) <= n {
		d.cfrom = append(d.cfrom, int32(len(d.clev)))
	}
	return ""
}

func (d *Diagram) restoreEdges(n int32) string {
	if d.lev[d.term()] != n {
		return "levels"
	}
	for node := range d.term() {
		l := d.lev[node]
		if l < 0 || l >= n || l > d.lev[node+1] || d.first[node] == d.first[node+1] {
			return "levels"
		}
		for i := d.first[node]; i < d.first[node+1]; i++ {
			e := d.edges[i]
			if e.child <= node || e.child > d.term() || d.lev[e.child] <= l || e.class < 0 || int(e.class) >= len(d.clev) || d.clev[e.class] != l {
				return "edges"
			}
		}
	}
	d.findSkips()
	return ""
}

// offsets tells whether a is a rising list of n+1 numbers from 0 to last; -1 leaves the last open.
func offsets(a []int32, n int32, last int) bool {
	if int32(len(a)) != n+1 || a[0] != 0 || last >= 0 && int(a[n]) != last {
		return false
	}
	for i := range n {
		if a[i+1] < a[i] || a[i+1]-a[i] > maxValues && last < 0 {
			return false
		}
	}
	return true
}

// within tells whether a mask has some and only values below n.
func within(mask []uint64, n int32) bool {
	any := uint64(0)
	for i, m := range mask {
		if left := n - int32(i)<<6; left < 64 && m>>max(left, 0) != 0 {
			return false
		}
		any |= m
	}
	return any != 0
}
