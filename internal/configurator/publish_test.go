package configurator_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/id"
	"forecourt/internal/market"
)

func publish(t *testing.T, m *market.Market, r *catalogue.Range, day market.Date) []configurator.Edition {
	t.Helper()
	out, err := configurator.Publish(t.Context(), m, r, day, configurator.DefaultBudget)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatIsPublishedIsWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	eachRange(t, 6, ranges(t, 120), func(w *world) {
		editions, err := configurator.Publish(t.Context(), w.m, w.r, today, configurator.DefaultBudget)
		if w.mo == nil && !w.circle() && len(w.sets) > 0 {
			w.checkContradiction(err)
			return
		}
		var later *configurator.Contradiction
		switch {
		case errors.As(err, &later): // the rules that end today kept it buildable
			return
		case w.mo == nil && errors.Is(err, configurator.ErrRange):
			return
		case err != nil || len(editions) == 0 || editions[0].From != today || editions[0].Market != w.m.Code:
			w.t.Fatalf("%v %v", editions, err)
		}
		w.checkReport(editions[0].Report)
		for _, e := range editions {
			w.checkEdition(e)
		}
	})
}

// checkContradiction expects rules that leave no car, none to spare.
func (w *world) checkContradiction(err error) {
	w.t.Helper()
	var c *configurator.Contradiction
	if !errors.As(err, &c) || !errors.Is(err, configurator.ErrRange) || c.Market != w.m.Code || c.Model != w.r.Name {
		w.t.Fatalf("no car can be built, but %v", err)
	}
	w.checkLeastRules(c.Rules, picked{})
}

// checkLeastRules expects rules that leave nothing of what is picked, while without one of them they do.
func (w *world) checkLeastRules(rules []*catalogue.Rule, p picked) {
	w.t.Helper()
	if wrong := w.leastRules(rules, p); wrong != "" {
		w.t.Fatalf("%v: %s", w.wrote(p), wrong)
	}
}

func (o *oracle) leastRules(rules []*catalogue.Rule, p picked) (wrong string) {
	named := func(but *catalogue.Rule) func(int) bool {
		return func(n int) bool { return o.rules[n] != but && slices.Contains(rules, o.rules[n]) }
	}
	if !o.refutes(named(nil), p) {
		return fmt.Sprintf("can be built by %q", linesOf(rules))
	}
	for _, r := range rules {
		if o.refutes(named(r), p) {
			return fmt.Sprintf("cannot be built, with %q or without", configurator.Line(r))
		}
	}
	return ""
}

func linesOf(rules []*catalogue.Rule) []string {
	var out []string
	for _, r := range rules {
		out = append(out, configurator.Line(r))
	}
	return out
}

// checkReport counts again what a report says.
func (w *world) checkReport(r configurator.Report) {
	w.t.Helper()
	if r.Cars != fmt.Sprint(len(w.cars)) || r.Features != len(w.parts) || r.Bytes <= 0 || r.Nodes < 0 {
		w.t.Fatalf("%+v, but there are %d cars", r, len(w.cars))
	}
	spoken := map[string]*catalogue.Rule{}
	var idle []string
	inForce := 0
	for k, x := range w.rules {
		if _, sold := w.bit[x.If]; !sold && x.Kind != catalogue.OnlyWith {
			continue
		}
		inForce++
		spoken[configurator.Line(x)] = x
		if w.changesNothing(k) {
			idle = append(idle, configurator.Line(x))
		}
	}
	if r.Rules != inForce || !slices.Equal(r.Idle, idle) {
		w.t.Fatalf("idle of %d rules are %q, want %q of %d", r.Rules, r.Idle, idle, inForce)
	}
	never := (parts(1)<<len(w.parts) - 1) &^ w.buildable()
	for _, n := range r.Never {
		i := w.bit[n.Feature]
		if never>>i&1 == 0 {
			w.t.Fatalf("%s can be built", n.Feature)
		}
		never &^= 1 << i
		var rules []*catalogue.Rule
		for _, line := range n.Rules {
			rules = append(rules, spoken[line])
		}
		if len(spoken) == inForce { // no two tables with the same line
			w.checkLeastRules(rules, picked{in: 1 << i})
		}
	}
	if never != 0 {
		w.t.Fatalf("%v are in no car, the report has %v", w.codes(never), r.Never)
	}
}

// changesNothing tells whether without a rule there are the same cars with the same parts free.
func (w *world) changesNothing(k int) bool {
	others := func(n int) bool { return n != k }
	for i, s := range w.sets {
		if w.passes(i, others) != w.passes(i, all) || w.passes(i, all) && w.freeIn(s, others) != w.freeIn(s, all) {
			return false
		}
	}
	return true
}

