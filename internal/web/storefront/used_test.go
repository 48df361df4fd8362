package storefront_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/forms"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
)

// offer puts a used car on the market.
func (s *shop) offer(key id.UsedCar, model, fuel string, minor int64, state usedcars.State) {
	s.T.Helper()
	s.Tx(func(_ context.Context, tx *db.Tx) error {
		c := usedcars.Car{ID: key, Brand: "dacia", Market: "gb", Dealer: testkit.Leeds, VIN: "UU1RJU00X24" + string(key[2:]), Plate: "AB21 CDE", Make: "Dacia", Model: model, Version: "Journey", Engine: "x", Body: "suv", Fuel: fuel,
			Gearbox: "manual", Colour: "green", Doors: 5, Seats: 5, KW: 70, CO2: 120, Emission: "euro6", Registered: "2022-05-02", Km: 30000, Owners: 1, Equipment: []string{"camera"},
			Look: usedcars.Look{Body: "suv", Hex: "#4b5d3a", Finish: "metallic", Wheels: "multi"}, PriceMinor: minor, Currency: "GBP", VAT: usedcars.Margin}
		if err := usedcars.AddTx(tx, &c, c.Title()+" green", "test"); err != nil || state == usedcars.Draft {
			return err
		}
		return usedcars.MoveTx(tx, &c, usedcars.Step{To: usedcars.Listed, Actor: "test"})
	})
	must(s.T, s.UsedCar.Shelf.Refresh(context.Background()))
}

// visitor is a browser of its own with its cookies.
func (s *shop) visitor() {
	jar, err := cookiejar.New(nil)
	must(s.T, err)
	s.client = &http.Client{Jar: jar, CheckRedirect: s.client.CheckRedirect}
}

