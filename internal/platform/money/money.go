package money

import (
	"fmt"
	"math/bits"
)

// Currency is an ISO 4217 code in upper case. All supported currencies have two decimals.
type Currency string

// Money is an amount in minor units of its currency. The zero value is "nothing of no currency".
type Money struct {
	Minor    int64    `json:"minor"`
	Currency Currency `json:"currency"`
}

// Of makes an amount from minor units.
func Of(minor int64, c Currency) Money { return Money{Minor: minor, Currency: c} }

// Add sums two amounts; it panics when the currencies differ, which is always a programming error.
func (m Money) Add(o Money) Money {
	return Money{Minor: m.Minor + o.Minor, Currency: m.same(o)}
}

// Sub takes o from m; it panics when the currencies differ.
func (m Money) Sub(o Money) Money {
	return Money{Minor: m.Minor - o.Minor, Currency: m.same(o)}
}

// Neg turns the sign.
func (m Money) Neg() Money { return Money{Minor: -m.Minor, Currency: m.Currency} }

// IsZero tells whether the amount is nothing, of whatever currency.
func (m Money) IsZero() bool { return m.Minor == 0 }

// String is for logs and tests, not for readers: "GBP 100.00".
func (m Money) String() string {
	sign, v := "", m.Minor
	if v < 0 {
		sign, v = "-", -v
	}
	return fmt.Sprintf("%s %s%d.%02d", m.Currency, sign, v/100, v%100)
}

// VATInGross is the VAT contained in a VAT-inclusive amount at rate basis points (20 % = 2000),
// rounded half up to the minor unit, away from zero for negative amounts. No amount overflows: the
// product has 128 bits, and the VAT is less than the gross.
func (m Money) VATInGross(rateBP int64) Money {
	n := uint64(m.Minor)
	if m.Minor < 0 {
		n = -n
	}
	vat := int64(mulDivHalfUp(n, uint64(rateBP), uint64(10_000+rateBP)))
	if m.Minor < 0 {
		vat = -vat
	}
	return Money{Minor: vat, Currency: m.Currency}
}

// mulDivHalfUp is n*a/d rounded half up; a is at most d.
func mulDivHalfUp(n, a, d uint64) uint64 {
	hi, lo := bits.Mul64(n, a)
	lo, carry := bits.Add64(lo, d/2, 0)
	q, _ := bits.Div64(hi+carry, lo, d)
	return q
}

func (m Money) same(o Money) Currency {
	switch {
	case m.Currency == "":
		return o.Currency
	case o.Currency == "" || o.Currency == m.Currency:
		return m.Currency
	}
	panic(fmt.Sprintf("money: %s with %s", m.Currency, o.Currency))
}
