package configurator_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
	"forecourt/internal/pricing"
)

// meadow is a small range that a person can keep in mind. The dear engine is clean, the cheap one pays
// so much duty that it is not the cheapest on the road.
func meadow() (*market.Market, *catalogue.Range) {
	m := &market.Market{Code: "fr", Currency: "EUR", VAT: []market.Rate{{From: "2014-01-01", RateBP: 2000}}, Fees: []market.Fee{
		{Code: "road", Label: "Mise à la route", Kind: market.FeeFixed, From: "2020-01-01", AmountMinor: 500},
		{Code: "malus", Label: "Malus CO2", Kind: market.FeeCO2, From: "2020-01-01", VATFree: true, Steps: []market.FeeStep{{Above: 120, AmountMinor: 3000}}},
	}}
	r := &catalogue.Range{Brand: "dacia", Model: "meadow", Name: "Meadow", Body: "estate", Features: []catalogue.Feature{
		{Code: "base", Group: catalogue.Version}, {Code: "plus", Group: catalogue.Version},
		{Code: "petrol", Group: catalogue.Engine, Engine: &catalogue.EngineFacts{CO2: 140}},
		{Code: "hybrid", Group: catalogue.Engine, Engine: &catalogue.EngineFacts{CO2: 100}},
		{Code: "white", Group: catalogue.Colour, Hex: "#ffffff", Finish: "solid"},
		{Code: "green", Group: catalogue.Colour, Hex: "#2b4a3a", Finish: "metallic"},
		{Code: "cloth", Group: catalogue.Upholstery}, {Code: "tep", Group: catalogue.Upholstery},
		{Code: "steel", Group: catalogue.Wheels, Design: "steel"}, {Code: "alloy", Group: catalogue.Wheels, Design: "y5"},
		{Code: "rails", Group: catalogue.Options, Draws: "rails"},
		{Code: "roof", Group: catalogue.Options, Draws: "two_tone"},
		{Code: "sunroof", Group: catalogue.Options},
		{Code: "camera", Group: catalogue.Options},
		{Code: "sensors", Group: catalogue.Options},
		{Code: "park-pack", Group: catalogue.Options, Pack: true},
		{Code: "look-pack", Group: catalogue.Options, Pack: true},
		{Code: "hook", Group: catalogue.Options},
	}, Rules: []catalogue.Rule{
		{Kind: catalogue.Standard, If: "plus", Any: []id.Feature{"rails", "alloy"}},
		{Kind: catalogue.Excludes, If: "sunroof", Any: []id.Feature{"rails"}, Because: catalogue.Words{"en": "The rails sit where the glass opens."}},
		{Kind: catalogue.Requires, If: "camera", Any: []id.Feature{"sensors"}},
		{Kind: catalogue.Includes, If: "park-pack", Any: []id.Feature{"camera", "sensors"}},
		{Kind: catalogue.Includes, If: "look-pack", Any: []id.Feature{"alloy", "roof"}},
		{Kind: catalogue.Requires, If: "tep", Any: []id.Feature{"plus"}},
		{Kind: catalogue.Excludes, If: "hook", Any: []id.Feature{"hybrid"}, To: "2026-03-31"},
		{Kind: catalogue.Excludes, If: "hook", Any: []id.Feature{"white"}, Markets: []id.Market{"gb"}},
	}}
	r.Prices = map[id.Market][]catalogue.PriceList{"fr": {{Version: "fr-1", From: "2026-01-01", Amounts: map[id.Feature]int64{
		"base": 15000, "plus": 18000, "petrol": 0, "hybrid": 2000, "white": 0, "green": 600, "cloth": 0, "tep": 900, "steel": 0, "alloy": 700,
		"rails": 250, "roof": 400, "sunroof": 800, "camera": 300, "sensors": 200, "park-pack": 450, "look-pack": 1000, "hook": 350,
	}}}}
	return m, r
}

func compileMeadow(t *testing.T, day market.Date) *configurator.Model {
	t.Helper()
	m, r := meadow()
	mo, err := configurator.Compile(m, r, day)
	if err != nil {
		t.Fatal(err)
	}
	return mo
}

