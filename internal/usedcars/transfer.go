package usedcars

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
)

// ErrNoTransfer says that a site has no such task.
var ErrNoTransfer = fault.New(fault.NotFound, "fault.not_found", "usedcars.Transfer")

// TransferState is where a car is on its way to another site.
type TransferState string

// The states of a transfer.
const (
	ToSend TransferState = "to_send" // the seller's site is to send the car
	OnWay  TransferState = "on_way"
	There  TransferState = "there" // the receiving site has it
	Done   TransferState = "done"  // its buyer has it
	Back   TransferState = "back"  // its order ended after it was sent: it is to come back
	Off    TransferState = "off"   // it stands at the seller's site, and goes nowhere
)

// TransferEdge is one allowed step of a transfer.
type TransferEdge struct{ From, To TransferState }

// TransferEdges is the machine of a transfer.
var TransferEdges = []TransferEdge{{"", ToSend}, {ToSend, OnWay}, {ToSend, Off}, {OnWay, There}, {OnWay, Back}, {There, Done}, {There, Back}, {Done, There}, {Back, Off}}

// Transfer is the task of bringing a sold car from the site that sells it to the one where its buyer fetches it.
type Transfer struct {
	Order   id.Order
	Number  string
	Car     id.UsedCar
	Brand   id.Brand
	Market  id.Market
	From    id.Dealer // sells and sends
	To      id.Dealer // receives, and hands over for the seller
	State   TransferState
	SendBy  time.Time
	DueAt   time.Time // it is to be there
	MadeAt  time.Time
	SentAt  time.Time
	ThereAt time.Time
	Rung    int // who was told that a deadline passed: nobody, the site, the office
	RungDue time.Time
}

// Owner is the site that has to act now; empty when nobody has.
func (t *Transfer) Owner() id.Dealer {
	switch t.State {
	case ToSend, Back:
		return t.From
	case OnWay, There:
		return t.To
	}
	return ""
}

// Due is the deadline of what is to be done now; zero when there is none.
func (t *Transfer) Due() time.Time {
	switch t.State {
	case ToSend:
		return t.SendBy
	case OnWay:
		return t.DueAt
	}
	return time.Time{}
}

// Since is when what is to be done now began.
func (t *Transfer) Since() time.Time {
	if t.State == OnWay {
		return t.SentAt
	}
	return t.MadeAt
}

// Late tells whether the deadline of what is to be done now has passed.
func (t *Transfer) Late(now time.Time) bool { return !t.Due().IsZero() && now.After(t.Due()) }

// rungEvery is how long after the site the market's office is told of a deadline that passed.
const rungEvery = 24 * time.Hour

// climbed is when the rung after one that is made now is due; zero after the last.
func (t *Transfer) climbed(now time.Time) time.Time {
	if t.Rung >= 1 {
		return time.Time{}
	}
	return now.Add(rungEvery)
}
