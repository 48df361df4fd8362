package network

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
)

// SlotLength is the time a handover takes; Notice is the least time between booking and handover.
const (
	SlotLength = 45 * time.Minute
	SlotEvery  = time.Hour
	SlotNotice = 2 * time.Hour
	SlotDays   = 21
)

// ErrSlotTaken says that another buyer was quicker; ErrNoSlot that no such slot exists.
var (
	ErrSlotTaken = fault.New(fault.Conflict, "slot.taken", "network.Book")
	ErrNoSlot    = fault.New(fault.Invalid, "slot.unknown", "network.Book")
)

// Slot is a start at which the dealer can hand a car over, with the bays that are free then.
type Slot struct {
	StartsAt time.Time
	EndsAt   time.Time
	Free     int
}

// Slots lists the handover starts of the next SlotDays days within opening hours: every SlotEvery
// from opening, the whole SlotLength before closing, SlotNotice from now at the earliest, each with the bays that
// are free then for such a car. taken are the bays that are booked (Taken).
func (d *Dealer) Slots(m *market.Market, now time.Time, taken map[time.Time]Bays, electric bool) []Slot {
	var out []Slot
	day := now.In(d.Zone())
	for i := 0; i < SlotDays; i++ {
		bays := d.BaysFor(day, electric)
		for _, span := range d.SpansOn(m, day) {
			for t := span[0]; !t.Add(SlotLength).After(span[1]); t = t.Add(SlotEvery) {
				if t.Before(now.Add(SlotNotice)) {
					continue
				}
				if free := taken[t.UTC()].free(bays); free > 0 {
					out = append(out, Slot{StartsAt: t.UTC(), EndsAt: t.Add(SlotLength).UTC(), Free: free})
				}
			}
		}
		day = time.Date(day.Year(), day.Month(), day.Day()+1, 12, 0, 0, 0, day.Location())
	}
	return out
}

// Bays is a set of a site's bays, by their numbers from 1 to MostBays.
type Bays uint32

func (b Bays) with(bay int) Bays { return b | 1<<bay }

// free counts those of some bays that are not in the set.
func (b Bays) free(bays []int) (n int) {
	for _, bay := range bays {
		if b&(1<<bay) == 0 {
			n++
		}
	}
	return n
}

// Appointment is a booked handover.
type Appointment struct {
	ID       id.Appointment
	Order    id.Order
	Market   id.Market
	Dealer   id.Dealer
	StartsAt time.Time
	EndsAt   time.Time
	Manners  []string // of the buyer, for the handover
	Bay      int
	Electric bool // what is handed over is an electric car
}
