package ordering

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// RequestKind is what a buyer asks of a dealer after one has accepted.
type RequestKind string

// The kinds of request.
const (
	AskDealer RequestKind = "dealer" // another dealer is asked to take the order over
	AskCar    RequestKind = "car"    // the dealer is asked for another car than the one it accepted
)

// RequestState is where a request stands. The order is what it was until a request is accepted.
type RequestState string

// States of a request. All but asked are final.
const (
	RequestAsked     RequestState = "asked"
	RequestAccepted  RequestState = "accepted"
	RequestDeclined  RequestState = "declined"
	RequestExpired   RequestState = "expired"   // the dealer was silent
	RequestWithdrawn RequestState = "withdrawn" // the buyer took it back, or left
	RequestOvertaken RequestState = "overtaken" // the order went on meanwhile, past where it can change
)

// RequestReasons are the reasons a dealer may give for a no to another car; the buyer reads them (request.why.<code>).
// A dealer who does not take an order over gives one of allocation.DeclineReasons.
var RequestReasons = []string{"ordered_today", "not_available", "date", "other"}

// Faults of requests.
var (
	ErrNoRequest = fault.New(fault.NotFound, "fault.not_found", "ordering.Request")
	ErrAnswered  = fault.New(fault.Conflict, "request.answered", "ordering.Answer")
	ErrTooLate   = fault.New(fault.Conflict, "request.too_late", "ordering.Answer")
	ErrAskedOnce = fault.New(fault.Conflict, "request.asked", "ordering.Ask")
)

// Request is one question. Seq counts an order's. For a car it holds what the buyer saw: that price is kept until the answer.
type Request struct {
	ID         id.Request
	Order      id.Order
	Market     id.Market
	Seq        int
	Kind       RequestKind
	State      RequestState
	From, To   id.Dealer // who has the order, who is asked
	AskedAt    time.Time
	DueAt      time.Time
	AnsweredAt time.Time
	Reason     string
	Car        ChangedCar // of a car; From is its configuration of before
	FromCar    id.BuildCode
}

// Total is the price of the car that is asked for.
func (r *Request) Total(c money.Currency) money.Money { return money.Of(r.Car.TotalMinor, c) }

// Why names the reason of a no; words are request.why.<why>.
func (r *Request) Why() string {
	switch r.State {
	case RequestDeclined:
		return r.Reason
	case RequestOvertaken:
		return "overtaken"
	}
	return "silent"
}

// MayPassOn tells whether another dealer can still take an order over: what it sells is not on the way to the first one.
func (o *Order) MayPassOn() bool { return o.Can(PassOn) }
