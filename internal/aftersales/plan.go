package aftersales

import (
	"slices"
	"strings"

	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"
)

// Plan is the maintenance of some cars.
type Plan struct {
	Code     string    `yaml:"code" json:"code"`
	For      Fit       `yaml:"for" json:"for"`
	SoonDays int       `yaml:"soon_days" json:"soon_days"` // before its day something is told
	SoonKm   int       `yaml:"soon_km" json:"soon_km"`
	Rows     []PlanRow `yaml:"rows" json:"rows"`
}

// PlanRow is an item that comes again after so many months or kilometres, whichever is first; 0 for no limit.
type PlanRow struct {
	Item        string     `yaml:"item" json:"item"`
	Months      int        `yaml:"months" json:"months,omitempty"`
	Km          int        `yaml:"km" json:"km,omitempty"`
	FirstMonths int        `yaml:"first_months" json:"first_months,omitempty"` // from the registration on, where the first time is another
	FirstKm     int        `yaml:"first_km" json:"first_km,omitempty"`
	Text        i18n.Words `yaml:"why" json:"why"`
}

// Due is when an item of a car's plan comes next.
type Due struct {
	Item string
	Text i18n.Words // why the plan asks for it
	Why  Why
	Now  bool // the day or the mileage has passed, or will soon
}

// DueOf lists everything of a car's plan, what is due first on top.
func (b *Book) DueOf(c Car, day market.Date) []Due {
	i := slices.IndexFunc(b.Plans, func(p Plan) bool { return p.For.Takes(&c, day) })
	if i < 0 {
		return nil
	}
	p := &b.Plans[i]
	out := make([]Due, len(p.Rows))
	for k := range p.Rows {
		out[k] = p.due(&p.Rows[k], &c, day)
	}
	slices.SortStableFunc(out, func(a, b Due) int {
		if a.Now != b.Now {
			if a.Now {
				return -1
			}
			return 1
		}
		return strings.Compare(string(a.Why.DueOn), string(b.Why.DueOn))
	})
	return out
}

// due reckons from the last visit at which the item was done, else from the registration.
func (p *Plan) due(r *PlanRow, c *Car, day market.Date) Due {
	since, km, everyMonths, everyKm := c.Registered, 0, r.Months, r.Km
	if v, ok := c.last(r.Item); ok {
		since, km = v.On, v.Km
	} else {
		if r.FirstMonths > 0 {
			everyMonths = r.FirstMonths
		}
		if r.FirstKm > 0 {
			everyKm = r.FirstKm
		}
	}
	d := Due{Item: r.Item, Text: r.Text, Why: Why{Reason: ByMonths, Months: everyMonths, Km: everyKm}}
	if everyMonths > 0 {
		d.Why.DueOn = since.PlusMonths(everyMonths)
	}
	if everyKm > 0 {
		d.Why.DueKm = km + everyKm
	}
	byDay, byKm := everyMonths > 0 && d.Why.DueOn <= day, everyKm > 0 && d.Why.DueKm <= c.Km
	d.Why.Over = byDay || byKm
	soon, near := everyMonths > 0 && d.Why.DueOn <= after(day, p.SoonDays), everyKm > 0 && d.Why.DueKm <= c.Km+p.SoonKm
	d.Now = soon || near
	if byKm && !byDay || everyMonths == 0 || near && !soon {
		d.Why.Reason = ByKm
	}
	return d
}
