package stock_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/stock"
	"forecourt/internal/testkit"
)

const number id.StockCar = "P-7K2M9X"

func add(k *testkit.Kit, c stock.Car) {
	k.T.Helper()
	k.Tx(func(_ context.Context, tx *db.Tx) error { return stock.AddTx(tx, &c) })
}

func sample() stock.Car {
	return stock.Car{ID: number, Brand: "dacia", Market: "gb", Model: "duster", Dealer: testkit.Leeds, VIN: "VF1RJA00X747K2M9X",
		Selection: "a.b", Stage: stock.Ground, ReadyOn: "2026-12-03"}
}

func get(k *testkit.Kit, key id.StockCar) *stock.Car {
	k.T.Helper()
	c, err := stock.Get(k.DB.Read(k.T.Context()), key)
	if err != nil {
		k.T.Fatal(err)
	}
	return c
}

func TestOneOfFiftyGetsTheCar(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	add(k, sample())
	var orders []id.Order
	for range 5 {
		p, _ := k.Place(k.Draft())
		orders = append(orders, p.Order)
	}
	var won, refused, n atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range 50 {
		wg.Go(func() {
			<-start
			o := orders[int(n.Add(1))%len(orders)]
			err := k.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error { return stock.HoldTx(tx, number, o) })
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, stock.ErrTaken):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	if won.Load() != 1 || refused.Load() != 49 {
		t.Fatalf("%d got the car, %d were told that it is taken", won.Load(), refused.Load())
	}
	if c := get(k, number); c.State != stock.Held || c.Order == "" {
		t.Errorf("%s with order %q", c.State, c.Order)
	}
}

func TestTheWayOfACar(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	add(k, sample())
	p, _ := k.Place(k.Draft())
	second := sample()
	second.ID, second.VIN, second.Stage = "P-7K2M9Y", "", stock.Build
	add(k, second)
	try := func(fn func(tx *db.Tx) error) error {
		return k.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error { return fn(tx) })
	}
	if err := try(func(tx *db.Tx) error { return stock.HoldTx(tx, second.ID, p.Order) }); err != nil {
		t.Fatal(err)
	}
	if err := try(func(tx *db.Tx) error { return stock.HoldTx(tx, number, p.Order) }); !errors.Is(err, stock.ErrTaken) {
		t.Errorf("two cars for one order: %v", err)
	}
	if err := try(func(tx *db.Tx) error {
		return stock.FollowTx(tx, p.Order, stock.Transit, "VF1RJA00X747K2M9X", testkit.London)
	}); !errors.Is(err, stock.ErrVIN) {
		t.Errorf("the VIN of another car: %v", err)
	}
	if err := try(func(tx *db.Tx) error {
		return stock.FollowTx(tx, p.Order, stock.Transit, "VF1RJA00X747K2M9Y", testkit.London)
	}); err != nil {
		t.Fatal(err)
	}
	if err := try(func(tx *db.Tx) error {
		return stock.FollowTx(tx, p.Order, stock.Ground, "VF1RJA00X747K2M9Z", testkit.London)
	}); !errors.Is(err, stock.ErrVIN) {
		t.Errorf("another VIN: %v", err)
	}
	if c := get(k, second.ID); c.Dealer != testkit.London || c.Stage != stock.Transit || c.VIN != "VF1RJA00X747K2M9Y" {
		t.Errorf("%+v", c)
	}
	// A car that somebody has is not written anew; a free one is.
	second.ReadyOn = "2027-01-05"
	add(k, second)
	if c := get(k, second.ID); c.ReadyOn != "2026-12-03" {
		t.Errorf("a held car changed: %+v", c)
	}
	for range 2 {
		if err := try(func(tx *db.Tx) error { return stock.ReleaseTx(tx, p.Order) }); err != nil {
			t.Fatal(err)
		}
	}
	if c := get(k, second.ID); c.State != stock.Free || c.Order != "" {
		t.Errorf("released: %+v", c)
	}
	free, err := stock.FreeOf(k.DB.Read(t.Context()), "dacia", "gb", "duster")
	if err != nil || len(free) != 2 {
		t.Errorf("%d free cars, %v", len(free), err)
	}
}

func TestCarsArriveWhenTheirDayComes(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	c := sample()
	c.Stage, c.VIN = stock.Build, ""
	add(k, c)
	k.Tx(func(_ context.Context, tx *db.Tx) error { return stock.ArriveTx(tx, "2026-12-02") })
	if c := get(k, number); c.Stage != stock.Build {
		t.Errorf("a day early: %s", c.Stage)
	}
	k.Tx(func(_ context.Context, tx *db.Tx) error { return stock.ArriveTx(tx, "2026-12-03") })
	if c := get(k, number); c.Stage != stock.Ground || len(c.VIN) != 17 {
		t.Errorf("on its day: %+v", c)
	}
}

func TestNoCarByAnotherName(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	for _, key := range []id.StockCar{"", "P-7K2M9X", "P-7k2m9x", "P-7K2M9I", "'; DROP TABLE stock_cars; --", "\x00", "\xff"} {
		if _, err := stock.Get(k.DB.Read(t.Context()), key); !errors.Is(err, stock.ErrNoCar) {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func TestTheSchemaRefusesWhatMustNeverBe(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	add(k, sample())
	second := sample()
	second.ID, second.VIN, second.Stage = "P-7K2M9Y", "", stock.Build
	add(k, second)
	p, _ := k.Place(k.Draft())
	k.Tx(func(_ context.Context, tx *db.Tx) error { return stock.HoldTx(tx, number, p.Order) })
	for what, query := range map[string]string{
		"a held car without an order":     `UPDATE stock_cars SET order_ref = NULL WHERE id = 'P-7K2M9X'`,
		"a free car with an order":        `UPDATE stock_cars SET state = 'free' WHERE id = 'P-7K2M9X'`,
		"two cars for one order":          `UPDATE stock_cars SET state = 'held', order_ref = (SELECT order_ref FROM stock_cars WHERE id = 'P-7K2M9X') WHERE id = 'P-7K2M9Y'`,
		"a dealer of another market":      `UPDATE stock_cars SET dealer = (SELECT code FROM dealers WHERE market = 'it' LIMIT 1)`,
		"a built car without a VIN":       `UPDATE stock_cars SET stage = 'transit' WHERE id = 'P-7K2M9Y'`,
		"two cars with one VIN":           `UPDATE stock_cars SET vin = 'VF1RJA00X747K2M9X'`,
		"a number people mix up":          `UPDATE stock_cars SET id = 'P-7K2M9O' WHERE id = 'P-7K2M9Y'`,
		"a stage that nobody knows":       `UPDATE stock_cars SET stage = 'moon'`,
		"a draft for a car of nowhere":    `UPDATE drafts SET stock_car = 'P-222222'`,
		"a deleted car that an order has": `DELETE FROM orders`,
	} {
		if _, err := k.DB.Pool.Exec(t.Context(), query); err == nil {
			t.Errorf("the schema allows %s", what)
		}
	}
}
