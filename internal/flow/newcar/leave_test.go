package newcar_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

// shops are one in every market of the demo.
var shops = []sale.Shop{{Brand: "dacia", Market: "gb", Flow: id.FlowNew}, {Brand: "dacia", Market: "it", Flow: id.FlowNew}, {Brand: "dacia", Market: "fr", Flow: id.FlowNew}, {Brand: "dacia", Market: "de", Flow: id.FlowNew},
	{Brand: "dacia", Market: "es", Flow: id.FlowNew}, {Brand: "dacia", Market: "ro", Flow: id.FlowNew}}

// lived are the states in which a buyer leaves, in the order of life.
var lived = []ordering.State{ordering.Offered, ordering.Accepted, ordering.Ordered, ordering.Built, ordering.InTransit, ordering.Arrived, ordering.Prepared, ordering.Ready}

func staffOf(o *ordering.Order) sale.Staff {
	return sale.Staff{User: "0198a000-0000-7000-8000-000000000001", Dealer: o.Dealer}
}

// bring walks an offered order to a state; from accepted on, with some money taken at the desk.
func bring(k *testkit.Kit, o *ordering.Order, to ordering.State, vin string) *ordering.Order {
	k.T.Helper()
	staff := staffOf(o)
	if to == ordering.Offered {
		return o
	}
	must(k, accept(k, staff, o))
	settleAll(k, o.ID)
	desk(k, o, 1234_56)
	desk(k, o, 77)
	for _, e := range []ordering.Event{ordering.Place, ordering.Build, ordering.Dispatch, ordering.Arrive, ordering.Prepare, ordering.Release} {
		if o = k.Order(o.ID); o.State == to {
			return o
		}
		must(k, act(k, func(ctx context.Context, tx *db.Tx) error {
			if e == ordering.Prepare {
				if err := k.NewCar.SetChecksTx(ctx, tx, staff, o.Number, ordering.PreparationItems); err != nil {
					return err
				}
			}
			return k.NewCar.AdvanceTx(ctx, tx, staff, o.Number, newcar.Progress{Event: e, VIN: vin})
		}))
	}
	return k.Order(o.ID)
}

func must(k *testkit.Kit, err error) {
	k.T.Helper()
	if err != nil {
		k.T.Fatal(err)
	}
}

func desk(k *testkit.Kit, o *ordering.Order, minor int64) {
	k.T.Helper()
	must(k, act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.RecordDeskTx(ctx, tx, staffOf(o), o.Number, payment.ByDeskTransfer, minor, "REF")
	}))
}

// keys hands a ready car over, paid in full.
func keys(k *testkit.Kit, o *ordering.Order) *ordering.Order {
	k.T.Helper()
	paid, err := payment.PaidMinor(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	if paid < o.TotalMinor {
		desk(k, o, o.TotalMinor-paid)
	}
	must(k, act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.HandOverTx(ctx, tx, staffOf(o), o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 11})
	}))
	return k.Order(o.ID)
}

// shown is what the page shows now.
func shown(k *testkit.Kit, o *ordering.Order, w sale.Worn) sale.Refund {
	k.T.Helper()
	mk, ok := k.World.Now().Market(o.Market)
	if !ok {
		k.T.Fatal(o.Market)
	}
	l, err := ordering.LeavingOf(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	return sale.RefundOf(k.Order(o.ID), payments(k, o.ID), mk, k.Clock.Now(), l, w)
}

// landed does what jobs and desks do until all the money is where it belongs, and sums what came back and what
// was released.
func landed(k *testkit.Kit, o *ordering.Order) (back, released int64) {
	k.T.Helper()
	settleAll(k, o.ID)
	for _, p := range payments(k, o.ID) {
		if !p.Card() && p.State == payment.Returning {
			must(k, act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.DeskReturnedTx(ctx, tx, staffOf(o), p.ID) }))
		}
	}
	for _, p := range payments(k, o.ID) {
		switch p.State {
		case payment.Refunded:
			back += p.Back().Minor
		case payment.Voided:
			released += p.Amount.Minor
		case payment.Captured, payment.Expired, payment.Struck:
		default:
			k.T.Fatalf("a payment is left %s", p.State)
		}
	}
	return back, released
}

func withdraw(k *testkit.Kit, o *ordering.Order) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.WithdrawTx(ctx, tx, o.ID) })
}

func takeBack(k *testkit.Kit, o *ordering.Order, t sale.TakeBack) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.TakeBackTx(ctx, tx, staffOf(o), o.Number, t)
	})
}

