package usedcars

import (
	"maps"
	"slices"
	"time"

	"forecourt/internal/id"
)

// Facet is one thing that cars are chosen by, of which a reader sees how many cars each choice would leave.
type Facet int

// The facets. Equipment is none of them: a car has many pieces, and all that are asked for must be there.
const (
	ByMake Facet = iota
	ByModel
	ByFuel
	ByGearbox
	ByBody
	ByColour
	ByDoors
	ByEmission
	ByDealer
	facets
)

// Entry is a car as the database gives it to the index.
type Entry struct {
	ID         id.UsedCar
	Brand      id.Brand
	Market     id.Market
	Live       bool // listed or held
	Make       string
	Model      string
	Values     [facets]string // those after ByModel by code; makes and models stand beside
	Equipment  []string
	PriceMinor int64
	Km         int
	Year       int
	Text       int32
	ListedAt   time.Time
}

// words numbers the values of a facet in the order they were met. A number is never given twice.
type words struct {
	at  map[string]uint16
	all []string
}

func (w *words) number(s string) uint16 {
	n, ok := w.at[s]
	if !ok {
		n = uint16(len(w.all))
		w.at[s], w.all = n, append(w.all[:len(w.all):len(w.all)], s)
	}
	return n
}

func (w *words) clone() words { return words{maps.Clone(w.at), w.all} }

// Index is every car of a market that can be bought, as of one instant. It never changes: With makes a new one that shares
// what stayed.
type Index struct {
	blocks []*block
	at     map[[6]byte]uint32 // in which row a car is; used by With alone
	free   []uint32           // rows of cars that are gone
	n      uint32
	brands words
	values [facets]words
	live   int
}

func newIndex() *Index {
	x := &Index{at: map[[6]byte]uint32{}, brands: words{at: map[string]uint16{}}}
	for f := range x.values {
		x.values[f].at = map[string]uint16{}
	}
	return x
}

// Live is how many cars can be bought.
func (x *Index) Live() int { return x.live }

// With is the index after some cars changed. The place map moves on to it: only the newest index may be asked for another.
func (x *Index) With(changes []Entry) *Index {
	if len(changes) == 0 {
		return x
	}
	y := &Index{blocks: slices.Clone(x.blocks), at: x.at, free: slices.Clone(x.free), n: x.n, brands: x.brands.clone(), live: x.live}
	for f := range x.values {
		y.values[f] = x.values[f].clone()
	}
	own := map[uint32]bool{}
	for _, e := range changes {
		y.put(e, own)
	}
	return y
}

func (x *Index) put(e Entry, own map[uint32]bool) {
	var key [6]byte
	copy(key[:], e.ID[2:])
	at, known := x.at[key]
	switch {
	case !known && !e.Live:
		return
	case !known && len(x.free) > 0:
		at, x.free = x.free[len(x.free)-1], x.free[:len(x.free)-1]
	case !known:
		at = x.n
		x.n++
	}
	b, i := x.own(at/rows, own), int(at%rows)
	if b.live.has(i) {
		x.live--
	}
	b.clear(i)
	if !e.Live {
		delete(x.at, key)
		x.free = append(x.free, at)
		return
	}
	x.set(b, i, e, key)
	x.at[key] = at
	x.live++
}

// own gives a block that may be written: one of this index alone.
func (x *Index) own(n uint32, own map[uint32]bool) *block {
	switch {
	case uint32(len(x.blocks)) == n:
		x.blocks = append(x.blocks, &block{})
	case !own[n]:
		x.blocks[n] = x.blocks[n].clone()
	}
	own[n] = true
	return x.blocks[n]
}

func (x *Index) set(b *block, i int, e Entry, key [6]byte) {
	b.live.add(i)
	b.id[i], b.price[i], b.km[i], b.listed[i], b.text[i], b.year[i] = key, int32(e.PriceMinor), int32(e.Km), int32(e.ListedAt.Unix()/60), e.Text, uint16(e.Year)
	member(&b.brands, x.brands.number(string(e.Brand))).add(i)
	e.Values[ByMake], e.Values[ByModel] = e.Make, e.Make+" "+e.Model
	for f := range facets {
		n := x.values[f].number(e.Values[f])
		b.vals[f][i] = n
		if !f.walked() {
			member(&b.is[f], n).add(i)
		}
	}
	for _, s := range e.Equipment {
		if piece := slices.Index(Equipment, s); piece >= 0 {
			b.has[piece].add(i)
		}
	}
}
