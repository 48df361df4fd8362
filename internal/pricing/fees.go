package pricing

import (
	"forecourt/internal/catalogue"
	"forecourt/internal/market"
	"forecourt/internal/platform/money"
)

// feeLines are the mandatory lines of a car; gross is what the car and its options come to.
func feeLines(m *market.Market, e catalogue.EngineFacts, day market.Date, rate int64, gross money.Money) []Line {
	var out []Line
	for _, f := range m.FeesAt(day) {
		minor := amount(f, e)
		if f.Kind == market.FeeNet && f.Pays(e.Fuel) {
			minor = ofNet(gross, rate, shareOf(f, e))
		}
		if minor == 0 {
			continue // a duty this car escapes is no line
		}
		l := Line{Kind: KindFee, Code: f.Code, Label: m.Say(f.Label, m.Language()).Text, Amount: m.Amount(minor), VATRateBP: rate}
		if f.VATFree {
			l.VATRateBP = 0
		}
		l.VAT = l.Amount.VATInGross(l.VATRateBP)
		out = append(out, l)
	}
	return out
}

// amount is what a fee comes to for an engine, in minor units.
func amount(f market.Fee, e catalogue.EngineFacts) int64 {
	if !f.Pays(e.Fuel) {
		return 0
	}
	switch f.Kind {
	case market.FeeFixed:
		return f.AmountMinor
	case market.FeeCO2:
		return stepped(f.Steps, e.CO2)
	case market.FeeMass:
		return stepped(f.Steps, e.MassKg)
	case market.FeePower:
		return powered(f, e.KW)
	}
	return 0
}

// shareOf is the share of the net price that a duty takes of an engine, in basis points.
func shareOf(f market.Fee, e catalogue.EngineFacts) int64 {
	var at *market.FeeStep
	for i, s := range f.Steps {
		if s.Above < e.CO2 && (at == nil || s.Above > at.Above) {
			at = &f.Steps[i]
		}
	}
	if at == nil {
		return 0
	}
	return at.RateBP
}

// ofNet is a share of the net of a gross sum, rounded once for the net and once for the share. It never
// falls when the sum rises.
func ofNet(gross money.Money, vatBP, shareBP int64) int64 {
	return halfUp(gross.Sub(gross.VATInGross(vatBP)).Minor*shareBP, 10_000)
}

// Share is a duty that takes a part of the net price of the car and its options. It is no sum over the parts
// of a car, so that who compares cars by sums adds it at the end.
type Share struct{ rateBP, vatBP int64 }

// ShareOf is the share that an engine pays on a day; the zero Share takes nothing.
func ShareOf(m *market.Market, e catalogue.EngineFacts, day market.Date) Share {
	vat, _ := m.VATAt(day)
	for _, f := range m.FeesAt(day) {
		if f.Kind == market.FeeNet && f.Pays(e.Fuel) {
			if rate := shareOf(f, e); rate > 0 {
				return Share{rate, vat}
			}
		}
	}
	return Share{}
}

// Of is what the share takes when the car and its options come to gross, in minor units.
func (s Share) Of(gross money.Money) int64 { return ofNet(gross, s.vatBP, s.rateBP) }

// stepped is the amount of the highest step below the figure, and its price for each unit above it.
// The order of the steps in the file does not matter.
func stepped(steps []market.FeeStep, figure int64) int64 {
	var at *market.FeeStep
	for i, s := range steps {
		if s.Above < figure && (at == nil || s.Above > at.Above) {
			at = &steps[i]
		}
	}
	if at == nil {
		return 0
	}
	return at.AmountMinor + at.PerUnitMinor*(figure-at.Above)
}

// powered is rounded once, at the end: the base amount, the thousandths for each kW above the base and
// the surcharge are one duty, not three.
func powered(f market.Fee, kw int64) int64 {
	milli := f.AmountMinor * 1000
	if kw > f.BaseUnits {
		milli += (kw - f.BaseUnits) * (f.PerUnitMinor*1000 + f.PerUnitMilli)
	}
	return halfUp(milli*(10_000+f.SurchargeBP), 1000*10_000)
}

func halfUp(n, d int64) int64 {
	if n < 0 {
		return -halfUp(-n, d)
	}
	return (2*n + d) / (2 * d)
}
