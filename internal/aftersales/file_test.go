package aftersales_test

import (
	"strings"
	"testing"

	"forecourt/config"
	"forecourt/internal/aftersales"
	"forecourt/internal/platform/filecheck"
)

// broken reads a demo file with some words exchanged and says what was refused.
func broken(t *testing.T, name string, decode func(data []byte) []filecheck.Problem, swaps ...string) string {
	t.Helper()
	data, err := config.World.ReadFile("service/" + name)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for i := 0; i < len(swaps); i += 2 {
		if !strings.Contains(text, swaps[i]) {
			t.Fatalf("%s does not hold %q", name, swaps[i])
		}
		text = strings.Replace(text, swaps[i], swaps[i+1], 1)
	}
	return filecheck.Problems(decode([]byte(text))).Error()
}

func TestBrokenFilesOfWorkshopsAreRefusedWithTheirLine(t *testing.T) {
	t.Parallel()
	b := demoBook(t)
	goods := func(data []byte) []filecheck.Problem { _, ps := aftersales.DecodeGoods("p.yaml", data); return ps }
	menu := func(data []byte) []filecheck.Problem {
		_, ps := aftersales.DecodeMenu("m.yaml", data, &b.Goods)
		return ps
	}
	recalls := func(data []byte) []filecheck.Problem {
		_, ps := aftersales.DecodeRecalls("r.yaml", data, &b.Goods, "dacia", "renault")
		return ps
	}
	contracts := func(data []byte) []filecheck.Problem {
		_, ps := aftersales.DecodeContracts("c.yaml", data, &b.Menu)
		return ps
	}
	prices := func(data []byte) []filecheck.Problem { _, ps := aftersales.DecodeMarket("gb.yaml", data, b); return ps }
	for name, c := range map[string]struct {
		file   string
		decode func([]byte) []filecheck.Problem
		swap   []string
		want   string
	}{
		"kind":            {"parts.yaml", goods, []string{"kind: part,", "kind: thing,"}, `kind can not be "thing"; it is one of part, accessory, tyre`},
		"twice":           {"parts.yaml", goods, []string{"code: oil-filter,", "code: oil-5w30,"}, "code oil-5w30 is given twice"},
		"label":           {"parts.yaml", goods, []string{"wet_grip: A", "wet_grip: F"}, `wet_grip can not be "F"; it is one of A, B, C, D, E`},
		"noise":           {"parts.yaml", goods, []string{"noise_db: 68", "noise_db: 168"}, "noise_db must be from 60 to 80, not 168"},
		"size":            {"parts.yaml", goods, []string{"tyres: [165/70 R14", "tyres: [165-70 R14"}, `165-70 R14`},
		"language":        {"parts.yaml", goods, []string{`, ro: "Ulei de motor, un litru"`, ""}, "name is missing in the language ro"},
		"no such part":    {"menu.yaml", menu, []string{"{part: oil-5w30,", "{part: oil-0w16,"}, `there is no part "oil-0w16"`},
		"skill":           {"menu.yaml", menu, []string{"skill: electric", "skill: magic"}, `skill can not be "magic"`},
		"minutes":         {"menu.yaml", menu, []string{"minutes: 60", "minutes: 6000"}, "minutes must be from 5 to 1440, not 6000"},
		"plan of nothing": {"menu.yaml", menu, []string{"{item: annual-service, months: 24, km: 30000", "{item: annual-service"}, "annual-service needs months or kilometres"},
		"no such item":    {"menu.yaml", menu, []string{"{item: annual-service,", "{item: yearly-service,"}, `there is no item "yearly-service" on the menu`},
		"brand":           {"recalls.yaml", recalls, []string{"brand: dacia", "brand: trabant"}, `there is no brand "trabant"`},
		"numbers":         {"recalls.yaml", recalls, []string{"from: UU1RJU00X24A22222, to: UU1RJU00X24CZZZZZ", "from: UU1RJU00X24CZZZZZ, to: UU1RJU00X24A22222"}, "the numbers end before they begin"},
		"day":             {"recalls.yaml", recalls, []string{"from: 2026-10-12", "from: 2026-13-12"}, `from is not a day: "2026-13-12"`},
		"covers":          {"contracts.yaml", contracts, []string{"covers: [annual-service", "covers: [everything"}, `there is no item "everything" on the menu`},
		"variant":         {"markets/gb.yaml", prices, []string{"brake-fluid: {electric:", "brake-fluid: {steam:"}, `brake-fluid has no variant "steam"`},
		"price of a part": {"markets/gb.yaml", prices, []string{"      towbar:", "      oil-filter: 100\n      towbar:"}, "oil-filter is a part of work, whose price holds it"},
		"unknown price":   {"markets/gb.yaml", prices, []string{"      towbar:", "      towbat:"}, `there is no part "towbat"`},
		"negative":        {"markets/gb.yaml", prices, []string{"labour_minor: ", "labour_minor: -"}, "labour_minor must be from 1 to"},
		"rings":           {"markets/gb.yaml", prices, []string{"to_km: 16", "to_km: 6"}, "the ring up to 6 km does not rise over the one before"},
		"steps":           {"markets/gb.yaml", prices, []string{"steps: [{from_months: 0", "steps: [{from_months: 12"}, "steps begin at 0 months of age and rise"},
		"unknown key":     {"markets/gb.yaml", prices, []string{"hold_minutes:", "hold_hours:"}, "hold_hours"},
	} {
		got := broken(t, c.file, c.decode, c.swap...)
		if !strings.Contains(got, c.want) || !strings.Contains(got, ".yaml:") || strings.Contains(got, ".yaml:0:") {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, decode := range []func([]byte) []filecheck.Problem{goods, menu, prices} {
		for _, data := range []string{"", "x", "[]", "a: {b: [c"} {
			if len(decode([]byte(data))) == 0 {
				t.Errorf("%q is taken for a file", data)
			}
		}
	}
}
