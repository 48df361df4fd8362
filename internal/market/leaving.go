package market

import (
	"time"

	"forecourt/internal/platform/filecheck"
)

// Leaving are a market's rules for a buyer who leaves a contract, for contracts made from a day on.
// Money is in minor units, shares are of the on-the-road price.
type Leaving struct {
	From   Date   `yaml:"from" json:"from"`
	Source string `yaml:"source" json:"source"`
	// RefundFrom says from when the market's refund_days count after a withdrawal: "told", the day on which the
	// buyer said so, though the seller may wait for the car (Directive 2011/83, art. 13), or "returned",
	// the day on which the car is back (GB: CCR 2013, reg. 34).
	RefundFrom string `yaml:"refund_from" json:"refund_from"`
	// Extends lets a period that would end on a Saturday, a Sunday or a holiday end with the next working day
	// (Regulation 1182/71, art. 3).
	Extends bool `yaml:"extends" json:"extends,omitempty"`
	// FreeKm are driven for nothing: what it takes to try a car out. Each further kilometre costs one LifeKm-th of
	// the price; use costs UseCapBP of it at most, use and damage together CapBP.
	FreeKm   int64 `yaml:"free_km" json:"free_km,omitempty"`
	LifeKm   int64 `yaml:"life_km" json:"life_km,omitempty"`
	UseCapBP int64 `yaml:"use_cap_bp" json:"use_cap_bp,omitempty"`
	CapBP    int64 `yaml:"cap_bp" json:"cap_bp,omitempty"`
	// AlarmDays before a refund is due its seller and the country hear of it.
	AlarmDays int  `yaml:"alarm_days" json:"alarm_days,omitempty"`
	Late      Late `yaml:"late" json:"late,omitzero"`
}

// Late is what the law adds to a sum that comes back late; nothing when it has no steps.
type Late struct {
	YearlyBP  int64      `yaml:"yearly_bp" json:"yearly_bp,omitempty"` // the legal rate of interest
	Steps     []LateStep `yaml:"steps" json:"steps,omitempty"`
	EveryDays int        `yaml:"every_days" json:"every_days,omitempty"` // after the last step, each so many days whole
	EachBP    int64      `yaml:"each_bp" json:"each_bp,omitempty"`       // add so much more, until the price is reached
}

// LateStep counts for more than Above days. Without AddBP it is the legal rate for each day.
type LateStep struct {
	Above int   `yaml:"above" json:"above"`
	AddBP int64 `yaml:"add_bp" json:"add_bp,omitempty"`
}

// Periods from which a refund may be counted.
const (
	FromTold     = "told"
	FromReturned = "returned"
)

// LeavingAt are the rules for a contract of a day. Without any, money comes back counted from the buyer's word and
// nothing is kept.
func (m *Market) LeavingAt(d Date) Leaving {
	best := Leaving{RefundFrom: FromTold}
	for _, l := range m.Leaving {
		if l.From <= d && l.From >= best.From {
			best = l
		}
	}
	return best
}

// LeaveUntil is the last whole day of a right to withdraw that began with the handover: its day, in the market's
// zone, does not count.
func (m *Market) LeaveUntil(handover time.Time, days int, l Leaving) Date {
	t := DateOf(handover.In(m.Zone())).Time(time.UTC).AddDate(0, 0, days)
	for l.Extends && (t.Weekday() == time.Saturday || t.Weekday() == time.Sunday || m.IsHoliday(DateOf(t), "")) {
		t = t.AddDate(0, 0, 1)
	}
	return DateOf(t)
}

// Plus is a day so many days later.
func (d Date) Plus(days int) Date { return DateOf(d.Time(time.UTC).AddDate(0, 0, days)) }

// Since counts the days from one day to d; negative when d is before it.
func (d Date) Since(from Date) int {
	return int(d.Time(time.UTC).Sub(from.Time(time.UTC)) / (24 * time.Hour))
}

// UseMinor is what driving so many kilometres takes off a price, in minor units, half-up.
func (l Leaving) UseMinor(price, km int64) int64 {
	if l.LifeKm <= 0 || km <= l.FreeKm {
		return 0
	}
	// A price of 10 million and a million kilometres stay far below what an int64 holds.
	return min(share(price*(km-l.FreeKm), l.LifeKm), share(price*l.UseCapBP, 10_000))
}

// KeptMinor is what use and damage together take off a price.
func (l Leaving) KeptMinor(price, km, damage int64) int64 {
	return min(l.UseMinor(price, km)+max(0, damage), share(price*l.CapBP, 10_000))
}

// AddedMinor is what the law adds to a sum that comes back so many days late. price bounds the growth by steps;
// beyond it the legal rate goes on.
func (l Late) AddedMinor(sum, price int64, days int) int64 {
	at := -1
	for i, s := range l.Steps {
		if days > s.Above {
			at = i
		}
	}
	if at < 0 || sum <= 0 {
		return 0
	}
	step := l.Steps[at]
	if step.AddBP == 0 {
		return l.interest(sum, days)
	}
	added := share(sum*step.AddBP, 10_000)
	if at < len(l.Steps)-1 || l.EveryDays <= 0 || l.EachBP <= 0 {
		return min(added, price)
	}
	for n := 1; step.Above+n*l.EveryDays <= days; n++ {
		if more := added + share(sum*l.EachBP, 10_000); more < price {
			added = more
			continue
		}
		return price + l.interest(sum, days-step.Above-n*l.EveryDays)
	}
	return min(added, price)
}

func (l Late) interest(sum int64, days int) int64 {
	return share(sum*l.YearlyBP*int64(days), 365*10_000)
}

// share divides half-up; both are not negative.
func share(a, b int64) int64 { return (2*a + b) / (2 * b) }

func (c checker) leaving(list []Leaving) {
	seen := map[Date]bool{}
	for i, l := range list {
		in := func(key string) []string { return filecheck.At("leaving", i, key) }
		if c.date(l.From, in("from")...) && seen[l.From] {
			c.Say(in("from"), "second rules begin on %s", l.From)
		}
		seen[l.From] = true
		c.Present(l.Source, in("source")...)
		c.OneOf(l.RefundFrom, []string{FromTold, FromReturned}, in("refund_from")...)
		c.Between(l.FreeKm, 0, 5000, in("free_km")...)
		c.Between(l.LifeKm, 50_000, 1_000_000, in("life_km")...)
		c.Between(l.UseCapBP, 0, 10_000, in("use_cap_bp")...)
		c.Between(l.CapBP, l.UseCapBP, 10_000, in("cap_bp")...)
		c.Between(int64(l.AlarmDays), 1, 30, in("alarm_days")...)
		c.late(l.Late, in)
	}
}

func (c checker) late(l Late, in func(string) []string) {
	if len(l.Steps) == 0 {
		return
	}
	c.Between(l.YearlyBP, 1, 5000, in("late")...)
	c.Between(int64(l.EveryDays), 0, 365, in("late")...)
	c.Between(l.EachBP, 0, 10_000, in("late")...)
	for i, s := range l.Steps {
		c.Between(s.AddBP, 0, 20_000, in("late")...)
		if s.Above < 0 || i > 0 && (s.Above <= l.Steps[i-1].Above || s.AddBP < l.Steps[i-1].AddBP) {
			c.Say(in("late"), "the steps of late must grow in days and in what they add")
		}
	}
}
