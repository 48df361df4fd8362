package storefront

import (
	"maps"
	"time"

	"forecourt/internal/catalogue"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/talk"
	"forecourt/internal/web"
)

// Samples gives every page of the shop, filled so that each branch of its template has something to
// show: tests check the templates against them.
func Samples() map[string]any {
	words, err := i18n.Load()
	if err != nil {
		panic(err) // the catalogues are part of the binary
	}
	b := web.Base{P: words.Printer("en-GB"), Theme: "dacia", Brand: market.Brand{Code: "dacia", Name: "Dacia"}, Title: "Sample", Zone: time.UTC, Closed: true,
		Market: &market.Market{Code: "gb", Name: "United Kingdom", Country: "GB", Currency: "GBP", Locale: "en-GB", PhoneExample: "07700 900123", PostcodeExample: "LS3 1LH"}}
	pounds := money.Of(2130000, "GBP")
	car, names := carart.Spec{ID: "sample"}, carNames{"Duster", "Journey", "Hybrid 155", "Khaki", "18-inch wheels"}
	price := PriceTable{Car: []PriceLine{{"Duster Journey", pounds, false}, {"Khaki", pounds, true}}, Road: []PriceLine{{"Plates", pounds, false}}, Total: pounds, VAT: pounds, Rate: "20%", Proof: &Proof{"K7QF-3M2P-9XTR-4HWV", "/"}}
	refused := web.FieldErrors{Keys: map[string]string{}, Order: []string{"name", "email", "phone", "street", "postcode", "town", "dealer", "fallback", "terms", "consent", "starts", "message", "page", "number", "amount", "day"}}
	for _, f := range refused.Order {
		refused.Keys[f] = "checkout.error.too_long"
	}
	row := DealerRow{Number: 1, Code: "gb-sample", Name: "Sample Motors", Address: "1 Sample Street", Phone: "01632 960110", Distance: "1.2 mi", Skills: []string{"Step-free"}, Today: "Open today", Hours: []HoursDay{{"Monday", "09:00-17:00", false}}}
	rows, search := []DealerRow{row}, DealerSearch{Near: "Leeds", Place: "Leeds", Unknown: true, Skills: []SkillBox{{"step_free", true}}, Hidden: []Hidden{{"s", "x"}}}
	deal := &network.Dealer{Name: "Sample Motors", LegalName: "Sample Motors Ltd", Phone: "01632 960110", Email: "sample@example.com"}
	steps := []Step{{"Car", "/x", true, false}, {"Dealer", "", false, true}}
	leave := &Leave{"Leave", "back", "text", "rule", "law", []string{"part"}, &Loss{"loss", "text", "example"}, "/", "act", "/"}
	sold := OrderCar{"Duster", "Journey", "Hybrid 155", "Khaki", car, price}
	order := &ordering.Order{Number: "FC-7K3M-29QX", State: ordering.Ready, Currency: "GBP", TotalMinor: 2130000, DepositMinor: 10000, Snapshot: ordering.Snapshot{Body: "suv"}}
	text := LegalText{market.Said{Text: "Terms"}, "1", []string{"One.", "Two."}, "it"}
	buyer := ordering.Buyer{Name: "Priya Raman", Email: "priya.raman@example.com"}
	facts := []Fact{{"CO2", "120 g/km"}}
	day := SlotDay{"Monday", true, []SlotChoice{{"1", "09:00", true}}}
	out := map[string]any{
		"storefront/door":          &DoorPage{b, []Door{{b.Brand, car, []DoorShop{{"/dacia/gb", "United Kingdom", "en", "storefront.door.paused"}}}}},
		"storefront/range":         &RangePage{b, pounds, 14, []Filter{{"/", "All", "1", true}, {"/", "New", "1", false}}, []RangeModel{{"/", "Duster", "Mud", []string{"electric", "new"}, pounds, price.Proof, sketch{"/x.svg", "", 900, 400, true}, "CO2"}}, []string{"Plates"}, []market.Said{{Text: "Mention"}}, "/"},
		"storefront/model":         &ModelPage{Base: b, Energy: sampleEnergy(), Finance: sampleFinance(), Name: "Duster", Tags: []string{"new"}, From: pounds, Proof: price.Proof, Drawing: car, Facts: facts, Versions: []ModelVersion{{"Journey", "Long roads", pounds, "/"}}, Engines: []ModelEngine{{"Hybrid", "words", "1", "2", pounds, "/"}}},
		"storefront/configure":     sampleConfigure(b, names, car, price, facts),
		"storefront/guide":         sampleGuide(b, names, car, pounds, refused),
		"storefront/compare":       sampleCompare(b, names, car, pounds, refused),
		"storefront/nearest":       sampleNearest(b, names, car, search),
		"storefront/no_car":        &NoCarPage{b, "taken", "/", "/"},
		"storefront/refused":       &RefusedPage{b, "Duster", "/"},
		"storefront/save":          &SavePage{b, names, car, pounds, "x", "/", "/"},
		"storefront/build":         &BuildPage{Base: b, Energy: sampleEnergy(), Finance: sampleFinance(), Code: "K7QF-3M2P", Names: names, Drawing: car, Price: price, OldTotal: pounds, Changed: true, Differences: []Difference{{"Plates", "1", ""}}, Gone: []string{"Alarm"}, Phone: &Phone{Link: "/x", QR: web.DrawQR("/x"), Open: true}},
		"storefront/find_build":    &FindBuildPage{b, "x", true},
		"storefront/dealers":       &DealersPage{b, search, rows, sampleMap(), 12, "/"},
		"storefront/dealer":        &DealerPage{Base: b, Map: sampleMap(), Steps: steps, Names: names, Total: pounds, Search: search, Rows: rows, More: rows, Fallbacks: rows, Max: 4, Any: &AnyDealer{Text: "rule", After: "rule"}, Errors: refused, Hidden: search.Hidden, Exists: "P-7K2M9X", Deal: &Deal{"seller", "contract", "holder", "now", "rule"}},
		"storefront/details":       &DetailsPage{Base: b, Steps: steps, Errors: refused, ShowroomURL: "/"},
		"storefront/basket":        &BasketPage{BasketView: sampleBasket(b, names, car, price), Code: "K7QF-3M2P", QR: web.DrawQR("/x"), Ends: "14:32", Shares: true, HasName: true, Unseen: true, GoOnURL: "/", AtDealer: true},
		"storefront/claim":         &ClaimPage{b, "x", web.FieldErrors{Keys: map[string]string{"code": "showroom.code_unknown"}, Order: []string{"code"}}},
		"storefront/desk":          &DeskPage{BasketView: sampleBasket(portal(b), names, car, price), Buyer: "Priya Raman", Ends: "14:32", MoveTo: "Sample Motors", Code: "K7QF-3M2P", Link: "/x", QR: web.DrawQR("/x"), Claimed: "14:10"},
		"storefront/desks":         &DesksPage{portal(b), "x", web.FieldErrors{Keys: map[string]string{"code": "showroom.code_unknown"}, Order: []string{"code"}}, []DeskLine{{"/", "Basket", "until"}}, []DeskModel{{"/", "Dacia Duster"}}},
		"storefront/receipt":       &ReceiptPage{Base: b, Receipt: web.SampleReceipt(), BackURL: "/"},
		"storefront/check":         &CheckPage{Base: b, ShowroomURL: "/", Energy: sampleEnergy(), Steps: steps, Names: names, Drawing: car, Price: price, Dealer: deal, Exists: "P-7K2M9X", Lost: &LostCar{"taken", "/", "/"}, Fallbacks: []string{"Other"}, AnyAfter: "rule", Buyer: buyer, Deposit: pounds, Balance: pounds, Errors: refused, Notice: "note", NewPrice: true, Leave: leave},
		"storefront/collected":     &CollectedPage{Base: b, Code: "ABC 234"},
		"storefront/order":         &OrderPage{Base: b, Visit: sampleVisit(pounds), Exchange: &Exchanged{"Renault Clio", "AB12 CDE", pounds, "agreed", &AskedValue{1, "less", "note"}}, Order: order, Sold: sold, Facts: []sale.Fact{{Label: "Mileage", Value: "12,000 mi"}}, Notice: "note", Scored: "scored", News: "news", Thread: web.NewThread([]talk.Message{{Seq: 1, Side: talk.Buyer, Body: "May I see the boot?"}, {Seq: 2, Side: talk.Dealer, Photo: true}}, talk.Buyer, "You", "Sample Motors", "/", true, func(talk.Message) string { return "today" }), Asking: true, Errors: refused, Timeline: []Stage{{"now", "Ready", "today"}}, Dealer: deal, Hours: row.Hours, Pass: &Pass{"ABC DEF", web.DrawQR("ABCDEF"), "today", "YK76 DRV"}, Slots: []SlotDay{day}, Later: []SlotDay{day}, Plug: true, Manners: []Manner{{"quiet", true}, {"short", false}}, Choose: rows, Declined: []string{"no"}, Question: &DealerQuestion{"Is the car for you?", "tomorrow", ""}, ReceiptURL: "/", Payments: []MoneyStep{{"paid", "today", pounds, true, "some is kept", []web.StoryLine{{When: "today", Text: "taken"}}}}, Owed: pounds, PayRest: &PayRest{"213.00"}, Renew: "tomorrow", Longer: &Longer{1, 60, 60, "soon"}, Leave: leave, Papers: []market.Said{{Text: "licence"}}, AgainURL: "/", ChangeURL: "/", MoveURL: "/", Asked: &AskedNote{"You asked", "Duster", "by then", 1}, Proposal: &Proposal{"May Kestrel take it over?", "Northgate closes.", "Both must say yes.", "by then", 2}, Answered: "no", Wish: &Wish{"2026-12-24", "2026-12-01", "2027-11-30", "from"}, Record: &Record{Facts: []web.PaperFact{{Key: "Keys", Value: []string{"2"}}}, Photos: []web.Shot{{URL: "/1.jpg", Alt: "Photo 1", Width: 4, Height: 3}}, Ask: true, Code: "ABC234"}, Clocks: []web.PaperFact{{Key: "Until", Value: []string{"then"}}}, Slips: []web.CorrectionLine{{When: "today", Text: "VIN corrected"}}, Rate: &Rate{"How was it?", true, []StarChoice{{5, "very good", true}, {4, "good", false}}, "Fine", 500, "Send"}, Filed: []FiledPaper{{"Invoice", "today", "/"}}, Texts: []FiledPaper{{"Terms", "2026-1", "/"}}},
		"storefront/paper":         &PaperPage{b, web.SamplePaper(b), "/", "/"},
		"storefront/accepted":      &AcceptedPage{b, market.Said{Text: "Terms", Lang: "it"}, "2026-1", "accepted", "abc", "it", []string{"One."}, "/"},
		"storefront/pay":           &PayPage{Base: b, Number: order.Number, Car: "Duster", Dealer: "Sample Motors", Owed: pounds, Paid: pounds, Notice: "note"},
		"storefront/cancel":        &CancelPage{b, order.Number, sold, leave, "/", "/"},
		"storefront/change":        &ChangePage{Base: b, Number: order.Number, Drawing: car, Names: names, Rows: []ChangeRow{{"Colour", "1", "2"}}, Old: pounds, New: pounds, More: "more", Prices: "prices", Deposit: "deposit", Back: "back", Leaves: "leaves", Asks: "asks", Button: "button", Refused: "no", Seen: "1", PostURL: "/", EditURL: "/", BackURL: "/"},
		"storefront/move":          &MovePage{Base: b, Number: order.Number, Dealer: deal.Name, Dealers: rows, Refused: "no", Errors: refused, PostURL: "/", BackURL: "/"},
		"storefront/withdraw":      &WithdrawPage{Base: b, Number: order.Number, Sold: sold, Buyer: buyer.Name, Mail: buyer.Email, Dealer: deal.Name, Leave: leave},
		"storefront/withdraw_door": &WithdrawDoorPage{Base: b, Errors: refused},
		"storefront/confirmation":  &ConfirmationPage{Base: b, Order: order, Sold: sold, Price: price, Buyer: buyer, Dealer: deal, Deposit: pounds, Balance: pounds, Texts: []LegalText{text}},
		"storefront/leave_name":    &LeaveNamePage{Base: b, ModelName: "Duster", Errors: refused},
		"storefront/legal":         &LegalPage{b, text},
		"storefront/offline":       &OfflinePage{b},
		"storefront/statement":     &StatementPage{Base: b, Text: text, Dated: "today", Access: Access{Mail: "a@example.com", Law: "Law", Bodies: []AccessBody{{market.Said{Text: "Body", Lang: "it"}, "https://body.example/"}}}},
		"storefront/report":        &ReportPage{Base: b, Errors: refused},
		"storefront/proof":         &ProofPage{Base: b, Answer: "right", Heading: "Right", Text: "text", Car: "Duster", Price: &price, Code: "K7QF", Hidden: search.Hidden, Asked: true},
	}
	maps.Copy(out, sampleService(b, pounds, deal, refused))
	maps.Copy(out, sampleUsed(b, car, pounds, facts, leave, deal, refused, search))
	return out
}

