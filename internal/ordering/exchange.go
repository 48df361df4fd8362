package ordering

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
)

// Faults of a part exchange.
var (
	ErrNoExchange     = fault.New(fault.NotFound, "fault.not_found", "ordering.Exchange")
	ErrExchangeGround = fault.New(fault.Invalid, "exchange.ground_bad", "ordering.Exchange")
	ErrExchangeValue  = fault.New(fault.Invalid, "exchange.value_bad", "ordering.Exchange")
	ErrExchangeNote   = fault.New(fault.Invalid, "exchange.note_bad", "ordering.Exchange")
	ErrExchangeKm     = fault.New(fault.Invalid, "exchange.km_over", "ordering.Exchange") // beyond the tolerance: a ground, not a confirmation
	ErrExchangeSeen   = fault.New(fault.Invalid, "exchange.seen_missing", "ordering.Exchange")
)

// ExchangeGrounds are all on which another value may be asked; words are exchange.ground.<code>.
var ExchangeGrounds = []string{"mileage", "condition", "papers"}

// ExchangeState is where a part exchange stands.
type ExchangeState string

// The states of a part exchange.
const (
	ExchangeAgreed ExchangeState = "agreed" // its value is taken off what is left to pay
	ExchangeAsked  ExchangeState = "asked"  // the dealer asked for another value; the buyer has not answered
	ExchangeGiven  ExchangeState = "given"  // the dealer has the car: it is a payment
	ExchangeOff    ExchangeState = "off"    // the buyer pays in money
)

// Exchange is a buyer's own car as part of what he pays. Amounts are minor units of the order's currency.
type Exchange struct {
	Order       id.Order
	Market      id.Market
	Currency    string
	Offer       id.Exchange
	Car         string
	Plate       string
	Km          int
	ToleranceKm int
	ValueMinor  int64
	State       ExchangeState
	VIN         string
	GivenKm     int
	Asked       *ExchangeChange // nil while nothing is asked
}

// ExchangeChange is another value that the dealer asked for.
type ExchangeChange struct {
	Seq      int       `json:"seq"`
	Ground   string    `json:"ground"`
	WasMinor int64     `json:"was_minor"`
	NowMinor int64     `json:"now_minor"`
	Note     string    `json:"note"`
	At       time.Time `json:"at"`
}

// Pending is what the car will take off the price and has not yet; nothing for none.
func (x *Exchange) Pending() int64 {
	if x == nil || x.State != ExchangeAgreed && x.State != ExchangeAsked {
		return 0
	}
	return x.ValueMinor
}

// MostKm is what its odometer may show without a ground for another value.
func (x *Exchange) MostKm() int { return x.Km + x.ToleranceKm }
