package storefront_test

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stock"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

const nearest = cheapDuster + "/nearest"

// park adds cars that exist: the cheapest Duster at Leeds, on the ground, and what the demo's factory
// made beside it.
func (s *shop) park() id.StockCar {
	s.T.Helper()
	w := s.World.Now()
	m, err := w.Model("dacia", "gb", "duster", "2026-11-24")
	must(s.T, err)
	rng, _ := w.Range("dacia", "duster")
	mk, _ := w.Market("gb")
	cars := stock.Invent(stock.Line{Market: mk, Range: rng, Model: m, Dealers: w.Dealers("dacia", "gb", id.FlowNew), Cars: 12}, "2026-11-24")
	same := &stock.Car{ID: "P-7K2M9X", Brand: "dacia", Market: "gb", Model: "duster", Dealer: testkit.Leeds, VIN: "VF1RJA00X747K2M9X",
		Selection: configurator.Encode(m.Default()), Stage: stock.Ground, ReadyOn: "2026-12-03"}
	s.Tx(func(_ context.Context, tx *db.Tx) error {
		for _, c := range append(cars, same) {
			if err := stock.AddTx(tx, c); err != nil {
				return err
			}
		}
		return nil
	})
	return same.ID
}

var takeLink = regexp.MustCompile(`<a class="btn main wide" href="([^"]*car=[^"]*)"`)

// take is the link of the first car of a page.
func (a answer) take(t *testing.T) string {
	t.Helper()
	m := takeLink.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no car to take: %s", a.text())
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

func TestTheNearestCarsBesideABuild(t *testing.T) {
	t.Parallel()
	s := open(t)
	if empty := s.page(nearest); !strings.Contains(empty.text(), "No new Duster stands at a dealer") {
		t.Errorf("no cars: %s", empty.text())
	}
	s.park()
	page := s.page(nearest + "?near=Leeds")
	text := page.text()
	first, _, _ := strings.Cut(text[strings.Index(text, "The cars"):], "Take this car")
	for _, want := range []string{"P-7K2M9X", "At the dealer", "Thursday, 3 December 2026", "8 to 14 weeks sooner", "Northgate Motors Leeds, 1.2 mi", "on the road, as yours"} {
		if !strings.Contains(first, want) {
			t.Errorf("the most alike lacks %q: %s", want, first)
		}
	}
	if n := len(takeLink.FindAllString(page.body, -1)); n != 13 {
		t.Errorf("%d cars", n)
	}
	if !strings.Contains(text, "Not as in your build") || !strings.Contains(text, " instead of ") || !strings.Contains(text, "to yours") {
		t.Errorf("differences are not named: %s", text)
	}
	checkIDs(t, nearest, page.body)
	if strings.Contains(page.body, " style=") {
		t.Error("inline style")
	}
}

func TestTheNearestCarsCanBeNarrowedDown(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.park()
	links := func(query string) int { return len(takeLink.FindAllString(s.page(nearest+"?"+query).body, -1)) }
	ground, transit, build := links("stage=ground"), links("stage=transit"), links("stage=build")
	if ground+transit+build != 13 || ground < 4 || transit < 3 || build < 3 {
		t.Errorf("%d on the ground, %d on the way, %d in the plan", ground, transit, build)
	}
	if n := links("stage=ground&dealer=" + string(testkit.Leeds)); n < 1 || n > ground {
		t.Errorf("%d on the ground at Leeds", n)
	}
	if p := s.page(nearest + "?stage=transit&dealer=" + string(testkit.Leeds)); links("stage=transit&dealer="+string(testkit.Leeds)) == 0 && !strings.Contains(p.text(), "No car matches") {
		t.Errorf("nothing found: %s", p.text())
	}
	for _, odd := range []string{"stage=moon&dealer=nobody", "near=%ff", "stage=%00", "lat=NaN&lon=Inf", "dealer=it-milano-naviglio"} {
		if n := links(odd); n != 13 {
			t.Errorf("%s: %d cars", odd, n)
		}
	}
	for query, want := range map[string]int{"s=no-such-part": 422, "s=%27": 422} {
		if a := s.get(nearest + "?" + query); a.status != want {
			t.Errorf("%s: %d", query, a.status)
		}
	}
}

func TestACarThatExistsIsBought(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.park()
	take := s.page(nearest).take(t)
	dealer := s.page(take + "&near=Leeds")
	for _, want := range []string{"This car exists already: P-7K2M9X.", "at Northgate Motors Leeds from Thursday, 3 December 2026", "5 working days more"} {
		if !strings.Contains(dealer.text(), want) {
			t.Errorf("the dealer step lacks %q: %s", want, dealer.text())
		}
	}
	if !strings.Contains(dealer.body, `value="gb-leeds-northgate" checked`) || strings.Count(dealer.body, `name="car" value="P-7K2M9X"`) != 2 {
		t.Error("the car's place is not chosen, or its number does not go along")
	}
	a := s.post(cheapDuster+"/dealer", with(dealer.form(t, cheapDuster+"/dealer"), "dealer", string(testkit.London)))
	if a.status != 303 {
		t.Fatalf("begin: %d %s", a.status, a.text())
	}
	draft := strings.TrimSuffix(a.to(), "/details")
	s.post(draft+"/details", with(s.page(draft+"/details").form(t, draft+"/details"), details...))
	check := s.page(draft + "/check")
	if !strings.Contains(check.text(), "This car exists already: P-7K2M9X. Ready for you here from Thursday, 10 December 2026") || strings.Contains(check.text(), "usually in") {
		t.Errorf("the check page: %s", check.text())
	}
	a = s.post(draft+"/pay", with(check.form(t, draft+"/pay"), "terms", "yes"))
	if a.status != 303 || !strings.HasPrefix(a.to(), s.BankURL) {
		t.Fatalf("pay: %d %s", a.status, a.text())
	}
	if p := s.page(nearest); strings.Contains(p.body, "P-7K2M9X") {
		t.Error("a car that somebody has is still shown")
	}
	back, err := banktest.Pay(t.Context(), nil, a.to(), testkit.Good)
	must(t, err)
	order, _, _ := strings.Cut(s.get(back).to(), "?")
	page := s.page(order)
	if !strings.Contains(page.text(), "Your car exists already: P-7K2M9X. It can be handed over at Kestrel Cars Park Royal from Thursday, 10 December 2026.") || strings.Contains(page.text(), "Ordered from the factory") {
		t.Errorf("the order page: %s", page.text())
	}
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return s.NewCar.AcceptTx(ctx, tx, sale.Staff{User: id.New[id.User](), Dealer: testkit.London}, s.only().Number)
	})
	if p := s.page(order); !strings.Contains(p.text(), "Your Duster is on its way") || strings.Contains(p.text(), "Built") {
		t.Errorf("after the yes: %s", p.text())
	}
}

