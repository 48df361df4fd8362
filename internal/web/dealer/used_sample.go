package dealer

import (
	"time"

	"forecourt/internal/market"
	"forecourt/internal/platform/photo"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"
)

// sampleUsedCar is a car of which every part says something, right and wrong.
func sampleUsedCar(b Page, s site) *UsedCarPage {
	shot := usedcars.Photo{ID: "0198a000-0000-7000-8000-0000000000aa", Place: 1, Angle: "boot", Cut: 1, Frame: photo.Middle, Wide: 1280}
	w := &usedcars.Whole{Shown: usedcars.Shown{Car: &usedcars.Car{ID: "U-7K2M9X", Brand: "renault", Market: "gb", Make: "Renault", Model: "Zoe", Version: "Techno", VIN: "VF1RJU00X247K2M9X", Fuel: "electric", Registered: "2021-03-04",
		Km: 12_000, State: usedcars.Draft, PriceMinor: 1_390_000, AskedAt: sampleNow.Add(time.Hour), Battery: usedcars.Battery{Pct: 91, How: "maker", On: "2026-11-02"}}},
		Photos: []usedcars.Photo{shot, {ID: "0198a000-0000-7000-8000-0000000000ab", Place: 2, Alt: "The boot", Cut: 1, Frame: photo.Middle, Wide: 640}},
		Faults: []usedcars.Fault{{Seq: 1, Panel: "roof", Kind: "dent", MM: 12, Words: "above the door", Photo: &shot, Added: sampleNow}},
		Kms:    []usedcars.Reading{{On: "2024-03-04", Km: 20_000, Source: "service"}, {On: "2026-03-04", Km: 11_000, Source: "service"}}, Answers: usedcars.Answers{"tyres": {Said: usedcars.Disclosed, Words: "3 mm", By: "Owen Pryce", On: "2026-11-02"}},
		Past: &usedcars.Past{Report: usedcars.Report{Source: "Register", Finance: true, WrittenOff: "S", Stolen: true, Owners: 2}, At: sampleNow}}
	terms := market.Used{Photos: 6, PastDays: 30, Checklist: []string{"tyres", "brakes"}}
	p := &UsedCarPage{Page: b, Inspector: "Anna Whitcombe"}
	p.fill(s, w, terms, usedcars.Missing(w, terms, sampleNow), []usedcars.FaultNote{{Act: "added", Fault: w.Faults[0], At: sampleNow}})
	p.Doubt = true
	p.lives([]usedcars.Life{{Car: "U-7K2M9Y", To: usedcars.Returned, At: sampleNow}})
	p.Past.May, p.Past.None, p.Past.Said = true, true, "new instruments"
	p.Errors = web.FieldErrors{Keys: map[string]string{}, Order: []string{}}
	for _, f := range []string{"photo", "alt", "angle", "alt-1", "panel", "kind", "mm", "words", "point_tyres", "inspector", "percent", "how", "measured"} {
		p.Errors.Keys[f], p.Errors.Order = "used.stock.choice_bad", append(p.Errors.Order, f)
	}
	return p
}
