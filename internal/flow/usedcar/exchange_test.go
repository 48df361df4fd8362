package usedcar_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
	"forecourt/internal/web/webtest"
)

const ownVIN = "VF1RJA00X647K2M9X"

// value has a car valued in a browser and reads the offer.
func (s *shopfront) value(buyer *webtest.Browser, plate string) (link string, offer *usedcars.Offer) {
	s.T.Helper()
	a := s.says(buyer.Post("/dacia/gb/used/your-car", fields("plate", plate, "km", "60,000", "condition", "fair", "serviced", "yes", "email", "Priya@Example.com")), 303)
	offer, err := s.UsedCar.OfferOf(s.T.Context(), s.shop, strings.TrimPrefix(a.Location, "/dacia/gb/used/your-car/"))
	if err != nil {
		s.T.Fatal(err)
	}
	return a.Location, offer
}

func TestYourCarIsValuedAndTheValueKept(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Work()
	buyer := s.house.Stranger()
	s.says(buyer.Get("/dacia/gb/used/your-car"), 200, "What is your car worth?")
	for field, bad := range map[string]string{"plate": "12", "km": "many", "condition": "new", "email": "nobody"} {
		f := fields("plate", "AB12 CDE", "km", "60000", "condition", "good", "email", "priya@example.com")
		f.Set(field, bad)
		s.says(buyer.Post("/dacia/gb/used/your-car", f), 422, `id="`+field+`-error"`)
	}
	s.says(buyer.Post("/dacia/gb/used/your-car", fields("plate", "AB12 CZZ", "km", "60000", "condition", "good", "email", "priya@example.com")), 422, "Nobody knows a car with this plate")
	link, offer := s.value(buyer, "ab12 cde")
	_, again := s.value(s.house.Stranger(), "AB12CDE")
	if offer.ValueMinor != again.ValueMinor || offer.Car != again.Car || offer.Subject.Km != 96561 {
		t.Errorf("the same car is worth %d and %d at %d km", offer.ValueMinor, again.ValueMinor, offer.Subject.Km)
	}
	a := s.says(buyer.Get(link), 200, offer.Car.Title(), "We keep it until", "more than 621 mi beyond", "On no other ground", "data-left")
	if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("the secret page is kept or told: %v", a.Header)
	}
	for _, path := range []string{link + "x", strings.Replace(link, "/gb/", "/it/", 1), "/dacia/gb/used/your-car/" + strings.Repeat("A", 43)} {
		if a := s.house.Stranger().Get(path); a.Status != 404 {
			t.Errorf("%s answers %d", path, a.Status)
		}
	}
	testkit.Eventually(t, "a letter with the link", func() bool {
		for _, m := range s.Mails.Sent() {
			if m.To == "priya@example.com" && strings.Contains(m.Text, link) {
				return true
			}
		}
		return false
	})
	s.sweep(8 * 24 * 60 * 60 * 1e9)
	s.says(buyer.Get(link), 200, "This offer is over")
	token := s.hold()
	err := s.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := s.UsedCar.PlaceTx(ctx, tx, s.shop, token, usedcar.Buy{Buyer: testkit.Buyer, SeenTotal: 1599000, Exchange: link[strings.LastIndex(link, "/")+1:]})
		return err
	})
	if !errors.Is(err, usedcars.ErrOfferOver) {
		t.Errorf("an offer that is over is taken: %v", err)
	}
}

// More kilometres, a worse condition and an accident never make a car worth more.
func TestAValueFallsWithWhatIsWorse(t *testing.T) {
	t.Parallel()
	at := func(km int, condition string, accident, serviced bool) int64 {
		v, err := usedcars.SimulatedValuer{}.Value(t.Context(), usedcars.Subject{Market: "gb", Day: "2026-11-24", Plate: "AB12CDE", Km: km, Condition: condition, Accident: accident, Serviced: serviced})
		if err != nil || v.Minor < 200_00 || !v.Registered.Valid() {
			t.Fatal(v, err)
		}
		return v.Minor
	}
	best := at(1000, "good", false, true)
	for _, worse := range []int64{at(200_000, "good", false, true), at(1000, "fair", false, true), at(1000, "poor", false, true), at(1000, "good", true, true), at(1000, "good", false, false)} {
		if worse >= best {
			t.Errorf("worse is worth %d, best %d", worse, best)
		}
	}
}

