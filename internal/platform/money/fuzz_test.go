package money

import (
	"math"
	"math/big"
	"testing"
)

// FuzzVATInGross compares with exact fractions: rounded half up, away from zero, for every amount that
// int64 holds; net and VAT are the gross.
func FuzzVATInGross(f *testing.F) {
	for _, minor := range []int64{0, 1, -1, 5, 60, 100, 12_345, -12_345, 999_999_999_999, math.MaxInt64, math.MinInt64 + 1} {
		for _, rate := range []int64{0, 1900, 2000, 2100, 2200, 550, 10_000} {
			f.Add(minor, rate)
		}
	}
	f.Fuzz(func(t *testing.T, minor, rate int64) {
		if rate < 0 || rate > 100_000 || minor == math.MinInt64 {
			t.Skip()
		}
		got := Of(minor, "EUR").VATInGross(rate)
		// floor(|x| + 1/2) with the sign of x, x = minor * rate / (10000 + rate)
		n, d := new(big.Int).Mul(big.NewInt(minor), big.NewInt(rate)), big.NewInt(10_000+rate)
		sign := int64(n.Sign())
		n.Abs(n).Lsh(n, 1).Add(n, d).Div(n, new(big.Int).Lsh(d, 1))
		if want := n.Int64() * sign; got.Minor != want || got.Currency != "EUR" {
			t.Fatalf("%d at %d is %d, want %d", minor, rate, got.Minor, want)
		}
	})
}
