package talk

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/photo"
)

// Side is who wrote.
type Side string

// The two sides.
const (
	Buyer  Side = "buyer"
	Dealer Side = "dealer"
)

// The bounds of a message, and of how many one side writes about an order in a day.
const (
	MostRunes = 2_000
	MostADay  = 30
)

// Faults of this package.
var (
	ErrEmpty = fault.New(fault.Invalid, "talk.empty", "talk.Say")
	ErrLong  = fault.New(fault.Invalid, "talk.long", "talk.Say")
	ErrMany  = fault.New(fault.Conflict, "talk.many", "talk.Say")
)

// Message is one message as it is shown.
type Message struct {
	Seq    int
	Side   Side
	Body   string
	Photo  bool
	Width  int
	Height int
	At     time.Time
	Erased bool // its time to be kept is over: Body is empty, and there is no picture
}

// Record is a message as evidence: with the hashes of what was written, also when the words themselves are erased.
type Record struct {
	Message
	Dealer    id.Dealer
	BodyHash  []byte // SHA-256
	JPEG      []byte // nil when there is no picture, or not any more
	PhotoHash []byte // SHA-256; nil when there never was a picture
}

// New is a message that is being sent.
type New struct {
	Order  id.Order
	Market id.Market
	Dealer id.Dealer
	Side   Side
	User   id.User // of the dealer's staff; empty for the buyer
	Body   string
	Photo  *photo.Photo // none when nil
}

// Check refuses a message that says nothing, or too much.
func (n New) Check() error {
	switch {
	case n.Body == "" && n.Photo == nil:
		return ErrEmpty
	case len([]rune(n.Body)) > MostRunes:
		return ErrLong
	}
	return nil
}