func TestACarIsGivenInPartExchange(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	buyer := s.house.Stranger()
	link, offer := s.value(buyer, "AB12CDE")
	if buyer.Get(link); offer.ValueMinor > 1589100 {
		t.Fatalf("worth %d: another plate", offer.ValueMinor)
	}
	at := "/dacia/gb/used/hold/" + s.hold()
	page := s.says(buyer.Get(at), 200, "I give my "+offer.Car.Title(), "Your car in part exchange")
	if a := s.house.Stranger().Get(at); strings.Contains(a.Body, "I give my") {
		t.Error("another browser is offered the car of this one")
	}
	swap := regexp.MustCompile(`name="swap" value="([^"]+)"`).FindStringSubmatch(page.Body)[1]
	if a := buyer.Post(at+"/pay", details("seen_total", "1599000", "swap", swap)); a.Status != http.StatusSeeOther {
		t.Fatalf("ordered: %d %s", a.Status, a.Body)
	}
	o := s.lastOrder()
	s.payOrder(o)
	if o = s.Order(o.ID); o.DepositMinor != 9900 || o.TotalMinor != 1599000 {
		t.Errorf("the car changed the price: %d, %d", o.DepositMinor, o.TotalMinor)
	}
	s.says(buyer.Get(link), 200, "part of an order already")
	// What is left to pay falls by it, and the dealer's yes does not bring the car.
	mine := "/dacia/gb/orders/" + s.linkOf(o)
	s.says(buyer.Get(mine), 200, "Your car in part exchange", "AB12CDE")
	s.Tx(func(ctx context.Context, tx *db.Tx) error { return s.Sale.AcceptTx(ctx, tx, s.staff, o.Number) })
	s.settle(o.ID)
	anna, other := s.house.Dealer("anna@example.com", testkit.Leeds), s.house.Dealer("london@example.com", "gb-london-kestrel")
	s.ready(o)
	rest := o.TotalMinor - o.DepositMinor - offer.ValueMinor
	desk := func(minor int64) error {
		return s.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return s.Sale.RecordDeskTx(ctx, tx, s.staff, o.Number, payment.ByDeskTransfer, minor, "REF 1")
		})
	}
	if err := desk(rest + 1); !errors.Is(err, payment.ErrTooMuch) {
		t.Errorf("more than is left is taken: %v", err)
	}
	if err := desk(rest); err != nil {
		t.Fatal(err)
	}
	if err := s.give(o); !errors.Is(err, sale.ErrUnpaid) {
		t.Errorf("handed over without the buyer's car: %v", err)
	}
	// The dealer finds something else, and the buyer agrees.
	own := "/dealer/orders/" + o.Number + "/exchange"
	s.says(other.Post(own, fields("act", "take", "own_vin", ownVIN, "own_km", "60100", "own_seen", "yes")), 404)
	s.says(anna.Post(own, fields("act", "take", "own_vin", "x", "own_km", "60100", "own_seen", "yes")), 422, `id="own_vin-error"`)
	s.says(anna.Post(own, fields("act", "take", "own_vin", ownVIN, "own_km", "60100")), 422, `id="own_seen-error"`)
	s.says(anna.Post(own, fields("act", "take", "own_vin", ownVIN, "own_km", "60700", "own_seen", "yes")), 422, `id="own_km-error"`)
	for field, bad := range map[string]string{"own_value": "999999", "own_ground": "mood", "own_note": ""} {
		f := fields("act", "differ", "own_ground", "condition", "own_value", "1000", "own_note", "A dent in the roof")
		f.Set(field, bad)
		s.says(anna.Post(own, f), 422, `id="`+field+`-error"`)
	}
	s.says(anna.Post(own, fields("act", "differ", "own_ground", "condition", "own_value", "1000", "own_note", "A dent in the roof")), 303)
	s.says(anna.Post(own, fields("act", "take", "own_vin", ownVIN, "own_km", "60100", "own_seen", "yes")), 409)
	s.says(buyer.Get(mine), 200, "A dent in the roof", "condition worse than described", "£1,000.00")
	s.says(buyer.Post(mine+"/exchange", fields("seq", "1", "word", "maybe")), 400)
	s.says(buyer.Post(strings.Replace(mine, "/gb/", "/it/", 1)+"/exchange", fields("seq", "1", "word", "yes")), 404)
	s.says(buyer.Post(mine+"/exchange", fields("seq", "1", "word", "yes")), 303)
	if err := desk(offer.ValueMinor - 100000); err != nil {
		t.Fatal(err)
	}
	s.says(anna.Post(own, fields("act", "take", "own_vin", strings.ToLower(ownVIN), "own_km", "60100", "own_seen", "yes")), 303)
	if err := s.give(o); err != nil {
		t.Fatal(err)
	}
	s.inStock(1)
	s.Healthy("mail_leaves")
	// Undone and made again it is still one car; withdrawn, its value goes back in money.
	s.Tx(func(ctx context.Context, tx *db.Tx) error { return s.Sale.UndoTx(ctx, tx, s.staff, o.Number, "slip") })
	if err := s.give(o); err != nil {
		t.Fatal(err)
	}
	s.inStock(1)
	s.Tx(func(ctx context.Context, tx *db.Tx) error { return s.Sale.WithdrawTx(ctx, tx, o.ID) })
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return s.Sale.TakeBackTx(ctx, tx, s.staff, o.Number, sale.TakeBack{OdometerKm: 41090})
	})
	s.settle(o.ID)
	ps, err := payment.Of(s.DB.Read(t.Context()), o.ID)
	for _, p := range ps {
		if p.AtDesk() {
			key := p.ID
			s.Tx(func(ctx context.Context, tx *db.Tx) error { return s.Sale.DeskReturnedTx(ctx, tx, s.staff, key) })
		}
	}
	if paid, e := payment.PaidMinor(s.DB.Read(t.Context()), o.ID); err != nil || e != nil || paid != 0 {
		t.Errorf("of a withdrawn order %d is kept, %v, %v", paid, err, e)
	}
	s.Healthy("mail_leaves")
}

