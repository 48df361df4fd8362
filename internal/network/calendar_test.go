package network

import (
	"errors"
	"slices"
	"testing"
	"time"

	"forecourt/internal/market"
)

func calendarDealer() (*Dealer, *market.Market) {
	d := &Dealer{Code: "gb-x", Market: "gb", Region: "england", TimeZone: "Europe/London", Bays: 2, Skills: []Skill{SkillElectric},
		Hours: Week{"mon": {{"09:00", "12:00"}, {"13:00", "17:00"}}, "tue": {{"09:00", "17:00"}}}}
	return d, &market.Market{Code: "gb", Holidays: []market.Holiday{{Date: "2026-12-28"}, {Date: "2026-11-30", Regions: []string{"scotland"}}}}
}

func day(s string) time.Time { t, _ := time.Parse("2006-01-02 15:04", s+" 12:00"); return t }

func TestPlansBeginOnTheirDayAndDaysDiffer(t *testing.T) {
	t.Parallel()
	d, m := calendarDealer()
	now := day("2026-11-24") // a Tuesday
	x := d.With([]Plan{{From: "2026-12-01", Hours: Week{"tue": {{"10:00", "14:00"}}}, Bays: 4}},
		[]Day{{Date: "2026-12-15", Bays: AsAlways}, {Date: "2026-12-28", Spans: []Span{{"10:00", "12:00"}}, Bays: 1}, {Date: "2026-12-08", Spans: []Span{{"09:00", "17:00"}}, Bays: 0}}, now)
	for on, want := range map[string]struct {
		open time.Duration
		bays int
	}{
		"2026-11-24": {8 * time.Hour, 2},
		"2026-11-30": {7 * time.Hour, 2}, // a Monday, a holiday elsewhere
		"2026-12-01": {4 * time.Hour, 4}, // the new plan
		"2026-12-07": {0, 4},             // shut on Mondays now
		"2026-12-08": {8 * time.Hour, 0}, // open, no handovers
		"2026-12-15": {0, 4},             // shut for once
		"2026-12-28": {2 * time.Hour, 1}, // open on a holiday for once
	} {
		var open time.Duration
		for _, s := range x.SpansOn(m, day(on)) {
			open += s[1].Sub(s[0])
		}
		if open != want.open || x.BaysOn(day(on)) != want.bays {
			t.Errorf("%s: open %v with %d bays, want %v with %d", on, open, x.BaysOn(day(on)), want.open, want.bays)
		}
	}
	if x.Bays != 2 || !x.Has(SkillElectric) || d.Plans != nil {
		t.Error("today's figures are those of a plan that has not begun, or the dealer was changed")
	}
	if later := d.With(x.Plans[1:], nil, day("2026-12-02")); later.Bays != 4 || later.Has(SkillElectric) {
		t.Errorf("when the plan has begun: %d bays", later.Bays)
	}
	for _, s := range x.Slots(m, day("2026-12-07"), nil, false) {
		if on := market.DateOf(s.StartsAt.In(x.Zone())); on == "2026-12-08" || on == "2026-12-15" {
			t.Errorf("a slot on %s", on)
		}
	}
	// The answer clock runs in the hours of each day: 5 hours from Monday noon are 4 hours of the 30th and one of the 1st.
	if got, want := x.AddOpenTime(m, day("2026-11-30").Add(time.Hour), 5*time.Hour), day("2026-12-01").Add(-time.Hour); !got.Equal(want) {
		t.Errorf("five open hours end at %v, want %v", got, want)
	}
}

func TestBookingsThatDoNotFit(t *testing.T) {
	t.Parallel()
	d, m := calendarDealer()
	at := func(hour, bay int) Appointment {
		s := time.Date(2026, 12, 1, hour, 0, 0, 0, time.UTC)
		return Appointment{StartsAt: s, EndsAt: s.Add(SlotLength), Bay: bay}
	}
	for name, c := range map[string]struct {
		a    Appointment
		want bool
	}{"in hours": {at(9, 2), true}, "before": {at(8, 1), false}, "to the end": {at(16, 1), true}, "beyond": {at(17, 1), false}, "a third bay": {at(10, 3), false}} {
		if d.Fits(m, c.a) != c.want {
			t.Errorf("%s fits: %v", name, !c.want)
		}
	}
	if d.With(nil, []Day{{Date: "2026-12-01", Bays: AsAlways}}, day("2026-11-24")).Fits(m, at(9, 1)) {
		t.Error("a shut day holds a handover")
	}
}

