package i18n

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"forecourt/internal/platform/money"
)

// moneyStyle says which parts of an amount are written.
type moneyStyle uint8

const (
	plain moneyStyle = 0
	short moneyStyle = 1 << iota // no decimals when they are zero
	delta                        // a plus before what is more than nothing
)

// Unit is a unit of distance.
type Unit string

// The units that the markets use.
const (
	Miles      Unit = "mi"
	Kilometres Unit = "km"
)

// Money writes an amount with both decimals: £1,234.50.
func (p *Printer) Money(m money.Money) string { return string(p.appendMoney(nil, m, plain)) }

// MoneyShort leaves decimals out when the amount is whole: £1,234.
func (p *Printer) MoneyShort(m money.Money) string { return string(p.appendMoney(nil, m, short)) }

// MoneyDelta is a difference, short, with its sign: +£650, -£20, £0.
func (p *Printer) MoneyDelta(m money.Money) string {
	return string(p.appendMoney(nil, m, short|delta))
}

// Int writes a whole number with its groups: 12,345.
func (p *Printer) Int(n int64) string { return string(p.rules.appendInt(nil, n)) }

// Decimal1 writes tenths with one decimal: 54 is 5.4.
func (p *Printer) Decimal1(tenths int64) string {
	b, n := signed(nil, tenths)
	return string(p.rules.appendFraction(b, n, 1))
}

// Percent writes basis points without needless decimals: 2000 is 20%, 550 is 5.5%.
func (p *Printer) Percent(bp int64) string {
	b, n := signed(nil, bp)
	b = p.rules.appendTrimmed(b, n, 2)
	return string(append(append(b, p.rules.percentGap...), '%'))
}

// Percent1 writes tenths of a percent with one decimal, a zero too: 60 is 6.0%.
func (p *Printer) Percent1(tenths int64) string {
	b, n := signed(nil, tenths)
	b = p.rules.appendFraction(b, n, 1)
	return string(append(append(b, p.rules.percentGap...), '%'))
}

// Distance writes metres in a unit: one decimal below ten, whole from there on.
func (p *Printer) Distance(metres int64, unit Unit) string {
	b, n := signed(nil, metres)
	micrometres := n * 1_000_000
	perUnit := uint64(1_609_344_000)
	if unit == Kilometres {
		perUnit = 1_000_000_000
	}
	if tenths := halfUp(micrometres*10, perUnit); micrometres < 10*perUnit {
		b = p.rules.appendTrimmed(b, tenths, 1)
	} else {
		b = p.rules.appendGrouped(b, halfUp(micrometres, perUnit))
	}
	return string(append(append(b, p.rules.unitGap...), unit...))
}

func halfUp(n, d uint64) uint64 { return (n + d/2) / d }

func (p *Printer) appendMoney(b []byte, m money.Money, style moneyStyle) []byte {
	if b == nil {
		b = make([]byte, 0, 24)
	}
	if style&delta != 0 && m.Minor > 0 {
		b = append(b, '+')
	}
	b, n := signed(b, m.Minor)
	symbol := p.rules.symbol(m.Currency)
	if p.rules.symbolFirst {
		b = append(b, symbol...)
		if last, _ := utf8.DecodeLastRuneInString(symbol); unicode.IsLetter(last) {
			b = append(b, noBreak...)
		}
	}
	if style&short != 0 && n%100 == 0 {
		b = p.rules.appendGrouped(b, n/100)
	} else {
		b = p.rules.appendFraction(b, n, 2)
	}
	if !p.rules.symbolFirst {
		b = append(append(b, noBreak...), symbol...)
	}
	return b
}

func (r *rules) symbol(c money.Currency) string {
	if s, ok := r.symbols[c]; ok {
		return s
	}
	return string(c)
}

func (r *rules) appendInt(b []byte, n int64) []byte {
	b, u := signed(b, n)
	return r.appendGrouped(b, u)
}

// signed writes the minus and returns the size, which fits uint64 even for the smallest int64.
func signed(b []byte, n int64) ([]byte, uint64) {
	if n < 0 {
		return append(b, '-'), -uint64(n)
	}
	return b, uint64(n)
}

func (r *rules) appendGrouped(b []byte, n uint64) []byte {
	var raw [20]byte
	digits := strconv.AppendUint(raw[:0], n, 10)
	if len(digits) < r.minGroup {
		return append(b, digits...)
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b = append(b, r.group...)
		}
		b = append(b, d)
	}
	return b
}

// appendFraction writes n / 10^decimals with all its decimals.
func (r *rules) appendFraction(b []byte, n uint64, decimals int) []byte {
	scale := uint64(1)
	for range decimals {
		scale *= 10
	}
	b = append(r.appendGrouped(b, n/scale), r.decimal...)
	for scale /= 10; scale > 0; scale /= 10 {
		b = append(b, byte('0'+n/scale%10))
	}
	return b
}

// appendTrimmed writes n / 10^decimals without zeros at its end.
func (r *rules) appendTrimmed(b []byte, n uint64, decimals int) []byte {
	for decimals > 0 && n%10 == 0 {
		n, decimals = n/10, decimals-1
	}
	if decimals == 0 {
		return r.appendGrouped(b, n)
	}
	return r.appendFraction(b, n, decimals)
}
