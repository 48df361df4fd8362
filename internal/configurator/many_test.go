package configurator_test

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/catalogue/rangegen"
	"forecourt/internal/configurator"
	"forecourt/internal/market"
)

// generated is a range of a size and a market that it is sold in.
func generated(scale int) (*market.Market, *catalogue.Range) {
	f := rangegen.Generate(7, 1, scale)[0]
	r, problems := catalogue.DecodeRange(f.Name, f.Data)
	if len(problems) > 0 {
		panic(problems)
	}
	return randomMarket(rand.New(rand.NewPCG(1, 1))), r
}

// usual is a generated range of the usual size with its order: looking for one takes a while.
var usual = sync.OnceValues(func() (*market.Market, *catalogue.Range) {
	m, r := generated(1)
	if _, err := configurator.Publish(context.Background(), m, r, demoDay, configurator.DefaultBudget); err != nil {
		panic(err)
	}
	return m, r
})

func compiled(tb testing.TB, m *market.Market, r *catalogue.Range) *configurator.Model {
	tb.Helper()
	mo, err := configurator.Compile(m, r, demoDay)
	if err != nil {
		tb.Fatal(err)
	}
	return mo
}

// trail clicks at random on what is offered and gathers the pages.
func trail(tb testing.TB, mo *configurator.Model, rng *rand.Rand, clicks int) []configurator.Page {
	tb.Helper()
	var out []configurator.Page
	picks := configurator.Selection(nil)
	for range clicks {
		p, err := mo.Page(picks)
		if err != nil {
			tb.Fatalf("%v: %v", picks, err)
		}
		out = append(out, p)
		next := choices(p)
		picks = next[rng.IntN(len(next))].Next
	}
	return out
}

func TestOneModelServesManyAtOnce(t *testing.T) {
	t.Parallel()
	m, r := usual()
	mo := compiled(t, m, r)
	held, err := mo.With([]configurator.Hold{{Feature: mo.Default()[len(mo.Default())-1]}})
	if err != nil {
		t.Fatal(err)
	}
	trails := make([][]configurator.Page, 8)
	var wg sync.WaitGroup
	for i := range trails {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(9, 9))
			trails[i] = append(trail(t, mo, rng, 8), trail(t, held, rng, 6)...)
			mo.Default()[0], mo.From().Lines[0].Code = "spoilt", "spoilt" // ours to spoil
		})
	}
	wg.Wait()
	for _, other := range trails[1:] {
		if !reflect.DeepEqual(other, trails[0]) {
			t.Fatal("the same clicks led to different pages")
		}
	}
	blocked := 0
	for _, p := range trails[0] {
		for _, g := range p.Groups {
			for _, c := range g.Choices {
				if c.Clash != nil {
					blocked++
				}
			}
		}
	}
	if blocked == 0 {
		t.Error("no choice was ever blocked: the range proves nothing")
	}
}

func TestPagesOfOneRangeAreAlwaysTheSame(t *testing.T) {
	t.Parallel()
	m, r := usual()
	editions, err := configurator.Publish(context.Background(), m, r, demoDay, configurator.DefaultBudget)
	if err != nil {
		t.Fatal(err)
	}
	a, b := compiled(t, m, r), compiled(t, m, r)
	if a.Signature() != b.Signature() || a.Signature() != editions[0].Signature {
		t.Error("the same range has two signatures")
	}
	if !reflect.DeepEqual(trail(t, a, rand.New(rand.NewPCG(4, 4)), 12), trail(t, b, rand.New(rand.NewPCG(4, 4)), 12)) {
		t.Error("the same clicks led to different pages")
	}
	again, err := configurator.Publish(context.Background(), m, r, demoDay, configurator.DefaultBudget)
	if err != nil || !slices.Equal(again[0].Diagram, editions[0].Diagram) {
		t.Errorf("published twice, it differs: %v", err)
	}
}
