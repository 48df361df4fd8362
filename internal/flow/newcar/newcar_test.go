package newcar_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/doctor"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

var leedsStaff = sale.Staff{User: "0198a000-0000-7000-8000-000000000001", Dealer: testkit.Leeds}
var londonStaff = sale.Staff{User: "0198a000-0000-7000-8000-000000000002", Dealer: testkit.London}

func act(k *testkit.Kit, fn func(ctx context.Context, tx *db.Tx) error) error {
	return k.DB.InTx(k.T.Context(), fn)
}

func healthy(k *testkit.Kit, but ...string) {
	k.T.Helper()
	r, err := doctor.Examine(k.T.Context(), k.DB)
	if err != nil {
		k.T.Fatal(err)
	}
	for _, f := range r.Invariants {
		if f.Violations > 0 && !slices.Contains(but, f.Name) {
			k.T.Errorf("invariant %s: %d rows", f.Name, f.Violations)
		}
	}
}

func payments(k *testkit.Kit, o id.Order) []*payment.Payment {
	k.T.Helper()
	ps, err := payment.Of(k.DB.Read(k.T.Context()), o)
	if err != nil {
		k.T.Fatal(err)
	}
	return ps
}

func state(k *testkit.Kit, o id.Order) ordering.State { return k.Order(o).State }

func accept(k *testkit.Kit, staff sale.Staff, o *ordering.Order) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AcceptTx(ctx, tx, staff, o.Number) })
}

func decline(k *testkit.Kit, staff sale.Staff, o *ordering.Order) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.DeclineTx(ctx, tx, staff, o.Number, "cannot_order")
	})
}

func cancel(k *testkit.Kit, o id.Order) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.CancelTx(ctx, tx, o) })
}

// settleAll does what the jobs would do, until nothing changes.
func settleAll(k *testkit.Kit, o id.Order) {
	k.T.Helper()
	for range 3 {
		for _, p := range payments(k, o) {
			if err := k.NewCar.Settle(k.T.Context(), p.ID); err != nil {
				k.T.Fatal(err)
			}
		}
	}
}

func TestACarIsBoughtPreparedAndHandedOver(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	if o.State != ordering.Offered || o.Dealer != testkit.Leeds {
		t.Fatalf("after paying: %s at %s", o.State, o.Dealer)
	}
	if err := accept(k, leedsStaff, o); err != nil {
		t.Fatal(err)
	}
	settleAll(k, o.ID)
	if p := payments(k, o.ID)[0]; p.State != payment.Captured {
		t.Fatalf("deposit after accept: %s", p.State)
	}
	step := func(e ordering.Event, vin string) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.AdvanceTx(ctx, tx, leedsStaff, o.Number, newcar.Progress{Event: e, VIN: vin})
		})
	}
	for _, e := range []ordering.Event{ordering.Place, ordering.Build} {
		if err := step(e, ""); err != nil {
			t.Fatal(e, err)
		}
	}
	if err := step(ordering.Dispatch, "NOT A VIN"); !errors.Is(err, newcar.ErrVIN) {
		t.Fatalf("a wrong VIN: %v", err)
	}
	for e, vin := range map[ordering.Event]string{ordering.Dispatch: "VF1RJA00X74471902"} {
		if err := step(e, vin); err != nil {
			t.Fatal(e, err)
		}
	}
	if err := step(ordering.Arrive, ""); err != nil {
		t.Fatal(err)
	}
	if err := step(ordering.Prepare, ""); !errors.Is(err, sale.ErrChecks) {
		t.Fatalf("prepared without checks: %v", err)
	}
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.SetChecksTx(ctx, tx, leedsStaff, o.Number, ordering.PreparationItems)
	})
	for _, e := range []ordering.Event{ordering.Prepare, ordering.Release} {
		if err := step(e, ""); err != nil {
			t.Fatal(e, err)
		}
	}
	handOver := func(code string) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.HandOverTx(ctx, tx, leedsStaff, o.Number, sale.HandOver{Code: code, Checks: ordering.HandoverItems, OdometerKm: 11})
		})
	}
	if err := handOver(o.PickupCode); !errors.Is(err, sale.ErrUnpaid) {
		t.Fatalf("handed over unpaid: %v", err)
	}
	desk := func(minor int64) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.RecordDeskTx(ctx, tx, leedsStaff, o.Number, payment.ByDeskTransfer, minor, "REF 1")
		})
	}
	rest := o.TotalMinor - o.DepositMinor
	if err := desk(rest + 1); !errors.Is(err, payment.ErrTooMuch) {
		t.Fatalf("more than owed: %v", err)
	}
	if err := desk(rest - 500); err != nil {
		t.Fatal(err)
	}
	if err := desk(500); err != nil {
		t.Fatal(err)
	}
	if err := handOver("WRONG2"); !errors.Is(err, sale.ErrCode) {
		t.Fatalf("wrong code: %v", err)
	}
	if err := handOver(o.PickupCode); err != nil {
		t.Fatal(err)
	}
	if s := state(k, o.ID); s != ordering.HandedOver {
		t.Fatal(s)
	}
	if err := cancel(k, o.ID); !errors.Is(err, ordering.ErrMoved) {
		t.Fatalf("cancelled after handover: %v", err)
	}
	healthy(k)
}

func TestSettlingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for _, p := range payments(k, o.ID) {
				if err := k.NewCar.Settle(t.Context(), p.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	es, err := allocation.Of(k.DB.Read(t.Context()), o.ID)
	if err != nil || len(es) != 1 {
		t.Fatalf("%d queue entries, %v", len(es), err)
	}
	healthy(k)
}

func TestFiftyPressesMakeOneOrderAndOneCardPage(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	token := k.Draft()
	total := k.Total()
	var mu sync.Mutex
	orders, pages := map[id.Order]bool{}, map[string]bool{}
	race(t, 50, func() error {
		var p sale.Placed
		err := act(k, func(ctx context.Context, tx *db.Tx) (err error) {
			p, err = k.NewCar.PlaceTx(ctx, tx, testkit.Dacia, token, total)
			return err
		})
		if err != nil {
			return err
		}
		page, err := k.NewCar.CardPage(t.Context(), p.Payment)
		mu.Lock()
		defer mu.Unlock()
		orders[p.Order], pages[page] = true, true
		return err
	})
	if len(orders) != 1 || len(pages) != 1 {
		t.Fatalf("%d orders, %d card pages", len(orders), len(pages))
	}
}

func TestFiftyAnswersAreOneAnswer(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy(testkit.London)
	var n atomic.Int64
	won := winners(t, 50, allocation.ErrMoved, func() error {
		if n.Add(1)%2 == 0 {
			return accept(k, leedsStaff, o)
		}
		return decline(k, leedsStaff, o)
	})
	if won != 1 {
		t.Fatalf("%d answers won", won)
	}
	settleAll(k, o.ID)
	healthy(k)
}

func TestFiftyCancelsReturnTheMoneyOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	if err := accept(k, leedsStaff, o); err != nil {
		t.Fatal(err)
	}
	settleAll(k, o.ID)
	if won := winners(t, 50, ordering.ErrMoved, func() error { return cancel(k, o.ID) }); won != 1 {
		t.Fatalf("%d cancels won", won)
	}
	race(t, 8, func() error {
		for _, p := range payments(k, o.ID) {
			if err := k.NewCar.Settle(t.Context(), p.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if p := payments(k, o.ID)[0]; p.State != payment.Refunded {
		t.Fatalf("deposit: %s", p.State)
	}
	for _, l := range k.Bank.Ledger() {
		if l.Captured != l.Refunded || l.Captured != o.DepositMinor {
			t.Fatalf("the bank took %d and gave back %d of %d", l.Captured, l.Refunded, o.DepositMinor)
		}
	}
	healthy(k)
}

func TestADeclinedOrderGoesOnlyWhereTheBuyerAgreed(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy(testkit.London)
	if err := decline(k, londonStaff, o); !errors.Is(err, ordering.ErrNoOrder) {
		t.Fatalf("another dealer's order: %v", err)
	}
	if err := decline(k, leedsStaff, o); err != nil {
		t.Fatal(err)
	}
	if o = k.Order(o.ID); o.State != ordering.Offered || o.Dealer != testkit.London {
		t.Fatalf("%s at %s", o.State, o.Dealer)
	}
	if err := decline(k, londonStaff, o); err != nil {
		t.Fatal(err)
	}
	if o = k.Order(o.ID); o.State != ordering.Choosing {
		t.Fatalf("nobody left: %s", o.State)
	}
	choose := func(d id.Dealer) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ChooseTx(ctx, tx, o.ID, d) })
	}
	for _, d := range []id.Dealer{"it-torino-" /* unknown */, testkit.Leeds /* has declined */} {
		if err := choose(d); !errors.Is(err, sale.ErrDealer) {
			t.Fatalf("choosing %s: %v", d, err)
		}
	}
	third := k.World.Now().Dealers("dacia", "gb", id.FlowNew)[0].Code
	if third == testkit.Leeds || third == testkit.London {
		third = k.World.Now().Dealers("dacia", "gb", id.FlowNew)[2].Code
	}
	if err := choose(third); err != nil {
		t.Fatal(err)
	}
	if o = k.Order(o.ID); o.State != ordering.Offered || o.Dealer != third {
		t.Fatalf("%s at %s", o.State, o.Dealer)
	}
	healthy(k)
}

func TestSilenceMovesAnOrderOn(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy(testkit.London)
	k.Clock.Advance(7 * time.Hour)
	if err := k.NewCar.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := k.Order(o.ID).Dealer; d != testkit.Leeds {
		t.Fatalf("moved on early to %s", d)
	}
	k.Clock.Advance(20 * time.Hour)
	if err := accept(k, leedsStaff, o); !errors.Is(err, allocation.ErrTooLate) {
		t.Fatalf("too late to accept: %v", err)
	}
	if err := k.NewCar.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := k.Order(o.ID).Dealer; d != testkit.London {
		t.Fatalf("still at %s", d)
	}
	// London is silent too, then the buyer: the reservation is released in time by itself.
	for range 8 {
		k.Clock.Advance(22 * time.Hour)
		if err := k.NewCar.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		settleAll(k, o.ID)
		healthy(k, "mail_leaves") // no worker runs here
	}
	if s := state(k, o.ID); s != ordering.Cancelled {
		t.Fatal(s)
	}
	if p := payments(k, o.ID)[0]; p.State != payment.Voided {
		t.Fatalf("deposit: %s", p.State)
	}
}

func TestAnUnpaidOrderLapsesAndALatePaymentComesBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	token := k.Draft()
	p, page := k.Place(token)
	k.Clock.Advance(2 * time.Hour)
	if err := k.NewCar.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := state(k, p.Order); s != ordering.Lapsed {
		t.Fatal(s)
	}
	if _, err := banktest.Pay(t.Context(), nil, page, testkit.Good); err == nil {
		t.Fatal("an ended card page took money")
	}
	// The same draft may be ordered again.
	again, page := k.Place(token)
	if again.Order == p.Order || page == "" {
		t.Fatal("the second try is the first order")
	}
	// The buyer cancels while the card page is open in another tab, and pays there.
	if err := cancel(k, again.Order); err != nil {
		t.Fatal(err)
	}
	if _, err := banktest.Pay(t.Context(), nil, page, testkit.Good); err != nil {
		t.Fatal(err)
	}
	settleAll(k, again.Order)
	if x := payments(k, again.Order)[0]; x.State != payment.Voided {
		t.Fatalf("the late payment: %s", x.State)
	}
	healthy(k)
}