// checkEdition opens what is stored, on its day.
func (w *world) checkEdition(e configurator.Edition) {
	w.t.Helper()
	d, err := diagram.Open(e.Diagram)
	if err != nil {
		w.t.Fatal(err)
	}
	mo, err := configurator.Open(w.m, w.r, e.From, func(signature string) *diagram.Diagram {
		if signature != e.Signature {
			w.t.Fatalf("asked for %s, published %s", signature, e.Signature)
		}
		return d
	})
	if err != nil || !configurator.Stands(mo, d) || mo.Signature() != e.Signature {
		w.t.Fatalf("the stored diagram is not used: %v", err)
	}
	o := newOracle(w.m, w.r, e.From)
	total, cars := o.cheapest(picked{})
	p, err := mo.Page(nil)
	if err != nil || p.Cars != float64(cars) || p.Build.Quote.Total.Minor != total {
		w.t.Fatalf("on %s: %v, %v cars from %s, want %d from %d", e.From, err, p.Cars, p.Build.Quote.Total, cars, total)
	}
	if err := configurator.Verify(w.m, w.r, e.From, e.Diagram); err != nil {
		w.t.Fatal(err)
	}
}

func TestEditionsFollowTheRulesNotThePrices(t *testing.T) {
	t.Parallel()
	m, r := meadow()
	r.VariableOrder = nil
	next := r.Prices["fr"][0]
	next.Version, next.From = "fr-2", "2026-06-01"
	r.Prices["fr"] = append(r.Prices["fr"], next)
	editions := publish(t, m, r, today)
	if len(editions) != 2 || editions[0].From != today || editions[1].From != "2026-04-01" || editions[0].Signature == editions[1].Signature {
		t.Fatalf("%+v", editions)
	}
	if len(r.VariableOrder) == 0 {
		t.Error("no order is kept with the range")
	}
	order := slices.Clone(r.VariableOrder)
	again := publish(t, m, r, today)
	if again[0].Signature != editions[0].Signature || !slices.Equal(again[0].Diagram, editions[0].Diagram) || !slices.Equal(order, r.VariableOrder) {
		t.Error("the same range published twice differs")
	}
	if none := publish(t, &market.Market{Code: "it"}, r, today); len(none) != 0 {
		t.Errorf("published where it is not sold: %v", none)
	}
	if early := publish(t, m, r, "2025-06-01"); len(early) != 2 || early[0].From != "2026-01-01" {
		t.Errorf("before the first price list: %+v", early)
	}
}

func TestSignatureIsOfRulesNotOfPrices(t *testing.T) {
	t.Parallel()
	base := compileMeadow(t, today).Signature()
	for name, c := range map[string]struct {
		change func(*catalogue.Range)
		same   bool
	}{
		"dearer":           {func(r *catalogue.Range) { r.Prices["fr"][0].Amounts["hook"] = 999 }, true},
		"another sentence": {func(r *catalogue.Range) { r.Rules[1].Because = nil }, true},
		"a rule less":      {func(r *catalogue.Range) { r.Rules = r.Rules[1:] }, false},
		"a rule more": {func(r *catalogue.Range) {
			r.Rules = append(r.Rules, catalogue.Rule{Kind: catalogue.Excludes, If: "hook", Any: []id.Feature{"roof"}})
		}, false},
		"another target":   {func(r *catalogue.Range) { r.Rules[2].Any = []id.Feature{"hook"} }, false},
		"an option less":   {func(r *catalogue.Range) { delete(r.Prices["fr"][0].Amounts, "hook") }, false},
		"a colour less":    {func(r *catalogue.Range) { delete(r.Prices["fr"][0].Amounts, "green") }, false},
		"another market's": {func(r *catalogue.Range) { r.Rules[7].Any = []id.Feature{"green"} }, true},
	} {
		m, r := meadow()
		c.change(r)
		mo, err := configurator.Compile(m, r, today)
		if err != nil {
			t.Fatal(err)
		}
		if (mo.Signature() == base) != c.same {
			t.Errorf("%s: %s, was %s", name, mo.Signature(), base)
		}
	}
}

