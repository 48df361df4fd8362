package storefront

import (
	"net/url"
	"reflect"
	"slices"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
)

func suits(model string, total int64, e catalogue.EngineFacts, lacks ...string) suitor {
	body := map[string]string{"spring": "city", "sandero": "hatch", "duster": "suv", "jogger": "estate"}[model]
	order := slices.Index([]string{"spring", "sandero", "duster", "jogger"}, model)
	return suitor{Model: id.Model(model), Order: order, Body: body, Engine: e, Total: total * 100, Lacks: lacks}
}

// Hard needs come first, then fit, then price, then the order of the range; each model is heard once
// before a second engine of the same model.
func TestRank(t *testing.T) {
	t.Parallel()
	petrol := catalogue.EngineFacts{Fuel: "petrol", KW: 66, Gearbox: "manual", Drive: "fwd"}
	strong := catalogue.EngineFacts{Fuel: "petrol", KW: 103, Gearbox: "manual", Drive: "fwd"}
	four := catalogue.EngineFacts{Fuel: "petrol", KW: 96, Gearbox: "manual", Drive: "awd"}
	hybrid := catalogue.EngineFacts{Fuel: "hybrid", KW: 115, Gearbox: "automatic", Drive: "fwd"}
	electric := catalogue.EngineFacts{Fuel: "electric", KW: 52, RangeKm: 225, Gearbox: "automatic", Drive: "fwd"}
	all := []suitor{suits("spring", 15_700, electric), suits("sandero", 15_000, petrol), suits("duster", 21_000, strong), suits("duster", 23_000, four), suits("jogger", 19_800, petrol)}
	for name, x := range map[string]struct {
		w           wishes
		all         []suitor
		picks, near []int
	}{
		"no answers: the lowest prices":             {wishes{}, all, []int{1, 0, 4}, nil},
		"town: the short clean automatic one":       {wishes{Where: "town"}, all, []int{0, 1, 4}, nil},
		"motorway: power, and range for electric":   {wishes{Where: "motorway"}, all, []int{2, 1, 4}, nil},
		"snow: four driven wheels before the price": {wishes{Where: "snow"}, all, []int{3, 1, 0}, nil},
		"a charger at home counts":                  {wishes{Home: "yes"}, all, []int{0, 1, 4}, nil},
		"and its absence too":                       {wishes{Home: "no"}, all, []int{1, 4, 2}, nil},
		"a budget is a hard need":                   {wishes{Budget: 15_500_00, Where: "town"}, all, []int{1}, []int{0, 4}},
		"exactly the budget still fits":             {wishes{Budget: 15_000_00}, all, []int{1}, []int{0, 4}},
		"a second engine fills up what is left": {wishes{Fuel: "petrol"}, []suitor{suits("duster", 21_000, strong), suits("duster", 23_000, hybrid), suits("duster", 24_000, four), suits("jogger", 25_000, petrol)},
			[]int{0, 3, 1}, nil},
		"what lacks something never is a pick, however cheap and fitting": {wishes{Where: "town", Seats: 7},
			[]suitor{suits("spring", 10_000, electric, "seats"), suits("jogger", 30_000, petrol)}, []int{1}, []int{0}},
		"a little too dear is nearer than one that lacks a need": {wishes{Budget: 20_000_00, Seats: 7},
			[]suitor{suits("sandero", 15_000, petrol, "seats"), suits("jogger", 22_000, petrol)}, nil, []int{1, 0}},
		"much too dear is not": {wishes{Budget: 10_000_00, Seats: 7},
			[]suitor{suits("sandero", 9_000, petrol, "seats"), suits("jogger", 15_000, petrol)}, nil, []int{0, 1}},
		"one missing wish before two": {wishes{Fuel: "electric", Seats: 7},
			[]suitor{suits("sandero", 9_000, petrol, "seats", "fuel"), suits("jogger", 19_000, petrol, "fuel")}, nil, []int{1, 0}},
		"equal in all: as the range is ordered": {wishes{}, []suitor{suits("jogger", 1, petrol), suits("duster", 1, petrol)}, []int{1, 0}, nil},
		"nothing is sold":                       {wishes{}, nil, nil, nil},
	} {
		picks, near := rank(x.w, x.all)
		if !slices.Equal(picks, x.picks) || !slices.Equal(near, x.near) {
			t.Errorf("%s: picks %v near %v, want %v and %v", name, picks, near, x.picks, x.near)
		}
	}
}

func TestTheWishThatCostsMost(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		now  int64
		rs   []relief
		want string
	}{
		"the one without which it is cheapest": {30_000, []relief{{"tow", 0, 29_000}, {"gearbox", 0, 24_000}, {"warm", 0, 29_700}}, "gearbox"},
		"none saves anything":                  {30_000, []relief{{"tow", 0, 30_000}, {"warm", 0, 31_000}}, ""},
		"no car with all: the cheapest way":    {0, []relief{{"seats", 0, 40_000}, {"fuel", 0, 22_000}}, "fuel"},
		"nothing helps":                        {0, nil, ""},
	} {
		if r, ok := dearest(x.now, x.rs); r.Wish != x.want || ok != (x.want != "") {
			t.Errorf("%s: %q %v", name, r.Wish, ok)
		}
	}
}

func TestBudgetSteps(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ lo, hi int64 }{{15_034_00, 26_000_00}, {20_000_00, 43_000_00}, {15_714_00, 15_714_00}, {100, 900_000_00}} {
		steps := budgetSteps(x.lo, x.hi)
		if len(steps) == 0 || len(steps) > 10 || steps[0] < x.lo || steps[len(steps)-1] < x.hi {
			t.Errorf("%v: %v", x, steps)
		}
		for i, s := range steps {
			if s%500_00 != 0 || i > 0 && s <= steps[i-1] {
				t.Errorf("%v: step %d", x, s)
			}
		}
	}
	if got := budgetSteps(15_034_00, 26_000_00); !slices.Equal(got[:3], []int64{16_000_00, 18_000_00, 20_000_00}) {
		t.Errorf("steps of Dacia: %v", got)
	}
}

func TestWishesSurviveTheirAddress(t *testing.T) {
	t.Parallel()
	w := wishes{Budget: 23_000_00, Seats: 7, Where: "snow", Fuel: "lpg", Home: "no", Gearbox: "manual", Must: []string{"tow", "warm"}}
	got, errs := readWishes(w.query())
	if errs.Any() || !reflect.DeepEqual(got, w) {
		t.Errorf("%+v became %+v, %v", w, got, errs)
	}
	if hard := w.hard(); !slices.Equal(hard, []string{"seats", "where", "fuel", "gearbox", "tow", "warm"}) {
		t.Errorf("hard wishes: %v", hard)
	}
	for _, key := range w.hard() {
		if slices.Contains(w.without(key).hard(), key) || len(w.without(key).hard()) != 5 {
			t.Errorf("without %s: %v", key, w.without(key).hard())
		}
	}
	for _, bad := range []string{"budget=abc", "budget=-1", "budget=0", "budget=99999999999999999999", "seats=9", "where=moon", "fuel=coal", "home=maybe", "gearbox=x", "must=wings"} {
		q, _ := url.ParseQuery(bad)
		if w, errs := readWishes(q); !errs.Any() || !w.empty() {
			t.Errorf("%s: %+v %v", bad, w, errs)
		}
	}
}
