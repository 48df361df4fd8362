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
		for _, m := range []id.Market{"gb", "it", "fr", "de", "es", "ro"} {
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
	for _, shop := range []string{"dacia gb", "dacia it", "dacia fr", "renault gb", "renault it", "renault fr", "dacia de", "renault de", "dacia es", "renault es", "dacia ro", "renault ro"} {
		if models[shop] < 6 {
			t.Errorf("%s sells %d models, want 6 or more", shop, models[shop])
		}
	}
	if dated < 2 {
		t.Errorf("%d models have two dated lists, want 2 or more", dated)
	}
}

// TestDemoRangesAreOfRealSize counts choices and rules, and looks for every kind of rule.
func TestDemoRangesAreOfRealSize(t *testing.T) {
	t.Parallel()
	ranges := demoRanges(t)
	tables := 0
	for _, r := range ranges {
		if n := len(r.Features); n < 30 || n > 70 {
			t.Errorf("%s has %d choices, want 30 to 70", r.Model, n)
		}
		if n := len(r.Rules); n < 40 || n > 120 {
			t.Errorf("%s has %d rules, want 40 to 120", r.Model, n)
		}
		kinds := map[string]int{}
		for i := range r.Rules {
			rule := &r.Rules[i]
			kinds[string(rule.Kind)]++
			if rule.From != "" || rule.To != "" {
				kinds["dated"]++
			}
			if len(rule.Markets) > 0 {
				kinds["local"]++
			}
			speaks(t, r, rule)
		}
		for _, kind := range []string{"requires", "excludes", "includes", "standard", "dated", "local"} {
			if kinds[kind] == 0 {
				t.Errorf("%s has no rule of the kind %s", r.Model, kind)
			}
		}
		if kinds["only_with"] > 0 {
			tables++
		}
	}
	if len(ranges) != 14 || tables < 10 {
		t.Errorf("%d models, %d with tables", len(ranges), tables)
	}
}

// speaks checks that a rule knows its features, and that each is told the reason in each language.
func speaks(t *testing.T, r *Range, rule *Rule) {
	t.Helper()
	named := 0
	for _, f := range r.Features {
		if rule.Names(f.Code) {
			named++
		}
	}
	if named < 2 {
		t.Errorf("%s: %+v names %d features of the range", r.Model, rule, named)
	}
	if rule.brings() {
		return
	}
	for _, lang := range languages {
		if len(rule.Because[lang]) < 20 {
			t.Errorf("%s: %+v has the reason %q in %s", r.Model, rule, rule.Because[lang], lang)
		}
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
		t.Run(string(r.Model), func(t *testing.T) {
			t.Parallel()
			for m := range r.Prices {
				for _, day := range r.Edges(m, "2026-01-01") {
					l, _ := r.PricesAt(m, day)
					b := builder{r: r, m: m, l: l, day: day}
					if lost := b.unbuildable(); len(lost) > 0 {
						t.Errorf("%s in %s on %s: on no car: %v", r.Model, m, day, lost)
					}
				}
			}
		})
	}
}

type builder struct {
	r   *Range
	m   id.Market
	l   *PriceList
	day market.Date
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
			if !rule.AppliesAt(b.m, b.day) || !slices.Contains(car, rule.If) {
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
		return b.allowed(car)
	}
	return b.satisfy(needs, car, depth)
}

// allowed is the car again when every table has a row for it.
func (b *builder) allowed(car []id.Feature) []id.Feature {
	for i := range b.r.Rules {
		rule := &b.r.Rules[i]
		if rule.Kind == OnlyWith && rule.AppliesAt(b.m, b.day) && !slices.ContainsFunc(rule.Rows, func(row Row) bool { return b.fits(rule.Of, row, car) }) {
			return nil
		}
	}
	return car
}

func (b *builder) fits(of []string, row Row, car []id.Feature) bool {
	for i, cell := range row {
		has := Without
		for _, x := range car {
			if f, ok := b.r.Feature(x); ok && (f.Group != Options && string(f.Group) == of[i] || string(x) == of[i]) {
				has = x
			}
		}
		if !cell.Fits(has) {
			return false
		}
	}
	return true
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
			for _, s := range rule.Because {
				if !strings.HasSuffix(s, ".") {
					t.Errorf("%s: the reason %q is no sentence", r.Model, s)
				}
			}
		}
	}
}

// TestDemoWordsAreInEveryLanguage: no buyer of the demo meets an English sentence in another language's
// shop. A name with one form for all is no text to translate.
func TestDemoWordsAreInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, r := range demoRanges(t) {
		check := func(where string, w Words) {
			if len(w) == 0 || w[""] != "" {
				return
			}
			for _, lang := range Languages() {
				if w[lang] == "" {
					t.Errorf("%s, %s: %q is not there in %q", r.Model, where, w["en"], lang)
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
		}
	}
}
