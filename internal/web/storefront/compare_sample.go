package storefront

import (
	"forecourt/internal/market"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"
)

func sampleGuide(b web.Base, names carNames, car carart.Spec, total money.Money, errs web.FieldErrors) *GuidePage {
	const wrong = "storefront.guide.error.answer"
	other := car
	other.ID = "sample-2"
	answers := []Answer{{"", "Any", false}, {"x", "This", true}}
	fits := GuideCar{Names: names, Drawing: car, Total: total, Proof: &Proof{"K7QF-3M2P-9XTR-4HWV", "/"}, Weeks: "8 weeks", Reasons: []string{"cheap"}, ConfigureURL: "/", ChooseURL: "/"}
	near := fits
	near.Drawing, near.Misses = other, []string{"dear"}
	return &GuidePage{Base: b, Asked: true, Errors: errs, CompareURL: "/", CompareText: "Compare", Mentions: []market.Said{{Text: "Mention", Lang: "fr"}},
		Questions: []Question{{"budget", "How much?", false, answers, wrong}, {"seats", "Who?", false, answers, wrong}, {"must", "What?", true, answers, wrong}},
		Groups:    []GuideGroup{{"Fits", []Advice{{"text", "/", "link"}}, []GuideCar{fits}}, {"Near", nil, []GuideCar{near}}}}
}

func sampleCompare(b web.Base, names carNames, car carart.Spec, total money.Money, errs web.FieldErrors) *ComparePage {
	errs.Keys = map[string]string{"code": "storefront.build.unknown"}
	errs.Order = []string{"code"}
	cells := []CompareCell{{"Included", "yes"}, {"No", "no"}}
	other := car
	other.ID = "sample-2"
	column := CompareColumn{Number: 1, Names: names, Drawing: car, Total: total, Proof: &Proof{"K7QF-3M2P-9XTR-4HWV", "/"}, Note: "note", ConfigureURL: "/", ChooseURL: "/", RemoveURL: "/"}
	second := column
	second.Number, second.Drawing = 2, other
	return &ComparePage{Base: b, Errors: errs, Notes: []string{"note"}, Columns: []CompareColumn{column, second}, Diff: true, DiffURL: "/",
		Sections: []CompareSection{{"price", "Price", "note", []CompareRow{{"Total", cells}}}},
		Yearly:   Yearly{"Miles", "8000", true, "storefront.compare.error.yearly"}, Energy: []EnergyField{{"petrol", "Petrol", "1.35", true, "storefront.compare.error.price"}},
		Hidden: []Hidden{{"c", "duster:"}}, Adds: []CompareAdd{{"Duster", total, "/"}}, Typed: "x", Mentions: []market.Said{{Text: "Mention", Lang: "fr"}}}
}