func keyed(more ...string) url.Values {
	v := url.Values{"form_key": {forms.NewKey()}}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

const dusterSlug = "/dacia/gb/used/dacia-duster-2022-u-7k2m9x"

func TestUsedCarsAreFoundByTheirFacets(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.offer("U-7K2M9X", "Duster", "petrol", 1299000, usedcars.Listed)
	s.offer("U-7K2M9Y", "Spring", "electric", 899000, usedcars.Listed)
	s.offer("U-7K2M9Z", "Jogger", "petrol", 1499000, usedcars.Draft)
	for address, want := range map[string]string{
		"/dacia/gb/used":                                    "2 cars at 1 dealer",
		"/dacia/gb/used?fuel=petrol":                        "1 car at 1 dealer",
		"/dacia/gb/used?fuel=petrol&fuel=electric":          "2 cars at 1 dealer",
		"/dacia/gb/used?max=10000&eq=camera":                "1 car at 1 dealer",
		"/dacia/gb/used?q=sprnig":                           "1 car at 1 dealer",
		"/dacia/gb/used?q=jogger":                           "0 cars at 0 dealers",
		"/dacia/gb/used?near=Leeds&within=10":               "2 cars at 1 dealer",
		"/dacia/gb/used?near=London&within=10":              "0 cars at 0 dealers",
		"/dacia/gb/used?fuel=plasma&min=x&page=-3&sort=%00": "2 cars at 1 dealer",
		"/renault/gb/used":                                  "0 cars at 0 dealers",
	} {
		if text := s.page(address).text(); !strings.Contains(text, want) {
			t.Errorf("%s does not say %q: %.300s", address, want, text)
		}
	}
	// A link to a page that is not there any more shows the last one, and a place that nobody knows is said where it was typed.
	if a := s.page("/dacia/gb/used?page=9"); !strings.Contains(a.body, "u-7k2m9x") || strings.Contains(a.text(), "Take a filter away") {
		t.Errorf("page nine of one: %.300s", a.text())
	}
	if a := s.page("/dacia/gb/used?near=Nowhereham"); !strings.Contains(a.body, `<details class="mob" open>`) || !strings.Contains(a.body, `id="near-error"`) {
		t.Error("an unknown place is said where a phone does not show it")
	}
	// The count beside a choice is what it would leave, with its own facet taken away.
	if body := s.page("/dacia/gb/used?fuel=petrol").body; !regexp.MustCompile(`value="electric"><span>Electric</span><span class="muted small">1</span>`).MatchString(body) {
		t.Error("the facet forgets what another fuel would leave")
	}
	if a := s.get("/dacia/de/used"); a.status != 404 {
		t.Errorf("a market without used cars answers %d", a.status)
	}
}

func TestAUsedCarsPageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.offer("U-7K2M9X", "Duster", "petrol", 1299000, usedcars.Listed)
	s.offer("U-7K2M9Z", "Jogger", "petrol", 1499000, usedcars.Draft)
	a := s.page(dusterSlug)
	for _, want := range []string{"Dacia Duster", "£12,990.00", "margin scheme", "UU1RJU00X247K2M9X", "Reserve it for £99"} {
		if !strings.Contains(a.text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	ld := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`).FindStringSubmatch(a.body)
	var car struct {
		Type   string `json:"@type"`
		Offers struct{ Price, PriceCurrency, Availability string }
	}
	if ld == nil || json.Unmarshal([]byte(ld[1]), &car) != nil || car.Type != "Car" || car.Offers.Price != "12990.00" || !strings.HasSuffix(car.Offers.Availability, "/InStock") {
		t.Errorf("search engines read %v", ld)
	}
	if a := s.get("/dacia/gb/used/anything-u-7k2m9x"); a.status != 301 || a.to() != dusterSlug {
		t.Errorf("other words in the address: %d to %s", a.status, a.to())
	}
	for _, address := range []string{"/renault/gb/used/dacia-duster-2022-u-7k2m9x", "/dacia/it/used/dacia-duster-2022-u-7k2m9x", "/dacia/gb/used/dacia-jogger-2022-u-7k2m9z", "/dacia/gb/used/nothing", "/dacia/gb/used/u-7k2m9%00"} {
		if a := s.get(address); a.status != 404 {
			t.Errorf("%s answers %d", address, a.status)
		}
	}
	for look, want := range map[string]int{"suv.4b5d3a.metallic.multi.-.svg": 200, "suv.4b5d3a.metallic.multi.-.rails.two.svg": 200, "tank.4b5d3a.metallic.multi.-.svg": 400, "suv.zzz.metallic.multi.-.svg": 400, "suv.4b5d3a.metallic.multi.-.two.rails.svg": 400, "x": 400} {
		if a := s.get("/used-car/" + look); a.status != want {
			t.Errorf("the drawing %s answers %d, want %d", look, a.status, want)
		}
	}
}

func TestAUsedCarIsBoughtWithoutScript(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.visitor()
	s.offer("U-7K2M9X", "Duster", "petrol", 1299000, usedcars.Listed)
	a := s.post(dusterSlug+"/hold", keyed())
	if a.status != 303 || !strings.HasPrefix(a.to(), "/dacia/gb/used/hold/") {
		t.Fatalf("the button: %d to %s", a.status, a.to())
	}
	hold := a.to()
	if a := s.post(dusterSlug+"/hold", keyed()); a.to() != hold {
		t.Errorf("pressed again it leads to %s, not to one's own hold", a.to())
	}
	page := s.page(hold)
	if page.head.Get("Cache-Control") != "no-store" || page.head.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("the secret page is kept or told: %v", page.head)
	}
	mine := s.client
	s.visitor() // somebody else
	if a := s.post(dusterSlug+"/hold", keyed()); a.status != 409 || !strings.Contains(a.text(), "On hold until") {
		t.Errorf("somebody else hears %d: %.200s", a.status, a.text())
	}
	if a := s.post(dusterSlug+"/line", keyed("email", "nobody")); a.status != 422 || !strings.Contains(a.body, `aria-invalid="true"`) {
		t.Errorf("a wrong address: %d", a.status)
	}
	first := s.post(dusterSlug+"/line", keyed("email", "next@example.com"))
	if first.status != 303 || !strings.Contains(s.page(first.to()).text(), "You are number 1 in the line") {
		t.Errorf("the line: %d to %s", first.status, first.to())
	}
	if a := s.post(dusterSlug+"/line", keyed("email", "Next@example.com")); a.to() != dusterSlug+"?done=line" {
		t.Errorf("an address that waits already learns more than a new one: %s", a.to())
	}
	s.client = mine
	form := keyed("name", "", "email", "priya@example.com", "phone", "07700 900123", "street", "Ash Grove 8", "postcode", "LS3 1LH", "town", "Leeds", "seen_total", "1299000", "terms", "yes")
	if a := s.post(hold+"/pay", form); a.status != 422 || !strings.Contains(a.body, "Ash Grove 8") {
		t.Errorf("without a name: %d, and what was typed is kept: %v", a.status, strings.Contains(a.body, "Ash Grove 8"))
	}
	form.Set("name", "Priya Raman")
	form.Set("seen_total", "1")
	if a := s.post(hold+"/pay", form); a.status != 422 {
		t.Errorf("at a price that nobody offers: %d", a.status)
	}
	form.Set("seen_total", "1299000")
	paid := s.post(hold+"/pay", form)
	if paid.status != 303 || !strings.HasPrefix(paid.to(), s.BankURL) {
		t.Fatalf("the button: %d to %s %s", paid.status, paid.to(), paid.text())
	}
	if a := s.get(hold); a.status != 303 || !strings.Contains(a.to(), "/dacia/gb/orders/") {
		t.Errorf("the hold's page after the order: %d to %s", a.status, a.to())
	}
	var o struct{ Flow, State string }
	if _, err := db.One(s.DB.Read(t.Context()), &o, `SELECT flow, state FROM orders`); err != nil || o.Flow != "used" || ordering.State(o.State) != ordering.Checkout {
		t.Errorf("written was %+v, %v", o, err)
	}
	s.sellerCannot(paid.to(), s.get(hold).to())
	for _, address := range []string{"/dacia/gb/used/hold/" + strings.Repeat("A", 43), "/dacia/gb/used/hold/x", strings.Replace(hold, "/gb/", "/it/", 1), strings.Replace(hold, "/dacia/", "/renault/", 1)} {
		if a := s.get(address); a.status != 404 {
			t.Errorf("%s answers %d", address, a.status)
		}
	}
}

// sellerCannot pays the card page of an order; its dealer, the only one who has the car, says no with a reason, which the buyer reads.
func (s *shop) sellerCannot(card, order string) {
	s.T.Helper()
	_, err := banktest.Pay(s.T.Context(), nil, card, testkit.Good)
	must(s.T, err)
	var payment id.Payment
	_, err = db.One(s.DB.Read(s.T.Context()), &payment, `SELECT id FROM payments`)
	must(s.T, err)
	must(s.T, s.UsedCar.Settle(s.T.Context(), payment))
	var number string
	_, err = db.One(s.DB.Read(s.T.Context()), &number, `SELECT number FROM orders`)
	must(s.T, err)
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return s.Sale.DeclineTx(ctx, tx, sale.Staff{User: id.New[id.User](), Dealer: testkit.Leeds}, number, "cannot_order")
	})
	if text := s.page(order).text(); !strings.Contains(text, "Your order is cancelled") || !strings.Contains(text, "this car cannot be sold as it was described") {
		s.T.Errorf("the buyer does not read why: %.600s", text)
	}
}
