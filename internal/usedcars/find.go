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

// plan is an Ask in the index's own numbers, and what was counted so far.
type plan struct {
	brand            int
	want             [facets][]bool // nil when anything is fine
	equip            []int
	priceLo, priceHi int32
	yearLo, yearHi   uint16
	kmHi             int32
	near             []int32 // metres by dealer; nil when nobody asked
	within           int32
	texts            []bool
	worded, bounded  bool // bounded: cars are looked at one by one
	sort             Sort
	counts           [facets][]int32
	pieces           [pieces]int32
	total, keep      int
	best             []ranked
}

// Find answers a question in one pass over the blocks. Of each facet it counts what every choice would leave with that facet's
// own filter taken away: a car that fails in one facet alone counts there, one that fails in none counts everywhere.
func (x *Index) Find(a Ask) Found {
	p := x.plan(a)
	for _, b := range x.blocks {
		p.look(b)
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
	p.bounded = a.PriceFrom > 0 || a.PriceTo > 0 || a.YearFrom > 0 || a.YearTo > 0 || a.KmTo > 0 || a.Worded || p.near != nil && a.WithinKm > 0
	return p
}

func clamp(n int64) int32 { return int32(max(0, min(n, math.MaxInt32))) }

// must sets which equipment and which texts a car must have.
func (p *plan) must(a Ask) {
	for _, s := range a.Equipment {
		if i := slices.Index(Equipment, s); i >= 0 {
			p.equip = append(p.equip, i)
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

// look counts the cars of a block.
func (p *plan) look(b *block) {
	fit, once, ok := p.sieve(b)
	for f := range facets {
		of := fit
		if p.want[f] != nil {
			// Who fails here and nowhere else would be found without this filter.
			for w := range of {
				of[w] |= once[w] &^ ok[f][w]
			}
		}
		p.tally(b, f, &of)
	}
	n := fit.count()
	if n == 0 {
		return
	}
	p.total += int(n)
	for i := range Equipment {
		p.pieces[i] += fit.common(&b.has[i])
	}
	p.rank(b, &fit)
}

// sieve tells which cars fit, which fail in exactly one facet, and who passes each facet that something is asked of.
func (p *plan) sieve(b *block) (fit, once mask, ok [facets]mask) {
	if p.brand >= len(b.brands) {
		return
	}
	fit = b.live
	if p.brand >= 0 {
		fit.and(&b.brands[p.brand])
	}
	for _, i := range p.equip {
		fit.and(&b.has[i])
	}
	for f := range facets {
		if p.want[f] == nil {
			continue
		}
		ok[f] = p.passes(b, f, &fit, &once)
		for w := range fit {
			once[w] = once[w]&ok[f][w] | fit[w]&^ok[f][w]
			fit[w] &= ok[f][w]
		}
	}
	if p.bounded {
		p.bound(b, &fit)
		p.bound(b, &once)
	}
	return
}

// passes is who has a wanted value, of those in either set.
func (p *plan) passes(b *block, f Facet, fit, once *mask) (ok mask) {
	want := p.want[f]
	if !f.walked() {
		for n := range b.is[f] {
			if want[n] {
				ok.or(&b.is[f][n])
			}
		}
		return ok
	}
	for w := range fit {
		for left := fit[w] | once[w]; left != 0; left &= left - 1 {
			if i := w<<6 | bits.TrailingZeros64(left); want[b.vals[f][i]] {
				ok.add(i)
			}
		}
	}
	return ok
}

// bound leaves the cars that are within every bound.
func (p *plan) bound(b *block, m *mask) {
	for w := range m {
		for left := m[w]; left != 0; left &= left - 1 {
			if i := w<<6 | bits.TrailingZeros64(left); !p.inBounds(b, i) {
				m.drop(i)
			}
		}
	}
}

func (p *plan) inBounds(b *block, i int) bool {
	if n := b.price[i]; n < p.priceLo || n > p.priceHi {
		return false
	}
	if y := b.year[i]; y < p.yearLo || y > p.yearHi || b.km[i] > p.kmHi {
		return false
	}
	if p.near != nil && p.near[b.vals[ByDealer][i]] > p.within {
		return false
	}
	return !p.worded || int(b.text[i]) < len(p.texts) && p.texts[b.text[i]]
}

// tally counts the values of a facet among some cars.
func (p *plan) tally(b *block, f Facet, of *mask) {
	counts := p.counts[f]
	if !f.walked() {
		for n := range b.is[f] {
			counts[n] += of.common(&b.is[f][n])
		}
		return
	}
	vals := &b.vals[f]
	for w, left := range of {
		for ; left != 0; left &= left - 1 {
			counts[vals[w<<6|bits.TrailingZeros64(left)]]++
		}
	}
}

type ranked struct {
	key int64
	id  [6]byte
}

// rank keeps the best cars in a heap whose root is the worst of them.
func (p *plan) rank(b *block, of *mask) {
	if p.keep == 0 {
		return
	}
	for w, left := range of {
		for ; left != 0; left &= left - 1 {
			i := w<<6 | bits.TrailingZeros64(left)
			key := p.key(b, i)
			switch {
			case len(p.best) < p.keep:
				p.best = append(p.best, ranked{key, b.id[i]})
				up(p.best)
			case key <= p.best[0].key && before(ranked{key, b.id[i]}, p.best[0]):
				p.best[0] = ranked{key, b.id[i]}
				down(p.best)
			}
		}
	}
}

func (p *plan) key(b *block, i int) int64 {
	switch p.sort {
	case Cheapest:
		return int64(b.price[i])
	case Dearest:
		return -int64(b.price[i])
	case LeastKm:
		return int64(b.km[i])
	case Youngest:
		return -int64(b.year[i])<<32 | int64(b.km[i])
	case Nearest:
		if p.near != nil {
			return int64(p.near[b.vals[ByDealer][i]])<<32 | int64(b.price[i])
		}
	}
	return -int64(b.listed[i])
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
		on := slices.Contains(p.equip, i)
		if cars := int(p.pieces[i]); cars > 0 || on {
			out.Equipment = append(out.Equipment, Count{s, cars, on})
		}
	}
	return out
}

// Alike counts the cars of a make and model that were first registered within a year of the one given, and those of them that
// cost less and more than minor; the car itself counts among the first.
func (x *Index) Alike(title string, year int, minor int64) (alike, cheaper, dearer int) {
	model, ok := x.values[ByModel].at[title]
	if !ok {
		return 0, 0, 0
	}
	for _, b := range x.blocks {
		for i, m := range b.vals[ByModel] {
			if m != model || !b.live.has(i) || int(b.year[i]) < year-1 || int(b.year[i]) > year+1 {
				continue
			}
			alike++
			switch price := int64(b.price[i]); {
			case price < minor:
				cheaper++
			case price > minor:
				dearer++
			}
		}
	}
	return alike, cheaper, dearer
}
