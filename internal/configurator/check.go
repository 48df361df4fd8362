package configurator

import (
	"slices"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
)

// Check is the gate before an order: it reads the range's own rules again, knowing nothing of the
// compiled form, so that a mistake there can not sell a car that can not be built. A *Clash from here
// has no repair.
func (mo *Model) Check(s Selection) error {
	if err := mo.checkGroups(s); err != nil {
		return err
	}
	rules := mo.rulesInForce()
	car := inCar(s, rules, mo.rng)
	for i := range rules {
		if !holds(&rules[i], car) {
			return &Clash{Rules: []*catalogue.Rule{&rules[i]}}
		}
	}
	for i := range mo.holds {
		if car[mo.holds[i].Feature] {
			return &Clash{Feature: mo.holds[i].Feature, Hold: &mo.holds[i]}
		}
	}
	return nil
}

func (mo *Model) checkGroups(s Selection) error {
	count, seen := map[catalogue.Group]int{}, map[id.Feature]bool{}
	for _, c := range s {
		f, known := mo.rng.Feature(c)
		if _, sold := mo.list.Amounts[c]; !known || !sold {
			return ErrUnknown.With("feature", printable(string(c)))
		}
		if count[f.Group]++; f.Group != catalogue.Options && count[f.Group] > 1 || seen[c] {
			return ErrTwoOfGroup.With("group", string(f.Group))
		}
		seen[c] = true
	}
	for _, g := range catalogue.Groups {
		if g != catalogue.Options && count[g] != 1 {
			return ErrIncomplete
		}
	}
	return nil
}

// rulesInForce lists the rules of the day, reduced to what is sold.
func (mo *Model) rulesInForce() []catalogue.Rule {
	var out []catalogue.Rule
	for _, r := range mo.rng.Rules {
		if !r.AppliesAt(mo.market.Code, mo.day) {
			continue
		}
		r.Any = slices.DeleteFunc(slices.Clone(r.Any), func(c id.Feature) bool {
			_, known := mo.rng.Feature(c)
			_, sold := mo.list.Amounts[c]
			return !known || !sold
		})
		out = append(out, r)
	}
	return out
}

// inCar adds what comes with the picks until nothing more comes. Features of groups of one choice do
// not come by themselves: they are picked.
func inCar(s Selection, rules []catalogue.Rule, rng *catalogue.Range) map[id.Feature]bool {
	car := map[id.Feature]bool{}
	for _, c := range s {
		car[c] = true
	}
	for grew := true; grew; {
		grew = false
		for _, r := range rules {
			if !car[r.If] || r.Kind != catalogue.Includes && r.Kind != catalogue.Standard {
				continue
			}
			for _, c := range r.Any {
				if f, _ := rng.Feature(c); f.Group == catalogue.Options && !car[c] {
					car[c], grew = true, true
				}
			}
		}
	}
	return car
}

// holds tells whether a car keeps a rule.
func holds(r *catalogue.Rule, car map[id.Feature]bool) bool {
	in := func(c id.Feature) bool { return car[c] }
	switch {
	case r.Kind == catalogue.OnlyWith:
		return slices.ContainsFunc(r.Rows, func(row catalogue.Row) bool { return rowFits(r.Of, row, car) })
	case !car[r.If]:
		return true
	case r.Kind == catalogue.Requires:
		return slices.ContainsFunc(r.Any, in)
	case r.Kind == catalogue.Excludes:
		return !slices.ContainsFunc(r.Any, in)
	case r.Kind == catalogue.Includes:
		return !slices.ContainsFunc(r.Any, func(c id.Feature) bool { return !car[c] })
	}
	return true // what is standard is free when chosen
}

func rowFits(of []string, row catalogue.Row, car map[id.Feature]bool) bool {
	for c, cell := range row {
		if len(cell) > 0 && !slices.ContainsFunc(cell, func(x id.Feature) bool { return car[x] }) &&
			(car[id.Feature(of[c])] || !cell.Fits(catalogue.Without)) {
			return false
		}
	}
	return true
}
