package aftersales

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
)

// Mobility is how a customer goes on while the car is worked at.
type Mobility string

// The ways; their words are service.mobility.<code>.
const (
	OnFoot       Mobility = "none"
	CourtesyCar  Mobility = "car"
	IsCollected  Mobility = "collection" // the site fetches the car and brings it back
	stepQuarters          = 2            // a slot begins every half an hour from opening
	MostDays              = 60           // that a search looks ahead
	turnQuarters          = 4            // until a courtesy car can go out again after the work
)

// Mobilities lists the ways in the order people read them.
var Mobilities = []Mobility{OnFoot, CourtesyCar, IsCollected}

// Ask is what a customer wants of one or more workshops of a market.
type Ask struct {
	Sites    []*network.Dealer
	Market   *market.Market
	Rules    Rules
	Skills   []Skill // of whoever does the work, and of the bay
	Minutes  int
	Parts    []Need
	Mobility Mobility
	Now      time.Time
	From     time.Time  // not before it
	Days     int        // calendar days from From on, MostDays at most
	First    int        // at most so many slots of each site; 0 for all
	DueAt    time.Time  // until when the slot will be held: a part that no shelf has is ordered then at the latest
	Except   id.Booking // that moves: what it takes itself is free for it
	spare    id.Booking // whose parts are free for it
}

// Need is a part in some number. LeadDays is what the maker takes to send it, for a site that has never had one.
type Need struct {
	Part     string `json:"part"`
	Quantity int    `json:"quantity"`
	LeadDays int    `json:"lead_days"`
}

// Slot is a start at which a workshop can take a car, with all that was asked for.
type Slot struct {
	Dealer           id.Dealer
	StartsAt, EndsAt time.Time
}

// busy is what is taken of a site, by day and resource.
type busy struct {
	bays, techs, cars []day128 // day*len(resources)+index
	collections       []int
}

func newBusy(s *shop, days int) *busy {
	return &busy{bays: make([]day128, days*len(s.bays)), techs: make([]day128, days*len(s.techs)), cars: make([]day128, days*len(s.cars)), collections: make([]int, days)}
}

// taken is one booking as the database keeps it for the search: see pack.
type taken int64

func pack(start time.Time, stay, bay, tech, car, drive int) taken {
	return taken(start.Unix()/quarter<<40 | int64(stay)<<32 | int64(bay)<<24 | int64(tech)<<16 | int64(car)<<8 | int64(drive))
}

func (t taken) start() int64 { return int64(t) >> 40 }
func (t taken) stay() int    { return int(t >> 32 & 255) }
func (t taken) bay() int     { return int(t >> 24 & 255) }
func (t taken) tech() int    { return int(t >> 16 & 255) }
func (t taken) car() int     { return int(t >> 8 & 255) }
func (t taken) drive() int   { return int(t & 255) }

// fetched tells that the site fetches the car: there is no courtesy car then, and its drive says so.
func (t taken) fetched() bool { return t.car() == 0 && t.drive() == isFetched }

const isFetched = 1

// calendar is the days of a search in one zone.
type calendar struct{ days []*workday }

func calendarOf(from time.Time, days int, loc *time.Location) *calendar {
	c := &calendar{days: make([]*workday, days)}
	y, m, d := from.In(loc).Date()
	for i := range c.days {
		c.days[i] = dayOf(time.Date(y, m, d+i, 12, 0, 0, 0, loc), loc)
	}
	return c
}

// find is the day in which a quarter lies; -1 when it is not one of them.
func (c *calendar) find(q int64) int {
	i := int(floorDiv(q-c.days[0].base, 96))
	if i > 0 && i < len(c.days) && q < c.days[i].base { // a day of 25 hours lies between
		i--
	}
	if i >= 0 && i+1 < len(c.days) && q >= c.days[i+1].base {
		i++
	}
	if i < 0 || i >= len(c.days) || q-c.days[i].base >= 100 {
		return -1
	}
	return i
}

// put marks what a booking takes.
func (b *busy) put(s *shop, c *calendar, t taken) {
	i := c.find(t.start())
	if i < 0 {
		return
	}
	at := int(t.start() - c.days[i].base)
	mark := func(list []day128, of []resource, no, stay int) {
		if k := index(of, no); k >= 0 {
			p := &list[i*len(of)+k]
			*p = p.or(span(at, at+stay))
		}
	}
	mark(b.bays, s.bays, t.bay(), t.stay())
	mark(b.techs, s.techs, t.tech(), t.stay())
	switch {
	case t.car() > 0:
		mark(b.cars, s.cars, t.car(), t.drive())
	case t.fetched():
		b.collections[i]++
	}
}

// hunt looks through one site.
type hunt struct {
	ask      *Ask
	site     *network.Dealer
	shop     *shop
	busy     *busy
	calendar *calendar
	stay     int
	opened   []opening
	bays     []int // that have the skills
	techs    []int
	soonest  time.Time // by notice and parts
}

