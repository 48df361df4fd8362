package sale_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/pricing"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/web/dealer"
	"forecourt/internal/web/storefront"
	"forecourt/internal/web/webtest"
)

// volume is what only this flow knows of its goods.
func volume(_ *i18n.Printer, s ordering.Snapshot) []sale.Fact {
	return []sale.Fact{{Label: "Volume", Value: s.Version}}
}

// site is the portal and the storefront over the fourth flow. Nothing in them knows of roof boxes.
type site struct {
	*shop
	house *webtest.House
	anna  *webtest.Browser // of the dealer's staff
}

func openSite(t *testing.T) *site {
	s := &site{shop: open(t)}
	s.house = webtest.Over(s.Kit)
	s.house.Open(dealer.New(dealer.Deps{Kit: s.house.Kit, NewCar: s.NewCar, Live: allocation.NewLive(s.DB, s.house.Kit.Log)}).Routes())
	s.house.Open(storefront.New(storefront.Deps{Kit: s.house.Kit, NewCar: s.NewCar, UsedCar: s.UsedCar, CardOrigin: s.BankURL, Prices: pricing.NewSigner([]byte("a test secret of 32 bytes or more"))}).Routes())
	s.anna = s.house.Dealer("anna@example.com", testkit.Leeds)
	return s
}

// page is a page that must be there, say these words, and lack none.
func (s *site) page(b *webtest.Browser, path string, words ...string) webtest.Answer {
	s.T.Helper()
	a := b.Get(path)
	if a.Status != http.StatusOK {
		s.T.Fatalf("%s: %d\n%s", path, a.Status, a.Body)
	}
	for _, w := range words {
		if !strings.Contains(a.Body, w) {
			s.T.Errorf("%s does not say %q:\n%s", path, w, a.Body)
		}
	}
	return a
}

func (s *site) press(path string, pairs ...string) {
	s.T.Helper()
	form := url.Values{"form_key": {id.New[string]()}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	if a := s.anna.Post(path, form); a.Status != http.StatusSeeOther {
		s.T.Fatalf("%s: %d\n%s", path, a.Status, a.Body)
	}
}

// buyers is the path of the buyer's page.
func (s *site) buyers(o *ordering.Order) string {
	link, err := ordering.FirstLink(s.DB.Read(s.T.Context()), o.ID)
	if err != nil {
		s.T.Fatal(err)
	}
	return "/dacia/gb/orders/" + s.Sale.Tokens.Link(link)
}

func TestAFourthFlowIsInThePortalAndOnItsBuyersPage(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	o, buyer := s.buy(), s.house.Stranger()
	mine, order := s.buyers(o), "/dealer/orders/"+o.Number
	// 1. The queue of new cars is the first of two, and has no roof box in it.
	if a := s.page(s.anna, "/dealer", `href="/dealer?flow=accessory"`, "New cars"); strings.Contains(a.Body, o.Number) {
		t.Error("a roof box stands among new cars")
	}
	s.page(s.anna, "/dealer?flow=accessory", o.Number, "Roof box 480 l", `name="flow" value="accessory"`)
	s.page(s.anna, "/dealer?flow=nonsense", "New cars")
	s.page(buyer, mine, "Roof box", "<dt>Volume</dt><dd>480 l</dd>", o.Number)
	// It does not exist for a dealer who does not sell such things, whatever the address says.
	ed := s.house.Dealer("ed@example.com", testkit.London)
	if a := s.page(ed, "/dealer?flow=accessory"); strings.Contains(a.Body, o.Number) || strings.Contains(a.Body, "flow=accessory") {
		t.Error("another dealer sees it in its queue")
	}
	for _, path := range []string{order, order + "/handover", order + "/receipt"} {
		if a := ed.Get(path + "?flow=accessory"); a.Status != http.StatusNotFound {
			t.Errorf("%s of another dealer: %d", path, a.Status)
		}
	}
	// 2. The dealer takes it, and makes the one step that the flow has.
	s.page(s.anna, order, "Roof box 480 l", "<dt>Volume</dt><dd>480 l</dd>", order+"/accept")
	s.press(order + "/accept")
	s.settle(o.ID)
	if a := s.page(buyer, mine, "Roof box", "makes it ready for you"); strings.Contains(a.Body, "factory") {
		t.Error("a roof box comes from a factory")
	}
	if a := s.page(s.anna, order, `name="event" value="release"`); strings.Contains(a.Body, ">On the road<") {
		t.Error("a roof box is on the road, for nothing")
	}
	s.press(order+"/step", "event", "release")
	s.is(o.ID, ordering.Ready)
	s.page(buyer, mine, s.Order(o.ID).PickupCode[:3], `name="starts"`)
	// 3. It is paid, and given to the buyer: without a look at an odometer it does not have.
	s.press(order+"/payments", "means", "desk_transfer", "amount", "500.00", "reference", "REF 7")
	if a := s.page(s.anna, order+"/handover", "Roof box 480 l"); strings.Contains(a.Body, "odometer") {
		t.Error("a roof box is asked for its odometer")
	}
	s.press(order+"/handover", "code", o.PickupCode)
	s.is(o.ID, ordering.HandedOver)
	s.page(s.anna, order, "Roof box 480 l")
	s.page(s.anna, "/dealer?flow=accessory&tab=done", o.Number)
	for _, path := range []string{"", "/documents/confirmation", "/withdraw", "/receipt"} {
		s.page(buyer, mine+path)
	}
	for _, path := range []string{"/dealer/group", "/dealer/preparation", "/dealer/handovers", "/dealer/scorecard"} {
		s.page(s.anna, path+"?flow=accessory")
	}
	s.page(buyer, "/dacia/gb/pay/"+s.Sale.PayToken(o.ID)+"/"+o.Number, "Roof box 480 l")
	for _, missing := range s.house.Kit.Catalogue.Missing() {
		t.Errorf("a page asks for %s, which has no words", missing)
	}
}
