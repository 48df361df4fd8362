package newcar_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stock"
	"forecourt/internal/testkit"
	"forecourt/internal/world"
)

// offerOf is what a change would make of an order now.
func offerOf(k *testkit.Kit, o *ordering.Order, picked configurator.Selection) (newcar.ChangedOrder, error) {
	k.T.Helper()
	o = k.Order(o.ID)
	saved, err := ordering.ConfigurationBy(k.DB.Read(k.T.Context()), o.Configuration)
	must(k, err)
	return k.NewCar.ChangeOf(o, saved, picked)
}

func change(k *testkit.Kit, o *ordering.Order, picked configurator.Selection, seen int64) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error {
		_, err := k.NewCar.ChangeTx(ctx, tx, o, picked, seen)
		return err
	})
}

// pick finds a feature of a group that makes another car of the order, at another price when dearer is set.
func pick(k *testkit.Kit, o *ordering.Order, dearer bool) configurator.Selection {
	k.T.Helper()
	mk, _ := k.World.Now().Market(o.Market)
	rng, _ := k.World.Now().Range(o.Brand, "duster")
	m, err := k.World.Now().Model(o.Brand, o.Market, "duster", world.Today(mk, k.Clock.Now()))
	must(k, err)
	saved, err := ordering.ConfigurationBy(k.DB.Read(k.T.Context()), o.Configuration)
	must(k, err)
	was, err := configurator.Decode(saved.Selection)
	must(k, err)
	for _, f := range rng.Features {
		after, err := m.After(configurator.Exactly(was), f.Code, false)
		if err != nil {
			continue
		}
		ch, err := offerOf(k, o, after)
		if err == nil && (ch.New.Minor > o.TotalMinor) == dearer && (dearer || ch.New.Minor < o.TotalMinor) {
			return after
		}
	}
	k.T.Fatal("no other car")
	return nil
}

func whole(k *testkit.Kit, o *ordering.Order) string {
	k.T.Helper()
	doc, err := json.Marshal(k.Order(o.ID))
	must(k, err)
	return string(doc)
}

func TestTheCarOfAnOrderChangesWithItsPriceAndHistoryAtOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	for _, accepted := range []bool{false, true} {
		o := k.Buy()
		if accepted {
			must(k, accept(k, leedsStaff, o))
			settleAll(k, o.ID)
		}
		before, deposit := k.Order(o.ID), o.DepositMinor
		dear := pick(k, o, true)
		ch, err := offerOf(k, o, dear)
		must(k, err)
		if err := change(k, o, dear, ch.New.Minor+1); !errors.Is(err, newcar.ErrChangeSum) {
			t.Errorf("at a price nobody saw: %v", err)
		}
		if whole(k, o) != whole(k, before) {
			t.Fatal("a refused change changed something")
		}
		must(k, change(k, o, dear, ch.New.Minor))
		if accepted { // the dealer who has it says whether it may be
			if whole(k, o) != whole(k, before) {
				t.Fatal("a change that nobody answered changed something")
			}
			if err := change(k, o, dear, ch.New.Minor); !errors.Is(err, ordering.ErrAskedOnce) {
				t.Errorf("asked twice: %v", err)
			}
			must(k, allow(k, leedsStaff, o))
		}
		after := k.Order(o.ID)
		if after.TotalMinor != ch.New.Minor || after.TotalMinor <= before.TotalMinor || after.DepositMinor != deposit || after.State != before.State ||
			after.Configuration == before.Configuration || after.Snapshot.Quote.Total.Minor != after.TotalMinor || after.Snapshot.Quote.Deposit.Minor != deposit {
			t.Errorf("after it: %d of %d, deposit %d, %s", after.TotalMinor, ch.New.Minor, after.DepositMinor, after.State)
		}
		if err := change(k, o, dear, ch.New.Minor); !errors.Is(err, newcar.ErrSameCar) {
			t.Errorf("the same again: %v", err)
		}
		var kept int64
		must(k, k.DB.Read(t.Context()).Raw(`SELECT from_total_minor FROM order_changes WHERE order_id = ?`, o.ID).Scan(&kept).Error)
		if kept != before.TotalMinor {
			t.Errorf("what it was before: %d", kept)
		}
		if n := len(payments(k, o.ID)); n != 1 {
			t.Errorf("%d payments", n)
		}
		healthy(k, "mail_leaves")
	}
}

func TestAChangeThatIsRefusedLeavesEverything(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	must(k, accept(k, leedsStaff, o))
	settleAll(k, o.ID)
	dear := pick(k, o, true)
	ch, err := offerOf(k, o, dear)
	must(k, err)
	before := whole(k, o)
	// Nobody knows such a part.
	if err := change(k, o, configurator.Selection{"no_such_part"}, ch.New.Minor); !errors.Is(err, newcar.ErrNotBuilt) {
		t.Errorf("an unknown part: %v", err)
	}
	// Ordered from the factory meanwhile.
	must(k, act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.AdvanceTx(ctx, tx, leedsStaff, o.Number, newcar.Progress{Event: ordering.Place})
	}))
	ordered := whole(k, o)
	if err := change(k, o, dear, ch.New.Minor); !errors.Is(err, newcar.ErrFixed) {
		t.Errorf("at the factory: %v", err)
	}
	if whole(k, o) != ordered || before == ordered {
		t.Error("something changed")
	}
	healthy(k, "mail_leaves")
}

