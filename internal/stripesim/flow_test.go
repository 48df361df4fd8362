package stripesim_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/payment"
	"forecourt/internal/stripesim"
	"forecourt/internal/stripesim/banktest"
)

func TestAuthoriseAndCapture(t *testing.T) {
	t.Parallel()
	for _, paidEarly := range []bool{false, true} {
		w := newWorld(t, func(o *stripesim.Options) { o.PaidOnAuthorisation = paidEarly })
		c := w.checkout("a")
		if c.Status != payment.SessionOpen || c.Intent != nil || c.OrderID != "order-a" || c.PaymentID != "payment-a" {
			t.Fatalf("fresh session: %+v", c)
		}
		w.pay(c, banktest.Visa)
		now := w.read(c.ID)
		if now.Status != payment.SessionComplete || now.URL != "" {
			t.Fatalf("paid session: %+v", now)
		}
		i := *now.Intent
		if i.Status != payment.IntentRequiresCapture || i.Capturable != 10_000 || i.Received != 0 ||
			i.OrderID != "order-a" || i.PaymentID != "payment-a" || i.Amount != c.Amount {
			t.Fatalf("authorised intent: %+v", i)
		}
		if want := w.clock.Now().Add(7 * 24 * time.Hour); i.CaptureBefore.Unix() != want.Unix() {
			t.Errorf("capture before %v, want %v", i.CaptureBefore, want)
		}
		got, err := w.gw.Capture(t.Context(), i.ID, 10_000, "a:capture")
		if err != nil || got.Status != payment.IntentSucceeded || got.Received != 10_000 || got.Capturable != 0 {
			t.Fatalf("capture: %+v %v", got, err)
		}
		wantEvents(t, w.events(6), "payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated",
			"checkout.session.completed", "charge.captured", "payment_intent.succeeded")
		if l := w.ledgerOf(i.ID); l.Captured != 10_000 || l.Authorised != 10_000 || l.Held != 0 || l.OrderID != "order-a" {
			t.Errorf("ledger: %+v", l)
		}
	}
}

func TestAutomaticCapture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.request("auto")
	r.Manual, r.Locale = false, "it"
	c, err := w.gw.OpenCheckout(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	w.pay(c, banktest.Mastercard)
	if i := w.read(c.ID).Intent; i.Status != payment.IntentSucceeded || i.Received != 10_000 || !i.CaptureBefore.IsZero() {
		t.Errorf("intent: %+v", i)
	}
	got := w.events(4)
	wantEvents(t, got, "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed")
	done := got["checkout.session.completed"]
	if done.SessionID != c.ID || done.ObjectID != c.ID || done.IntentID != w.read(c.ID).Intent.ID {
		t.Errorf("event: %+v", done)
	}
}

func TestDeclineThenSuccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.checkout("d")
	_, err := banktest.Pay(t.Context(), w.srv.Client(), c.URL, banktest.Insufficient)
	var refused *banktest.Refused
	if !errors.As(err, &refused) || !strings.Contains(refused.Text, "not enough money") {
		t.Fatalf("decline: %v", err)
	}
	now := w.read(c.ID)
	if now.Status != payment.SessionOpen || now.Intent.Status != "requires_payment_method" ||
		now.Intent.DeclineCode != "insufficient_funds" {
		t.Fatalf("after the decline: %+v %+v", now, now.Intent)
	}
	w.pay(c, banktest.Amex)
	after := w.read(c.ID)
	if after.Intent.ID != now.Intent.ID || after.Intent.Status != payment.IntentRequiresCapture || after.Intent.DeclineCode != "" {
		t.Errorf("after the second card: %+v", after.Intent)
	}
	wantEvents(t, w.events(6), "payment_intent.created", "charge.failed", "payment_intent.payment_failed",
		"charge.succeeded", "payment_intent.amount_capturable_updated", "checkout.session.completed")
}

