package newcar_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stock"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

const pipeline id.StockCar = "P-7K2M9X"

// existing adds the cheapest Duster as a car that exists at Leeds.
func existing(k *testkit.Kit, st stock.Stage) {
	k.T.Helper()
	m, err := k.World.Now().Model("dacia", "gb", "duster", "2026-11-24")
	if err != nil {
		k.T.Fatal(err)
	}
	c := &stock.Car{ID: pipeline, Brand: "dacia", Market: "gb", Model: "duster", Dealer: testkit.Leeds, Stage: st,
		Selection: configurator.Encode(m.Default()), ReadyOn: "2026-12-03"}
	if st != stock.Build {
		c.VIN = "VF1RJA00X747K2M9X"
	}
	k.Tx(func(_ context.Context, tx *db.Tx) error { return stock.AddTx(tx, c) })
}

func theCar(k *testkit.Kit) *stock.Car {
	k.T.Helper()
	c, err := stock.Get(k.DB.Read(k.T.Context()), pipeline)
	if err != nil {
		k.T.Fatal(err)
	}
	return c
}

// wish makes a draft for that car at a dealer.
func wish(k *testkit.Kit, dealer id.Dealer, fallbacks ...id.Dealer) string {
	k.T.Helper()
	var token string
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		// The picks of an address do not count: the car is what it is.
		b := newcar.Build{Shop: testkit.Dacia, Model: "duster", Selection: configurator.Selection{"nothing"}, Car: pipeline}
		d, err := k.NewCar.StartTx(ctx, tx, b, dealer, fallbacks)
		token = k.NewCar.Tokens.Draft(d)
		if err != nil {
			return err
		}
		return k.NewCar.GiveDetailsTx(tx, testkit.Dacia, token, testkit.Buyer)
	})
	return token
}

func place(k *testkit.Kit, token string) (p sale.Placed, err error) {
	err = act(k, func(ctx context.Context, tx *db.Tx) error {
		p, err = k.NewCar.PlaceTx(ctx, tx, testkit.Dacia, token, k.Total())
		return err
	})
	return p, err
}

// bought pays for a wish.
func bought(k *testkit.Kit, token string) *ordering.Order {
	k.T.Helper()
	p, page := k.Place(token)
	if _, err := banktest.Pay(k.T.Context(), nil, page, testkit.Good); err != nil {
		k.T.Fatal(err)
	}
	if err := k.NewCar.Settle(k.T.Context(), p.Payment); err != nil {
		k.T.Fatal(err)
	}
	return k.Order(p.Order)
}

func TestFiftyBuyersOfOneCar(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	tokens := make([]string, 50)
	for i := range tokens {
		tokens[i] = wish(k, testkit.Leeds)
	}
	var won, n atomic.Int64
	race(t, 50, func() error {
		_, err := place(k, tokens[n.Add(1)-1])
		if err == nil {
			won.Add(1)
		} else if !errors.Is(err, newcar.ErrCarTaken) {
			return err
		}
		return nil
	})
	var orders, payments int64
	for table, into := range map[string]*int64{"orders": &orders, "payments": &payments} {
		if _, err := db.One(k.DB.Read(t.Context()), into, `SELECT count(*) FROM `+table); err != nil {
			t.Fatal(err)
		}
	}
	if won.Load() != 1 || orders != 1 || payments != 1 {
		t.Fatalf("%d won, %d orders, %d payments", won.Load(), orders, payments)
	}
	if c := theCar(k); c.State != stock.Held {
		t.Fatalf("the car is %s", c.State)
	}
	healthy(k)
	// Who was late orders the same car from the factory.
	for _, token := range tokens {
		d := draftOf(k, token)
		if d.Order != "" {
			continue
		}
		k.Tx(func(_ context.Context, tx *db.Tx) error { return k.NewCar.LeaveCarTx(tx, testkit.Dacia, token) })
		p, err := place(k, token)
		if err != nil || k.Order(p.Order).Snapshot.Stock != nil {
			t.Fatalf("from the factory: %v", err)
		}
		break
	}
	healthy(k)
}

func draftOf(k *testkit.Kit, token string) *ordering.Draft {
	k.T.Helper()
	d, _, err := ordering.DraftAndBuild(k.DB.Read(k.T.Context()), "dacia", "gb", token)
	if err != nil {
		k.T.Fatal(err)
	}
	return d
}

