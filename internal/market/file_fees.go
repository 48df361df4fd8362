package market

import (
	"fmt"

	"forecourt/internal/platform/filecheck"
)

// FeeKinds lists them; package pricing computes each.
var FeeKinds = []string{string(FeeFixed), string(FeeCO2), string(FeeMass), string(FeePower), string(FeeNet)}

// maxFee is far above any real duty; a larger figure is euros written for cents twice over.
const maxFee = 200_000_00

func (c checker) fees(fees []Fee) {
	for i, f := range fees {
		c.Shape(f.Code, codeShape, `"delivery"`, filecheck.At("fees", i, "code")...)
		c.said(f.Label, filecheck.At("fees", i, "label")...)
		c.Present(f.Source, filecheck.At("fees", i, "source")...)
		c.OneOf(string(f.Kind), FeeKinds, filecheck.At("fees", i, "kind")...)
		for _, fuel := range f.Exempt {
			c.OneOf(fuel, fuels, filecheck.At("fees", i, "exempt")...)
		}
		c.feeDays(fees, i)
		c.oneShare(fees, i)
		c.feeFigures(f, i)
	}
}

// feeDays refuses two lines of one code on the same day: the buyer would pay the duty twice.
func (c checker) feeDays(fees []Fee, i int) {
	f := fees[i]
	if !c.date(f.From, filecheck.At("fees", i, "from")...) {
		return
	}
	if f.To != "" && (!c.date(f.To, filecheck.At("fees", i, "to")...) || f.To < f.From) {
		if f.To.Valid() {
			c.Say(filecheck.At("fees", i, "to"), "fee %s ends before it begins", f.Code)
		}
		return
	}
	for j, other := range fees[:i] {
		if other.Code == f.Code && f.Code != "" && overlap(f, other) {
			c.Say(filecheck.At("fees", i, "from"), "fee %s is in force twice on the same days (see line %d)", f.Code, c.LineOf(filecheck.At("fees", j)...))
		}
	}
}

// oneShare refuses a second share of the price on the same day: the configurator compares cars by one.
func (c checker) oneShare(fees []Fee, i int) {
	for _, other := range fees[:i] {
		if f := fees[i]; f.Kind == FeeNet && other.Kind == FeeNet && f.Code != other.Code && overlap(f, other) {
			c.Say(filecheck.At("fees", i, "kind"), "fee %s is a share of the price on the same days as %s", f.Code, other.Code)
		}
	}
}

func overlap(a, b Fee) bool {
	startsBeforeEnd := func(x, y Fee) bool { return y.To == "" || x.From <= y.To }
	return startsBeforeEnd(a, b) && startsBeforeEnd(b, a)
}

// feeFigures demands the figures that the kind computes with, and refuses those it would ignore.
func (c checker) feeFigures(f Fee, i int) {
	switch f.Kind {
	case FeeFixed:
		c.Between(f.AmountMinor, 1, maxFee, filecheck.At("fees", i, "amount_minor")...)
		c.unused(i, "fixed", "base_units", "per_unit_minor", "per_unit_milli", "surcharge_bp", "steps")
	case FeePower:
		c.Between(f.AmountMinor, 1, maxFee, filecheck.At("fees", i, "amount_minor")...)
		c.Between(f.BaseUnits, 1, 1000, filecheck.At("fees", i, "base_units")...)
		c.Between(f.PerUnitMinor, 1, maxFee, filecheck.At("fees", i, "per_unit_minor")...)
		c.Between(f.PerUnitMilli, 0, 999, filecheck.At("fees", i, "per_unit_milli")...)
		c.Between(f.SurchargeBP, 0, 10_000, filecheck.At("fees", i, "surcharge_bp")...)
		c.unused(i, "power", "steps")
	case FeeNet:
		c.shares(f, i)
		c.unused(i, string(f.Kind), "amount_minor", "base_units", "per_unit_minor", "per_unit_milli", "surcharge_bp")
	case FeeCO2, FeeMass:
		c.steps(f, i)
		c.unused(i, string(f.Kind), "amount_minor", "base_units", "per_unit_minor", "per_unit_milli", "surcharge_bp")
	}
}

func (c checker) unused(i int, kind string, keys ...string) {
	for _, k := range keys {
		if c.Given(filecheck.At("fees", i, k)) {
			c.Say(filecheck.At("fees", i, k), "a fee of kind %s does not use %s", kind, k)
		}
	}
}

// shares rise like steps. VAT is not taken of a duty that is itself a share of the price.
func (c checker) shares(f Fee, i int) {
	if c.Some(len(f.Steps), filecheck.At("fees", i, "steps")...); !f.VATFree {
		c.Say(filecheck.At("fees", i), "fee %s is a share of the net price and must be vat_free", f.Code)
	}
	for j, s := range f.Steps {
		here := filecheck.At("fees", i, "steps", fmt.Sprint(j))
		if s.RateBP < 1 || s.RateBP > 10_000 || s.AmountMinor != 0 || s.PerUnitMinor != 0 {
			c.Say(here, "the step above %d needs a rate_bp from 1 to 10000 and nothing else", s.Above)
		}
		if j > 0 && (s.Above <= f.Steps[j-1].Above || s.RateBP < f.Steps[j-1].RateBP) {
			c.Say(here, "the step above %d does not rise over the one before", s.Above)
		}
	}
}

// steps rise in both columns: a table that falls is a slip of the pen.
func (c checker) steps(f Fee, i int) {
	c.Some(len(f.Steps), filecheck.At("fees", i, "steps")...)
	for j, s := range f.Steps {
		here := filecheck.At("fees", i, "steps", fmt.Sprint(j))
		if s.RateBP != 0 || s.AmountMinor < 0 || s.PerUnitMinor < 0 || s.AmountMinor > maxFee || s.AmountMinor+s.PerUnitMinor == 0 {
			c.Say(here, "the step above %d needs an amount or a price for each unit", s.Above)
		}
		if j == 0 {
			continue
		}
		if before := f.Steps[j-1]; s.Above <= before.Above || s.AmountMinor < before.AmountMinor {
			c.Say(here, "the step above %d does not rise over the one before", s.Above)
		}
	}
}