// TestEveryTestCard pays with each card of the table and looks at what the gateway sees.
func TestEveryTestCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for number, want := range map[string]string{
		"4242424242424242": "", "5555555555554444": "", "378282246310005": "",
		"4000000000003220": "", "4000002760003184": "", "4000000032200000": "",
		"4000000000000002": "generic_decline", "4000000000009995": "insufficient_funds", "4000000000009987": "lost_card",
		"4000000000009979": "stolen_card", "4000000000000069": "expired_card", "4000000000000127": "incorrect_cvc",
		"4000000000000119": "processing_error", "4000000000006975": "card_velocity_exceeded",
		"4000002500003155": "", "4000000000003055": "", "4000000000000341": "generic_decline", "4100000000000019": "fraudulent",
		"4000000000000259": "", "4000000000002685": "", "4000000000001976": "", "4000000000005423": "", "4000000404000079": "",
		"4000000000007726": "", "4000000000005126": "", "4000000000009235": "",
		"4000008400001629": "generic_decline", "4000008400001280": "generic_decline", "4000008260003178": "insufficient_funds",
		"4012888888881881": "test_mode_live_card",
	} {
		c := w.checkout(number)
		_, err := banktest.Pay(t.Context(), w.srv.Client(), c.URL, number)
		i := w.read(c.ID).Intent
		switch {
		case want == "" && (err != nil || i.Status != payment.IntentRequiresCapture):
			t.Errorf("%s: %v %+v", number, err, i)
		case want != "" && (err == nil || i.DeclineCode != want || i.Status != "requires_payment_method"):
			t.Errorf("%s: %v %+v, want %s", number, err, i, want)
		}
	}
}

func TestSecureFailThenPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.checkout("s")
	_, err := banktest.PayFailingSecure(t.Context(), w.srv.Client(), c.URL, banktest.Secure)
	if refused := (*banktest.Refused)(nil); !errors.As(err, &refused) || !strings.Contains(refused.Text, "confirmation failed") {
		t.Fatalf("failed challenge: %v", err)
	}
	if i := w.read(c.ID).Intent; i.DeclineCode != "payment_intent_authentication_failure" || i.ChargeID != "" {
		t.Errorf("after the failed challenge: %+v", i)
	}
	w.pay(c, banktest.Secure)
	if i := w.read(c.ID).Intent; i.Status != payment.IntentRequiresCapture {
		t.Errorf("after the passed challenge: %+v", i)
	}
	wantEvents(t, w.events(7), "payment_intent.created", "payment_intent.requires_action", "payment_intent.payment_failed",
		"charge.succeeded", "payment_intent.amount_capturable_updated", "checkout.session.completed")
}

func TestExpireCheckout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.checkout("e")
	for range 2 { // the second is "already done"
		got, err := w.gw.ExpireCheckout(t.Context(), c.ID)
		if err != nil || got.Status != payment.SessionExpired || got.URL != "" {
			t.Fatalf("expire: %+v %v", got, err)
		}
	}
	_, err := banktest.Pay(t.Context(), w.srv.Client(), c.URL, banktest.Visa)
	if refused := (*banktest.Refused)(nil); !errors.As(err, &refused) || refused.Status != http.StatusGone {
		t.Errorf("paying an expired session: %v", err)
	}
	paid := w.checkout("e2")
	w.pay(paid, banktest.Visa)
	if got, err := w.gw.ExpireCheckout(t.Context(), paid.ID); err != nil || got.Status != payment.SessionComplete {
		t.Errorf("expire a paid session: %+v %v", got, err)
	}
	if _, err := w.gw.ExpireCheckout(t.Context(), "cs_test_none"); err == nil {
		t.Error("an unknown session was expired")
	}
}

func TestTimeRunsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.authorised("t")
	open := w.checkout("t2")
	w.sandbox("clock/advance", "seconds=3601")
	if c := w.read(open.ID); c.Status != payment.SessionExpired {
		t.Errorf("session after its hour: %+v", c)
	}
	w.sandbox("clock/advance", "seconds=604800")
	now, err := w.gw.Intent(t.Context(), i.ID)
	if err != nil || now.Status != payment.IntentCanceled || now.CancelReason != "automatic" || now.Refunded != 0 {
		t.Errorf("authorisation after seven days: %+v %v", now, err)
	}
	_, err = w.gw.Capture(t.Context(), i.ID, 10_000, "t:capture")
	wantCode(t, err, "charge_expired_for_capture")
	got := w.events(7)
	for _, kind := range []string{"checkout.session.expired", "payment_intent.canceled", "charge.expired"} {
		if _, ok := got[kind]; !ok {
			t.Errorf("no event %s", kind)
		}
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var g *payment.GatewayError
	if !errors.As(err, &g) || g.Code != code || g.Unknown {
		t.Errorf("error %v, want %s", err, code)
	}
}