// An order that ends before the handover gives the offer back, for as long as it was promised.
func TestAnOfferComesBackWithAnOrderThatEnds(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	buyer := s.house.Stranger()
	link, offer := s.value(buyer, "AB12CDE")
	secret := link[strings.LastIndex(link, "/")+1:]
	place := func(token string) (p sale.Placed, err error) {
		err = s.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			p, err = s.UsedCar.PlaceTx(ctx, tx, s.shop, token, usedcar.Buy{Buyer: testkit.Buyer, SeenTotal: 1599000, Exchange: secret, Full: true})
			return err
		})
		return p, err
	}
	p, err := place(s.hold())
	if err != nil {
		t.Fatal(err)
	}
	if pay, err := payment.Get(s.DB.Read(t.Context()), p.Payment); err != nil || pay.Amount.Minor != 1599000-offer.ValueMinor {
		t.Errorf("the card pays %+v, %v", pay.Amount, err)
	}
	o := s.pay(p)
	s.Tx(func(ctx context.Context, tx *db.Tx) error { return s.Sale.CancelTx(ctx, tx, o.ID) })
	s.settle(o.ID)
	s.says(buyer.Get(link), 200, "We keep it until")
	if _, err := place(s.hold()); err != nil {
		t.Errorf("the offer can not be taken again: %v", err)
	}
	if _, err := s.UsedCar.OfferOf(t.Context(), s.shop, secret); err != nil {
		t.Error(err)
	}
	s.Healthy("mail_leaves", "money_returns")
}

// ready has an accepted order prepared and released.
func (y *yard) ready(o *ordering.Order) {
	y.T.Helper()
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.SetChecksTx(ctx, tx, y.staff, o.Number, ordering.PreparationItems)
	})
	for _, e := range []ordering.Event{ordering.Prepare, ordering.Release} {
		y.Tx(func(ctx context.Context, tx *db.Tx) error {
			return y.Sale.StepTx(ctx, tx, y.staff, o.Number, sale.Progress{Event: e})
		})
	}
}

func (y *yard) give(o *ordering.Order) error {
	return y.DB.InTx(y.T.Context(), func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.HandOverTx(ctx, tx, y.staff, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 41010})
	})
}

func (y *yard) linkOf(o *ordering.Order) string {
	y.T.Helper()
	link, err := ordering.FirstLink(y.DB.Read(y.T.Context()), o.ID)
	if err != nil {
		y.T.Fatal(err)
	}
	return y.Sale.Tokens.Link(link)
}

// inStock fails unless the buyer's old car stands there so many times, as a draft bought for what was agreed.
func (y *yard) inStock(want int) {
	y.T.Helper()
	var rows []struct {
		Dealer      id.Dealer
		State       string
		BoughtMinor int64
		Km          int
	}
	err := y.DB.Read(y.T.Context()).Raw(`SELECT dealer, state, bought_minor, km FROM used_cars WHERE vin = ?`, ownVIN).Scan(&rows).Error
	if err != nil || len(rows) != want || rows[0].Dealer != testkit.Leeds || rows[0].State != "draft" || rows[0].BoughtMinor != 100000 || rows[0].Km != 96722 {
		y.T.Errorf("in stock stand %+v, %v", rows, err)
	}
}
