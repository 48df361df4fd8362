package energylabel

import (
	"forecourt/internal/catalogue"
	"forecourt/internal/market"
)

// Label is a car's own label.
type Label struct {
	Class      int  // place in the market's classes; -1 where there are none
	EmptyClass int  // a plug-in hybrid's with an empty battery; -1 where none is asked for or known
	Priced     bool // the law wants a year's cost
	YearMinor  int64
	Litre      int64 // the price counted with, 0 for an engine that burns nothing
	KWh        int64
	Carbon     []Carbon
}

// Carbon is what ten years' CO2 costs on one path of its price.
type Carbon struct {
	Path              string
	Tonne, TotalMinor int64
}

// Of computes the label of an engine. metres are those of the law's year.
func Of(l market.EnergyLabel, e *catalogue.EngineFacts, metres int64) Label {
	out := Label{Class: ClassOf(l.Classes, e.CO2), EmptyClass: -1, Priced: l.Yearly > 0}
	if l.Empty && e.Fuel == "plugin" && e.CO2Empty > 0 {
		out.EmptyClass = ClassOf(l.Classes, e.CO2Empty)
	}
	if !out.Priced {
		return out
	}
	if e.Litres100 > 0 {
		out.Litre = litre(l.Prices, e.Fuel)
	}
	if e.KWh100 > 0 {
		out.KWh = l.Prices.KWh
	}
	out.YearMinor = halfUp(metres*(e.Litres100*out.Litre+e.KWh100*out.KWh), 1000*100*10)
	for _, p := range l.Paths {
		// ten years of grams per km, a million grams in a tonne
		out.Carbon = append(out.Carbon, Carbon{p.Path, p.Tonne, halfUp(10*metres*e.CO2*p.Tonne, 1000*1_000_000)})
	}
	return out
}

// ClassOf is the place of a figure in the classes; the last one is open.
func ClassOf(classes []market.CO2Class, co2 int64) int {
	for i, c := range classes {
		if i == len(classes)-1 || co2 <= c.UpTo {
			return i
		}
	}
	return -1
}

// Metres are those of the label's year.
func Metres(l market.EnergyLabel, distance string) int64 {
	if distance == "mi" {
		return halfUp(l.Yearly*1_609_344, 1000)
	}
	return l.Yearly * 1000
}

func litre(p market.EnergyPrices, fuel string) int64 {
	switch fuel {
	case "diesel":
		return p.Diesel
	case "lpg":
		return p.LPG
	}
	return p.Petrol
}

func halfUp(n, d int64) int64 { return (n + d/2) / d }
