package usedcars

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"forecourt/internal/id"
)

// invented are so many cars as their dealers would list them.
func invented(n int) []Entry {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]Entry, n)
	for i := range out {
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
		out[i] = e
	}
	return out
}

// million is an index of a market with a million cars.
func million(b *testing.B) *Index {
	b.Helper()
	x := newIndex()
	for some := range slices.Chunk(invented(1_000_000), batch) {
		x = x.With(some)
	}
	return x
}

// BenchmarkFind asks a market with a million cars: with three facets and everything counted, with none, and beside it a bare
// pass over the same lines, which is the least that any answer from memory costs.
func BenchmarkFind(b *testing.B) {
	x := million(b)
	three := Ask{Brand: "renault", Most: 24, Sort: Cheapest, PriceTo: 2_000_000}
	three.Values[ByFuel], three.Values[ByBody], three.Values[ByGearbox] = []string{"hybrid", "electric"}, []string{"suv"}, []string{"automatic"}
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
			for _, c := range x.chunks {
				for i := range c {
					if c[i].live && c[i].price < 2_000_000 {
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
