package connected

import "time"

// Quiet are the hours in which a keeper is told nothing, in minutes of the market's day; none when both are the same. They may
// go over midnight.
type Quiet struct{ From, To int }

// Valid tells whether both are minutes of a day.
func (q Quiet) Valid() bool { return q.From >= 0 && q.From < 1440 && q.To >= 0 && q.To < 1440 }

// next is the first instant from now on at which he may be told: now, or the end of the quiet hours on the wall clock. An
// end that falls into the hour that a spring night skips is the end of that hour.
func (q Quiet) next(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	minute := local.Hour()*60 + local.Minute()
	inside := q.From <= minute && minute < q.To
	if q.From > q.To {
		inside = minute >= q.From || minute < q.To
	}
	if !inside {
		return now
	}
	day := local
	if minute >= q.To {
		day = local.AddDate(0, 0, 1)
	}
	end := time.Date(day.Year(), day.Month(), day.Day(), q.To/60, q.To%60, 0, 0, zone)
	for !end.After(now) { // an hour that comes twice in autumn
		end = end.Add(time.Hour)
	}
	return end.UTC()
}
