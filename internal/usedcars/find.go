package usedcars

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"forecourt/internal/id"
)

// Sort is an order of cars.
type Sort string

// The orders; words are in the catalogues as used.sort.<code>.
const (
	Newest   Sort = "newest"
	Cheapest Sort = "cheapest"
	Dearest  Sort = "dearest"
	LeastKm  Sort = "km"
	Youngest Sort = "youngest"
	Nearest  Sort = "nearest" // needs Near
)

// Sorts lists them.
var Sorts = []Sort{Newest, Cheapest, Dearest, LeastKm, Youngest, Nearest}

// Ask is a question to an index. Empty fields ask for nothing.
type Ask struct {
	Brand              id.Brand
	Values             [facets][]string // any of these; a model is "Renault Clio"
	Equipment          []string         // all of these
	PriceFrom, PriceTo int64            // minor units
	YearFrom, YearTo   int
	KmTo               int
	Near               map[id.Dealer]float64 // kilometres to each dealer
	WithinKm           float64
	Worded             bool    // only cars with these Texts
	Texts              []int32 // see FindWords
	Sort               Sort
	From, Most         int // the first car shown, counted from 0, and how many
}

// Count is one choice of a facet and how many cars it would leave.
type Count struct {
	Value string
	Cars  int
	On    bool // chosen now
}

// Found answers an Ask.
type Found struct {
	Total     int
	Cars      []id.UsedCar // of the page
	Counts    [facets][]Count
	Equipment []Count
	Dealers   int // at which the found cars stand
}

// plan is an Ask in the index's own numbers.
type plan struct {
	brand            int
	want             [facets][]bool // nil when anything is fine
	equip            uint32
	priceLo, priceHi int32
	yearLo, yearHi   uint16
	kmHi             int32
	near             []int32 // metres by dealer; nil when nobody asked
	within           int32
	texts            []bool
	worded           bool
	sort             Sort
	counts           [facets][]int32
	pieces           [32]int32
	total, keep      int
	best             []ranked
}

type ranked struct {
	key int64
	id  [6]byte
}

// Find answers a question in one pass. Of each facet it counts what every choice would leave with that facet's own filter
// taken away: a car that fails in one facet alone counts there, one that fails in none counts everywhere.
func (x *Index) Find(a Ask) Found {
	p := x.plan(a)
	for _, c := range x.chunks {
		for i := range c {
			if c[i].live {
				p.look(&c[i])
			}
		}
	}
	return x.found(a, p)
}

func (x *Index) plan(a Ask) *plan {
	p := &plan{brand: -1, priceLo: clamp(a.PriceFrom), priceHi: math.MaxInt32, yearLo: uint16(max(0, min(a.YearFrom, math.MaxUint16))), yearHi: math.MaxUint16, kmHi: math.MaxInt32, within: math.MaxInt32,
		worded: a.Worded, sort: a.Sort, keep: max(0, a.From) + max(0, a.Most)}
	if a.Brand != "" {
		p.brand = math.MaxInt // a brand without cars
		if n, ok := x.brands.at[string(a.Brand)]; ok {
			p.brand = int(n)
		}
	}
	if a.PriceTo > 0 {
		p.priceHi = clamp(a.PriceTo)
	}
	if a.YearTo > 0 {
		p.yearHi = uint16(min(a.YearTo, math.MaxUint16))
	}
	if a.KmTo > 0 {
		p.kmHi = clamp(int64(a.KmTo))
	}
	for f := range facets {
		p.counts[f] = make([]int32, len(x.values[f].all))
		if len(a.Values[f]) == 0 {
			continue
		}
		p.want[f] = make([]bool, len(x.values[f].all))
		for _, v := range a.Values[f] {
			if n, ok := x.values[f].at[v]; ok {
				p.want[f][n] = true
			}
		}
	}
	p.must(a)
	p.distances(x, a)
	return p
}

func clamp(n int64) int32 { return int32(max(0, min(n, math.MaxInt32))) }

// must sets which equipment and which texts a car must have.
func (p *plan) must(a Ask) {
	for _, s := range a.Equipment {
		if i := slices.Index(Equipment, s); i >= 0 {
			p.equip |= 1 << i
		}
	}
	if !a.Worded {
		return
	}
	most := int32(-1)
	for _, t := range a.Texts {
		most = max(most, t)
	}
	p.texts = make([]bool, most+1)
	for _, t := range a.Texts {
		p.texts[t] = true
	}
}

