package market

import "testing"

func TestAWarrantyIsThatOfTheContractsDay(t *testing.T) {
	t.Parallel()
	m := &Market{Warranty: []Warranty{{From: "2026-01-01", LegalMonths: 24}, {From: "2026-11-01", LegalMonths: 36, MakerKm: 5}, {From: "2027-01-01"}}}
	for day, want := range map[Date]int{"2025-12-31": 0, "2026-01-01": 24, "2026-10-31": 24, "2026-11-01": 36, "2026-12-31": 36, "2027-01-01": 0} {
		if got := m.WarrantyAt(day).LegalMonths; got != want {
			t.Errorf("%s: %d months, not %d", day, got, want)
		}
	}
	for from, want := range map[Date]Date{"2026-11-30": "2028-11-30", "2024-02-29": "2026-02-28", "2026-02-28": "2028-02-28"} {
		if got := from.PlusMonths(24); got != want {
			t.Errorf("24 months from %s: %s, not %s", from, got, want)
		}
	}
	if got := Date("2026-01-31").PlusMonths(1); got != "2026-02-28" {
		t.Errorf("a month from the end of January: %s", got)
	}
}