// TestTheOrdersDayPricesCount: a price list that begins after the order does not raise the change; what was not sold on that
// day is priced by today's list.
func TestTheOrdersDayPricesCount(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	dear := pick(k, o, true)
	first, err := offerOf(k, o, dear)
	must(k, err)
	k.Clock.Advance(48 * time.Hour)
	later, err := offerOf(k, o, dear)
	must(k, err)
	mk, _ := k.World.Now().Market(o.Market)
	if later.PricesOf != world.Today(mk, o.CreatedAt) || later.Today || later.New != first.New {
		t.Errorf("prices of %s, today %t: %v instead of %v", later.PricesOf, later.Today, later.New, first.New)
	}
}

// TestTodaysPricesCountWhereTheCarWasNotSoldThen: an order from before the price list begins has no day of its own to
// be priced by: the whole car is priced by today's list, and the answer says so.
func TestTodaysPricesCountWhereTheCarWasNotSoldThen(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	dear := pick(k, o, true)
	then, err := offerOf(k, o, dear)
	must(k, err)
	k.Clock.Advance(48 * time.Hour)
	before := time.Date(2025, 6, 2, 10, 0, 0, 0, time.UTC) // the range is sold since 2026
	must(k, k.DB.Read(t.Context()).Exec(`UPDATE orders SET created_at = ? WHERE id = ?`, before, o.ID).Error)
	c, err := offerOf(k, o, dear)
	must(k, err)
	mk, _ := k.World.Now().Market(o.Market)
	if today := world.Today(mk, k.Clock.Now()); c.PricesOf != today || !c.Today || c.New != then.New {
		t.Errorf("prices of %s, today %t: %v", c.PricesOf, c.Today, c.New)
	}
	must(k, change(k, o, dear, c.New.Minor))
	var day string
	_, err = db.One(k.DB.Read(t.Context()), &day, `SELECT prices_of::text FROM order_changes WHERE order_id = ?`, o.ID)
	must(k, err)
	if day != string(c.PricesOf) {
		t.Errorf("kept as of %s", day)
	}
}

// TestACarThatExistsIsFreeAgainWhenItsOrderChangesToAnother: while a dealer thinks, the order may leave the car; from
// there on it is anybody's, and the order is one for the factory.
func TestACarThatExistsIsFreeAgainWhenItsOrderChangesToAnother(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	existing(k, stock.Ground)
	o := bought(k, wish(k, testkit.Leeds))
	if c := theCar(k); c.State != stock.Held || o.Snapshot.Stock == nil {
		t.Fatalf("the car is %s", c.State)
	}
	dear := pick(k, o, true)
	ch, err := offerOf(k, o, dear)
	must(k, err)
	if ch.Leaves != pipeline {
		t.Errorf("it does not say that %s is let go", pipeline)
	}
	if err := change(k, o, dear, ch.New.Minor+1); !errors.Is(err, newcar.ErrChangeSum) || theCar(k).State != stock.Held {
		t.Errorf("refused, and the car is %s: %v", theCar(k).State, err)
	}
	must(k, change(k, o, dear, ch.New.Minor))
	if c, now := theCar(k), k.Order(o.ID); c.State != stock.Free || now.Snapshot.Stock != nil || now.TotalMinor != ch.New.Minor {
		t.Errorf("the car is %s", c.State)
	}
	other := bought(k, wish(k, testkit.Leeds))
	must(k, accept(k, leedsStaff, o))
	if k.Order(o.ID).State != ordering.Accepted || other.Snapshot.Stock == nil {
		t.Errorf("the first goes to the factory (%s), the second has the car", k.Order(o.ID).State)
	}
	must(k, accept(k, leedsStaff, other))
	settleAll(k, o.ID)
	settleAll(k, other.ID)
	if _, err := offerOf(k, other, dear); !errors.Is(err, newcar.ErrExisting) {
		t.Errorf("a car that a dealer has: %v", err)
	}
	healthy(k, "mail_leaves")
}

// TestAWishIsADayFromTomorrowOn: kept with the order, taken back, and never in the past.
func TestAWishIsADayFromTomorrowOn(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	say := func(day string) error {
		return act(k, func(_ context.Context, tx *db.Tx) error { return k.NewCar.WishTx(tx, o.ID, day) })
	}
	day := k.Clock.Now().AddDate(0, 0, 9).Format(time.DateOnly)
	if err := say(day); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("before a dealer has it: %v", err)
	}
	must(k, accept(k, leedsStaff, o))
	for _, bad := range []string{k.Clock.Now().Format(time.DateOnly), "2020-01-01", "2099-01-01", "soon", "2026-13-40"} {
		if err := say(bad); !errors.Is(err, sale.ErrWish) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, good := range []string{day, ""} {
		must(k, say(good))
		if got := k.Order(o.ID).WishDay; got != good {
			t.Errorf("kept %q of %q", got, good)
		}
	}
}
