package usedcars

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"forecourt/internal/id"
)

// many makes an index of n cars of one market, as their dealers would list them; each is told.
func many(n int, each func(Entry)) *Index {
	r := rand.New(rand.NewPCG(1, 2))
	x, some := newIndex(), make([]Entry, 0, batch)
	for i := range n {
		e := Entry{ID: id.UsedCar("U-" + fmt.Sprintf("%06d", i)), Brand: "renault", Market: "it", Live: true, Make: "Renault", Model: "Model " + strconv.Itoa(r.IntN(60)), PriceMinor: int64(300000 + r.IntN(3_000_000)),
			Km: r.IntN(200000), Year: 2014 + r.IntN(12), Text: int32(r.IntN(4000)), ListedAt: time.Unix(int64(r.IntN(100_000_000)), 0)}
		pick := func(of []string) string { return of[r.IntN(len(of))] }
		e.Values[ByFuel], e.Values[ByGearbox], e.Values[ByBody], e.Values[ByColour] = pick(Fuels), pick(Gearboxes), pick(Bodies), pick(Colours)
		e.Values[ByDoors], e.Values[ByEmission], e.Values[ByDealer] = strconv.Itoa(3+2*r.IntN(2)), pick(Emissions), "dealer-"+strconv.Itoa(r.IntN(300))
		for _, s := range Equipment {
			if r.IntN(2) == 0 {
				e.Equipment = append(e.Equipment, s)
			}
		}
		each(e)
		if some = append(some, e); len(some) == batch {
			x, some = x.With(some), some[:0]
		}
	}
	return x.With(some)
}

func threeFacets() Ask {
	a := Ask{Brand: "renault", Most: 24, Sort: Cheapest, PriceTo: 2_000_000}
	a.Values[ByFuel], a.Values[ByBody], a.Values[ByGearbox] = []string{"hybrid", "electric"}, []string{"suv"}, []string{"automatic"}
	return a
}

// BenchmarkFind asks a market with a million cars: with three facets and everything counted, with none, and beside it a bare
// look at the price of each, which is the least that an answer without any index costs.
func BenchmarkFind(b *testing.B) {
	x, three := many(1_000_000, func(Entry) {}), threeFacets()
	b.Run("three facets", func(b *testing.B) {
		for b.Loop() {
			if x.Find(three).Total == 0 {
				b.Fatal("nothing is found")
			}
		}
	})
	b.Run("no facet", func(b *testing.B) {
		for b.Loop() {
			x.Find(Ask{Most: 24})
		}
	})
	b.Run("bare pass", func(b *testing.B) {
		for b.Loop() {
			n := 0
			for _, c := range x.blocks {
				for i, price := range c.price {
					if c.live.has(i) && price < 2_000_000 {
						n++
					}
				}
			}
			if n == 0 {
				b.Fatal("nothing is there")
			}
		}
	})
	b.Run("one car changes", func(b *testing.B) {
		for b.Loop() {
			x = x.With([]Entry{{ID: "U-000001", Brand: "renault", Market: "it", Live: true, Make: "Renault", Model: "Model 1", PriceMinor: 999900}})
		}
	})
}
