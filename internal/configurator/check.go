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
	list, ok := mo.rng.PricesAt(mo.market.Code, mo.day)
	if !ok {
		return ErrIncomplete
	}
	if err := mo.checkGroups(s, list); err != nil {
		return err
	}
	rules := mo.rulesInForce(list)
	car := inCar(s, rules, mo.rng)
	for _, r := range rules {
		if !car[r.If] {
			continue
		}
		if err := checkRule(r, car); err != nil {
			return err
		}
	}
	return nil
}

func (mo *Model) checkGroups(s Selection, list *catalogue.PriceList) error {
	count, seen := map[catalogue.Group]int{}, map[id.Feature]bool{}
	for _, c := range s {
		f, known := mo.rng.Feature(c)
		if _, sold := list.Amounts[c]; !known || !sold {
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
func (mo *Model) rulesInForce(list *catalogue.PriceList) []catalogue.Rule {
	var out []catalogue.Rule
	for _, r := range mo.rng.Rules {
		if !r.AppliesAt(mo.market.Code, mo.day) {
			continue
		}
		r.Any = slices.DeleteFunc(slices.Clone(r.Any), func(c id.Feature) bool {
			_, known := mo.rng.Feature(c)
			_, sold := list.Amounts[c]
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

func checkRule(r catalogue.Rule, car map[id.Feature]bool) error {
	clash := &Clash{Rule: r.Kind, A: r.If, Because: r.Because}
	met := false
	for _, c := range r.Any {
		met = met || car[c]
		if r.Kind == catalogue.Excludes && car[c] || r.Kind == catalogue.Includes && !car[c] {
			clash.B = c
			return clash
		}
	}
	if r.Kind == catalogue.Requires && !met {
		if len(r.Any) > 0 {
			clash.B = r.Any[0]
		}
		return clash
	}
	return nil
}
