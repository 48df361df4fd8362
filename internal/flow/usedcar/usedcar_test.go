package usedcar_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
)

// yard is a dealer with one used car.
type yard struct {
	*testkit.Kit
	shop  sale.Shop
	staff sale.Staff
	car   id.UsedCar
}

func open(t *testing.T) *yard {
	t.Helper()
	y := &yard{Kit: testkit.New(t), shop: sale.Shop{Brand: "dacia", Market: "gb", Flow: id.FlowUsed, Locale: "en-GB"}, staff: sale.Staff{User: id.New[id.User](), Dealer: testkit.Leeds}, car: "U-7K2M9X"}
	y.list(y.car, "UU1RJU00X247K2M9X")
	return y
}

// sample is a car as a dealer would describe it.
func sample(key id.UsedCar, vin string) usedcars.Car {
	return usedcars.Car{ID: key, Brand: "dacia", Market: "gb", Dealer: testkit.Leeds, VIN: vin, Plate: "AB21 CDE", Make: "Dacia", Model: "Duster", Version: "Journey", Engine: "Hybrid 140", Body: "suv", Fuel: "hybrid",
		Gearbox: "automatic", Colour: "grey", Doors: 5, Seats: 5, KW: 103, CO2: 120, Emission: "euro6d", Registered: "2023-05-02", Km: 41000, Owners: 1, Equipment: []string{"camera", "led"},
		Look: usedcars.Look{Body: "suv", Hex: "#808285", Finish: "metallic", Wheels: "aero"}, PriceMinor: 1599000, Currency: "GBP", VAT: usedcars.Margin, Bought: 1400000}
}

func (y *yard) list(key id.UsedCar, vin string) {
	y.T.Helper()
	y.Tx(func(_ context.Context, tx *db.Tx) error {
		c := sample(key, vin)
		if err := usedcars.AddTx(tx, &c, "Dacia Duster", "staff"); err != nil {
			return err
		}
		return usedcars.MoveTx(tx, &c, usedcars.Step{To: usedcars.Listed, Actor: "staff"})
	})
}

func (y *yard) is(want usedcars.State) *usedcars.Car {
	y.T.Helper()
	c, err := usedcars.Get(y.DB.Read(y.T.Context()), y.car)
	if err != nil {
		y.T.Fatal(err)
	}
	if c.State != want {
		y.T.Fatalf("the car is %s, not %s", c.State, want)
	}
	return c
}

func (y *yard) hold() (token string) {
	y.T.Helper()
	y.Tx(func(_ context.Context, tx *db.Tx) error {
		h, err := y.UsedCar.HoldTx(tx, y.shop, y.car)
		token = h.Token
		return err
	})
	return token
}

func (y *yard) join(email string) (token string) {
	y.T.Helper()
	y.Tx(func(_ context.Context, tx *db.Tx) error {
		h, err := y.UsedCar.JoinTx(tx, y.shop, y.car, email)
		token = h.Token
		return err
	})
	return token
}

func (y *yard) state(token string) *usedcars.Hold {
	y.T.Helper()
	h, err := y.UsedCar.HoldOf(y.T.Context(), y.shop, token)
	if err != nil {
		y.T.Fatal(err)
	}
	return h
}

// place orders the car of a hold.
func (y *yard) place(token string) (p sale.Placed) {
	y.T.Helper()
	y.Tx(func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = y.UsedCar.PlaceTx(ctx, tx, y.shop, token, usedcar.Buy{Buyer: testkit.Buyer, SeenTotal: 1599000})
		return err
	})
	return p
}

func (y *yard) pay(p sale.Placed) *ordering.Order {
	y.T.Helper()
	page, err := y.UsedCar.CardPage(y.T.Context(), p.Payment)
	if err == nil {
		_, err = banktest.Pay(y.T.Context(), nil, page, testkit.Good)
	}
	if err == nil {
		err = y.UsedCar.Settle(y.T.Context(), p.Payment)
	}
	if err != nil {
		y.T.Fatal(err)
	}
	return y.Order(p.Order)
}

func (y *yard) sweep(after time.Duration) {
	y.T.Helper()
	y.Clock.Advance(after)
	if err := y.UsedCar.Sweep(y.T.Context()); err != nil {
		y.T.Fatal(err)
	}
}

func (y *yard) settle(o id.Order) {
	y.T.Helper()
	ps, err := payment.Of(y.DB.Read(y.T.Context()), o)
	for _, p := range ps {
		if err == nil {
			err = y.UsedCar.Settle(y.T.Context(), p.ID)
		}
	}
	if err != nil {
		y.T.Fatal(err)
	}
}

