package network

import (
	"slices"
	"strings"
	"time"

	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
)

// Plan is what a site says of itself from a day on.
type Plan struct {
	From   market.Date // empty for what the file says
	Hours  Week
	Skills []Skill
	Bays   int
	Charge int  // how many of the bays have a charger: the first ones. With none the site makes no difference between cars
	ForAll bool // the bays with a charger take other cars too
}

// Day is a day that differs from the plan and from the market's holidays.
type Day struct {
	Date   market.Date
	Spans  []Span // none: shut
	Bays   int    // AsAlways, or how many handovers at a time
	Reason string
}

// AsAlways says that a day has the bays of its plan.
const AsAlways = -1

// MostBays is how many handovers a site can have at the same time.
const MostBays = 20

// Faults of the calendar.
var (
	ErrHours  = fault.New(fault.Invalid, "calendar.hours", "network.Plan")
	ErrNever  = fault.New(fault.Invalid, "calendar.never_open", "network.Plan")
	ErrBays   = fault.New(fault.Invalid, "calendar.bays", "network.Plan")
	ErrCharge = fault.New(fault.Invalid, "calendar.charge", "network.Plan")
	ErrSkill  = fault.New(fault.Invalid, "calendar.skill", "network.Plan")
	ErrPast   = fault.New(fault.Invalid, "calendar.past", "network.Plan")
	ErrReason = fault.New(fault.Invalid, "calendar.reason", "network.Day")
	ErrBooked = fault.New(fault.Conflict, "calendar.booked", "network.Calendar")
	ErrNoDay  = fault.New(fault.NotFound, "fault.not_found", "network.Calendar")
)

// plan is what the dealer's own fields say.
func (d *Dealer) plan() Plan {
	return Plan{Hours: d.Hours, Skills: d.Skills, Bays: d.Bays, Charge: d.Charge, ForAll: d.ForAll}
}

// PlanOn is the plan of a day.
func (d *Dealer) PlanOn(day market.Date) Plan {
	out := d.plan()
	for _, p := range d.Plans {
		if p.From <= day {
			out = p
		}
	}
	return out
}

// BaysOn is how many handovers the site has at a time on the calendar day of t.
func (d *Dealer) BaysOn(t time.Time) int {
	day := market.DateOf(t.In(d.Zone()))
	if x, ok := d.Days[day]; ok && x.Bays != AsAlways {
		return x.Bays
	}
	return d.PlanOn(day).Bays
}

// BaysFor lists the bays in which a car can be handed over on the calendar day of t, the best first. An electric car takes
// one with a charger, where the site has any. Other cars take one without, and one with a charger only where the site opens
// these to all, or has no other that day. The schema says the same: appointment_fits.
func (d *Dealer) BaysFor(t time.Time, electric bool) []int {
	most, p := d.BaysOn(t), d.PlanOn(market.DateOf(t.In(d.Zone())))
	charge := min(p.Charge, most)
	var with, without []int
	for bay := 1; bay <= most; bay++ {
		if bay <= charge {
			with = append(with, bay)
		} else {
			without = append(without, bay)
		}
	}
	switch {
	case p.Charge == 0:
		return without
	case electric:
		return with
	case p.ForAll || len(without) == 0:
		return append(without, with...)
	}
	return without
}

// spans are the opening spans of a day: what the site says of that very day, else none on a holiday, else
// its plan.
func (d *Dealer) spans(m *market.Market, local time.Time) []Span {
	day := market.DateOf(local)
	if x, ok := d.Days[day]; ok {
		return x.Spans
	}
	if m.IsHoliday(day, d.Region) {
		return nil
	}
	return d.PlanOn(day).Hours[dayNames[local.Weekday()]]
}

// With is the dealer with a calendar, as it is on the day of now. The dealer itself is not changed.
func (d *Dealer) With(plans []Plan, days []Day, now time.Time) *Dealer {
	out := *d
	out.Plans = append([]Plan{d.plan()}, plans...)
	out.Days = make(map[market.Date]Day, len(days))
	for _, x := range days {
		out.Days[x.Date] = x
	}
	p := out.PlanOn(market.DateOf(now.In(d.Zone())))
	out.Hours, out.Skills, out.Bays, out.Charge, out.ForAll = p.Hours, p.Skills, p.Bays, p.Charge, p.ForAll
	return &out
}

// Fits tells whether a booked handover can take place as the calendar is.
func (d *Dealer) Fits(m *market.Market, a Appointment) bool {
	if !slices.Contains(d.BaysFor(a.StartsAt, a.Electric), a.Bay) {
		return false
	}
	for _, s := range d.SpansOn(m, a.StartsAt) {
		if !a.StartsAt.Before(s[0]) && !a.EndsAt.After(s[1]) {
			return true
		}
	}
	return false
}

// Check refuses a plan that no site can have. today is the site's day.
func (p Plan) Check(today market.Date) error {
	switch {
	case !p.From.Valid() || p.From < today:
		return ErrPast
	case p.Bays < 1 || p.Bays > MostBays:
		return ErrBays
	case p.Charge < 0 || p.Charge > p.Bays:
		return ErrCharge
	}
	open := false
	for day, spans := range p.Hours {
		if !slices.Contains(weekdays, day) || !inOrder(spans) {
			return ErrHours
		}
		open = open || len(spans) > 0
	}
	if !open {
		return ErrNever
	}
	for i, s := range p.Skills {
		if !slices.Contains(Skills, s) || slices.Contains(p.Skills[:i], s) {
			return ErrSkill
		}
	}
	return nil
}

// Check refuses a day that makes no sense. today is the site's day.
func (x Day) Check(today market.Date) error {
	switch {
	case !x.Date.Valid() || x.Date < today:
		return ErrPast
	case !inOrder(x.Spans):
		return ErrHours
	case x.Bays != AsAlways && (x.Bays < 0 || x.Bays > MostBays):
		return ErrBays
	case strings.TrimSpace(x.Reason) == "":
		return ErrReason
	}
	return nil
}

// inOrder tells whether spans follow the clock and do not touch: two that do are one.
func inOrder(spans []Span) bool {
	last := ""
	for _, s := range spans {
		if !timeShape.MatchString(s.Opens) || !timeShape.MatchString(s.Closes) || s.Closes <= s.Opens || s.Opens <= last {
			return false
		}
		last = s.Closes
	}
	return true
}

// ParseSpans reads hours as people write them: "09:00-12:30, 14:00-18:00"; nothing is shut.
func ParseSpans(s string) ([]Span, bool) {
	var out []Span
	s = strings.NewReplacer("\u2013", "-", ";", ",", " ", "").Replace(s)
	if s == "" {
		return nil, true
	}
	for part := range strings.SplitSeq(s, ",") {
		from, to, ok := strings.Cut(part, "-")
		if !ok {
			return nil, false
		}
		out = append(out, Span{Opens: clockTime(from), Closes: clockTime(to)})
	}
	return out, inOrder(out)
}

// clockTime writes "9", "9.30" and "9:30" as "09:30".
func clockTime(s string) string {
	s = strings.Replace(s, ".", ":", 1)
	if !strings.Contains(s, ":") {
		s += ":00"
	}
	if len(s) == 4 {
		s = "0" + s
	}
	return s
}

// WriteSpans is what ParseSpans reads.
func WriteSpans(spans []Span) string {
	var out []string
	for _, s := range spans {
		out = append(out, s.Opens+"-"+s.Closes)
	}
	return strings.Join(out, ", ")
}
