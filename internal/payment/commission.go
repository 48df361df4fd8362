package payment

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// Commission is what a dealer is owed for a car that it handed over, by a rule of its market.
type Commission struct {
	Order   id.Order
	Number  string
	Market  id.Market
	Dealer  id.Dealer
	Brand   id.Brand
	Model   string
	Version string      // of the rule
	Channel string      // "online" or "dealer": where the contract was made; the rule does not look at it
	Net     money.Money // what the rule was applied to
	Amount  money.Money // by the rule
	Stands  money.Money // after a correction; nothing once the sale was taken back
	At      time.Time
	State   ObjectionState // empty when nobody objected
	Opened  time.Time
	Settled time.Time
	Words   []CommissionWord
}

// ObjectionState is where an objection stands.
type ObjectionState string

// The states of an objection. An open one is settled once.
const (
	ObjectionOpen      ObjectionState = "open"
	ObjectionStands    ObjectionState = "stands"    // the commission stays what it was
	ObjectionCorrected ObjectionState = "corrected" // it is another from then on
)

// ObjectionStates lists them.
var ObjectionStates = []ObjectionState{ObjectionOpen, ObjectionStands, ObjectionCorrected}

// CommissionSide is who speaks in an objection.
type CommissionSide string

// The sides.
const (
	SideDealer CommissionSide = "dealer"
	SideMaker  CommissionSide = "maker"
)

// CommissionWord is what one side said.
type CommissionWord struct {
	Side CommissionSide
	Name string
	Body string
	At   time.Time
}

// The bounds of what is said about a commission.
const (
	MostObjectionWords = 1_000 // characters
	MostObjectionTurns = 40    // of one objection
)

// Faults of commissions.
var (
	ErrNoCommission = fault.New(fault.NotFound, "fault.not_found", "payment.Commission")
	ErrObjection    = fault.New(fault.Invalid, "fee.words_missing", "payment.Object")
	ErrObjectionMet = fault.New(fault.Conflict, "fee.settled", "payment.Object") // settled already
	ErrObjectionMay = fault.New(fault.Conflict, "fee.many", "payment.Object")    // too much was said already
	ErrNoObjection  = fault.New(fault.Conflict, "fee.none", "payment.Settle")
	ErrFeeAmount    = fault.New(fault.Invalid, "fee.amount", "payment.Settle")
	ErrFeeSame      = fault.New(fault.Invalid, "fee.unchanged", "payment.Settle") // a correction that corrects nothing
)
