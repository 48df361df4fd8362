package newcar_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

// judge lets the bank decide the one dispute of a payment, and the night hear of it.
func judge(k *testkit.Kit, o *ordering.Order, outcome string) {
	k.T.Helper()
	ds, err := k.NewCar.Gateway.DisputesOf(k.T.Context(), payments(k, o.ID)[0].IntentID)
	must(k, err)
	res, err := http.PostForm(k.BankURL+"/_sandbox/dispute", url.Values{"dispute": {ds[0].ID}, "outcome": {outcome}})
	must(k, err)
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		k.T.Fatalf("the bank's switch: %d %s", res.StatusCode, body)
	}
	night(k)
}

// wantDeposit checks where the deposit is, and what the bank has of it.
func wantDeposit(k *testkit.Kit, o *ordering.Order, state payment.State, refunded, lost int64) {
	k.T.Helper()
	p, l := payments(k, o.ID)[0], k.Bank.Ledger()[0]
	if p.State != state || p.LostMinor != lost || l.Refunded != refunded || l.DisputesLost != lost {
		k.T.Errorf("the deposit is %s, %d of it lost; the bank gave %d back and %d away", p.State, p.LostMinor, l.Refunded, l.DisputesLost)
	}
	healthy(k, "mail_leaves")
}

// TestLeavingWhileTheMoneyIsDisputed: the bank takes no refund while it decides. When it gave the money to the shop the
// buyer gets it from us, when it gave it to him there is nothing left to send.
func TestLeavingWhileTheMoneyIsDisputed(t *testing.T) {
	t.Parallel()
	for outcome, back := range map[string]bool{"won": true, "lost": false} {
		t.Run(outcome, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			o := buyBy(k, disputedCard)
			night(k)
			must(k, cancel(k, o.ID))
			settleAll(k, o.ID)
			k.Clock.Advance(3 * time.Hour)
			must(k, k.NewCar.Sweep(t.Context()))
			wantDeposit(k, o, payment.Returning, 0, 0)
			judge(k, o, outcome)
			if back {
				wantDeposit(k, o, payment.Refunded, o.DepositMinor, 0)
			} else {
				wantDeposit(k, o, payment.Refunded, 0, o.DepositMinor)
			}
			if paid, err := payment.PaidMinor(k.DB.Read(t.Context()), o.ID); err != nil || paid != 0 {
				t.Errorf("the books say %d, %v", paid, err)
			}
		})
	}
}

// The refund of a leaving is tried when the books do not know of the dispute yet: the bank's no tells of it.
func TestARefusedRefundTellsOfTheDispute(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := buyBy(k, disputedCard) // no event came
	must(k, cancel(k, o.ID))
	settleAll(k, o.ID)
	if ds, err := payment.DisputesIn(k.DB.Read(t.Context()), office.Markets, 10); err != nil || len(ds) != 1 {
		t.Fatalf("%+v, %v", ds, err)
	}
	wantDeposit(k, o, payment.Returning, 0, 0)
	judge(k, o, "won")
	wantDeposit(k, o, payment.Refunded, o.DepositMinor, 0)
}

// TestLeavingAfterTheMoneyWasLost: what the bank gave the card holder is not promised and not sent a second time.
func TestLeavingAfterTheMoneyWasLost(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := buyBy(k, disputedCard)
	night(k)
	judge(k, o, "lost")
	k.Clock.Advance(time.Minute)
	desk(k, o, 500_00)
	if back := shown(k, o, sale.Worn{}).Back.Minor; back != 500_00 {
		t.Errorf("%d is promised, not what the desk has", back)
	}
	must(k, cancel(k, o.ID))
	settleAll(k, o.ID)
	wantDeposit(k, o, payment.Captured, 0, o.DepositMinor)
	if state(k, o.ID) != ordering.Cancelled {
		t.Errorf("the order is %s", state(k, o.ID))
	}
}
