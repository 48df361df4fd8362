package aftersales

import (
	"slices"
	"strconv"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/network"
)

// Bay is a place in which a car is worked at.
type Bay struct {
	No     int
	Skills []Skill
}

// Technician is somebody who works at cars, in his own hours.
type Technician struct {
	No     int
	Name   string
	Skills []Skill
	Hours  network.Week
}

// Courtesy is a car that a customer drives while his own is worked at.
type Courtesy struct {
	No    int
	Kind  string // one of CourtesyKinds
	Plate string
}

// CourtesyKinds are the kinds of courtesy cars; their words are service.courtesy.<kind>.
var CourtesyKinds = []string{"small", "family", "electric", "van"}

// Capacity is what a site has to work with.
type Capacity struct {
	Dealer      id.Dealer
	Bays        []Bay
	Technicians []Technician
	Courtesy    []Courtesy
	Stock       []Stock // only for writing
}

// Stock is a part on a site's shelf.
type Stock struct {
	Part     string   `json:"part"`
	OnHand   int      `json:"on_hand"`
	LeadDays int      `json:"lead_days"` // until one more is there; Never when it can not be had
	Supplies []Supply `json:"supplies,omitempty"`
}

// Never is the lead time of a part that can not be had any more.
const Never = -1

// shop is a site's capacity as the search reads it.
type shop struct {
	bays  []resource
	techs []resource
	cars  []resource
}

type resource struct {
	no     int
	skills skillSet
	hours  *hours // of a technician
}

// suits are the resources that have all skills.
func suits(list []resource, need skillSet) (out []int) {
	for i, r := range list {
		if r.skills.has(need) {
			out = append(out, i)
		}
	}
	return out
}

func index(list []resource, no int) int {
	return slices.IndexFunc(list, func(r resource) bool { return r.no == no })
}

// hours are a week of working time on an ordinary day's quarters, with the clock times for a day that is none.
type hours struct {
	plain [7]day128 // by time.Weekday
	clock [7][][2]int
}

var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func hoursOf(w network.Week) *hours {
	h := &hours{}
	for i, name := range weekdays {
		for _, s := range w[name] {
			from, to := minuteOf(s.Opens), minuteOf(s.Closes)
			h.clock[i] = append(h.clock[i], [2]int{from, to})
			h.plain[i] = h.plain[i].or(span((from+14)/15, to/15))
		}
	}
	return h
}

// on is the working time of a day.
func (h *hours) on(d *workday) day128 {
	if d.plain {
		return h.plain[d.weekday]
	}
	out := day128{}
	for _, c := range h.clock[d.weekday] {
		out = out.or(span(d.quarterUp(d.at(c[0])), d.quarter(d.at(c[1]))))
	}
	return out
}

// minuteOf is the minute of the day of "09:30"; 0 for anything else.
func minuteOf(hhmm string) int {
	if len(hhmm) != 5 || hhmm[2] != ':' {
		return 0
	}
	h, err1 := strconv.Atoi(hhmm[:2])
	m, err2 := strconv.Atoi(hhmm[3:])
	if err1 != nil || err2 != nil {
		return 0
	}
	return h*60 + m
}

// workday is one calendar day of a site.
type workday struct {
	noon    time.Time // in the site's zone
	base    int64     // its first quarter, counted from 1970
	plain   bool      // it has 24 hours
	weekday time.Weekday
}

func dayOf(t time.Time, loc *time.Location) *workday {
	y, m, d := t.In(loc).Date()
	midnight, next := time.Date(y, m, d, 0, 0, 0, 0, loc), time.Date(y, m, d+1, 0, 0, 0, 0, loc)
	noon := time.Date(y, m, d, 12, 0, 0, 0, loc)
	return &workday{noon: noon, weekday: noon.Weekday(), base: midnight.Unix() / quarter, plain: next.Sub(midnight) == 24*time.Hour}
}

func (d *workday) at(minute int) time.Time {
	y, m, day := d.noon.Date()
	return time.Date(y, m, day, minute/60, minute%60, 0, 0, d.noon.Location())
}

// quarter is in which quarter of the day an instant lies, quarterUp the first one that begins with it or after it.
func (d *workday) quarter(t time.Time) int { return int(floorDiv(t.Unix(), quarter) - d.base) }
func (d *workday) quarterUp(t time.Time) int {
	return int(floorDiv(t.Unix()+quarter-1, quarter) - d.base)
}

func (d *workday) instant(q int) time.Time { return time.Unix((d.base+int64(q))*quarter, 0).UTC() }

func floorDiv(a, b int64) int64 {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}

// quarters is how many quarters so many minutes take.
func quarters(minutes int) int { return (minutes + 14) / 15 }
