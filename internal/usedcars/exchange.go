package usedcars

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
)

// Faults of a part exchange.
var (
	ErrNoOffer   = fault.New(fault.NotFound, "fault.not_found", "usedcars.Offer")
	ErrOfferOver = fault.New(fault.Gone, "used.swap.over", "usedcars.Offer")
	ErrNoValue   = fault.New(fault.Invalid, "used.swap.unknown", "usedcars.Value")
)

// Conditions of a car in its owner's words; words are used.swap.condition.<code>.
var Conditions = []string{"good", "fair", "poor"}

// Subject is what its owner says of a car that is to be valued.
type Subject struct {
	Market    id.Market   `json:"-"`
	Day       market.Date `json:"-"`
	Plate     string      `json:"-"` // in capitals, without blanks
	Km        int         `json:"-"`
	Condition string      `json:"condition"`
	Accident  bool        `json:"accident,omitempty"`
	Serviced  bool        `json:"serviced,omitempty"`
}

// Valuation is what a provider knows of a car by its plate, and what it is worth in part exchange.
type Valuation struct {
	Make       string      `json:"make"`
	Model      string      `json:"model"`
	Version    string      `json:"version"`
	Body       string      `json:"body"`
	Fuel       string      `json:"fuel"`
	Gearbox    string      `json:"gearbox"`
	Colour     string      `json:"colour"`
	Emission   string      `json:"emission"`
	Doors      int         `json:"doors"`
	Seats      int         `json:"seats"`
	KW         int         `json:"kw"`
	CO2        int         `json:"co2"`
	Registered market.Date `json:"registered"`
	Minor      int64       `json:"-"` // of the market's currency
	Provider   string      `json:"-"`
}

// Title names the car.
func (v Valuation) Title() string { return v.Make + " " + v.Model }

// Valuer is a provider of values. It is asked outside of transactions; ErrNoValue says that it does not know the plate.
type Valuer interface {
	Value(ctx context.Context, s Subject) (Valuation, error)
}

// OfferState is where an offer stands.
type OfferState string

// The states of an offer.
const (
	OfferOpen  OfferState = "open"
	OfferTaken OfferState = "taken" // it is part of an order
	OfferOver  OfferState = "over"
)

// Offer is a value that is kept for a while.
type Offer struct {
	ID          id.Exchange
	Brand       id.Brand
	Market      id.Market
	State       OfferState
	Locale      string
	Email       string
	Subject     Subject
	Car         Valuation
	Currency    string
	ValueMinor  int64
	ToleranceKm int
	Until       time.Time
	Order       id.Order
}

// Stands tells whether the offer can be taken at an instant.
func (o *Offer) Stands(now time.Time) bool { return o.State == OfferOpen && now.Before(o.Until) }
