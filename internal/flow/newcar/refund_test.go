package newcar_test

import (
	"testing"

	"forecourt/internal/payment"
	"forecourt/internal/testkit"
)

// The process died with the bank's answer and came back when the bank had forgotten the key.
func TestARefundThatWasMadeBeforeIsFoundAgain(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	if err := accept(k, leedsStaff, o); err != nil {
		t.Fatal(err)
	}
	settleAll(k, o.ID)
	if err := cancel(k, o.ID); err != nil {
		t.Fatal(err)
	}
	p := payments(k, o.ID)[0]
	made, err := k.NewCar.Gateway.Refund(t.Context(), p.IntentID, p.Amount.Minor, string(p.ID), "a key that is forgotten")
	if err != nil {
		t.Fatal(err)
	}
	settleAll(k, o.ID)
	if p = payments(k, o.ID)[0]; p.State != payment.Refunded || p.RefundID != made.ID {
		t.Fatalf("the deposit is %s by refund %s, not by %s", p.State, p.RefundID, made.ID)
	}
	for _, l := range k.Bank.Ledger() {
		if l.Refunded != o.DepositMinor {
			t.Fatalf("the bank gave back %d of %d", l.Refunded, o.DepositMinor)
		}
	}
	k.Healthy()
}