func (p *plan) distances(x *Index, a Ask) {
	if a.Near == nil {
		return
	}
	p.near = make([]int32, len(x.values[ByDealer].all))
	for i, d := range x.values[ByDealer].all {
		km, ok := a.Near[id.Dealer(d)]
		if !ok {
			km = math.MaxInt32 / 1000
		}
		p.near[i] = int32(km * 1000)
	}
	if a.WithinKm > 0 {
		p.within = int32(a.WithinKm * 1000)
	}
}

// fails tells in which facet alone a car does not fit, facets when it fits altogether; false when it is further off. What a
// search means is said here and nowhere else: the alerts ask here too.
func (p *plan) fails(l *line) (Facet, bool) {
	failed := facets
	if p.brand >= 0 && int(l.brand) != p.brand || l.price < p.priceLo || l.price > p.priceHi || l.year < p.yearLo || l.year > p.yearHi || l.km > p.kmHi || l.equip&p.equip != p.equip {
		return failed, false
	}
	if p.near != nil && p.near[l.vals[ByDealer]] > p.within {
		return failed, false
	}
	if p.worded && (int(l.text) >= len(p.texts) || !p.texts[l.text]) {
		return failed, false
	}
	for f := range facets {
		if w := p.want[f]; w != nil && !w[l.vals[f]] {
			if failed != facets {
				return failed, false
			}
			failed = f
		}
	}
	return failed, true
}

// look counts one car.
func (p *plan) look(l *line) {
	failed, near := p.fails(l)
	if !near {
		return
	}
	if failed != facets {
		p.counts[failed][l.vals[failed]]++
		return
	}
	p.total++
	for f := range facets {
		p.counts[f][l.vals[f]]++
	}
	for e := l.equip; e != 0; e &= e - 1 {
		p.pieces[bits.TrailingZeros32(e)]++
	}
	p.rank(l)
}

// rank keeps the best cars in a heap whose root is the worst of them.
func (p *plan) rank(l *line) {
	if p.keep == 0 {
		return
	}
	r := ranked{p.key(l), l.id}
	if len(p.best) < p.keep {
		p.best = append(p.best, r)
		up(p.best)
		return
	}
	if before(r, p.best[0]) {
		p.best[0] = r
		down(p.best)
	}
}

func (p *plan) key(l *line) int64 {
	switch p.sort {
	case Cheapest:
		return int64(l.price)
	case Dearest:
		return -int64(l.price)
	case LeastKm:
		return int64(l.km)
	case Youngest:
		return -int64(l.year)<<32 | int64(l.km)
	case Nearest:
		if p.near != nil {
			return int64(p.near[l.vals[ByDealer]])<<32 | int64(l.price)
		}
	}
	return -int64(l.listed)
}

func before(a, b ranked) bool {
	if a.key != b.key {
		return a.key < b.key
	}
	return string(a.id[:]) < string(b.id[:])
}

func up(h []ranked) {
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if !before(h[parent], h[i]) {
			return
		}
		h[parent], h[i] = h[i], h[parent]
		i = parent
	}
}

func down(h []ranked) {
	for i := 0; ; {
		worst := i
		for _, c := range []int{2*i + 1, 2*i + 2} {
			if c < len(h) && before(h[worst], h[c]) {
				worst = c
			}
		}
		if worst == i {
			return
		}
		h[worst], h[i] = h[i], h[worst]
		i = worst
	}
}

func (x *Index) found(a Ask, p *plan) Found {
	out := Found{Total: p.total}
	slices.SortFunc(p.best, func(a, b ranked) int {
		if a == b {
			return 0
		}
		if before(a, b) {
			return -1
		}
		return 1
	})
	for i := max(0, a.From); i < len(p.best); i++ {
		out.Cars = append(out.Cars, id.UsedCar("U-"+string(p.best[i].id[:])))
	}
	for f := range facets {
		for n, v := range x.values[f].all {
			on := p.want[f] != nil && p.want[f][n]
			if cars := int(p.counts[f][n]); cars > 0 || on {
				out.Counts[f] = append(out.Counts[f], Count{v, cars, on})
			}
		}
		slices.SortFunc(out.Counts[f], func(a, b Count) int { return cmp.Compare(a.Value, b.Value) })
	}
	for _, c := range out.Counts[ByDealer] {
		if c.Cars > 0 && (p.want[ByDealer] == nil || c.On) {
			out.Dealers++
		}
	}
	for i, s := range Equipment {
		on := p.equip&(1<<i) != 0
		if cars := int(p.pieces[i]); cars > 0 || on {
			out.Equipment = append(out.Equipment, Count{s, cars, on})
		}
	}
	return out
}
