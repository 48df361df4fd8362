package i18n

import (
	"strconv"
	"time"
)

// The time given to these methods is already in the reader's zone.

// Date is long with its weekday: Sunday, 22 November 2026.
func (p *Printer) Date(t time.Time) string { return p.rules.time(p.rules.dateFull, t) }

// DateShort is for tables: 22 Nov 2026.
func (p *Printer) DateShort(t time.Time) string { return p.rules.time(p.rules.dateShort, t) }

// DayMonth leaves the year out: 22 November.
func (p *Printer) DayMonth(t time.Time) string { return p.rules.time(p.rules.dayMonth, t) }

// Time is hours and minutes: 14:05.
func (p *Printer) Time(t time.Time) string { return p.rules.time(p.rules.timeShort, t) }

// DateTime is a date and a time: 22 November 2026 at 14:05.
func (p *Printer) DateTime(t time.Time) string { return p.rules.time(p.rules.dateTime, t) }

func (r *rules) time(pattern string, t time.Time) string {
	return string(r.appendTime(make([]byte, 0, 48), pattern, t))
}

func (r *rules) appendTime(b []byte, pattern string, t time.Time) []byte {
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' {
			b = append(b, pattern[i])
			continue
		}
		i++
		b = r.appendTimePart(b, pattern[i], t)
	}
	return b
}

func (r *rules) appendTimePart(b []byte, part byte, t time.Time) []byte {
	switch part {
	case 'E':
		return append(b, r.weekdays[t.Weekday()]...)
	case 'd':
		return strconv.AppendInt(b, int64(t.Day()), 10)
	case 'D':
		return twoDigits(b, t.Day())
	case 'M':
		return append(b, r.months[t.Month()-1]...)
	case 'm':
		return append(b, r.shortMonths[t.Month()-1]...)
	case 'n':
		return twoDigits(b, int(t.Month()))
	case 'y':
		return strconv.AppendInt(b, int64(t.Year()), 10)
	case 'H':
		return twoDigits(b, t.Hour())
	case 'h':
		return strconv.AppendInt(b, int64(t.Hour()), 10)
	}
	return twoDigits(b, t.Minute())
}

func twoDigits(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