func TestDamagedDiagramsAreRefused(t *testing.T) {
	t.Parallel()
	m, r := meadow()
	stored := publish(t, m, r, today)[0].Diagram
	for i := range stored {
		spoilt := slices.Clone(stored)
		spoilt[i] ^= 1 << (i % 8)
		if _, err := diagram.Open(spoilt); !errors.Is(err, diagram.ErrDamaged) {
			t.Fatalf("byte %d: %v", i, err)
		}
		if _, err := diagram.Open(stored[:i]); !errors.Is(err, diagram.ErrDamaged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

func TestDiagramsOfOtherRulesAreRefused(t *testing.T) {
	t.Parallel()
	m, r := meadow()
	stored := publish(t, m, r, today)[0].Diagram
	for i := range r.Rules {
		_, other := meadow()
		other.Rules = slices.Delete(other.Rules, i, i+1)
		mo, err := configurator.Compile(m, other, today)
		if err != nil {
			t.Fatal(err)
		}
		same := mo.Signature() == compileMeadow(t, today).Signature()
		if err := configurator.Verify(m, other, today, stored); errors.Is(err, configurator.ErrUnlike) == same {
			t.Errorf("without %s: %v", configurator.Line(&r.Rules[i]), err)
		}
		less := publish(t, m, other, today)[0].Diagram
		if err := configurator.Verify(m, r, today, less); errors.Is(err, configurator.ErrUnlike) == same {
			t.Errorf("diagram without %s: %v", configurator.Line(&r.Rules[i]), err)
		}
	}
	_, small := meadow()
	delete(small.Prices["fr"][0].Amounts, "hook")
	if err := configurator.Verify(m, small, today, stored); !errors.Is(err, configurator.ErrUnlike) {
		t.Errorf("of other options: %v", err)
	}
	d, err := diagram.Open(stored)
	if err != nil {
		t.Fatal(err)
	}
	mo, err := configurator.Open(m, small, today, func(string) *diagram.Diagram { return d })
	if err != nil || configurator.Stands(mo, d) {
		t.Errorf("a diagram of other options is used: %v", err)
	}
}

func TestPublishKeepsToItsBudget(t *testing.T) {
	t.Parallel()
	m, r := meadow()
	r.VariableOrder = nil
	if _, err := configurator.Publish(t.Context(), m, r, today, configurator.Budget{Nodes: 3}); !errors.Is(err, configurator.ErrBudget) {
		t.Errorf("%v", err)
	}
	if len(r.VariableOrder) > 0 {
		t.Error("a publication that failed left an order")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := configurator.Publish(ctx, m, r, today, configurator.DefaultBudget); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	r.VariableOrder = []string{"options/gone", "wheels"} // an order of former days
	if e := publish(t, m, r, today); e[0].Report.Cars != publish(t, m, r, today)[0].Report.Cars {
		t.Errorf("%+v", e[0].Report)
	}
}

func TestContradictionNamesTheRules(t *testing.T) {
	t.Parallel()
	m, r := meadow()
	r.Rules = append(r.Rules,
		catalogue.Rule{Kind: catalogue.Excludes, If: "cloth", Any: []id.Feature{"petrol", "hybrid"}},
		catalogue.Rule{Kind: catalogue.OnlyWith, Of: []string{"version", "hook"}, Rows: []catalogue.Row{{{"base"}, nil}}})
	_, err := configurator.Publish(t.Context(), m, r, today, configurator.DefaultBudget)
	var c *configurator.Contradiction
	if !errors.As(err, &c) {
		t.Fatal(err)
	}
	want := "configurator: Meadow in fr: not one car can be built; [tep requires plus] [cloth excludes petrol, hybrid] [only_with version, hook (1 rows)]"
	if err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}

func TestChangesBetweenPublications(t *testing.T) {
	t.Parallel()
	_, old := meadow()
	_, r := meadow()
	a := r.Prices["fr"][0].Amounts
	delete(a, "hook")
	a["roof"], a["tep"] = 450, 1
	r.Features = append(r.Features, catalogue.Feature{Code: "mats", Group: catalogue.Options})
	a["mats"] = 90
	r.Rules[2].Any = []id.Feature{"hook"}
	r.Rules[1].Because = catalogue.Words{"en": "Other words change nothing."}
	c := configurator.Changes(old, r, "fr", today)
	got := fmt.Sprintf("%v %v %q %q %d", c.FeaturesAdded, c.FeaturesRemoved, c.RulesAdded, c.RulesRemoved, c.PricesChanged)
	if want := `[mats] [hook] ["camera requires hook"] ["camera requires sensors"] 2`; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if c := configurator.Changes(old, old, "fr", today); len(c.FeaturesAdded)+len(c.FeaturesRemoved)+len(c.RulesAdded)+len(c.RulesRemoved)+c.PricesChanged > 0 {
		t.Errorf("nothing changed, but %+v", c)
	}
	if c := configurator.Changes(old, r, "it", today); len(c.FeaturesAdded)+len(c.FeaturesRemoved) > 0 {
		t.Errorf("not sold there, but %+v", c)
	}
}
