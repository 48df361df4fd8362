package usedcars

import (
	"slices"
	"testing"

	"forecourt/internal/id"

	"pgregory.net/rapid"
)

// What a saved search is told of is what the list would show: a pile answers every question as the index of the same cars.
func TestAPileMatchesWhatFindFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var cars []Entry
		for i := range rapid.IntRange(1, 30).Draw(t, "cars") {
			cars = append(cars, drawEntry(t, i))
		}
		a := drawAsk(t)
		all := a
		all.From, all.Most = 0, len(cars)
		want := newIndex().With(cars).Find(all).Cars
		got := NewPile(cars).Match(a)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Fatalf("told of %v, the list shows %v", got, want)
		}
		for _, e := range cars {
			if e.fits(a, facets) != slices.Contains(got, e.ID) {
				t.Fatalf("a plain look at %s says otherwise", e.ID)
			}
		}
	})
}

// searched are questions as saved searches ask them, most of them narrow.
func searched(n int) []Ask {
	out := make([]Ask, n)
	for i := range out {
		a := Ask{Brand: "renault", PriceTo: int64(800000 + i%40*50000), YearFrom: 2014 + i%9}
		a.Values[ByModel] = []string{"Renault Model " + string(rune('0'+i%10))}
		switch i % 4 {
		case 1:
			a.Values[ByFuel] = []string{Fuels[i%len(Fuels)]}
		case 2:
			a.Near, a.WithinKm = map[id.Dealer]float64{}, 50
			for d := range 100 {
				a.Near[id.Dealer("dealer-"+string(rune('0'+d%10)))] = float64(i % 90)
			}
		case 3:
			a.Worded, a.Texts = true, []int32{int32(i % 50), int32(i % 60), int32(i % 70)}
		}
		out[i] = a
	}
	return out
}

// BenchmarkMatch holds a thousand new cars against ten thousand saved searches, beside a bare pass that compares a price only.
func BenchmarkMatch(b *testing.B) {
	var cars []Entry
	many(1000, func(e Entry) { cars = append(cars, e) })
	asks := searched(10_000)
	b.Run("10,000 searches, 1,000 cars", func(b *testing.B) {
		for b.Loop() {
			pile, n := NewPile(cars), 0
			for _, a := range asks {
				n += len(pile.Match(a))
			}
			if n == 0 {
				b.Fatal("nothing matches")
			}
		}
	})
	b.Run("bare pass", func(b *testing.B) {
		for b.Loop() {
			n := 0
			for i := range asks {
				for j := range cars {
					if cars[j].PriceMinor <= asks[i].PriceTo {
						n++
					}
				}
			}
			if n == 0 {
				b.Fatal("nothing is there")
			}
		}
	})
}