// TestWhatIsShownIsPaidBack leaves in every state of every market, and after the handover with wear of several kinds:
// what the engine showed is what the bank and the desks gave back, to the cent, and the books agree.
func TestWhatIsShownIsPaidBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	cars := 0
	next := func() string { cars++; return fmt.Sprintf("VF1LEFT%010d", cars) }
	for _, shop := range shops {
		for _, st := range lived {
			o := bring(k, buyWith(k, shop, k.NewCar.PlaceTx), st, next())
			if o.State != st {
				t.Fatalf("%s: %s instead of %s", shop.Market, o.State, st)
			}
			want := shown(k, o, sale.Worn{})
			must(k, cancel(k, o.ID))
			back, released := landed(k, o)
			if back != want.Back.Minor || released != want.Released.Minor {
				t.Errorf("%s in %s: shown %v and %v released, paid %d and %d", shop.Market, st, want.Back, want.Released, back, released)
			}
			checkLeaving(k, o, want)
		}
		for i, w := range []sale.Worn{{}, {DrivenKm: 100}, {DrivenKm: 731}, {DrivenKm: 90_000}, {DrivenKm: 400, DamageMinor: 123_45}, {DamageMinor: 1 << 40}} {
			o := keys(k, bring(k, buyWith(k, shop, k.NewCar.PlaceTx), ordering.Ready, next()))
			must(k, withdraw(k, o))
			k.Clock.Advance(3 * 24 * time.Hour)
			w.DamageMinor = min(w.DamageMinor, o.TotalMinor)
			want := shown(k, o, w)
			note := ""
			if w.DamageMinor > 0 {
				note = "door"
			}
			must(k, takeBack(k, o, sale.TakeBack{OdometerKm: 11 + w.DrivenKm, DamageMinor: w.DamageMinor, DamageNote: note}))
			back, released := landed(k, o)
			if back != want.Back.Minor || released != 0 || back+want.Kept.Minor != o.TotalMinor {
				t.Errorf("%s, wear %d: shown %v with %v kept of %d, paid %d", shop.Market, i, want.Back, want.Kept, o.TotalMinor, back)
			}
			checkLeaving(k, o, want)
		}
	}
	k.Healthy("mail_leaves", "deadlines_kept")
}

func checkLeaving(k *testkit.Kit, o *ordering.Order, want sale.Refund) {
	k.T.Helper()
	l, err := ordering.LeavingOf(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	switch {
	case l == nil:
		k.T.Errorf("%s: nobody wrote down that it was left", o.Number)
	case l.OwedMinor != want.Back.Minor || l.KeptMinor != want.Kept.Minor || l.DueOn != string(want.By) || l.SettledAt.IsZero() || l.InterestMinor != 0:
		k.T.Errorf("written %+v, shown %+v", l, want)
	}
	owed, err := payment.BuyerMinor(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	if owed != 0 {
		k.T.Errorf("%s: the books still say %d of the buyer", o.Number, owed)
	}
}

// TestThePeriodEndsWithTheDay: the day of the handover does not count, the last one counts whole, in the market's zone,
// and in the EU a day off carries it on.
func TestThePeriodEndsWithTheDay(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	for _, x := range []struct {
		market id.Market
		taken  string
		last   market.Date
	}{
		{"gb", "2026-11-24T23:30:00Z", "2026-12-08"},
		{"fr", "2026-11-24T23:30:00Z", "2026-12-09"}, // past midnight there
		{"fr", "2026-12-11T12:00:00Z", "2026-12-28"}, // Christmas, Saturday, Sunday
		{"gb", "2026-12-11T12:00:00Z", "2026-12-25"},
		{"ro", "2026-11-30T21:59:00Z", "2026-12-14"},
	} {
		mk, _ := k.World.Now().Market(x.market)
		at, _ := time.Parse(time.RFC3339, x.taken)
		o := &ordering.Order{State: ordering.HandedOver, Currency: mk.Currency, TotalMinor: 20_000_00, CreatedAt: at.AddDate(0, -2, 0), HandedOverAt: at}
		o.Snapshot.LeaveDays = mk.WithdrawalDays
		ps := []*payment.Payment{{Means: payment.ByDeskCash, State: payment.Captured, Amount: o.Total()}}
		end := x.last.Plus(1).Time(mk.Zone())
		before, after := sale.RefundOf(o, ps, mk, end.Add(-time.Second), nil, sale.Worn{}), sale.RefundOf(o, ps, mk, end, nil, sale.Worn{})
		if before.Until != x.last || before.Rule != sale.LeaveWithdraw || before.Back != o.Total() || after.Rule != sale.LeaveOver || after.Can() || !after.Back.IsZero() {
			t.Errorf("%s from %s: until %s, %s then %s", x.market, x.taken, before.Until, before.Rule, after.Rule)
		}
	}
}

func TestAWithdrawalIsASagaThatHappensOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := bring(k, k.Buy(), ordering.Ready, "VF1RJA00X74471902")
	if err := withdraw(k, o); !errors.Is(err, ordering.ErrMoved) {
		t.Fatalf("withdrawn before the handover: %v", err)
	}
	o = keys(k, o)
	until := shown(k, o, sale.Worn{}).Until
	must(k, withdraw(k, o))
	if err := withdraw(k, o); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("withdrawn twice: %v", err)
	}
	if owed, _ := payment.BuyerMinor(k.DB.Read(t.Context()), o.ID); owed != 0 {
		t.Errorf("money went back before the car: %d", owed)
	}
	for name, bad := range map[string]sale.TakeBack{"fewer kilometres": {OdometerKm: 10}, "damage without a word": {OdometerKm: 20, DamageMinor: 1},
		"more than the price": {OdometerKm: 20, DamageMinor: o.TotalMinor + 1, DamageNote: "all"}, "negative": {OdometerKm: 20, DamageMinor: -1, DamageNote: "x"}} {
		if err := takeBack(k, o, bad); err == nil {
			t.Error(name)
		}
	}
	stranger := sale.Staff{User: leedsStaff.User, Dealer: testkit.London}
	if err := act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.TakeBackTx(ctx, tx, stranger, o.Number, sale.TakeBack{OdometerKm: 20})
	}); !errors.Is(err, ordering.ErrNoOrder) {
		t.Errorf("another dealer took it back: %v", err)
	}
	k.Healthy("mail_leaves")
	must(k, takeBack(k, o, sale.TakeBack{OdometerKm: 20}))
	if err := takeBack(k, o, sale.TakeBack{OdometerKm: 20}); err == nil {
		t.Error("taken back twice")
	}
	landed(k, o)
	if st := state(k, o.ID); st != ordering.Returned || until == "" {
		t.Errorf("%s, until %s", st, until)
	}
	k.Healthy("mail_leaves")
}

