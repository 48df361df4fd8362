package dealer

import (
	"encoding/json"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/identity"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/talk"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"forecourt/internal/market"
)

// Samples gives a page of every template, filled with invented orders, for the test that checks all
// templates against their structs.
func Samples() map[string]any {
	words, err := i18n.Load()
	if err != nil {
		panic(err) // the catalogues are part of the binary
	}
	page := func() Page {
		return Page{Base: web.Base{P: words.Printer("en-GB"), Theme: "forecourt", Title: "Sample", Zone: time.UTC, User: sampleUser}, Site: "Northgate Motors Leeds", now: sampleNow}
	}
	s := site{now: sampleNow, user: sampleUser, market: &market.Market{Code: "gb", Currency: "GBP", Locale: "en-GB", Distance: "mi", Papers: []market.Wording{market.Plain("driving licence")}},
		dealer: &network.Dealer{Code: "gb-sample", TimeZone: "UTC", Hours: network.Week{"tue": {{Opens: "08:00", Closes: "18:00"}}}}, world: &world.World{},
		flow: sampleFlow, flows: []allocation.FlowAt{{Flow: sampleFlow, Open: 3}, {Flow: "other"}}, kind: sale.Flow{Vehicle: true, Preparation: ordering.PreparationItems, HandoverChecks: ordering.HandoverItems}}
	queue := &QueuePage{Page: page()}
	queue.fill(s, allocation.Found{Rows: []allocation.Row{sampleRow(allocation.Answer), sampleRow(allocation.Handovers), sampleRow(allocation.Work)},
		Total: 120, Page: 2, Counts: allocation.Counts{Answer: 1, Handovers: 1, Work: 118},
		Views: []allocation.View{{ID: "0198a000-0000-7000-8000-000000000001", Name: "Duster", Words: "duster"}}}, "")
	queue.chooseFlow(s, "/dealer")
	queue.Query, queue.Tab, queue.FoldOut = "duster", allocation.Work, true
	queue.Moves = []MoveRow{{"FC-7K3M-29QX", "Renault Clio Techno", "VF1RJA00X747K2M9X", "/", "Send the car to York", "until tomorrow", true}}
	meetings := &HandoversPage{Page: page()}
	meetings.fill(s, []allocation.Row{sampleRow(allocation.Handovers)})
	order, hand := &OrderPage{Page: page()}, &HandoverPage{Page: page()}
	if err := order.fill(s, sampleOrder()); err != nil {
		panic(err)
	}
	order.PayLink = PayLink{URL: "https://shop.example.com/pay", QR: web.DrawQR("https://shop.example.com/pay"), Open: true}
	if err := hand.fill(s, sampleOrder(), ""); err != nil {
		panic(err)
	}
	order.Handover.Photos, order.Handover.Facts = []web.Shot{{URL: "/1.jpg", Alt: "Photo 1", Width: 4, Height: 3}}, []web.PaperFact{{Key: "Keys", Value: []string{"2"}}}
	order.Handover.Dealer, order.Handover.Buyer, order.Handover.Code, order.Handover.QR = "yes", "not yet", "ABC 234", web.DrawQR("ABC234")
	order.Handover.UndoUntil, order.Handover.UndoReasons = "10:40", sale.UndoReasons
	order.Exchange = &Exchange{Car: "Renault Clio", Plate: "AB12 CDE", Value: s.market.Amount(1), Offered: "40,000", State: "agreed", Open: true, Note: "note", Grounds: []Choice{{"mileage", "mileage", true}, {"papers", "papers", false}}, Unit: "Miles"}
	order.Facts = []sale.Fact{{Label: "Mileage", Value: "12,000 mi"}}
	order.Asked = &Asked{"Is the car for you?", "Yes", "waits"}
	order.Left = &Left{When: "today", BringBy: "tomorrow", Back: "today", Driven: "40 mi", Due: "tomorrow", Use: s.market.Amount(1), Damage: s.market.Amount(1), Kept: s.market.Amount(2), Owed: s.market.Amount(3), Added: s.market.Amount(1), Note: "scratch"}
	order.Story = []web.StoryEntry{{Title: "Deposit", Lines: []web.StoryLine{{When: "today", Text: "taken"}}}}
	order.Filed = []FiledPaper{{"Invoice", "today", "/"}}
	order.Fee = &OrderFee{s.market.Amount(72_000), "gb-fee-2026-1", "/"}
	order.ComeFrom = "24 December"
	order.CarAsked = &CarAsked{Due: "by then", Rows: []CarRow{{"Colour", "1", "2"}}, Old: s.market.Amount(1), New: s.market.Amount(2), Reasons: ordering.RequestReasons}
	queue.Asked = []QuestionLink{{"/", "Take over?", "Duster", "FC-7K3M-29QX", "by then"}}
	request := &RequestPage{Page: page()}
	if err := request.fill(s, &allocation.AskedView{Row: sampleRow(allocation.Answer), From: "gb-other", Snapshot: sampleOrder().Snapshot, PaidHere: 10_000}); err != nil {
		panic(err)
	}
	group := &GroupPage{Page: page(), Group: "Pennine", Sites: []SiteLine{{Name: "Leeds", Answer: 1, Late: 1, First: "today", Here: true}, {Code: "gb-kendal", Name: "Kendal"}}, Rows: []GroupLine{{s.line(page(), sampleRow(allocation.Answer)), "Leeds"}}}
	board := &PreparationPage{Page: page()}
	board.fill(s, []allocation.Prepared{{Number: "FC-7K3M-29QX", Name: "Priya Raman", Model: "Duster", Version: "Journey", Colour: "Terracotta", VIN: "VF1RJA00065471902", OrderState: string(ordering.Arrived), Checks: "tax", StageAt: sampleNow, StageDueAt: sampleNow},
		{Number: "FC-7K3M-29QY", Name: "Marcus Oyelaran", Model: "Duster", Version: "Journey", OrderState: string(ordering.Prepared), StageAt: sampleNow}})
	order.Thread = web.NewThread([]talk.Message{{Seq: 1, Side: talk.Buyer, Body: "May I see the boot?", At: sampleNow}, {Seq: 2, Side: talk.Dealer, Body: "Here it is", Photo: true, At: sampleNow}}, talk.Dealer, "You", "Priya Raman", "/", true, func(talk.Message) string { return "today" })
	order.Promise = Promise{Range: "soon", Step: "today", News: "yesterday", Late: true, Tell: true}
	order.Slips = []web.CorrectionLine{{When: "today", Text: "VIN corrected", Proof: "slip"}}
	return map[string]any{
		"dealer/correction": sampleSlip(s, page()),
		"dealer/used": &UsedPage{Page: page(), AddURL: "/", Import: "/", Fallen: []FallenCar{{"U-7K2M9X", "Renault Clio", "VF1RJU00X247K2M9X", "30,000 now", "typed"}}, May: true, Prev: "/", Next: "/", Rows: []UsedRow{{"U-7K2M9X", "Renault Clio", "Techno", "2021", "VF1RJU00X247K2M9X", money.Of(1390000, "GBP"), "13,900", "Held", "warn", "12 days", "1 of 3", "until 12:00", "1 waits", false, true, true, "/", "/"},
			{"U-7K2M9Z", "Renault Clio", "Techno", "2021", "VF1RJU00X247K2M9Z", money.Of(1390000, "GBP"), "13,900", "Draft", "", "", "", "", "", true, true, false, "", "/"}}},
		"dealer/service":    &ServicePage{Page: page(), Day: "Monday", PrevURL: "/", NextURL: "/", TodayURL: "/", Hours: []string{"08:30"}, Bays: []PlannerBay{{"Bay 1", []PlannerCell{{1, "", "", "", ""}, {1, "/", "Duster", "Brakes", "info"}}}}, Rows: []PlannerRow{{"/", "09:00", "Duster", "AB12CDE", "Brakes", "Bay 1", "Jo", "A car", "Booked", "info"}, {Time: "10:00", Car: "Clio"}}, Courtesy: "0 of 1", Action: "/", DayAsTyped: "2026-12-01"},
		"dealer/used_car":   sampleUsedCar(page(), s),
		"dealer/used_moves": &UsedMovesPage{Page: page(), BackURL: "/", Rows: []MoveRow{{"FC-7K3M-29QX", "Renault Clio Techno", "VF1RJA00X747K2M9X", "/", "Send the car to York", "until tomorrow", true}}},
		"dealer/used_move":  &UsedMovePage{Page: page(), MoveRow: MoveRow{Task: "Hand it over", Due: "until tomorrow", Late: true}, Step: "hand_over", Plate: "x", Buyer: "Priya", Phone: "07700", Booked: "today", Owed: "1", Show: "ABC 234", QR: web.DrawQR("ABC234"), Items: []Item{{Code: "keys"}}, Miles: true, URL: "/", BackURL: "/"},
		"dealer/used_new": &UsedNewPage{Page: page(), Form: UsedForm{Registered: "2021-03-04"}, Texts: []UsedField{{"km", "Miles", "1", "numeric", false}, {"plate", "Plate", "", "", true}, {"vin", "VIN", "", "", false}}, Lists: []UsedSelect{{"body", "Body", []Choice{{"suv", "SUV", true}, {"van", "Van", false}}}},
			Pieces: []Item{{Code: "led", Done: true}}, Errors: web.FieldErrors{Keys: map[string]string{"vin": "order.vin_invalid", "registered": "used.registered_bad", "body": "used.stock.choice_bad"}, Order: []string{"vin", "registered", "body"}}},
		"dealer/used_imports": &UsedImportsPage{Page: page(), Back: web.NavItem{URL: "/", Label: "Back"}, Path: "/", Most: "100,000", Size: "32", ExportURL: "/", ExampleURL: "/", Files: web.SampleReports().Files, Errors: web.FieldErrors{Keys: map[string]string{"file": "report.file.missing"}, Order: []string{"file"}}},
		"dealer/used_import":  sampleImport(page()),
		"dealer/stock":        &StockPage{Page: page(), Rule: "sixty days", MayAsk: true, Own: []StockRow{{Number: "P-7K2M9X", Model: "Duster", Stage: "here", Day: "today", Soon: true}}, Pool: []StockRow{{Number: "P-7K2M9Y", Model: "Duster", Stage: "there", Day: "today", Wishes: 1, Mine: true}, {}}, Moves: []StockMove{{"P-7K2M9X", "today", "told", "rule"}}},
		"dealer/preparation":  board,
		"dealer/group":        group,
		"dealer/feed":         &FeedPage{Page: page(), Since: "today", URL: "https://shop.example.com/calendar/secret.ics"},
		"dealer/fee":          &FeePage{Page: page(), Fee: web.SampleFee(page().Base, payment.SideDealer)},
		"dealer/scorecard":    &ScorecardPage{Page: page(), Card: web.SampleScorecard(page().Base, s.cardReader())},
		"dealer/statement":    &StatementPage{Page: page(), Statement: web.SampleStatement()},
		"dealer/receipt":      &ReceiptPage{Page: page(), Receipt: web.SampleReceipt(), BackURL: "/"},
		"dealer/paper":        &PaperPage{Page: page(), Paper: web.SamplePaper(page().Base), PDFURL: "/", BackURL: "/"}, "dealer/queue": queue, "dealer/request": request, "dealer/order": order, "dealer/handovers": meetings, "dealer/handover": hand}
}

