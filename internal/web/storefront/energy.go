package storefront

import (
	"fmt"

	"forecourt/internal/catalogue"
	"forecourt/internal/energylabel"
	"forecourt/internal/market"
	"forecourt/internal/web"
)

// Energy is a car's energy label, ready to draw. What the drawing shows stands in Rows too.
type Energy struct {
	Title  string
	Alt    string
	Folded string // of a folded label: its title, with the class in words when it has one
	Height int
	Scale  []EnergyArrow // none in a market without classes
	Rows   []Fact
	Note   string
}

// EnergyArrow is a class of the scale: longer and redder the more CO2.
type EnergyArrow struct {
	Letter, Band, Points, Fill string
	Text                       int // baseline
	Mark, EmptyMark            string
}

// The fills carry black text at a contrast of 4.5 or more, on paper and on any screen.
var energyFills = []string{"#3fae5a", "#74bf4b", "#b9d53f", "#f6e13a", "#f9bd3b", "#f29147", "#ee7a70"}

// energyOf makes the label of an engine as the market's law of the day wants it; nil without one.
func energyOf(b web.Base, s *shop, name string, e *catalogue.EngineFacts) *Energy {
	law, ok := s.market.LabelAt(s.day)
	if !ok || e == nil {
		return nil
	}
	metres := energylabel.Metres(law, s.market.Distance)
	l := energylabel.Of(law, e, metres)
	grams := func(n int64) string { return b.T("storefront.unit.co2", "N", b.P.Int(n)) }
	out := &Energy{Title: b.T("storefront.label.title"), Note: b.T("storefront.label.note"), Height: 26*len(law.Classes) + 8,
		Rows: []Fact{{b.T("storefront.group.engine"), name}}}
	out.Folded = out.Title
	if l.Class >= 0 {
		out.scale(b, law, l, grams(e.CO2))
	}
	out.Rows = append(out.Rows, Fact{b.T("storefront.fact.co2"), grams(e.CO2)})
	if l.EmptyClass >= 0 {
		out.Rows = append(out.Rows, Fact{b.T("storefront.label.co2_empty"), grams(e.CO2Empty)})
	}
	out.use(b, e)
	out.costs(b, s, l, metres)
	return out
}

// scale draws the classes and says the same in words.
func (y *Energy) scale(b web.Base, law market.EnergyLabel, l energylabel.Label, co2 string) {
	last := len(law.Classes) - 1
	letter := law.Classes[l.Class].Letter
	y.Alt = b.T("storefront.label.alt", "Class", letter, "First", law.Classes[0].Letter, "Last", law.Classes[last].Letter, "CO2", co2)
	y.Folded = b.Pair(y.Title, b.T("storefront.label.advert", "CO2", co2, "Class", letter))
	y.Rows = append(y.Rows, Fact{b.T("storefront.label.class"), letter})
	if l.EmptyClass >= 0 {
		empty := Fact{b.T("storefront.label.class_empty"), law.Classes[l.EmptyClass].Letter}
		y.Rows = append(y.Rows, empty)
		y.Alt += ". " + b.Pair(empty.Label, empty.Value)
	}
	for i := range law.Classes {
		a := arrow(i, last, law.Classes[i].Letter, l)
		a.Band = b.T("storefront.unit.co2", "N", band(law.Classes, i))
		y.Scale = append(y.Scale, a)
	}
}

// band writes a class's figures: "0", "96-115", "176+".
func band(classes []market.CO2Class, i int) string {
	var from int64
	if i > 0 {
		from = classes[i-1].UpTo + 1
	}
	switch to := classes[i].UpTo; {
	case i == len(classes)-1:
		return fmt.Sprintf("%d+", from)
	case from == to:
		return fmt.Sprint(to)
	default:
		return fmt.Sprintf("%d-%d", from, to)
	}
}

// use lists both figures of a plug-in hybrid, one of all others.
func (y *Energy) use(b web.Base, e *catalogue.EngineFacts) {
	if use := consumption(b, e); use != "" {
		y.Rows = append(y.Rows, Fact{b.T("storefront.fact.consumption"), use})
	}
	if e.Litres100 > 0 && e.KWh100 > 0 {
		plug := *e
		plug.Litres100 = 0
		y.Rows = append(y.Rows, Fact{b.T("storefront.label.electricity"), consumption(b, &plug)})
	}
}

func (y *Energy) costs(b web.Base, s *shop, l energylabel.Label, metres int64) {
	if !l.Priced {
		return
	}
	money := func(minor int64) string { return b.Money(s.market.Amount(minor)) }
	y.Rows = append(y.Rows, Fact{b.T("storefront.label.year", "Distance", b.Distance(metres)), money(l.YearMinor)})
	if l.Litre > 0 {
		y.Rows = append(y.Rows, Fact{b.T("storefront.label.litre"), money(l.Litre)})
	}
	if l.KWh > 0 {
		y.Rows = append(y.Rows, Fact{b.T("storefront.label.kwh"), money(l.KWh)})
	}
	for _, c := range l.Carbon {
		y.Rows = append(y.Rows, Fact{b.T("storefront.label.carbon_"+c.Path, "Price", money(c.Tonne)), money(c.TotalMinor)})
	}
}

// arrow draws class i; the car's own class has a black mark at its right, with an empty battery a second.
func arrow(i, last int, letter string, l energylabel.Label) EnergyArrow {
	y, w := 4+26*i, 120+110*i/max(1, last)
	a := EnergyArrow{Letter: letter, Text: y + 16, Fill: energyFills[i*(len(energyFills)-1)/max(1, last)],
		Points: fmt.Sprintf("4,%d %d,%d %d,%d %d,%d 4,%d", y, w, y, w+11, y+11, w, y+22, y+22)}
	mark := func(x int) string {
		return fmt.Sprintf("%d,%d %d,%d %d,%d %d,%d %d,%d", x, y+11, x+11, y, x+46, y, x+46, y+22, x+11, y+22)
	}
	if i == l.Class {
		a.Mark = mark(250)
	}
	if i == l.EmptyClass {
		a.EmptyMark = mark(304)
	}
	return a
}

// classWords says CO2 with the class where the law wants it in advertisements; empty elsewhere.
func classWords(b web.Base, s *shop, e *catalogue.EngineFacts) string {
	law, ok := s.market.LabelAt(s.day)
	if !ok || !law.Adverts || e == nil {
		return ""
	}
	i := energylabel.ClassOf(law.Classes, e.CO2)
	if i < 0 {
		return ""
	}
	words := b.T("storefront.label.advert", "CO2", b.T("storefront.unit.co2", "N", b.P.Int(e.CO2)), "Class", law.Classes[i].Letter)
	if law.Empty && e.CO2Empty > 0 {
		words += ". " + b.Pair(b.T("storefront.label.class_empty"), law.Classes[energylabel.ClassOf(law.Classes, e.CO2Empty)].Letter)
	}
	return words
}

func sampleEnergy() *Energy {
	return &Energy{Title: "Label", Alt: "CO2 class A", Folded: "Label: class A", Height: 34, Scale: []EnergyArrow{{"A", "0", "0,0 1,1", "#fff", 16, "0,0 1,1", "0,0 1,1"}}, Rows: []Fact{{"CO2", "0 g/km"}}, Note: "WLTP"}
}
