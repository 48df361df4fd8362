package aftersales_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/money"

	"pgregory.net/rapid"
)

const day market.Date = "2026-11-24"

func marketOf(code id.Market) *market.Market {
	m := &market.Market{Code: code, Currency: "EUR", WithdrawalDays: 14, VAT: []market.Rate{{From: "2007-01-01", RateBP: 2000}}}
	switch code {
	case "gb":
		m.Currency, m.PlatePattern = "GBP", `^[A-Z]{2}\d{2}[A-Z]{3}$`
	case "ro":
		m.Currency, m.VAT = "RON", []market.Rate{{From: "2017-01-01", RateBP: 1900}, {From: "2025-08-01", RateBP: 2100}}
	}
	return m
}

func duster(change func(c *aftersales.Car)) aftersales.Car {
	c := aftersales.Car{VIN: "UU1RJU00X24D23456", Brand: "dacia", Model: "duster", Fuel: "petrol", Registered: "2024-06-10", Km: 24000}
	if change != nil {
		change(&c)
	}
	return c
}

// said is what an offer says in short: kind, code, reason.
func said(lines []aftersales.Line) (out []string) {
	for _, l := range lines {
		if l.Kind != aftersales.KindExtra {
			out = append(out, fmt.Sprintf("%s %s %s", l.Kind, l.Code, l.Why.Reason))
		}
	}
	return out
}

