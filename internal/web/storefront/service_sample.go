package storefront

import (
	"forecourt/internal/network"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"
)

func sampleService(b web.Base, pounds money.Money, deal *network.Dealer, refused web.FieldErrors) map[string]any {
	wrong := func(fields ...string) (e web.FieldErrors) {
		for _, f := range fields {
			e.Add(f, "service.error.slot")
		}
		return e
	}
	line := WorkLine{Code: "brake-fluid", Name: "Brake fluid", Text: "All of it", Why: "due", Rule: "service", Tyre: "A", Price: pounds, On: true}
	free := WorkLine{Code: "r1", Name: "Recall", Free: "Free", On: true, Fixed: true}
	day := SlotDay{"Monday", true, []SlotChoice{{"x|1", "09:00", false}}}
	return map[string]any{
		"storefront/service": &ServicePage{Base: b, Form: ServiceForm{Plate: "AB12CDE", Registered: "2021-03-04", Km: "40000"}, Models: []Option{{"duster", "Duster", true}, {"other", "Other", false}}, Fuels: []Option{{"petrol", "Petrol", true}, {"lpg", "LPG", false}}, Unit: "Miles", Known: "Duster",
			Errors: wrong("plate", "model", "fuel", "reg", "km"), Groups: []WorkGroup{{"What is due", true, []WorkLine{line, free}}, {"More", false, nil}}, Carry: []Hidden{{"km", "1"}}, Total: pounds, Minutes: "40", Priced: true, Action: "/", TimesURL: "/"},
		"storefront/service_times": &ServiceTimesPage{Base: b, Form: ServiceForm{Near: "Leeds"}, Work: []string{"Brake fluid"}, Minutes: "40", Mobilities: []Option{{"none", "Nothing", true}, {"car", "A car", false}}, Unknown: true,
			Sites: []SiteTimes{{Name: "Sample Motors", Address: "x", Distance: "1 mi", Days: []SlotDay{day}, Later: []SlotDay{day}, MoreURL: "/"}, {Name: "Other", None: true}}, Errors: wrong("near"), Notice: "taken", Carry: []Hidden{{"km", "1"}}, Keep: []Hidden{{"km", "1"}}, Action: "/", HoldURL: "/", BackURL: "/"},
		"storefront/service_book": &ServiceBookPage{Base: b, Car: "Duster", Plate: "AB12CDE", When: "Monday", Done: "later", Mobility: "A car", Dealer: deal, DealerAt: "x", Lines: []WorkLine{line, free}, Fee: pounds, Collect: true, Total: pounds, Open: true, Over: "over", Until: "12:00", Left: 60, Soon: "soon",
			Ways: []Option{{"full", "Now", true}, {"desk", "Later", false}}, Errors: refused, Notice: "taken", Seen: "1", CardHost: "x", PayURL: "/", BackURL: "/", OrderURL: "/"},
	}
}

func sampleVisit(pounds money.Money) *Visit {
	return &Visit{Findings: []VisitFinding{{1, "Brakes", "worn", "now", pounds, true, "", "/1.jpg", "bad"}, {2, "Wipers", "torn", "soon", pounds, false, "No", "", ""}}, Earlier: &EarlierSlot{"x", "Monday", "then"}, Move: []SlotDay{{"Monday", false, []SlotChoice{{"1", "09:00", false}}}}, Waits: "you wait", MayWait: true,
		Lines: []VisitLine{{"Brake fluid", "service", pounds}}}
}
