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
// from opening, the whole SlotLength before closing, SlotNotice from now at the earliest. taken
// counts, by start, the bays that are booked then (Taken).
func (d *Dealer) Slots(m *market.Market, now time.Time, taken map[time.Time]int) []Slot {
	var out []Slot
	day := now.In(d.Zone())
	for i := 0; i < SlotDays; i++ {
		for _, span := range d.SpansOn(m, day) {
			for t := span[0]; !t.Add(SlotLength).After(span[1]); t = t.Add(SlotEvery) {
				if t.Before(now.Add(SlotNotice)) {
					continue
				}
				if free := d.BaysOn(day) - taken[t.UTC()]; free > 0 {
					out = append(out, Slot{StartsAt: t.UTC(), EndsAt: t.Add(SlotLength).UTC(), Free: free})
				}
			}
		}
		day = time.Date(day.Year(), day.Month(), day.Day()+1, 12, 0, 0, 0, day.Location())
	}
	return out
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
}
