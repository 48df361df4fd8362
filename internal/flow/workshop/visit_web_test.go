package workshop_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/aftersales"
	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/forms"
	"forecourt/internal/pricing"
	"forecourt/internal/testkit"
	"forecourt/internal/web/dealer"
	"forecourt/internal/web/storefront"
	"forecourt/internal/web/webtest"
)

// shopfront is the shop and the portals around a yard.
type shopfront struct {
	*yard
	house *webtest.House
}

func openShop(t *testing.T) *shopfront {
	t.Helper()
	s := &shopfront{yard: open(t)}
	s.house = webtest.Over(s.Kit)
	s.house.Open(storefront.New(storefront.Deps{Kit: s.house.Kit, NewCar: s.NewCar, UsedCar: s.UsedCar, Workshop: s.Workshop, CardOrigin: s.BankURL, Prices: pricing.NewSigner([]byte("a test secret of 32 bytes or more"))}).Routes())
	s.house.Open(dealer.New(dealer.Deps{Kit: s.house.Kit, NewCar: s.NewCar, Used: s.UsedCar, Workshop: s.Workshop, Live: allocation.NewLive(s.DB, s.house.Kit.Log)}).Routes())
	return s
}

func fields(pairs ...string) url.Values {
	v := url.Values{"form_key": {forms.NewKey()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// says fails unless a page is there and says all the words.
func (s *shopfront) says(a webtest.Answer, status int, words ...string) webtest.Answer {
	s.T.Helper()
	if a.Status != status {
		s.T.Fatalf("it answers %d, not %d: %s", a.Status, status, a.Body)
	}
	for _, w := range words {
		if !strings.Contains(a.Body, w) {
			s.T.Errorf("it does not say %q", w)
		}
	}
	return a
}

var slotIn = regexp.MustCompile(`name="slot" value="([^"]+)"`)

const car = "model=duster&fuel=petrol&reg=2023-03-10&km=26000&plate=LS23ABC"

// book holds the first slot that the page of times shows and books it, to be paid in a way; it gives the order's page.
func (s *shopfront) book(buyer *webtest.Browser, pay string) string {
	s.T.Helper()
	times := s.says(buyer.Get("/dacia/gb/service/times?picked=1&pick=brake-fluid&dealer=gb-leeds-northgate&"+car), 200, "Brake fluid", "Northgate Motors Leeds")
	m := slotIn.FindStringSubmatch(times.Body)
	if m == nil {
		s.T.Fatalf("no slot: %s", times.Body)
	}
	form := fields("picked", "1", "pick", "brake-fluid", "model", "duster", "fuel", "petrol", "reg", "2023-03-10", "km", "26000", "plate", "LS23ABC", "mobility", "none", "slot", m[1])
	held := s.says(buyer.Post("/dacia/gb/service/hold", form), 303)
	if again := buyer.Post("/dacia/gb/service/hold", form); again.Location != held.Location {
		s.T.Errorf("the same form holds %s and %s", held.Location, again.Location)
	}
	page := s.says(buyer.Get(held.Location), 200, "Brake fluid", "£69.00", "kept for you until")
	who := func(more ...string) url.Values {
		v := fields("name", "Priya Raman", "email", "priya@example.com", "phone", "07700 900123", "street", "Ash Grove 8", "postcode", "LS3 1LH", "town", "Leeds", "terms", "yes", "pay", pay, "seen_total", page.Hidden("seen_total"))
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	s.says(buyer.Post(held.Location, who("name", "", "terms", "")), 422, `value="priya@example.com"`, `id="terms-error"`)
	s.says(buyer.Post(held.Location, who("seen_total", "1")), 422)
	s.says(buyer.Post(held.Location, who("pay", "gold")), 422, "Choose how you pay")
	booked := s.says(buyer.Post(held.Location, who()), 303)
	if two := buyer.Post(held.Location, who()); two.Location != booked.Location {
		s.T.Errorf("two tabs lead to %s and %s", booked.Location, two.Location)
	}
	s.says(buyer.Get(held.Location), 200, "This time is booked")
	return booked.Location
}

func TestAServiceIsBookedAndDoneInTheBrowser(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	buyer, leeds, other := s.house.Stranger(), s.house.Dealer("leeds@example.com", testkit.Leeds), s.house.Dealer("london@example.com", "gb-london-kestrel")
	s.says(buyer.Get("/dacia/gb/service?"+car), 200, "Annual service", "MOT test", "in all", `value="brake-fluid"`)
	order := s.book(buyer, "desk")
	s.says(buyer.Get(order), 200, "Your visit is booked", "LS23ABC", "no withdrawal once it is done")
	number := regexp.MustCompile(`FC-[0-9A-Z]{4}-[0-9A-Z]{4}`).FindString(buyer.Get(order).Body)
	at := "/dealer/orders/" + number
	for _, path := range []string{at + "/arrival", at + "/work", at + "/extra", at + "/no-show", at + "/time"} {
		if a := other.Post(path, fields("vin", yardVIN, "km", "26100")); a.Status != 404 {
			t.Errorf("another dealer posts to %s: %d", path, a.Status)
		}
	}
	s.says(leeds.Post(at+"/arrival", fields("vin", "short", "km", "26100")), 422, `value="short"`, "vin-error")
	s.says(leeds.Post(at+"/arrival", fields("vin", yardVIN, "km", "none")), 422, "km-error")
	s.says(leeds.Post(at+"/no-show", fields()), 409)
	s.says(leeds.Post(at+"/arrival", fields("vin", yardVIN, "km", "26100", "plate", "LS23 ABC", "papers", "yes")), 303)
	s.says(leeds.Post(at+"/extra", fields("item", "", "words", "x", "urgency", "now")), 422)
	s.says(leeds.Post(at+"/extra", fields("item", "brakes-front", "words", "3 mm left", "urgency", "now")), 303)
	s.says(buyer.Get(order), 200, "The workshop found more", "3 mm left", "£294.00")
	s.says(buyer.Post(order+"/visit", fields("act", "steal", "seq", "1")), 400)
	s.says(buyer.Post(order+"/visit", fields("act", "yes", "seq", "7")), 404)
	s.says(buyer.Post(order+"/visit", fields("act", "yes", "seq", "1")), 303)
	s.says(buyer.Post(order+"/visit", fields("act", "no", "seq", "1")), 409)
	s.says(leeds.Get(at), 200, "Yes: it is done", "£363.00")
	s.says(leeds.Post(at+"/step", fields("event", "release")), 303)
	s.says(buyer.Get(order), 200, "is ready")
	o, err := ordering.GetForDealer(s.DB.Read(t.Context()), testkit.Leeds, number)
	s.must(err)
	s.must(s.fetch(o))
	s.says(buyer.Get(order), 200, "Your visit is done")
	s.says(leeds.Get("/dealer/service?day=nonsense"), 200, "Workshop")
	s.Healthy("mail_leaves")
}

func TestServicePagesRefuseWhatCannotBe(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	buyer := s.house.Stranger()
	for query, words := range map[string]string{
		"plate=AB+123+CD+45&km=1":                                                   "not a number plate",
		"model=tank&fuel=petrol&reg=2023-03-10&km=1":                                "Choose the model",
		"model=duster&fuel=steam&reg=2023-03-10&km=1":                               "what the engine runs on",
		"model=duster&fuel=petrol&reg=2035-03-10&km=1":                              "first registration",
		"model=duster&fuel=petrol&reg=2023-03-10&km=-5":                             `id="km-error"`,
		"model=duster&fuel=petrol&reg=2023-03-10&km=" + strings.Repeat("9", 30):     `id="km-error"`,
		"model=duster&fuel=petrol&reg=2023-03-10&km=%3Cscript%3Ealert%281%29%3C%2F": "&lt;script&gt;",
	} {
		s.says(buyer.Get("/dacia/gb/service?"+query), 422, words)
	}
	s.says(buyer.Get("/dacia/gb/service/times?picked=1&pick=brake-fluid&model=tank"), 400)
	if a := buyer.Get("/dacia/gb/service/times?picked=1&" + car); a.Status != 303 {
		t.Errorf("times for nothing: %d", a.Status)
	}
	s.says(buyer.Get("/dacia/gb/service/book/0190b0c2-7f00-7000-8000-0000000000a1.forged"), 404)
	held := s.house.Stranger().Post("/dacia/gb/service/hold", fields("picked", "1", "pick", "brake-fluid", "model", "duster", "fuel", "petrol", "reg", "2023-03-10", "km", "26000", "mobility", "none", "slot", "gb-leeds-northgate|"+"2020-01-01T09:00:00Z"))
	s.says(held, 422, "This time is past")
	s.says(buyer.Post("/dacia/gb/service/hold", fields("picked", "1", "pick", "brake-fluid", "model", "duster", "fuel", "petrol", "reg", "2023-03-10", "km", "26000", "slot", "x")), 422, "Choose a time")
	s.says(buyer.Post("/dacia/gb/service/hold", fields("picked", "1", "pick", "no-such-part", "model", "duster", "fuel", "petrol", "reg", "2023-03-10", "km", "26000", "slot", "gb-leeds-northgate|2026-12-01T09:00:00Z")), 422)
	if ss, err := aftersales.Queue(s.DB.Read(t.Context()), testkit.Leeds, 10); err != nil || len(ss) != 0 {
		t.Errorf("%d bookings, %v", len(ss), err)
	}
}
