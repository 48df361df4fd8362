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

// States of a request. All but proposed and asked are final.
const (
	RequestProposed  RequestState = "proposed" // the office ordered another dealer: the buyer's word is awaited, no dealer was asked
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
	ErrCause     = fault.New(fault.Invalid, "move.cause_missing", "ordering.Ask")
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

	OrderedBy string    // who of the office ordered the change of dealer; empty for a buyer's own question
	Cause     MoveCause // why; empty for a buyer's own question
	AgreedAt  time.Time // when the buyer said yes to what was ordered; zero before
}

// MoveCause is why the country's office orders that a dealer does not keep an order; the buyer reads it (move.cause.<code>).
type MoveCause string

// The causes that an office may name.
const (
	DealerCloses  MoveCause = "closes"
	CannotDeliver MoveCause = "cannot_deliver"
	KeepsWaiting  MoveCause = "keeps_waiting"
)

// MoveCauses are all of them.
var MoveCauses = []MoveCause{DealerCloses, CannotDeliver, KeepsWaiting}

// Why an ordered change of dealer was given up before the other dealer had answered (asked.<why>).
const (
	OffBuyerNo     = "buyer_no"
	OffBuyerSilent = "buyer_silent"
	OffOffice      = "office"
)

// Open tells whether an answer is awaited, the buyer's or a dealer's.
func (r *Request) Open() bool { return r.State == RequestProposed || r.State == RequestAsked }

// Ordered tells whether the country's office ordered it; else it is the buyer's own question.
func (r *Request) Ordered() bool { return r.OrderedBy != "" }

// Total is the price of the car that is asked for.
func (r *Request) Total(c money.Currency) money.Money { return money.Of(r.Car.TotalMinor, c) }

// Why names the reason of a no; words are request.why.<why>.
func (r *Request) Why() string {
	switch r.State {
	case RequestDeclined:
		return r.Reason
	case RequestOvertaken:
		return "overtaken"
	case RequestWithdrawn:
		return r.Reason
	}
	return "silent"
}

// MayPassOn tells whether another dealer can still take an order over: what it sells is not on the way to the first one.
func (o *Order) MayPassOn() bool { return o.Can(PassOn) }
