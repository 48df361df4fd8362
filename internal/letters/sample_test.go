package letters

import (
	"slices"
	"sync"
	"testing"
	"time"

	"forecourt/config"
	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/mail"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/templates"
)

var noon = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC) // a Monday

var load = sync.OnceValues(i18n.Load)

func words(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func writerOf(t testing.TB, c *i18n.Catalogue) *Letters {
	t.Helper()
	s, err := New(c, templates.Files, Config{Domain: "forecourt.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func compose(t testing.TB, l sale.Letter) mail.Message {
	t.Helper()
	c := words(t)
	m, err := writerOf(t, c).Compose(l)
	if err != nil {
		t.Fatal(err)
	}
	if missing := c.Missing(); len(missing) > 0 {
		t.Fatalf("%s: missing words: %v", l.Template, missing)
	}
	return m
}

// country is one market with its dealer and buyer.
type country struct {
	market market.Market
	dealer network.Dealer
	buyer  ordering.Buyer
}

var countries = map[string]country{
	"gb": {
		market.Market{Code: "gb", Locale: "en-GB", Currency: "GBP", RefundDays: 14, WithdrawalDays: 14,
			Papers: []market.Wording{market.Plain("Photocard driving licence"), market.Plain("Proof of address from the last three months"), market.Plain("Your order number and pickup code")}},
		network.Dealer{Code: "gb-leeds", Name: "Northgate Motors Leeds", LegalName: "Northgate Motors Ltd", Street: "14 Saddler's Rise", Town: "Leeds",
			Postcode: "LS10 9ZZ", Phone: "01632 960110", Email: "handover@northgate.example.com", TimeZone: "Europe/London"},
		ordering.Buyer{Name: "Maud Ellery", Email: "maud@example.com", Phone: "+447700900123", Street: "3 Weaver's Croft", Town: "Otley", Postcode: "LS21 9ZZ"},
	},
	"it": {
		market.Market{Code: "it", Locale: "it-IT", Currency: "EUR", RefundDays: 14, WithdrawalDays: 14,
			Papers: []market.Wording{market.Plain("Documento d'identità valido"), market.Plain("Codice fiscale")}},
		network.Dealer{Code: "it-torino", Name: "Autocollina Torino", LegalName: "Autocollina S.r.l.", Street: "Via dei Tigli 12", Town: "Torino",
			Postcode: "10199", Phone: "011 0000 110", Email: "consegne@autocollina.example.com", TimeZone: "Europe/Rome"},
		ordering.Buyer{Name: "Livia Serrani", Email: "livia@example.com", Phone: "+390000000123", Street: "Corso Esempio 8", Town: "Moncalieri", Postcode: "10098"},
	},
	"fr": {
		market.Market{Code: "fr", Locale: "fr-FR", Currency: "EUR", RefundDays: 14, WithdrawalDays: 14,
			Papers: []market.Wording{market.Plain("Pièce d'identité en cours de validité"), market.Plain("Permis de conduire")}},
		network.Dealer{Code: "fr-lyon", Name: "Garage des Saules Lyon", LegalName: "Garage des Saules SAS", Street: "5 rue des Saules", Town: "Lyon",
			Postcode: "69099", Phone: "04 65 71 00 10", Email: "livraison@saules.example.com", TimeZone: "Europe/Paris"},
		ordering.Buyer{Name: "Odile Marchand", Email: "odile@example.com", Phone: "+33199000123", Street: "2 impasse du Puits", Town: "Bron", Postcode: "69599"},
	},
	"es": {
		market.Market{Code: "es", Locale: "es-ES", Currency: "EUR", RefundDays: 14, WithdrawalDays: 14,
			Papers: []market.Wording{market.Plain("DNI o NIE en vigor"), market.Plain("Permiso de conducir")}},
		network.Dealer{Code: "es-madrid", Name: "Automóviles Encinar Madrid", LegalName: "Automóviles Encinar, S.L.", Street: "Calle de las Encinas, 9", Town: "Madrid",
			Postcode: "28099", Phone: "910 000 110", Email: "entregas@encinar.example.com", TimeZone: "Europe/Madrid"},
		ordering.Buyer{Name: "Nuria Salcedo", Email: "nuria@example.com", Phone: "+34600000123", Street: "Calle Ejemplo, 4", Town: "Getafe", Postcode: "28999"},
	},
	"ro": {
		market.Market{Code: "ro", Locale: "ro-RO", Currency: "RON", RefundDays: 14, WithdrawalDays: 14,
			Papers: []market.Wording{market.Plain("Carte de identitate valabilă"), market.Plain("Permis de conducere")}},
		network.Dealer{Code: "ro-cluj", Name: "Dealul Auto Cluj", LegalName: "Dealul Auto SRL", Street: "strada Fânului 7", Town: "Cluj-Napoca",
			Postcode: "400999", Phone: "0312 000 010", Email: "predare@dealul.example.com", TimeZone: "Europe/Bucharest"},
		ordering.Buyer{Name: "Ilinca Prunaru", Email: "ilinca@example.com", Phone: "+40712000012", Street: "strada Exemplului 3", Town: "Florești", Postcode: "407999"},
	},
}

// stages says in which state an order is when a template is sent, and its number.
var stages = map[string]struct {
	state ordering.State
	seq   int
}{
	"placed": {ordering.Offered, 1}, "reoffered": {ordering.Offered, 2}, "choose": {ordering.Choosing, 1},
	"accepted": {ordering.Accepted, 0}, "ordered": {ordering.Ordered, 0}, "built": {ordering.Built, 0},
	"in_transit": {ordering.InTransit, 0}, "arrived": {ordering.Arrived, 0}, "prepared": {ordering.Prepared, 0},
	"ready": {ordering.Ready, 0}, "slot": {ordering.Ready, 29_000_000}, "desk_payment": {ordering.Ready, 1}, "card_payment": {ordering.Ready, 102}, "transfer_in": {ordering.Ready, 102}, "refund_failed": {ordering.Cancelled, 1}, "renew": {ordering.Offered, 1},
	"handed_over": {ordering.HandedOver, 0}, "handover_undone": {ordering.Ready, 1}, "cancelled": {ordering.Cancelled, 0}, "money_back": {ordering.Cancelled, 1},
	"second_payment": {ordering.Accepted, 2}, "dealer_offer": {ordering.Offered, 1}, "dealer_cancelled": {ordering.Cancelled, 0},
	"withdraw_link": {ordering.HandedOver, 20_400}, "withdrawn": {ordering.Returning, 0}, "taken_back": {ordering.Returned, 0},
	"car_corrected": {ordering.HandedOver, 12}, "payment_corrected": {ordering.Ready, 12},
	"deferred": {ordering.Ready, 12}, "overdue": {ordering.HandedOver, 12},
	"changed": {ordering.Accepted, 5}, "dealer_changed": {ordering.Accepted, 5},
	"question": {ordering.Offered, 2}, "dealer_remind": {ordering.Offered, 2}, "offer_silent": {ordering.Offered, 2}, "dealer_answered": {ordering.Offered, 2}, "offer_country": {ordering.Offered, 2},
	"message": {ordering.Ordered, 20_400}, "dealer_message": {ordering.Ordered, 20_400},
	"on_plan": {ordering.Ordered, 2}, "silence": {ordering.Ordered, 3}, "dealer_silent": {ordering.Ordered, 2}, "country_silent": {ordering.Ordered, 2},
	"change_refused": {ordering.Accepted, 1}, "moved": {ordering.Ordered, 1}, "move_proposed": {ordering.Ordered, 1}, "dealer_let_go": {ordering.Offered, 1}, "move_refused": {ordering.Ordered, 1}, "part_back": {ordering.Accepted, 1}, "part_failed": {ordering.Accepted, 1},
	"dealer_asked": {ordering.Ordered, 1}, "dealer_car_asked": {ordering.Accepted, 1}, "dealer_moved": {ordering.Ordered, 1},
	"booked": {ordering.Accepted, 1}, "visit_moved": {ordering.Accepted, 4}, "extra_work": {ordering.Arrived, 1}, "earlier_slot": {ordering.Accepted, 29_000_000}, "dealer_booked": {ordering.Accepted, 1}, "dealer_visit_moved": {ordering.Accepted, 4}, "extra_answered": {ordering.Arrived, 1},
	"dealer_withdrawn": {ordering.Returning, 0}, "dealer_refund_due": {ordering.Returned, 0},
}

func templateNames() []string {
	var out []string
	for name := range plans {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// dacia is the brand as the demo has it: a mail shows its colours.
func dacia() market.Brand {
	data, err := config.World.ReadFile("brands.yaml")
	if err != nil {
		panic(err)
	}
	brands, problems := market.DecodeBrands("brands.yaml", data)
	if len(problems) > 0 {
		panic(problems)
	}
	return brands[0]
}

// sample is a full letter: an order of 24,340.00 with a deposit and, where it has come that far,
// a payment at the desk.
func sample(template, in string) sale.Letter {
	c, st := countries[in], stages[template]
	c.market.Access.Mail = in + "-office@example.com"
	o := &ordering.Order{ID: "0190b0c2-7f00-7000-8000-0000000000a1", Number: "FC-7K3M-29QX", Brand: "dacia", Market: id.Market(in), Flow: id.FlowNew,
		State: st.state, Currency: c.market.Currency, TotalMinor: 24_340_00, DepositMinor: 500_00, Dealer: c.dealer.Code, PickupCode: "H7XK42",
		VIN: "UU1DJF00X68123456", CreatedAt: noon, HandedOverAt: noon, UpdatedAt: noon, CancelReason: "buyer", DueAt: noon.Add(72 * time.Hour),
		Snapshot: ordering.Snapshot{ModelName: "Duster", Version: "Journey", Engine: "hybrid 140", Colour: "Cedar green",
			Body: "suv", PaintHex: "#2f4a3c", Finish: "metallic", Wheels: "y5", Trim: "chrome", Seller: "dealer", Holds: "maker",
			LeaveDays: 14, WeeksFrom: 10, WeeksTo: 16}}
	card := func(attempt int, s payment.State) *payment.Payment {
		return &payment.Payment{Order: o.ID, Purpose: payment.ForDeposit, Attempt: attempt, Means: payment.ByCard, State: s, Amount: o.Deposit()}
	}
	l := sale.Letter{Template: template, Seq: st.seq, Audience: "buyer", At: noon, Order: o, Buyer: c.buyer, Dealer: &c.dealer, Market: &c.market,
		Brand: dacia(), Link: "https://forecourt.example.com/dacia/" + in + "/orders/tok-en_1",
		Entries: []*allocation.Entry{
			{Order: o.ID, Dealer: c.dealer.Code, Round: 1, State: allocation.Declined, Reason: "cannot_order", OfferedAt: noon, DueAt: noon.Add(8 * time.Hour)},
			{Order: o.ID, Dealer: c.dealer.Code, Round: 2, State: allocation.Offered, OfferedAt: noon, DueAt: noon.Add(28 * time.Hour)}},
		Payments:    []*payment.Payment{card(1, payment.Authorised)},
		Appointment: &network.Appointment{Order: o.ID, Dealer: c.dealer.Code, StartsAt: noon.Add(93 * time.Hour), EndsAt: noon.Add(94 * time.Hour)}}
	switch template {
	case "booked", "visit_moved", "extra_work", "earlier_slot", "dealer_booked", "dealer_visit_moved", "extra_answered":
		o.Flow = id.FlowService
		o.Snapshot.Visit = &ordering.Visit{StartsAt: noon.Add(93 * time.Hour), EndsAt: noon.Add(95 * time.Hour)}
	case "on_plan", "silence", "dealer_silent", "country_silent":
		if template == "silence" && in != "it" { // where the market sets nothing, nothing is said
			l.Goodwill = money.Of(50_00, o.Currency)
		}
		l.Entries[1].State, l.Entries[1].AnsweredAt, l.Entries[1].NewsAt = allocation.Accepted, noon, noon
		l.Entries[1].ReadyFrom, l.Entries[1].ReadyTo, l.Entries[1].OddsPct = "2027-02-01", "2027-03-15", 80
	}
	if st.state == ordering.Returning || st.state == ordering.Returned {
		l.Leaving = &ordering.Leaving{Order: o.ID, Currency: o.Currency, Way: ordering.ByWithdrawal, ToldAt: noon, BringBy: "2026-12-07", BackAt: noon, DrivenKm: 700,
			OwedMinor: 24_017_00, KeptMinor: 323_00, UseMinor: 73_00, DamageMinor: 250_00, DamageNote: "Scratch on the left door", DueOn: "2026-12-07"}
		l.Payments = []*payment.Payment{card(1, payment.Returning), {Order: o.ID, Purpose: payment.ForBalance, Attempt: 1, Means: payment.ByDeskTransfer,
			State: payment.Returning, Amount: money.Of(23_840_00, o.Currency), KeptMinor: 323_00}}
	}
	l.Request = &ordering.Request{Order: o.ID, Seq: 1, Kind: ordering.AskDealer, State: ordering.RequestDeclined, Reason: "too_far", AskedAt: noon, DueAt: noon.Add(28 * time.Hour)}
	l.Other, l.Part = &network.Dealer{Name: "Kestrel Cars"}, &payment.Part{Seq: 1, Amount: money.Of(650_00, o.Currency), Reason: payment.PartChanged}
	switch template {
	case "car_corrected":
		l.Correction = &ordering.Correction{Order: o.ID, Seq: 12, Kind: ordering.SlipCar, Reason: "mistyped", VINWas: "UU1DJF00X68123465", VINNow: o.VIN, PlateNow: "YK76DRV"}
	case "payment_corrected":
		l.Correction = &ordering.Correction{Order: o.ID, Seq: 12, Kind: ordering.SlipPayment, Reason: "mistyped", Currency: o.Currency, WasMinor: 2_000_00, NowMinor: 20_000_00}
	case "move_proposed":
		l.Request.State, l.Request.Reason, l.Request.OrderedBy, l.Request.Cause = ordering.RequestProposed, "", "staff:0190b0c2-7f00-7000-8000-0000000000b1", ordering.DealerCloses
	}
	if template == "change_refused" {
		l.Request.Reason = "date"
	}
	switch {
	case template == "second_payment":
		l.Payments, l.PaidMinor = []*payment.Payment{card(1, payment.Captured), card(2, payment.Refunded)}, 500_00
	case template == "refund_failed":
		l.Payments = []*payment.Payment{card(1, payment.Returning)}
	case template == "money_back":
		l.Payments = []*payment.Payment{card(1, payment.Voided)}
	case template == "cancelled":
		l.Payments = []*payment.Payment{card(1, payment.Returning)}
	case st.state == ordering.Ready:
		l.Payments = append([]*payment.Payment{card(1, payment.Captured)}, &payment.Payment{Order: o.ID, Purpose: payment.ForBalance, Attempt: 1,
			Means: payment.ByDeskTransfer, State: payment.Captured, Amount: money.Of(20_000_00, o.Currency)})
		l.PaidMinor = 20_500_00
	}
	switch {
	case template == "deferred" || template == "overdue":
		l.PaidMinor, l.PayLink = 20_500_00, "https://forecourt.example.com/dacia/"+in+"/pay/tok-en_2/FC-7K3M-29QX"
		l.Deferral = &ordering.Deferral{Order: o.ID, Seq: st.seq, Currency: o.Currency, Reason: "finance", AmountMinor: 3_840_00, DueOn: "2026-12-07", At: noon}
	case st.state == ordering.HandedOver:
		l.PaidMinor = o.TotalMinor
	}
	if template == "card_payment" || template == "transfer_in" {
		means := payment.ByCard
		if template == "transfer_in" {
			means = payment.ByTransfer
		}
		l.Payments = append(l.Payments, &payment.Payment{Order: o.ID, Purpose: payment.ForBalance, Attempt: 2, Means: means, State: payment.Captured, Amount: money.Of(1_000_00, o.Currency)})
		l.PaidMinor += 1_000_00
	}
	return l
}