// sampleImport has every part of the page.
func sampleImport(p Page) *UsedImportPage {
	return &UsedImportPage{Page: p, Back: web.NavItem{URL: "/", Label: "Back"}, Path: "/", When: "today", State: "looked at", Columns: []ImportColumn{{"c0", "Telaio", "VF1RJU00X247K2M9X", []Choice{{"", "Not read", false}, {"vin", "VIN", true}}}, {Name: "c1"}}, Lacks: "no price",
		Busy: true, MayApply: true, MayRemap: true, Apply: "2 come in", Said: "2 of 4", Left: "1 minute", Rows: 4, Looked: 2, Fell: "1 fell", Counts: []web.ReportCount{{URL: "/", Label: "All", N: "4", Current: true}}, Bars: []ImportBar{{"new", "2", "good", 50}, {"known", "0", "", 0}},
		Lines: []ImportLine{{"2", "VF1RJU00X247K2M9X", "Renault Clio", "refused", "bad", "no amount"}, {No: "3"}}, More: "/", Rejects: "/"}
}

// sampleSlip is the form for a payment of a car that is handed over.
func sampleSlip(s site, p Page) *CorrectionPage {
	v := sampleOrder()
	v.OrderState = string(ordering.HandedOver)
	out := &CorrectionPage{Page: p, Number: v.Number, Car: v.Model, Slips: []web.CorrectionLine{{When: "today", Text: "VIN corrected", Proof: "slip"}}}
	out.fill(v, ordering.CorrectPayment)
	out.fillCar(s, v)
	out.fillEntry(s, v, allocation.Movement{Means: "desk_card", State: "captured", AmountMinor: 10_000, At: sampleNow})
	return out
}

