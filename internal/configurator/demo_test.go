package configurator_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
)

// demoDay lies within the price lists of the demo files.
const demoDay = market.Date("2026-11-22")

// shop reads the demo's markets and ranges.
func shop(tb testing.TB) (markets []*market.Market, ranges []*catalogue.Range) {
	tb.Helper()
	config := os.DirFS("../../config")
	read := func(pattern string, keep func(name string, data []byte) []filecheck.Problem) {
		names, err := fs.Glob(config, pattern)
		if err != nil || len(names) == 0 {
			tb.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(config, name)
			if err != nil {
				tb.Fatal(err)
			}
			for _, p := range keep(name, data) {
				tb.Fatalf("%s:%d: %s", p.File, p.Line, p.Reason)
			}
		}
	}
	read("markets/*.yaml", func(name string, data []byte) []filecheck.Problem {
		m, problems := market.DecodeMarket(name, data)
		markets = append(markets, m)
		return problems
	})
	read("ranges/*/*.yaml", func(name string, data []byte) []filecheck.Problem {
		r, problems := catalogue.DecodeRange(name, data)
		if order, err := fs.ReadFile(config, strings.TrimSuffix(name, ".yaml")+".order"); err == nil {
			for line := range strings.Lines(string(order)) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					r.VariableOrder = append(r.VariableOrder, line)
				}
			}
		}
		ranges = append(ranges, r)
		return problems
	})
	return markets, ranges
}

// TestNoClicksOnAnyDemoModelEndBadly clicks at random, as customers do, and holds every page to what
// the one before it promised, and to what the checkout will say.
func TestNoClicksOnAnyDemoModelEndBadly(t *testing.T) {
	t.Parallel()
	markets, ranges := shop(t)
	for _, m := range markets {
		for _, r := range ranges {
			if _, sold := r.PricesAt(m.Code, demoDay); !sold {
				continue
			}
			t.Run(string(r.Model)+"."+string(m.Code), func(t *testing.T) {
				t.Parallel()
				mo, err := configurator.Compile(m, r, demoDay)
				if err != nil {
					t.Fatal(err)
				}
				click(t, mo, rand.New(rand.NewPCG(3, uint64(len(r.Features)))))
			})
		}
	}
}

func click(t *testing.T, mo *configurator.Model, r *rand.Rand) {
	const walks, clicks = 3, 25
	for range walks {
		picks := configurator.Selection(nil)
		for range clicks {
			p, err := mo.Page(picks)
			if err != nil {
				t.Fatalf("%v: %v", picks, err)
			}
			sameAtTheCheckout(t, mo, p)
			next := choices(p)
			c := next[r.IntN(len(next))]
			after, err := mo.Page(c.Next)
			if err != nil {
				t.Fatalf("%v, then %s: %v", picks, c.Feature.Code, err)
			}
			if got := after.Build.Quote.Total; got != c.From || c.From.Sub(p.Build.Quote.Total) != c.Delta {
				t.Fatalf("%v, then %s: promised %v (%v), the page says %v", picks, c.Feature.Code, c.From, c.Delta, got)
			}
			picks = c.Next
		}
	}
}

// sameAtTheCheckout holds the whole car that travels on to the page's price, and to the raw rules.
func sameAtTheCheckout(t *testing.T, mo *configurator.Model, p configurator.Page) {
	t.Helper()
	b, err := mo.Complete(p.Build.Selection)
	if err != nil || b.Quote.Total != p.Build.Quote.Total || configurator.Encode(b.Selection) != configurator.Encode(p.Build.Selection) {
		t.Fatalf("%v: the checkout makes it %v at %v, the page said %v (%v)", p.Build.Selection, b.Selection, b.Quote.Total, p.Build.Quote.Total, err)
	}
	if err := mo.Check(b.Selection); err != nil {
		t.Fatalf("%v: the gate: %v", b.Selection, err)
	}
	again, err := mo.Page(configurator.Exactly(b.Selection))
	if err != nil || configurator.Encode(again.Build.Selection) != configurator.Encode(b.Selection) {
		t.Fatalf("%v opens as %v: %v", b.Selection, again.Build.Selection, err)
	}
}

// choices are those with which a click changes something.
func choices(p configurator.Page) []configurator.Choice {
	var out []configurator.Choice
	for _, g := range p.Groups {
		for _, c := range g.Choices {
			if c.Next != nil {
				out = append(out, c)
			}
		}
	}
	return out
}
