package configurator_test

import (
	"fmt"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
)

// meadow is a small range that a person can keep in mind. The dear engine is clean, the cheap one pays
// so much duty that it is not the cheapest on the road.
func meadow() (*market.Market, *catalogue.Range) {
	m := &market.Market{Code: "fr", Currency: "EUR", VAT: []market.Rate{{From: "2014-01-01", RateBP: 2000}}, Fees: []market.Fee{
		{Code: "road", Label: market.Plain("Mise à la route"), Kind: market.FeeFixed, From: "2020-01-01", AmountMinor: 500},
		{Code: "malus", Label: market.Plain("Malus CO2"), Kind: market.FeeCO2, From: "2020-01-01", VATFree: true, Steps: []market.FeeStep{{Above: 120, AmountMinor: 3000}}},
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
	r.VariableOrder = meadowOrder
	r.Prices = map[id.Market][]catalogue.PriceList{"fr": {{Version: "fr-1", From: "2026-01-01", Amounts: map[id.Feature]int64{
		"base": 15000, "plus": 18000, "petrol": 0, "hybrid": 2000, "white": 0, "green": 600, "cloth": 0, "tep": 900, "steel": 0, "alloy": 700,
		"rails": 250, "roof": 400, "sunroof": 800, "camera": 300, "sensors": 200, "park-pack": 450, "look-pack": 1000, "hook": 350,
	}}}}
	return m, r
}

// meadowOrder is known, so that no test has to look for one.
var meadowOrder = []string{"version", "options/rails", "options/sunroof", "upholstery", "wheels", "options/look-pack", "options/roof",
	"engine", "options/hook", "colour", "options/park-pack", "options/camera", "options/sensors"}

func compileMeadow(tb testing.TB, day market.Date) *configurator.Model {
	tb.Helper()
	m, r := meadow()
	mo, err := configurator.Compile(m, r, day)
	if err != nil {
		tb.Fatal(err)
	}
	return mo
}

func decode(t *testing.T, text string) configurator.Selection {
	t.Helper()
	s, err := configurator.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func choiceOf(t *testing.T, mo *configurator.Model, picks string, f id.Feature) configurator.Choice {
	t.Helper()
	p, err := mo.Page(decode(t, picks))
	if err != nil {
		t.Fatalf("%s: %v", picks, err)
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

// said writes a choice in one line: state, picks after the click, difference in price, and the clash.
func said(c configurator.Choice) string {
	text := fmt.Sprintf("%s %s %d", c.State, configurator.Encode(c.Next), c.Delta.Minor)
	if c.Next == nil {
		text = fmt.Sprintf("%s - %d", c.State, c.Delta.Minor)
	}
	if len(c.With) > 0 {
		text += fmt.Sprintf(" with %v", c.With)
	}
	if c.Saves {
		text += " saves"
	}
	if k := c.Clash; k != nil {
		text += fmt.Sprintf(": against %v by %q, drops %v adds %v leaves %v", k.Picks, linesOf(k.Rules), k.Drops, k.Adds, k.Leaves)
	}
	return text
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
	for name, c := range map[string]struct{ picks, choice, want string }{
		"nothing picked: what fills the car":    {"", "white", "taken white 0"},
		"nothing picked: the other colour":      {"", "green", "offered green 600"},
		"nothing picked: a trim brings its own": {"", "tep", "offered tep 3900"},
		"nothing picked: the day's rule":        {"", "hook", "offered hook 1350"},
		"engine with its duty":                  {"base", "petrol", "offered base.petrol 1000"},
		"the same colour":                       {"white", "white", "chosen - 0"},
		"another colour takes its place":        {"white", "green", "offered green 600"},
		"version brings wheels for free":        {"alloy", "plus", "offered plus.alloy 2300"},
		"version swallows a paid option":        {"steel.rails", "plus", "offered plus.steel.rails 2750"},
		"other than the standard wheels":        {"plus.alloy", "steel", "offered plus.steel 0"},
		"what the version has":                  {"plus", "rails", "included - 0 with [plus]"},
		"a pack that saves is taken":            {"camera.sensors", "park-pack", "taken camera.sensors.~park-pack 50 saves"},
		"what a pack swallows":                  {"camera.sensors", "camera", "included - 0 with [park-pack]"},
		"the pack again":                        {"camera.sensors.~park-pack", "park-pack", "offered camera.sensors.park-pack -50"},
		"unpicking what another needs":          {"camera.sensors.~park-pack", "sensors", `chosen ~sensors.~park-pack -500: against [camera] by ["camera requires sensors"], drops [camera] adds [] leaves []`},
		"unpicking a pack":                      {"park-pack", "park-pack", "chosen  -450"},
		"a need, met by the cheaper pack":       {"", "camera", "offered camera 450"},
		"clash of two picks":                    {"sunroof", "rails", `blocked rails -550: against [sunroof] by ["sunroof excludes rails"], drops [sunroof] adds [] leaves []`},
		"clash with standard equipment":         {"plus", "sunroof", `blocked sunroof -2200: against [plus] by ["plus standard rails, alloy" "sunroof excludes rails"], drops [plus] adds [base] leaves [rails]`},
		"version with rails on a sunroof":       {"sunroof", "plus", `blocked plus 2200: against [sunroof] by ["plus standard rails, alloy" "sunroof excludes rails"], drops [sunroof] adds [rails] leaves []`},
		"trim of another version":               {"base", "tep", `blocked tep 3900: against [base] by ["tep requires plus"], drops [base] adds [plus rails] leaves []`},
		"trim while the version is open":        {"steel", "tep", "offered tep.steel 3900"},
		"leaving the version of a trim":         {"tep", "base", `blocked base -3900: against [tep] by ["tep requires plus"], drops [tep] adds [cloth] leaves [rails]`},
		"pack insists on its wheels":            {"steel", "look-pack", `blocked look-pack 1000: against [steel] by ["look-pack includes alloy, roof"], drops [steel] adds [alloy roof] leaves []`},
		"wheels against the pack":               {"look-pack", "steel", `blocked steel -1000: against [look-pack] by ["look-pack includes alloy, roof"], drops [look-pack] adds [] leaves [roof]`},
		"rule of another market is silent":      {"petrol.white", "hook", "offered petrol.white.hook 350"},
		"rule of the day":                       {"hybrid", "hook", `blocked hook 1350: against [hybrid] by ["hook excludes hybrid"], drops [hybrid] adds [petrol] leaves []`},
		"left out and back":                     {"~rails", "rails", "offered rails 250"},
		"version that has what is left out":     {"~rails", "plus", `blocked plus 3000: against [~rails] by ["plus standard rails, alloy"], drops [~rails] adds [rails] leaves []`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := said(choiceOf(t, mo, c.picks, id.Feature(c.choice))); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}
