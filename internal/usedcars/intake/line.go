package intake

import (
	"slices"
	"strconv"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/usedcars"
)

// Why is what is wrong with a line; its sentence is used.import.why.<why>.
type Why string

// What may be wrong.
const (
	WhyCells     Why = "cells"     // more cells than the header has
	WhyVIN       Why = "vin"       // not 17 letters and digits
	WhyTwice     Why = "twice"     // a line before has the same VIN
	WhyMissing   Why = "missing"   // a new car must say this
	WhyAmount    Why = "amount"    // no amount, or one that can be read in two ways
	WhyNumber    Why = "number"    // the same of a whole number
	WhyNegative  Why = "negative"  // below nought
	WhyRange     Why = "range"     // no car has so many
	WhyPrice     Why = "price"     // not between 100 and 1,000,000
	WhyJump      Why = "jump"      // less than a third of the price before, or more than three times
	WhyDate      Why = "date"      // no day, or one that can be read in two ways
	WhyFuture    Why = "future"    // a day that is yet to come
	WhyText      Why = "text"      // longer than the field holds
	WhyChoice    Why = "choice"    // none of the list
	WhyMarket    Why = "market"    // a car of another country
	WhyCurrency  Why = "currency"  // a price in another currency
	WhyDealer    Why = "dealer"    // a line that says it is another dealer's
	WhyShop      Why = "shop"      // no shop in which the dealer offers used cars
	WhyElsewhere Why = "elsewhere" // somebody else has the car in stock
	WhyOrdered   Why = "ordered"   // it is on its way to a buyer
	WhyTaken     Why = "taken"     // somebody has it; nothing about it changes now
)

// WhyFell is no refusal: the line counts, and the car's mileage is less than was read before.
const WhyFell Why = "fell"

// WhyCheck is no refusal either: the check digit of an American VIN is not the one that the other signs make.
const WhyCheck Why = "check"

// Place is the dealer's: how its country writes, and what it may offer.
type Place struct {
	Dealer   id.Dealer
	Market   id.Market
	Country  string // the market's name in its own words, in case a column says it
	Currency string
	Group    byte // the sign between groups of three digits: ',' or '.'
	Miles    bool
	Today    market.Date
	Shops    []id.Brand          // in which it offers used cars, the first where nothing tells
	Names    map[string]id.Brand // of all shops, folded
	Words    *Lexicon
}

// Fault is what is wrong with one field of a line.
type Fault struct {
	Why   Why
	Field Field
	Said  string
}

// said is what a car's line says of it.
type said struct {
	car  usedcars.Car
	has  set
	vin  string
	hurt Fault
}

// read makes what a line says out of its cells; the first thing that is wrong ends it. A cell that is empty says nothing.
func (p *Place) read(fields []Field, cells []string) said {
	s := said{car: usedcars.Car{Market: p.Market, Dealer: p.Dealer, Currency: p.Currency}}
	for i, f := range fields { // the VIN first: whatever else is wrong, the line is found under it
		if f == VIN && i < len(cells) {
			var ok bool
			if s.vin, ok = id.CleanVIN(strings.ReplaceAll(cells[i], "-", "")); !ok {
				s.hurt = Fault{WhyVIN, VIN, cells[i]}
				s.vin = ""
				return s
			}
			s.car.VIN = s.vin
			s.has.add(VIN)
		}
	}
	if s.vin == "" {
		s.hurt = Fault{WhyVIN, VIN, ""}
		return s
	}
	for i, f := range fields {
		if f == None || f == VIN || i >= len(cells) || cells[i] == "" {
			continue
		}
		if why := p.set(&s, f, cells[i]); why != "" {
			s.hurt = Fault{why, f, cells[i]}
			return s
		}
		s.has.add(f)
	}
	return s
}

// set reads one cell.
func (p *Place) set(s *said, f Field, text string) (why Why) {
	c := &s.car
	switch f {
	case Plate, Make, Model, Version, Engine, BatteryHow:
		return setText(c, f, text)
	case Body, Fuel, Gearbox, Colour, Emission, VAT:
		return p.setChoice(c, f, text)
	case Equipment:
		c.Equipment = p.Words.pieces(text)
	case Doors, Seats, KW, HP, CO2, Owners, BatteryPct:
		return p.setNumber(c, f, text)
	case Km, Miles:
		c.Km, why = count(text, p.Group)
		if why == "" && f == Miles {
			c.Km = market.MilesToKm(c.Km)
		}
		if why == "" && c.Km > usedcars.MostKm {
			why = WhyRange
		}
	case Price, Bought:
		return p.setMoney(c, f, text)
	case Registered, BatteryOn:
		return p.setDay(c, f, text)
	case Shop:
		b, ok := p.Names[Fold(text)]
		if !ok || !slices.Contains(p.Shops, b) {
			return WhyShop
		}
		c.Brand = b
	case Market, Currency, Dealer:
		return p.foreign(f, text)
	}
	return why
}

// textOf is where a car keeps the words or the choice of a field; nil for a field that is something else.
func textOf(c *usedcars.Car, f Field) *string {
	switch f {
	case Plate:
		return &c.Plate
	case Make:
		return &c.Make
	case Model:
		return &c.Model
	case Version:
		return &c.Version
	case Engine:
		return &c.Engine
	case Body:
		return &c.Body
	case Fuel:
		return &c.Fuel
	case Gearbox:
		return &c.Gearbox
	case Colour:
		return &c.Colour
	case Emission:
		return &c.Emission
	case BatteryHow:
		return &c.Battery.How
	case VAT:
		return (*string)(&c.VAT)
	}
	return nil
}

