package payment

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// State is where a payment stands.
type State string

// States of a payment. Final are captured (until it is returned), voided, refunded, expired, lost, struck.
const (
	Opening    State = "opening"    // key stored, the card page not known yet
	Open       State = "open"       // the buyer may pay
	Authorised State = "authorised" // money reserved on the card
	Capturing  State = "capturing"  // a dealer accepted: to be taken
	Captured   State = "captured"   // taken
	Returning  State = "returning"  // to be given back: voided or refunded, whichever the bank's state asks for
	Voided     State = "voided"     // reservation released, nothing was taken
	Refunded   State = "refunded"   // given back
	Expired    State = "expired"    // never paid
	Lost       State = "lost"       // the reservation ran out or was withdrawn by the bank
	Struck     State = "struck"     // at a desk: it was recorded wrongly, and never was so
)

// Edge is one allowed step.
type Edge struct{ From, To State }

// Edges is the machine of a payment.
var Edges = []Edge{
	{"", Opening}, {"", Captured}, // the latter at a dealer's desk
	{Opening, Open}, {Opening, Expired}, {Opening, Authorised}, {Opening, Captured}, {Opening, Returning},
	{Open, Authorised}, {Open, Captured}, {Open, Expired}, {Open, Returning},
	{Expired, Returning}, // the bank says it was paid after all
	{Authorised, Capturing}, {Authorised, Captured}, {Authorised, Returning}, {Authorised, Lost},
	{Capturing, Captured}, {Capturing, Returning}, {Capturing, Lost},
	{Captured, Returning},
	{Captured, Struck}, // a slip of the desk
	{Returning, Voided}, {Returning, Refunded}, {Returning, Lost},
	{Refunded, Returning}, // the money came back to us: it must go another way
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

// Final tells whether nothing will happen to the payment by itself.
func (s State) Final() bool {
	switch s {
	case Captured, Voided, Refunded, Expired, Lost, Struck:
		return true
	}
	return false
}

// Waits tells whether the buyer may still pay it.
func (p *Payment) Waits() bool { return p.State == Opening || p.State == Open }

// How far a refund is, as the bank says. One that was done may still fail later.
const (
	RefundPending = "pending"
	RefundDone    = "succeeded"
	RefundFailed  = "failed"
)

// Purpose is what a payment is for.
type Purpose string

// Purposes.
const (
	ForDeposit Purpose = "deposit"
	ForTopUp   Purpose = "top_up" // a part of the balance
	ForBalance Purpose = "balance"
)

// Means is how it was paid.
type Means string

// Means. The desk means are recorded by the dealer.
const (
	ByCard         Means = "card"
	ByTransfer     Means = "transfer" // to the account of whoever holds the money
	ByDeskCard     Means = "desk_card"
	ByDeskCash     Means = "desk_cash"
	ByDeskTransfer Means = "desk_transfer"
	ByDeskFinance  Means = "desk_finance"
	ByDeskExchange Means = "desk_exchange" // in kind: the buyer's own car; recorded with what became of it, never by hand
)

// DeskMeans lists the means a dealer may record, in the order of the form.
var DeskMeans = []Means{ByDeskTransfer, ByDeskCard, ByDeskFinance, ByDeskCash}

// Faults of this package.
var (
	ErrNoPayment = fault.New(fault.NotFound, "fault.not_found", "payment")
	ErrMoved     = fault.New(fault.Conflict, "fault.conflict", "payment.Move")
	ErrAmount    = fault.New(fault.Invalid, "pay.amount", "payment")
	ErrTooMuch   = fault.New(fault.Invalid, "pay.too_much", "payment.RecordDesk")
	ErrStruck    = fault.New(fault.Conflict, "slip.payment_moved", "payment.Strike") // corrected before, or some of it went back
)

// Payment is one payment of an order.
type Payment struct {
	ID            id.Payment
	Order         id.Order
	Market        id.Market
	Purpose       Purpose
	Attempt       int
	Means         Means
	Account       string
	Renews        id.Payment // the reservation that this one replaces; empty for most
	Manual        bool       // by card: authorised first, taken when a dealer accepts
	State         State
	Amount        money.Money
	SessionID     string
	SessionURL    string
	SessionEnds   time.Time
	IntentID      string
	ChargeID      string
	CaptureBefore time.Time
	RefundID      string
	RefundStatus  string // how far the money of a refund is: "", RefundPending, RefundDone or RefundFailed
	Reference     string
	ReturnReason  string
	KeptMinor     int64 // of Amount, what stays with the seller when the rest goes back
	PartMinor     int64 // of Amount, what went or goes back as a part while the rest stays
	PartDueMinor  int64 // and of that, what is not sent yet
	LostMinor     int64 // of Amount, what the card bank gave to the card holder for good, by disputes
	DueAt         time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Key is an idempotency key of one call for this payment. It is made of the row's id, which is
// committed before the call, so a retry in another process uses the same.
func (p *Payment) Key(call string) string { return "forecourt:" + string(p.ID) + ":" + call }

// AtDesk tells whether a dealer took it.
func (p *Payment) AtDesk() bool { return !p.Card() && p.Means != ByTransfer }

// Back is what goes back of a payment that is returned: without what is kept and what went back by a dispute
// or goes back as a part.
func (p *Payment) Back() money.Money {
	return money.Of(max(0, p.Amount.Minor-p.PartMinor-p.KeptMinor-p.LostMinor), p.Amount.Currency)
}

// Left is what is here of a payment that was taken: a dispute may have taken some back for good, parts
// may have gone or be on their way.
func (p *Payment) Left() money.Money {
	return money.Of(max(0, p.Amount.Minor-p.PartMinor-p.LostMinor), p.Amount.Currency)
}

// Card tells whether the provider holds the money.
func (p *Payment) Card() bool { return p.Means == ByCard }

// LeastMinor is the smallest amount that a card pays: below it the card bank refuses.
const LeastMinor = 100

// Owed is what is left to pay of a price, in minor units: the price less what the ledger holds and less a
// deposit that is reserved or being taken. What is on its way back does not count as paid. It is negative when
// more was paid. Whoever shows or checks a balance asks here.
func Owed(totalMinor, paidMinor int64, ps []*Payment) int64 {
	left := totalMinor - paidMinor
	for _, p := range ps {
		left += p.PartDueMinor
		if p.State == Authorised || p.State == Capturing {
			left -= p.Amount.Minor
		}
	}
	return left
}

// Seq numbers the payments of an order in its messages: no two that are told of have the same.
func (p *Payment) Seq() int {
	switch p.Purpose {
	case ForBalance:
		return 100 + p.Attempt
	case ForTopUp:
		return 200 + p.Attempt
	}
	return p.Attempt
}
