package newcar_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

// dearest makes an order's car as dear as a few changes can, so that there is something to change back to; answered by the
// dealer where one has it.
func dearest(k *testkit.Kit, o *ordering.Order) (dear, cheap configurator.Selection) {
	k.T.Helper()
	saved, err := ordering.ConfigurationBy(k.DB.Read(k.T.Context()), k.Order(o.ID).Configuration)
	must(k, err)
	cheap, err = configurator.Decode(saved.Selection)
	must(k, err)
	return pick(k, o, true), cheap
}

// revise changes the car of an order, with the yes of the dealer who has it.
func revise(k *testkit.Kit, o *ordering.Order, to configurator.Selection) {
	k.T.Helper()
	ch, err := offerOf(k, o, to)
	must(k, err)
	must(k, change(k, o, to, ch.New.Minor))
	if r, err := ordering.Asked(k.DB.Read(k.T.Context()), o.ID); err != nil || r != nil {
		must(k, err)
		must(k, allow(k, leedsStaff, o))
	}
}

func allow(k *testkit.Kit, staff sale.Staff, o *ordering.Order) error {
	return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AllowCarTx(ctx, tx, staff, o.Number) })
}

// back is what a bank's ledger says went back, in all.
func bankBack(k *testkit.Kit) (captured, refunded int64) {
	for _, l := range k.Bank.Ledger() {
		captured, refunded = captured+l.Captured, refunded+l.Refunded
	}
	return captured, refunded
}

// stepTo lets a dealer take its order on until it stands in a state.
func stepTo(k *testkit.Kit, staff sale.Staff, o *ordering.Order, st ordering.State) {
	k.T.Helper()
	for n := range 6 {
		at := k.Order(o.ID).State
		if at == st {
			return
		}
		ev := map[ordering.State]ordering.Event{ordering.Accepted: ordering.Place, ordering.Ordered: ordering.Build, ordering.Built: ordering.Dispatch,
			ordering.InTransit: ordering.Arrive, ordering.Arrived: ordering.Prepare, ordering.Prepared: ordering.Release}[at]
		must(k, act(k, func(ctx context.Context, tx *db.Tx) error {
			if ev == ordering.Prepare {
				if err := k.NewCar.SetChecksTx(ctx, tx, staff, o.Number, ordering.PreparationItems); err != nil {
					return err
				}
			}
			return k.NewCar.AdvanceTx(ctx, tx, staff, o.Number, newcar.Progress{Event: ev, VIN: "VF1RJA00X744719" + strconv.Itoa(10+n)})
		}))
	}
}

// balanceOf is the card payment of an order that is no deposit.
func balanceOf(k *testkit.Kit, o *ordering.Order) *payment.Payment {
	k.T.Helper()
	for _, p := range payments(k, o.ID) {
		if p.Card() && p.Purpose != payment.ForDeposit {
			return p
		}
	}
	k.T.Fatal("no balance")
	return nil
}

// TestACheaperCarGivesTheDifferenceBack: paid in full by card, the car becomes cheaper: the difference goes back to the
// card and nothing more; leaving gives back exactly the rest.
func TestACheaperCarGivesTheDifferenceBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	dear, cheap := dearest(k, o)
	revise(k, o, dear)
	pay(k, balancePage(k, k.Order(o.ID), 0))
	settleAll(k, o.ID)
	full := k.Order(o.ID).TotalMinor
	if left := owed(k, k.Order(o.ID)); left != 0 {
		t.Fatalf("%d is owed before", left)
	}
	revise(k, o, cheap)
	less := full - k.Order(o.ID).TotalMinor
	if left := owed(k, k.Order(o.ID)); less <= 0 || left != 0 {
		t.Fatalf("%d less, %d owed while it is on its way", less, left)
	}
	healthy(k, "mail_leaves")
	settleAll(k, o.ID)
	if taken, back := bankBack(k); taken != full || back != less {
		t.Fatalf("the bank took %d and gave back %d, not %d", taken, back, less)
	}
	p := balanceOf(k, o)
	if p.State != payment.Captured || p.PartMinor != less || p.PartDueMinor != 0 || !p.DueAt.IsZero() {
		t.Fatalf("%s, parts %d, due %d, looked at again %v", p.State, p.PartMinor, p.PartDueMinor, p.DueAt)
	}
	if paid, err := payment.PaidMinor(k.DB.Read(t.Context()), o.ID); err != nil || paid != full-less {
		t.Fatalf("%d is paid, %v", paid, err)
	}
	healthy(k, "mail_leaves")
	must(k, cancel(k, o.ID))
	settleAll(k, o.ID)
	if taken, back := bankBack(k); taken != back {
		t.Fatalf("after leaving the bank has %d of %d", taken-back, taken)
	}
	healthy(k, "mail_leaves")
}

