// Package ical writes calendars as RFC 5545 has them: the few parts that appointments need, and time zones with the
// changes of the clock that fall into the calendar's time.
package ical
