package newcar_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

// race runs fn n times at once and fails on any error.
func race(t *testing.T, n int, fn func() error) {
	t.Helper()
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range n {
		wg.Go(func() {
			<-start
			if err := fn(); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
}

// isMoved tells whether somebody else was quicker.
func isMoved(err error) bool {
	return errors.Is(err, ordering.ErrMoved) || errors.Is(err, allocation.ErrMoved) || errors.Is(err, ordering.ErrNoOrder)
}

// winners runs fn n times at once and counts those without error; all others must be conflicts.
func winners(t *testing.T, n int, allowed error, fn func() error) int {
	t.Helper()
	var mu sync.Mutex
	won := 0
	race(t, n, func() error {
		err := fn()
		if err == nil {
			mu.Lock()
			won++
			mu.Unlock()
			return nil
		}
		if errors.Is(err, allowed) || errors.Is(err, ordering.ErrMoved) || errors.Is(err, allocation.ErrMoved) || errors.Is(err, ordering.ErrNoOrder) {
			return nil
		}
		return err
	})
	return won
}

// at walks an order to a state the way a dealer does.
func at(k *testkit.Kit, want ordering.State) *ordering.Order {
	k.T.Helper()
	o := k.Buy(testkit.London)
	do := func(err error) {
		k.T.Helper()
		if err != nil {
			k.T.Fatal(err)
		}
	}
	if want == ordering.Offered {
		return o
	}
	do(accept(k, leedsStaff, o))
	settleAll(k, o.ID)
	for _, p := range []newcar.Progress{{Event: ordering.Place}, {Event: ordering.Build}, {Event: ordering.Dispatch, VIN: "VF1RJA00X74471902"}, {Event: ordering.Arrive}, {Event: ordering.Prepare}, {Event: ordering.Release}} {
		if o = k.Order(o.ID); o.State == want {
			return o
		}
		if p.Event == ordering.Prepare {
			do(act(k, func(ctx context.Context, tx *db.Tx) error {
				return k.NewCar.SetChecksTx(ctx, tx, leedsStaff, o.Number, ordering.PreparationItems)
			}))
		}
		do(act(k, func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.AdvanceTx(ctx, tx, leedsStaff, o.Number, p)
		}))
	}
	return k.Order(o.ID)
}

// onlyOne runs fn fifty times at once: one wins, the others are told that it moved on.
func onlyOne(t *testing.T, refusals []error, fn func() error) {
	t.Helper()
	var won atomic.Int64
	race(t, 50, func() error {
		err := fn()
		if err == nil {
			won.Add(1)
			return nil
		}
		for _, r := range append(refusals, ordering.ErrMoved, ordering.ErrNoOrder, allocation.ErrMoved) {
			if errors.Is(err, r) {
				return nil
			}
		}
		return err
	})
	if won.Load() != 1 {
		t.Fatalf("%d of 50 won", won.Load())
	}
}

func TestFiftyAtOnceMakeEachStepOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from  ordering.State
		event ordering.Event
	}{{ordering.Accepted, ordering.Place}, {ordering.Ordered, ordering.Build}, {ordering.Built, ordering.Dispatch}, {ordering.InTransit, ordering.Arrive}, {ordering.Prepared, ordering.Release}} {
		t.Run(string(c.event), func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			o := at(k, c.from)
			onlyOne(t, nil, func() error {
				return act(k, func(ctx context.Context, tx *db.Tx) error {
					return k.NewCar.AdvanceTx(ctx, tx, leedsStaff, o.Number, newcar.Progress{Event: c.event, VIN: "VF1RJA00X74471902"})
				})
			})
			k.Healthy("mail_leaves")
		})
	}
}

func TestFiftyPaymentsAtTheDeskNeverExceedTheBalance(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := at(k, ordering.Accepted)
	rest := o.TotalMinor - o.DepositMinor
	onlyOne(t, []error{payment.ErrTooMuch}, func() error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.RecordDeskTx(ctx, tx, leedsStaff, o.Number, payment.ByDeskCard, rest, "")
		})
	})
	k.Healthy()
}

func TestFiftyHandoversAreOne(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := at(k, ordering.Ready)
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.RecordDeskTx(ctx, tx, leedsStaff, o.Number, payment.ByDeskCard, o.TotalMinor-o.DepositMinor, "")
	})
	onlyOne(t, nil, func() error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.HandOverTx(ctx, tx, leedsStaff, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 3})
		})
	})
	k.Healthy()
}

func TestTheLastBayIsBookedOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	d, _ := k.World.Now().Dealer(testkit.Leeds)
	mk, _ := k.World.Now().Market("gb")
	slot := d.Slots(mk, k.Clock.Now(), nil, false)[0]
	orders := make([]*ordering.Order, d.Bays+2)
	vins := []string{"VF1RJA00X74471902", "VF1RJA00X74471903", "VF1RJA00X74471904", "VF1RJA00X74471905", "VF1RJA00X74471906", "VF1RJA00X74471907", "VF1RJA00X74471908", "VF1RJA00X74471909"}
	for i := range orders {
		o := k.Buy()
		k.Tx(func(_ context.Context, tx *db.Tx) error {
			return tx.Exec(`UPDATE orders SET state = 'ready', vin = ? WHERE id = ?`, vins[i], o.ID).Error
		})
		orders[i] = o
	}
	var booked, n atomic.Int64
	race(t, len(orders), func() error {
		o := orders[n.Add(1)-1]
		err := act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.BookTx(ctx, tx, o.ID, slot.StartsAt) })
		switch {
		case err == nil:
			booked.Add(1)
		case !errors.Is(err, network.ErrSlotTaken) && !errors.Is(err, network.ErrNoSlot):
			return err
		}
		return nil
	})
	if int(booked.Load()) != d.Bays {
		t.Fatalf("%d booked in %d bays", booked.Load(), d.Bays)
	}
}

func TestFiftySweepsPassASilentOrderOnOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy(testkit.London)
	k.Clock.Advance(27 * time.Hour)
	race(t, 50, func() error { return k.NewCar.Sweep(t.Context()) })
	es, err := allocation.Of(k.DB.Read(t.Context()), o.ID)
	if err != nil || len(es) != 2 || es[1].Dealer != testkit.London {
		t.Fatalf("%d entries, %v", len(es), err)
	}
}

func TestFiftyChoicesOfAnotherDealerAreOne(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	if err := decline(k, leedsStaff, o); err != nil {
		t.Fatal(err)
	}
	onlyOne(t, []error{sale.ErrDealer}, func() error {
		return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ChooseTx(ctx, tx, o.ID, testkit.London) })
	})
	k.Healthy()
}