func TestAPausedMarketTakesNoNewOrderAndKeepsTheOld(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	waiting, page := k.Place(k.Draft())
	token := k.Draft()
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return tx.Exec(`UPDATE switches SET state = 'paused' WHERE brand = 'dacia' AND market = 'gb'`).Error
	})
	err := act(k, func(ctx context.Context, tx *db.Tx) error {
		_, err := k.NewCar.PlaceTx(ctx, tx, testkit.Dacia, token, k.Total())
		return err
	})
	if !errors.Is(err, sale.ErrClosed) {
		t.Fatalf("a new order: %v", err)
	}
	if _, err := banktest.Pay(t.Context(), nil, page, testkit.Good); err != nil {
		t.Fatal(err)
	}
	settleAll(k, waiting.Order)
	if s := state(k, waiting.Order); s != ordering.Offered {
		t.Fatalf("money on its way: %s", s)
	}
	if err := accept(k, leedsStaff, o); err != nil {
		t.Fatal(err)
	}
	healthy(k)
}

func TestAChangedPriceIsShownNotCharged(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	token := k.Draft()
	err := act(k, func(ctx context.Context, tx *db.Tx) error {
		_, err := k.NewCar.PlaceTx(ctx, tx, testkit.Dacia, token, k.Total()-1)
		return err
	})
	if !errors.Is(err, newcar.ErrPriceChanged) {
		t.Fatal(err)
	}
	var n int
	if _, err := db.One(k.DB.Read(t.Context()), &n, `SELECT count(*) FROM orders`); err != nil || n != 0 {
		t.Fatalf("%d orders, %v", n, err)
	}
}

