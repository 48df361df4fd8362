package pricing_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
)

const day = market.Date("2026-03-02")

func testMarket(code id.Market, cur money.Currency, rate int64, fees ...market.Fee) *market.Market {
	for i := range fees {
		if fees[i].From == "" {
			fees[i].From = "2020-01-01"
		}
	}
	return &market.Market{Code: code, Currency: cur, VAT: []market.Rate{{From: "2011-01-04", RateBP: rate}}, Fees: fees,
		Flows: map[id.Flow][]market.FlowTerms{id.FlowNew: {{From: "2020-01-01", DepositMinor: 10000}}}}
}

func testRange(code id.Market, engine catalogue.EngineFacts, amounts map[id.Feature]int64) *catalogue.Range {
	return &catalogue.Range{
		Brand: "dacia", Model: "meadow", Name: "Meadow",
		Features: []catalogue.Feature{
			{Code: "base", Group: catalogue.Version},
			{Code: "engine", Group: catalogue.Engine, Engine: &engine},
			{Code: "blue", Group: catalogue.Colour},
			{Code: "cloth", Group: catalogue.Upholstery},
			{Code: "steel", Group: catalogue.Wheels},
			{Code: "rails", Group: catalogue.Options},
			{Code: "winter", Group: catalogue.Options},
		},
		Prices: map[id.Market][]catalogue.PriceList{code: {{Version: "one", From: "2020-01-01", Amounts: amounts}}},
	}
}

func plainAmounts() map[id.Feature]int64 {
	return map[id.Feature]int64{"base": 1_849_500, "engine": 120_000, "blue": 65_000, "cloth": 0, "steel": 0, "rails": 22_500, "winter": 40_000}
}

var car = []id.Feature{"base", "engine", "blue", "cloth", "steel", "rails"}

func TestQuoteHasEveryLineAndSums(t *testing.T) {
	t.Parallel()
	m := testMarket("gb", "GBP", 2000,
		market.Fee{Code: "delivery", Label: market.Plain("Delivery"), Kind: market.FeeFixed, AmountMinor: 66_000},
		market.Fee{Code: "registration", Label: market.Plain("First registration"), Kind: market.FeeFixed, AmountMinor: 5_500, VATFree: true},
		market.Fee{Code: "tax", Label: market.Plain("First year road tax"), Kind: market.FeeCO2, VATFree: true, Steps: []market.FeeStep{{Above: 0, AmountMinor: 13_000}, {Above: 110, AmountMinor: 44_000}}},
		market.Fee{Code: "luxury", Label: market.Plain("Over two tonnes"), Kind: market.FeeMass, VATFree: true, Steps: []market.FeeStep{{Above: 2000, PerUnitMinor: 1000}}},
		market.Fee{Code: "ended", Label: market.Plain("Ended"), Kind: market.FeeFixed, AmountMinor: 999, To: "2026-03-01"},
	)
	r := testRange("gb", catalogue.EngineFacts{CO2: 128, MassKg: 1300, KW: 96}, plainAmounts())
	q, err := pricing.OnTheRoad(m, r, car, func(f id.Feature) bool { return f == "rails" }, day)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, l := range q.Lines {
		got += fmt.Sprintf("%s %s %d vat %d at %d %v\n", l.Kind, l.Code, l.Amount.Minor, l.VAT.Minor, l.VATRateBP, l.Included)
	}
	want := "car base 1849500 vat 308250 at 2000 false\nfeature engine 120000 vat 20000 at 2000 false\nfeature blue 65000 vat 10833 at 2000 false\n" +
		"feature cloth 0 vat 0 at 2000 false\nfeature steel 0 vat 0 at 2000 false\nfeature rails 0 vat 0 at 2000 true\n" +
		"fee delivery 66000 vat 11000 at 2000 false\nfee registration 5500 vat 0 at 0 false\nfee tax 44000 vat 0 at 0 false\n"
	if got != want {
		t.Errorf("lines:\n%swant:\n%s", got, want)
	}
	if asked := q.Asking(10_000); q.Deposit.Minor != 0 || q.Balance != q.Total || asked.Deposit.String() != "GBP 100.00" || asked.Balance.Minor != 2_140_000 || asked.Total != q.Total {
		t.Errorf("asking 100.00: %s and %s of %s", asked.Deposit, asked.Balance, asked.Total)
	}
	if q.Total.String() != "GBP 21500.00" || q.VAT.String() != "GBP 3500.83" {
		t.Errorf("total %s vat %s deposit %s balance %s", q.Total, q.VAT, q.Deposit, q.Balance)
	}
	if q.PriceVersion != "one" || q.Day != day || q.Market != "gb" || q.VATRateBP != 2000 {
		t.Errorf("head %+v", q)
	}
}

