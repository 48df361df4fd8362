package configurator_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/market"
)

// benched are the ranges that the benchmarks ask: all of the demo in one market, and a generated one
// that is four times as large.
func benched(b *testing.B, do func(b *testing.B, m *market.Market, r *catalogue.Range)) {
	b.Helper()
	markets, ranges := shop(b)
	for _, r := range ranges {
		if _, sold := r.PricesAt(markets[0].Code, demoDay); sold {
			b.Run(string(r.Model), func(b *testing.B) { do(b, markets[0], r) })
		}
	}
	b.Run("generated", func(b *testing.B) {
		m, r := generated(4)
		do(b, m, r)
	})
}

func BenchmarkPage(b *testing.B) {
	benched(b, func(b *testing.B, m *market.Market, r *catalogue.Range) {
		mo := compiled(b, m, r)
		picks, shown, clashes := []configurator.Selection{}, 0, 0
		for _, p := range trail(b, mo, rand.New(rand.NewPCG(3, 3)), 100) {
			picks = append(picks, p.Picks)
			for _, g := range p.Groups {
				shown += len(g.Choices)
				for _, c := range g.Choices {
					if c.Clash != nil {
						clashes++
					}
				}
			}
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := mo.Page(picks[i%len(picks)]); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(shown)/float64(len(picks)), "choices/page")
		b.ReportMetric(float64(clashes)/float64(len(picks)), "clashes/page")
	})
}

func BenchmarkOpen(b *testing.B) {
	benched(b, func(b *testing.B, m *market.Market, r *catalogue.Range) {
		editions, err := configurator.Publish(context.Background(), m, r, demoDay, configurator.DefaultBudget)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			d, err := diagram.Open(editions[0].Diagram)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := configurator.Open(m, r, demoDay, func(string) *diagram.Diagram { return d }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(editions[0].Diagram)), "bytes")
	})
}

// BenchmarkCompile is a republication: the order is known.
func BenchmarkCompile(b *testing.B) {
	benched(b, func(b *testing.B, m *market.Market, r *catalogue.Range) {
		if _, err := configurator.Publish(context.Background(), m, r, demoDay, configurator.DefaultBudget); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			compiled(b, m, r)
		}
	})
}
