package ical_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"forecourt/internal/platform/ical"
)

// read takes a file apart as a subscriber does: unfolded lines, and the spans of its zone.
func read(t *testing.T, body []byte) (lines []string, offsets map[string]string) {
	t.Helper()
	if !strings.HasSuffix(string(body), "END:VCALENDAR\r\n") || strings.Contains(strings.ReplaceAll(string(body), "\r\n", ""), "\n") {
		t.Fatal("lines do not end as they must")
	}
	for _, l := range strings.Split(string(body), "\r\n") {
		if len(l) > 75 || !utf8.ValidString(l) {
			t.Errorf("a line of %d bytes: %q", len(l), l)
		}
	}
	lines = strings.Split(strings.ReplaceAll(string(body), "\r\n ", ""), "\r\n")
	offsets = map[string]string{}
	start := ""
	for _, l := range lines {
		if v, ok := strings.CutPrefix(l, "DTSTART:"); ok {
			start = v
		}
		if v, ok := strings.CutPrefix(l, "TZOFFSETTO:"); ok {
			offsets[start] = v
		}
	}
	return lines, offsets
}

// instant is what a subscriber makes of a local time, by the spans of the file alone.
func instant(t *testing.T, local string, offsets map[string]string) time.Time {
	t.Helper()
	best := ""
	for start := range offsets {
		if start <= local && start > best {
			best = start
		}
	}
	at, err := time.Parse("20060102T150405-0700", local+offsets[best])
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func TestEventsKeepTheirInstantOverAChangeOfTheClock(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/London", "Europe/Berlin", "Europe/Bucharest", "Atlantic/Canary", "UTC"} {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		c := ical.Calendar{Name: "Handovers", Zone: z, Refresh: time.Hour}
		for _, day := range []string{"2026-10-24", "2026-10-25", "2026-10-26", "2027-03-27", "2027-03-28", "2027-03-29", "2027-07-01"} {
			at, _ := time.ParseInLocation("2006-01-02 15:04", day+" 10:00", z)
			c.Events = append(c.Events, ical.Event{UID: day, Stamp: at, Start: at, End: at.Add(45 * time.Minute), Summary: "Handover"})
		}
		lines, offsets := read(t, c.Bytes())
		n := 0
		for _, l := range lines {
			if v, ok := strings.CutPrefix(l, "DTSTART;TZID="+name+":"); ok {
				if got, want := instant(t, v, offsets), c.Events[n].Start.UTC(); !got.Equal(want) {
					t.Errorf("%s %s is read as %s, want %s", name, v, got, want)
				}
				n++
			}
		}
		if n != len(c.Events) {
			t.Errorf("%s: %d events", name, n)
		}
	}
}

func TestWordsCanNotBreakOut(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	e := ical.Event{UID: "1", Stamp: at, Start: at, End: at, Summary: "A; b, c\\d\r\nBEGIN:VEVENT", Location: strings.Repeat("Straße ", 40)}
	lines, _ := read(t, ical.Calendar{Zone: time.UTC, Events: []ical.Event{e}}.Bytes())
	events := 0
	for _, l := range lines {
		if l == "BEGIN:VEVENT" {
			events++
		}
	}
	if events != 1 || !strings.Contains(strings.Join(lines, "\n"), `SUMMARY:A\; b\, c\\d\nBEGIN:VEVENT`) {
		t.Errorf("%d events in %q", events, lines)
	}
}
