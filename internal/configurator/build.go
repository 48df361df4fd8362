package configurator

import (
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/id"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
)

// Build is a whole car with its price.
type Build struct {
	Selection Selection    // one of each group and the options paid for, in canonical order
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
	Trim        string // what the version adds to the body
}

// Complete makes a whole car of some picks: as they are when they are one, else the cheapest that keeps
// them all. When they can not be in one car it answers a *Clash, whose repair gives up the fewest.
func (mo *Model) Complete(s Selection) (Build, error) {
	p, err := mo.picks(s)
	if err != nil {
		return Build{}, err
	}
	k := mo.desk()
	defer mo.done(k)
	if !mo.exactly(k, p) {
		k.Clear()
		mo.apply(k, p)
		if k.Cheapest(mo.weights, k.car) >= diagram.Impossible {
			return Build{}, mo.clashAmong(k, p)
		}
	}
	return mo.build(k.car)
}

// apply puts picks on the desk.
func (mo *Model) apply(k *desk, p picks) {
	for _, i := range p.in {
		k.Pick(mo.at[i], mo.values[i]...)
	}
	for _, i := range p.out {
		k.Pick(mo.at[i], mo.rest[i]...)
	}
}

// exactly tells whether the picks are a car as they are, with what comes free and nothing else paid
// for, and leaves it on the desk.
func (mo *Model) exactly(k *desk, p picks) bool {
	if !p.whole(mo) {
		return false
	}
	for v := range mo.vars {
		if mo.vars[v].group == catalogue.Options {
			k.Pick(v, without, free)
		}
	}
	mo.apply(k, p)
	return k.Cheapest(mo.weights, k.car) < diagram.Impossible
}

// build prices a whole car.
func (mo *Model) build(car []int32) (Build, error) {
	b := Build{Drawing: mo.draw(car)}
	var all []id.Feature
	for v, x := range car {
		val := mo.vars[v].values[x]
		if val.feature < 0 {
			continue
		}
		c := mo.code(val.feature)
		all = append(all, c)
		if val.free && mo.vars[v].group == catalogue.Options {
			b.Included = append(b.Included, c)
		} else {
			b.Selection = append(b.Selection, c)
		}
	}
	var err error
	b.Quote, err = pricing.OnTheRoad(mo.market, mo.rng, all, func(c id.Feature) bool { return mo.isFree(car, mo.index[c]) }, mo.day)
	return b, err
}

// isFree tells whether something in the car makes a feature free.
func (mo *Model) isFree(car []int32, i int) bool {
	return slices.ContainsFunc(mo.givers[i], func(g int) bool { return mo.has(car, g) })
}

// has tells whether a feature is in a car.
func (mo *Model) has(car []int32, i int) bool {
	return mo.vars[mo.at[i]].values[car[mo.at[i]]].feature == i
}

func (mo *Model) draw(car []int32) Drawing {
	d := Drawing{Body: mo.rng.Body}
	for v, x := range car {
		i := mo.vars[v].values[x].feature
		if i < 0 {
			continue
		}
		f := mo.features[i]
		switch f.Group {
		case catalogue.Version:
			d.Trim = f.Draws
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

// Change is what happens between two cars, included parts too.
type Change struct {
	Added, Removed []id.Feature
	Delta          money.Money // of the on-the-road total
}

// Since tells what changed from another car of the same model to this one.
func (b Build) Since(a Build) Change {
	return Change{Added: b.beside(a), Removed: a.beside(b), Delta: b.Quote.Total.Sub(a.Quote.Total)}
}

// beside lists what is in a car and not in another.
func (b Build) beside(o Build) []id.Feature {
	var out []id.Feature
	for _, c := range slices.Concat(b.Selection, b.Included) {
		if !slices.Contains(o.Selection, c) && !slices.Contains(o.Included, c) {
			out = append(out, c)
		}
	}
	return out
}