func TestEachStepIsToldOnceAndAFailingMailServerLosesNothing(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	k.Work()
	o := k.Buy()
	if err := accept(k, leedsStaff, o); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "two mails to the buyer and one to the dealer", func() bool { return len(k.Mails.Sent()) == 3 })
	testkit.Eventually(t, "the deposit captured by its job", func() bool { return payments(k, o.ID)[0].State == payment.Captured })
	seen := map[string]int{}
	for _, m := range k.Mails.Sent() {
		seen[m.ID]++
	}
	if seen["placed"] != 1 || seen["accepted"] != 1 || seen["dealer_offer"] != 1 {
		t.Fatalf("sent: %v", seen)
	}
	var unsent int
	testkit.Eventually(t, "all marked as sent", func() bool {
		_, err := db.One(k.DB.Read(t.Context()), &unsent, `SELECT count(*) FROM mails WHERE sent_at IS NULL`)
		return err == nil && unsent == 0
	})
	healthy(k)
}

func TestAnEventComesTwiceAndCountsOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	k.Work()
	p, page := k.Place(k.Draft())
	if _, err := banktest.Pay(t.Context(), nil, page, testkit.Good); err != nil {
		t.Fatal(err)
	}
	pay, err := payment.Get(k.DB.Read(t.Context()), p.Payment)
	if err != nil {
		t.Fatal(err)
	}
	e := payment.Event{ID: "evt_1", Type: "checkout.session.completed", ObjectID: pay.SessionID, SessionID: pay.SessionID, Payload: []byte(`{}`)}
	race(t, 20, func() error { return k.NewCar.Receive(context.WithoutCancel(t.Context()), e) })
	testkit.Eventually(t, "the order offered", func() bool { return state(k, p.Order) == ordering.Offered })
	var n int
	if _, err := db.One(k.DB.Read(t.Context()), &n, `SELECT count(*) FROM provider_events`); err != nil || n != 1 {
		t.Fatalf("%d events, %v", n, err)
	}
	testkit.Eventually(t, "the event dealt with", func() bool {
		_, err := db.One(k.DB.Read(t.Context()), &n, `SELECT count(*) FROM provider_events WHERE processed_at IS NULL`)
		return err == nil && n == 0
	})
	healthy(k)
}
