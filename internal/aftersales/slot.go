package aftersales

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
)

// Mobility is how a customer goes on while the car is worked at.
type Mobility string

// The ways; their words are aftersales.mobility.<code>.
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
	Part     string
	Quantity int
	LeadDays int
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
	return &busy{bays: make([]day128, days*len(s.bays)), techs: make([]day128, days*len(s.techs)), cars: make([]day128, days*len(s.cars))}
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
	if t.car() > 0 {
		mark(b.cars, s.cars, t.car(), t.drive())
	}
}

// open is the quarters of a day in which a site is open, and those with which a slot may begin.
func open(d *network.Dealer, m *market.Market, w *workday) (all, starts day128) {
	for _, s := range d.SpansOn(m, w.noon) {
		from, to := w.quarterUp(s[0]), w.quarter(s[1])
		all = all.or(span(from, to))
		for q := from; q < to; q += stepQuarters {
			starts = starts.or(span(q, q+1))
		}
	}
	return all, starts
}

// hunt looks through one site.
type hunt struct {
	ask      *Ask
	site     *network.Dealer
	shop     *shop
	busy     *busy
	calendar *calendar
	stay     int
	bays     []int // that have the skills
	techs    []int
	soonest  time.Time // by notice and parts
}

func newHunt(a *Ask, d *network.Dealer, s *shop, b *busy, c *calendar) *hunt {
	need := setOf(a.Skills)
	return &hunt{ask: a, site: d, shop: s, busy: b, calendar: c, stay: quarters(a.Minutes), bays: suits(s.bays, need), techs: suits(s.techs, need), soonest: a.soonest()}
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
	all, starts := open(h.site, h.ask.Market, w)
	if starts.empty() {
		return starts
	}
	starts = starts.and(below(w.quarterUp(h.soonest)).not())
	if starts.empty() || h.ask.Mobility == IsCollected && h.busy.collected(i) >= h.ask.Rules.CollectionsADay {
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

// collect counts the cars that are fetched, by day.
func (b *busy) collect(c *calendar, packed []byte) {
	for ; len(packed) >= 8; packed = packed[8:] {
		if b.collections == nil {
			b.collections = make([]int, len(c.days))
		}
		if i := c.find(takenOf(packed).start()); i >= 0 {
			b.collections[i]++
		}
	}
}

func (b *busy) collected(i int) int {
	if i < len(b.collections) {
		return b.collections[i]
	}
	return 0
}

// slots appends the free slots of the site to a list.
func (h *hunt) slots(out []Slot) []Slot {
	found := 0
	for i, w := range h.calendar.days {
		starts := h.starts(i)
		for q := starts.takeFirst(); q >= 0; q = starts.takeFirst() {
			out = append(out, Slot{h.site.Code, w.instant(q), w.instant(q + h.stay)})
			if found++; found == h.ask.First {
				return out
			}
		}
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