func TestACarTakenInASecondTab(t *testing.T) {
	t.Parallel()
	s := open(t)
	car := s.park()
	take := s.page(nearest).take(t)
	begin := func() string {
		t.Helper()
		dealer := s.page(take)
		a := s.post(cheapDuster+"/dealer", with(dealer.form(t, cheapDuster+"/dealer"), "dealer", string(testkit.Leeds)))
		draft := strings.TrimSuffix(a.to(), "/details")
		s.post(draft+"/details", with(s.page(draft+"/details").form(t, draft+"/details"), details...))
		return draft
	}
	late, form := begin(), s.page(take).form(t, cheapDuster+"/dealer")
	check := s.page(late+"/check").form(t, late+"/pay")
	quick := begin()
	if a := s.post(quick+"/pay", with(s.page(quick+"/check").form(t, quick+"/pay"), "terms", "yes")); a.status != 303 {
		t.Fatalf("the quick one: %d %s", a.status, a.text())
	}
	const sorry = "Somebody else has just taken this car. Nothing was ordered"
	for what, a := range map[string]answer{
		"the button":      s.post(late+"/pay", with(check, "terms", "yes")),
		"the dealer form": s.post(cheapDuster+"/dealer", with(form, "dealer", string(testkit.Leeds))),
		"the link":        s.get(take),
	} {
		if a.status != 409 || !strings.Contains(a.text(), sorry) || !strings.Contains(a.body, `href="`+nearest) {
			t.Errorf("%s: %d %s", what, a.status, a.text())
		}
	}
	if n := count(s, "orders"); n != 1 {
		t.Errorf("%d orders", n)
	}
	again := s.page(late + "/check")
	if strings.Contains(again.body, `action="`+late+`/pay"`) {
		t.Error("the page offers to order a car that is taken")
	}
	factory := again.form(t, late+"/factory")
	for range 2 {
		if a := s.post(late+"/factory", factory); a.status != 303 || a.to() != late+"/check" {
			t.Fatalf("from the factory: %d %s", a.status, a.to())
		}
	}
	check2 := s.page(late + "/check")
	if a := s.post(late+"/pay", with(check2.form(t, late+"/pay"), "terms", "yes")); a.status != 303 || !strings.HasPrefix(a.to(), s.BankURL) {
		t.Errorf("the same build from the factory: %d %s", a.status, a.text())
	}
	if n := count(s, "stock_cars WHERE state = 'held' AND id = '"+string(car)+"'"); n != 1 {
		t.Errorf("%d cars held", n)
	}
}

func TestCarsThatAreNotThisShops(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.park()
	for path, words := range map[string]string{
		cheapDuster + "/dealer?car=P-222222":                "We do not know this car.",
		cheapDuster + "/dealer?car=%27%3B--":                "We do not know this car.",
		cheapDuster + "/dealer?car=%ff":                     "We do not know this car.",
		"/dacia/gb/new/spring/dealer?car=P-7K2M9X":          "We do not know this car.",
		"/dacia/fr/new/duster/dealer?car=P-7K2M9X":          "Nous ne connaissons pas cette voiture.",
		"/dacia/it/new/duster/dealer?s=x&car=P-7K2M9X":      "Non conosciamo quest&#39;auto.",
		"/renault/gb/new/clio/dealer?car=P-7K2M9X&near=%00": "We do not know this car.",
	} {
		if a := s.get(path); a.status != 404 || !strings.Contains(a.text(), words) {
			t.Errorf("%s: %d %s", path, a.status, a.text())
		}
	}
	form := s.page(cheapDuster+"/dealer").form(t, cheapDuster+"/dealer")
	if a := s.post(cheapDuster+"/dealer", with(form, "dealer", string(testkit.Leeds), "car", "P-222222")); a.status != 404 {
		t.Errorf("posted: %d", a.status)
	}
	// What the address says beside a car does not count.
	a := s.page(cheapDuster + "/dealer?" + url.Values{"s": {"no-such-part"}, "car": {"P-7K2M9X"}}.Encode())
	if !strings.Contains(a.text(), "This car exists already") {
		t.Errorf("a car with a broken build beside it: %s", a.text())
	}
	if n := count(s, "drafts"); n != 0 {
		t.Errorf("%d drafts", n)
	}
}
