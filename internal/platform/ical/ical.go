package ical

import (
	"fmt"
	"strings"
	"time"
)

// Calendar is a file of events. Events stand in the wall's time of Zone.
type Calendar struct {
	Name    string
	Zone    *time.Location
	Refresh time.Duration // how often a subscriber should ask again; left out when zero
	Events  []Event
}

// Event is one appointment. Stamp is when it was last changed.
type Event struct {
	UID                  string
	Stamp, Start, End    time.Time
	Summary, Description string
	Location             string
}

const (
	utcForm   = "20060102T150405Z"
	localForm = "20060102T150405"
)

// Bytes is the file. The same calendar is the same bytes.
func (c Calendar) Bytes() []byte {
	var w writer
	w.lines("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Forecourt//Calendar//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH")
	if c.Name != "" {
		w.lines("X-WR-CALNAME:" + Text(c.Name))
	}
	if c.Refresh > 0 {
		d := fmt.Sprintf("PT%dM", int(c.Refresh/time.Minute))
		w.lines("REFRESH-INTERVAL;VALUE=DURATION:"+d, "X-PUBLISHED-TTL:"+d)
	}
	if len(c.Events) > 0 {
		first, last := c.Events[0].Start, c.Events[0].End
		for _, e := range c.Events {
			if e.Start.Before(first) {
				first = e.Start
			}
			if e.End.After(last) {
				last = e.End
			}
		}
		w.zone(c.Zone, first, last)
	}
	for _, e := range c.Events {
		w.event(c.Zone, e)
	}
	w.lines("END:VCALENDAR")
	return []byte(w.String())
}

type writer struct{ strings.Builder }

func (w *writer) lines(ls ...string) {
	for _, l := range ls {
		w.WriteString(Folded(l))
	}
}

// zone writes each span of one offset that touches the calendar's time, with the change that it begins with.
func (w *writer) zone(z *time.Location, first, last time.Time) {
	w.lines("BEGIN:VTIMEZONE", "TZID:"+z.String())
	for at := first.In(z); !at.After(last); {
		start, end := at.ZoneBounds()
		name, offset := at.Zone()
		kind, before := "STANDARD", offset
		if at.IsDST() {
			kind = "DAYLIGHT"
		}
		begins := "19700101T000000"
		if !start.IsZero() {
			_, before = start.Add(-time.Second).In(z).Zone()
			begins = start.UTC().Add(time.Duration(before) * time.Second).Format(localForm) // on the clock of before
		}
		w.lines("BEGIN:"+kind, "DTSTART:"+begins, "TZOFFSETFROM:"+offsetText(before), "TZOFFSETTO:"+offsetText(offset), "TZNAME:"+Text(name), "END:"+kind)
		if end.IsZero() {
			break
		}
		at = end.In(z)
	}
	w.lines("END:VTIMEZONE")
}

// offsetText is an offset from UTC in seconds: "+0100".
func offsetText(s int) string {
	sign := '+'
	if s < 0 {
		sign, s = '-', -s
	}
	return fmt.Sprintf("%c%02d%02d", sign, s/3600, s/60%60)
}

func (w *writer) event(z *time.Location, e Event) {
	id := z.String()
	w.lines("BEGIN:VEVENT", "UID:"+Text(e.UID), "DTSTAMP:"+e.Stamp.UTC().Format(utcForm),
		"DTSTART;TZID="+id+":"+e.Start.In(z).Format(localForm), "DTEND;TZID="+id+":"+e.End.In(z).Format(localForm), "SUMMARY:"+Text(e.Summary))
	if e.Location != "" {
		w.lines("LOCATION:" + Text(e.Location))
	}
	if e.Description != "" {
		w.lines("DESCRIPTION:" + Text(e.Description))
	}
	w.lines("END:VEVENT")
}

var escape = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", "")

// Text escapes a value.
func Text(s string) string { return escape.Replace(s) }

// Folded breaks a line at 75 bytes, never inside a letter, and ends it.
func Folded(l string) string {
	var b strings.Builder
	width := 0
	for _, r := range l {
		n := len(string(r))
		if width+n > 73 {
			b.WriteString("\r\n ")
			width = 1
		}
		b.WriteRune(r)
		width += n
	}
	return b.String() + "\r\n"
}
