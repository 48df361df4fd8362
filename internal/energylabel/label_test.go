package energylabel_test

import (
	"os"
	"path/filepath"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/energylabel"
	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
)

func labelOf(t *testing.T, code string) (market.EnergyLabel, *market.Market) {
	t.Helper()
	name := filepath.Join("..", "..", "config", "markets", code+".yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m, problems := market.DecodeMarket(name, data)
	if len(problems) != 0 {
		t.Fatal(filecheck.Problems(problems))
	}
	l, ok := m.LabelAt("2026-11-27")
	if !ok {
		t.Fatalf("%s has no label", code)
	}
	return l, m
}

func TestEveryBoundary(t *testing.T) {
	t.Parallel()
	for code, tops := range map[string][]int64{
		"de": {0, 95, 115, 135, 155, 175},
		"fr": {100, 120, 140, 160, 200, 250},
		"gb": {0, 50, 75, 90, 100, 110, 130, 150, 170, 190, 225, 255},
	} {
		l, _ := labelOf(t, code)
		if len(l.Classes) != len(tops)+1 {
			t.Fatalf("%s has %d classes", code, len(l.Classes))
		}
		for i, top := range tops {
			for co2, want := range map[int64]int{top: i, top + 1: i + 1} {
				got := l.Classes[energylabel.ClassOf(l.Classes, co2)].Letter
				if got != string(rune('A'+want)) {
					t.Errorf("%s: %d g/km is class %s, want %c", code, co2, got, 'A'+want)
				}
			}
		}
	}
	l, _ := labelOf(t, "it")
	if got := energylabel.ClassOf(l.Classes, 100); got != -1 {
		t.Errorf("Italy has no classes, got %d", got)
	}
}

func TestCosts(t *testing.T) {
	t.Parallel()
	l, m := labelOf(t, "de")
	l.Prices = market.EnergyPrices{Petrol: 180, Diesel: 170, LPG: 100, KWh: 40}
	l.Paths = []market.CO2PricePath{{Path: "mid", Tonne: 100_00}}
	e := &catalogue.EngineFacts{Fuel: "plugin", CO2: 100, CO2Empty: 136, Litres100: 50, KWh100: 100}
	got := energylabel.Of(l, e, energylabel.Metres(l, m.Distance))
	// 750 l at 1.80 and 1,500 kWh at 0.40; 15 t at 100
	if got.YearMinor != 1950_00 || got.Carbon[0].TotalMinor != 1500_00 || got.Class != 2 || got.EmptyClass != 4 {
		t.Errorf("label is %+v", got)
	}
	if gb, m := labelOf(t, "gb"); energylabel.Metres(gb, m.Distance) != 19_312_128 {
		t.Errorf("12,000 miles are %d m", energylabel.Metres(gb, m.Distance))
	}
}
