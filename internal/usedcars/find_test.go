package usedcars

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"forecourt/internal/id"

	"pgregory.net/rapid"
)

func drawEntry(t *rapid.T, i int) Entry {
	pick := func(name string, of []string) string { return rapid.SampledFrom(of).Draw(t, name) }
	e := Entry{ID: id.UsedCar(fmt.Sprintf("U-%06d", i)), Brand: id.Brand(pick("brand", []string{"dacia", "renault"})), Market: "it", Live: rapid.IntRange(0, 9).Draw(t, "live") > 0,
		Make: pick("make", []string{"Renault", "Dacia", "Ford"}), Model: pick("model", []string{"Clio", "Duster", "Ka"}), PriceMinor: int64(rapid.IntRange(1, 9).Draw(t, "price")) * 100000,
		Km: rapid.IntRange(0, 9).Draw(t, "km") * 10000, Year: 2015 + rapid.IntRange(0, 9).Draw(t, "year"), Text: int32(rapid.IntRange(1, 5).Draw(t, "text")),
		ListedAt: time.Unix(int64(rapid.IntRange(0, 9).Draw(t, "listed"))*86400, 0)}
	e.Values[ByFuel], e.Values[ByGearbox] = pick("fuel", Fuels), pick("gearbox", Gearboxes)
	e.Values[ByBody], e.Values[ByColour] = pick("body", Bodies), pick("colour", Colours)
	e.Values[ByDoors], e.Values[ByEmission], e.Values[ByDealer] = strconv.Itoa(3+2*rapid.IntRange(0, 1).Draw(t, "doors")), pick("emission", Emissions), pick("dealer", []string{"roma", "milano", "torino"})
	e.Equipment = rapid.SliceOfNDistinct(rapid.SampledFrom(Equipment[:4]), 0, 3, rapid.ID).Draw(t, "equipment")
	return e
}

func (e Entry) of(f Facet) string {
	switch f {
	case ByMake:
		return e.Make
	case ByModel:
		return e.Make + " " + e.Model
	}
	return e.Values[f]
}

// fits is the slow and plain reading of a question, with one facet left out.
func (e Entry) fits(a Ask, without Facet) bool {
	if !e.Live || a.Brand != "" && e.Brand != a.Brand || e.PriceMinor < a.PriceFrom || a.PriceTo > 0 && e.PriceMinor > a.PriceTo || e.Year < a.YearFrom || a.YearTo > 0 && e.Year > a.YearTo || a.KmTo > 0 && e.Km > a.KmTo {
		return false
	}
	for _, s := range a.Equipment {
		if !slices.Contains(e.Equipment, s) {
			return false
		}
	}
	if a.Worded && !slices.Contains(a.Texts, e.Text) {
		return false
	}
	if a.Near != nil && a.WithinKm > 0 {
		if km, ok := a.Near[id.Dealer(e.of(ByDealer))]; !ok || km > a.WithinKm {
			return false
		}
	}
	for f := range facets {
		if f != without && len(a.Values[f]) > 0 && !slices.Contains(a.Values[f], e.of(f)) {
			return false
		}
	}
	return true
}

func drawAsk(t *rapid.T) Ask {
	a := Ask{Most: rapid.IntRange(0, 30).Draw(t, "most"), From: rapid.IntRange(0, 3).Draw(t, "from"), Sort: rapid.SampledFrom(Sorts).Draw(t, "sort")}
	some := func(f Facet, of []string) {
		a.Values[f] = rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, 2, rapid.ID).Draw(t, fmt.Sprint("facet", f))
	}
	some(ByMake, []string{"Renault", "Dacia", "Ford", "Fiat"})
	some(ByFuel, Fuels)
	some(ByColour, Colours)
	some(ByDealer, []string{"roma", "milano", "bari"})
	a.Equipment = rapid.SliceOfNDistinct(rapid.SampledFrom(Equipment[:4]), 0, 1, rapid.ID).Draw(t, "must")
	if rapid.Bool().Draw(t, "ranges") {
		a.Brand, a.PriceFrom, a.PriceTo, a.YearFrom, a.KmTo = "renault", 200000, 800000, 2016, 80000
	}
	if rapid.Bool().Draw(t, "near") {
		a.Near, a.WithinKm = map[id.Dealer]float64{"roma": 3.5, "milano": 480}, float64(rapid.IntRange(0, 2).Draw(t, "within")*100)
	}
	if rapid.Bool().Draw(t, "worded") {
		a.Worded, a.Texts = true, []int32{1, 4}
	}
	return a
}

