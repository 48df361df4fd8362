package connected_test

import (
	"strings"
	"testing"
	"time"

	"forecourt/config"
	"forecourt/internal/connected"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
)

// Every rule has words in every language, and its sentence takes the value.
func TestEveryRuleHasWords(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := config.World.ReadFile(connected.RulesFile)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(raw)) {
		code, ok := strings.CutPrefix(strings.TrimSpace(line), "- code: ")
		if !ok {
			continue
		}
		n++
		for _, locale := range []string{"de-DE", "en-GB", "es-ES", "fr-FR", "it-IT", "ro-RO"} {
			w, p := connected.Warning{Rule: code, Value: 7}, words.Printer(locale)
			if !p.Has("car.warning."+code+".name") || !p.Has("car.warning."+code+".text") || strings.Contains(w.Sentence(p), "[") {
				t.Errorf("%s has no words for %s: %s", locale, code, w.Sentence(p))
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d rules were found", n)
	}
}

// What a warning recommends is sold: every item is one of the workshops' menu.
func TestWhatAWarningRecommendsIsOnTheMenu(t *testing.T) {
	t.Parallel()
	menu, err := config.World.ReadFile("service/menu.yaml")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := config.World.ReadFile(connected.RulesFile)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(raw)) {
		if item, ok := strings.CutPrefix(strings.TrimSpace(line), "item: "); ok {
			n++
			if !strings.Contains(string(menu), "\n  - code: "+item+"\n") {
				t.Errorf("the menu has no %s", item)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d items were found", n)
	}
}

func TestAMoreParticularRuleGoesFirst(t *testing.T) {
	t.Parallel()
	rules, problems := connected.DecodeRules("signals.yaml", []byte(`rules:
  - {code: low, signal: battery_pct, fuels: [electric], at_most: 20, urgency: soon, days: 3}
  - {code: low, signal: battery_pct, models: [spring], fuels: [electric], at_most: 30, urgency: soon, days: 3, item: charge}
  - {code: low, signal: battery_pct, markets: [ro], fuels: [electric], at_most: 40, urgency: plan, days: 3}
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for name, c := range map[string]struct {
		car  connected.Car
		most int
	}{
		"any":       {connected.Car{Market: "it", Model: "megane-e-tech", Fuel: "electric"}, 20},
		"its model": {connected.Car{Market: "it", Model: "Spring", Fuel: "electric"}, 30},
		"its land":  {connected.Car{Market: "ro", Model: "spring", Fuel: "electric"}, 40},
	} {
		if got := rules.For(c.car); len(got) != 1 || got[0].AtMost != c.most {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := rules.For(connected.Car{Market: "ro", Model: "spring", Fuel: "petrol"}); len(got) != 0 {
		t.Errorf("a petrol car: %+v", got)
	}
}

func TestBadRulesAreRefusedWithTheirLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":            "empty",
		"rules: []\n": "rules",
		"rules:\n  - {code: Bad Code, lamp: oil, urgency: stop, days: 1}\n":                                                 ":2: code",
		"rules:\n  - {code: a, lamp: disco, urgency: stop, days: 1}\n":                                                      ":2: ",
		"rules:\n  - {code: a, lamp: oil, signal: battery_pct, urgency: stop, days: 1}\n":                                   "either a lamp or a signal",
		"rules:\n  - {code: a, signal: speed, urgency: stop, days: 1}\n":                                                    "speed",
		"rules:\n  - {code: a, lamp: oil, urgency: panic, days: 1}\n":                                                       "panic",
		"rules:\n  - {code: a, lamp: oil, urgency: stop}\n":                                                                 "days",
		"rules:\n  - {code: a, signal: battery_pct, at_most: 20, owner: true, low: 30, high: 50, urgency: soon, days: 1}\n": "between low and high",
		"rules:\n  - {code: a, lamp: oil, urgency: stop, days: 1, colour: red}\n":                                           "colour",
	} {
		_, problems := connected.DecodeRules("signals.yaml", []byte(text))
		said := ""
		for _, p := range problems {
			said += p.String() + "\n"
		}
		if len(problems) == 0 || !strings.Contains(said, want) {
			t.Errorf("%q: %q does not say %q", text, said, want)
		}
	}
}

func TestAKeeperIsToldAtTheEndOfHisNight(t *testing.T) {
	t.Parallel()
	y := open(t)
	c := y.car(connected.Lamps)
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	night := connected.Quiet{From: 1320, To: 420}
	at := func(month time.Month, day, hour, minute int, zone *time.Location) time.Time {
		return time.Date(2027, month, day, hour, minute, 0, 0, zone)
	}
	for _, x := range []struct { // by time: an older signal replaces nothing
		name      string
		quiet     connected.Quiet
		now, told time.Time
	}{
		{"outside", night, at(1, 10, 12, 0, rome), at(1, 10, 12, 0, rome)},
		{"before midnight", night, at(1, 10, 23, 0, rome), at(1, 11, 7, 0, rome)},
		{"none", connected.Quiet{}, at(1, 11, 0, 0, rome), at(1, 11, 0, 0, rome)},
		{"after midnight", night, at(1, 11, 3, 0, rome), at(1, 11, 7, 0, rome)},
		{"at its end", night, at(1, 11, 7, 0, rome), at(1, 11, 7, 0, rome)},
		{"by day", connected.Quiet{From: 780, To: 900}, at(1, 11, 14, 0, rome), at(1, 11, 15, 0, rome)},
		{"into the lost hour", connected.Quiet{From: 1320, To: 150}, at(3, 28, 1, 0, rome), at(3, 28, 1, 30, time.UTC)},
		{"in the hour of twice", connected.Quiet{From: 0, To: 150}, at(10, 31, 1, 10, time.UTC), at(10, 31, 1, 30, time.UTC)},
	} {
		y.clock.Set(x.now.UTC())
		y.tx(func(tx *db.Tx) error { return connected.SetMannerTx(tx, c.keeper, "it-IT", x.quiet) })
		y.wants(x.name, "accepted accepted", c.says(`{"lamps":[]}`), c.says(`{"lamps":["oil"]}`))
		if w := c.sees().Open(); len(w) != 1 || !w[0].TellAt.Equal(x.told) {
			t.Errorf("%s: told at %v, want %s", x.name, w, x.told.UTC())
		}
	}
}
