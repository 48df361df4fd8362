package usedcar

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"forecourt/internal/finance"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/forms"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"
)

// Query is what a reader asks of the used cars, as the address says it. Whatever makes no sense is left out, so that every
// address answers. The list of cars and the alerts read it here, so that a saved search means what it meant on the page.
type Query struct {
	Words     string
	Near      string
	Within    int // of the market's unit of distance
	Values    map[usedcars.Facet][]string
	Equipment []string
	From, To  int64 // major units
	Monthly   int64
	YearFrom  int
	YearTo    int
	Far       int // the most that a car may have driven, of the market's unit
	Sort      usedcars.Sort
	Page      int
}

// Facets are the facets with their names in addresses, in reading order.
var Facets = []struct {
	Facet usedcars.Facet
	Name  string
	known []string // nil when any value may be
}{
	{usedcars.ByModel, "model", nil}, {usedcars.ByFuel, "fuel", usedcars.Fuels}, {usedcars.ByGearbox, "gearbox", usedcars.Gearboxes}, {usedcars.ByBody, "body", usedcars.Bodies},
	{usedcars.ByColour, "colour", usedcars.Colours}, {usedcars.ByDoors, "doors", nil}, {usedcars.ByEmission, "emission", usedcars.Emissions}, {usedcars.ByMake, "make", nil}, {usedcars.ByDealer, "dealer", nil},
}

// Bounds of what an address may ask.
const (
	mostChosen = 30  // values of one facet
	mostNumber = 1e7 // of a price or a distance, in whole units
	wordsLong  = 80  // runes of the words
	nearLong   = 60
	valueLong  = 120
)

// MostPages is how far a list is turned: nobody turns more, and every page of a search keeps all before it.
const MostPages = 400

// CarsAPage is how many cars a page of a list has.
const CarsAPage = 24

// ReadQuery reads an address.
func ReadQuery(v url.Values) Query {
	q := Query{Words: cut(forms.Line(v.Get("q")), wordsLong), Near: cut(forms.Line(v.Get("near")), nearLong), Values: map[usedcars.Facet][]string{}, Page: 1,
		Within: int(whole(v, "within")), From: whole(v, "min"), To: whole(v, "max"), Monthly: whole(v, "monthly"), YearFrom: int(whole(v, "year_from")), YearTo: int(whole(v, "year_to")), Far: int(whole(v, "km"))}
	for _, f := range Facets {
		for _, x := range v[f.Name] {
			if x = cut(forms.Line(x), valueLong); x != "" && (f.known == nil || slices.Contains(f.known, x)) && len(q.Values[f.Facet]) < mostChosen && !slices.Contains(q.Values[f.Facet], x) {
				q.Values[f.Facet] = append(q.Values[f.Facet], x)
			}
		}
	}
	for _, x := range v["eq"] {
		if slices.Contains(usedcars.Equipment, x) && !slices.Contains(q.Equipment, x) {
			q.Equipment = append(q.Equipment, x)
		}
	}
	if s := usedcars.Sort(v.Get("sort")); slices.Contains(usedcars.Sorts, s) {
		q.Sort = s
	}
	if n := whole(v, "page"); n > 1 {
		q.Page = int(min(n, MostPages))
	}
	return q
}

// ReadSaved reads what Saved wrote.
func ReadSaved(s string) Query {
	v, _ := url.ParseQuery(s) // what is no address asks for nothing
	return ReadQuery(v)
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// whole reads a number of whole units; 0 when it is none.
func whole(v url.Values, name string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(v.Get(name)), 10, 64)
	if err != nil || n < 0 || n > mostNumber {
		return 0
	}
	return n
}

// Address writes the query again, with every list in one order, so that one search has one address.
func (q Query) Address() url.Values {
	v := url.Values{}
	set := func(name, x string) {
		if x != "" && x != "0" {
			v.Set(name, x)
		}
	}
	set("q", q.Words)
	set("near", q.Near)
	for name, n := range map[string]int64{"within": int64(q.Within), "min": q.From, "max": q.To, "monthly": q.Monthly, "year_from": int64(q.YearFrom), "year_to": int64(q.YearTo), "km": int64(q.Far)} {
		set(name, strconv.FormatInt(n, 10))
	}
	for _, f := range Facets {
		v[f.Name] = slices.Sorted(slices.Values(q.Values[f.Facet]))
	}
	v["eq"] = slices.Sorted(slices.Values(q.Equipment))
	set("sort", string(q.Sort))
	if q.Page > 1 {
		set("page", strconv.Itoa(q.Page))
	}
	return v
}

// URL is the list of the query's cars in a shop.
func (q Query) URL(shop string) string {
	if s := q.Address().Encode(); s != "" {
		return shop + "/used?" + s
	}
	return shop + "/used"
}

// Saved is the query without what only a page needs: two that find the same cars are the same.
func (q Query) Saved() string {
	q.Sort, q.Page = "", 1
	return q.Address().Encode()
}

// In is where and when a query is asked.
type In struct {
	World  *world.World
	Brand  id.Brand
	Market *market.Market
	Day    market.Date
}

// Place is where the query's distances count from; nil when it names no place that is known there.
func (q Query) Place(in In) *network.Place {
	if q.Near == "" {
		return nil
	}
	if at, ok := in.World.Places(in.Market.Code).Find(in.Market.Code, q.Near); ok {
		return &at
	}
	return nil
}

// Ask turns the query into a question to the index. A place that nobody knows asks for no distance; the words are the
// caller's to look up, see usedcars.FindWords.
func (q Query) Ask(in In, at *network.Place) usedcars.Ask {
	a := usedcars.Ask{Brand: in.Brand, Equipment: q.Equipment, YearFrom: q.YearFrom, YearTo: q.YearTo, KmTo: in.Market.Km(q.Far), Sort: q.Sort, From: (q.Page - 1) * CarsAPage, Most: CarsAPage,
		PriceFrom: q.From * 100, PriceTo: q.To * 100}
	for f, vs := range q.Values {
		a.Values[f] = vs
	}
	if at != nil {
		a.Near, a.WithinKm = Distances(in, *at), float64(in.Market.Km(q.Within))
		if q.Sort == "" {
			a.Sort = usedcars.Nearest
		}
	}
	if q.Monthly > 0 {
		if most := priceFor(in, q.Monthly*100); a.PriceTo == 0 || most < a.PriceTo {
			a.PriceTo = most
		}
	}
	return a
}

// Distances are the kilometres from a place to each dealer of used cars.
func Distances(in In, at network.Place) map[id.Dealer]float64 {
	out := map[id.Dealer]float64{}
	for _, d := range in.World.Dealers(in.Brand, in.Market.Code, Flow) {
		out[d.Code] = float64(network.Metres(at.Lat, at.Lon, d.Lat, d.Lon)) / 1000
	}
	return out
}

// priceFor is the highest price in minor units whose instalment, by the market's example of the day, is not above an amount.
// The instalment grows with the price, so halving finds it.
func priceFor(in In, monthly int64) int64 {
	law, ok := in.Market.FinanceAt(in.Day)
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

// Without is the query with one of its choices taken away, on its first page.
func (q Query) Without(take func(*Query)) Query {
	out := q
	out.Values = map[usedcars.Facet][]string{}
	for f, vs := range q.Values {
		out.Values[f] = slices.Clone(vs)
	}
	out.Equipment, out.Page = slices.Clone(q.Equipment), 1
	take(&out)
	return out
}

func dropped(from []string, x string) []string {
	return slices.DeleteFunc(slices.Clone(from), func(s string) bool { return s == x })
}
