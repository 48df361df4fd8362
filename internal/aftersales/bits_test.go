package aftersales

import (
	"testing"
	"time"

	"forecourt/internal/market"
	"forecourt/internal/network"

	"pgregory.net/rapid"
)

// Runs, spans and counts say what a plain list of quarters would.
func TestQuartersAreThoseOfAPlainList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var plain [128]bool
		var d day128
		for range rapid.IntRange(0, 6).Draw(r, "spans") {
			from := rapid.IntRange(-3, 130).Draw(r, "from")
			to := from + rapid.IntRange(-2, 60).Draw(r, "long")
			d = d.or(span(from, to))
			for q := max(from, 0); q < min(to, 128); q++ {
				plain[q] = true
			}
		}
		n := rapid.IntRange(1, 40).Draw(r, "run")
		runs, count := d.runs(n), 0
		for q := range 128 {
			want := q+n <= 128
			for k := q; want && k < q+n; k++ {
				want = plain[k]
			}
			if got := !runs.and(span(q, q+1)).empty(); got != want {
				r.Fatalf("a run of %d from %d: %t", n, q, got)
			}
			if plain[q] {
				count++
			}
		}
		if d.count() != count || d.not().count() != 128-count {
			r.Fatalf("%d quarters, not %d", d.count(), count)
		}
		for q, left := -1, d; ; {
			next := left.takeFirst()
			if next < 0 {
				break
			}
			if next <= q || !plain[next] {
				r.Fatalf("%d after %d", next, q)
			}
			q = next
		}
	})
}

// What the search offers can be taken, and what it does not offer can not: on all days, those with 23 and 25 hours among them.
func TestWhatIsOfferedIsWhatCanBeTaken(t *testing.T) {
	t.Parallel()
	week := network.Week{}
	for _, day := range weekdays {
		week[day] = []network.Span{{Opens: "00:00", Closes: "05:00"}, {Opens: "09:00", Closes: "12:30"}, {Opens: "14:00", Closes: "18:00"}}
	}
	d, m := &network.Dealer{Code: "gb-taken", Market: "gb", TimeZone: "Europe/London", Hours: week}, &market.Market{Code: "gb"}
	rapid.Check(t, func(r *rapid.T) {
		now := rapid.SampledFrom([]time.Time{time.Date(2026, 11, 24, 9, 7, 0, 0, time.UTC), time.Date(2027, 3, 27, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC)}).Draw(r, "now")
		s := &shop{}
		for k := range rapid.IntRange(1, 3).Draw(r, "bays") {
			s.bays = append(s.bays, resource{no: k + 1, skills: skillSet(rapid.IntRange(0, 3).Draw(r, "bay"))})
		}
		for k := range rapid.IntRange(1, 3).Draw(r, "people") {
			s.techs = append(s.techs, resource{no: k + 1, skills: skillSet(rapid.IntRange(0, 3).Draw(r, "skills")), hours: hoursOf(week)})
		}
		for k := range rapid.IntRange(0, 2).Draw(r, "cars") {
			s.cars = append(s.cars, resource{no: k + 1})
		}
		a := &Ask{Sites: []*network.Dealer{d}, Market: m, Rules: Rules{NoticeMinutes: 60, CollectionsADay: 1}, Skills: []Skill{Skills[rapid.IntRange(0, 1).Draw(r, "skill")]}, Minutes: rapid.IntRange(10, 200).Draw(r, "minutes"), Now: now, Days: 3,
			Mobility: rapid.SampledFrom(Mobilities).Draw(r, "mobility")}
		c := calendarOf(now, a.Days, d.Zone())
		b := newBusy(s, a.Days)
		for range rapid.IntRange(0, 12).Draw(r, "booked") {
			from := now.Truncate(15 * time.Minute).Add(time.Duration(rapid.IntRange(0, 250).Draw(r, "from")) * 15 * time.Minute)
			stay := rapid.IntRange(1, 12).Draw(r, "stay")
			b.put(s, c, pack(from, stay, rapid.IntRange(1, 3).Draw(r, "in"), rapid.IntRange(1, 3).Draw(r, "by"), rapid.IntRange(0, 2).Draw(r, "with"), stay+turnQuarters))
		}
		h := newHunt(a, d, s, b, c)
		days, n := h.days()
		offered := map[time.Time]bool{}
		for _, x := range h.slots(nil, days, n) {
			offered[x.StartsAt] = true
		}
		for _, w := range c.days {
			o := open(d, m, w)
			for q := range 100 {
				if o.starts.and(span(q, q+1)).empty() {
					continue
				}
				start := w.instant(q)
				x, err := h.take(start, Change{})
				if offered[start] != (err == nil) {
					r.Fatalf("%v is offered: %t, taken: %v", start, offered[start], err)
				}
				if err == nil && (x.bay == 0 || x.tech == 0 || (a.Mobility == CourtesyCar) != (x.car > 0)) {
					r.Fatalf("%+v", x)
				}
				delete(offered, start)
			}
		}
		if len(offered) > 0 {
			r.Fatalf("offered outside of opening hours: %v", offered)
		}
	})
}
