package storefront

import (
	"cmp"
	"slices"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
)

// wishes are the answers of the guided choice. Empty means: does not matter.
type wishes struct {
	Budget  int64 // minor units, on the road
	Seats   int
	Where   string // town, mixed, motorway, snow
	Fuel    string // petrol, electric, lpg
	Home    string // yes, no: a charger at home
	Gearbox string // automatic, manual
	Must    []string
}

// suitor is one car that the guide may show: the cheapest with one engine of one model that meets as
// many of the wishes as that model can. Lacks are the wishes that it cannot meet.
type suitor struct {
	Model  id.Model
	Order  int // of the model in the range
	Body   string
	Engine catalogue.EngineFacts
	Total  int64
	Lacks  []string
}

// mostPicks is how many cars the guide shows.
const mostPicks = 3

// rank chooses what the guide shows, as indices into all.
//
// Picks meet every hard need: nothing lacks and the budget holds. They stand by fit, then by price,
// then as the range is ordered. Each model is heard once before another engine of the same model is:
// three engines of one car are no choice.
//
// Near ones miss something and fill up what the picks leave of three: one of each model, the least
// missed first (see missed), then by price.
func rank(w wishes, all []suitor) (picks, near []int) {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareSuitors(w, &all[a], &all[b]) })
	first := map[id.Model]bool{}
	var again []int
	for _, i := range order {
		seen := first[all[i].Model]
		first[all[i].Model] = true
		switch {
		case missed(w, &all[i]) == 0 && !seen:
			picks = append(picks, i)
		case missed(w, &all[i]) == 0:
			again = append(again, i)
		case !seen:
			near = append(near, i)
		}
	}
	if len(picks) < mostPicks {
		picks = append(picks, again...)
	}
	picks = picks[:min(len(picks), mostPicks)]
	return picks, near[:min(len(near), mostPicks-len(picks))]
}

func compareSuitors(w wishes, a, b *suitor) int {
	return cmp.Or(
		cmp.Compare(missed(w, a), missed(w, b)),
		cmp.Compare(fit(w, b), fit(w, a)),
		cmp.Compare(a.Total, b.Total),
		cmp.Compare(a.Order, b.Order))
}

// missed weighs what a car does not meet. A wish weighs 10; money weighs 1 for every 2 % above the
// budget. So a car that is up to 18 % too dear is nearer than one that lacks something.
func missed(w wishes, s *suitor) int64 {
	n := 10 * int64(len(s.Lacks))
	if over := s.Total - w.Budget; w.Budget > 0 && over > 0 {
		n += 1 + over*50/w.Budget
	}
	return n
}

// fit says how well a car suits the kind of driving, in points. It never outweighs a hard need.
func fit(w wishes, s *suitor) int {
	return drivingFit(w.Where, s) + chargingFit(w, s)
}

func drivingFit(where string, s *suitor) int {
	e := s.Engine
	switch where {
	case "town": // short, easy to drive, clean where people live
		return points(2, short(s.Body)) + points(1, e.Gearbox == "automatic") + points(1, e.Fuel == "electric" || e.Fuel == "hybrid" || e.Fuel == "plugin")
	case "mixed": // saves in town, keeps up outside
		return points(1, e.Fuel == "hybrid" || e.Fuel == "plugin" || e.RangeKm >= 300) + points(1, e.KW >= 70)
	case "motorway": // power to join and range to stay
		return points(2, e.KW >= 95) + points(1, e.KW >= 75) - points(3, e.Fuel == "electric" && e.RangeKm < 350)
	case "snow":
		return points(3, e.Drive == "awd") + points(1, raised(s.Body))
	}
	return 0
}

// chargingFit counts only when the buyer said whether there is a charger at home.
func chargingFit(w wishes, s *suitor) int {
	plug := points(2, s.Engine.Fuel == "electric") + points(1, s.Engine.Fuel == "plugin")
	switch w.Home {
	case "yes":
		return plug
	case "no":
		return -plug
	}
	return 0
}

func short(body string) bool {
	return body == "city" || body == "stepway" || body == "supermini" || strings.HasPrefix(body, "hatch")
}

func raised(body string) bool {
	return strings.HasPrefix(body, "suv") || body == "coupe-suv" || body == "stepway"
}

func roomy(body string) bool {
	return body == "estate" || strings.HasPrefix(body, "van") || body == "suv-large" || body == "suv-ev"
}

func points(n int, when bool) int {
	if when {
		return n
	}
	return 0
}

// relief is the cheapest car that fits when one wish is given up.
type relief struct {
	Wish  string
	Car   int // index into the suitors without the wish
	Total int64
}

// dearest is the wish that costs most: without it the cheapest car is cheaper than without any other.
// now is the cheapest car with all wishes, zero when there is none; a wish that saves nothing on it is
// not to blame.
func dearest(now int64, rs []relief) (relief, bool) {
	var best relief
	found := false
	for _, r := range rs {
		if (now == 0 || r.Total < now) && (!found || r.Total < best.Total) {
			best, found = r, true
		}
	}
	return best, found
}

// cheapestWhole is the cheapest car that lacks nothing, whatever the budget.
func cheapestWhole(all []suitor) (int, bool) {
	best := -1
	for i := range all {
		if len(all[i].Lacks) == 0 && (best < 0 || all[i].Total < all[best].Total) {
			best = i
		}
	}
	return best, best >= 0
}

// budgetSteps are the amounts that the budget question offers, in minor units: round ones, from the
// first that buys a car to the first that buys the dearest model with something on top.
func budgetSteps(cheapest, dearest int64) []int64 {
	step, top := int64(1000_00), dearest+dearest/5
	for _, next := range []int64{2000_00, 2500_00, 5000_00, 10_000_00} {
		if (top-cheapest)/step >= 9 {
			step = next
		}
	}
	for (top-cheapest)/step >= 9 {
		step *= 2
	}
	var out []int64
	for a := (cheapest + step - 1) / step * step; len(out) < 10; a += step {
		out = append(out, a)
		if a >= top {
			break
		}
	}
	return out
}