func TestAUsedCarIsHeldBoughtHandedOverAndTakenBack(t *testing.T) {
	t.Parallel()
	y := open(t)
	token := y.hold()
	y.is(usedcars.Held)
	p := y.place(token)
	if again := y.place(token); again.Order != p.Order || again.Payment != p.Payment {
		t.Errorf("pressed twice it is another order: %+v, %+v", p, again)
	}
	o := y.pay(p)
	if o.State != ordering.Offered || o.Flow != id.FlowUsed || o.Dealer != testkit.Leeds || o.DepositMinor != 9900 {
		t.Fatalf("the order is %+v", o)
	}
	if c := y.is(usedcars.Sold); c.Order != o.ID {
		t.Errorf("the car is of order %s", c.Order)
	}
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.Sale.AcceptTx(ctx, tx, y.staff, o.Number) })
	y.settle(o.ID)
	if o = y.Order(o.ID); o.State != ordering.Arrived || o.VIN != "UU1RJU00X247K2M9X" {
		t.Fatalf("accepted it is %s with VIN %q", o.State, o.VIN)
	}
	step := func(e ordering.Event) {
		y.Tx(func(ctx context.Context, tx *db.Tx) error {
			return y.Sale.StepTx(ctx, tx, y.staff, o.Number, sale.Progress{Event: e})
		})
	}
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.SetChecksTx(ctx, tx, y.staff, o.Number, ordering.PreparationItems)
	})
	step(ordering.Prepare)
	step(ordering.Release)
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.RecordDeskTx(ctx, tx, y.staff, o.Number, payment.ByDeskTransfer, o.TotalMinor-o.DepositMinor, "REF 1")
	})
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.HandOverTx(ctx, tx, y.staff, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 41010})
	})
	y.is(usedcars.Gone)
	if h := y.state(token); h.State != usedcars.Ended || h.EndWhy != usedcars.Bought {
		t.Errorf("the hold is %s, %s", h.State, h.EndWhy)
	}
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.Sale.WithdrawTx(ctx, tx, o.ID) })
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.TakeBackTx(ctx, tx, y.staff, o.Number, sale.TakeBack{OdometerKm: 41090})
	})
	y.settle(o.ID)
	y.is(usedcars.Returned)
	var again struct {
		ID    string
		Km    int
		State string
	}
	if _, err := db.One(y.DB.Read(t.Context()), &again, `SELECT id, km, state FROM used_cars WHERE vin = 'UU1RJU00X247K2M9X' AND state = 'draft'`); err != nil || again.Km != 41090 {
		t.Errorf("back in stock stands %+v, %v", again, err)
	}
	y.Healthy("mail_leaves")
}

// A handover that was undone leaves the car with its order: what ends the order then frees the car.
func TestAnOrderThatEndsAfterAnUndoneHandoverFreesTheCar(t *testing.T) {
	t.Parallel()
	y := open(t)
	o := y.deliver(y.pay(y.place(y.hold())), 41010)
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.Sale.UndoTx(ctx, tx, y.staff, o.Number, "slip") })
	y.is(usedcars.Sold)
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.Sale.CancelTx(ctx, tx, o.ID) })
	y.is(usedcars.Listed)
	y.settle(o.ID)
	y.Healthy("mail_leaves", "money_returns")
}

func TestWhoWaitsHasTheFirstRefusal(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.Work()
	first := y.hold()
	second, third := y.join("second@example.com"), y.join("third@example.com")
	if n, err := usedcars.Ahead(y.DB.Read(t.Context()), y.state(third)); err != nil || n != 1 {
		t.Errorf("%d stand before the third, %v", n, err)
	}
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.LeaveTx(ctx, tx, y.shop, first) })
	if h := y.state(second); h.State != usedcars.Offered {
		t.Fatalf("the next of the line is %s", h.State)
	}
	y.is(usedcars.Held)
	testkit.Eventually(t, "a letter to the next of the line", func() bool {
		for _, m := range y.Mails.Sent() {
			if m.To == "second@example.com" && strings.Contains(m.Text, "/dacia/gb/used/hold/"+second) {
				return true
			}
		}
		return false
	})
	if err := y.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error { return y.UsedCar.TakeTx(tx, y.shop, third) }); !errors.Is(err, usedcars.ErrHoldOver) {
		t.Errorf("the third took it out of turn: %v", err)
	}
	y.sweep(3*time.Hour + time.Minute) // the second says nothing
	if h := y.state(second); h.State != usedcars.Ended || h.EndWhy != usedcars.Lapsed {
		t.Errorf("the second is %s, %s", h.State, h.EndWhy)
	}
	y.Tx(func(_ context.Context, tx *db.Tx) error { return y.UsedCar.TakeTx(tx, y.shop, third) })
	o := y.pay(y.place(third))
	y.is(usedcars.Sold)
	// The dealer cannot sell it after all: the money goes back, and nobody else is asked to sell this one car.
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.DeclineTx(ctx, tx, y.staff, o.Number, "cannot_order")
	})
	y.settle(o.ID)
	if o = y.Order(o.ID); o.State != ordering.Cancelled {
		t.Errorf("the declined order is %s", o.State)
	}
	y.is(usedcars.Listed)
	if held, kept := y.AtBank(); held != 0 || kept != 0 {
		t.Errorf("the bank holds %d and keeps %d", held, kept)
	}
	if used, fresh := y.declined(id.FlowUsed), y.declined(id.FlowNew); used != 1 || fresh != 0 {
		t.Errorf("its scorecard counts %d declined used cars and %d new ones", used, fresh)
	}
	y.Healthy("mail_leaves")
}

