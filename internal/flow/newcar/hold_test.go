package newcar_test

import (
	"context"
	"errors"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/stock"
	"forecourt/internal/testkit"
	"forecourt/internal/world"
)

// colourOf is the paint of the cheapest Duster, which the tests buy.
func colourOf(k *testkit.Kit) id.Feature {
	k.T.Helper()
	w := k.World.Now()
	r, _ := w.Range("dacia", "duster")
	m, err := w.Unheld("dacia", "gb", "duster", "2026-11-24")
	if err != nil {
		k.T.Fatal(err)
	}
	for _, c := range m.Default() {
		if f, _ := r.Feature(c); f.Group == catalogue.Colour {
			return c
		}
	}
	k.T.Fatal("no colour")
	return ""
}

func hold(k *testkit.Kit, f id.Feature) {
	k.T.Helper()
	w := k.World.Now()
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return world.HoldTx(ctx, tx, w, world.Held{Brand: "dacia", Market: "gb", Model: "duster", ChangedBy: "staff:1",
			Hold: configurator.Hold{Feature: f, Because: "stock"}})
	})
}

func TestWhatIsHeldIsNotOrderedAndWhatIsOrderedStays(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	placed, waiting, total := k.Buy(), k.Draft(), k.Total()
	hold(k, colourOf(k))
	place := func() error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			_, err := k.NewCar.PlaceTx(ctx, tx, testkit.Dacia, waiting, total)
			return err
		})
	}
	// Before this instance's picture knows of it, and after.
	for _, known := range []bool{false, true} {
		if known {
			if err := k.World.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		err := place()
		var c *configurator.Clash
		if !errors.Is(err, configurator.ErrHeld) || fault.KindOf(err) != fault.Conflict || !errors.As(err, &c) || c.Hold == nil {
			t.Fatalf("known %t: %v", known, err)
		}
	}
	var n int
	if _, err := db.One(k.DB.Read(t.Context()), &n, `SELECT count(*) FROM orders`); err != nil || n != 1 {
		t.Fatalf("%d orders, %v", n, err)
	}
	if err := accept(k, leedsStaff, placed); err != nil {
		t.Fatal(err)
	}
	settleAll(k, placed.ID)
	if got := state(k, placed.ID); got != ordering.Accepted {
		t.Fatalf("the order that was placed is %s", got)
	}
	k.Healthy()
}

func TestACarThatExistsIsSoldWhateverIsHeld(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	hold(k, colourOf(k))
	if err := k.World.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	m, err := k.World.Now().Unheld("dacia", "gb", "duster", "2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		d, err := k.NewCar.StartTx(ctx, tx, newcar.Build{Shop: testkit.Dacia, Model: "duster", Car: pipeline}, testkit.Leeds, nil)
		if err != nil {
			return err
		}
		token := k.NewCar.Tokens.Draft(d)
		if err := k.NewCar.GiveDetailsTx(tx, testkit.Dacia, token, testkit.Buyer); err != nil {
			return err
		}
		_, err = k.NewCar.PlaceTx(ctx, tx, testkit.Dacia, token, m.From().Total.Minor)
		return err
	})
	if c := theCar(k); c.State != stock.Held {
		t.Fatalf("the car is %s", c.State)
	}
}
