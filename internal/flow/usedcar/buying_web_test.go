package usedcar_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/forms"
	"forecourt/internal/pricing"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/web/dealer"
	"forecourt/internal/web/storefront"
	"forecourt/internal/web/webtest"
)

// shopfront is the shop and the portals around a yard.
type shopfront struct {
	*yard
	house  *webtest.House
	placed sale.Placed
}

func openShop(t *testing.T) *shopfront {
	t.Helper()
	s := &shopfront{yard: open(t)}
	s.house = webtest.Over(s.Kit)
	s.house.Open(storefront.New(storefront.Deps{Kit: s.house.Kit, NewCar: s.NewCar, UsedCar: s.UsedCar, CardOrigin: s.BankURL, Prices: pricing.NewSigner([]byte("a test secret of 32 bytes or more"))}).Routes())
	s.house.Open(dealer.New(dealer.Deps{Kit: s.house.Kit, NewCar: s.NewCar, Used: s.UsedCar, Live: allocation.NewLive(s.DB, s.house.Kit.Log)}).Routes())
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

// details are what a buyer types, but the price that was shown.
func details(more ...string) url.Values {
	v := fields("name", "Priya Raman", "email", "priya@example.com", "phone", "07700 900123", "street", "Ash Grove 8", "postcode", "LS3 1LH", "town", "Leeds", "terms", "yes")
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func TestAnotherSiteIsChosenWithoutScriptAndHandsTheCarOver(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	buyer := s.house.Stranger()
	at := "/dacia/gb/used/hold/" + s.hold()
	s.says(buyer.Get(at), 200, `<option value="gb-manchester-hollins">Hollins Manchester`, "£99")
	s.says(buyer.Get(at+"?place=gb-plymouth-rame"), 200, "not brought to that site", "£15,990.00")
	chosen := s.says(buyer.Get(at+"?place="+string(manchester)), 200, "£16,089.00", "Transport to", "There by 30", `value="gb-manchester-hollins" selected`)
	if seen := chosen.Hidden("seen_total"); seen != "1608900" || chosen.Hidden("place") != string(manchester) {
		t.Fatalf("the form carries %s to %s", seen, chosen.Hidden("place"))
	}
	s.says(buyer.Post(at+"/pay", details("seen_total", "1599000", "place", string(manchester))), 422)
	s.says(buyer.Post(at+"/pay", details("seen_total", "1599000", "place", "nowhere")), 422)
	s.says(buyer.Post(at+"/pay", details("seen_total", "1608900", "place", string(manchester), "name", "")), 422, `value="gb-manchester-hollins" selected`)
	a := buyer.Post(at+"/pay", details("seen_total", "1608900", "place", string(manchester)))
	if two := buyer.Post(at+"/pay", details("seen_total", "1608900", "place", "")); a.Status != http.StatusSeeOther || two.Location != a.Location {
		t.Fatalf("two tabs: %d to %s, %d to %s", a.Status, a.Location, two.Status, two.Location)
	}
	o := s.lastOrder()
	p, err := s.UsedCar.HoldOf(t.Context(), s.shop, strings.TrimPrefix(at, "/dacia/gb/used/hold/"))
	if err != nil || p.Order != o.ID {
		t.Fatal(p, err)
	}
	s.payOrder(o)
	leeds, there, other := s.house.Dealer("leeds@example.com", testkit.Leeds), s.house.Dealer("manchester@example.com", manchester), s.house.Dealer("london@example.com", "gb-london-kestrel")
	move := "/dealer/used/moves/" + o.Number
	if a := there.Get(move); a.Status != 404 {
		t.Errorf("before anybody said yes the receiving site sees %d", a.Status)
	}
	s.Tx(func(ctx context.Context, tx *db.Tx) error { return s.Sale.AcceptTx(ctx, tx, s.staff, o.Number) })
	s.settle(o.ID)
	s.says(leeds.Get("/dealer/used/moves"), 200, "Send the car to Hollins")
	if a := s.says(leeds.Get("/dealer?flow=used"), 200, "/dealer/orders/"+o.Number); strings.Contains(a.Body, move) {
		t.Error("the sender's order stands twice in its queue")
	}
	s.says(leeds.Get(feedOf(s, leeds)), 200, "SUMMARY:Send the car to Hollins Manchester: Dacia Duster", "UID:"+o.Number+"-to_send@forecourt")
	if a := there.Get("/dealer?flow=used"); strings.Contains(a.Body, o.Number) {
		t.Error("the receiving site has something to do before the car is sent")
	}
	s.says(leeds.Get(move), 200, "/dealer/orders/"+o.Number)
	s.says(leeds.Get("/dealer/orders/"+o.Number), 200, "Send the car", "Place of handover", "Hollins Manchester")
	if a := there.Get(move); strings.Contains(a.Body, "Priya") || strings.Contains(a.Body, "900123") {
		t.Error("the receiving site knows the buyer before the car is on its way")
	}
	for path, want := range map[string]int{move: 404, "/dealer/orders/" + o.Number: 404} {
		if a := other.Get(path); a.Status != want {
			t.Errorf("a third site sees %s: %d", path, a.Status)
		}
	}
	if a := there.Get("/dealer/orders/" + o.Number); a.Status != 404 {
		t.Errorf("the receiving site opens the seller's order: %d", a.Status)
	}
	s.says(leeds.Post("/dealer/orders/"+o.Number+"/step", fields("event", "fetch")), 303)
	s.says(there.Get("/dealer/used/moves"), 200, "A car arrives from Northgate")
	s.says(buyer.Get("/dacia/gb/orders/"+s.linkOf(o)), 200, "travelling to Hollins Manchester", "Place of handover", "M17 9ZZ")
	s.says(there.Get(move), 200, "Priya Raman", "It is here", "still owes the seller")
	s.says(buyer.Get("/dacia/gb/orders/"+s.linkOf(o)), 200, "the site of the handover takes no money")
	calendar := feedOf(s, there)
	s.says(there.Get(calendar), 200, "SUMMARY:A car arrives from Northgate Motors Leeds")
	for tab, want := range map[string]bool{"": true, "&tab=work": true, "&tab=overdue": false, "&tab=handovers": false} {
		if a := there.Get("/dealer?flow=used" + tab); strings.Contains(a.Body, move) != want {
			t.Errorf("the receiving site's queue, %q: %v", tab, !want)
		}
	}
	s.says(other.Post(move, fields("act", "arrive")), 404)
	s.says(there.Post(move, fields("act", "nonsense")), 400)
	s.says(there.Post(move, fields("act", "arrive")), 303)
	s.says(there.Post(move, fields("act", "arrive")), 409)
	s.says(there.Post(move, fields("act", "prepare", "checks", "inspection")), 422, `value="inspection" checked`)
	all := fields("act", "prepare")
	all["checks"] = ordering.PreparationItems
	s.says(there.Post(move, all), 303)
	s.says(there.Post(move, fields("act", "release")), 303)
	s.says(there.Get(move), 200, `action="`+move+`/handover"`)
	s.bookThere(o)
	s.says(there.Get("/dealer?flow=used&tab=handovers"), 200, move, "Handover")
	s.says(there.Get("/dealer/handovers"), 200, `href="`+move+`"`, "Priya Raman")
	s.says(there.Post(move+"/handover", fields("act", "hand_over", "code", "WRONG", "odometer", "x")), 422, `id="odometer-error"`, "WRONG")
	s.says(other.Post(move+"/handover", fields("act", "hand_over", "code", o.PickupCode, "odometer", "25500", "checks", "all")), 404)
	s.says(there.Post(move+"/handover", fields("act", "hand_over", "code", o.PickupCode, "odometer", "25500", "checks", "all")), 409)
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return s.Sale.RecordDeskTx(ctx, tx, s.staff, o.Number, "desk_transfer", o.TotalMinor-o.DepositMinor, "REF 1")
	})
	s.says(there.Post(move+"/handover", fields("act", "hand_over", "code", o.PickupCode, "odometer", "25500", "checks", "all")), 303)
	a = there.Get(move)
	if strings.Contains(a.Body, "Priya") {
		t.Error("after the handover the receiving site still knows the buyer")
	}
	h, err := allocation.HandoverOf(s.DB.Read(t.Context()), o.ID)
	if err != nil || !strings.Contains(a.Body, h.Code[:3]+" "+h.Code[3:]) {
		t.Errorf("the receiving site does not show the code with which the buyer confirms: %v", err)
	}
	s.says(buyer.Get("/dacia/gb/orders/"+s.linkOf(o)), 200, "the code that Hollins Manchester shows you")
	if a := there.Get("/dealer?flow=used"); strings.Contains(a.Body, o.Number) {
		t.Error("what is done still stands in the receiving site's queue")
	}
}

