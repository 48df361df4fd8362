package dealersite

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// CalendarPage is when the site is open, what it can do, and the days that differ.
type CalendarPage struct {
	Page
	Today    string // "2026-11-30": the first day that may be chosen
	Now      []HoursLine
	NowBays  int
	NowCan   string
	NowPlugs string // how many bays have a charger, and who may use them; empty for none
	Coming   []PlanLine
	Days     []DayLine
	Holidays []string
	From     string
	Week     []HoursField
	Bays     string
	Charge   string // of the form: how many of the bays have a charger
	ForAll   bool   // and these take other cars too
	Skills   []SkillBox
	Day      string // of the second form
	DayHours string
	DayBays  string
	Reason   string
	ZoneName string
	Pilots   bool // the reader says in which pilots the site takes part
}

// HoursLine is a weekday as people read it.
type HoursLine struct{ Day, Hours string }

// HoursField is a weekday as it is typed.
type HoursField struct{ Name, Label, Value string }

// SkillBox is a skill to tick.
type SkillBox struct {
	Value, Label string
	On           bool
}

// PlanLine is a plan that has not begun.
type PlanLine struct{ From, Label, Hours, Bays, Plugs string }

// DayLine is a day that differs.
type DayLine struct{ Date, Label, Hours, Bays, Reason string }

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func (h *Handlers) calendarPage(c echo.Context, d desk) *CalendarPage {
	p := &CalendarPage{Page: h.page(c, d, "site.calendar.title", "calendar")}
	now := h.kit.DB.Clock.Now()
	today := market.DateOf(now.In(d.site.Zone()))
	p.Pilots = d.user.May(identity.DealerGroup)
	p.ZoneName, p.Today, p.From = d.site.TimeZone, string(today), string(today.Plus(1))
	plan := d.site.PlanOn(today)
	p.NowBays, p.Bays = plan.Bays, strconv.Itoa(plan.Bays)
	p.NowPlugs, p.Charge, p.ForAll = p.plugs(plan), strconv.Itoa(plan.Charge), plan.ForAll
	for _, day := range weekdays {
		label := p.T("storefront.day." + day)
		p.Now = append(p.Now, HoursLine{label, p.hours(plan.Hours[day])})
		p.Week = append(p.Week, HoursField{"hours_" + day, label, network.WriteSpans(plan.Hours[day])})
	}
	var can []string
	for _, s := range network.Skills {
		on := slices.Contains(plan.Skills, s)
		p.Skills = append(p.Skills, SkillBox{string(s), p.T("skill." + string(s)), on})
		if on {
			can = append(can, p.T("skill."+string(s)))
		}
	}
	p.NowCan = p.P.List(can)
	p.lists(d, today)
	return p
}

// lists are the plans that come, the days that differ, and the market's holidays of the next twelve months.
func (p *CalendarPage) lists(d desk, today market.Date) {
	for _, x := range d.site.Plans {
		if x.From > today {
			var week []string
			for _, day := range weekdays {
				week = append(week, p.T("storefront.day."+day)+" "+p.hours(x.Hours[day]))
			}
			p.Coming = append(p.Coming, PlanLine{string(x.From), p.date(x.From), p.P.Series(week), strconv.Itoa(x.Bays), p.plugs(x)})
		}
	}
	var days []network.Day
	for _, x := range d.site.Days {
		if x.Date >= today {
			days = append(days, x)
		}
	}
	slices.SortFunc(days, func(a, b network.Day) int { return strings.Compare(string(a.Date), string(b.Date)) })
	for _, x := range days {
		l := DayLine{Date: string(x.Date), Label: p.date(x.Date), Hours: p.hours(x.Spans), Reason: x.Reason}
		if x.Bays != network.AsAlways && len(x.Spans) > 0 {
			l.Bays = p.T("site.calendar.bays_are", "Bays", x.Bays)
		}
		p.Days = append(p.Days, l)
	}
	for _, x := range d.market.Holidays {
		if x.Date >= today && x.Date < today.Plus(365) && d.market.IsHoliday(x.Date, d.site.Region) {
			p.Holidays = append(p.Holidays, p.date(x.Date))
		}
	}
}

// plugs says how many bays have a charger, and for which cars they are; empty for none.
func (p *CalendarPage) plugs(plan network.Plan) string {
	switch {
	case plan.Charge == 0:
		return ""
	case plan.ForAll:
		return p.T("site.calendar.plugs_open", "Bays", plan.Charge)
	}
	return p.T("site.calendar.plugs", "Bays", plan.Charge)
}

func (p *CalendarPage) date(d market.Date) string {
	return p.P.Date(d.Time(time.UTC).Add(12 * time.Hour))
}

func (p *CalendarPage) hours(spans []network.Span) string {
	if len(spans) == 0 {
		return p.T("site.calendar.shut")
	}
	return network.WriteSpans(spans)
}

func (h *Handlers) showCalendar(c echo.Context) error {
	d, err := h.deskOf(c)
	if err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/calendar", h.calendarPage(c, d))
}

