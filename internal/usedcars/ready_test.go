package usedcars

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"forecourt/internal/market"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// ready is a car that lacks nothing by these terms.
func ready() (*Whole, market.Used) {
	terms := market.Used{Photos: 2, PastDays: 30, Checklist: []string{"tyres", "brakes"}}
	return &Whole{Shown: Shown{Car: &Car{PriceMinor: 1_000_000, Km: 20, AskedAt: noon}}, Photos: []Photo{{Alt: "Front"}, {Alt: "Rear"}}, Answers: Answers{"tyres": {Said: Disclosed, Words: "3 mm"}, "brakes": {Said: Pass}},
		Past: &Past{At: noon}, Kms: []Reading{{Km: 10}, {Km: 10}, {Km: 20}}}, terms
}

func TestOneFunctionSaysAllThatIsMissing(t *testing.T) {
	t.Parallel()
	if w, terms := ready(); len(Missing(w, terms, noon)) > 0 {
		t.Fatalf("a ready car lacks %v", Missing(w, terms, noon))
	}
	for want, spoil := range map[string]func(w *Whole, terms *market.Used){
		"price":            func(w *Whole, _ *market.Used) { w.PriceMinor = 0 },
		"photos":           func(w *Whole, _ *market.Used) { w.Photos = w.Photos[:1] },
		"alt":              func(w *Whole, _ *market.Used) { w.Photos[1].Alt = "" },
		"points":           func(w *Whole, _ *market.Used) { delete(w.Answers, "tyres") },
		"failed":           func(w *Whole, _ *market.Used) { w.Answers["brakes"] = Answer{Said: Fail} },
		"past":             func(w *Whole, _ *market.Used) { w.Past, w.AskedAt = nil, time.Time{} },
		"past_waits":       func(w *Whole, _ *market.Used) { w.Past = nil },
		"past_old":         func(w *Whole, _ *market.Used) { w.Past.At = noon.AddDate(0, 0, -30) },
		"flag_finance":     func(w *Whole, _ *market.Used) { w.Past.Finance = true },
		"flag_written_off": func(w *Whole, _ *market.Used) { w.Past.WrittenOff = "S" },
		"flag_stolen":      func(w *Whole, _ *market.Used) { w.Past.Stolen = true },
		"flag_falls":       func(w *Whole, _ *market.Used) { w.Km = 19 },
	} {
		w, terms := ready()
		spoil(w, &terms)
		var got []string
		for _, l := range Missing(w, terms, noon) {
			got = append(got, l.Code)
		}
		if !slices.Equal(got, []string{want}) {
			t.Errorf("it lacks %v, not %s", got, want)
		}
	}
	w, terms := ready()
	if w.Kms[1].Km, w.Explained = 9, "The instruments were replaced."; len(Missing(w, terms, noon)) > 0 {
		t.Errorf("an odometer that was explained: it lacks %v", Missing(w, terms, noon))
	}
	if lacks := Missing(&Whole{Shown: Shown{Car: &Car{PriceMinor: 1_000_000}}}, market.Used{}, noon); len(lacks) != 0 {
		t.Errorf("by terms that ask for nothing it lacks %v", lacks)
	}
	if lacks := Missing(&Whole{Shown: Shown{Car: &Car{}}}, market.Used{Photos: 2, PastDays: 30, Checklist: []string{"tyres"}}, noon); len(lacks) != 4 {
		t.Errorf("of a car of which nothing is known it says %v", lacks)
	}
}

// What is said as before keeps who said it first; what is said anew has its own name and day.
func TestAnswersKeepWhoGaveThem(t *testing.T) {
	t.Parallel()
	was := Answers{"tyres": {Said: Pass, By: "Owen", On: "2026-11-01"}, "brakes": {Said: Pass, By: "Owen", On: "2026-11-01"}}
	now := was.With(Answers{"tyres": {Said: Pass, By: "Maud", On: "2026-11-20"}, "brakes": {Said: Fail, Words: "worn", By: "Maud", On: "2026-11-20"}})
	if now["tyres"] != was["tyres"] || now["brakes"].By != "Maud" || now.Last() != "2026-11-20" {
		t.Errorf("it is said %v", now)
	}
}

// The simulated register says the same of a VIN each time, finds something wrong with a few of a hundred cars, and its line of an
// odometer falls only where it says that somebody turned it back.
func TestTheSimulatedRegisterDependsOnTheVIN(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for i := range 4000 {
		q := Asked{VIN: fmt.Sprintf("VF1RJU00X24%06d", i), Registered: "2020-05-04", Km: 60_000, Owners: 2, On: "2026-11-24"}
		r, err := SimulatedRegister{}.Look(t.Context(), q)
		again, _ := SimulatedRegister{}.Look(t.Context(), q)
		if err != nil || !reflect.DeepEqual(r, again) || r.Source == "" || r.Reference == "" {
			t.Fatalf("%s: %+v, then %+v, %v", q.VIN, r, again, err)
		}
		flags := Flags(&Past{Report: r}, append(r.Readings, Reading{"2026-11-24", 60_000, "dealer"}), false)
		for _, f := range flags {
			count[f]++
		}
		if len(flags) > 0 {
			count["any"]++
		}
	}
	for _, f := range []string{FlagFinance, FlagWritten, FlagStolen, FlagFalls} {
		if count[f] == 0 {
			t.Errorf("of 4000 cars none has %s", f)
		}
	}
	if count["any"] < 80 || count["any"] > 400 {
		t.Errorf("%d of 4000 cars have a flag: %v", count["any"], count)
	}
}

// A car that went to its buyer and came back has readings beyond its own: they do not make it one whose odometer was turned back.
func TestACarThatWentOnHasNoRedFlagForIt(t *testing.T) {
	t.Parallel()
	for st, want := range map[State]int{Listed: 1, Gone: 0, Returned: 0} {
		w, _ := ready()
		w.State, w.Kms = st, append(w.Kms, Reading{Km: 600})
		if got := w.Flags(); len(got) != want {
			t.Errorf("a %s car has %v", st, got)
		}
	}
	w, _ := ready()
	w.State, w.Kms = Returned, []Reading{{Km: 600}, {Km: 10}}
	if got := w.Flags(); !slices.Equal(got, []string{FlagFalls}) {
		t.Errorf("readings that fall are %v", got)
	}
}

func TestATourNeedsPicturesAroundTheCar(t *testing.T) {
	t.Parallel()
	var ps []Photo
	for i, a := range []string{"boot", "rear_left", "", "front_left", "side_left", "front_left"} {
		ps = append(ps, Photo{Place: i + 1, Angle: a})
	}
	if got := Around(ps); got != nil {
		t.Errorf("three sides are a tour: %+v", got)
	}
	var places []int
	for _, p := range Around(append(ps, Photo{Place: 7, Angle: "front_right"})) {
		places = append(places, p.Place)
	}
	if !slices.Equal(places, []int{4, 5, 2, 7}) {
		t.Errorf("the tour goes %v", places)
	}
}
