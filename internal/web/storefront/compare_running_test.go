package storefront

import (
	"strings"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/market"
)

// By hand: 12,000 km at 5.5 l/100 km are 660 l; at 1.75 they cost 1,155.00.
func TestRunningCost(t *testing.T) {
	t.Parallel()
	prices := energyPrices{Petrol: 1750, Diesel: 1690, LPG: 720, KWh: 300}
	for name, x := range map[string]struct {
		e      catalogue.EngineFacts
		metres int64
		want   int64
	}{
		"petrol":                    {catalogue.EngineFacts{Fuel: "petrol", Litres100: 55}, 12_000_000, 115_500},
		"hybrid burns petrol":       {catalogue.EngineFacts{Fuel: "hybrid", Litres100: 44}, 12_000_000, 92_400},
		"diesel":                    {catalogue.EngineFacts{Fuel: "diesel", Litres100: 53}, 10_000_000, 89_570},
		"LPG":                       {catalogue.EngineFacts{Fuel: "lpg", Litres100: 72}, 12_000_000, 62_208},
		"electric":                  {catalogue.EngineFacts{Fuel: "electric", KWh100: 124}, 12_000_000, 44_640},
		"plug-in uses both":         {catalogue.EngineFacts{Fuel: "plugin", Litres100: 5, KWh100: 178}, 12_000_000, 10_500 + 64_080},
		"8,000 miles":               {catalogue.EngineFacts{Fuel: "petrol", Litres100: 55}, (&market.Market{Distance: "mi"}).Metres(8000), 123_919},
		"half a cent is rounded up": {catalogue.EngineFacts{Fuel: "petrol", Litres100: 2}, 10_000, 4}, // 3.5
		"the longest year":          {catalogue.EngineFacts{Fuel: "petrol", Litres100: 150}, (&market.Market{Distance: "mi"}).Metres(mostYearly), 8_449_056},
	} {
		if got := prices.perYear(&x.e, x.metres); got != x.want {
			t.Errorf("%s: %d, want %d", name, got, x.want)
		}
	}
}

func TestPricesOfEnergyAreReadAndWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"1.35": 1350, "1,389": 1389, "0.27": 270, "2": 2000, "99.999": 99999, "0.001": 1} {
		got, ok := parsePrice(text)
		if !ok || got != want {
			t.Errorf("%s: %d %v", text, got, ok)
		}
		if back, ok := parsePrice(writePrice(got, ",")); !ok || back != want {
			t.Errorf("%s is written as %s", text, writePrice(got, ","))
		}
	}
	for _, text := range []string{"", "0", "0.000", "-1", "100", "1.2345", "1.2.3", ".5", "abc", "1e3", "+1", "1 .5", "٣", "NaN"} {
		if got, ok := parsePrice(text); ok {
			t.Errorf("%q was read as %d", text, got)
		}
	}
	if a, b := writePrice(1350, "."), writePrice(1389, ","); a != "1.35" || b != "1,389" {
		t.Errorf("written: %s %s", a, b)
	}
}

func TestEveryMarketHasAnAssumption(t *testing.T) {
	t.Parallel()
	for _, m := range []*market.Market{{Country: "GB", Distance: "mi"}, {Country: "IT", Distance: "km"}, {Country: "FR", Distance: "km"}, {Country: "ES", Distance: "km"}} {
		p := assumedFor(m)
		for _, e := range energyParams {
			if n := *p.at(e); n < 100 || n > 3000 {
				t.Errorf("%s %s: %d", m.Country, e, n)
			}
		}
		if km := m.Metres(assumedYearly(m)) / 1000; km < 11_000 || km > 14_000 {
			t.Errorf("%s drives %d km", m.Country, km)
		}
	}
}

// The configurator's link keeps the cars that were chosen before, each once, four at most.
func TestCompareURL(t *testing.T) {
	t.Parallel()
	s := &shop{brand: market.Brand{Code: "dacia"}, market: &market.Market{Code: "gb"}}
	k := &car{shop: s, rng: &catalogue.Range{Model: "duster"}}
	b := configurator.Build{Selection: configurator.Selection{"journey", "khaki"}}
	for _, x := range []struct {
		others []string
		want   string
	}{
		{nil, "/dacia/gb/compare?c=duster%3Ajourney.khaki"},
		{[]string{"spring:", "spring:", "duster:journey.khaki"}, "/dacia/gb/compare?c=spring%3A&c=duster%3Ajourney.khaki"},
		{strings.Split("a: b: c: d: e:", " "), "/dacia/gb/compare?c=a%3A&c=b%3A&c=c%3A&c=duster%3Ajourney.khaki"},
	} {
		if got := k.compareURL(b, x.others); got != x.want {
			t.Errorf("%v: %s, want %s", x.others, got, x.want)
		}
	}
}
