package allocation_test

import (
	"slices"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/market"
)

// A market's rule reaches every rung: one that NextRung does not know the hours of would be passed by without a word.
func TestEveryRungIsReached(t *testing.T) {
	t.Parallel()
	d, m := place("Europe/London", ""), &market.Market{Code: "gb", TimeZone: "Europe/London"}
	clock := allocation.Clock{From: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	var made []allocation.Rung
	for last := allocation.Rung(""); len(made) <= len(allocation.Rungs); {
		r, _, ok := allocation.NextRung(rule, last, clock, d, m, clock.From.AddDate(0, 1, 0))
		if !ok {
			break
		}
		made, last = append(made, r), r
	}
	if !slices.Equal(made, allocation.Rungs) {
		t.Errorf("a rule with hours for all makes %v of %v", made, allocation.Rungs)
	}
}
