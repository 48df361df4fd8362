package aftersales

import (
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

// WaitState is where somebody stands in the line for an earlier slot.
type WaitState string

// The states of a place in the line; it begins as waiting.
const (
	Waiting WaitState = "waiting"
	Offered WaitState = "offered" // a slot is held for it until DueAt
	Ended   WaitState = "ended"
)

// WaitWhy is why a place in the line ended.
type WaitWhy string

// The reasons.
const (
	WaitTaken      WaitWhy = "taken"
	WaitLeft       WaitWhy = "left"
	WaitUnanswered WaitWhy = "unanswered"
	WaitOver       WaitWhy = "over" // its time has passed, or its booking is over
)

// Wait is a place in the line of a site: a booking that would come earlier.
type Wait struct {
	ID               id.Wait
	Booking          id.Booking
	Dealer           id.Dealer
	Place            int64
	State            WaitState
	Earliest, Latest time.Time  // between which the earlier slot begins
	Held             id.Booking // the slot that is offered
	DueAt            time.Time
	Declined         []time.Time // starts on whose days nothing is offered again
	EndWhy           WaitWhy
}

// Earlier is an offer of an earlier slot, for the letter that tells of it.
type Earlier struct {
	Wait    *Wait
	Booking *Booking // as it is
	Slot    *Booking // the hold
}

// first is the first slot that suits a place in the line. A no to one slot is a no to its day in the site's zone: half an hour
// later would be no other question.
func (w *Wait) first(slots []Slot, zone *time.Location) (Slot, bool) {
	for _, s := range slots {
		day := market.DateOf(s.StartsAt.In(zone))
		said := slices.ContainsFunc(w.Declined, func(t time.Time) bool { return market.DateOf(t.In(zone)) == day })
		if !said && !s.StartsAt.Before(w.Earliest) && s.StartsAt.Before(w.Latest) {
			return s, true
		}
	}
	return Slot{}, false
}
