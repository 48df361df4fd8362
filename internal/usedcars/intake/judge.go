package intake

import (
	"slices"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/usedcars"
)

// Outcome is what becomes of a line; its word is used.import.outcome.<outcome>.
type Outcome string

// The outcomes; an empty one is not known yet.
const (
	New     Outcome = "new"    // a draft more
	Changes Outcome = "change" // a car that stands here says something else from now on
	Same    Outcome = "same"
	Rejects Outcome = "reject"
)

// Line is one of a file.
type Line struct {
	No      int // of the file, from 1
	Cells   []string
	VIN     string // as it was read; empty when it is none
	Outcome Outcome
	Fault   Fault // of a reject; WhyFell or WhyCheck of another
}

// Standing is what is known of the VINs of some lines.
type Standing struct {
	Cars    map[string]*usedcars.Car // in whoever's stock
	Ordered map[string]bool          // on the way to a buyer, and in no stock of used cars
	Kms     map[string]int           // the most that an odometer showed and nobody explained
	Before  map[string]int           // the first line of the file with this VIN
}

// Deed is what a line asks for: a new car, or what one that stands here is from now on.
type Deed struct {
	Car *usedcars.Car
	Was *usedcars.Car // nil for a new one
}

// Parsed is a line with what it says.
type Parsed struct {
	Line
	said said
}

// Parse reads some lines, which have then their VINs.
func (p *Place) Parse(fields []Field, lines []Line) []Parsed {
	out := make([]Parsed, len(lines))
	for i, l := range lines {
		out[i] = Parsed{Line: l, said: p.read(fields, l.Cells)}
		out[i].VIN = out[i].said.vin
	}
	return out
}

// Judge says what becomes of a line, given what stands there, and with what deed.
func (p *Place) Judge(l Parsed, at Standing) (Line, *Deed) {
	out := l.Line
	reject := func(f Fault) (Line, *Deed) {
		out.Outcome, out.Fault = Rejects, f
		return out, nil
	}
	out.Fault = Fault{}
	if first, ok := at.Before[l.VIN]; ok && l.VIN != "" && first < l.No {
		return reject(Fault{WhyTwice, VIN, l.VIN})
	}
	if l.said.hurt.Why != "" {
		return reject(l.said.hurt)
	}
	was, s := at.Cars[l.VIN], l.said
	switch {
	case was != nil && was.Dealer != p.Dealer:
		return reject(Fault{WhyElsewhere, VIN, l.VIN})
	case was == nil && at.Ordered[l.VIN]:
		return reject(Fault{WhyOrdered, VIN, l.VIN})
	case was == nil:
		if f := p.whole(&s); f.Why != "" {
			return reject(f)
		}
		out.Outcome = New
		if id.DoubtfulVIN(l.VIN) {
			out.Fault = Fault{WhyCheck, VIN, l.VIN}
		}
		out.fell(s.car.Km, at.Kms[l.VIN])
		return out, &Deed{Car: &s.car}
	}
	now := merged(was, &s)
	if alike(was, now) {
		out.Outcome = Same
		return out, nil
	}
	if was.State != usedcars.Draft && was.State != usedcars.Listed { // who has it was promised this car
		return reject(Fault{WhyTaken, VIN, l.VIN})
	}
	if now.PriceMinor*3 < was.PriceMinor || now.PriceMinor > was.PriceMinor*3 {
		return reject(Fault{WhyJump, Price, Cells(now)[slices.Index(Taken, Price)]})
	}
	if now.Brand != was.Brand && was.State != usedcars.Draft { // who looks at it there finds it there
		return reject(Fault{WhyShop, Shop, string(now.Brand)})
	}
	if (now.Battery.Pct > 0) != (now.Battery.On != "") {
		return reject(Fault{WhyMissing, BatteryOn, ""})
	}
	out.Outcome = Changes
	if now.Km != was.Km {
		out.fell(now.Km, max(was.Km, at.Kms[l.VIN]))
	}
	return out, &Deed{Car: now, Was: was}
}

func (l *Line) fell(km, most int) {
	if km < most {
		l.Fault = Fault{Why: WhyFell, Field: Km}
	}
}

// merged is a car that stands here with what a line says of it.
func merged(was *usedcars.Car, s *said) *usedcars.Car {
	c, n := *was, &s.car
	for _, f := range Fields {
		if !s.has.has(f) {
			continue
		}
		if into := textOf(&c, f); into != nil {
			*into = *textOf(n, f)
		}
		if into := figureOf(&c, f); into != nil {
			*into = *figureOf(n, f)
		}
	}
	if s.has.has(Registered) {
		c.Registered = n.Registered
	}
	if s.has.has(BatteryOn) {
		c.Battery.On = n.Battery.On
	}
	if s.has.has(Equipment) {
		c.Equipment = n.Equipment
	}
	if s.has.has(Price) {
		c.PriceMinor = n.PriceMinor
	}
	if s.has.has(Bought) {
		c.Bought = n.Bought
	}
	if s.has.has(Shop) {
		c.Brand = n.Brand
	}
	if c.Body != was.Body || c.Colour != was.Colour || slices.Contains(c.Equipment, "rails") != slices.Contains(was.Equipment, "rails") {
		c.Look = usedcars.LookFor(c.Body, c.Colour, slices.Contains(c.Equipment, "rails"))
	}
	return &c
}

// alike tells whether two cars would be taken home as the same line.
func alike(a, b *usedcars.Car) bool {
	has := func(c *usedcars.Car) string { // their order says nothing
		e := slices.Clone(c.Equipment)
		slices.Sort(e)
		return strings.Join(e, ",")
	}
	x, y := *a, *b
	x.Equipment, y.Equipment = nil, nil
	return has(a) == has(b) && slices.Equal(Cells(&x), Cells(&y))
}