// Every count of every choice is what a plain look at all cars gives, whatever changed before.
func TestCountsAndCarsAreThoseOfAPlainLook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, cars := newIndex(), map[id.UsedCar]Entry{}
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			var changes []Entry
			for range rapid.IntRange(0, 25).Draw(t, "changes") {
				e := drawEntry(t, rapid.IntRange(0, 30).Draw(t, "id"))
				changes, cars[e.ID] = append(changes, e), e
			}
			x = x.With(changes)
		}
		a := drawAsk(t)
		got := x.Find(a)
		plainly(t, cars, a, got)
	})
}

// More cars than a block holds are counted as well, before and after some of them go.
func TestCountsOverManyBlocks(t *testing.T) {
	t.Parallel()
	cars := map[id.UsedCar]Entry{}
	x := many(2*rows+100, func(e Entry) { cars[e.ID] = e })
	dealer, model := threeFacets(), threeFacets()
	dealer.Values[ByDealer] = []string{"dealer-7", "dealer-8", "dealer-9", "nobody"}
	model.Values[ByModel], model.Equipment = []string{"Renault Model 3", "Renault Model 4"}, []string{"air"}
	asks := []Ask{{Most: 24}, threeFacets(), dealer, model, {Brand: "dacia", Most: 3}}
	for range 2 {
		for _, a := range asks {
			plainly(t, cars, a, x.Find(a))
		}
		near := Ask{YearFrom: 2018, YearTo: 2020}
		near.Values[ByModel] = []string{"Renault Model 3"}
		below := near
		below.PriceTo = 1_499_999
		above := near
		above.PriceFrom = 1_500_001
		if alike, cheaper, dearer := x.Alike("Renault Model 3", 2019, 1_500_000); alike != x.Find(near).Total || cheaper != x.Find(below).Total || dearer != x.Find(above).Total || cheaper == 0 || dearer == 0 {
			t.Errorf("%d alike, %d cheaper", alike, cheaper)
		}
		var gone []Entry
		for key, e := range cars {
			if len(gone) < rows {
				e.Live = false
				cars[key], gone = e, append(gone, e)
			}
		}
		x = x.With(gone)
	}
}

// failing is a test, or one try of a property.
type failing interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

func plainly(t failing, cars map[id.UsedCar]Entry, a Ask, got Found) {
	total, dealers := 0, map[string]bool{}
	for _, e := range cars {
		if e.fits(a, facets) {
			total++
			dealers[e.of(ByDealer)] = true
		}
	}
	if got.Total != total || got.Dealers != len(dealers) {
		t.Fatalf("%d cars at %d dealers, a plain look finds %d at %d", got.Total, got.Dealers, total, len(dealers))
	}
	for f := range facets {
		want := map[string]int{}
		for _, e := range cars {
			if e.fits(a, f) {
				want[e.of(f)]++
			}
		}
		for _, c := range got.Counts[f] {
			if c.Cars != want[c.Value] || c.On != slices.Contains(a.Values[f], c.Value) {
				t.Fatalf("facet %d says %+v, a plain look counts %d", f, c, want[c.Value])
			}
			delete(want, c.Value)
		}
		if len(want) > 0 {
			t.Fatalf("facet %d is silent about %v", f, want)
		}
	}
	if shown := max(0, min(a.From+a.Most, total)-a.From); len(got.Cars) != shown {
		t.Fatalf("%d cars shown, not %d", len(got.Cars), shown)
	}
	seen := map[id.UsedCar]bool{}
	for i, c := range got.Cars {
		if seen[c] || !cars[c].fits(a, facets) {
			t.Fatalf("car %s is shown twice or does not fit", c)
		}
		seen[c] = true
		if a.Sort == Cheapest && i > 0 && cars[got.Cars[i-1]].PriceMinor > cars[c].PriceMinor {
			t.Fatal("a dearer car stands before a cheaper one")
		}
	}
}

// An index that somebody still reads stays as it was.
func TestAnIndexNeverChanges(t *testing.T) {
	t.Parallel()
	e := Entry{ID: "U-234567", Market: "it", Brand: "dacia", Live: true, Make: "Dacia", Model: "Duster", PriceMinor: 100}
	old := newIndex().With([]Entry{e})
	e.PriceMinor = 200
	next := old.With([]Entry{e})
	if c := old.Find(Ask{PriceTo: 150}).Total; c != 1 {
		t.Errorf("the old index finds %d cars at the old price", c)
	}
	e.Live = false
	if n := next.With([]Entry{e}).Live(); n != 0 || next.Live() != 1 {
		t.Errorf("%d cars live after the last went, %d before", n, next.Live())
	}
}