// feeOf prices one fee alone on a car that costs nothing else.
func feeOf(t *testing.T, f market.Fee, e catalogue.EngineFacts) int64 {
	t.Helper()
	m := testMarket("it", "EUR", 2200, f)
	r := testRange("it", e, map[id.Feature]int64{"base": 0, "engine": 0})
	q, err := pricing.OnTheRoad(m, r, []id.Feature{"base", "engine"}, nil, day)
	if err != nil {
		t.Fatal(err)
	}
	if d := pricing.Duties(m, e, day); d != q.Total {
		t.Errorf("Duties %s, total %s", d, q.Total)
	}
	if lines := len(q.Lines) - 2; (q.Total.Minor != 0) != (lines == 1) {
		t.Errorf("%d fee lines for %s", lines, q.Total)
	}
	return q.Total.Minor
}

func TestFeeFormulas(t *testing.T) {
	t.Parallel()
	ipt := market.Fee{Code: "ipt", Kind: market.FeePower, AmountMinor: 15_081, BaseUnits: 53, PerUnitMinor: 351, PerUnitMilli: 190, VATFree: true}
	iptMilan := ipt
	iptMilan.SurchargeBP = 3000
	malus := market.Fee{Code: "malus", Kind: market.FeeCO2, VATFree: true, Steps: []market.FeeStep{{Above: 191, AmountMinor: 8_000_000}, {Above: 107, AmountMinor: 5_000}, {Above: 112, AmountMinor: 21_000}}}
	mass := market.Fee{Code: "mass", Kind: market.FeeMass, VATFree: true, Steps: []market.FeeStep{{Above: 1500, PerUnitMinor: 1000}, {Above: 1700, AmountMinor: 200_000, PerUnitMinor: 1500}}}
	massFree := mass
	massFree.Exempt = []string{"electric"}
	tax := market.Fee{Code: "tax", Kind: market.FeeCO2, VATFree: true, Steps: []market.FeeStep{{Above: -1, AmountMinor: 1_000}, {Above: 0, AmountMinor: 11_000}, {Above: 50, AmountMinor: 13_000}}}
	for name, c := range map[string]struct {
		fee  market.Fee
		e    catalogue.EngineFacts
		want int64
	}{
		"fixed":                     {market.Fee{Code: "pra", Kind: market.FeeFixed, AmountMinor: 2_700}, catalogue.EngineFacts{}, 2_700},
		"ipt below the base":        {ipt, catalogue.EngineFacts{KW: 48}, 15_081},
		"ipt at the base":           {ipt, catalogue.EngineFacts{KW: 53}, 15_081},
		"ipt one kW above":          {ipt, catalogue.EngineFacts{KW: 54}, 15_432},      // 15081 + 351.19
		"ipt 96 kW":                 {ipt, catalogue.EngineFacts{KW: 96}, 30_182},      // 15081 + 43 * 351.19 = 30182.17
		"ipt 96 kW, 30 % surcharge": {iptMilan, catalogue.EngineFacts{KW: 96}, 39_237}, // 39236.821 rounded once
		"ipt 74 kW, 30 % surcharge": {iptMilan, catalogue.EngineFacts{KW: 74}, 29_193}, // (15081 + 7374.99) * 1.3 = 29192.787
		"malus below the start":     {malus, catalogue.EngineFacts{CO2: 107}, 0},
		"malus at the start":        {malus, catalogue.EngineFacts{CO2: 108}, 5_000},
		"malus next step":           {malus, catalogue.EngineFacts{CO2: 113}, 21_000},
		"malus below the cap":       {malus, catalogue.EngineFacts{CO2: 191}, 21_000},
		"malus cap":                 {malus, catalogue.EngineFacts{CO2: 400}, 8_000_000},
		"mass at the limit":         {mass, catalogue.EngineFacts{MassKg: 1500}, 0},
		"mass first kg":             {mass, catalogue.EngineFacts{MassKg: 1501}, 1_000},
		"mass 1620 kg":              {mass, catalogue.EngineFacts{MassKg: 1620}, 120_000},
		"mass, exempt fuel":         {massFree, catalogue.EngineFacts{MassKg: 1710, Fuel: "electric"}, 0},
		"mass, other fuel":          {massFree, catalogue.EngineFacts{MassKg: 1710, Fuel: "petrol"}, 215_000},
		"mass second step":          {mass, catalogue.EngineFacts{MassKg: 1710}, 215_000},
		"first year, electric":      {tax, catalogue.EngineFacts{CO2: 0}, 1_000},
		"first year, 50 g":          {tax, catalogue.EngineFacts{CO2: 50}, 11_000},
		"first year, 51 g":          {tax, catalogue.EngineFacts{CO2: 51}, 13_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := feeOf(t, c.fee, c.e); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

// Romania raised its rate from 19 % to 21 % on 1 August 2025 (Law 141/2025).
func TestRateOfTheDay(t *testing.T) {
	t.Parallel()
	m := testMarket("ro", "RON", 1900)
	m.VAT = []market.Rate{{From: "2025-08-01", RateBP: 2100}, {From: "2017-01-01", RateBP: 1900}}
	r := testRange("ro", catalogue.EngineFacts{}, map[id.Feature]int64{"base": 11_900_00, "engine": 0})
	for d, want := range map[market.Date][2]int64{"2025-07-30": {1900, 190_000}, "2025-07-31": {1900, 190_000}, "2025-08-01": {2100, 206_529}} {
		q, err := pricing.OnTheRoad(m, r, []id.Feature{"base", "engine"}, nil, d)
		if err != nil || q.VATRateBP != want[0] || q.VAT.Minor != want[1] || q.Total.Minor != 1_190_000 {
			t.Errorf("%s: rate %d vat %d total %s %v", d, q.VATRateBP, q.VAT.Minor, q.Total, err)
		}
	}
}

func TestPriceListOfTheDay(t *testing.T) {
	t.Parallel()
	m := testMarket("gb", "GBP", 2000)
	r := testRange("gb", catalogue.EngineFacts{}, map[id.Feature]int64{"base": 100, "engine": 0})
	r.Prices["gb"] = append(r.Prices["gb"], catalogue.PriceList{Version: "two", From: "2026-03-03", Amounts: map[id.Feature]int64{"base": 200, "engine": 0}})
	for d, want := range map[market.Date]string{"2026-03-02": "one 100", "2026-03-03": "two 200"} {
		q, err := pricing.OnTheRoad(m, r, []id.Feature{"base", "engine"}, nil, d)
		if got := fmt.Sprint(q.PriceVersion, " ", q.Total.Minor); err != nil || got != want {
			t.Errorf("%s: %s %v", d, got, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	m := testMarket("gb", "GBP", 2000)
	r := testRange("gb", catalogue.EngineFacts{}, map[id.Feature]int64{"base": 100, "engine": 0})
	for name, c := range map[string]struct {
		features []id.Feature
		day      market.Date
		want     error
	}{
		"no price list":   {[]id.Feature{"base", "engine"}, "2019-12-31", pricing.ErrNotSold},
		"no price":        {[]id.Feature{"base", "engine", "rails"}, day, pricing.ErrNoPrice},
		"unknown feature": {[]id.Feature{"base", "engine", "wings"}, day, pricing.ErrNoPrice},
		"no engine":       {[]id.Feature{"base"}, day, pricing.ErrNoEngine},
	} {
		if q, err := pricing.OnTheRoad(m, r, c.features, nil, c.day); !errors.Is(err, c.want) || len(q.Lines) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	m.VAT = nil
	if _, err := pricing.OnTheRoad(m, r, []id.Feature{"base", "engine"}, nil, day); !errors.Is(err, pricing.ErrNoVAT) {
		t.Errorf("no rate: %v", err)
	}
}

func TestSnapshotSurvivesJSON(t *testing.T) {
	t.Parallel()
	m := testMarket("gb", "GBP", 2000, market.Fee{Code: "delivery", Label: market.Plain("Delivery"), Kind: market.FeeFixed, AmountMinor: 66_000})
	r := testRange("gb", catalogue.EngineFacts{}, plainAmounts())
	q, err := pricing.OnTheRoad(m, r, car, nil, day)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	var back pricing.Quote
	if err := json.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(q, back) {
		t.Errorf("%v\n%+v\n%+v", err, q, back)
	}
}

func TestAnyCarSums(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(2026, 11))
	for range 3000 {
		m, r, e, in := randomCase(rng)
		q, err := pricing.OnTheRoad(m, r, car, func(f id.Feature) bool { return in[f] }, day)
		if err != nil {
			t.Fatal(err)
		}
		total, vat := int64(0), int64(0)
		for _, l := range q.Lines {
			total, vat = total+l.Amount.Minor, vat+l.VAT.Minor
			if net := l.Amount.Minor - l.VAT.Minor; diff(net*(10_000+l.VATRateBP), l.Amount.Minor*10_000) > (10_000+l.VATRateBP)/2+1 {
				t.Fatalf("VAT of %+v is off by more than half a cent", l)
			}
			if l.Included && l.Amount.Minor != 0 {
				t.Fatalf("included but paid: %+v", l)
			}
		}
		want := pricing.Duties(m, e, day).Minor
		for _, f := range car {
			if !in[f] {
				want += r.Prices["xx"][0].Amounts[f]
			}
		}
		if q.Total.Minor != total || q.Total.Minor != want || q.VAT.Minor != vat || q.Deposit.Add(q.Balance) != q.Total {
			t.Fatalf("total %s, lines %d, features and duties %d, VAT %s and %d", q.Total, total, want, q.VAT, vat)
		}
	}
}

func randomCase(rng *rand.Rand) (*market.Market, *catalogue.Range, catalogue.EngineFacts, map[id.Feature]bool) {
	e := catalogue.EngineFacts{CO2: rng.Int64N(300), MassKg: 900 + rng.Int64N(1800), KW: 33 + rng.Int64N(300)}
	steps := []market.FeeStep{{Above: rng.Int64N(150), AmountMinor: rng.Int64N(90_000)}, {Above: rng.Int64N(300), AmountMinor: rng.Int64N(900_000), PerUnitMinor: rng.Int64N(1_000)}}
	m := testMarket("xx", "EUR", rng.Int64N(2_700),
		market.Fee{Code: "a", Kind: market.FeeFixed, AmountMinor: rng.Int64N(100_000), VATFree: rng.IntN(2) == 0},
		market.Fee{Code: "b", Kind: market.FeeCO2, Steps: steps, VATFree: rng.IntN(2) == 0},
		market.Fee{Code: "c", Kind: market.FeeMass, Steps: steps, VATFree: rng.IntN(2) == 0},
		market.Fee{Code: "d", Kind: market.FeePower, AmountMinor: rng.Int64N(30_000), BaseUnits: 53, PerUnitMinor: rng.Int64N(400), PerUnitMilli: rng.Int64N(1000), SurchargeBP: rng.Int64N(3000)})
	amounts, in := map[id.Feature]int64{}, map[id.Feature]bool{}
	for _, f := range car {
		amounts[f], in[f] = rng.Int64N(3_000_000), rng.IntN(4) == 0
	}
	return m, testRange("xx", e, amounts), e, in
}

func diff(a, b int64) int64 { return max(a-b, b-a) }
