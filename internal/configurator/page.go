package configurator

import (
	"math"
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator/diagram"
	"forecourt/internal/id"
	"forecourt/internal/platform/money"
)

// State is how a choice stands to the car on the page.
type State string

// The states of a choice.
const (
	Chosen   State = "chosen"   // the buyer picked it
	Taken    State = "taken"    // in the car because the picks left it open and it is cheapest so, or because a pick needs it
	Included State = "included" // comes with something else, at no price
	Offered  State = "offered"  // can be picked, all other picks stay
	Blocked  State = "blocked"  // can be picked when others are given up
)

// Page is everything the configure page says about one car.
type Page struct {
	Build  Build
	Picks  Selection // what the buyer picked; the rest of the car is the cheapest that goes with it
	Groups []Section
	Cars   float64 // how many different cars still have all the picks, good to 12 digits
}

// Section is one group with its choices in order.
type Section struct {
	Group   catalogue.Group
	Choices []Choice
}

// Choice is one feature as the page offers it. Next are the picks after picking it, or after leaving it
// out when it is an option in the car; nil when there is nothing to change.
type Choice struct {
	Feature *catalogue.Feature
	State   State
	From    money.Money // on-the-road total of the cheapest car after the click, to the cent
	Delta   money.Money // From less the total of the car on the page
	Next    Selection
	With    []id.Feature // of what is included: what brings it
	Also    []id.Feature // of what is offered: what else comes into the car with it, at a price or in place of something; of what is no option: another version
	Brings  []id.Feature // of a pack: what comes with it
	Saves   bool         // of what was taken: nothing needs it, the car is cheaper with it
	Clash   *Clash       // why picking it, or leaving it out, takes more than one change; Next is its repair
}

// Page prices every choice. What the picks leave open is filled as cheaply as possible; every From is
// the total that the page behind Next shows. Picks that cannot be in one car are refused with the
// *Clash that Complete would answer.
func (mo *Model) Page(s Selection) (Page, error) {
	p, err := mo.picks(s)
	if err != nil {
		return Page{}, err
	}
	k := mo.desk()
	defer mo.done(k)
	if p, err = mo.settleCar(k, p); err != nil {
		return Page{}, err
	}
	car := append([]int32(nil), k.car...)
	b, err := mo.build(car)
	if err != nil {
		return Page{}, err
	}
	v := view{mo: mo, desk: k, picks: p, car: car, total: k.Page(mo.weights)}
	out := Page{Build: b, Picks: mo.selection(p), Cars: math.Round(k.Roughly())}
	for i, f := range mo.features {
		if !mo.buildable(i) {
			continue
		}
		if n := len(out.Groups); n == 0 || out.Groups[n-1].Group != f.Group {
			out.Groups = append(out.Groups, Section{Group: f.Group})
		}
		g := &out.Groups[len(out.Groups)-1]
		g.Choices = append(g.Choices, v.choice(i))
	}
	return out, nil
}

// Car is the car of the page that Page makes of these picks, without the page.
func (mo *Model) Car(s Selection) (Build, error) {
	p, err := mo.picks(s)
	if err != nil {
		return Build{}, err
	}
	k := mo.desk()
	defer mo.done(k)
	if _, err := mo.settleCar(k, p); err != nil {
		return Build{}, err
	}
	return mo.build(k.car)
}

// After are the picks that a click on a choice of the page of s leads to: the Next of its Choice. A feature
// that is asked for and in the car already, or to be left out and not in it, changes nothing.
// It fails with ErrUnknown for what is not sold, and like Page for picks that fit in no car.
func (mo *Model) After(s Selection, f id.Feature, leaving bool) (Selection, error) {
	i, ok := mo.index[f]
	if !ok || !mo.buildable(i) {
		return nil, ErrUnknown.With("feature", printable(string(f)))
	}
	p, err := mo.picks(s)
	if err != nil {
		return nil, err
	}
	k := mo.desk()
	defer mo.done(k)
	if p, err = mo.settleCar(k, p); err != nil {
		return nil, err
	}
	car := append([]int32(nil), k.car...)
	v := view{mo: mo, desk: k, picks: p, car: car, total: k.Page(mo.weights)}
	c := v.choice(i)
	if c.Next == nil || leaving != c.Leaving() {
		return mo.selection(p), nil
	}
	return c.Next, nil
}

// Leaving tells whether a click on the choice leaves something out: an option that the car has.
func (c Choice) Leaving() bool {
	inCar := c.State == Chosen || c.State == Taken
	return inCar && c.Feature.Group == catalogue.Options
}

// settleCar leaves the picks and the cheapest car that keeps them on the desk.
func (mo *Model) settleCar(k *desk, p picks) (picks, error) {
	if p.exact {
		var err error
		if p, err = mo.spellOut(k, p); err != nil {
			return p, err
		}
	}
	k.Clear()
	mo.apply(k, p)
	if k.Cheapest(mo.weights, k.car) >= diagram.Impossible {
		return p, mo.clashAmong(k, p)
	}
	return p, nil
}

