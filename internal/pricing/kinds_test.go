package pricing

import (
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/market"
)

// Every kind of fee that a market's file may name comes to something: one that nobody computes would cost nothing, silently.
func TestEveryKindOfFeeIsComputed(t *testing.T) {
	t.Parallel()
	e := catalogue.EngineFacts{Fuel: "petrol", KW: 100, CO2: 120, MassKg: 1500}
	for _, kind := range market.FeeKinds {
		f := market.Fee{Code: "x", Kind: market.FeeKind(kind), AmountMinor: 100, BaseUnits: 10, PerUnitMinor: 1, Steps: []market.FeeStep{{Above: 1, AmountMinor: 100, PerUnitMinor: 1, RateBP: 100}}}
		got := amount(f, e)
		if f.Kind == market.FeeNet {
			got = shareOf(f, e)
		}
		if got <= 0 {
			t.Errorf("a fee of kind %s comes to %d", kind, got)
		}
	}
}
