package configurator_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
)

var full = size{8, 6, 10, 6, 6, 40}

// fullRange is a range as large as a real one, with the rules such a range has: versions with standard
// equipment, engines and trims that go with some versions only, six packs, options that need or bar
// others.
func fullRange(rng *rand.Rand) *catalogue.Range {
	r := randomRange(rng, full, 0)
	amounts := r.Prices["it"][0].Amounts
	for i, f := range r.Features {
		steps := map[catalogue.Group]int64{catalogue.Version: 150_000, catalogue.Engine: 120_000, catalogue.Colour: 7_000, catalogue.Upholstery: 30_000, catalogue.Wheels: 40_000, catalogue.Options: 3_000}
		amounts[f.Code] = steps[f.Group] * (int64(i) % 9)
		if f.Group == catalogue.Version {
			amounts[f.Code] += 1_800_000
		}
	}
	code := func(g catalogue.Group, i int) id.Feature { return id.Feature(fmt.Sprintf("%s%d", g[:2], i)) }
	rule := func(kind catalogue.RuleKind, from id.Feature, any ...id.Feature) {
		r.Rules = append(r.Rules, catalogue.Rule{Kind: kind, If: from, Any: any})
	}
	for v := range 8 {
		std := []id.Feature{code(catalogue.Wheels, v%6), code(catalogue.Upholstery, v%6)}
		for o := range 2 * v {
			std = append(std, code(catalogue.Options, o))
		}
		rule(catalogue.Standard, code(catalogue.Version, v), std...)
		rule(catalogue.Excludes, code(catalogue.Version, v), code(catalogue.Engine, (v+3)%6), code(catalogue.Colour, (v+5)%10), code(catalogue.Wheels, (v+2)%6), code(catalogue.Upholstery, (v+3)%6))
	}
	for p := range 6 {
		pack := code(catalogue.Options, 34+p)
		rule(catalogue.Includes, pack, code(catalogue.Options, 14+p), code(catalogue.Options, 15+p), code(catalogue.Options, 20+p))
		rule(catalogue.Excludes, pack, code(catalogue.Version, p))
	}
	for o := 16; o < 34; o++ {
		to := rng.IntN(16)
		rule(catalogue.Requires, code(catalogue.Options, o), code(catalogue.Options, to), code(catalogue.Options, (to+3)%16))
		if o%3 == 0 {
			rule(catalogue.Requires, code(catalogue.Options, o), code(catalogue.Engine, o%6), code(catalogue.Engine, (o+1)%6))
			rule(catalogue.Excludes, code(catalogue.Options, o), code(catalogue.Options, o-2), code(catalogue.Colour, o%10))
		}
	}
	return r
}

func compiled(tb testing.TB, r *catalogue.Range) *configurator.Model {
	tb.Helper()
	mo, err := configurator.Compile(randomMarket(rand.New(rand.NewPCG(1, 1))), r, today)
	if err != nil {
		tb.Fatal(err)
	}
	return mo
}

// walk follows choices of pages at random, as a buyer who clicks on anything would.
func walk(tb testing.TB, mo *configurator.Model, rng *rand.Rand, clicks int, see func(configurator.Page)) {
	tb.Helper()
	s := mo.Default()
	for range clicks {
		p, err := mo.Page(s)
		if err != nil {
			tb.Fatalf("%v: %v", s, err)
		}
		see(p)
		g := p.Groups[rng.IntN(len(p.Groups))]
		s = g.Choices[rng.IntN(len(g.Choices))].Next
	}
}

func TestAnyClickOnAFullRangeLeadsToACar(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	mo := compiled(t, fullRange(rng))
	blocked := 0
	walk(t, mo, rng, 120, func(p configurator.Page) {
		for _, g := range p.Groups {
			for _, c := range g.Choices {
				if c.State == configurator.Blocked {
					blocked++
				}
				if err := mo.Check(c.Next); err != nil {
					t.Fatalf("%s %s leads to %v: %v", c.Feature.Code, c.State, c.Next, err)
				}
				if d := mo.Diff(p.Build.Selection, c.Next); d.Delta != c.Delta {
					t.Fatalf("%s: delta %s, diff %s", c.Feature.Code, c.Delta, d.Delta)
				}
			}
		}
		if p.Build.Quote.Total.Minor < mo.From().Total.Minor {
			t.Fatalf("%v is cheaper than from", p.Build.Selection)
		}
	})
	if blocked == 0 {
		t.Fatal("no choice was ever blocked: the range proves nothing")
	}
}

func TestOneModelServesManyAtOnce(t *testing.T) {
	t.Parallel()
	mo := compiled(t, fullRange(rand.New(rand.NewPCG(6, 6))))
	trails := make([]string, 8)
	var wg sync.WaitGroup
	for i := range trails {
		wg.Go(func() {
			walk(t, mo, rand.New(rand.NewPCG(9, 9)), 15, func(p configurator.Page) {
				trails[i] += configurator.Encode(p.Build.Selection) + "\n"
				mo.Default()[0], mo.From().Lines[0].Code = "spoilt", "spoilt" // ours to spoil
			})
		})
	}
	wg.Wait()
	if slices.ContainsFunc(trails, func(s string) bool { return s != trails[0] || s == "" }) {
		t.Fatalf("the same clicks led to different cars:\n%v", trails)
	}
}

// A range of nothing but random rules is far more tangled than any real one.
func TestATangledRangeStillAnswers(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(8, 8))
	for range 6 {
		mo, err := configurator.Compile(randomMarket(rng), randomRange(rng, full, 60), today)
		if err != nil {
			if !errors.Is(err, configurator.ErrRange) {
				t.Fatal(err)
			}
			continue
		}
		walk(t, mo, rng, 5, func(p configurator.Page) {
			if err := mo.Check(p.Build.Selection); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func BenchmarkPage(b *testing.B) {
	mo := compiled(b, fullRange(rand.New(rand.NewPCG(5, 5))))
	var cars []configurator.Selection
	blocked, choices := 0, 0
	walk(b, mo, rand.New(rand.NewPCG(3, 3)), 200, func(p configurator.Page) {
		cars = append(cars, p.Build.Selection)
		for _, g := range p.Groups {
			for _, c := range g.Choices {
				choices++
				if c.Clash != nil {
					blocked++
				}
			}
		}
	})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := mo.Page(cars[i%len(cars)]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(choices)/float64(len(cars)), "choices/page")
	b.ReportMetric(float64(blocked)/float64(len(cars)), "clashes/page")
}

func BenchmarkCompile(b *testing.B) {
	r := fullRange(rand.New(rand.NewPCG(5, 5)))
	b.ReportAllocs()
	for b.Loop() {
		compiled(b, r)
	}
}

func BenchmarkCompleteEmpty(b *testing.B) {
	mo := compiled(b, fullRange(rand.New(rand.NewPCG(5, 5))))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := mo.Complete(nil); err != nil {
			b.Fatal(err)
		}
	}
}