func newHunt(a *Ask, d *network.Dealer, s *shop, b *busy, c *calendar) *hunt {
	need := setOf(a.Skills)
	return &hunt{ask: a, site: d, shop: s, busy: b, calendar: c, opened: openings(d, a.Market, c), stay: quarters(a.Minutes), bays: suits(s.bays, need), techs: suits(s.techs, need), soonest: a.soonest()}
}

// ordered is the day of a site on which parts are ordered at the latest.
func (a *Ask) ordered(d *network.Dealer) market.Date {
	at := a.Now
	if a.DueAt.After(at) {
		at = a.DueAt
	}
	return market.DateOf(at.In(d.Zone()))
}

// soonest is the first instant at which the customer may be taken at all.
func (a *Ask) soonest() time.Time {
	t := a.Now.Add(time.Duration(a.Rules.NoticeMinutes) * time.Minute)
	if a.From.After(t) {
		return a.From
	}
	return t
}

// starts are the quarters of the i-th day with which the whole stay can begin.
func (h *hunt) starts(i int) day128 {
	w := h.calendar.days[i]
	o := h.opened[i]
	all, starts := o.all, o.starts
	if starts.empty() {
		return starts
	}
	starts = starts.and(below(w.quarterUp(h.soonest)).not())
	if starts.empty() || h.ask.Mobility == IsCollected && h.busy.collections[i] >= h.ask.Rules.CollectionsADay {
		return day128{}
	}
	free := day128{}
	for _, k := range h.bays {
		free = free.or(all.and(h.busy.bays[i*len(h.shop.bays)+k].not()).runs(h.stay))
	}
	starts, free = starts.and(free), day128{}
	for _, k := range h.techs {
		if starts.empty() {
			return starts
		}
		free = free.or(all.and(h.shop.techs[k].hours.on(w)).and(h.busy.techs[i*len(h.shop.techs)+k].not()).runs(h.stay))
	}
	if starts = starts.and(free); h.ask.Mobility != CourtesyCar {
		return starts
	}
	free = day128{}
	for k := range h.shop.cars {
		free = free.or(h.busy.cars[i*len(h.shop.cars)+k].not().runs(h.stay + turnQuarters))
	}
	return starts.and(free)
}

// days are the quarters of each day with which a slot begins, no more of them than were asked for.
func (h *hunt) days() (out []day128, n int) {
	out = make([]day128, len(h.calendar.days))
	for i := range out {
		out[i] = h.starts(i)
		n += out[i].count()
		if most := h.ask.First; most > 0 && n >= most {
			return out[:i+1], most
		}
	}
	return out, n
}

// slots appends n slots of the site to a list.
func (h *hunt) slots(out []Slot, days []day128, n int) []Slot {
	for i, starts := range days {
		w := h.calendar.days[i]
		for q := starts.takeFirst(); q >= 0 && n > 0; q = starts.takeFirst() {
			out, n = append(out, Slot{h.site.Code, w.instant(q), w.instant(q + h.stay)}), n-1
		}
	}
	return out
}

// search looks through all sites. own is what a booking takes itself that would move.
func (a *Ask) search(shops map[id.Dealer]*shop, there *shelves, packed map[id.Dealer][]byte, own taken) []Slot {
	calendars := map[string]*calendar{}
	for _, d := range a.Sites {
		if calendars[d.TimeZone] == nil {
			calendars[d.TimeZone] = calendarOf(a.soonest(), a.Days, d.Zone())
		}
	}
	// All sites are looked through before the first slot is written, so that the list is made once.
	type found struct {
		hunt *hunt
		days []day128
		n    int
	}
	all, sum := make([]found, 0, len(a.Sites)), 0
	for _, d := range a.Sites {
		s, c := shops[d.Code], calendars[d.TimeZone]
		on, can := there.of(d.Code, a.ordered(d))
		if s == nil || !can {
			continue
		}
		b := newBusy(s, len(c.days))
		for raw := packed[d.Code]; len(raw) >= 8; raw = raw[8:] {
			if t := takenOf(raw); t != own {
				b.put(s, c, t)
			}
		}
		h := newHunt(a, d, s, b, c)
		if begins := on.Time(d.Zone()); begins.After(h.soonest) {
			h.soonest = begins
		}
		days, n := h.days()
		all, sum = append(all, found{h, days, n}), sum+n
	}
	out := make([]Slot, 0, sum)
	for _, f := range all {
		out = f.hunt.slots(out, f.days, f.n)
	}
	return out
}

// Clock is the instant at which a site's clocks show a time on a day; ErrPast for an hour that the day does not have. Of an hour
// that it has twice it is the first.
func Clock(d *network.Dealer, day market.Date, hhmm string) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01-02 15:04", string(day)+" "+hhmm, d.Zone())
	if err != nil || t.Format("15:04") != hhmm {
		return time.Time{}, ErrPast
	}
	if before := t.Add(-time.Hour); before.Format("2006-01-02 15:04") == t.Format("2006-01-02 15:04") {
		t = before
	}
	return t.UTC(), nil
}
