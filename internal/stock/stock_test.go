package stock_test

import (
	"math/rand/v2"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/pricing"
	"forecourt/internal/stock"
	"forecourt/internal/testkit"
)

const today = market.Date("2026-11-24") // a Tuesday

func TestTheDayOfACar(t *testing.T) {
	t.Parallel()
	m := &market.Market{Holidays: []market.Holiday{{Date: "2026-12-25"}, {Date: "2026-11-30", Regions: []string{"scotland"}}}}
	here, there := &network.Dealer{Code: "a"}, &network.Dealer{Code: "b"}
	scot := &network.Dealer{Code: "c", Region: "scotland"}
	for _, c := range []struct {
		ready market.Date
		at    *network.Dealer
		want  market.Date
	}{
		{"2026-12-03", here, "2026-12-03"},
		{"2026-12-03", there, "2026-12-10"},
		{"2026-12-18", there, "2026-12-28"}, // over a weekend and a holiday
		{"2026-11-24", here, "2026-11-26"},  // not before it is prepared
		{"2026-11-02", here, "2026-11-26"},  // late: no promise in the past
		{"2026-11-26", scot, "2026-12-04"},  // a holiday of the region that takes it
	} {
		car := &stock.Car{Dealer: "a", ReadyOn: c.ready}
		if got := car.ReadyAt(c.at, m, today); got != c.want {
			t.Errorf("ready on %s, at %s: %s, want %s", c.ready, c.at.Code, got, c.want)
		}
	}
}

func lines(k *testkit.Kit) []stock.Line {
	k.T.Helper()
	w := k.World.Now()
	var out []stock.Line
	for _, m := range w.Markets {
		for _, b := range w.Brands {
			for _, r := range w.Ranges(b.Code, m.Code, today) {
				mo, err := w.Model(b.Code, m.Code, r.Model, today)
				if err != nil {
					k.T.Fatal(err)
				}
				out = append(out, stock.Line{Market: m, Range: r, Model: mo, Dealers: w.Dealers(b.Code, m.Code, id.FlowNew), Cars: 4})
			}
		}
	}
	return out
}

// Every invented car can be built and sold as it is, has its own number and a day to come, and is the
// same when it is invented again.
func TestInventedCarsAreCars(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	seen := map[id.StockCar]bool{}
	stages := map[stock.Stage]int{}
	for _, l := range lines(k) {
		again := stock.Invent(l, today)
		for i, c := range stock.Invent(l, today) {
			if seen[c.ID] || *again[i] != *c {
				t.Errorf("%s comes twice or changes", c.ID)
			}
			seen[c.ID] = true
			stages[c.Stage]++
			if _, err := newcar.BuildOf(l.Model, c); err != nil {
				t.Errorf("%s %s: %v", c.ID, c.Selection, err)
			}
			if c.ReadyOn <= today || (c.VIN == "") != (c.Stage == stock.Build) {
				t.Errorf("%s: %s on %s with VIN %q", c.ID, c.Stage, c.ReadyOn, c.VIN)
			}
		}
	}
	if len(seen) < 100 || len(stages) != len(stock.Stages) {
		t.Errorf("%d cars, stages %v", len(seen), stages)
	}
}

// What is told of two cars is all there is: the effects sum to the difference of the totals.
func TestDifferencesSumToTheDifferenceOfTheTotals(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	r := rand.New(rand.NewPCG(1, 2))
	pairs := 0
	for _, l := range lines(k) {
		l.Cars = 12
		var quotes []pricing.Quote
		for _, c := range stock.Invent(l, today) {
			b, err := newcar.BuildOf(l.Model, c)
			if err != nil {
				t.Fatal(err)
			}
			quotes = append(quotes, b.Quote)
		}
		for range 40 {
			own, other := quotes[r.IntN(len(quotes))], quotes[r.IntN(len(quotes))]
			var sum int64
			ds := stock.Compare(l.Range, own, other)
			for _, d := range ds {
				sum += d.Effect
			}
			if sum != other.Total.Minor-own.Total.Minor {
				t.Fatalf("%s: differences sum to %d, totals to %d: %+v", l.Range.Model, sum, other.Total.Minor-own.Total.Minor, ds)
			}
			if a, b := stock.Distance(ds), stock.Distance(stock.Compare(l.Range, other, own)); a != b {
				t.Fatalf("%s: as far as %d there and %d back", l.Range.Model, a, b)
			}
			pairs++
		}
		if d := stock.Distance(stock.Compare(l.Range, quotes[0], quotes[0])); d != 0 {
			t.Errorf("a car is not like itself: %d", d)
		}
	}
	if pairs < 500 {
		t.Errorf("only %d pairs", pairs)
	}
}

func TestAnEngineWeighsMoreThanAllTheRest(t *testing.T) {
	t.Parallel()
	part := func(g catalogue.Group, has, lacks id.Feature) stock.Difference {
		return stock.Difference{Kind: pricing.KindFeature, Group: g, Has: has, Lacks: lacks}
	}
	looks := []stock.Difference{part(catalogue.Colour, "a", "b"), part(catalogue.Wheels, "a", "b"), part(catalogue.Upholstery, "a", "b")}
	for range 50 {
		looks = append(looks, part(catalogue.Options, "x", ""))
	}
	engine := stock.Distance([]stock.Difference{part(catalogue.Engine, "a", "b")})
	colour := stock.Distance(looks[:1])
	extras := stock.Distance(looks[3:])
	if !(engine > stock.Distance(looks) && colour > extras && extras > stock.Distance(looks[3:4])) {
		t.Errorf("engine %d, all looks and extras %d, colour %d, extras %d", engine, stock.Distance(looks), colour, extras)
	}
	if n := stock.Distance([]stock.Difference{{Kind: pricing.KindFee, Label: "tax", Effect: 5}}); n != 0 {
		t.Errorf("a tax makes a car unlike: %d", n)
	}
}
