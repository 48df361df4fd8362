package storefront

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"forecourt/internal/finance"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"
)

// usedQuery is what a reader asks of the used cars, as the address says it. Whatever makes no sense is left out, so that
// every address answers.
type usedQuery struct {
	words     string
	near      string
	within    int // of the market's unit of distance
	values    map[usedcars.Facet][]string
	equipment []string
	from, to  int64 // major units
	monthly   int64
	yearFrom  int
	yearTo    int
	far       int // the most that a car may have driven, of the market's unit
	sort      usedcars.Sort
	page      int
}

// usedFacets are the facets with their names in addresses, in reading order.
var usedFacets = []struct {
	facet usedcars.Facet
	name  string
	known []string // nil when any value may be
}{
	{usedcars.ByModel, "model", nil}, {usedcars.ByFuel, "fuel", usedcars.Fuels}, {usedcars.ByGearbox, "gearbox", usedcars.Gearboxes}, {usedcars.ByBody, "body", usedcars.Bodies},
	{usedcars.ByColour, "colour", usedcars.Colours}, {usedcars.ByDoors, "doors", nil}, {usedcars.ByEmission, "emission", usedcars.Emissions}, {usedcars.ByMake, "make", nil}, {usedcars.ByDealer, "dealer", nil},
}

// Bounds of what an address may ask.
const (
	mostChosen = 30  // values of one facet
	mostNumber = 1e7 // of a price or a distance, in whole units
	mostPages  = 400 // nobody turns more; every page of a search keeps all before it
	carsAPage  = 24  // of a list
	wordsLong  = 80  // runes of the words
)

func readUsedQuery(v url.Values) usedQuery {
	q := usedQuery{words: cut(web.CleanLine(v.Get("q")), wordsLong), near: cut(web.CleanLine(v.Get("near")), 60), values: map[usedcars.Facet][]string{}, page: 1,
		within: int(whole(v, "within")), from: whole(v, "min"), to: whole(v, "max"), monthly: whole(v, "monthly"), yearFrom: int(whole(v, "year_from")), yearTo: int(whole(v, "year_to")), far: int(whole(v, "km"))}
	for _, f := range usedFacets {
		for _, x := range v[f.name] {
			if x = cut(web.CleanLine(x), 120); x != "" && (f.known == nil || slices.Contains(f.known, x)) && len(q.values[f.facet]) < mostChosen && !slices.Contains(q.values[f.facet], x) {
				q.values[f.facet] = append(q.values[f.facet], x)
			}
		}
	}
	for _, x := range v["eq"] {
		if slices.Contains(usedcars.Equipment, x) && !slices.Contains(q.equipment, x) {
			q.equipment = append(q.equipment, x)
		}
	}
	if s := usedcars.Sort(v.Get("sort")); slices.Contains(usedcars.Sorts, s) {
		q.sort = s
	}
	if n := whole(v, "page"); n > 1 {
		q.page = int(min(n, mostPages))
	}
	return q
}

// whole reads a number of whole units; 0 when it is none.
func whole(v url.Values, name string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(v.Get(name)), 10, 64)
	if err != nil || n < 0 || n > mostNumber {
		return 0
	}
	return n
}

// address writes the query again, with every list in one order, so that one search has one address.
func (q usedQuery) address() url.Values {
	v := url.Values{}
	set := func(name, x string) {
		if x != "" && x != "0" {
			v.Set(name, x)
		}
	}
	set("q", q.words)
	set("near", q.near)
	for name, n := range map[string]int64{"within": int64(q.within), "min": q.from, "max": q.to, "monthly": q.monthly, "year_from": int64(q.yearFrom), "year_to": int64(q.yearTo), "km": int64(q.far)} {
		set(name, strconv.FormatInt(n, 10))
	}
	for _, f := range usedFacets {
		v[f.name] = slices.Sorted(slices.Values(q.values[f.facet]))
	}
	v["eq"] = slices.Sorted(slices.Values(q.equipment))
	set("sort", string(q.sort))
	if q.page > 1 {
		set("page", strconv.Itoa(q.page))
	}
	return v
}

func (q usedQuery) url(shop string) string {
	if s := q.address().Encode(); s != "" {
		return shop + "/used?" + s
	}
	return shop + "/used"
}

// ask turns the query into a question to the index. A place that nobody knows asks for no distance.
func (q usedQuery) ask(s *shop, at *network.Place) usedcars.Ask {
	a := usedcars.Ask{Brand: s.brand.Code, Equipment: q.equipment, YearFrom: q.yearFrom, YearTo: q.yearTo, KmTo: s.km(q.far), Sort: q.sort, From: (q.page - 1) * carsAPage, Most: carsAPage,
		PriceFrom: q.from * 100, PriceTo: q.to * 100}
	for f, vs := range q.values {
		a.Values[f] = vs
	}
	if at != nil {
		a.Near, a.WithinKm = map[id.Dealer]float64{}, float64(s.km(q.within))
		for _, d := range s.world.Dealers(s.brand.Code, s.market.Code, s.kind) {
			a.Near[d.Code] = float64(network.Metres(at.Lat, at.Lon, d.Lat, d.Lon)) / 1000
		}
		if q.sort == "" {
			a.Sort = usedcars.Nearest
		}
	}
	if q.monthly > 0 {
		if most := priceFor(s, q.monthly*100); a.PriceTo == 0 || most < a.PriceTo {
			a.PriceTo = most
		}
	}
	return a
}

// km is a distance of the market's unit in kilometres; a mile is 1.609344 of them.
func (s *shop) km(n int) int {
	if s.market.Distance == "mi" {
		return int(float64(n) * 1.609344)
	}
	return n
}

// priceFor is the highest price in minor units whose instalment, by the market's example of the day, is not above an amount.
// The instalment grows with the price, so halving finds it.
func priceFor(s *shop, monthly int64) int64 {
	law, ok := s.market.FinanceAt(s.day)
	if !ok {
		return mostNumber * 100
	}
	low, high := int64(1), int64(mostNumber*100)
	for low < high {
		mid := (low + high + 1) / 2
		if e, ok := finance.Of(law, mid); !ok || e.Each <= monthly {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}

// without is the query with one of its choices taken away, on its first page.
func (q usedQuery) without(take func(*usedQuery)) usedQuery {
	out := q
	out.values = map[usedcars.Facet][]string{}
	for f, vs := range q.values {
		out.values[f] = slices.Clone(vs)
	}
	out.equipment, out.page = slices.Clone(q.equipment), 1
	take(&out)
	return out
}

func dropped(from []string, x string) []string {
	return slices.DeleteFunc(slices.Clone(from), func(s string) bool { return s == x })
}
