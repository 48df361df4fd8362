package newcar_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

var office = sale.Office{User: "0198a000-0000-7000-8000-000000000003", Markets: []id.Market{"gb"}}

// statement takes lines in: each is an amount in minor units and a reference.
func statement(k *testkit.Kit, lines ...any) sale.Imported {
	k.T.Helper()
	text := "date;amount;currency;reference;payer\n"
	for i := 0; i < len(lines); i += 2 {
		text += fmt.Sprintf("2026-11-24;%d.%02d;GBP;%s;P Raman\n", lines[i].(int64)/100, lines[i].(int64)%100, lines[i+1])
	}
	ts, wrong := payment.ReadStatement("gb", "GBP", text)
	if len(wrong) > 0 {
		k.T.Fatal(wrong)
	}
	var n sale.Imported
	k.Tx(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = k.NewCar.ImportTransfersTx(ctx, tx, office, "gb", ts)
		return err
	})
	return n
}

func openTransfers(k *testkit.Kit) []*payment.Transfer {
	k.T.Helper()
	ts, err := payment.OpenTransfers(k.DB.Read(k.T.Context()), office.Markets, 100)
	if err != nil {
		k.T.Fatal(err)
	}
	return ts
}

func TestATransferThatNamesItsOrderIsPaidToIt(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	rest := owed(k, o)
	if n := statement(k, int64(1000_00), "car "+o.Number, int64(5_00), "hello", rest, "for my car"); n != (sale.Imported{Fresh: 3, Assigned: 1, Waiting: 2}) {
		t.Fatalf("%+v", n)
	}
	// The same statement again changes nothing.
	if n := statement(k, int64(1000_00), "car "+o.Number, int64(5_00), "hello", rest, "for my car"); n != (sale.Imported{Known: 3}) {
		t.Fatalf("again: %+v", n)
	}
	if left := owed(k, o); left != rest-1000_00 {
		t.Fatalf("%d is owed", left)
	}
	var large *payment.Transfer
	for _, w := range openTransfers(k) {
		if w.Reason != payment.WhyUnknown {
			t.Fatalf("%d waits because of %s", w.Amount.Minor, w.Reason)
		}
		if w.Amount.Minor == rest {
			large = w
		}
	}
	// A person gives the large one to the order: what is owed is paid, the rest goes back.
	assign := func(key id.Transfer, number string, f sale.Office) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AssignTransferTx(ctx, tx, f, key, number) })
	}
	if err := assign(large.ID, o.Number, sale.Office{Markets: []id.Market{"it"}}); !errors.Is(err, payment.ErrNoTransfer) {
		t.Fatalf("by another market: %v", err)
	}
	if err := assign(large.ID, "FC-2222-2222", office); !errors.Is(err, sale.ErrTransferOrder) {
		t.Fatalf("to no order: %v", err)
	}
	if err := assign(large.ID, o.Number, office); err != nil {
		t.Fatal(err)
	}
	if err := assign(large.ID, o.Number, office); !errors.Is(err, payment.ErrTransferMoved) {
		t.Fatalf("twice: %v", err)
	}
	if left := owed(k, o); left != 0 {
		t.Fatalf("%d is owed", left)
	}
	var back int64
	for _, w := range openTransfers(k) {
		if w.State == payment.TransferReturning {
			back += w.Amount.Minor
		}
	}
	if back != 1000_00 {
		t.Fatalf("%d goes back", back)
	}
	healthy(k)
	// Leaving: what came by transfer goes back by a person's hand, and the books know.
	if err := cancel(k, o.ID); err != nil {
		t.Fatal(err)
	}
	settleAll(k, o.ID)
	owes, err := payment.TransfersOwedBack(k.DB.Read(t.Context()), office.Markets, 10)
	if err != nil || len(owes) != 2 {
		t.Fatalf("%d to send back, %v", len(owes), err)
	}
	for _, b := range owes {
		k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.PaymentSentTx(ctx, tx, office, b.ID) })
	}
	for _, p := range payments(k, o.ID) {
		if p.State != payment.Refunded {
			t.Errorf("%s by %s is %s", p.Purpose, p.Means, p.State)
		}
	}
	healthy(k)
}

func TestAWaitingTransferIsSentBackByAPerson(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	statement(k, int64(5_00), "hello")
	w := openTransfers(k)[0]
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.SendBackTx(ctx, tx, office, w.ID) })
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.TransferSentTx(ctx, tx, office, w.ID) })
	if n := len(openTransfers(k)); n != 0 {
		t.Fatalf("%d are open", n)
	}
	if n := statement(k, int64(5_00), "hello"); n.Fresh != 0 {
		t.Fatal("the line came back to life")
	}
}

// TestOnlyTheExcessOfATransferGoesBack: a line that names its order and is larger than what is owed pays what is owed, by
// itself; the rest waits to be sent back and is no payment of the order.
func TestOnlyTheExcessOfATransferGoesBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	rest := owed(k, o)
	if n := statement(k, rest+7_00, o.Number); n != (sale.Imported{Fresh: 1, Assigned: 1}) {
		t.Fatalf("%+v", n)
	}
	ts := openTransfers(k)
	if left := owed(k, o); left != 0 || len(ts) != 1 || ts[0].Amount.Minor != 7_00 || ts[0].State != payment.TransferReturning {
		t.Fatalf("%d is owed, open: %+v", left, ts)
	}
	// Nothing is owed any more: the next one is a person's to look at.
	if n := statement(k, int64(9_00), o.Number); n.Waiting != 1 {
		t.Fatalf("%+v", n)
	}
	healthy(k)
}