// fieldOf says beside which field a refusal of the calendar is shown.
var fieldOf = map[string]string{network.ErrHours.Key: "hours", network.ErrNever.Key: "hours", network.ErrBays.Key: "bays", network.ErrSkill.Key: "skills", network.ErrCharge.Key: "charge",
	network.ErrPast.Key: "from", network.ErrReason.Key: "reason"}

// dayField is the same for the form of one day.
var dayField = map[string]string{network.ErrHours.Key: "day_hours", network.ErrBays.Key: "day_bays", network.ErrPast.Key: "day", network.ErrReason.Key: "reason"}

func (h *Handlers) savePlan(c echo.Context) error {
	return h.change(c, "plan", false, func(ctx context.Context, tx *db.Tx, d desk, f *web.Form) error {
		plan := network.Plan{From: market.Date(f.Value("from")), Hours: network.Week{}}
		plan.Bays, _ = strconv.Atoi(f.Value("bays"))
		if v := f.Value("charge"); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil {
				return network.ErrCharge
			}
			plan.Charge, plan.ForAll = n, f.Has("charge_open")
		} else { // a form of before knows nothing of chargers, and changes nothing of them
			had := d.site.PlanOn(plan.From)
			plan.Charge, plan.ForAll = min(had.Charge, max(0, plan.Bays)), had.ForAll
		}
		for _, day := range weekdays {
			spans, ok := network.ParseSpans(f.Value("hours_" + day))
			if !ok {
				f.Reject("hours_"+day, network.ErrHours.Key)
				return network.ErrHours
			}
			if len(spans) > 0 {
				plan.Hours[day] = spans
			}
		}
		for _, s := range f.Values("skills") {
			plan.Skills = append(plan.Skills, network.Skill(s))
		}
		return h.calendar.SavePlanTx(ctx, tx, d.user, d.site.Code, plan)
	})
}

func (h *Handlers) dropPlan(c echo.Context) error {
	return h.change(c, "plan_dropped", false, func(ctx context.Context, tx *db.Tx, d desk, f *web.Form) error {
		return h.calendar.DropPlanTx(ctx, tx, d.user, d.site.Code, validDay(f.Value("from")))
	})
}

func (h *Handlers) saveDay(c echo.Context) error {
	return h.change(c, "day", true, func(ctx context.Context, tx *db.Tx, d desk, f *web.Form) error {
		spans, ok := network.ParseSpans(f.Value("day_hours"))
		if !ok {
			return network.ErrHours
		}
		x := network.Day{Date: market.Date(f.Value("day")), Spans: spans, Bays: network.AsAlways, Reason: f.Value("reason")}
		if v := f.Value("day_bays"); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 {
				return network.ErrBays
			}
			x.Bays = n
		}
		return h.calendar.SaveDayTx(ctx, tx, d.user, d.site.Code, x)
	})
}

func (h *Handlers) dropDay(c echo.Context) error {
	return h.change(c, "day_dropped", true, func(ctx context.Context, tx *db.Tx, d desk, f *web.Form) error {
		return h.calendar.DropDayTx(ctx, tx, d.user, d.site.Code, validDay(f.Value("day")))
	})
}

// validDay is a day that the database can read; what is none is a day on which nothing is.
func validDay(s string) market.Date {
	if d := market.Date(s); d.Valid() {
		return d
	}
	return "0001-01-01"
}

// change carries one change of the calendar out, or shows what is wrong with it beside what was typed.
func (h *Handlers) change(c echo.Context, what string, ofDay bool, do func(ctx context.Context, tx *db.Tx, d desk, f *web.Form) error) error {
	fields := fieldOf
	if ofDay {
		fields = dayField
	}
	return web.Post(h.kit, c, h.deskOf, func(d desk, f *web.Form) (web.Act, error) {
		if f.Value("site") != string(d.site.Code) {
			return web.Act{}, web.ErrNotFound // the page was opened at another site of the reader's
		}
		return web.Act{Name: "site." + what + " " + string(d.site.Code), Fields: fields, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return calendarPath + "?done=" + what, do(ctx, tx, d, f)
		}, Done: func() error { return h.kit.World.Refresh(c.Request().Context()) }, Again: func(r web.Refusal) error {
			p := h.calendarPage(c, d)
			p.keep(f, ofDay)
			p.Errors, p.Problem = f.Errors(), p.Sentence(r.Key)
			return h.kit.Show(c, r.Status, "dealer/calendar", p)
		}}, nil
	})
}

func (p *CalendarPage) keep(f *web.Form, ofDay bool) {
	if ofDay {
		p.Day, p.DayHours, p.DayBays, p.Reason = f.Value("day"), f.Value("day_hours"), f.Value("day_bays"), f.Value("reason")
		return
	}
	p.From, p.Bays, p.Charge, p.ForAll = f.Value("from"), f.Value("bays"), f.Value("charge"), f.Has("charge_open")
	for i := range p.Week {
		p.Week[i].Value = f.Value(p.Week[i].Name)
	}
	for i := range p.Skills {
		p.Skills[i].On = slices.Contains(f.Values("skills"), p.Skills[i].Value)
	}
}
