package newcar_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"forecourt/internal/payment"
	"forecourt/internal/stripesim"
	"forecourt/internal/stripesim/banktest"

	"pgregory.net/rapid"
)

// bankSaysNo tells a refusal or failure of the bank, which leaves everything where it is.
func bankSaysNo(err error) bool {
	var bank *payment.GatewayError
	return errors.As(err, &bank)
}

func (w *walk) openPage(t *rapid.T) {
	page, err := w.k.NewCar.CardPage(w.ctx, w.key)
	can := w.m.card != payment.Opening || w.m.opens(w.now())
	w.expect("open card page", can, err)
	if !can {
		return
	}
	if w.page != "" && page != "" && page != w.page {
		t.Fatalf("two card pages of one payment: %s, %s", w.page, page)
	}
	if page != "" {
		w.page = page
	}
	if w.m.card == payment.Opening {
		w.m.card = payment.Open
	}
}

// pay is the buyer at the bank; pressed again the bank itself refuses.
func (w *walk) pay(t *rapid.T) {
	if w.page == "" {
		t.Skip() // draws another act: see the head of the walk
	}
	card := rapid.SampledFrom([]string{banktest.Visa, banktest.Visa, banktest.Secure, banktest.Declined}).Draw(t, "card")
	_, err := banktest.Pay(w.ctx, nil, w.page, card)
	can := card != banktest.Declined && !w.m.paid && w.m.card == payment.Open && w.now().Before(w.m.pageEnds)
	var refused *banktest.Refused
	if err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	w.expect("pay", can, err)
	if can {
		w.m.paid, w.m.heldTill = true, w.now().Add(7*24*time.Hour)
	}
}

// comeBack is the return page, which settles what is open.
func (w *walk) comeBack(t *rapid.T) {
	if err := w.k.NewCar.SettleReturn(w.ctx, w.order); bankSaysNo(err) {
		return
	} else {
		w.must(err)
	}
	if w.m.card == payment.Opening || w.m.card == payment.Open {
		w.m.settle(w.now())
		w.said["return"]++
	}
}

// hear is an event of the bank, in any order and as often as it likes. What it says may be long past.
func (w *walk) hear(t *rapid.T) {
	p := w.payment()
	if p.SessionID == "" {
		t.Skip() // draws another act: see the head of the walk
	}
	e := payment.Event{Type: rapid.SampledFrom([]string{"checkout.session.completed", "checkout.session.expired", "payment_intent.amount_capturable_updated",
		"payment_intent.succeeded", "payment_intent.canceled", "charge.refunded", "charge.captured"}).Draw(t, "event"), Created: w.now(), Payload: []byte(`{}`)}
	e.ID = "evt_" + string(w.key) + e.Type
	if strings.HasPrefix(e.Type, "checkout") {
		e.ObjectID, e.SessionID, e.IntentID = p.SessionID, p.SessionID, p.IntentID
	} else if l, ok := w.bank(); ok {
		e.ObjectID, e.IntentID = l.Intent, l.Intent
	} else {
		t.Skip() // draws another act: see the head of the walk
	}
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		w.must(w.k.NewCar.Receive(w.ctx, e))
	}
	w.said["hear"]++
}

// bankFails breaks the bank's next answer about money that moves, before or after it moved.
func (w *walk) bankFails(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "bank works") > 0 {
		t.Skip() // draws another act: see the head of the walk
	}
	form := url.Values{"path": {rapid.SampledFrom([]string{"/v1/payment_intents", "/v1/refunds"}).Draw(t, "path")}, "method": {"POST"},
		"phase": {rapid.SampledFrom([]string{"before", "after"}).Draw(t, "phase")}, "kind": {"500"}}
	w.bankSwitch(form)
	w.said["bank fails"]++
}

func (w *walk) bankSwitch(form url.Values) {
	r := httptest.NewRequest(http.MethodPost, "/_sandbox/fault", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := httptest.NewRecorder()
	w.k.Bank.Handler().ServeHTTP(a, r)
	if a.Code != http.StatusOK {
		w.t.Fatalf("the bank's switch: %d %s", a.Code, a.Body)
	}
}

func (w *walk) payment() *payment.Payment {
	p, err := payment.Get(w.k.DB.Read(w.ctx), w.key)
	w.must(err)
	return p
}

// bank is the bank's own line of the deposit; false when no card was tried.
func (w *walk) bank() (stripesim.LedgerLine, bool) {
	ls := w.k.Bank.Ledger()
	for i := len(ls) - 1; i >= 0; i-- {
		if ls[i].PaymentID == string(w.key) {
			return ls[i], true
		}
	}
	return stripesim.LedgerLine{}, false
}
