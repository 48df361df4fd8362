package insight

import (
	"time"

	"forecourt/internal/id"
)

// OrderLine is an order as a country manager may see it: no personal data.
type OrderLine struct {
	ID        id.Order
	Number    string
	Brand     id.Brand
	Market    id.Market
	Flow      id.Flow
	Dealer    id.Dealer
	State     string
	Model     string
	Version   string
	CreatedAt time.Time
	Overdue   bool // a dealer's time to answer has run out
	Disputed  bool // a card holder disputes a payment, or his bank asks about one
}

// OrderFilter says which orders of some markets are listed.
type OrderFilter struct {
	Places []Place
	Number string      // one order, whatever its state
	State  string      // one state; empty means all that are open or were made today
	Words  string      // the end of a VIN, or a plate, or with Names a part of the buyer's name; in any state
	Names  bool        // whoever asks may read names
	Sites  []id.Dealer // and all orders of these
	Before id.Order    // those older than this one; empty begins with the newest
	Limit  int
}

// OrderStep is a step of an order's way.
type OrderStep struct {
	At    time.Time
	Event string
	To    string
}

// Act is a line of the audit log.
type Act struct {
	At     time.Time
	Who    string // name of a member of staff; empty for the system and for buyers
	Actor  string // "system", "buyer" or "staff"
	Action string
	Number string // of the order, when it is about one
	Range  string // brand/model, or brand/model/feature, when it is about a range
	Shop   Shop   // Flow only when it is about a switch
	Old    string // state before
	New    string // state after
	Reason string
}

// FeedOrder is an order as the system of the dealer who has it may see it.
type FeedOrder struct {
	ID         id.Order
	Number     string
	Flow       id.Flow
	State      string
	Model      string
	Version    string
	VIN        string
	DueAt      time.Time // the dealer's answer, or zero
	PickupFrom time.Time // zero until the buyer booked
	PickupTo   time.Time
	BuyerName  string // empty until the dealer accepted
}

// DemoLogin is an account of the demo.
type DemoLogin struct {
	Email   string
	Name    string
	Role    string
	Dealer  id.Dealer
	Markets string // codes, separated by commas
}
