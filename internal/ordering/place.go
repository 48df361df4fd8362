package ordering

import "forecourt/internal/id"

// Moved is a used car's way to the site where its buyer fetches it. Who sells it stays the same: the contract, the invoice
// and the money are the seller's.
type Moved struct {
	To       id.Dealer `json:"to"`
	FeeMinor int64     `json:"fee_minor"` // in the order's currency, a line of its price
	On       string    `json:"on"`        // the car is there by this day: "2026-12-07"
}

// Place is the site at which the goods are handed over: the dealer's own, unless the buyer had them brought elsewhere.
func (o *Order) Place() id.Dealer {
	if u := o.Snapshot.Used; u != nil && u.Moved != nil {
		return u.Moved.To
	}
	return o.Dealer
}