func TestTooLateIsTooLate(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := keys(k, bring(k, k.Buy(), ordering.Ready, "VF1RJA00X74471902"))
	k.Clock.Advance(15 * 24 * time.Hour)
	if err := withdraw(k, o); !errors.Is(err, sale.ErrPeriodOver) {
		t.Fatalf("withdrawn after the period: %v", err)
	}
	if state(k, o.ID) != ordering.HandedOver {
		t.Error("something moved")
	}
}

// TestLateMoneyGrowsInFrance: alarm days before, and what the law adds is posted when the money is back too late.
func TestLateMoneyGrowsInFrance(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	shop := sale.Shop{Brand: "dacia", Market: "fr", Flow: id.FlowNew}
	o := bring(k, buyWith(k, shop, k.NewCar.PlaceTx), ordering.Accepted, "")
	must(k, cancel(k, o.ID))
	settleAll(k, o.ID) // the card's part is back at once, the desk forgets its own
	told := k.Clock.Now()
	alarmed := func() bool {
		must(k, k.NewCar.Sweep(t.Context()))
		l, err := ordering.LeavingOf(k.DB.Read(t.Context()), o.ID)
		must(k, err)
		return !l.AlarmedAt.IsZero()
	}
	k.Clock.Set(told.AddDate(0, 0, 9))
	if alarmed() {
		t.Error("alarmed too early")
	}
	k.Clock.Set(told.AddDate(0, 0, 10))
	if !alarmed() {
		t.Error("not alarmed four days before")
	}
	k.Clock.Set(told.AddDate(0, 0, 14+25))
	landed(k, o)
	l, err := ordering.LeavingOf(k.DB.Read(t.Context()), o.ID)
	must(k, err)
	want := (int64(1234_56)*10+50)/100 + (77*10+50)/100 // 10 % of each between 20 and 30 days late
	if l.InterestMinor != want || l.SettledAt.IsZero() {
		t.Errorf("added %d instead of %d", l.InterestMinor, want)
	}
	k.Healthy("mail_leaves")
	pay := func() error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.InterestPaidTx(ctx, tx, staffOf(o), o.Number)
		})
	}
	must(k, pay())
	if err := pay(); err == nil {
		t.Error("paid twice")
	}
	if owed, _ := payment.BuyerMinor(k.DB.Read(t.Context()), o.ID); owed != 0 {
		t.Errorf("the books owe %d", owed)
	}
	k.Healthy("mail_leaves")
}