func sampleNearest(b web.Base, names carNames, car carart.Spec, search DealerSearch) *NearestPage {
	b.Closed = false
	one := NearCar{Number: "P-7K2M9X", Stage: "At the dealer", Tone: "good", Name: "Journey Hybrid 155", Colour: "Khaki", Drawing: car, Dealer: "Sample Motors", Distance: "1.2 mi",
		Ready: "3 December 2026", Saved: "6 to 12 weeks sooner", Rows: []NearRow{{"Colour: Khaki instead of Sand", "+£650"}}, Total: money.Of(2130000, "GBP"), Delta: "+£650", URL: "/"}
	same := one
	same.Number, same.Rows, same.Delta, same.Same = "P-7K2M9Y", nil, "", true
	far := one
	far.Number, same.Drawing.ID, far.Drawing.ID = "P-7K2M9Z", "same", "far"
	return &NearestPage{Base: b, Names: names, Weeks: "8 to 12 weeks", Search: search, Stages: []Pick{{"", "Any", true}}, Dealers: []Pick{{"", "Any", false}},
		Near: Nearest{Base: b, Cars: []NearCar{one, same}, All: 3}, More: []NearCar{far}, BackURL: "/", FactoryURL: "/"}
}

func sampleConfigure(b web.Base, names carNames, car carart.Spec, price PriceTable, facts []Fact) *ConfigurePage {
	note := &Changed{"The version is now Extreme, not Essential.", "Added: Khaki.", "+£650", "/", "Undo"}
	paint, seat := &catalogue.Feature{Hex: "#6f7259", Finish: "metallic"}, &catalogue.Feature{Hex: "#3a3d40", Stitch: "#b9bcc0"}
	choice := ConfigureChoice{Key: "a", Act: "take", Name: "Khaki", Text: "text", Moves: "Changes the version to Extreme", Current: true, Delta: "+£650", Feature: paint, Why: "why"}
	inside, bound, option := choice, choice, choice
	inside.Key, bound.Key, option.Key = "b", "c", "d"
	inside.Feature, bound.Act, bound.Changed = seat, "", note
	return &ConfigurePage{Base: b, SaveURL: "/", Rooms: []Room{{"Room", "/"}}, Revision: &Revision{"revised", "/", "/", "keep", "/", []FormField{{"s", "x"}}, "take"}, Phone: &Phone{Link: "/x", Picture: "/x"}, Names: names, Drawing: car, Views: []ViewLink{{"view-side", "Side", "/", true}}, Facts: facts, Energy: sampleEnergy(), Price: price, Changed: note, Mended: &Mended{"mended"}, Mentions: []market.Said{{Text: "Mention", Lang: "fr"}}, Sections: []ConfigureSection{
		{Group: "colour", Swatch: true, Open: []ConfigureChoice{choice}, Blocked: []ConfigureChoice{choice}},
		{Group: "upholstery", Swatch: true, Open: []ConfigureChoice{inside}},
		{Group: "options", Many: true, Open: []ConfigureChoice{option, bound}, Blocked: []ConfigureChoice{choice}},
	}}
}

func sampleBasket(b web.Base, names carNames, car carart.Spec, price PriceTable) BasketView {
	return BasketView{Base: b, Names: names, Options: "Alarm", Drawing: car, Price: price, Dealer: "Sample Motors", Exists: "P-7K2M9X", Version: 2, Problem: "no", Stream: "/", PostURL: "/", CarURL: "/",
		Lines: []BasketLine{{Who: "Anna, Sales, Sample Motors", What: "Khaki instead of Terracotta", When: "14:02", Answer: "open", Seq: 1, Back: true}}}
}