// sampleUser may do everything, so that every button is drawn.
var sampleUser = identity.User{Role: identity.RoleDealer, Dealer: "gb-sample", Grants: []identity.Grant{{Role: identity.GroupManager, Dealer: "gb-sample"}}}

// sampleFlow is one that is sold, whichever.
var sampleFlow = ordering.Machines()[0].Flow

var sampleNow = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

func sampleRow(t allocation.Tab) allocation.Row {
	r := allocation.Row{Tab: t, Number: "FC-7K3M-29QX", Brand: "dacia", Flow: sampleFlow, OrderState: string(ordering.Ready), EntryState: allocation.Accepted, Area: "LS",
		Car:      allocation.Car{Model: "Duster", Version: "Journey", Engine: "TCe 130", Colour: "Terracotta", Body: "suv", PaintHex: "#a8502f", Finish: "metallic", Wheels: "y5"},
		Currency: "GBP", TotalMinor: 2_573_500, DepositMinor: 10_000, OfferedAt: sampleNow, DueAt: sampleNow.Add(8 * time.Hour), Since: sampleNow}
	if t == allocation.Answer {
		r.OrderState, r.EntryState = string(ordering.Offered), allocation.Offered
		return r
	}
	r.Name, r.VIN, r.Plate = "Priya Raman", "VF1RJA00065471902", "AB12CDE"
	if t == allocation.Handovers {
		r.Disputed = true
		r.Manners = "quiet,long"
		r.StartsAt, r.EndsAt, r.Bay = sampleNow.Add(time.Hour), sampleNow.Add(2*time.Hour), 2
	}
	return r
}

