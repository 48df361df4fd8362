package aftersales

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
)

// Source is how a booking came about.
type Source string

// The sources.
const (
	FromWeb      Source = "web"
	FromWarning  Source = "warning"  // of a car
	FromDesk     Source = "desk"     // the site booked for somebody
	FromWait     Source = "wait"     // a freed slot, offered to who waits
	FromHandover Source = "handover" // fitted before a new car is handed over
)

// Booking is a stay of a car in a workshop.
type Booking struct {
	ID               id.Booking
	Brand            id.Brand
	Market           id.Market
	Dealer           id.Dealer
	State            State
	Source           Source
	StartsAt, EndsAt time.Time
	Bay, Technician  int
	Skills           []Skill
	Minutes          int
	Mobility         Mobility
	Courtesy         int       // number of the courtesy car; 0 for none
	CourtesyUntil    time.Time // it can go out again from then on
	CollectMetres    int64
	CollectFeeMinor  int64
	Lines            []Line
	Km               int // as the customer said, or the check-in read
	Told             Told
	Vehicle          id.Vehicle
	Order            id.Order
	DueAt            time.Time // of a hold
	CreatedAt        time.Time
}

// Told is a car as its customer told of it.
type Told struct {
	VIN        string      `json:"vin,omitempty"`
	Plate      string      `json:"plate,omitempty"`
	Model      id.Model    `json:"model"`
	Title      string      `json:"title"` // as people call it
	Fuel       string      `json:"fuel"`
	Registered market.Date `json:"registered"`
}

// Parts are what the stay needs of the shelf.
func (b *Booking) Parts() []Need { return PartsOf(b.Lines) }

// Hold is what is asked for when a slot is taken.
type Hold struct {
	Site            *network.Dealer
	Market          *market.Market
	Rules           Rules
	Brand           id.Brand
	Source          Source
	Start           time.Time
	Lines           []Line // say minutes, skills and parts
	Mobility        Mobility
	CollectMetres   int64 // as Collection told, with IsCollected
	CollectFeeMinor int64
	Km              int
	Told            Told
	Vehicle         id.Vehicle
	Order           id.Order
	DueAt           time.Time // until when it is held; zero books at once
}

// Change is another time or place for a booking. What is zero stays.
type Change struct {
	Site       *network.Dealer
	Market     *market.Market
	Rules      Rules
	Start      time.Time
	Minutes    int // more or less work than thought
	Bay        int // the planner's wish; any that is free when zero
	Technician int
	Late       bool // the site moves it: no notice is asked for
}

// seat is what a stay takes of a site.
type seat struct {
	bay, tech, car int
	from, to       time.Time
	back           time.Time // of the courtesy car
	fetched        bool
}

func (s seat) packed() taken {
	drive := 0
	if s.fetched {
		drive = isFetched
	}
	if s.car > 0 {
		drive = int(s.back.Sub(s.from) / (15 * time.Minute))
	}
	return pack(s.from, int(s.to.Sub(s.from)/(15*time.Minute)), s.bay, s.tech, s.car, drive)
}

// take finds what is free for a stay that begins at an instant, or says why nothing is. A wish names a bay or a technician.
func (h *hunt) take(start time.Time, wish Change) (seat, error) {
	need := setOf(h.ask.Skills)
	if len(h.bays) == 0 || len(h.techs) == 0 {
		return seat{}, ErrSkill
	}
	if start.Before(h.soonest) {
		return seat{}, ErrPast
	}
	i := h.calendar.find(start.Unix() / quarter)
	if i < 0 || start.Unix()%quarter != 0 {
		return seat{}, ErrShut
	}
	w := h.calendar.days[i]
	all := h.opened[i].all
	q := w.quarter(start)
	stay := span(q, q+h.stay)
	if all.and(stay) != stay || stay.empty() {
		if all.runs(h.stay).empty() && !all.empty() {
			return seat{}, ErrLong
		}
		return seat{}, ErrShut
	}
	out := seat{from: start, to: w.instant(q + h.stay), back: w.instant(q + h.stay + turnQuarters)}
	out.bay = pick(h.shop.bays, need, wish.Bay, func(k int) bool { return h.busy.bays[i*len(h.shop.bays)+k].and(stay).empty() })
	out.tech = pick(h.shop.techs, need, wish.Technician, func(k int) bool {
		return h.busy.techs[i*len(h.shop.techs)+k].and(stay).empty() && h.shop.techs[k].hours.on(w).and(stay) == stay
	})
	if out.bay == 0 || out.tech == 0 {
		return seat{}, ErrTaken
	}
	return out, h.drive(i, q, &out)
}

// drive finds how the customer goes on.
func (h *hunt) drive(i, q int, out *seat) error {
	switch h.ask.Mobility {
	case CourtesyCar:
		away := span(q, q+h.stay+turnQuarters)
		out.car = pick(h.shop.cars, 0, 0, func(k int) bool { return h.busy.cars[i*len(h.shop.cars)+k].and(away).empty() })
		if out.car == 0 {
			return ErrNoCourtesy
		}
	case IsCollected:
		if h.busy.collections[i] >= h.ask.Rules.CollectionsADay {
			return ErrNoCourtesy
		}
	}
	return nil
}

// pick is the number of the free resource with the fewest skills; 0 when none is free.
func pick(list []resource, need skillSet, wish int, free func(int) bool) int {
	best := -1
	for k, r := range list {
		if !r.skills.has(need) || wish != 0 && r.no != wish || !free(k) {
			continue
		}
		if best < 0 || r.skills.few() < list[best].skills.few() {
			best = k
		}
	}
	if best < 0 {
		return 0
	}
	return list[best].no
}

// lateFrom is from when on a booked slot may be given away.
func (b *Booking) lateFrom(r Rules) time.Time {
	return b.StartsAt.Add(time.Duration(r.NoShow.AfterMinutes) * time.Minute)
}

// CancelFee is what it costs to cancel a booking at an instant, with VAT; nothing for a hold, or in time.
func (r Rules) CancelFee(b *Booking, now time.Time) int64 {
	if b.State != Booked || !now.After(b.StartsAt.Add(-time.Duration(r.NoShow.FreeHours)*time.Hour)) {
		return 0
	}
	return r.NoShow.CancelFeeMinor
}
