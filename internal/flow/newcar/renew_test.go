package newcar_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/testkit"
)

func TestAReservationIsReplacedBeforeItEnds(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	must(k, decline(k, leedsStaff, o)) // no other dealer was agreed to: the buyer chooses
	if _, err := k.NewCar.RenewPage(t.Context(), o.ID); !errors.Is(err, ordering.ErrMoved) {
		t.Fatalf("long before the end: %v", err)
	}
	k.Clock.Advance(5 * 24 * time.Hour)
	must(k, k.NewCar.Sweep(t.Context()))
	var asked int
	if _, err := db.One(k.DB.Read(t.Context()), &asked, `SELECT count(*) FROM mails WHERE order_id = ? AND template = 'renew'`, o.ID); err != nil || asked != 1 {
		t.Fatalf("the buyer was asked %d times, %v", asked, err)
	}
	page, err := k.NewCar.RenewPage(t.Context(), o.ID)
	must(k, err)
	if again, err := k.NewCar.RenewPage(t.Context(), o.ID); err != nil || again != page {
		t.Fatalf("another page the second time: %v", err)
	}
	pay(k, page)
	settleAll(k, o.ID)
	ps := payments(k, o.ID)
	if len(ps) != 2 || ps[0].State != payment.Voided || ps[1].State != payment.Authorised || ps[1].Renews != ps[0].ID {
		t.Fatalf("%s and %s", ps[0].State, ps[1].State)
	}
	if k.Order(o.ID).State != ordering.Choosing || !ps[1].CaptureBefore.After(ps[0].CaptureBefore) {
		t.Fatalf("the order is %s, reserved until %v", k.Order(o.ID).State, ps[1].CaptureBefore)
	}
	var held int64
	for _, l := range k.Bank.Ledger() {
		held += l.Held
	}
	if held != o.DepositMinor {
		t.Fatalf("the bank holds %d", held)
	}
	k.Healthy("mail_leaves")
	must(k, act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ChooseTx(ctx, tx, o.ID, testkit.London) }))
	must(k, accept(k, londonStaff, k.Order(o.ID)))
	settleAll(k, o.ID)
	if p := payments(k, o.ID)[1]; p.State != payment.Captured {
		t.Fatalf("after the dealer's yes the new one is %s", p.State)
	}
	k.Healthy("mail_leaves")
}

func TestANewReservationThatComesTooLateGoesBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	must(k, decline(k, leedsStaff, o))
	k.Clock.Advance(5 * 24 * time.Hour)
	page, err := k.NewCar.RenewPage(t.Context(), o.ID)
	must(k, err)
	pay(k, page)
	must(k, cancel(k, o.ID))
	settleAll(k, o.ID)
	for _, p := range payments(k, o.ID) {
		if p.State != payment.Voided {
			t.Errorf("attempt %d is %s", p.Attempt, p.State)
		}
	}
	k.Healthy("mail_leaves")
}