func TestPlansAndDaysAreChecked(t *testing.T) {
	t.Parallel()
	good := Plan{From: "2026-12-01", Hours: Week{"mon": {{"09:00", "17:00"}}}, Bays: 2, Skills: []Skill{SkillSign}}
	if err := good.Check("2026-12-01"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Plan)
		want   error
	}{
		"yesterday":      {func(p *Plan) { p.From = "2026-11-30" }, ErrPast},
		"no day":         {func(p *Plan) { p.From = "soon" }, ErrPast},
		"no bay":         {func(p *Plan) { p.Bays = 0 }, ErrBays},
		"too many bays":  {func(p *Plan) { p.Bays = 21 }, ErrBays},
		"more chargers":  {func(p *Plan) { p.Charge = 3 }, ErrCharge},
		"fewer than no":  {func(p *Plan) { p.Charge = -1 }, ErrCharge},
		"never open":     {func(p *Plan) { p.Hours = Week{"mon": nil} }, ErrNever},
		"backwards":      {func(p *Plan) { p.Hours = Week{"mon": {{"17:00", "09:00"}}} }, ErrHours},
		"touching":       {func(p *Plan) { p.Hours = Week{"mon": {{"09:00", "12:00"}, {"12:00", "17:00"}}} }, ErrHours},
		"no such day":    {func(p *Plan) { p.Hours["holiday"] = []Span{{"09:00", "17:00"}} }, ErrHours},
		"no such skill":  {func(p *Plan) { p.Skills = []Skill{"juggling"} }, ErrSkill},
		"a skill twice":  {func(p *Plan) { p.Skills = []Skill{SkillSign, SkillSign} }, ErrSkill},
		"half past nine": {func(p *Plan) { p.Hours = Week{"mon": {{"9", "17:00"}}} }, ErrHours},
	} {
		p := good
		p.Hours = Week{"mon": good.Hours["mon"]}
		c.change(&p)
		if err := p.Check("2026-12-01"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		x    Day
		want error
	}{
		"shut":      {Day{Date: "2026-12-01", Bays: AsAlways, Reason: "stocktaking"}, nil},
		"past":      {Day{Date: "2026-11-30", Bays: AsAlways, Reason: "x"}, ErrPast},
		"no reason": {Day{Date: "2026-12-01", Bays: AsAlways, Reason: " "}, ErrReason},
		"bays":      {Day{Date: "2026-12-01", Bays: -2, Reason: "x"}, ErrBays},
	} {
		if err := c.x.Check("2026-12-01"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestHoursAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"": "", " ": "", "9-17": "09:00-17:00", "9.30 - 12:30; 14–18": "09:30-12:30, 14:00-18:00", "09:00-17:30": "09:00-17:30"} {
		got, ok := ParseSpans(typed)
		if !ok || WriteSpans(got) != want {
			t.Errorf("%q is read as %q, %v", typed, WriteSpans(got), ok)
		}
	}
	for _, typed := range []string{"x", "9", "9-", "17-9", "9-12, 11-17", "9-25", "9-12 and 14-18", "-"} {
		if got, ok := ParseSpans(typed); ok {
			t.Errorf("%q is read as %v", typed, got)
		}
	}
}

// TestWhichCarTakesWhichBay walks the whole rule: bays with a charger are the first ones.
func TestWhichCarTakesWhichBay(t *testing.T) {
	t.Parallel()
	const shut = "2026-12-15"
	for name, c := range map[string]struct {
		bays, charge int
		forAll       bool
		ofDay        int // bays of the day, or AsAlways
		electric     []int
		others       []int
	}{
		"no rule":                           {3, 0, false, AsAlways, []int{1, 2, 3}, []int{1, 2, 3}},
		"no charger, open to all":           {3, 0, true, AsAlways, []int{1, 2, 3}, []int{1, 2, 3}},
		"one charger":                       {3, 1, false, AsAlways, []int{1}, []int{2, 3}},
		"two chargers, for all":             {3, 2, true, AsAlways, []int{1, 2}, []int{3, 1, 2}},
		"nothing but chargers":              {2, 2, false, AsAlways, []int{1, 2}, []int{1, 2}},
		"fewer bays that day":               {4, 2, false, 3, []int{1, 2}, []int{3}},
		"that day only bays with a charger": {4, 2, false, 1, []int{1}, []int{1}},
		"that day no bay":                   {4, 2, false, 0, nil, nil},
	} {
		d, m := calendarDealer()
		d.Bays, d.Charge, d.ForAll = c.bays, c.charge, c.forAll
		x := d
		if c.ofDay != AsAlways {
			x = d.With(nil, []Day{{Date: shut, Spans: []Span{{"09:00", "17:00"}}, Bays: c.ofDay, Reason: "x"}}, day("2026-11-24"))
		}
		for electric, want := range map[bool][]int{true: c.electric, false: c.others} {
			got := x.BaysFor(day(shut), electric)
			if !slices.Equal(got, want) {
				t.Errorf("%s, electric %t: %v, want %v", name, electric, got, want)
			}
			start := time.Date(2026, 12, 15, 10, 0, 0, 0, time.UTC)
			taken := map[time.Time]Bays{start: Bays(0).with(1)}
			free := 0
			for _, s := range x.Slots(m, day("2026-12-14"), taken, electric) {
				if s.StartsAt.Equal(start) {
					free = s.Free
				}
			}
			if left := len(slices.DeleteFunc(got, func(b int) bool { return b == 1 })); free != left {
				t.Errorf("%s, electric %t: %d bays are free beside the first, want %d", name, electric, free, left)
			}
			for bay := 1; bay <= 4; bay++ {
				a := Appointment{StartsAt: start, EndsAt: start.Add(SlotLength), Bay: bay, Electric: electric}
				if x.Fits(m, a) != slices.Contains(want, bay) {
					t.Errorf("%s, electric %t: a booking in bay %d", name, electric, bay)
				}
			}
		}
	}
}