// lastOrder is the newest order.
func (s *shopfront) lastOrder() *ordering.Order {
	s.T.Helper()
	var number string
	if _, err := db.One(s.DB.Read(s.T.Context()), &number, `SELECT number FROM orders ORDER BY created_at DESC LIMIT 1`); err != nil {
		s.T.Fatal(err)
	}
	o, err := ordering.ByNumber(s.DB.Read(s.T.Context()), number)
	if err != nil {
		s.T.Fatal(err)
	}
	return o
}

// payOrder pays what was asked first by a good card.
func (s *shopfront) payOrder(o *ordering.Order) {
	s.T.Helper()
	s.Tx(func(_ context.Context, tx *db.Tx) error {
		var err error
		s.placed, _, err = s.Sale.PlacedBeforeTx(tx, o.ID)
		return err
	})
	s.pay(s.placed)
}

// feedOf makes an address of the calendar of somebody's site.
func feedOf(s *shopfront, b *webtest.Browser) string {
	s.T.Helper()
	a := s.says(b.Post("/dealer/feed", fields()), 200)
	at := regexp.MustCompile(`/calendar/[A-Za-z0-9_-]{43}\.ics`).FindString(a.Body)
	if at == "" {
		s.T.Fatal("no address")
	}
	return at
}

// bookThere books the first handover at the receiving site.
func (s *shopfront) bookThere(o *ordering.Order) {
	s.T.Helper()
	d, _ := s.World.Now().Dealer(manchester)
	mk, _ := s.World.Now().Market("gb")
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return s.Sale.BookTx(ctx, tx, o.ID, d.Slots(mk, s.Clock.Now(), nil, false)[0].StartsAt)
	})
}
