package allocation

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/fault"
)

// State is where an entry stands.
type State string

// States of a queue entry. Live are offered and accepted.
const (
	Offered   State = "offered"
	Accepted  State = "accepted"
	Declined  State = "declined"
	Expired   State = "expired"   // the dealer was silent
	Withdrawn State = "withdrawn" // the buyer left or chose another dealer
	Done      State = "done"      // handed over
)

// Edge is one allowed step.
type Edge struct{ From, To State }

// Edges is the machine of a queue entry.
var Edges = []Edge{
	{"", Offered},
	{Offered, Accepted}, {Offered, Declined}, {Offered, Expired}, {Offered, Withdrawn},
	{Accepted, Done}, {Accepted, Withdrawn},
	{Done, Accepted}, // the handover was undone
}

// Allowed tells whether the machine has a step.
func Allowed(from, to State) bool {
	for _, e := range Edges {
		if e.From == from && e.To == to {
			return true
		}
	}
	return false
}

// DeclineReasons are the reasons a dealer may give; the buyer reads them (decline.<code>).
var DeclineReasons = []string{"no_slot", "cannot_order", "too_far", "staff", "closing", "other"}

// IsDeclineReason refuses anything else.
func IsDeclineReason(s string) bool {
	for _, r := range DeclineReasons {
		if r == s {
			return true
		}
	}
	return false
}

// Faults of this package.
var (
	ErrMoved   = fault.New(fault.Conflict, "queue.moved", "allocation.Answer")
	ErrTooLate = fault.New(fault.Conflict, "queue.too_late", "allocation.Answer")
	ErrReason  = fault.New(fault.Invalid, "queue.reason", "allocation.Decline")
)

// SafetyMargin is how long before the end of a card authorisation every offer ends, so that the
// deposit can still be captured.
const SafetyMargin = 12 * time.Hour

// Deadline is the instant by which a dealer must answer: offerHours of its opening time from now,
// never later than SafetyMargin before the authorisation ends. False when no time is left at all.
func Deadline(d *network.Dealer, m *market.Market, now time.Time, offerHours int, captureBefore time.Time) (time.Time, bool) {
	due := Clock{From: now}.Due(d, m, offerHours, captureBefore)
	return due, captureBefore.IsZero() || due.After(now)
}

// Entry is one offer of an order to a dealer.
type Entry struct {
	ID         id.QueueEntry
	Order      id.Order
	Brand      id.Brand
	Market     id.Market
	Flow       id.Flow
	Dealer     id.Dealer
	Round      int
	State      State
	OfferedAt  time.Time
	DueAt      time.Time
	AnsweredAt time.Time
	Reason     string
	Rung       Rung          // the last step of the ladder that was made
	RungDue    time.Time     // of the next one; zero when none comes
	ClockFrom  time.Time     // zero while nothing stopped the clock: it runs since the offer
	ClockUsed  time.Duration // opening time used up before ClockFrom
	Why        Decision      // of an offer, for its receipt

	// What is promised since the dealer accepted; zero before, and for an entry of an older release.
	StageAt            time.Time
	StageDueAt         time.Time
	ReadyFrom, ReadyTo market.Date
	OddsPct            int
	NewsAt             time.Time // the buyer's last news
	NewsDueAt          time.Time
	NewsStep           int
	NewsRound          int
}