func TestEveryEndWithoutAHandoverFreesTheCar(t *testing.T) {
	t.Parallel()
	sweep := func(k *testkit.Kit, after time.Duration) {
		k.Clock.Advance(after)
		if err := k.NewCar.Sweep(k.T.Context()); err != nil {
			k.T.Fatal(err)
		}
	}
	ends := map[string]func(k *testkit.Kit, token string) id.Order{
		"cancelled on the card page": func(k *testkit.Kit, token string) id.Order {
			p, _ := k.Place(token)
			if err := cancel(k, p.Order); err != nil {
				k.T.Fatal(err)
			}
			return p.Order
		},
		"never paid": func(k *testkit.Kit, token string) id.Order {
			p, _ := k.Place(token)
			sweep(k, 2*time.Hour)
			return p.Order
		},
		"cancelled while the dealer thinks": func(k *testkit.Kit, token string) id.Order {
			o := bought(k, token)
			if err := cancel(k, o.ID); err != nil {
				k.T.Fatal(err)
			}
			return o.ID
		},
		"cancelled after the dealer's yes": func(k *testkit.Kit, token string) id.Order {
			o := bought(k, token)
			if err := errors.Join(accept(k, leedsStaff, o), cancel(k, o.ID)); err != nil {
				k.T.Fatal(err)
			}
			return o.ID
		},
		"declined, and the buyer silent": func(k *testkit.Kit, token string) id.Order {
			o := bought(k, token)
			if err := decline(k, leedsStaff, o); err != nil {
				k.T.Fatal(err)
			}
			if theCar(k).State != stock.Held {
				k.T.Fatal("the buyer may still choose another dealer, and the car is free")
			}
			sweep(k, 8*24*time.Hour)
			return o.ID
		},
		"the reservation withdrawn by the bank": func(k *testkit.Kit, token string) id.Order {
			o := bought(k, token)
			ps := payments(k, o.ID)
			if _, err := k.NewCar.Gateway.Void(k.T.Context(), ps[0].IntentID, "a key of the bank's own"); err != nil {
				k.T.Fatal(err)
			}
			settleAll(k, o.ID)
			return o.ID
		},
		"ended by an older release": func(k *testkit.Kit, token string) id.Order {
			p, _ := k.Place(token)
			if err := cancel(k, p.Order); err != nil {
				k.T.Fatal(err)
			}
			k.Tx(func(_ context.Context, tx *db.Tx) error { return stock.HoldTx(tx, pipeline, p.Order) })
			sweep(k, time.Second)
			return p.Order
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			existing(k, stock.Ground)
			token := wish(k, testkit.Leeds)
			o := end(k, token)
			if !k.Order(o).State.Final() {
				t.Fatalf("the order is %s", k.Order(o).State)
			}
			if c := theCar(k); c.State != stock.Free || c.Order != "" {
				t.Fatalf("the car is %s with %q", c.State, c.Order)
			}
			settleAll(k, o)
			healthy(k, "mail_leaves") // no worker runs here
			if p, err := place(k, wish(k, testkit.Leeds)); err != nil || theCar(k).Order != p.Order {
				t.Fatalf("the next buyer: %v", err)
			}
		})
	}
}

func TestACarThatExistsSkipsWhatItHasBehindIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stage  stock.Stage
		dealer id.Dealer
		state  ordering.State
		day    string
	}{
		"stands here":      {stock.Ground, testkit.Leeds, ordering.Arrived, "2026-12-03"},
		"stands elsewhere": {stock.Ground, testkit.London, ordering.InTransit, "2026-12-10"},
		"on its way":       {stock.Transit, testkit.Leeds, ordering.InTransit, "2026-12-03"},
		"in the plan":      {stock.Build, testkit.Leeds, ordering.Ordered, "2026-12-03"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			existing(k, c.stage)
			o := bought(k, wish(k, c.dealer))
			sold := o.Snapshot.Stock
			if sold == nil || sold.Number != pipeline || sold.Stage != string(c.stage) || sold.ReadyAt(o.Dealer).Format(time.DateOnly) != c.day {
				t.Fatalf("sold as %+v", sold)
			}
			staff := leedsStaff
			if c.dealer == testkit.London {
				staff = londonStaff
			}
			if err := accept(k, staff, o); err != nil {
				t.Fatal(err)
			}
			if o = k.Order(o.ID); o.State != c.state || o.VIN != theCar(k).VIN {
				t.Fatalf("%s with VIN %q", o.State, o.VIN)
			}
			settleAll(k, o.ID)
			healthy(k)
			handOver(k, staff, o)
			if car := theCar(k); car.State != stock.Gone || car.Stage != stock.Ground || car.Dealer != c.dealer || car.VIN == "" {
				t.Fatalf("after the handover: %+v", car)
			}
			healthy(k)
		})
	}
}

