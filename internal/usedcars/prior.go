package usedcars

import "time"

// The least and the most that a car may cost, in minor units: a slip of a few noughts is no price.
const (
	LeastPrice = 100_00
	mostPrice  = 1_000_000_00
)

// IsPrice tells whether a car may cost so much, in minor units.
func IsPrice(minor int64) bool { return minor >= LeastPrice && minor <= mostPrice }

// PricePoint is a price from an instant on, in minor units.
type PricePoint struct {
	At         time.Time
	PriceMinor int64
}

// priorDays is how far back a cut looks.
const priorDays = 30

// Prior is the price that may be shown beside one that is cut at an instant: the lowest that applied during the thirty days
// before, and none (0) when the new one is not below it. Directive 98/6/EC, art. 6a, as the Court read it on 26 September 2024 in
// C-330/23: a cut is shown against that price, and not against the last one. A car offered for fewer days has those.
func Prior(had []PricePoint, cut time.Time, minor int64) int64 {
	since := cut.AddDate(0, 0, -priorDays)
	lowest := int64(0)
	for i, p := range had {
		if !p.At.Before(cut) {
			break
		}
		until := cut
		if i+1 < len(had) {
			until = had[i+1].At
		}
		if until.After(since) && (lowest == 0 || p.PriceMinor < lowest) {
			lowest = p.PriceMinor
		}
	}
	if lowest <= minor {
		return 0
	}
	return lowest
}

// PriceFrom is what a car cost from an instant on, at which one of its prices began: the price in minor units, the one that may be
// shown beside it (0 for none), and until when it held (zero: it still does). False when no price began then.
func PriceFrom(had []PricePoint, since time.Time) (minor, prior int64, until time.Time, ok bool) {
	for i, p := range had {
		if !p.At.Equal(since) {
			continue
		}
		if i+1 < len(had) {
			until = had[i+1].At
		}
		if i > 0 {
			prior = Prior(had[:i], p.At, p.PriceMinor)
		}
		return p.PriceMinor, prior, until, true
	}
	return 0, 0, time.Time{}, false
}

// Lowest is the lowest price of the thirty days up to an instant; 0 when there was none.
func Lowest(had []PricePoint, at time.Time) int64 {
	lowest := int64(0)
	for i, p := range had {
		if p.At.After(at) {
			break
		}
		over := i+1 < len(had) && !had[i+1].At.After(at.AddDate(0, 0, -priorDays))
		if !over && (lowest == 0 || p.PriceMinor < lowest) {
			lowest = p.PriceMinor
		}
	}
	return lowest
}
