package ordering

import (
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
)

// DeskLife is how long a code opens a basket, and how much one press adds; DeskMost is the longest that one code
// may live. A visit to a showroom is shorter.
const (
	DeskLife = 30 * time.Minute
	DeskMost = 4 * time.Hour
)

// Faults of baskets that a desk has open.
var (
	ErrDeskCode  = fault.New(fault.Invalid, "showroom.code_unknown", "ordering.Desk")
	ErrDeskTaken = fault.New(fault.Conflict, "showroom.code_taken", "ordering.Desk")
	ErrDeskOver  = fault.New(fault.Gone, "showroom.over", "ordering.Desk")
	ErrDeskLong  = fault.New(fault.Conflict, "showroom.no_longer", "ordering.Desk")
	ErrVersion   = fault.New(fault.Conflict, "showroom.changed_meanwhile", "ordering.Basket")
	ErrUnseen    = fault.New(fault.Conflict, "showroom.unseen", "ordering.Basket")
)

// Desk is a basket shown at a dealer's desk: for a short while, to one person.
type Desk struct {
	ID         id.Desk
	Draft      id.Draft
	Brand      id.Brand
	Market     id.Market
	ByDealer   bool // the basket was begun at the desk
	SharesName bool // the buyer lets his name be seen there
	Dealer     id.Dealer
	User       id.User
	Role       string
	OpenedAt   time.Time
	JoinedAt   time.Time // zero until somebody typed the code
	ClaimedAt  time.Time // of a basket begun at a desk: when it became the buyer's; zero until then
	EndsAt     time.Time
	EndedAt    time.Time // zero until somebody ended it
}

// Live tells whether the desk may still be looked at.
func (d *Desk) Live(now time.Time) bool { return d.EndedAt.IsZero() && now.Before(d.EndsAt) }

// Longer is when the desk ends after one press more; false when it has had its time.
func (d *Desk) Longer(now time.Time) (time.Time, bool) {
	last := d.OpenedAt.Add(DeskMost)
	if !last.After(d.EndsAt) {
		return d.EndsAt, false
	}
	ends := now.Add(DeskLife)
	if ends.After(last) {
		ends = last
	}
	if ends.Before(d.EndsAt) {
		ends = d.EndsAt
	}
	return ends, true
}

// Side is who changed a basket.
type Side string

// The two sides of a basket.
const (
	ByBuyer  Side = "buyer"
	ByDealer Side = "dealer"
)

// What was changed in a basket.
const (
	CarChanged    = "car"
	DealerChanged = "dealer"
)

// What the buyer said to a change of the dealer's.
const (
	AnswerAccepted  = "accepted"
	AnswerTakenBack = "taken_back"
)

// BasketChange is one change of a shared basket, signed by who made it.
type BasketChange struct {
	Seq     int
	Version int // of the basket after it
	Side    Side
	Kind    string
	Was     string // the build's code, or the dealer's
	Becomes string
	BackOf  int // the change that this one takes back; zero for none
	At      time.Time
	Answer  string // empty while the buyer has not said anything, and for his own
	Desk    id.Desk
	Dealer  id.Dealer // of the desk; empty for the buyer
	User    id.User
	Role    string
	Before  BasketBefore
}

// Open tells whether the buyer has to answer the change.
func (c BasketChange) Open() bool { return c.Side == ByDealer && c.Answer == "" }

// BasketBefore is what a change replaced, so that it can be taken back.
type BasketBefore struct {
	Configuration id.BuildCode `json:"configuration"`
	Dealer        id.Dealer    `json:"dealer"`
	Fallbacks     []id.Dealer  `json:"fallbacks,omitempty"`
	AnyDealer     AnyDealer    `json:"any_dealer,omitempty"`
}

const (
	originOnline   = "online"
	originShowroom = "showroom"
)

func origin(showroom bool) string {
	if showroom {
		return originShowroom
	}
	return originOnline
}

func (d *Draft) origin() string { return origin(d.Showroom) }

// DeskCode is the code of a desk: eight signs that nobody mixes up, made again from the key when its page needs it.
func (t Tokens) DeskCode(key id.Desk) id.BuildCode {
	out := make([]byte, 0, 8)
	for round := byte(0); ; round++ {
		m := hmac.New(sha256.New, t.key)
		m.Write([]byte("desk\x00" + string(key) + "\x00"))
		m.Write([]byte{round})
		for _, b := range m.Sum(nil) {
			if int(b) < 256/len(alphabet)*len(alphabet) {
				if out = append(out, alphabet[int(b)%len(alphabet)]); len(out) == 8 {
					return id.BuildCode(out)
				}
			}
		}
	}
}

// hashDesk is what the store keeps of a desk's code. It is keyed: the code is too short for a bare hash.
func (t Tokens) hashDesk(code id.BuildCode) []byte {
	m := hmac.New(sha256.New, t.key)
	m.Write([]byte("desk code\x00" + string(code)))
	return m.Sum(nil)
}
