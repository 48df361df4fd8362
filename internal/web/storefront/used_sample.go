package storefront

import (
	"forecourt/internal/network"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/money"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"
)

func sampleUsed(b web.Base, car carart.Spec, pounds money.Money, facts []Fact, leave *Leave, deal *network.Dealer, refused web.FieldErrors, search DealerSearch) map[string]any {
	return map[string]any{
		"storefront/used": &UsedPage{Base: b, Form: UsedForm{Words: "x", Near: "x", Lists: []UsedList{{"max", "Price", "Any", []Option{{"1", "1", true}, {"2", "2", false}}}}, Chosen: 1, Action: "/"},
			Facets: []UsedFacet{{"fuel", "Fuel", true, []UsedChoice{{"petrol", "Petrol", 3, true}, {"lpg", "LPG", 1, false}}}}, Chips: []UsedChip{{"Petrol", "/"}}, Clear: "/", Total: 1, Found: "1 car", Instead: "clio", Unknown: true,
			Cards: []UsedCard{{"/", "Clio", "Techno", []string{"2021"}, sketch{"/x.svg", "", 900, 400, true}, nil, pounds, "before", "less", "good", "Leeds", "1 mi"}, {"/", "Clio", "Techno", nil, sketch{}, &UsedShot{"/1.jpg", "/1.jpg 320w", "/1.jpg", "Clio", 320, 240}, pounds, "", "", "", "Leeds", ""}}, Pages: Pages{2, 3, "/", "/"}, Sorts: []Option{{"km", "km", true}}, Carry: search.Hidden, Deposit: pounds, Landings: []UsedLink{{"/", "Clio", 1}}, SaveURL: "/"},
		"storefront/used_landing": &UsedLandingPage{Base: b, Path: []UsedChip{{"All", "/"}}, Heading: "Used Clio", Lede: "1 car", Cheapest: "The cheapest", Cards: []UsedCard{{"/", "Clio", "Techno", []string{"2021"}, sketch{"/x.svg", "", 900, 400, true}, nil, pounds, "before", "less", "good", "Leeds", "1 mi"}},
			Deeper: []UsedLinks{{"Models", []UsedLink{{"/", "Clio", 1}}}}, AllURL: "/", SaveURL: "/"},
		"storefront/used_save":   &UsedSavePage{Base: b, Labels: []string{"Clio"}, Email: "x", Daily: true, Most: 10, Days: 7, Query: "q=x", PostURL: "/", BackURL: "/", Errors: refused},
		"storefront/used_search": &UsedSearchPage{Base: b, View: "page", Paused: true, Daily: true, Labels: []string{"Clio"}, Email: "x", Since: "today", Until: "then", Notice: "no", ActURL: "/", ListURL: "/"},
		"storefront/used_car": &UsedCarPage{Base: b, Name: "Clio", Version: "Techno", Drawing: car, Price: pounds, Prior: "before", VAT: "margin", Deposit: pounds, Facts: facts, Equipment: []string{"LED"}, Faults: []UsedFault{{1, "Roof", "Dent", "added", &UsedShot{"/1.jpg", "", "/1.jpg", "Dent", 320, 240}}}, Marks: []UsedMark{{1, 2, 1}},
			Photos: []UsedShot{{"/1.jpg", "/1.jpg 320w", "/1.jpg", "Front", 640, 480}, {"/2.jpg", "", "/2.jpg", "Boot", 320, 240}}, Turn: []UsedTurn{{UsedShot{"/1.jpg", "/1.jpg 320w", "/1.jpg", "Front", 640, 480}, "Front left", "Front left, picture 1 of 4"}}, Known: UsedKnown{"by Owen", facts, facts, []string{"finance"}}, Line: &UsedLine{"M0 0L1 1", []UsedDot{{"0", "0"}}, "line"},
			Readings: []UsedReading{{"2021", "1", "us"}}, Falls: true, Explained: "new instruments", Battery: "90%", Guarantee: "law", Shorter: "less", Finance: sampleFinance(), Leave: leave, Back: &UsedBack{"intro", "3", "400", "Miles", "said", false, []Fact{{"Price", "1"}}, web.FieldErrors{Keys: map[string]string{"back_km": "used.back.bad", "back_days": "used.back.bad"}, Order: []string{"back_days", "back_km"}}}, Dealer: deal, DealerAt: "x", Held: &UsedHeld{"12:00", 60, "/", "go on", "1 waits"}, Joined: true, Left: true, Prices: &UsedPrices{"1 costs less", "M0 10H600", 600, 120, "from to", []Fact{{"today", "1"}}, "lowest"}, Proof: &Proof{"K7QF", "/"},
			Cards: []UsedCard{{"/", "Clio", "Techno", []string{"2021"}, sketch{"/x.svg", "", 900, 400, true}, nil, pounds, "before", "less", "good", "Leeds", "1 mi"}}, Errors: refused, HoldURL: "/", LineURL: "/", BackURL: "/"},
		"storefront/your_car": &YourCarPage{Base: b, Form: YourCarForm{"AB12CDE", "40000", "good", "x", true, true}, Unit: "Miles", Days: "7", Conditions: []Option{{"good", "Good", true}, {"poor", "Poor", false}}, Errors: web.FieldErrors{Keys: map[string]string{"plate": "used.swap.plate_bad"}, Order: []string{"plate"}}, PostURL: "/", BackURL: "/"},
		"storefront/swap":     &SwapPage{Base: b, Car: "Clio", Facts: []Fact{{"Plate", "x"}}, Value: pounds, Stands: true, Until: "then", Left: 60, Soon: "soon", Grounds: []string{"mileage"}, BackURL: "/", NewURL: "/"},
		"storefront/used_hold": &HoldPage{Base: b, State: usedcars.Holding, Name: "Clio", Version: "Techno", Facts: []string{"2021"}, Picture: sketch{"/x.svg", "", 900, 400, false}, Price: pounds, Total: pounds, Waits: "1", Swap: UsedSwap{"Renault Clio", pounds, "x", "then", true, "/"}, Pickup: UsedPlace{[]Option{{"", "Leeds", false}, {"x", "York", true}}, "x", "brought", pounds, "5 Dec", true}, Until: "12:00", Left: 60, Soon: "soon", Longer: "more",
			Over: "over", HeldBy: "Sam", Notice: "no", Errors: refused, Deposit: pounds, Balance: pounds, Full: true, PayFull: true, Consent: true, Shorter: "less", Months: "24", VAT: "margin", Seen: "1", Dealer: deal, DealerAt: "x", Seller: "x", Contract: "x", Leave: leave, CardHost: "x", TakenNow: true, PayURL: "/", ActURL: "/", CarURL: "/", BackURL: "/"},
	}
}
