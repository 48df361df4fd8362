package configurator

import (
	"forecourt/internal/catalogue"
	"forecourt/internal/platform/money"
)

// State is how a choice stands to the car on the page.
type State string

// The states of a choice.
const (
	Chosen   State = "chosen"   // picked
	Included State = "included" // comes with a pick, at no price
	Offered  State = "offered"  // can be picked, all other picks stay
	Blocked  State = "blocked"  // can be picked with a repair only
)

// Page is everything the configure page says about one car.
type Page struct {
	Build  Build
	Groups []Section
}

// Section is one group with its choices in order.
type Section struct {
	Group   catalogue.Group
	Choices []Choice
}

// Choice is one feature as the page offers it. Next is the car after picking it, or after leaving it
// out when it is a chosen option; it is the car as it stands when there is nothing to change.
type Choice struct {
	Feature *catalogue.Feature
	State   State
	Delta   money.Money // of the on-the-road total, from this car to Next
	Next    Selection
	Clash   *Clash // when Next is a repair: of a blocked choice, or of a chosen option that others need
}

// Page prices every choice for a whole car. Picks that are no car are refused: ErrIncomplete, or the
// *Clash that Complete would answer.
func (mo *Model) Page(s Selection) (Page, error) {
	p, err := mo.picks(s)
	if err != nil {
		return Page{}, err
	}
	if open := mo.open(p); !open.empty() {
		return Page{}, ErrIncomplete
	}
	car := mo.car(p)
	if !mo.fits(car) {
		return Page{}, mo.clashAmong(p)
	}
	b, err := mo.build(p)
	if err != nil {
		return Page{}, err
	}
	v := view{mo: mo, picks: mo.tidy(p, car), car: car, total: b.Quote.Total.Minor, self: b.Selection}
	out := Page{Build: b}
	for i, f := range mo.features {
		if mo.dead.has(i) {
			continue
		}
		if k := len(out.Groups); k == 0 || out.Groups[k-1].Group != f.Group {
			out.Groups = append(out.Groups, Section{Group: f.Group})
		}
		g := &out.Groups[len(out.Groups)-1]
		g.Choices = append(g.Choices, v.choice(i))
	}
	return out, nil
}

// view is the car that a page is about.
type view struct {
	mo         *Model
	picks, car set
	total      int64
	self       Selection
}

func (v *view) choice(i int) Choice {
	c := Choice{Feature: v.mo.features[i], State: Offered, Next: v.self, Delta: v.mo.money(0)}
	_, one := v.mo.ofGroup(i)
	switch {
	case v.picks.has(i) && one:
		c.State = Chosen
	case v.picks.has(i):
		c.State = Chosen
		v.drop(&c, i)
	case v.car.has(i):
		c.State = Included
	default:
		v.pick(&c, i)
	}
	return c
}

func (v *view) pick(c *Choice, i int) {
	next := v.picks
	if g, one := v.mo.ofGroup(i); one {
		next.take(&g)
	}
	next.add(i)
	if v.mo.fits(v.mo.car(next)) {
		v.lead(c, next)
		return
	}
	c.State = Blocked
	v.repair(c, v.mo.clashOfPick(v.picks, next, i))
}

func (v *view) drop(c *Choice, i int) {
	next := v.picks
	next.del(i)
	if v.mo.fits(v.mo.car(next)) {
		v.lead(c, next)
		return
	}
	if clash := v.mo.clashOfDrop(v.picks, next, i); clash != nil {
		v.repair(c, clash)
	}
}

// lead points a choice at a car that goes.
func (v *view) lead(c *Choice, next set) {
	car := v.mo.car(next)
	next = v.mo.tidy(next, car)
	c.Next = v.mo.codes(next)
	c.Delta = v.mo.money(v.mo.total(next, car) - v.total)
}

func (v *view) repair(c *Choice, clash *Clash) {
	c.Clash, c.Next = clash, clash.Repair
	c.Delta = clash.RepairTotal.Sub(v.mo.money(v.total))
}
