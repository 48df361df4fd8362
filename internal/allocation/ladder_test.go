package allocation_test

import (
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/market"
	"forecourt/internal/network"
)

func place(zone string, region string) *network.Dealer {
	week := network.Week{}
	for _, d := range []string{"mon", "tue", "wed", "thu", "fri", "sat"} {
		week[d] = []network.Span{{Opens: "09:00", Closes: "12:00"}, {Opens: "13:00", Closes: "17:00"}}
	}
	return &network.Dealer{Code: "x", TimeZone: zone, Region: region, Hours: week, Bays: 2}
}

var rule = market.Allocation{Version: "v", Strategy: "nearest", RemindHours: 3, SiteHours: 5, CountryHours: 7, AskHours: 24}

// The ladder in every market's own hours: lunch, Sundays, holidays of a region, and the nights in which clocks change.
func TestTheLadderRunsInOpeningHours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, region    string
		holidays              []market.Holiday
		offered               string
		remind, site, country string
		due                   string
	}{
		{"one day", "Europe/London", "", nil, "2026-11-24T09:00:00Z", "2026-11-24T12:00:00Z", "2026-11-24T15:00:00Z", "2026-11-24T17:00:00Z", "2026-11-25T10:00:00Z"},
		{"over a Sunday", "Europe/London", "", nil, "2026-11-28T15:00:00Z", "2026-11-30T10:00:00Z", "2026-11-30T12:00:00Z", "2026-11-30T15:00:00Z", "2026-11-30T16:00:00Z"},
		{"a holiday of the region", "Europe/London", "scotland", []market.Holiday{{Date: "2026-11-30", Regions: []string{"scotland"}}}, "2026-11-28T15:00:00Z", "2026-12-01T10:00:00Z", "2026-12-01T12:00:00Z", "2026-12-01T15:00:00Z", "2026-12-01T16:00:00Z"},
		{"a holiday elsewhere", "Europe/London", "england", []market.Holiday{{Date: "2026-11-30", Regions: []string{"scotland"}}}, "2026-11-28T15:00:00Z", "2026-11-30T10:00:00Z", "2026-11-30T12:00:00Z", "2026-11-30T15:00:00Z", "2026-11-30T16:00:00Z"},
		{"clocks go forward", "Europe/Paris", "", nil, "2027-03-27T15:00:00Z", "2027-03-29T09:00:00Z", "2027-03-29T12:00:00Z", "2027-03-29T14:00:00Z", "2027-03-29T15:00:00Z"},
		{"clocks go back", "Europe/Bucharest", "", nil, "2026-10-24T13:00:00Z", "2026-10-26T09:00:00Z", "2026-10-26T12:00:00Z", "2026-10-26T14:00:00Z", "2026-10-26T15:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at := func(s string) time.Time {
				x, err := time.Parse(time.RFC3339, s)
				if err != nil {
					t.Fatal(err)
				}
				return x
			}
			d, m := place(c.zone, c.region), &market.Market{Code: "gb", TimeZone: c.zone, Holidays: c.holidays}
			clock := allocation.Clock{From: at(c.offered)}
			due := clock.Due(d, m, 8, time.Time{})
			if !due.Equal(at(c.due)) {
				t.Errorf("due %s, want %s", due, c.due)
			}
			last := allocation.Rung("")
			for _, want := range []struct {
				r  allocation.Rung
				at string
			}{{allocation.RungRemind, c.remind}, {allocation.RungSite, c.site}, {allocation.RungCountry, c.country}} {
				r, when, ok := allocation.NextRung(rule, last, clock, d, m, due)
				if !ok || r != want.r || !when.Equal(at(want.at)) {
					t.Errorf("%s at %s, want %s at %s", r, when, want.r, want.at)
				}
				last = want.r
			}
			if r, _, ok := allocation.NextRung(rule, last, clock, d, m, due); ok {
				t.Errorf("after the last step comes %s", r)
			}
		})
	}
}

func TestAQuestionStopsTheClock(t *testing.T) {
	t.Parallel()
	d, m := place("Europe/London", ""), &market.Market{TimeZone: "Europe/London"}
	offered := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	asked, until := offered.Add(2*time.Hour), offered.Add(26*time.Hour) // Wednesday, 11:00
	c := allocation.Clock{From: offered}.Stopped(d, m, asked, until)
	if c.Used != 2*time.Hour || !c.From.Equal(until) {
		t.Fatalf("%+v", c)
	}
	// Six hours are left: an hour before lunch, four after, an hour on Thursday.
	if due := c.Due(d, m, 8, time.Time{}); !due.Equal(time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("unanswered: %s", due)
	}
	// Answered at 14:00 on the same day it goes on from there: three hours, then three on Wednesday.
	answered := allocation.Clock{From: offered.Add(5 * time.Hour), Used: c.Used}
	if due := answered.Due(d, m, 8, time.Time{}); !due.Equal(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("answered: %s", due)
	}
	// The reminder is due an hour after the clock goes on, and never while it stands still.
	if r, at, ok := allocation.NextRung(rule, "", answered, d, m, answered.Due(d, m, 8, time.Time{})); !ok || r != allocation.RungRemind || !at.Equal(offered.Add(6*time.Hour)) {
		t.Errorf("%s at %s", r, at)
	}
	// Whatever the clock says, the card's reservation ends when it ends.
	if due := c.Due(d, m, 8, until.Add(allocation.SafetyMargin)); !due.Equal(until) {
		t.Errorf("beyond the reservation: %s", due)
	}
}

// A step that would come when the time is over is left out.
func TestStepsAfterTheEndAreLeftOut(t *testing.T) {
	t.Parallel()
	d, m := place("Europe/London", ""), &market.Market{TimeZone: "Europe/London"}
	c := allocation.Clock{From: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	if _, _, ok := allocation.NextRung(rule, "", c, d, m, c.From.Add(3*time.Hour)); ok {
		t.Error("a reminder at the very end")
	}
	if _, _, ok := allocation.NextRung(market.Allocation{}, "", c, d, m, c.From.Add(30*time.Hour)); ok {
		t.Error("a market without a rule reminds")
	}
}
