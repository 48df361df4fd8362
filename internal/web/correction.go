package web

import (
	"strings"

	"forecourt/internal/ordering"
)

// CorrectionLine is a slip that was put right, in plain words. Proof is for staff; buyers get none.
type CorrectionLine struct {
	When  string
	Text  string
	Proof string
}

// Corrections tells what was put right of an order, newest first.
func (b Base) Corrections(cs []*ordering.Correction, staff bool) []CorrectionLine {
	out := make([]CorrectionLine, len(cs))
	for i, c := range cs {
		line := CorrectionLine{When: b.DateTime(c.At), Text: b.corrected(c) + ". " + b.T("slip.reason."+c.Reason) + "."}
		if staff {
			line.Proof = b.T("slip.proof", "Proof", c.Proof)
		}
		out[len(cs)-1-i] = line
	}
	return out
}

func (b Base) corrected(c *ordering.Correction) string {
	if c.Kind == ordering.SlipPayment {
		was, now := b.Money(c.Was()), b.Money(c.Now())
		switch c.NowMinor {
		case 0:
			return b.T("slip.line.none", "Was", was)
		case c.WasMinor:
			return b.T("slip.line.entry", "Now", now)
		}
		return b.T("slip.line.payment", "Was", was, "Now", now)
	}
	var parts []string
	if c.VINWas != c.VINNow {
		parts = append(parts, b.T("slip.line.vin", "Was", c.VINWas, "Now", c.VINNow))
	}
	switch {
	case c.PlateWas == c.PlateNow:
	case c.PlateWas == "":
		parts = append(parts, b.T("slip.line.plate_added", "Now", c.PlateNow))
	case c.PlateNow == "":
		parts = append(parts, b.T("slip.line.plate_gone", "Was", c.PlateWas))
	default:
		parts = append(parts, b.T("slip.line.plate", "Was", c.PlateWas, "Now", c.PlateNow))
	}
	return strings.Join(parts, ". ")
}
