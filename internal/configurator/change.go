package configurator

import (
	"forecourt/internal/id"
	"forecourt/internal/platform/money"
)

// Change is what happens to the car between two selections, included parts too.
type Change struct {
	Added, Removed []id.Feature
	Delta          money.Money // of the on-the-road total
}

// Diff compares two selections. Either may be old: what is not sold any more counts as not in the car.
func (mo *Model) Diff(old, new Selection) Change {
	a, b := mo.setOf(old), mo.setOf(new)
	before, after := mo.car(a), mo.car(b)
	a, b = mo.tidy(a, before), mo.tidy(b, after)
	return Change{
		Added:   mo.codes(after.minus(&before)),
		Removed: mo.codes(before.minus(&after)),
		Delta:   mo.money(mo.total(b, after) - mo.total(a, before)),
	}
}
