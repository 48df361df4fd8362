package configurator_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
)

const today = market.Date("2026-03-02")

// world is a random range with its model and its oracle.
type world struct {
	*oracle
	t   *testing.T
	rng *rand.Rand
	mo  *configurator.Model
}

// ranges is how many random ranges a test tries. Set it higher for a long run.
func ranges(t *testing.T, usual int) int {
	t.Helper()
	if text := os.Getenv("ORACLE_RANGES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return usual
}

// eachWorld runs a check on many small random ranges, of which all cars are known.
func eachWorld(t *testing.T, seed uint64, usual int, check func(w *world)) {
	t.Helper()
	built, count := 0, ranges(t, usual)
	eachRange(t, seed, count, func(w *world) {
		if w.mo != nil {
			built++
			check(w)
		}
	})
	if built < count/2 {
		t.Fatalf("only %d of %d ranges could be built: the generator is too strict to prove much", built, count)
	}
}

// eachRange is eachWorld with the ranges, too, of which no car can be built.
func eachRange(t *testing.T, seed uint64, count int, check func(w *world)) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	for range count {
		m, r := randomMarket(rng), randomRange(rng)
		w := &world{oracle: newOracle(m, r, today), t: t, rng: rng}
		var err error
		w.mo, err = configurator.Compile(m, r, today)
		if possible := len(w.cars) > 0 && !w.circle(); possible != (err == nil) || err != nil && !errors.Is(err, configurator.ErrRange) {
			t.Fatalf("can be built %t, but Compile says %v", possible, err)
		}
		check(w)
	}
}

// circle tells whether something includes itself at any remove.
func (o *oracle) circle() bool {
	reach := make([]parts, len(o.parts))
	for range o.parts {
		for _, r := range o.rules {
			if i, sold := o.bit[r.If]; sold && (r.Kind == catalogue.Includes || r.Kind == catalogue.Standard) {
				reach[i] |= o.of(r.Any)
				for j := range o.parts {
					if reach[i]>>j&1 != 0 {
						reach[i] |= reach[j]
					}
				}
			}
		}
	}
	for i, s := range reach {
		if s>>i&1 != 0 {
			return true
		}
	}
	return false
}

func randomMarket(rng *rand.Rand) *market.Market {
	m := plainMarket(rng)
	if rng.IntN(2) == 0 { // a duty that is a share of the price is no sum over the parts of a car
		m.Fees = append(m.Fees, market.Fee{Code: "share", Kind: market.FeeNet, From: "2020-01-01", VATFree: true,
			Steps: []market.FeeStep{{Above: 90 + rng.Int64N(20), RateBP: 1 + rng.Int64N(900)}, {Above: 120 + rng.Int64N(20), RateBP: 900 + rng.Int64N(4000)}}})
	}
	return m
}

func plainMarket(rng *rand.Rand) *market.Market {
	return &market.Market{Code: "it", Currency: "EUR", VAT: []market.Rate{{From: "2013-10-01", RateBP: 2200}}, Fees: []market.Fee{
		{Code: "road", Label: market.Plain("Messa su strada"), Kind: market.FeeFixed, From: "2020-01-01", AmountMinor: 900},
		{Code: "ipt", Kind: market.FeePower, From: "2020-01-01", AmountMinor: 150, BaseUnits: 53, PerUnitMinor: 3, PerUnitMilli: 511, SurchargeBP: 2000, VATFree: true},
		{Code: "malus", Kind: market.FeeCO2, From: "2020-01-01", Steps: []market.FeeStep{{Above: 100, AmountMinor: rng.Int64N(400)}, {Above: 130, AmountMinor: rng.Int64N(4000)}}},
	}}
}

// randomRange has rules of every kind; some features have no price and some rules are not in force.
func randomRange(rng *rand.Rand) *catalogue.Range {
	r := &catalogue.Range{Brand: "dacia", Model: "meadow", Name: "Meadow", Body: "suv"}
	amounts := map[id.Feature]int64{}
	for g, name := range catalogue.Groups {
		for i := range [6]int{2, 2 + rng.IntN(2), 1 + rng.IntN(2), 1 + rng.IntN(2), 2 + rng.IntN(2), 3 + rng.IntN(4)}[g] {
			f := catalogue.Feature{Code: id.Feature(fmt.Sprintf("%s%d", name[:2], i)), Group: name}
			if name == catalogue.Engine {
				f.Engine = &catalogue.EngineFacts{CO2: 80 + rng.Int64N(80), KW: 40 + rng.Int64N(100), MassKg: 1200}
			}
			r.Features = append(r.Features, f)
			if rng.IntN(25) > 0 {
				amounts[f.Code] = rng.Int64N(10) * rng.Int64N(100)
			}
		}
	}
	rng.Shuffle(len(r.Features), func(i, j int) {
		if r.Features[i].Group != catalogue.Options && r.Features[j].Group != catalogue.Options {
			r.Features[i], r.Features[j] = r.Features[j], r.Features[i]
		}
	})
	for range 2 + rng.IntN(10) {
		r.Rules = append(r.Rules, randomRule(rng, r))
	}
	for i := range r.Features {
		f := &r.Features[i]
		f.Pack = f.Group == catalogue.Options && slices.ContainsFunc(r.Rules, func(x catalogue.Rule) bool {
			return x.Kind == catalogue.Includes && x.If == f.Code && x.AppliesAt("it", today) && len(x.Any) > 0
		})
	}
	if rng.IntN(6) > 0 { // any order of the diagram must do, and a known one needs no search
		r.VariableOrder = randomOrder(rng, r)
	}
	r.Prices = map[id.Market][]catalogue.PriceList{"it": {{Version: "it-1", From: "2026-01-01", Amounts: amounts}}}
	return r
}

