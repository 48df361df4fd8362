package newcar_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

// forgets is longer than the bank remembers a key: afterwards the same call with the same key is a new one.
const forgets = 25 * time.Hour

// loseAnswer lets the bank do the next call of a path and then fail to say so.
func loseAnswer(k *testkit.Kit, path string) {
	k.T.Helper()
	res, err := http.PostForm(k.BankURL+"/_sandbox/fault", url.Values{"path": {path}, "method": {"POST"}, "phase": {"after"}, "kind": {"500"}})
	if err != nil {
		k.T.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		k.T.Fatalf("the bank's switch: %d %s", res.StatusCode, body)
	}
}

// forgotten settles a payment whose answer gets lost, lets the bank forget the key, and settles again, twice.
func forgotten(k *testkit.Kit, p *payment.Payment, path string) {
	k.T.Helper()
	loseAnswer(k, path)
	if err := k.NewCar.Settle(k.T.Context(), p.ID); !bankSaysNo(err) {
		k.T.Fatalf("the answer was lost, and settling says %v", err)
	}
	k.Clock.Advance(forgets)
	for range 2 {
		must(k, k.NewCar.Settle(k.T.Context(), p.ID))
	}
}

// posted counts the entries of a kind in the ledger of an order, and sums what they moved at the card bank.
func posted(k *testkit.Kit, o *ordering.Order, kind payment.Kind) (n int, minor int64) {
	k.T.Helper()
	all, err := payment.Postings(k.DB.Read(k.T.Context()), o.ID)
	must(k, err)
	for _, p := range all {
		if p.Kind == kind {
			n++
			for _, l := range p.Lines {
				if l.Account == payment.CardBank {
					minor += l.Minor
				}
			}
		}
	}
	return n, minor
}

func TestACaptureWhoseKeyTheBankForgotIsOne(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	must(k, accept(k, leedsStaff, o))
	forgotten(k, payments(k, o.ID)[0], "/v1/payment_intents")
	if p := payments(k, o.ID)[0]; p.State != payment.Captured {
		t.Fatalf("the deposit is %s", p.State)
	}
	if n, minor := posted(k, o, payment.KindCapture); n != 1 || minor != o.DepositMinor {
		t.Errorf("%d captures of %d in the ledger", n, minor)
	}
	if l := k.Bank.Ledger(); len(l) != 1 || l[0].Captured != o.DepositMinor || l[0].Held != 0 {
		t.Errorf("at the bank: %+v", l)
	}
}

func TestAVoidWhoseKeyTheBankForgotIsOne(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	must(k, cancel(k, o.ID))
	forgotten(k, payments(k, o.ID)[0], "/v1/payment_intents")
	if p := payments(k, o.ID)[0]; p.State != payment.Voided {
		t.Fatalf("the deposit is %s", p.State)
	}
	if n, _ := posted(k, o, payment.KindRelease); n != 1 {
		t.Errorf("%d releases in the ledger", n)
	}
	if l := k.Bank.Ledger(); len(l) != 1 || l[0].Captured != 0 || l[0].Held != 0 {
		t.Errorf("at the bank: %+v", l)
	}
}

// TestARefundWhoseKeyTheBankForgotIsOne: of all that was taken, and of a part, after which the bank would gladly
// pay out the rest, too.
func TestARefundWhoseKeyTheBankForgotIsOne(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*testkit.Kit) *ordering.Order{
		"all": func(k *testkit.Kit) *ordering.Order {
			o := k.Buy()
			must(k, accept(k, leedsStaff, o))
			settleAll(k, o.ID)
			must(k, cancel(k, o.ID))
			return o
		},
		"a part": func(k *testkit.Kit) *ordering.Order {
			o := bring(k, k.Buy(), ordering.Ready, "VF1RJA00X74471902")
			pay(k, balancePage(k, o, owed(k, o)))
			settleAll(k, o.ID)
			o = keys(k, o)
			must(k, withdraw(k, o))
			// More than what the dealer's till holds: the rest is kept of the balance that was paid by card.
			must(k, takeBack(k, o, sale.TakeBack{OdometerKm: 20, DamageMinor: 2_000_00, DamageNote: "a door"}))
			return o
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			o := leave(k)
			ps := payments(k, o.ID)
			at := slices.IndexFunc(ps, func(p *payment.Payment) bool { return p.Card() && (name == "a part") == (p.KeptMinor > 0) })
			if at < 0 {
				t.Fatalf("no such payment in %+v", ps)
			}
			p := ps[at]
			forgotten(k, p, "/v1/refunds")
			if p = payments(k, o.ID)[at]; p.State != payment.Refunded || (name == "a part") != (p.KeptMinor > 0) {
				t.Fatalf("the deposit is %s, %d of it kept", p.State, p.KeptMinor)
			}
			if n, minor := posted(k, o, payment.KindRefund); n != 1 || minor != -p.Back().Minor {
				t.Errorf("%d refunds of %d in the ledger, not of %d", n, minor, p.Back().Minor)
			}
			for _, l := range k.Bank.Ledger() {
				if l.Intent == p.IntentID && l.Refunded != p.Back().Minor {
					t.Errorf("at the bank: %+v", l)
				}
			}
			made, err := k.NewCar.Gateway.RefundsOf(t.Context(), p.IntentID)
			if err != nil || len(made) != 1 || made[0].ID != p.RefundID {
				t.Errorf("%d refunds at the bank, ours is %s: %v", len(made), p.RefundID, err)
			}
		})
	}
}

// TestTheGatewaysCallsAfterTheKeyIsForgotten: sent again with the same key, capture and void answer what is, and a
// refund of all is refused: nothing moves twice.
func TestTheGatewaysCallsAfterTheKeyIsForgotten(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	ctx, gw := t.Context(), k.NewCar.Gateway
	taken, left := k.Buy(), k.Buy()
	a, b := payments(k, taken.ID)[0], payments(k, left.ID)[0]
	minor := a.Amount.Minor
	for range 2 {
		in, err := gw.Capture(ctx, a.IntentID, minor, a.Key("capture"))
		if err != nil || in.Received != minor {
			t.Fatalf("capture: %+v, %v", in, err)
		}
		if in, err = gw.Void(ctx, b.IntentID, b.Key("void")); err != nil || in.Status != payment.IntentCanceled {
			t.Fatalf("void: %+v, %v", in, err)
		}
		k.Clock.Advance(forgets)
	}
	if _, err := gw.Refund(ctx, a.IntentID, minor, string(a.ID), a.Key("refund")); err != nil {
		t.Fatal(err)
	}
	k.Clock.Advance(forgets)
	var refused *payment.GatewayError
	if _, err := gw.Refund(ctx, a.IntentID, minor, string(a.ID), a.Key("refund")); !errors.As(err, &refused) || refused.Unknown {
		t.Fatalf("the second refund: %v", err)
	}
	for _, l := range k.Bank.Ledger() {
		if l.Held != 0 || l.Captured != l.Refunded || (l.Intent == a.IntentID) != (l.Captured == minor) {
			t.Errorf("at the bank: %+v", l)
		}
	}
}