func sampleOrder() *allocation.OrderView {
	price := money.Of(2_573_500, "GBP")
	snap, _ := json.Marshal(ordering.Snapshot{ModelName: "Duster", Version: "Journey", Engine: "TCe 130", Colour: "Terracotta",
		Lines: []ordering.Line{{Kind: "car", Label: "Journey", Amount: price}, {Kind: "fee", Label: "First registration", Amount: money.Of(0, "GBP"), Included: true}}})
	return &allocation.OrderView{Row: sampleRow(allocation.Handovers), Contact: allocation.Contact{Email: "priya@example.com", Phone: "07700 900123",
		Street: "1 Sample Street", Town: "Leeds", Postcode: "LS1 9ZZ"}, Market: "gb", Snapshot: snap, PickupCode: "7K3M29", Choice: 1, Choices: 2,
		PaidMinor: price.Minor, HandedOverAt: sampleNow, OdometerKm: 18, HandedOverBy: "Anna Whitcombe", HandoverMade: "identity,papers", CreatedAt: sampleNow, Payments: []allocation.Movement{{Means: "card", State: "captured", AmountMinor: 10_000, At: sampleNow}},
		History: []allocation.Happening{{Event: "accept", To: "accepted", At: sampleNow, Actor: "staff:sample"}}}
}
