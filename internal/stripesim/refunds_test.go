package stripesim_test

import (
	"testing"

	"forecourt/internal/stripesim/banktest"
)

func TestRefundThatTakesTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.bought(banktest.RefundPending)
	r, err := w.gw.Refund(t.Context(), i.ID, 3_000, "ref", "slow")
	if err != nil || r.Status != "pending" {
		t.Fatalf("refund: %+v %v", r, err)
	}
	if l := w.netOf(i.ID); l.Refunded != 3_000 || l.RefundsPending != 3_000 {
		t.Errorf("ledger: %+v", l)
	}
	w.sandbox("clock/advance", "seconds=3599")
	if o := w.must("GET", "refunds/"+r.ID); o.text("status") != "pending" {
		t.Errorf("too early: %v", o)
	}
	before := len(w.happened())
	w.sandbox("clock/advance", "seconds=2")
	o := w.must("GET", "refunds/"+r.ID+"?expand[]=balance_transaction&expand[]=charge")
	if o.text("status") != "succeeded" || o.inner("balance_transaction").number("amount") != -3_000 {
		t.Errorf("after an hour: %v", o)
	}
	wantAll(t, w.since(before), "refund.updated", "charge.refund.updated")
	if l := w.netOf(i.ID); l.Refunded != 3_000 || l.RefundsPending != 0 {
		t.Errorf("ledger: %+v", l)
	}
}

func TestRefundThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.bought(banktest.RefundFails)
	r, err := w.gw.Refund(t.Context(), i.ID, 10_000, "ref", "fails")
	if err != nil || r.Status != "succeeded" {
		t.Fatalf("refund: %+v %v", r, err)
	}
	before := len(w.happened())
	w.sandbox("clock/advance", "seconds=3600")
	o := w.must("GET", "refunds/"+r.ID+"?expand[]=failure_balance_transaction")
	if o.text("status") != "failed" || o.text("failure_reason") == "" || o.inner("failure_balance_transaction").number("amount") != 10_000 {
		t.Errorf("after an hour: %v", o)
	}
	wantAll(t, w.since(before), "refund.updated", "charge.refund.updated", "refund.failed")
	if l := w.netOf(i.ID); l.Refunded != 0 || l.RefundsFailed != 10_000 {
		t.Errorf("ledger: %+v", l)
	}
	if now, err := w.gw.Intent(t.Context(), i.ID); err != nil || now.Refunded != 0 {
		t.Errorf("intent: %+v %v", now, err)
	}
	if _, err := w.gw.Refund(t.Context(), i.ID, 10_000, "ref", "again"); err != nil {
		t.Errorf("refund again: %v", err)
	}
}

// TestRefundSwitch walks a refund through the statuses that no card brings.
func TestRefundSwitch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.bought(banktest.RefundPending)
	r, err := w.gw.Refund(t.Context(), i.ID, 2_000, "ref", "switch")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		status string
		good   bool
	}{{"pending", false}, {"requires_action", true}, {"succeeded", true}, {"requires_action", false}, {"canceled", false}, {"failed", true}, {"succeeded", false}} {
		status, body := w.press("refund", "refund="+r.ID+"&status="+step.status)
		if (status == 200) != step.good {
			t.Errorf("%s: %d %s", step.status, status, body)
		}
	}
	w.sandbox("clock/advance", "seconds=7200") // what was planned for it does not happen any more
	if o := w.must("GET", "refunds/"+r.ID); o.text("status") != "failed" {
		t.Errorf("refund: %v", o)
	}
	second, err := w.gw.Refund(t.Context(), i.ID, 10_000, "ref", "second")
	if err != nil {
		t.Fatal(err)
	}
	w.sandbox("refund", "refund="+second.ID+"&status=canceled")
	if l := w.netOf(i.ID); l.Refunded != 0 || l.RefundsFailed != 2_000 || l.RefundsPending != 0 {
		t.Errorf("ledger: %+v", l)
	}
}
