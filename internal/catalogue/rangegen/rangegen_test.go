package rangegen

import (
	"bytes"
	"fmt"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
)

func decode(t *testing.T, f File) *catalogue.Range {
	t.Helper()
	r, problems := catalogue.DecodeRange(f.Name, f.Data)
	if len(problems) > 0 {
		t.Fatalf("%v", filecheck.Problems(problems))
	}
	return r
}

func TestGeneratedRangesAreSoundAndOfTheirSize(t *testing.T) {
	t.Parallel()
	for scale := 1; scale <= MaxScale; scale *= 2 {
		for seed := range int64(8) {
			t.Run(fmt.Sprintf("seed %d scale %d", seed, scale), func(t *testing.T) {
				t.Parallel()
				models := 2
				if scale > 4 {
					models = 1
				}
				for _, f := range Generate(seed, models, scale) {
					r := decode(t, f)
					if n := len(r.Features); n < 58*scale || n > 72*scale {
						t.Errorf("%s has %d features", f.Name, n)
					}
					if n := len(r.Rules); n < 60*scale || n > 112*scale {
						t.Errorf("%s has %d rules", f.Name, n)
					}
					variety(t, r)
				}
			})
		}
	}
}

// variety checks that every kind of rule is written, some for a time and some for a market.
func variety(t *testing.T, r *catalogue.Range) {
	t.Helper()
	seen := map[string]int{}
	for _, rule := range r.Rules {
		seen[string(rule.Kind)]++
		if rule.From != "" || rule.To != "" {
			seen["dated"]++
		}
		if len(rule.Markets) > 0 {
			seen["local"]++
		}
	}
	for _, kind := range []string{"requires", "excludes", "includes", "standard", "only_with"} {
		if seen[kind] < 2 {
			t.Errorf("%s has %d rules of kind %s", r.Model, seen[kind], kind)
		}
	}
	if seen["dated"] == 0 || seen["local"] == 0 {
		t.Errorf("%s has %d dated and %d local rules", r.Model, seen["dated"], seen["local"])
	}
	for _, m := range markets {
		if len(r.Prices[m]) != 2 || len(r.Edges(m, "")) < 2 {
			t.Errorf("%s has %d lists in %s", r.Model, len(r.Prices[m]), m)
		}
	}
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	first, again := Generate(7, 3, 2), Generate(7, 5, 2)
	for i, f := range first {
		if f.Name != again[i].Name || !bytes.Equal(f.Data, again[i].Data) {
			t.Errorf("%s differs from the first time", f.Name)
		}
	}
	if other := Generate(8, 1, 2); bytes.Equal(other[0].Data, first[0].Data) {
		t.Error("another seed gives the same range")
	}
	names := map[string]bool{}
	for _, f := range For("nova", 1, 45, 1) {
		names[f.Name] = true
		if r := decode(t, f); r.Brand != "nova" {
			t.Errorf("brand %s", r.Brand)
		}
	}
	if len(names) != 45 || len(Generate(1, 0, 1)) != 0 || len(Generate(1, -1, 0)) != 0 {
		t.Errorf("%d names of 45 models", len(names))
	}
}

// TestPlannedCarsKeepEveryRule proves that the ranges can be built, every feature of them, in every
// market and on every day that changes anything.
func TestPlannedCarsKeepEveryRule(t *testing.T) {
	t.Parallel()
	for seed := range int64(8) {
		for _, scale := range []int{1, 3} {
			t.Run(fmt.Sprintf("seed %d scale %d", seed, scale), func(t *testing.T) {
				t.Parallel()
				p := newModel(Brand, seed, 0, scale)
				for m := range p.r.Prices {
					for _, day := range append(p.r.Edges(m, "2026-01-01"), "2026-01-01") {
						everyFeature(t, p, m, day)
					}
				}
			})
		}
	}
}

func everyFeature(t *testing.T, p *plan, m id.Market, day market.Date) {
	t.Helper()
	l, _ := p.r.PricesAt(m, day)
	lost := map[id.Feature]bool{}
	for code := range l.Amounts {
		lost[code] = true
	}
	for _, c := range p.built {
		if sold(c, l) && keeps(t, p.r, c, m, day) {
			for code := range c {
				delete(lost, code)
			}
		}
	}
	if len(lost) > 0 {
		t.Errorf("%s on %s: on no planned car: %v", m, day, lost)
	}
}

func sold(c car, l *catalogue.PriceList) bool {
	for code := range c {
		if _, ok := l.Amounts[code]; !ok {
			return false
		}
	}
	return true
}

func keeps(t *testing.T, r *catalogue.Range, c car, m id.Market, day market.Date) bool {
	t.Helper()
	for i := range r.Rules {
		rule := &r.Rules[i]
		if !rule.AppliesAt(m, day) || (rule.If != "" && !c[rule.If]) {
			continue
		}
		has := 0
		for _, x := range rule.Any {
			if c[x] {
				has++
			}
		}
		broken := map[catalogue.RuleKind]bool{catalogue.Requires: has == 0, catalogue.Excludes: has > 0,
			catalogue.Includes: has < len(rule.Any), catalogue.Standard: has < len(rule.Any), catalogue.OnlyWith: !fitsTable(r, rule, c)}
		if broken[rule.Kind] {
			t.Errorf("a planned car breaks rule %d: %+v", i, rule)
			return false
		}
	}
	return true
}

func fitsTable(r *catalogue.Range, rule *catalogue.Rule, c car) bool {
	for _, row := range rule.Rows {
		fits := true
		for i, cell := range row {
			fits = fits && cell.Fits(valueOf(r, rule.Of[i], c))
		}
		if fits {
			return true
		}
	}
	return false
}

// valueOf is what a car has in a column.
func valueOf(r *catalogue.Range, column string, c car) id.Feature {
	for i := range r.Features {
		if f := &r.Features[i]; c[f.Code] && (string(f.Group) == column && f.Group != catalogue.Options || string(f.Code) == column) {
			return f.Code
		}
	}
	return catalogue.Without
}

func TestEveryLanguageIsWritten(t *testing.T) {
	t.Parallel()
	all := catalogue.Words{"ro": "Bară", "es": "Barra", "de": "Stange", "fr": "Barre", "it": "Barra", "en": "Bar"}
	for want, words := range map[string]catalogue.Words{
		`{en: "Bar", it: "Barra", fr: "Barre", de: "Stange", es: "Barra", ro: "Bară"}`: all,
		`{en: "Bar", it: "Barra", fr: "Barre"}`:                                        {"fr": "Barre", "it": "Barra", "en": "Bar"},
		`"Bar"`:                                                                        {"": "Bar"},
	} {
		if got := wordsOf(words); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
