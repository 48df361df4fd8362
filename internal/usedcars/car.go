package usedcars

import (
	"regexp"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
)

// Faults of this package.
var (
	ErrNoCar   = fault.New(fault.NotFound, "fault.not_found", "usedcars")
	ErrTaken   = fault.New(fault.Conflict, "used.taken", "usedcars.Hold")
	ErrMoved   = fault.New(fault.Conflict, "fault.conflict", "usedcars.Move")
	ErrVINLive = fault.New(fault.Conflict, "used.vin_live", "usedcars.Add")
	ErrPrice   = fault.New(fault.Invalid, "used.price_bad", "usedcars.Price")
)

// State tells what becomes of a car.
type State string

// The states.
const (
	Draft     State = "draft"     // known to its dealer alone
	Listed    State = "listed"    // for sale
	Held      State = "held"      // somebody has it for a while, or has not paid yet
	Sold      State = "sold"      // paid for
	Gone      State = "gone"      // handed over
	Returned  State = "returned"  // its buyer withdrew; a new row is the car that stands at the dealer again
	Withdrawn State = "withdrawn" // not for sale any more
)

// Over tells whether a car is not its dealer's to sell any more.
func (s State) Over() bool { return s == Gone || s == Returned || s == Withdrawn }

// Edge is one allowed step.
type Edge struct{ From, To State }

// Edges is the machine of a car.
var Edges = []Edge{{"", Draft}, {Draft, Listed}, {Draft, Withdrawn}, {Listed, Draft}, {Listed, Held}, {Listed, Withdrawn}, {Held, Listed}, {Held, Sold}, {Sold, Listed},
	{Sold, Held}, {Sold, Gone}, {Gone, Sold}, {Gone, Returned}}

func allowed(from, to State) bool {
	for _, e := range Edges {
		if e == (Edge{from, to}) {
			return true
		}
	}
	return false
}

// VAT is how the sale of a car is taxed.
type VAT string

// The two ways: Directive 2006/112/EC, art. 312 to 325, and the national schemes made of it. A margin sale shows no VAT; a
// qualifying car is sold with VAT like a new one.
const (
	Margin     VAT = "margin"
	Qualifying VAT = "qualifying"
)

// What a car can be said to be or to have; words are in the catalogues as used.<list>.<code>.
var (
	Bodies    = []string{"city", "hatch", "saloon", "estate", "suv", "coupe", "van"}
	Fuels     = []string{"petrol", "diesel", "hybrid", "plugin", "electric", "lpg"}
	Gearboxes = []string{"manual", "automatic"}
	Colours   = []string{"white", "silver", "grey", "black", "blue", "green", "red", "orange", "yellow", "beige", "brown"}
	Emissions = []string{"euro4", "euro5", "euro6", "euro6d", "none"}
	Equipment = []string{"air", "climate", "nav", "phone", "camera", "sensors", "cruise", "heated_seats", "led", "keyless", "rails", "towbar", "roof", "alloys", "isofix"}
	Panels    = []string{"bonnet", "bumper_front", "bumper_rear", "wing_left", "wing_right", "door_left", "door_right", "roof", "tailgate", "windscreen", "wheel", "interior"}
	FaultKind = []string{"scratch", "dent", "chip", "wear", "stain", "crack"}
)

// Look is what a car's drawing depends on; see platform/carart.
type Look struct {
	Body    string `json:"body"`
	Hex     string `json:"hex"`
	Finish  string `json:"finish"`
	Wheels  string `json:"wheels"`
	Rails   bool   `json:"rails,omitempty"`
	TwoTone bool   `json:"two_tone,omitempty"`
	Trim    string `json:"trim,omitempty"`
}

// Battery is how much of its first energy a battery still takes; zero when nobody measured.
type Battery struct {
	Pct int
	How string // "maker", "test drive": who or what says so
	On  market.Date
}

// Car is one used car.
type Car struct {
	ID         id.UsedCar
	Brand      id.Brand
	Market     id.Market
	Dealer     id.Dealer
	VIN        string
	Plate      string
	Make       string
	Model      string
	Version    string
	Engine     string
	Body       string // of Bodies, and so on
	Fuel       string
	Gearbox    string
	Colour     string
	Doors      int
	Seats      int
	KW         int
	CO2        int // g/km
	Emission   string
	Registered market.Date
	Km         int
	Owners     int // before; 0 for a car of the dealer's own fleet
	Equipment  []string
	Look       Look
	PriceMinor int64
	PriorMinor int64 // 0 when the price was not cut
	Currency   string
	VAT        VAT
	Bought     int64 // minor units that the dealer gave for it; 0 when unknown
	Battery    Battery
	State      State
	Order      id.Order
	ListedAt   time.Time
	AskedAt    time.Time // when a register was last asked for its past; zero when never
}

// HasBattery tells whether the car drives on a battery, wholly or partly from the socket.
func (c *Car) HasBattery() bool { return c.Fuel == "electric" || c.Fuel == "plugin" }

// Year is that of the first registration.
func (c *Car) Year() string { return string(c.Registered)[:4] }

// Title names the car as people do: "Renault Clio".
func (c *Car) Title() string { return c.Make + " " + c.Model }

// Code is the car's model as ranges write theirs; with the make before it where another maker built it.
func (c *Car) Code() id.Model {
	if strings.EqualFold(c.Make, string(c.Brand)) {
		return id.Model(slugOf(c.Model))
	}
	return id.Model(slugOf(c.Make, c.Model))
}

// Slug is the car's name in addresses: "renault-clio-2021-u-7k2m9x". Only its end counts.
func (c *Car) Slug() string {
	return slugOf(c.Make, c.Model, c.Year(), string(c.ID))
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

func slugOf(parts ...string) string {
	return strings.Trim(notSlug.ReplaceAllString(strings.ToLower(strings.Join(parts, " ")), "-"), "-")
}

var idForm = regexp.MustCompile(`^U-[2-9A-HJ-NPR-Z]{6}$`)

// OfSlug reads the number of a car from the end of its slug; false when there is none.
func OfSlug(slug string) (id.UsedCar, bool) {
	if len(slug) < 8 || len(slug) > 200 {
		return "", false
	}
	key := id.UsedCar(strings.ToUpper(slug[len(slug)-8:]))
	return key, idForm.MatchString(string(key))
}