// handOver walks an accepted order to its end.
func handOver(k *testkit.Kit, staff sale.Staff, o *ordering.Order) {
	k.T.Helper()
	handOverAs(k, staff, o, "VF1RJA00X747K2M9X")
}

func handOverAs(k *testkit.Kit, staff sale.Staff, o *ordering.Order, vin string) {
	k.T.Helper()
	do := func(fn func(ctx context.Context, tx *db.Tx) error) {
		k.T.Helper()
		k.Tx(fn)
	}
	next := map[ordering.State]ordering.Event{ordering.Accepted: ordering.Place, ordering.Ordered: ordering.Build, ordering.Built: ordering.Dispatch, ordering.InTransit: ordering.Arrive,
		ordering.Arrived: ordering.Prepare, ordering.Prepared: ordering.Release}
	for o.State != ordering.Ready {
		if o.State == ordering.Arrived {
			do(func(ctx context.Context, tx *db.Tx) error {
				return k.NewCar.SetChecksTx(ctx, tx, staff, o.Number, ordering.PreparationItems)
			})
		}
		do(func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.AdvanceTx(ctx, tx, staff, o.Number, newcar.Progress{Event: next[o.State], VIN: vin})
		})
		o = k.Order(o.ID)
	}
	do(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.RecordDeskTx(ctx, tx, staff, o.Number, payment.ByDeskTransfer, o.TotalMinor-o.DepositMinor, "REF 1")
	})
	do(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.HandOverTx(ctx, tx, staff, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 4})
	})
}

func TestAWishThatCanNotBeMetWritesNothing(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	start := func(shop sale.Shop, model id.Model, car id.StockCar) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			_, err := k.NewCar.StartTx(ctx, tx, newcar.Build{Shop: shop, Model: model, Car: car}, testkit.Leeds, nil)
			return err
		})
	}
	for name, err := range map[string]error{
		"a number of no car":     start(testkit.Dacia, "duster", "P-222222"),
		"no number at all":       start(testkit.Dacia, "duster", "'; --"),
		"a car of another model": start(testkit.Dacia, "spring", pipeline),
		"a car of another brand": start(sale.Shop{Brand: "renault", Market: "gb", Flow: id.FlowNew}, "clio", pipeline),
	} {
		if !errors.Is(err, stock.ErrNoCar) {
			t.Errorf("%s: %v", name, err)
		}
	}
	token := wish(k, testkit.Leeds)
	if _, err := place(k, wish(k, testkit.Leeds)); err != nil {
		t.Fatal(err)
	}
	if err := start(testkit.Dacia, "duster", pipeline); !errors.Is(err, newcar.ErrCarTaken) {
		t.Errorf("a taken car: %v", err)
	}
	if _, err := place(k, token); !errors.Is(err, newcar.ErrCarTaken) {
		t.Errorf("taken between the tabs: %v", err)
	}
	if d := draftOf(k, token); d.Order != "" || d.Car != pipeline {
		t.Errorf("the draft changed: %+v", d)
	}
	healthy(k)
}

func TestACarThatTheRangeDoesNotAllowIsNotSold(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	token := wish(k, testkit.Leeds)
	k.Tx(func(_ context.Context, tx *db.Tx) error {
		return tx.Exec(`UPDATE stock_cars SET selection = selection || '.not-sold-here'`).Error
	})
	if _, err := place(k, token); !errors.Is(err, newcar.ErrCarUnsold) {
		t.Fatal(err)
	}
	if c := theCar(k); c.State != stock.Free {
		t.Fatalf("the car is %s", c.State)
	}
}
