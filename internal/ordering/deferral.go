package ordering

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/money"
)

// DeferReasons are why a dealer lets the rest of a price open; words are defer.reason.<reason>.
var DeferReasons = []string{"transfer", "finance", "trade_in", "goodwill"}

// DeferCorrection is why a rest is open that a correction after the handover brought to light; nobody chooses it.
const DeferCorrection = "correction"

// Deferral is a dealer's word that a car may go before it is paid: the exception to "no key before the balance is
// zero". AmountMinor is all that was open then, in minor units of the order's currency; DueOn is the promised day in
// the market's zone, "2026-12-03". The newest of an order counts.
type Deferral struct {
	Order       id.Order
	Seq         int // of the step in the order's history
	Market      id.Market
	Currency    money.Currency
	Reason      string
	AmountMinor int64
	DueOn       string
	Note        string
	By          id.User
	At          time.Time
}

// Covers tells whether the word lets so much open on a day: no more than was open when it was given, and no later
// than promised. Nil covers nothing.
func (d *Deferral) Covers(minor int64, today string) bool {
	return d != nil && minor > 0 && minor <= d.AmountMinor && today <= d.DueOn
}

// Amount is what was let open.
func (d *Deferral) Amount() money.Money { return money.Of(d.AmountMinor, d.Currency) }
