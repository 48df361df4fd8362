package finance_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"forecourt/internal/finance"
	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
)

// The rates can be checked by hand: 1.2^(2/3) - 1 is 12.92 %, (1200/950)^(2/3) - 1 is 16.85 %; for two
// payments of 600 the positive root of 1000 y^2 - 600 y - 600 gives 13.07 %.
func TestRatesOfCharge(t *testing.T) {
	t.Parallel()
	at := func(months int, payments map[int]int64) []int64 {
		out := make([]int64, months)
		for m, p := range payments {
			out[m-1] = p
		}
		return out
	}
	for name, c := range map[string]struct {
		advance  int64
		payments []int64
		want     int64
	}{
		"one payment after a year and a half": {1000_00, at(18, map[int]int64{18: 1200_00}), 129},
		"the same less a fee of 50":           {950_00, at(18, map[int]int64{18: 1200_00}), 169},
		"two years' payments":                 {1000_00, at(24, map[int]int64{12: 600_00, 24: 600_00}), 131},
		"quarters":                            {1000_00, at(12, map[int]int64{3: 272_00, 6: 272_00, 12: 544_00}), 132},
		"a year at 6.05 goes up":              {1000_000, at(12, map[int]int64{12: 1060_500}), 61},
		"a year at 6.0499 goes down":          {1000_000, at(12, map[int]int64{12: 1060_499}), 60},
		"nothing but the credit":              {1000_00, at(10, map[int]int64{5: 500_00, 10: 500_00}), 0},
		"a fee makes a free credit dear":      {990_00, at(12, map[int]int64{12: 1000_00}), 10},
	} {
		if got, ok := finance.APR(c.advance, c.payments); !ok || got != c.want {
			t.Errorf("%s: %d, %t, want %d", name, got, ok, c.want)
		}
	}
	for _, payments := range [][]int64{{999_99}, {2000_01}, nil} {
		if got, ok := finance.APR(1000_00, payments); ok {
			t.Errorf("%v has a rate of %d", payments, got)
		}
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		terms market.Finance
		price int64
		want  finance.Example
	}{
		"a year at six": {market.Finance{Months: 12, RateBP: 600}, 10_000_00,
			finance.Example{Price: 10_000_00, Credit: 10_000_00, Count: 12, Each: 860_66, Last: 860_70, Charge: 327_96, Total: 10_327_96, APR: 62}},
		"no interest, odd cents": {market.Finance{Months: 36}, 10_000_00,
			finance.Example{Price: 10_000_00, Credit: 10_000_00, Count: 36, Each: 277_78, Last: 277_70, Total: 10_000_00}},
		"no interest, a final payment": {market.Finance{Months: 25, FinalBP: 5000}, 10_000_00,
			finance.Example{Price: 10_000_00, Credit: 10_000_00, Count: 24, Each: 208_33, Last: 208_41, Final: 5000_00, Total: 10_000_00}},
		"deposit, balloon and a fee at its end, the deposit in the total": {
			market.Finance{Months: 49, RateBP: 590, DepositBP: 1000, FinalBP: 4000, WithDeposit: true, Fees: []market.CreditFee{{Label: market.Plain("Option"), When: "end", AmountMinor: 10_00}}}, 21_300_00,
			finance.Example{Price: 21_300_00, Deposit: 2130_00, Credit: 19_170_00, Count: 48, Each: 292_29, Last: 292_29, Final: 8520_00, Charge: 3389_92, Total: 24_689_92, APR: 61,
				Fees: []finance.Fee{{CreditFee: market.CreditFee{Label: market.Plain("Option"), When: "end", AmountMinor: 10_00}, Each: 10_00, Total: 10_00, Times: 1}}}},
		"fees at the start and with each payment": {
			market.Finance{Months: 60, RateBP: 725, DepositBP: 1000, Fees: []market.CreditFee{{Label: market.Plain("Opening"), When: "start", RateBP: 250}, {Label: market.Plain("Collection"), When: "each", AmountMinor: 3_50}}}, 21_300_00,
			finance.Example{Price: 21_300_00, Deposit: 2130_00, Credit: 19_170_00, Count: 60, Each: 381_85, Last: 382_11, Charge: 4430_51, Total: 23_600_51, APR: 91,
				Fees: []finance.Fee{{CreditFee: market.CreditFee{Label: market.Plain("Opening"), When: "start", RateBP: 250}, Each: 479_25, Total: 479_25, Times: 1},
					{CreditFee: market.CreditFee{Label: market.Plain("Collection"), When: "each", AmountMinor: 3_50}, Each: 3_50, Total: 210_00, Times: 60}}}},
	} {
		got, ok := finance.Of(c.terms, c.price)
		if !ok || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%+v, %t, want\n%+v", name, got, ok, c.want)
		}
	}
	if got, ok := finance.Of(market.Finance{Months: 12, RateBP: 600}, 0); ok {
		t.Errorf("a price of nothing gives %+v", got)
	}
}

// Whatever the price, the total is its lines' sum, and the rate of charge is not below the interest.
func TestEveryMarketsExampleAddsUp(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../config/markets/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m, problems := market.DecodeMarket(name, data)
		if len(problems) != 0 {
			t.Fatal(filecheck.Problems(problems))
		}
		f, ok := m.FinanceAt("2026-11-29")
		if !ok {
			continue
		}
		told++
		for price := int64(9_000_00); price < 60_000_00; price += 1234_57 {
			e, ok := finance.Of(f, price)
			if !ok {
				t.Fatalf("%s: nothing for %d", m.Code, price)
			}
			sum := int64(e.Count-1)*e.Each + e.Last + e.Final
			for _, x := range e.Fees {
				sum += x.Total
			}
			if e.Charge != sum-e.Credit || e.Credit+e.Deposit != price || e.Interest() <= 0 {
				t.Errorf("%s at %d does not add up: %+v", m.Code, price, e)
			}
			if f.WithDeposit {
				sum += e.Deposit
			}
			if e.Total != sum || 10*e.APR < f.RateBP || e.Last < e.Each-50 || e.Last > e.Each+50 {
				t.Errorf("%s at %d does not add up: %+v", m.Code, price, e)
			}
		}
	}
	if told != 6 {
		t.Errorf("%d markets have an example, want 6", told)
	}
}

func BenchmarkExample(b *testing.B) {
	for b.Loop() {
		finance.Of(market.Finance{Months: 60, RateBP: 725, DepositBP: 1000}, 21_300_00)
	}
}