func randomOrder(rng *rand.Rand, r *catalogue.Range) []string {
	var order []string
	for _, g := range catalogue.Groups[:5] {
		order = append(order, string(g))
	}
	for _, f := range r.Features {
		if f.Group == catalogue.Options {
			order = append(order, "options/"+string(f.Code))
		}
	}
	rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

// randomRule lets options include later options, so that a circle needs another group.
func randomRule(rng *rand.Rand, r *catalogue.Range) catalogue.Rule {
	at := rng.IntN(len(r.Features))
	kinds := []catalogue.RuleKind{catalogue.Requires, catalogue.Excludes, catalogue.Includes, catalogue.Standard, catalogue.OnlyWith}
	rule := catalogue.Rule{If: r.Features[at].Code, Kind: kinds[rng.IntN(len(kinds))]}
	if rule.Kind == catalogue.OnlyWith {
		rule = randomTable(rng, r)
	} else {
		rule.Any = randomAny(rng, r, at, rule.Kind == catalogue.Includes || rule.Kind == catalogue.Standard)
	}
	switch rng.IntN(12) {
	case 0:
		rule.Markets = []id.Market{"gb"}
	case 1:
		rule.To = "2026-03-01"
	case 2:
		rule.Markets, rule.From, rule.To = []id.Market{"gb", "it"}, "2026-03-02", "2026-03-02"
	}
	return rule
}

func randomAny(rng *rand.Rand, r *catalogue.Range, at int, comes bool) []id.Feature {
	var any []id.Feature
	for range 1 + rng.IntN(3) {
		to := rng.IntN(len(r.Features))
		same := r.Features[to].Group == r.Features[at].Group
		if to == at || same && r.Features[to].Group != catalogue.Options || comes && same && to < at || slices.Contains(any, r.Features[to].Code) {
			continue
		}
		any = append(any, r.Features[to].Code)
	}
	return any
}

// randomTable has columns of groups and of options, and cells of every form.
func randomTable(rng *rand.Rand, r *catalogue.Range) catalogue.Rule {
	rule := catalogue.Rule{Kind: catalogue.OnlyWith}
	values := map[string][]id.Feature{}
	for _, at := range rng.Perm(len(r.Features))[:2+rng.IntN(2)] {
		f := r.Features[at]
		column := string(f.Group)
		if f.Group == catalogue.Options {
			column = string(f.Code)
			values[column] = []id.Feature{f.Code, catalogue.Without}
		}
		if slices.Contains(rule.Of, column) {
			continue
		}
		rule.Of = append(rule.Of, column)
		for _, x := range r.Features {
			if string(x.Group) == column {
				values[column] = append(values[column], x.Code)
			}
		}
	}
	for range 1 + rng.IntN(5) {
		row := make(catalogue.Row, len(rule.Of))
		for c, column := range rule.Of {
			for _, x := range values[column] {
				if rng.IntN(2) == 0 {
					row[c] = append(row[c], x)
				}
			}
		}
		rule.Rows = append(rule.Rows, row)
	}
	return rule
}

// somePicks are random picks, at most one of each group of one choice; some options are left out.
func (w *world) somePicks() configurator.Selection {
	var p picked
	can, eager := w.buildable(), 2+w.rng.IntN(4)
	for i := range w.parts {
		switch {
		case w.rng.IntN(eager) > 0 || p.in&w.alternatives(i) != 0:
		case w.parts[i].Group == catalogue.Options && w.rng.IntN(3) == 0:
			p.out |= 1 << i
		case can>>i&1 != 0:
			p.in |= 1 << i
		}
	}
	return w.wrote(p)
}

// wholePicks are picks with one of each group and some options; they may clash.
func (w *world) wholePicks() configurator.Selection {
	if len(w.cars) > 0 && w.rng.IntN(2) == 0 {
		return w.selection(w.cars[w.rng.IntN(len(w.cars))])
	}
	s, can := w.sets[w.rng.IntN(len(w.sets))], w.buildable()
	if s&^can != 0 {
		return w.wholePicks()
	}
	return w.codes(s)
}