func TestWhatACarNeeds(t *testing.T) {
	t.Parallel()
	b := demoBook(t)
	for name, c := range map[string]struct {
		car    aftersales.Car
		market id.Market
		want   []string
	}{
		"never seen": {duster(nil), "gb", []string{"due annual-service months", "due cabin-filter months", "due tyres months"}},
		"was there in June": {duster(func(c *aftersales.Car) {
			c.Visits = []aftersales.Visit{{On: "2026-06-10", Km: 20000, Items: []string{"annual-service", "cabin-filter", "tyres"}}}
		}), "gb", nil},
		"by mileage": {duster(func(c *aftersales.Car) {
			c.Visits = []aftersales.Visit{{On: "2026-06-10", Km: 3000, Items: []string{"annual-service", "cabin-filter", "tyres"}}}
		}), "gb", []string{"due annual-service km"}},
		"soon by mileage": {duster(func(c *aftersales.Car) {
			c.Visits = []aftersales.Visit{{On: "2026-06-10", Km: 5000, Items: []string{"annual-service", "cabin-filter", "tyres"}}}
		}), "gb", []string{"due annual-service km"}},
		"recall first": {duster(func(c *aftersales.Car) { c.VIN, c.Registered, c.Km = "UU1RJU00X24B23456", "2026-09-01", 900 }), "gb", []string{"recall r-dacia-2611 recall"}},
		"recall done": {duster(func(c *aftersales.Car) {
			c.VIN, c.Registered, c.Km = "UU1RJU00X24B23456", "2026-09-01", 900
			c.Visits = []aftersales.Visit{{On: "2026-11-01", Km: 500, Items: []string{"r-dacia-2611"}}}
		}), "gb", nil},
		"inspection": {duster(func(c *aftersales.Car) {
			c.Registered = "2023-12-20"
			c.Visits = []aftersales.Visit{{On: "2026-10-10", Km: 20000, Items: []string{"annual-service", "cabin-filter", "tyres", "brake-fluid"}}}
		}), "gb", []string{"inspection inspection inspection"}},
		"not yet in Italy": {duster(func(c *aftersales.Car) {
			c.Registered = "2023-12-20"
			c.Visits = []aftersales.Visit{{On: "2026-10-10", Km: 20000, Items: []string{"annual-service", "cabin-filter", "tyres", "brake-fluid"}}}
		}), "it", nil},
		"electric": {aftersales.Car{Brand: "renault", Model: "scenic-e-tech", Fuel: "electric", Registered: "2024-11-01", Km: 12000}, "fr",
			[]string{"due annual-service months", "due battery-check months", "due cabin-filter months", "due tyres months"}},
		"old and unknown": {aftersales.Car{Brand: "renault", Model: "Mégane", Registered: "2015-03-01", Km: 140000, Inspected: "2026-05-01",
			Visits: []aftersales.Visit{{On: "2026-05-01", Km: 138000, Items: []string{"annual-service", "cabin-filter", "air-filter", "coolant", "tyres", "brake-fluid"}}}}, "fr", []string{"due starter-battery months"}},
	} {
		lines, err := aftersales.Recommend(b, marketOf(c.market), c.car, day)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := said(lines); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestBadCarsAreRefused(t *testing.T) {
	t.Parallel()
	b := demoBook(t)
	for name, c := range map[string]struct {
		car    aftersales.Car
		market id.Market
		want   error
	}{
		"mileage fell": {duster(func(c *aftersales.Car) { c.Visits = []aftersales.Visit{{On: "2026-01-01", Km: 24001}} }), "gb", aftersales.ErrFallen},
		"of tomorrow":  {duster(func(c *aftersales.Car) { c.Registered = "2026-11-25" }), "gb", aftersales.ErrCar},
		"no day":       {duster(func(c *aftersales.Car) { c.Registered = "2026-02-30" }), "gb", aftersales.ErrCar},
		"below zero":   {duster(func(c *aftersales.Car) { c.Km = -1 }), "gb", aftersales.ErrCar},
		"plate":        {duster(func(c *aftersales.Car) { c.Plate = "1234 BCD" }), "gb", aftersales.ErrPlate},
		"market":       {duster(nil), "pt", aftersales.ErrMarket},
	} {
		if _, err := aftersales.Recommend(b, marketOf(c.market), c.car, day); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := aftersales.Recommend(b, marketOf("gb"), duster(func(c *aftersales.Car) { c.Plate = "ab12 cde" }), day); err != nil {
		t.Errorf("a plate of the market: %v", err)
	}
}

func TestWhatIsPickedIsPricedAndWhatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	b, m := demoBook(t), marketOf("gb")
	car := duster(func(c *aftersales.Car) { c.VIN = "UU1RJU00X24A22222" })
	lines, err := b.Pick(m, car, day, []aftersales.Pick{{Code: "tyre-215-60-r17-summer", Quantity: 4}, {Code: "towbar", Fitting: aftersales.Collected}, {Code: "rubber-mats", Fitting: aftersales.Collected},
		{Code: "diagnosis", Reason: aftersales.ByWarning}, {Code: "annual-service"}, {Code: "annual-service"}, {Code: "plan-3"}})
	if err != nil {
		t.Fatal(err)
	}
	p := b.Markets["gb"].PricesAt(day)
	want := []struct {
		code       string
		minor      int64
		minutes    int
		withdrawal aftersales.WithdrawalRule
	}{
		{"r-dacia-2611", 0, 30, aftersales.WithdrawFree},
		{"annual-service", p.Items["annual-service"]["any"], 85, aftersales.WithdrawFitted},
		{"diagnosis", p.Items["diagnosis"]["any"], 60, aftersales.WithdrawService},
		{"towbar", p.Parts["towbar"] + p.LabourMinor*150/60, 150, aftersales.WithdrawFitted}, // is never sold over the counter
		{"rubber-mats", p.Parts["rubber-mats"], 0, aftersales.WithdrawGoods},
		{"tyre-215-60-r17-summer", 4*p.Parts["tyre-215-60-r17-summer"] + p.LabourMinor, 60, aftersales.WithdrawFitted},
		{"plan-3", p.Contracts["plan-3"], 0, aftersales.WithdrawService},
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines: %v", len(lines), said(lines))
	}
	for i, w := range want {
		if l := lines[i]; l.Code != w.code || l.Amount != money.Of(w.minor, "GBP") || l.Minutes != w.minutes || l.Withdrawal != w.withdrawal {
			t.Errorf("%s: %s %v %d min %s", w.code, l.Code, l.Amount, l.Minutes, l.Withdrawal)
		}
	}
	if got := aftersales.SkillsOf(lines); !slices.Equal(got, []aftersales.Skill{aftersales.General, aftersales.Diagnosis, aftersales.Tyres}) {
		t.Errorf("skills %v", got)
	}
	if lines[5].Label == nil || lines[5].Label.WetGrip == "" {
		t.Error("a tyre without its label")
	}
	for code, want := range map[string]error{"tyre-165-70-r14-summer": aftersales.ErrUnfit, "charging-cable": aftersales.ErrUnfit, "sleep-pack": aftersales.ErrUnfit, "lpg-service": aftersales.ErrUnfit,
		"electric-4": aftersales.ErrUnfit, "oil-filter": aftersales.ErrNoItem, "flux-capacitor": aftersales.ErrNoItem, "": aftersales.ErrNoItem} {
		if _, err := b.Pick(m, car, day, []aftersales.Pick{{Code: code}}); !errors.Is(err, want) {
			t.Errorf("%s: %v", code, err)
		}
	}
	shelf, err := b.Shelf(m, car, day)
	if err != nil || len(shelf) < 10 {
		t.Fatalf("the shelf has %d lines: %v", len(shelf), err)
	}
	for _, l := range shelf {
		if _, err := b.Pick(m, car, day, []aftersales.Pick{{Code: l.Code}}); err != nil {
			t.Errorf("%s is on the shelf and can not be picked: %v", l.Code, err)
		}
	}
}

func TestAServicePlanPaysForWhatItCovers(t *testing.T) {
	t.Parallel()
	b, m := demoBook(t), marketOf("gb")
	amounts := func(o aftersales.Owned) (service, tyres int64) {
		lines, err := aftersales.Recommend(b, m, duster(func(c *aftersales.Car) { c.Owned = []aftersales.Owned{o} }), day)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			switch l.Code {
			case "annual-service":
				service = l.Amount.Minor
				if (l.Cover != "") != (service == 0) || l.List.IsZero() {
					t.Errorf("covered by %q for %v of %v", l.Cover, l.Amount, l.List)
				}
			case "tyres":
				tyres = l.Amount.Minor
			}
		}
		return service, tyres
	}
	if s, ty := amounts(aftersales.Owned{Code: "plan-3", From: "2026-01-01", Until: "2026-11-24", Visits: 1}); s != 0 || ty == 0 {
		t.Errorf("on its last day: %d, %d", s, ty)
	}
	for _, o := range []aftersales.Owned{{Code: "plan-3", From: "2026-01-01", Until: "2026-11-23", Visits: 1}, {Code: "plan-3", From: "2026-01-01", Until: "2027-01-01"}, {Code: "electric-4", From: "2026-01-01", Until: "2027-01-01", Visits: 2, ID: "x"},
		{Code: "unknown", From: "2026-01-01", Until: "2027-01-01", Visits: 2}} {
		if s, _ := amounts(o); s == 0 && o.Code != "electric-4" {
			t.Errorf("%+v pays", o)
		}
	}
}

func TestInspectionsFollowTheLawOfTheMarket(t *testing.T) {
	t.Parallel()
	b := demoBook(t)
	for _, c := range []struct {
		market           id.Market
		registered, last market.Date
		want             market.Date
	}{
		{"gb", "2020-02-29", "", "2023-02-28"},
		{"gb", "2020-05-10", "2023-05-01", "2024-05-01"},
		{"it", "2020-05-10", "", "2024-05-10"},
		{"it", "2020-05-10", "2024-05-10", "2026-05-10"},
		{"fr", "2020-05-10", "2024-05-10", "2026-05-10"},
		{"de", "2020-05-10", "", "2023-05-10"},
		{"de", "2020-05-10", "2023-05-10", "2025-05-10"},
		{"es", "2014-05-10", "", "2018-05-10"},
		{"es", "2014-05-10", "2022-05-10", "2024-05-10"},
		{"es", "2014-05-10", "2024-05-10", "2025-05-10"},
		{"gb", "2020-05-10", "2021-01-01", "2023-05-10"}, // before the first was due at all
		{"gb", "2020-05-10", "2019-01-01", "2023-05-10"}, // of another car, perhaps
	} {
		r := b.Markets[c.market].InspectionAt(day)
		if got := aftersales.NextInspection(r, c.registered, c.last); got != c.want {
			t.Errorf("%s, registered %s, last %q: %s, want %s", c.market, c.registered, c.last, got, c.want)
		}
	}
}

func TestTheClockOfAWithdrawal(t *testing.T) {
	t.Parallel()
	m := marketOf("fr")
	for _, c := range []struct {
		rule                      aftersales.WithdrawalRule
		contract, delivered, done market.Date
		until                     market.Date
		ok                        bool
	}{
		{aftersales.WithdrawGoods, "2026-11-01", "", "", "", true},
		{aftersales.WithdrawGoods, "2026-11-01", "2026-11-20", "", "2026-12-04", true},
		{aftersales.WithdrawService, "2026-11-01", "", "", "2026-11-15", true},
		{aftersales.WithdrawService, "2026-11-01", "", "2026-11-05", "", false},
		{aftersales.WithdrawFitted, "2026-11-01", "", "2026-11-05", "", false},
		{aftersales.WithdrawFree, "2026-11-01", "", "", "", false},
	} {
		if until, ok := c.rule.Until(m, c.contract, c.delivered, c.done); until != c.until || ok != c.ok {
			t.Errorf("%+v: %s %t", c, until, ok)
		}
	}
}

// Whatever the car: lines stand in their order, recalls are free, nothing is negative, and they add up.
func TestOffersAddUpInTheirOrder(t *testing.T) {
	t.Parallel()
	b := demoBook(t)
	order := []aftersales.Kind{aftersales.KindRecall, aftersales.KindDue, aftersales.KindInspection, aftersales.KindExtra}
	var models []string
	for _, s := range b.Sizes {
		models = append(models, s.Model)
	}
	rapid.Check(t, func(r *rapid.T) {
		code := rapid.SampledFrom([]id.Market{"gb", "fr", "it", "de", "es", "ro"}).Draw(r, "market")
		m := marketOf(code)
		model := rapid.SampledFrom(models).Draw(r, "model")
		c := aftersales.Car{Brand: id.Brand(model[:indexOf(model, '/')]), Model: id.Model(model[indexOf(model, '/')+1:]),
			Fuel:       rapid.SampledFrom([]string{"", "petrol", "diesel", "hybrid", "plugin", "electric", "lpg"}).Draw(r, "fuel"),
			Registered: day.PlusMonths(-rapid.IntRange(0, 240).Draw(r, "months")), Km: rapid.IntRange(0, 400_000).Draw(r, "km"),
			VIN: rapid.SampledFrom([]string{"", "UU1RJU00X24A22222", "VF1RJU00X24TZZZZZ", "UU1RJU00X24U33333"}).Draw(r, "vin")}
		if rapid.Bool().Draw(r, "visited") {
			c.Visits = []aftersales.Visit{{On: day.PlusMonths(-rapid.IntRange(0, 40).Draw(r, "ago")), Km: rapid.IntRange(0, c.Km).Draw(r, "then"), Items: []string{"annual-service", "tyres"}}}
		}
		if rapid.Bool().Draw(r, "plan") {
			c.Owned = []aftersales.Owned{{Code: "plan-5", From: "2026-01-01", Until: "2027-01-01", Visits: 1}}
		}
		lines, err := aftersales.Recommend(b, m, c, day)
		if err != nil {
			r.Fatal(err)
		}
		var total, vat int64
		last := 0
		codes := map[string]bool{}
		for _, l := range lines {
			at := slices.Index(order, l.Kind)
			if at < last || codes[l.Code] {
				r.Fatalf("%s %s stands in the wrong place, or twice", l.Kind, l.Code)
			}
			last, codes[l.Code] = at, true
			if l.Amount.Minor < 0 || l.VAT.Minor < 0 || l.VAT.Minor > l.Amount.Minor || l.Minutes <= 0 || l.Amount.Minor > l.List.Minor || l.Amount.Currency != m.Currency {
				r.Fatalf("%+v", l)
			}
			if l.Kind == aftersales.KindRecall && !l.Amount.IsZero() || l.Kind != aftersales.KindRecall && l.Cover == "" && l.Amount.IsZero() || l.Withdrawal == "" || l.Why.Reason == "" {
				r.Fatalf("%+v", l)
			}
			total, vat = total+l.Amount.Minor, vat+l.VAT.Minor
		}
		if sum, sumVAT := aftersales.Sum(lines); sum.Minor != total || sumVAT.Minor != vat {
			r.Fatalf("adds up to %v and %v, not %d and %d", sum, sumVAT, total, vat)
		}
	})
}

func indexOf(s string, b byte) int { return slices.Index([]byte(s), b) }
