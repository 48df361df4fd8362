package vehicle

import (
	"regexp"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
)

// Faults of this package.
var (
	ErrVIN      = fault.New(fault.Invalid, "vehicle.vin_wrong", "vehicle")
	ErrFacts    = fault.New(fault.Invalid, "vehicle.facts_wrong", "vehicle")
	ErrUnknown  = fault.New(fault.NotFound, "fault.not_found", "vehicle")
	ErrNoGarage = fault.New(fault.NotFound, "fault.not_found", "vehicle.Garage")
)

// MostKm is the most that an odometer is believed to show.
const MostKm = 2_000_000

// Fuels are what engines run on, by the codes of the ranges.
var Fuels = []string{"petrol", "diesel", "hybrid", "plugin", "electric", "lpg"}

// Vehicle is a car in use.
type Vehicle struct {
	ID         id.Vehicle
	VIN        string
	Market     id.Market // where it is registered
	Brand      id.Brand
	Model      id.Model // its code in the range
	Title      string   // as people call it: "Duster Journey"
	Fuel       string   // of Fuels; empty when unknown
	Plate      string   // without spaces; empty when unknown
	Registered market.Date
	Km         int       // the highest reading that nobody doubts
	KmAt       time.Time // zero when there is none
}

var vin = regexp.MustCompile(`^[A-HJ-NPR-Z0-9]{17}$`)

// GoodVIN tells whether a text has the form of a VIN (ISO 3779); a check digit, which only America asks for, is not looked at.
func GoodVIN(s string) bool { return vin.MatchString(s) }

// firstCar is the year before which nothing that a dealer services was registered.
const firstCar = "1950-01-01"

// check refuses facts that cannot be, on a day of the market.
func (v *Vehicle) check(today market.Date) error {
	switch {
	case !GoodVIN(v.VIN):
		return ErrVIN
	case v.Registered < firstCar, v.Registered > today, v.Title == "", v.Brand == "", v.Market == "":
		return ErrFacts
	}
	return nil
}

// Person is whose mailbox a garage belongs to.
type Person struct {
	Email  string
	Name   string
	Locale string
}

// Proof is how it is known that somebody keeps a car.
type Proof string

// Proofs.
const (
	Claimed  Proof = ""         // typed by whoever it was
	Handover Proof = "handover" // we gave the car to him
	Papers   Proof = "dealer"   // a dealer saw the registration
)

// Resold is why the time of a keeper ended whose car another one has, or a dealer. Else it is the event that ended it.
const Resold = "resold"

// Keeper is somebody's time with a car.
type Keeper struct {
	ID       id.Keeper
	Vehicle  id.Vehicle
	Garage   id.Garage
	Since    time.Time
	Until    time.Time // zero while it lasts
	Proof    Proof
	PassesOn bool // the next keeper may read the history of this time
}

// Proven tells whether the keeper may read what the car says and what was done to it.
func (k *Keeper) Proven() bool { return k.Proof != Claimed }

// Garage is one mailbox's cars in a market.
type Garage struct {
	ID       id.Garage
	Market   id.Market
	Person   Person
	LinkNo   int
	Repairer id.Dealer // empty when none is preferred
}