func choiceOf(t *testing.T, mo *configurator.Model, car string, f id.Feature) configurator.Choice {
	t.Helper()
	s, err := configurator.Decode(car)
	if err != nil {
		t.Fatal(err)
	}
	p, err := mo.Page(s)
	if err != nil {
		t.Fatalf("%s: %v", car, err)
	}
	for _, g := range p.Groups {
		for _, c := range g.Choices {
			if c.Feature.Code == f {
				return c
			}
		}
	}
	t.Fatalf("%s is not on the page", f)
	return configurator.Choice{}
}

func TestFromCountsDuties(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	if got := configurator.Encode(mo.Default()); got != "base.hybrid.white.cloth.steel" {
		t.Errorf("default %s", got)
	}
	if q := mo.From(); q.Total.String() != "EUR 175.00" || q.PriceVersion != "fr-1" {
		t.Errorf("from %s, list %s", q.Total, q.PriceVersion)
	}
}

func TestChoices(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	const plain = "base.hybrid.white.cloth.steel"
	for name, c := range map[string]struct {
		car, pick string
		want      string // state, next, delta, clash
	}{
		"colour":                           {plain, "green", "offered base.hybrid.green.cloth.steel 600"},
		"engine with its duty":             {plain, "petrol", "offered base.petrol.white.cloth.steel 1000"},
		"the same colour":                  {plain, "white", "chosen " + plain + " 0"},
		"version brings wheels for free":   {"base.hybrid.white.cloth.alloy", "plus", "offered plus.hybrid.white.cloth.alloy 2300"},
		"version swallows a paid option":   {plain + ".rails", "plus", "offered plus.hybrid.white.cloth.steel 2750"},
		"other than the standard wheels":   {"plus.hybrid.white.cloth.alloy", "steel", "offered plus.hybrid.white.cloth.steel 0"},
		"included":                         {"plus.hybrid.white.cloth.alloy", "rails", "included plus.hybrid.white.cloth.alloy 0"},
		"pack swallows its parts":          {plain + ".camera.sensors", "park-pack", "offered " + plain + ".park-pack -50"},
		"unpicking a pack":                 {plain + ".park-pack", "park-pack", "chosen " + plain + " -450"},
		"a need, met by the cheaper pack":  {plain, "camera", "blocked " + plain + ".park-pack 450: camera requires sensors, drops [] adds [park-pack]"},
		"unpicking what another needs":     {plain + ".camera.sensors", "sensors", "chosen " + plain + " -500: camera requires sensors, drops [camera] adds []"},
		"newcomer named first":             {plain + ".sunroof", "rails", "blocked " + plain + ".rails -550: rails excludes sunroof, drops [sunroof] adds []"},
		"clash with standard equipment":    {"plus.hybrid.white.cloth.steel", "sunroof", "blocked base.hybrid.white.cloth.steel.sunroof -2200: sunroof excludes rails, drops [plus] adds [base]"},
		"version with rails on a sunroof":  {plain + ".sunroof", "plus", "blocked plus.hybrid.white.cloth.steel 2200: rails excludes sunroof, drops [sunroof] adds []"},
		"trim of another version":          {plain, "tep", "blocked plus.hybrid.white.tep.steel 3900: tep requires plus, drops [base] adds [plus]"},
		"leaving the version of a trim":    {"plus.hybrid.white.tep.steel", "base", "blocked base.hybrid.white.cloth.steel -3900: tep requires plus, drops [tep] adds [cloth]"},
		"pack insists on its wheels":       {plain, "look-pack", "blocked base.hybrid.white.cloth.alloy.look-pack 1000: look-pack includes alloy, drops [steel] adds [alloy]"},
		"wheels against the pack":          {"base.hybrid.white.cloth.alloy.look-pack", "steel", "blocked base.hybrid.white.cloth.steel -1000: look-pack includes alloy, drops [look-pack] adds []"},
		"rule of another market is silent": {"base.petrol.white.cloth.steel", "hook", "offered base.petrol.white.cloth.steel.hook 350"},
		"rule of the day":                  {plain, "hook", "blocked base.petrol.white.cloth.steel.hook 1350: hook excludes hybrid, drops [hybrid] adds [petrol]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ch := choiceOf(t, mo, c.car, id.Feature(c.pick))
			got := fmt.Sprintf("%s %s %d", ch.State, configurator.Encode(ch.Next), ch.Delta.Minor)
			if k := ch.Clash; k != nil {
				got += fmt.Sprintf(": %s %s %s, drops %v adds %v", k.A, k.Rule, k.B, k.Drops, k.Adds)
			}
			if got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestRuleEndsWithItsLastDay(t *testing.T) {
	t.Parallel()
	for day, want := range map[market.Date]configurator.State{"2026-03-31": configurator.Blocked, "2026-04-01": configurator.Offered} {
		if c := choiceOf(t, compileMeadow(t, day), "base.hybrid.white.cloth.steel", "hook"); c.State != want {
			t.Errorf("%s: %s", day, c.State)
		}
	}
}

func TestCompleteTellsClashes(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	_, err := mo.Complete(configurator.Selection{"plus", "sunroof"})
	var clash *configurator.Clash
	if !errors.As(err, &clash) || clash.A != "sunroof" || clash.B != "rails" || clash.Because.In("en") == "" {
		t.Fatalf("%v", err)
	}
	if fault.KindOf(err) != fault.Invalid || !errors.Is(err, configurator.ErrClash) {
		t.Errorf("a clash is the buyer's to mend, got kind %v", fault.KindOf(err))
	}
	// Both are blocked by the version that each of them leaves open.
	_, err = mo.Complete(configurator.Selection{"tep", "sunroof"})
	if !errors.As(err, &clash) || len(clash.Drops) != 1 || mo.Check(clash.Repair) != nil {
		t.Fatalf("%v", err)
	}
}

func TestBuildDrawsAndPrices(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	b, err := mo.Complete(configurator.Selection{"park-pack", "camera", "look-pack", "green", "plus"})
	if err != nil {
		t.Fatal(err)
	}
	if got := configurator.Encode(b.Selection); got != "plus.hybrid.green.cloth.alloy.park-pack.look-pack" {
		t.Errorf("selection %s", got)
	}
	if want := []id.Feature{"rails", "roof", "camera", "sensors"}; !slices.Equal(b.Included, want) {
		t.Errorf("included %v", b.Included)
	}
	if want := (configurator.Drawing{Body: "estate", PaintHex: "#2b4a3a", Finish: "metallic", WheelDesign: "y5", Rails: true, TwoTone: true}); b.Drawing != want {
		t.Errorf("drawing %+v", b.Drawing)
	}
	if b.Quote.Total.Minor != 18000+2000+600+450+1000+500 {
		t.Errorf("total %s", b.Quote.Total)
	}
	var free []string
	for _, l := range b.Quote.Lines {
		if l.Included {
			free = append(free, l.Code)
		}
	}
	if !slices.Equal(free, []string{"alloy", "rails", "roof", "camera", "sensors"}) {
		t.Errorf("included lines %v", free)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	s, err := mo.Parse([]string{"hook", " white ", "", "base", "hook"})
	if err != nil || configurator.Encode(s) != "base.white.hook" {
		t.Errorf("%v %v", s, err)
	}
	for want, raw := range map[*fault.Fault][]string{
		configurator.ErrUnknown:    {"base", "<script>\u202e" + strings.Repeat("x", 99)},
		configurator.ErrTwoOfGroup: {"base", "plus"},
		configurator.ErrTooMany:    slices.Repeat([]string{"base"}, 1000),
	} {
		_, err := mo.Parse(raw)
		var f *fault.Fault
		if !errors.As(err, &f) || !errors.Is(err, want) || f.Kind != fault.Invalid {
			t.Errorf("%.20v: %v", raw, err)
		}
		if name := f.Args["feature"]; want == configurator.ErrUnknown && (!strings.HasPrefix(name, "<script>xxx") || len(name) > 40) {
			t.Errorf("names %q", name)
		}
	}
}

func TestTextForm(t *testing.T) {
	t.Parallel()
	s := configurator.Selection{"base", "tce-130", "x"}
	if back, err := configurator.Decode(configurator.Encode(s)); err != nil || !slices.Equal(s, back) {
		t.Errorf("%v %v", back, err)
	}
	if s, err := configurator.Decode(""); err != nil || len(s) != 0 {
		t.Errorf("%v %v", s, err)
	}
	for _, bad := range []string{".", "a..b", "a.B", "a b", "é", "a.", "a/b", strings.Repeat("a", 5000)} {
		if _, err := configurator.Decode(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.10q: %v", bad, err)
		}
	}
}

func TestDiffShowsIncludedParts(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	d := mo.Diff(configurator.Selection{"base", "hybrid", "white", "cloth", "alloy", "sunroof", "gone-since"}, configurator.Selection{"plus", "hybrid", "white", "cloth", "alloy"})
	if fmt.Sprint(d.Added, d.Removed, d.Delta.Minor) != "[plus rails] [base sunroof] 1500" {
		t.Errorf("%+v", d)
	}
}

func TestGateRefuses(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	for car, want := range map[string]error{
		"base.hybrid.white.cloth.steel":              nil,
		"base.hybrid.white.cloth":                    configurator.ErrIncomplete,
		"base.plus.hybrid.white.cloth.steel":         configurator.ErrTwoOfGroup,
		"base.hybrid.white.cloth.steel.hook.hook":    configurator.ErrTwoOfGroup,
		"base.hybrid.white.cloth.steel.wings":        configurator.ErrUnknown,
		"base.hybrid.white.tep.steel":                configurator.ErrClash,
		"base.hybrid.white.cloth.steel.camera":       configurator.ErrClash,
		"base.hybrid.white.cloth.steel.look-pack":    configurator.ErrClash,
		"plus.hybrid.white.cloth.alloy.sunroof":      configurator.ErrClash,
		"base.petrol.white.cloth.steel.hook.sensors": nil,
	} {
		s, err := configurator.Decode(car)
		if err != nil {
			t.Fatal(err)
		}
		if err := mo.Check(s); !errors.Is(err, want) {
			t.Errorf("%s: %v", car, err)
		}
	}
}

func TestUnsoldAndUnbuildableAreNotOffered(t *testing.T) {
	t.Parallel()
	m, r := meadow()
	delete(r.Prices["fr"][0].Amounts, "sensors") // the camera needs them, so it goes too
	mo, err := configurator.Compile(m, r, today)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []id.Feature{"sensors", "camera", "park-pack"} {
		if _, err := mo.Complete(configurator.Selection{c}); !errors.Is(err, configurator.ErrUnknown) {
			t.Errorf("%s: %v", c, err)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*market.Market, *catalogue.Range)
		want  error
	}{
		"not sold":        {func(_ *market.Market, r *catalogue.Range) { r.Prices = nil }, pricing.ErrNotSold},
		"no VAT":          {func(m *market.Market, _ *catalogue.Range) { m.VAT = nil }, pricing.ErrNoVAT},
		"no wheels":       {func(_ *market.Market, r *catalogue.Range) { r.Features = slices.Delete(r.Features, 8, 10) }, configurator.ErrRange},
		"a price below 0": {func(_ *market.Market, r *catalogue.Range) { r.Prices["fr"][0].Amounts["hook"] = -1 }, configurator.ErrRange},
		"packs in a ring": {func(_ *market.Market, r *catalogue.Range) {
			r.Rules = append(r.Rules, catalogue.Rule{Kind: catalogue.Includes, If: "camera", Any: []id.Feature{"park-pack"}})
		}, configurator.ErrRange},
		"not one car": {func(_ *market.Market, r *catalogue.Range) {
			r.Rules = append(r.Rules, catalogue.Rule{Kind: catalogue.Excludes, If: "cloth", Any: []id.Feature{"petrol", "hybrid"}}, catalogue.Rule{Kind: catalogue.Excludes, If: "tep", Any: []id.Feature{"plus"}})
		}, configurator.ErrRange},
	} {
		m, r := meadow()
		c.spoil(m, r)
		if _, err := configurator.Compile(m, r, today); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
