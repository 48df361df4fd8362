package catalogue

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
)

const rangesDir = "../../config/ranges"

// demoRanges reads every range file of the demo world.
func demoRanges(t *testing.T) []*Range {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(rangesDir, "*", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no range files: %v", err)
	}
	var out []*Range
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		r, problems := DecodeRange(f, data)
		if len(problems) > 0 {
			t.Errorf("%v", filecheck.Problems(problems))
			continue
		}
		out = append(out, r)
	}
	return out
}

func TestDemoRanges(t *testing.T) {
	t.Parallel()
	models := map[string]int{}
	dated := 0
	for _, r := range demoRanges(t) {
		for _, m := range []id.Market{"gb", "it", "fr"} {
			if l, ok := r.PricesAt(m, "2026-06-01"); ok {
				models[string(r.Brand)+" "+string(m)]++
				countSold(t, r, m, l)
			}
		}
		if len(r.Prices["gb"]) > 1 {
			dated++
			now, _ := r.PricesAt("gb", "2026-09-30")
			next, _ := r.PricesAt("gb", "2026-10-01")
			if now.Version == next.Version || next.From != market.Date("2026-10-01") {
				t.Errorf("%s: the list of October is not in force in October", r.Model)
			}
		}
	}
	for _, shop := range []string{"dacia gb", "dacia it", "dacia fr", "renault gb", "renault it", "renault fr"} {
		if models[shop] < 6 {
			t.Errorf("%s sells %d models, want 6 or more", shop, models[shop])
		}
	}
	if dated < 2 {
		t.Errorf("%d models have two dated lists, want 2 or more", dated)
	}
}

// countSold checks that a market's choice is as wide as in a real shop.
func countSold(t *testing.T, r *Range, m id.Market, l *PriceList) {
	t.Helper()
	n := map[Group]int{}
	for _, f := range r.Features {
		if _, ok := l.Amounts[f.Code]; ok {
			n[f.Group]++
		}
	}
	for g, least := range map[Group]int{Version: 2, Engine: 1, Colour: 6, Upholstery: 2, Wheels: 2, Options: 10} {
		if n[g] < least || (g == Options && n[g] > 45) {
			t.Errorf("%s in %s has %d of %s", r.Model, m, n[g], groupKeys[g])
		}
	}
	for _, tag := range r.TagsIn(m, l.From) {
		if tag == "lpg" && m == "gb" {
			t.Errorf("%s promises LPG in a market without LPG engines", r.Model)
		}
	}
}

// TestDemoRangesCanBeBuilt builds cars by trying everything: what has a price in a market must be
// on some car there.
func TestDemoRangesCanBeBuilt(t *testing.T) {
	t.Parallel()
	for _, r := range demoRanges(t) {
		for m, lists := range r.Prices {
			for i := range lists {
				b := builder{r: r, m: m, l: &lists[i]}
				if lost := b.unbuildable(); len(lost) > 0 {
					t.Errorf("%s, list %s: on no car: %v", r.Model, lists[i].Version, lost)
				}
			}
		}
	}
}

type builder struct {
	r *Range
	m id.Market
	l *PriceList
}

func (b *builder) sold(g Group) []id.Feature {
	var out []id.Feature
	for _, f := range b.r.Features {
		if _, ok := b.l.Amounts[f.Code]; ok && f.Group == g {
			out = append(out, f.Code)
		}
	}
	return out
}

// unbuildable lists the priced features that no car of the range can have.
func (b *builder) unbuildable() []id.Feature {
	found := map[id.Feature]bool{}
	b.each(Groups[:5], nil, func(car []id.Feature) {
		if b.complete(car, 6) == nil {
			return
		}
		for _, x := range car {
			found[x] = true
		}
		for _, o := range b.sold(Options) {
			if !found[o] && b.complete(append(slices.Clone(car), o), 6) != nil {
				found[o] = true
			}
		}
	})
	var lost []id.Feature
	for code := range b.l.Amounts {
		if !found[code] {
			lost = append(lost, code)
		}
	}
	slices.Sort(lost)
	return lost
}

func (b *builder) each(groups []Group, car []id.Feature, visit func([]id.Feature)) {
	if len(groups) == 0 {
		visit(car)
		return
	}
	for _, x := range b.sold(groups[0]) {
		b.each(groups[1:], append(slices.Clone(car), x), visit)
	}
}

// complete adds what a car brings along and needs, options only; nil when that can not be.
func (b *builder) complete(car []id.Feature, depth int) []id.Feature {
	var needs *Rule
	for again := true; again; {
		again = false
		for i := range b.r.Rules {
			rule := &b.r.Rules[i]
			if !rule.AppliesAt(b.m, b.l.From) || !slices.Contains(car, rule.If) {
				continue
			}
			for _, x := range rule.Any {
				has := slices.Contains(car, x)
				switch {
				case rule.Kind == Excludes && has:
					return nil
				case (rule.Kind == Includes || rule.Kind == Standard) && !has:
					car, again = append(slices.Clone(car), x), true
				}
			}
			if rule.Kind == Requires && !slices.ContainsFunc(rule.Any, func(x id.Feature) bool { return slices.Contains(car, x) }) {
				needs = rule
			}
		}
	}
	if needs == nil {
		return car
	}
	return b.satisfy(needs, car, depth)
}

func (b *builder) satisfy(rule *Rule, car []id.Feature, depth int) []id.Feature {
	if depth == 0 {
		return nil
	}
	for _, x := range rule.Any {
		if f, ok := b.r.Feature(x); !ok || f.Group != Options {
			continue
		}
		if _, sold := b.l.Amounts[x]; !sold {
			continue
		}
		if whole := b.complete(append(slices.Clone(car), x), depth-1); whole != nil {
			return whole
		}
	}
	return nil
}

// TestDemoWordsReadWell looks for slips of the pen that a reader would stumble over.
func TestDemoWordsReadWell(t *testing.T) {
	t.Parallel()
	for _, r := range demoRanges(t) {
		check := func(where string, w Words) {
			for lang, s := range w {
				if s != strings.TrimSpace(s) || strings.Contains(s, "  ") || strings.ContainsAny(s, "{}<>") {
					t.Errorf("%s, %s, %s: %q", r.Model, where, lang, s)
				}
			}
		}
		check("strapline", r.Strapline)
		for _, f := range r.Features {
			check(string(f.Code), f.Name)
			check(string(f.Code), f.Text)
		}
		for _, rule := range r.Rules {
			check("rule of "+string(rule.If), rule.Because)
			if s := rule.Because["en"]; s != "" && !strings.HasSuffix(s, ".") {
				t.Errorf("%s: the reason %q is no sentence", r.Model, s)
			}
		}
	}
}