// spellOut turns "nothing but these" into options left out by name: those that would make the car
// cheaper, so that completing the picks gives this very car.
func (mo *Model) spellOut(k *desk, p picks) (picks, error) {
	p.exact = false
	if !mo.exactly(k, p) {
		return p, nil // no car as it stands: it is completed like any other
	}
	want := append([]int32(nil), k.car...)
	for {
		k.Clear()
		mo.apply(k, p)
		if k.Cheapest(mo.weights, k.car) >= diagram.Impossible {
			return p, mo.clashAmong(k, p)
		}
		grew := false
		for v, x := range k.car {
			if i := mo.vars[v].values[x].feature; x != want[v] && i >= 0 && mo.vars[v].group == catalogue.Options && want[v] == without {
				p.out, grew = insert(p.out, i), true
			}
		}
		if !grew {
			return p, nil
		}
	}
}

// view is the car that a page is about.
type view struct {
	mo    *Model
	desk  *desk
	picks picks
	car   []int32
	total int64
}

func (v *view) choice(i int) Choice {
	mo := v.mo
	c := Choice{Feature: mo.features[i], State: Offered, From: mo.money(v.total), Delta: mo.money(0)}
	if c.Feature.Pack {
		c.Brings = mo.brought(i)
	}
	option := mo.features[i].Group == catalogue.Options
	pick, out := v.picks.of(mo, mo.at[i])
	switch {
	case !mo.has(v.car, i):
		v.take(&c, i)
	case option && v.car[mo.at[i]] == free:
		c.State, c.With = Included, v.givers(i)
	case pick == i && !out:
		c.State = Chosen
		if option {
			v.leave(&c, i)
		}
	default:
		c.State = Taken
		if option {
			v.leave(&c, i)
			c.Saves = c.Clash == nil && c.Delta.Minor >= 0
		} else {
			c.Next = mo.selection(v.picks.with(mo, i))
		}
	}
	return c
}

// brought names what a feature makes free.
func (mo *Model) brought(i int) []id.Feature {
	var out []id.Feature
	for j := range mo.features {
		if slices.Contains(mo.givers[j], i) {
			out = append(out, mo.code(j))
		}
	}
	return out
}

// givers names what in the car makes a feature free.
func (v *view) givers(i int) []id.Feature {
	var out []id.Feature
	for _, g := range v.mo.givers[i] {
		if v.mo.has(v.car, g) {
			out = append(out, v.mo.code(g))
		}
	}
	return out
}

// take offers a feature that is not in the car.
func (v *view) take(c *Choice, i int) {
	mo := v.mo
	best := v.desk.Best(mo.at[i], mo.values[i]...)
	if best >= diagram.Impossible {
		c.State = Blocked
		v.clash(c, i, false)
		return
	}
	v.lead(c, v.picks.with(mo, i), best)
	v.alsoBrings(c, i)
}

// alsoBrings finds what else changes when a feature is picked, if its price alone is not the whole
// difference: another version, an engine, an option that it needs. Of a paint, a wheel or an engine only
// the version is told: the rest is what the version has.
func (v *view) alsoBrings(c *Choice, i int) {
	mo := v.mo
	group := mo.features[i].Group
	if group == catalogue.Version || group == catalogue.Options && c.Delta.Minor == mo.list.Amounts[mo.code(i)] {
		return
	}
	v.desk.Pick(mo.at[i], mo.values[i]...)
	if v.desk.Cheapest(mo.weights, v.desk.car) < diagram.Impossible {
		for u, x := range v.desk.car {
			val := mo.vars[u].values[x]
			if val.feature >= 0 && val.feature != i && !val.free && !mo.has(v.car, val.feature) &&
				(group == catalogue.Options || mo.features[val.feature].Group == catalogue.Version) {
				c.Also = append(c.Also, mo.code(val.feature))
			}
		}
	}
	mo.restore(v.desk, v.picks, mo.at[i])
}

// leave offers to do without an option that is paid for.
func (v *view) leave(c *Choice, i int) {
	mo := v.mo
	best := v.desk.Best(mo.at[i], mo.rest[i]...)
	if best >= diagram.Impossible {
		v.clash(c, i, true)
		return
	}
	next := v.picks.free(mo, mo.at[i])
	if v.desk.Best(mo.at[i], mo.values[i]...) <= best {
		next = v.picks.but(mo, i) // it would come back by itself
	}
	v.lead(c, next, best)
}

func (v *view) lead(c *Choice, next picks, total int64) {
	c.Next, c.From = v.mo.selection(next), v.mo.money(total)
	c.Delta = c.From.Sub(v.mo.money(v.total))
}

func (v *view) clash(c *Choice, i int, leaving bool) {
	c.Clash = v.mo.clashOf(v.desk, v.picks, i, leaving, v.car)
	c.Next, c.From = c.Clash.Repair, c.Clash.RepairTotal
	if c.Next == nil {
		c.From = v.mo.money(v.total)
	}
	c.Delta = c.From.Sub(v.mo.money(v.total))
}
