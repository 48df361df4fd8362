package market_test

import (
	"testing"
	"time"

	"forecourt/internal/market"
)

func TestZoneOf(t *testing.T) {
	t.Parallel()
	for range 2 { // the second answer comes from memory
		if got := market.ZoneOf("Europe/Rome").String(); got != "Europe/Rome" {
			t.Errorf("Europe/Rome is %s", got)
		}
		if market.ZoneOf("Europe/Nowhere") != time.UTC {
			t.Error("an unknown zone must be UTC")
		}
	}
}

func TestWhatIsInForce(t *testing.T) {
	t.Parallel()
	m := &market.Market{
		VAT:   []market.Rate{{From: "2025-08-01", RateBP: 2100}, {From: "2017-01-01", RateBP: 1900}},
		Fees:  []market.Fee{{Code: "old", From: "2025-01-01", To: "2025-12-31"}, {Code: "new", From: "2026-01-01"}},
		Texts: map[string][]market.Text{"terms": {{Version: "1", From: "2025-01-01"}, {Version: "2", From: "2026-01-01"}}},
	}
	if _, ok := m.VATAt("2016-12-31"); ok {
		t.Error("a rate is in force before the first")
	}
	for day, want := range map[market.Date]int64{"2017-01-01": 1900, "2025-07-31": 1900, "2025-08-01": 2100} {
		if got, _ := m.VATAt(day); got != want {
			t.Errorf("VAT on %s is %d, want %d", day, got, want)
		}
	}
	for day, want := range map[market.Date]string{"2025-12-31": "old", "2026-01-01": "new"} {
		if fees := m.FeesAt(day); len(fees) != 1 || fees[0].Code != want {
			t.Errorf("fees on %s are %v, want %s", day, fees, want)
		}
	}
	for day, want := range map[market.Date]string{"2024-12-31": "", "2025-12-31": "1", "2026-01-01": "2"} {
		if got := m.TextAt("terms", day).Version; got != want {
			t.Errorf("terms on %s are version %q, want %q", day, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for text, want := range map[market.Date]bool{"2028-02-29": true, "2027-02-29": false, "2026-1-1": false, "": false, "2026-01-01T00:00:00Z": false} {
		if text.Valid() != want {
			t.Errorf("%q valid: %v", text, !want)
		}
	}
	rome := market.ZoneOf("Europe/Rome")
	if got := market.Date("2026-03-30").Time(rome); got.Format(time.RFC3339) != "2026-03-30T00:00:00+02:00" {
		t.Errorf("the day begins at %s", got)
	}
	if got := market.DateOf(time.Date(2026, 3, 29, 22, 30, 0, 0, time.UTC).In(rome)); got != "2026-03-30" {
		t.Errorf("the day in Rome is %s", got)
	}
}

func TestParseState(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"off", "preview", "live", "paused"} {
		if got, err := market.ParseState(s); err != nil || string(got) != s {
			t.Errorf("%s: %v %v", s, got, err)
		}
	}
	if _, err := market.ParseState("LIVE"); err == nil {
		t.Error("an unknown state was accepted")
	}
}
