package configurator

import (
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/pricing"
)

// Build is a whole car with its price.
type Build struct {
	Selection Selection    // one of each group and the options picked, in canonical order
	Included  []id.Feature // what comes with them at no price
	Quote     pricing.Quote
	Drawing   Drawing
}

// Drawing is what a picture of the car depends on.
type Drawing struct {
	Body        string
	PaintHex    string
	Finish      string
	WheelDesign string
	Rails       bool
	TwoTone     bool
}

// Default is the cheapest car that can be built.
func (mo *Model) Default() Selection { return mo.codes(mo.cheap) }

// From is the price of the cheapest car: the least that anybody pays for this model.
func (mo *Model) From() pricing.Quote {
	q := mo.from
	q.Lines = slices.Clone(q.Lines)
	return q
}

// Complete makes a whole car of some picks: as they are when they are one, else the cheapest that has
// them all. When they can not be in one car it answers a *Clash, whose repair gives up the fewest.
func (mo *Model) Complete(s Selection) (Build, error) {
	p, err := mo.picks(s)
	if err != nil {
		return Build{}, err
	}
	car := mo.car(p)
	if open := mo.open(p); open.empty() && mo.fits(car) {
		return mo.build(p)
	}
	if whole, ok := mo.cheapestWith(p); ok {
		return mo.build(whole)
	}
	return Build{}, mo.clashAmong(p)
}

// build prices picks that are known to be a car.
func (mo *Model) build(p set) (Build, error) {
	car := mo.car(p)
	p = mo.tidy(p, car)
	rest := car.minus(&p)
	q, err := pricing.OnTheRoad(mo.market, mo.rng, mo.codes(car), func(c id.Feature) bool {
		i := mo.index[c]
		return !p.has(i) || mo.givers[i].meets(&car)
	}, mo.day)
	if err != nil {
		return Build{}, err
	}
	return Build{Selection: mo.codes(p), Included: mo.codes(rest), Quote: q, Drawing: mo.draw(car)}, nil
}

func (mo *Model) draw(car set) Drawing {
	d := Drawing{Body: mo.rng.Body}
	for i := car.first(); i >= 0; i = car.next(i + 1) {
		f := mo.features[i]
		switch f.Group {
		case catalogue.Colour:
			d.PaintHex, d.Finish = f.Hex, f.Finish
		case catalogue.Wheels:
			d.WheelDesign = f.Design
		}
		d.Rails = d.Rails || f.Draws == "rails"
		d.TwoTone = d.TwoTone || f.Draws == "two_tone"
	}
	return d
}