// figureOf is where a car keeps the figure of a field; nil for a field that is something else.
func figureOf(c *usedcars.Car, f Field) *int {
	switch f {
	case Doors:
		return &c.Doors
	case Seats:
		return &c.Seats
	case KW, HP:
		return &c.KW
	case CO2:
		return &c.CO2
	case Km, Miles:
		return &c.Km
	case Owners:
		return &c.Owners
	case BatteryPct:
		return &c.Battery.Pct
	}
	return nil
}

func setText(c *usedcars.Car, f Field, text string) Why {
	if len([]rune(text)) > longest[f] {
		return WhyText
	}
	if f == Plate {
		text = strings.ToUpper(text)
	}
	*textOf(c, f) = text
	return ""
}

func (p *Place) setChoice(c *usedcars.Car, f Field, text string) Why {
	code, ok := p.Words.Choice(f, text)
	if !ok {
		return WhyChoice
	}
	*textOf(c, f) = code
	return ""
}

func (p *Place) setNumber(c *usedcars.Car, f Field, text string) Why {
	n, why := count(text, p.Group)
	if why != "" {
		return why
	}
	if f == HP {
		n, f = p.watts(n), KW
	}
	if b := bounds[f]; n < b[0] || n > b[1] {
		return WhyRange
	}
	*figureOf(c, f) = n
	return ""
}

// watts makes kW of horse power, half up: of 75 kgf m/s, or in Britain of 550 ft lbf/s.
func (p *Place) watts(hp int) int {
	each := int64(73_549_875)
	if p.Miles {
		each = 74_569_987
	}
	return int((int64(min(hp, 10_000))*each + 50_000_000) / 100_000_000)
}

func (p *Place) setMoney(c *usedcars.Car, f Field, text string) Why {
	n, why := amount(text, p.Group)
	switch {
	case why != "":
		return why
	case f == Price && !usedcars.IsPrice(n), f == Bought && (n <= 0 || n > usedcars.MostPrice):
		return WhyPrice
	case f == Price:
		c.PriceMinor = n
	default:
		c.Bought = n
	}
	return ""
}

func (p *Place) setDay(c *usedcars.Car, f Field, text string) Why {
	d, ok := day(text)
	switch {
	case !ok:
		return WhyDate
	case d > p.Today:
		return WhyFuture
	case f == Registered:
		c.Registered = d
	default:
		c.Battery.On = d
	}
	return ""
}

// foreign refuses a line that says it is of another country, currency or dealer.
func (p *Place) foreign(f Field, text string) Why {
	switch w := Fold(text); {
	case f == Market && w != Fold(string(p.Market)) && w != Fold(p.Country):
		return WhyMarket
	case f == Currency && w != Fold(p.Currency):
		return WhyCurrency
	case f == Dealer && w != Fold(string(p.Dealer)):
		return WhyDealer
	}
	return ""
}

// whole completes what a line says of a new car, or says what lacks. An electric car has no exhaust.
func (p *Place) whole(s *said) Fault {
	c := &s.car
	if c.Fuel == "electric" {
		if c.Emission == "" {
			c.Emission = "none"
			s.has.add(Emission)
		}
		s.has.add(CO2)
	}
	for _, any := range needed {
		if !slices.ContainsFunc(any, s.has.has) {
			return Fault{WhyMissing, any[0], ""}
		}
	}
	if s.has.has(BatteryPct) != s.has.has(BatteryOn) {
		return Fault{WhyMissing, BatteryOn, ""}
	}
	if c.Brand == "" {
		c.Brand = p.shop(c.Make)
	}
	c.Look = usedcars.LookFor(c.Body, c.Colour, slices.Contains(c.Equipment, "rails"))
	return Fault{}
}

// shop is where a car is offered of which the line does not say it: in its own brand's, or the dealer's first.
func (p *Place) shop(make string) id.Brand {
	if b, ok := p.Names[Fold(make)]; ok && slices.Contains(p.Shops, b) {
		return b
	}
	return p.Shops[0]
}

// Cells writes a car as a stock that is taken home does, in the order of Taken: a file of such lines is read as it was.
func Cells(c *usedcars.Car) []string {
	money := func(minor int64) string {
		if minor == 0 {
			return ""
		}
		return strconv.FormatInt(minor/100, 10) + "." + strconv.FormatInt(minor%100+100, 10)[1:]
	}
	battery := ""
	if c.Battery.Pct > 0 {
		battery = strconv.Itoa(c.Battery.Pct)
	}
	return []string{c.VIN, c.Plate, string(c.Brand), c.Make, c.Model, c.Version, c.Engine, c.Body, c.Fuel, c.Gearbox, c.Colour, strconv.Itoa(c.Doors), strconv.Itoa(c.Seats), strconv.Itoa(c.KW), strconv.Itoa(c.CO2),
		c.Emission, string(c.Registered), strconv.Itoa(c.Km), strconv.Itoa(c.Owners), strings.Join(c.Equipment, ","), money(c.PriceMinor), string(c.VAT), money(c.Bought), battery, c.Battery.How, string(c.Battery.On),
		string(c.Market), c.Currency}
}
