package sale

import (
	"forecourt/internal/market"
	"forecourt/internal/ordering"
)

// Clocks are what a handover starts: the last day of each right, in the market's zone. A day is empty where the market
// knows none, and all are before the handover.
type Clocks struct {
	Withdraw market.Date // of the right to withdraw
	Legal    market.Date // of the seller's legal guarantee
	Maker    market.Date // of the maker's warranty
	MakerKm  int         // or so far driven, whatever comes first; 0 for no bound
}

// ClocksOf reads the clocks of an order by the rules of the day of its contract.
func ClocksOf(o *ordering.Order, mk *market.Market) Clocks {
	if o.HandedOverAt.IsZero() || o.Snapshot.Visit != nil { // work on a car begins no warranty of the car
		return Clocks{}
	}
	contract := market.DateOf(o.CreatedAt.In(mk.Zone()))
	w, day := mk.WarrantyAt(contract), market.DateOf(o.HandedOverAt.In(mk.Zone()))
	c := Clocks{MakerKm: w.MakerKm}
	if o.Snapshot.LeaveDays > 0 {
		c.Withdraw = mk.LeaveUntil(o.HandedOverAt, o.Snapshot.LeaveDays, mk.LeavingAt(contract))
	}
	if u := o.Snapshot.Used; u != nil { // what was agreed for this car; what is left of its maker's warranty began with its first buyer
		w.MakerMonths, c.MakerKm = 0, 0
		if w.LegalMonths > 0 {
			w.LegalMonths = u.Guarantee
		}
	}
	if w.LegalMonths > 0 {
		c.Legal = day.PlusMonths(w.LegalMonths)
	}
	if w.MakerMonths > 0 {
		c.Maker = day.PlusMonths(w.MakerMonths)
	}
	return c
}
