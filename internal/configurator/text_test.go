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

func TestTextForm(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "~", "base", "base.tce-130.x", "~.base.hook", "base.~hook.roof", "~hook"} {
		s, err := configurator.Decode(text)
		if err != nil || configurator.Encode(s) != text {
			t.Errorf("%q: %q %v", text, configurator.Encode(s), err)
		}
	}
	for _, bad := range []string{".", "a..b", "a.B", "a b", "é", "a.", "a/b", "~~a", "~~", "a~", "a~b", "~.", "%7Ea", "a\x00", strings.Repeat("a", 5000)} {
		if s, err := configurator.Decode(bad); fault.KindOf(err) != fault.Invalid || s != nil {
			t.Errorf("%.10q: %v %v", bad, s, err)
		}
	}
	if got := configurator.Encode(configurator.Exactly(configurator.Selection{"base", "hook"})); got != "~.base.hook" {
		t.Error(got)
	}
	for entry, want := range map[id.Feature]string{"~hook": "hook true", "hook": "hook false", "~": " false"} {
		if code, out := configurator.Omitted(entry); fmt.Sprint(code, out) != want && fmt.Sprintf("%s %t", code, out) != want {
			t.Errorf("%s: %s %t", entry, code, out)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	s, err := mo.Parse([]string{"hook", "~roof", " white ", "", "~", "base", "hook", "~camera", "~roof"})
	if err != nil || configurator.Encode(s) != "~.base.white.hook.~roof.~camera" {
		t.Errorf("%v %v", s, err)
	}
	for name, c := range map[string]struct {
		raw  []string
		want *fault.Fault
	}{
		"unknown":              {[]string{"base", "<script>\u202e" + strings.Repeat("x", 99)}, configurator.ErrUnknown},
		"two versions":         {[]string{"base", "plus"}, configurator.ErrTwoOfGroup},
		"picked and left out":  {[]string{"hook", "~hook"}, configurator.ErrTwoOfGroup},
		"a version left out":   {[]string{"~base"}, configurator.ErrUnknown},
		"left out and unknown": {[]string{"~gone"}, configurator.ErrUnknown},
		"left out twice over":  {[]string{"~~hook"}, configurator.ErrUnknown},
		"too many":             {slices.Repeat([]string{"base"}, 1000), configurator.ErrTooMany},
	} {
		s, err := mo.Parse(c.raw)
		var f *fault.Fault
		if !errors.As(err, &f) || !errors.Is(err, c.want) || f.Kind != fault.Invalid || s != nil {
			t.Errorf("%s: %v %v", name, s, err)
			continue
		}
		if said := f.Args["feature"]; name == "unknown" && (!strings.HasPrefix(said, "<script>xxx") || len(said) > 40) {
			t.Errorf("names %q", said)
		}
	}
	for _, s := range []configurator.Selection{{"gone"}, {"base", "plus"}, {"hook", "~hook"}} {
		_, pageErr := mo.Page(s)
		_, err := mo.Complete(s)
		if fault.KindOf(err) != fault.Invalid || !errors.Is(pageErr, err) && pageErr.Error() != err.Error() {
			t.Errorf("%v: %v, %v", s, err, pageErr)
		}
	}
}

func TestCompleteTellsClashes(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	_, err := mo.Complete(configurator.Selection{"plus", "sunroof"})
	var clash *configurator.Clash
	if !errors.As(err, &clash) || clash.Because().In("en") == "" || len(clash.Rules) != 2 {
		t.Fatalf("%v", err)
	}
	if fault.KindOf(err) != fault.Invalid || !errors.Is(err, configurator.ErrClash) {
		t.Errorf("a clash is the buyer's to mend, got kind %v", fault.KindOf(err))
	}
	if got := configurator.Encode(clash.Repair); got != "sunroof" || clash.RepairTotal.Minor != 18300 {
		t.Errorf("repair %s of %s: the cheaper of two that give up one pick", got, clash.RepairTotal)
	}
	// Both are blocked by the version that each of them leaves open.
	_, err = mo.Complete(configurator.Selection{"tep", "sunroof", "green"})
	if !errors.As(err, &clash) || len(clash.Drops) != 1 || len(clash.Picks) != 1 || len(clash.Rules) != 3 {
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

func TestAWholeCarStaysAsItIs(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	const car = "base.hybrid.white.cloth.steel.camera.sensors" // the pack is cheaper
	b, err := mo.Complete(decode(t, car))
	if err != nil || configurator.Encode(b.Selection) != car || b.Quote.Total.Minor != 18000 {
		t.Errorf("%v of %s, %v", b.Selection, b.Quote.Total, err)
	}
	p, err := mo.Page(decode(t, car))
	if err != nil || p.Build.Quote.Total.Minor != 17950 || configurator.Encode(p.Build.Selection) != "base.hybrid.white.cloth.steel.park-pack" {
		t.Errorf("the page takes the pack: %v of %s, %v", p.Build.Selection, p.Build.Quote.Total, err)
	}
	p, err = mo.Page(configurator.Exactly(decode(t, car)))
	if err != nil || configurator.Encode(p.Build.Selection) != car || configurator.Encode(p.Picks) != car+".~park-pack" {
		t.Errorf("exactly this car: %v, picks %v, %v", p.Build.Selection, p.Picks, err)
	}
}

func TestDiffShowsIncludedParts(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	car := func(text string) configurator.Build {
		b, err := mo.Car(decode(t, text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	d := car("plus.hybrid.white.cloth.alloy").Since(car("base.hybrid.white.cloth.alloy.sunroof"))
	if fmt.Sprint(d.Added, d.Removed, d.Delta.Minor) != "[plus rails] [base sunroof] 1500" {
		t.Errorf("%+v", d)
	}
	if _, err := mo.Car(configurator.Selection{"gone-since"}); !errors.Is(err, configurator.ErrUnknown) {
		t.Errorf("what is not sold any more: %v", err)
	}
}

func TestGateSaysWhichRule(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	for car, want := range map[string]string{
		"base.hybrid.white.tep.steel":             "tep requires plus",
		"base.hybrid.white.cloth.steel.camera":    "camera requires sensors",
		"base.hybrid.white.cloth.steel.look-pack": "look-pack includes alloy, roof",
		"plus.hybrid.white.cloth.alloy.sunroof":   "sunroof excludes rails",
		"base.hybrid.white.cloth.steel.hook":      "hook excludes hybrid",
	} {
		var clash *configurator.Clash
		if err := mo.Check(decode(t, car)); !errors.As(err, &clash) || !slices.Equal(linesOf(clash.Rules), []string{want}) || clash.Repair != nil {
			t.Errorf("%s: %v", car, err)
		}
	}
	if err := mo.Check(decode(t, "base.petrol.white.cloth.steel.hook.sensors")); err != nil {
		t.Error(err)
	}
}

func TestRuleEndsWithItsLastDay(t *testing.T) {
	t.Parallel()
	for day, want := range map[market.Date]configurator.State{"2026-03-31": configurator.Blocked, "2026-04-01": configurator.Offered} {
		if c := choiceOf(t, compileMeadow(t, day), "hybrid", "hook"); c.State != want {
			t.Errorf("%s: %s", day, c.State)
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

func TestTablesOfWhatIsNotSold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows []catalogue.Row
		want error
	}{
		"a row fits a car without both":    {[]catalogue.Row{{{"hook"}, nil}, {nil, {catalogue.Without}}}, nil},
		"every row wants one of the two":   {[]catalogue.Row{{{"hook"}, nil}, {{catalogue.Without}, {"roof"}}}, configurator.ErrRange},
		"no row that anything could fit":   {nil, configurator.ErrRange},
		"a cell that offers the rest, too": {[]catalogue.Row{{{"hook", catalogue.Without}, {"roof", catalogue.Without}}}, nil},
	} {
		m, r := meadow()
		delete(r.Prices["fr"][0].Amounts, "hook")
		delete(r.Prices["fr"][0].Amounts, "roof")
		r.Rules = append(r.Rules, catalogue.Rule{Kind: catalogue.OnlyWith, Of: []string{"hook", "roof"}, Rows: c.rows})
		mo, err := configurator.Compile(m, r, today)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && mo.Check(mo.Default()) != nil {
			t.Errorf("%s: the gate differs", name)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*market.Market, *catalogue.Range)
		want  error
	}{
		"not sold":                {func(_ *market.Market, r *catalogue.Range) { r.Prices = nil }, pricing.ErrNotSold},
		"no VAT":                  {func(m *market.Market, _ *catalogue.Range) { m.VAT = nil }, pricing.ErrNoVAT},
		"no wheels":               {func(_ *market.Market, r *catalogue.Range) { r.Features = slices.Delete(r.Features, 8, 10) }, configurator.ErrRange},
		"a price below 0":         {func(_ *market.Market, r *catalogue.Range) { r.Prices["fr"][0].Amounts["hook"] = -1 }, configurator.ErrRange},
		"a price beyond counting": {func(_ *market.Market, r *catalogue.Range) { r.Prices["fr"][0].Amounts["hook"] = 1 << 60 }, configurator.ErrRange},
		"a duty beyond counting":  {func(m *market.Market, _ *catalogue.Range) { m.Fees[1].Steps[0].AmountMinor = 1 << 40 }, configurator.ErrRange},
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

func TestHolds(t *testing.T) {
	t.Parallel()
	mo := compileMeadow(t, today)
	sensors := configurator.Hold{Feature: "sensors", Until: "2026-05-01", Because: "stock"}
	held, err := mo.With([]configurator.Hold{sensors})
	if err != nil {
		t.Fatal(err)
	}
	for f, want := range map[id.Feature]string{
		"sensors":   `blocked - 0: against [] by [], drops [] adds [] leaves []`,
		"camera":    `blocked - 0: against [] by ["camera requires sensors"], drops [] adds [] leaves []`,
		"park-pack": `blocked - 0: against [] by ["park-pack includes camera, sensors"], drops [] adds [] leaves []`,
	} {
		c := choiceOf(t, held, "", f)
		if got := said(c); got != want || c.Clash.Hold == nil || *c.Clash.Hold != sensors {
			t.Errorf("%s:\n got %s by %+v\nwant %s", f, got, c.Clash.Hold, want)
		}
	}
	if _, err := mo.With([]configurator.Hold{{Feature: "cloth"}, {Feature: "plus"}}); !errors.Is(err, configurator.ErrHeld) || fault.KindOf(err) != fault.Conflict {
		t.Errorf("the other trim needs what is held: %v", err)
	}
	both, err := mo.With([]configurator.Hold{{Feature: "roof"}, {Feature: "petrol"}, {Feature: "hook"}})
	if err != nil {
		t.Fatal(err)
	}
	if c := choiceOf(t, both, "", "hook"); c.Clash.Hold == nil || c.Clash.Hold.Feature != "hook" {
		t.Errorf("%+v", c.Clash)
	}
	if same, err := mo.With(nil); err != nil || same != mo {
		t.Errorf("nothing held: %v", err)
	}
}