func TestCaptureTwiceAndTooMuch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.authorised("c")
	_, err := w.gw.Capture(t.Context(), i.ID, 10_001, "c:1")
	wantCode(t, err, "amount_too_large")
	for _, key := range []string{"c:2", "c:2", "c:3"} { // again with the same key, and with another
		got, err := w.gw.Capture(t.Context(), i.ID, 10_000, key)
		if err != nil || got.Received != 10_000 {
			t.Fatalf("capture %s: %+v %v", key, got, err)
		}
	}
	_, err = w.gw.Capture(t.Context(), i.ID, 5_000, "c:4")
	wantCode(t, err, "payment_intent_unexpected_state")
	_, err = w.gw.Void(t.Context(), i.ID, "c:5")
	wantCode(t, err, "payment_intent_unexpected_state")
	if l := w.ledgerOf(i.ID); l.Captured != 10_000 {
		t.Errorf("ledger: %+v", l)
	}
}

func TestPartialCapture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.authorised("p")
	got, err := w.gw.Capture(t.Context(), i.ID, 4_000, "p:1")
	if err != nil || got.Received != 4_000 || got.Capturable != 0 || got.Status != payment.IntentSucceeded {
		t.Fatalf("partial capture: %+v %v", got, err)
	}
	_, err = w.gw.Refund(t.Context(), i.ID, 4_001, "r", "p:2")
	wantCode(t, err, "amount_too_large")
}

func TestVoid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.authorised("v")
	_, err := w.gw.Refund(t.Context(), i.ID, 10_000, "r", "v:refund")
	wantCode(t, err, "payment_intent_unexpected_state")
	for _, key := range []string{"v:1", "v:1", "v:2"} {
		got, err := w.gw.Void(t.Context(), i.ID, key)
		if err != nil || got.Status != payment.IntentCanceled || got.Capturable != 0 || got.Refunded != 0 {
			t.Fatalf("void %s: %+v %v", key, got, err)
		}
	}
	_, err = w.gw.Capture(t.Context(), i.ID, 10_000, "v:3")
	wantCode(t, err, "payment_intent_unexpected_state")
	// The intent of an open session is not to be cancelled: its session is to be expired.
	c := w.checkout("v2")
	_, _ = banktest.Pay(t.Context(), w.srv.Client(), c.URL, banktest.Declined)
	_, err = w.gw.Void(t.Context(), w.read(c.ID).Intent.ID, "v:4")
	wantCode(t, err, "payment_intent_unexpected_state")
}

func TestRefund(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.captured("r")
	first, err := w.gw.Refund(t.Context(), i.ID, 3_000, "pay-1", "r:1")
	if err != nil || first.Status != "succeeded" || first.AmountMinor != 3_000 || first.Ref != "pay-1" {
		t.Fatalf("refund: %+v %v", first, err)
	}
	again, err := w.gw.Refund(t.Context(), i.ID, 3_000, "pay-1", "r:1")
	if err != nil || again.ID != first.ID {
		t.Errorf("same key gave another refund: %+v %v", again, err)
	}
	_, err = w.gw.Refund(t.Context(), i.ID, 7_001, "pay-2", "r:2")
	wantCode(t, err, "amount_too_large")
	if _, err = w.gw.Refund(t.Context(), i.ID, 7_000, "pay-3", "r:3"); err != nil {
		t.Fatal(err)
	}
	_, err = w.gw.Refund(t.Context(), i.ID, 1, "pay-4", "r:4")
	wantCode(t, err, "charge_already_refunded")
	all, err := w.gw.RefundsOf(t.Context(), i.ID)
	if err != nil || len(all) != 2 || all[0].Ref != "pay-3" || all[1].Ref != "pay-1" {
		t.Errorf("refunds: %+v %v", all, err)
	}
	now, _ := w.gw.Intent(t.Context(), i.ID)
	if now.Refunded != 10_000 || w.ledgerOf(i.ID).Refunded != 10_000 {
		t.Errorf("refunded: %+v", now)
	}
}

// TestPayPressedTwice sends the same form from many hands at once: one authorisation.
func TestPayPressedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.checkout("twice")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { _, _ = banktest.Pay(t.Context(), w.srv.Client(), c.URL, banktest.Visa) })
	}
	wg.Wait()
	l := w.bank.Ledger()
	if len(l) != 1 || l[0].Authorised != 10_000 {
		t.Fatalf("ledger: %+v", l)
	}
	if got := w.events(4); len(got) != 4 {
		t.Errorf("events: %v", got)
	}
}
