package sale_test

import (
	"testing"
	"time"

	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/sale"
)

// Of a used car what was agreed for it counts, and no promise that its maker made to its first buyer.
func TestTheClocksOfAUsedCarAreWhatWasAgreedForIt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	order := func(u *ordering.Used) *ordering.Order {
		return &ordering.Order{CreatedAt: at, HandedOverAt: at, Snapshot: ordering.Snapshot{Used: u}}
	}
	italy := &market.Market{TimeZone: "Europe/Rome", Warranty: []market.Warranty{{From: "2026-01-01", LegalMonths: 24, MakerMonths: 36, MakerKm: 100_000}}}
	britain := &market.Market{TimeZone: "Europe/London", Warranty: []market.Warranty{{From: "2026-01-01", MakerMonths: 36, MakerKm: 96_000}}}
	for name, c := range map[string]struct {
		mk   *market.Market
		used *ordering.Used
		want sale.Clocks
	}{
		"new in Italy":                    {italy, nil, sale.Clocks{Legal: "2028-11-30", Maker: "2029-11-30", MakerKm: 100_000}},
		"used in Italy":                   {italy, &ordering.Used{Guarantee: 24}, sale.Clocks{Legal: "2028-11-30"}},
		"used in Italy, a shorter agreed": {italy, &ordering.Used{Guarantee: 12, Consent: true}, sale.Clocks{Legal: "2027-11-30"}},
		"used where no law names a time":  {britain, &ordering.Used{Guarantee: 6}, sale.Clocks{}},
	} {
		if got := sale.ClocksOf(order(c.used), c.mk); got != c.want {
			t.Errorf("%s: %+v, not %+v", name, got, c.want)
		}
	}
}
