package intake

import (
	"slices"

	"forecourt/internal/usedcars"
)

// Field is what a column says of a car. The names are those of the API and of the stock that a dealer takes home; in words
// they are used.column.<field>.
type Field string

// The fields.
const (
	None       Field = "" // a column that nobody reads
	VIN        Field = "vin"
	Plate      Field = "plate"
	Shop       Field = "shop" // the brand in whose shop the car is offered
	Make       Field = "make"
	Model      Field = "model"
	Version    Field = "version"
	Engine     Field = "engine"
	Body       Field = "body"
	Fuel       Field = "fuel"
	Gearbox    Field = "gearbox"
	Colour     Field = "colour"
	Doors      Field = "doors"
	Seats      Field = "seats"
	KW         Field = "kw"
	HP         Field = "hp" // as the country counts it: 1 hp is 745.7 W in Britain, 735.49875 W elsewhere
	CO2        Field = "co2"
	Emission   Field = "emission"
	Registered Field = "registered"
	Km         Field = "km"
	Miles      Field = "miles"
	Owners     Field = "owners"
	Equipment  Field = "equipment"
	Price      Field = "price"
	VAT        Field = "vat"
	Bought     Field = "bought"
	BatteryPct Field = "battery_pct"
	BatteryHow Field = "battery_how"
	BatteryOn  Field = "battery_on"
	Market     Field = "market" // refused when it is not the dealer's
	Currency   Field = "currency"
	Dealer     Field = "dealer"
)

// Fields are all of them, in the order of a stock that is taken home and of the lists on the page.
var Fields = []Field{VIN, Plate, Shop, Make, Model, Version, Engine, Body, Fuel, Gearbox, Colour, Doors, Seats, KW, HP, CO2, Emission, Registered, Km, Miles, Owners, Equipment, Price, VAT, Bought,
	BatteryPct, BatteryHow, BatteryOn, Market, Currency, Dealer}

// Taken are the fields of a stock that a dealer takes home: each fact once.
var Taken = slices.DeleteFunc(slices.Clone(Fields), func(f Field) bool { return f == HP || f == Miles || f == Dealer })

// needed has a car that is new here; one of a pair of names will do. Of a car that stands here a file may say as little as
// its VIN and a price.
var needed = [][]Field{{Make}, {Model}, {Body}, {Fuel}, {Gearbox}, {Colour}, {Doors}, {Seats}, {KW, HP}, {CO2}, {Emission}, {Registered}, {Km, Miles}, {Owners}, {Price}, {VAT}}

// IsField tells whether there is such a field; None is none.
func IsField(f Field) bool { return slices.Contains(Fields, f) }

// choices are the fields with a list of values.
var choices = map[Field][]string{Body: usedcars.Bodies, Fuel: usedcars.Fuels, Gearbox: usedcars.Gearboxes, Colour: usedcars.Colours, Emission: usedcars.Emissions, Equipment: usedcars.Equipment,
	VAT: {string(usedcars.Margin), string(usedcars.Qualifying)}}

// longest are the fields of words, with how many runes they hold.
var longest = map[Field]int{Plate: 16, Make: 40, Model: 60, Version: 80, Engine: 80, BatteryHow: 40}

// bounds are the fields of whole numbers, with the least and the most.
var bounds = map[Field][2]int{Doors: {2, 7}, Seats: {1, 9}, KW: {1, 1500}, CO2: {0, 900}, Owners: {0, 30}, BatteryPct: {1, 100}}

// set is a handful of fields.
type set uint64

func (s set) has(f Field) bool { return s&bit(f) != 0 }

func (s *set) add(f Field) { *s |= bit(f) }

var bits = func() map[Field]set {
	out := map[Field]set{}
	for i, f := range Fields {
		out[f] = 1 << i
	}
	return out
}()

func bit(f Field) set { return bits[f] }
