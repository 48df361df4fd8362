package stock

import (
	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/pricing"
)

// How much a difference weighs. The weights are tiers: what one tier has in all never outweighs one
// difference of the tier above, so that a car with the right engine in the wrong colour and with
// other extras still comes before a car with another engine.
const (
	weightCore    = 100 // another version or engine
	weightLook    = 20  // another colour, upholstery or wheels
	weightOption  = 3   // an extra that only one of the two has
	mostOptions   = 18  // all extras together
	lookTierLimit = 98  // all looks and extras together
)

// Difference is one thing that two builds do not share. Effects of all differences sum to the
// difference of the totals, to the cent.
type Difference struct {
	Kind   string          // of the line: car, feature or fee
	Group  catalogue.Group // empty for fees
	Has    id.Feature      // what the other car has; empty when it has none
	Lacks  id.Feature      // what the buyer's own has; empty when it has none
	Label  string          // of a fee, and its code
	Fee    string
	Effect int64 // in minor units, on the total
	Comes  bool  // Has comes with something else at no price
}

// Compare names each difference from the buyer's own price to another car's, choices of one group
// as one difference, in the order of the lines.
func Compare(rng *catalogue.Range, own, other pricing.Quote) []Difference {
	mine, theirs := byCode(own), byCode(other)
	var out []Difference
	at := map[catalogue.Group]int{}
	for _, l := range other.Lines {
		was, both := mine[lineKey{l.Kind == pricing.KindFee, l.Code}]
		if both && was.Amount == l.Amount {
			continue
		}
		d := Difference{Kind: l.Kind, Label: l.Label, Fee: l.Code, Effect: l.Amount.Minor - was.Amount.Minor, Comes: l.Included}
		if l.Kind != pricing.KindFee {
			d.Has, d.Group, d.Label, d.Fee = id.Feature(l.Code), groupOf(rng, l.Code), "", ""
			if both {
				d.Lacks = d.Has // in both cars, at another price
			} else if d.Group != catalogue.Options {
				at[d.Group] = len(out)
			}
		}
		out = append(out, d)
	}
	for _, l := range own.Lines {
		if _, both := theirs[lineKey{l.Kind == pricing.KindFee, l.Code}]; both {
			continue
		}
		d := Difference{Kind: l.Kind, Label: l.Label, Fee: l.Code, Effect: -l.Amount.Minor}
		if l.Kind != pricing.KindFee {
			d.Lacks, d.Group, d.Label, d.Fee = id.Feature(l.Code), groupOf(rng, l.Code), "", ""
			if i, ok := at[d.Group]; ok && d.Group != catalogue.Options && out[i].Lacks == "" {
				out[i].Lacks = d.Lacks
				out[i].Effect += d.Effect
				continue
			}
		}
		out = append(out, d)
	}
	return out
}

type lineKey struct {
	fee  bool
	code string
}

func byCode(q pricing.Quote) map[lineKey]pricing.Line {
	out := make(map[lineKey]pricing.Line, len(q.Lines))
	for _, l := range q.Lines {
		out[lineKey{l.Kind == pricing.KindFee, l.Code}] = l
	}
	return out
}

func groupOf(rng *catalogue.Range, code string) catalogue.Group {
	if f, ok := rng.Feature(id.Feature(code)); ok {
		return f.Group
	}
	return catalogue.Options
}

// Distance is how unlike two builds are; zero when a buyer would not see any difference. Taxes and
// what is in both cars at another price do not count: they follow from the rest.
func Distance(ds []Difference) int {
	core, look, options := 0, 0, 0
	for _, d := range ds {
		switch {
		case d.Kind == pricing.KindFee || d.Has == d.Lacks:
		case d.Group == catalogue.Version || d.Group == catalogue.Engine:
			core += weightCore
		case d.Group == catalogue.Options:
			options += weightOption
		default:
			look += weightLook
		}
	}
	return core + min(look+min(options, mostOptions), lookTierLimit)
}
