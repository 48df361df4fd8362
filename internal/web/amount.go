package web

import (
	"errors"
	"strconv"
	"strings"

	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
)

// ErrAmount refuses what cannot be read as one amount and no other.
var ErrAmount = fault.New(fault.Invalid, "pay.amount", "web.ParseAmount")

// ErrNought refuses an amount that was read well and is nothing.
var ErrNought = fault.New(fault.Invalid, "pay.nought", "web.ParseAmount")

// AmountKey is the sentence for what ParseAmount refused.
func AmountKey(err error) string {
	if errors.Is(err, ErrNought) {
		return ErrNought.Key
	}
	return ErrAmount.Key
}

// longestAmount is ten digits before the decimals: no car costs more, and int64 holds it.
const longestAmount = 10

// ParseAmount reads money as the locale writes it, in minor units: "25,635.00" in Britain,
// "25.635,00" in Italy, "25 635" in France. It never guesses. Decimals are two or none, groups are of
// three digits with one sign between them, so the decimal sign of one country is never taken for the
// group sign of another: "25.635" is no amount in Britain and not a small one in Italy.
func ParseAmount(p *i18n.Printer, typed, symbol string) (int64, error) {
	s := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(typed), symbol), symbol))
	decimal := p.Decimal1(15)[1:2]
	group := "."
	if decimal == "." {
		group = ","
	}
	whole, cents, found := strings.Cut(s, decimal)
	if found && (len(cents) != 2 || !Digits(cents)) {
		return 0, ErrAmount
	}
	whole, ok := ungroup(whole, group)
	if !ok {
		return 0, ErrAmount
	}
	n, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	switch {
	case err != nil:
		return 0, ErrAmount
	case n <= 0:
		return 0, ErrNought
	}
	return n, nil
}

// ungroup takes the signs between groups of three out; everywhere a blank will do too, but not both.
func ungroup(s, group string) (string, bool) {
	if strings.Contains(s, " ") {
		group = " "
	}
	parts := strings.Split(s, group)
	for i, part := range parts {
		if !Digits(part) || i > 0 && len(part) != 3 || i == 0 && len(parts) > 1 && len(part) > 3 {
			return "", false
		}
	}
	s = strings.Join(parts, "")
	return s, len(s) <= longestAmount
}

// Digits tells whether s is one or more of 0 to 9 and nothing else.
func Digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// PlainAmount writes money as the page's language types it: without the sign of the currency. Empty for
// what is nothing or less.
func (b Base) PlainAmount(m money.Money) string {
	if m.Minor <= 0 {
		return ""
	}
	return strings.TrimSpace(strings.ReplaceAll(b.Money(m), b.Symbol(m.Currency), ""))
}

// Symbol is the sign of a currency in the page's language.
func (b Base) Symbol(c money.Currency) string {
	return strings.TrimFunc(b.Money(money.Of(0, c)), func(r rune) bool {
		return r == '0' || r == '.' || r == ',' || r == ' ' || r == '\u00a0' || r == '\u202f'
	})
}
