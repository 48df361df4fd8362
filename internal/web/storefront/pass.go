package storefront

import (
	"slices"

	"forecourt/internal/web"
)

// Pass is what the buyer shows at the handover.
type Pass struct {
	Code  string
	QR    web.QR
	When  string
	Plate string
}

// Wish is how the handover may be, and whether the buyer asked for it.
type Manner struct {
	Code string
	On   bool
}

// manners are those that the dealer can grant.
func manners(o *openOrder) []Manner {
	if o.place == nil {
		return nil
	}
	var out []Manner
	for _, w := range o.place.Grants() {
		out = append(out, Manner{w, o.appointment != nil && slices.Contains(o.appointment.Manners, w)})
	}
	return out
}

// SlotDay is a day with free handover times.
type SlotDay struct {
	Day   string
	Open  bool
	Slots []SlotChoice
}

// SlotChoice is one start.
type SlotChoice struct {
	Value string
	Time  string
	Taken bool // by this buyer: the booked one
}

// daysShown is how many days of free times stand open to view; the later ones are folded away.
const daysShown = 5

func pass(b web.Base, o *openOrder) *Pass {
	p := &Pass{Code: spaced(o.PickupCode), QR: web.DrawQR(o.PickupCode), Plate: o.Plate}
	if o.appointment != nil {
		p.When = b.DateShort(o.appointment.StartsAt) + ", " + b.Time(o.appointment.StartsAt)
	}
	return p
}

// spaced writes a code in two halves, so that it can be said.
func spaced(code string) string {
	if len(code) != 6 {
		return code
	}
	return code[:3] + " " + code[3:]
}
