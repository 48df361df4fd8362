package dealer

import (
	"fmt"
	"time"
)

// Clock is what is left of a dealer's time to answer, in its own opening hours.
type Clock struct {
	Left   string    // "7 h 42 min"
	Used   int       // of the whole time, in hundredths, for the dial
	Tone   string    // "", "warn" for the last hour, "bad" when it is over
	Halted time.Time // it stands still until then at most, and Left is what remains after; zero while it runs
}

// Over tells whether the time has run out.
func (c Clock) Over() bool { return c.Tone == "bad" }

// Stands tells whether the clock stands still.
func (c Clock) Stands() bool { return !c.Halted.IsZero() }

// clock counts the opening time from now, or from when a halted clock goes on, until the answer is due.
func (s site) clock(p Page, offered, due, halted time.Time) Clock {
	from := s.now
	if halted.After(from) {
		from = halted
	} else {
		halted = time.Time{}
	}
	left := s.dealer.OpenTimeBetween(s.market, from, due)
	if left <= 0 && !s.now.Before(due) {
		return Clock{Left: p.length(0), Used: 100, Tone: "bad"}
	}
	c := Clock{Left: p.length(left), Halted: halted}
	if whole := s.dealer.OpenTimeBetween(s.market, offered, due); whole > 0 {
		c.Used = int(100 - 100*left/whole)
	}
	if left <= time.Hour && halted.IsZero() {
		c.Tone = "warn"
	}
	return c
}

// length is a stretch of time in hours and minutes, which nobody can take for a time of day.
func (p Page) length(d time.Duration) string {
	minutes := int(d / time.Minute)
	return p.T("dealer.length", "Hours", minutes/60, "Minutes", fmt.Sprintf("%02d", minutes%60))
}

// day words for an instant near now: what matters at a desk is today and tomorrow.
func (p Page) day(t time.Time) string {
	t, today := t.In(p.zone()), p.now.In(p.zone())
	switch noon(t).Sub(noon(today)) {
	case 0:
		return p.T("dealer.today")
	case 24 * time.Hour:
		return p.T("dealer.tomorrow")
	}
	if t.Year() == today.Year() {
		return p.P.DayMonth(t)
	}
	return p.P.DateShort(t)
}

// noon of the calendar day in no zone, so that days are 24 hours apart even where clocks change.
func noon(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC)
}

// When writes an instant as "today, 17:30".
func (p Page) When(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return p.T("dealer.when", "Day", p.day(t), "Time", p.Time(t))
}

// Day writes the day of an instant as "today" or "28 November".
func (p Page) Day(t time.Time) string { return p.day(t) }

func (p Page) zone() *time.Location {
	if p.Zone != nil {
		return p.Zone
	}
	return time.UTC
}