// TestMoneyOnItsWayBackIsNotPaid: a second change that makes the car dearer again, while the difference of the first is
// on its way, asks for what is missing then; and a car is not handed over while the till holds too much.
func TestMoneyOnItsWayBackIsNotPaid(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	dear, cheap := dearest(k, o)
	revise(k, o, dear)
	full := k.Order(o.ID).TotalMinor
	desk(k, o, full-o.DepositMinor)
	revise(k, o, cheap)
	less := full - k.Order(o.ID).TotalMinor
	p := payments(k, o.ID)[slices.IndexFunc(payments(k, o.ID), func(p *payment.Payment) bool { return p.AtDesk() })]
	if p.PartDueMinor != less {
		t.Fatalf("%d of %d is to go back at the desk", p.PartDueMinor, less)
	}
	revise(k, o, dear)
	if left := owed(k, k.Order(o.ID)); left != less {
		t.Fatalf("%d is owed, not %d", left, less)
	}
	revise(k, o, cheap)
	giveBack := func(staff sale.Staff) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.DeskReturnedTx(ctx, tx, staff, p.ID) })
	}
	stepTo(k, leedsStaff, o, ordering.Ready)
	err := act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.HandOverTx(ctx, tx, leedsStaff, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 11})
	})
	if !errors.Is(err, sale.ErrExcess) {
		t.Fatalf("handed over with too much in the till: %v", err)
	}
	if err := giveBack(londonStaff); !errors.Is(err, ordering.ErrNoOrder) {
		t.Fatalf("another dealer: %v", err)
	}
	must(k, giveBack(leedsStaff))
	if err := giveBack(leedsStaff); !errors.Is(err, payment.ErrMoved) {
		t.Fatalf("twice: %v", err)
	}
	keys(k, k.Order(o.ID))
	healthy(k, "mail_leaves")
}

// TestOnlyTheExcessOfACardPaymentGoesBack: the dealer's till was quicker, and a page that was paid in that moment brought
// more than is owed by then.
func TestOnlyTheExcessOfACardPaymentGoesBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	rest := owed(k, o)
	page := balancePage(k, o, 0)
	if _, err := banktest.Pay(t.Context(), nil, page, testkit.Good); err != nil {
		t.Fatal(err)
	}
	desk(k, o, 300_00) // before anybody here heard of it
	settleAll(k, o.ID)
	taken, back := bankBack(k)
	if taken != o.DepositMinor+rest || back != 300_00 || owed(k, o) != 0 {
		t.Fatalf("taken %d, back %d, owed %d", taken, back, owed(k, o))
	}
	healthy(k, "mail_leaves")
	// Told again by whomever, it goes back once.
	race(t, 8, func() error { return k.NewCar.Settle(context.WithoutCancel(t.Context()), balanceOf(k, o).ID) })
	if _, again := bankBack(k); again != back {
		t.Fatalf("%d went back", again)
	}
}

// TestAReservedPriceThatBecameTooMuchGoesBackWhenItIsTaken: the whole price was reserved, the car became cheaper before
// a dealer accepted: nothing can go back before it is taken, and then the difference does by itself.
func TestAReservedPriceThatBecameTooMuchGoesBackWhenItIsTaken(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	dear := pick(k, k.Buy(), true)
	var token string
	var placed sale.Placed
	must(k, act(k, func(ctx context.Context, tx *db.Tx) error {
		d, err := k.NewCar.StartTx(ctx, tx, newcar.Build{Shop: testkit.Dacia, Model: "duster", Selection: dear}, testkit.Leeds, nil)
		token = k.NewCar.Tokens.Draft(d)
		return errors.Join(err, k.NewCar.GiveDetailsTx(tx, testkit.Dacia, token, testkit.Buyer))
	}))
	d := draftOf(k, token)
	saved, err := ordering.ConfigurationBy(k.DB.Read(t.Context()), d.Configuration)
	must(k, err)
	must(k, act(k, func(ctx context.Context, tx *db.Tx) (err error) {
		placed, err = k.NewCar.PlaceFullTx(ctx, tx, testkit.Dacia, token, saved.Quote.Total.Minor)
		return err
	}))
	o := k.Order(placed.Order)
	page, err := k.NewCar.CardPage(t.Context(), placed.Payment)
	must(k, err)
	pay(k, page)
	settleAll(k, o.ID)
	cheap := pick(k, o, false)
	revise(k, o, cheap)
	less := o.TotalMinor - k.Order(o.ID).TotalMinor
	before, back := bankBack(k)
	if back != 0 || payments(k, o.ID)[0].State != payment.Authorised {
		t.Fatalf("%d back before it was taken", back)
	}
	must(k, accept(k, leedsStaff, o))
	settleAll(k, o.ID)
	if taken, back := bankBack(k); taken-before != o.TotalMinor || back != less {
		t.Fatalf("taken %d, back %d of %d", taken-before, back, less)
	}
	healthy(k, "mail_leaves")
}
