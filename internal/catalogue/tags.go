package catalogue

import (
	"slices"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

// Tags lists the words a range may be found by, in the order people read them.
var Tags = []string{"new", "electric", "hybrid", "lpg", "awd", "automatic", "seven_seats"}

// TagsIn are the tags that hold in a market on a day: a tag that rests on an engine drops out where
// no such engine has a price, so that nobody is promised a car that is not sold there.
func (r *Range) TagsIn(m id.Market, d market.Date) []string {
	prices, ok := r.PricesAt(m, d)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.Tags), func(tag string) bool {
		return onEngine(tag) && !slices.ContainsFunc(r.Features, func(f Feature) bool {
			_, sold := prices.Amounts[f.Code]
			return sold && f.Engine != nil && f.Engine.has(tag)
		})
	})
}

func onEngine(tag string) bool {
	return tag != "new" && tag != "seven_seats"
}

// has tells whether an engine earns its range a tag.
func (e *EngineFacts) has(tag string) bool {
	switch tag {
	case "electric", "lpg":
		return e.Fuel == tag
	case "hybrid":
		return e.Fuel == "hybrid" || e.Fuel == "plugin"
	case "awd":
		return e.Drive == "awd"
	case "automatic":
		return e.Gearbox == "automatic"
	default:
		return false
	}
}