// declined is how often the dealer said no, as its scorecard counts.
func (y *yard) declined(f id.Flow) int {
	y.T.Helper()
	d, _ := y.World.Now().Dealer(testkit.Leeds)
	m, _ := y.World.Now().Market(d.Market)
	now := y.DB.Clock.Now()
	cards, err := allocation.ScorecardsOf(y.DB.Read(y.T.Context()), allocation.CardAsk{Sites: []allocation.CardSite{{Dealer: d, Market: m}}, Flow: f, Since: now.AddDate(0, 0, -allocation.RecordDays), Now: now})
	if err != nil {
		y.T.Fatal(err)
	}
	return cards[0].Declined()
}

// A hold ends by itself, at its time and not before, prolonged once and no more.
func TestAHoldEndsAtItsTime(t *testing.T) {
	t.Parallel()
	y := open(t)
	token := y.hold()
	longer := func() error {
		return y.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error { return y.UsedCar.LongerTx(tx, y.shop, token) })
	}
	if err := longer(); err != nil {
		t.Fatal(err)
	}
	if err := longer(); !errors.Is(err, usedcars.ErrLongerUsed) {
		t.Errorf("prolonged a second time: %v", err)
	}
	y.sweep(30*time.Minute - time.Second)
	y.is(usedcars.Held)
	y.sweep(2 * time.Second)
	y.is(usedcars.Listed)
	err := y.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := y.UsedCar.PlaceTx(ctx, tx, y.shop, token, usedcar.Buy{Buyer: testkit.Buyer, SeenTotal: 1599000})
		return err
	})
	if !errors.Is(err, usedcars.ErrHoldOver) {
		t.Errorf("ordered after the end: %v", err)
	}
	// An order that nobody pays ends too, and with it the hold.
	p := y.place(y.hold())
	y.sweep(20 * time.Minute) // the hold's own time does not count any more
	y.is(usedcars.Held)
	y.sweep(3 * time.Hour)
	if err := y.UsedCar.Settle(t.Context(), p.Payment); err != nil {
		t.Fatal(err)
	}
	if o := y.Order(p.Order); o.State != ordering.Lapsed {
		t.Errorf("the unpaid order is %s", o.State)
	}
	y.is(usedcars.Listed)
	y.Healthy("mail_leaves")
}

// Of many who want one car at the same moment one gets it, and all others a clean answer.
func TestOneOfManyGetsTheCar(t *testing.T) {
	t.Parallel()
	y := open(t)
	var won, refused atomic.Int64
	var wg sync.WaitGroup
	for range many {
		wg.Go(func() {
			err := y.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
				_, err := y.UsedCar.HoldTx(tx, y.shop, y.car)
				return err
			})
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, usedcars.ErrTaken):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || refused.Load() != many-1 {
		t.Errorf("%d have the car, %d were refused", won.Load(), refused.Load())
	}
}

const many = 500

func TestOneVINIsForSaleOnce(t *testing.T) {
	t.Parallel()
	y := open(t)
	err := y.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
		c := sample("U-222222", "UU1RJU00X247K2M9X")
		return usedcars.AddTx(tx, &c, "Dacia Duster", "staff")
	})
	if !errors.Is(err, usedcars.ErrVINLive) {
		t.Errorf("a second dealer listed the same VIN: %v", err)
	}
	for _, shop := range []sale.Shop{{Brand: "renault", Market: "gb", Flow: id.FlowUsed}, {Brand: "dacia", Market: "it", Flow: id.FlowUsed}} {
		err := y.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
			_, err := y.UsedCar.HoldTx(tx, shop, y.car)
			return err
		})
		if !errors.Is(err, usedcars.ErrNoCar) {
			t.Errorf("%s/%s holds a car of another shop: %v", shop.Brand, shop.Market, err)
		}
	}
	if h, err := y.UsedCar.HoldOf(t.Context(), sale.Shop{Brand: "renault", Market: "gb"}, y.hold()); !errors.Is(err, usedcars.ErrNoHold) {
		t.Errorf("another shop reads the hold %v, %v", h, err)
	}
	if _, err := y.UsedCar.HoldOf(t.Context(), y.shop, fmt.Sprintf("%043d", 7)); !errors.Is(err, usedcars.ErrNoHold) {
		t.Errorf("a made-up secret opens a hold: %v", err)
	}
}
