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

// line is a car in the index: what a search looks at, and nothing else. A million of them are 48 MB.
type line struct {
	id     [6]byte // without "U-"
	vals   [facets]uint16
	price  int32 // minor units
	km     int32
	listed int32 // minutes since 1970
	text   int32
	year   uint16
	equip  uint32 // bits of Equipment
	brand  uint8
	live   bool
}

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

// chunk is how many lines are copied when one of them changes.
const chunk = 4096

// Index is every car of a market that can be bought, as of one instant. It never changes: With makes a new one that shares
// what stayed.
type Index struct {
	chunks [][]line
	at     map[[6]byte]uint32 // where a car's line is; used by With alone
	free   []uint32           // lines of cars that are gone
	n      uint32
	brands words
	values [facets]words
	live   int
	serial uint64
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
	y := &Index{chunks: slices.Clone(x.chunks), at: x.at, free: slices.Clone(x.free), n: x.n, brands: x.brands.clone(), live: x.live, serial: x.serial + 1}
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
	l := x.own(at, own)
	if l.live {
		x.live--
	}
	if !e.Live {
		*l = line{}
		delete(x.at, key)
		x.free = append(x.free, at)
		return
	}
	*l = x.lineOf(e, key)
	x.at[key] = at
	x.live++
}

// own gives a line that may be written: in a chunk of this index alone.
func (x *Index) own(at uint32, own map[uint32]bool) *line {
	c := at / chunk
	for uint32(len(x.chunks)) <= c {
		x.chunks = append(x.chunks, make([]line, chunk))
		own[uint32(len(x.chunks)-1)] = true
	}
	if !own[c] {
		x.chunks[c] = slices.Clone(x.chunks[c])
		own[c] = true
	}
	return &x.chunks[c][at%chunk]
}

func (x *Index) lineOf(e Entry, key [6]byte) line {
	l := line{id: key, price: int32(e.PriceMinor), km: int32(e.Km), listed: int32(e.ListedAt.Unix() / 60), text: e.Text, year: uint16(e.Year), brand: uint8(x.brands.number(string(e.Brand))), live: true}
	e.Values[ByMake], e.Values[ByModel] = e.Make, e.Make+" "+e.Model
	for f := range e.Values {
		l.vals[f] = x.values[f].number(e.Values[f])
	}
	for _, s := range e.Equipment {
		if i := slices.Index(Equipment, s); i >= 0 {
			l.equip |= 1 << i
		}
	}
	return l
}
