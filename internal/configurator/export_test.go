package configurator

import (
	"forecourt/internal/catalogue"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/market"
)

// Shares tells whether two models stand on one and the same diagram.
func Shares(a, b *Model) bool { return a.diagram == b.diagram }

// Verify compares a stored diagram with the rules of a range, as Publish does before it hands one out.
func Verify(m *market.Market, r *catalogue.Range, day market.Date, stored []byte) error {
	p, err := newPlan(m, r, day)
	if err != nil {
		return err
	}
	d, err := diagram.Open(stored)
	if err != nil {
		return err
	}
	return p.verify(d)
}

// Stands tells whether a model stands on this very diagram.
func Stands(mo *Model, d *diagram.Diagram) bool { return mo.diagram == d }
