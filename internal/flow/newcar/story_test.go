package newcar_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

const (
	refundPends = "4000000000007726"
	refundFails = "4000000000005126"
)

// buyBy is an accepted order whose deposit was paid with a card.
func buyBy(k *testkit.Kit, card string) *ordering.Order {
	k.T.Helper()
	placed, page := k.Place(k.Draft())
	if _, err := banktest.Pay(k.T.Context(), nil, page, card); err != nil {
		k.T.Fatal(err)
	}
	settleAll(k, placed.Order)
	o := k.Order(placed.Order)
	if err := accept(k, leedsStaff, o); err != nil {
		k.T.Fatal(err)
	}
	settleAll(k, o.ID)
	return k.Order(o.ID)
}

func told(k *testkit.Kit, o id.Order) []string {
	k.T.Helper()
	said, err := payment.SaidOf(k.DB.Read(k.T.Context()), o)
	if err != nil {
		k.T.Fatal(err)
	}
	var out []string
	for _, s := range said {
		out = append(out, s.What)
	}
	return out
}

func TestARefundIsFollowedUntilItsMoneyIsSent(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := buyBy(k, refundPends)
	must(k, cancel(k, o.ID))
	settleAll(k, o.ID)
	p := payments(k, o.ID)[0]
	if p.State != payment.Refunded || p.RefundStatus != payment.RefundPending {
		t.Fatalf("%s, refund %s", p.State, p.RefundStatus)
	}
	k.Clock.Advance(2 * time.Hour)
	if err := k.NewCar.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p = payments(k, o.ID)[0]; p.RefundStatus != payment.RefundDone || !p.DueAt.IsZero() {
		t.Fatalf("two hours later the refund is %s, due %v", p.RefundStatus, p.DueAt)
	}
	want := []string{"opening", "open", "authorised", "capturing", "captured", "returning", "refunded", "refund_pending", "refund_sent"}
	if got := told(k, o.ID); !slices.Equal(got, want) {
		t.Fatalf("the story is %v", got)
	}
	healthy(k, "mail_leaves") // no worker runs here
}

func TestAFailedRefundIsToldAndSentByHand(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := buyBy(k, refundFails)
	must(k, cancel(k, o.ID))
	settleAll(k, o.ID)
	k.Clock.Advance(2 * time.Hour)
	settleAll(k, o.ID)
	p := payments(k, o.ID)[0]
	if p.State != payment.Returning || p.RefundStatus != payment.RefundFailed {
		t.Fatalf("%s, refund %s", p.State, p.RefundStatus)
	}
	// It is not tried again by itself, and the books say that we have the money and owe it.
	paid, err := payment.PaidMinor(k.DB.Read(t.Context()), o.ID)
	if err != nil || paid != o.DepositMinor {
		t.Fatalf("the books say %d, %v", paid, err)
	}
	healthy(k, "mail_leaves") // no worker runs here
	send := func(f sale.Office) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.RefundSentTx(ctx, tx, f, p.ID) })
	}
	if err := send(sale.Office{Markets: []id.Market{"it"}}); err == nil {
		t.Fatal("another market's office sends it")
	}
	must(k, send(office))
	if p = payments(k, o.ID)[0]; p.State != payment.Refunded {
		t.Fatalf("sent by hand it is %s", p.State)
	}
	if paid, _ = payment.PaidMinor(k.DB.Read(t.Context()), o.ID); paid != 0 {
		t.Fatalf("the books say %d", paid)
	}
	healthy(k, "mail_leaves") // no worker runs here
}
