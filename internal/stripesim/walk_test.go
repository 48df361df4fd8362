package stripesim

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"testing"
	"time"

	"forecourt/internal/platform/clock"

	"pgregory.net/rapid"
)

// walker does what merchants, card holders, their banks and time do, in any order.
type walker struct {
	b     *Bank
	opt   Options
	clock *clock.Manual
	taken map[string]int64 // captured per intent, as the calls were answered
}

// call runs a verb as the API would.
func (w *walker) call(pattern, id string, form ...string) (o obj, refused *apiError) {
	v := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		v.Add(form[i], form[i+1])
	}
	c := &call{params: newParams(v), id: id, host: "bank"}
	var result any
	w.b.commit(func(t *tx) { result, refused = apiRoutes[pattern](t, c) })
	o, _ = result.(obj)
	return o, refused
}

func some[T any](t *rapid.T, s *shelf[T]) (string, bool) {
	if len(s.order) == 0 {
		return "", false
	}
	return s.order[rapid.IntRange(0, len(s.order)-1).Draw(t, "which")], true
}

func (w *walker) pay(t *rapid.T) {
	card := rapid.SampledFrom(testCards).Draw(t, "card")
	how := rapid.SampledFrom([]string{"automatic", "automatic_async", "manual"}).Draw(t, "capture")
	o, _ := w.call("POST /v1/payment_intents", "", "amount", fmt.Sprint(rapid.IntRange(1, 5_000_000).Draw(t, "amount")), "currency", "eur",
		"payment_method_types[]", "card", "payment_method", card.Method, "capture_method", how, "confirm", "true")
	if o != nil && o["status"] == intentSucceeded {
		w.taken[o["id"].(string)] = o["amount_received"].(int64)
	}
}

func (w *walker) capture(t *rapid.T) {
	id, ok := some(t, &w.b.st.intents)
	if !ok {
		return
	}
	amount := rapid.Int64Range(1, 5_000_000).Draw(t, "amount")
	o, refused := w.call("POST /v1/payment_intents/{id}/capture", id, "amount_to_capture", fmt.Sprint(amount))
	if refused != nil {
		return
	}
	if w.taken[id] != 0 || o["amount_received"] != amount {
		t.Fatalf("%s captured twice, or not what was asked for: %v", id, o)
	}
	w.taken[id] = amount
}

func (w *walker) cancel(t *rapid.T) {
	if id, ok := some(t, &w.b.st.intents); ok {
		if _, refused := w.call("POST /v1/payment_intents/{id}/cancel", id); refused == nil && w.taken[id] != 0 {
			t.Fatalf("%s was cancelled after its money was taken", id)
		}
	}
}

func (w *walker) refund(t *rapid.T) {
	id, ok := some(t, &w.b.st.intents)
	if !ok {
		return
	}
	amount := rapid.Int64Range(1, 5_000_000).Draw(t, "amount")
	before := w.line(id)
	_, refused := w.call("POST /v1/refunds", "", "payment_intent", id, "amount", fmt.Sprint(amount))
	if fits := amount <= before.Captured-before.Refunded; refused == nil && !fits {
		t.Fatalf("refund of %d of %+v", amount, before)
	}
}

func (w *walker) line(intentID string) LedgerLine {
	for _, l := range w.b.Ledger() {
		if l.Intent == intentID {
			return l
		}
	}
	return LedgerLine{}
}

func (w *walker) turnRefund(t *rapid.T) {
	status := rapid.SampledFrom([]string{refundSucceeded, refundFailed, refundCanceled, refundNeedsYou}).Draw(t, "status")
	if id, ok := some(t, &w.b.st.refunds); ok {
		w.b.commit(func(x *tx) {
			if r := x.st.refunds.byID[id]; r.turnable(status) {
				x.turnRefund(r, status)
			}
		})
	}
}

func (w *walker) complain(t *rapid.T) {
	status := rapid.SampledFrom([]string{disputeNeedsAnswer, inquiryNeedsAnswer}).Draw(t, "status")
	if id, ok := some(t, &w.b.st.intents); ok {
		w.b.commit(func(x *tx) { _, _ = x.complainAbout(url.Values{"payment_intent": {id}, "status": {status}}) })
	}
}

func (w *walker) decide(t *rapid.T) {
	id, ok := some(t, &w.b.st.disputes)
	if !ok {
		return
	}
	switch how := rapid.SampledFrom([]string{"won", "lost", "closed", "escalated", evidenceWins, evidenceLoses, evidenceEscalates, "words", "give in"}).Draw(t, "how"); how {
	case "won", "lost", "closed", "escalated":
		w.b.commit(func(x *tx) { _, _ = x.decide(url.Values{"dispute": {id}, "outcome": {how}}) })
	case "give in":
		_, _ = w.call("POST /v1/disputes/{id}/close", id)
	default:
		_, _ = w.call("POST /v1/disputes/{id}", id, "evidence[uncategorized_text]", how)
	}
}

func (w *walker) wait(t *rapid.T) {
	w.b.Advance(rapid.SampledFrom([]time.Duration{time.Minute, 10 * time.Minute, time.Hour, 8 * 24 * time.Hour, 80 * 24 * time.Hour}).Draw(t, "time"))
}

// reopen closes the bank and opens it from its journal: nothing may differ.
func (w *walker) reopen(t *rapid.T) {
	before := w.b.Ledger()
	if err := w.b.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := New(w.opt)
	if err != nil {
		t.Fatal(err)
	}
	w.b = b
	if after := w.b.Ledger(); !reflect.DeepEqual(before, after) {
		t.Fatalf("after reopening:\n%+v\n%+v", before, after)
	}
}

// check is what must hold at every moment.
func (w *walker) check(t *rapid.T) {
	lines, sums := w.b.ledger()
	var net int64
	for _, l := range lines {
		if err := w.wrong(l); err != nil {
			t.Fatalf("%v: %+v", err, l)
		}
		net += l.Net
	}
	if len(sums) > 1 || len(sums) == 1 && sums[0].Net != net || len(sums) == 0 && net != 0 {
		t.Fatalf("the balance has %+v, the payments come to %d", sums, net)
	}
}

func (w *walker) wrong(l LedgerLine) error {
	c := w.b.st.charges.byID[w.b.st.intents.byID[l.Intent].Charge]
	booked := l.Captured
	if c != nil && c.BooksAt > 0 {
		booked = 0
	}
	switch {
	case min(l.Amount, l.Held, l.Captured, l.Refunded, l.RefundsPending, l.RefundsFailed, l.Disputed, l.DisputesLost, l.Fees) < 0:
		return errors.New("negative")
	case l.Captured > l.Amount || l.Held > 0 && l.Captured > 0:
		return errors.New("more than there is")
	case (l.Held > 0) != (l.Status == intentNeedsCapture) || (l.Captured > 0) != (l.Status == intentSucceeded):
		return errors.New("status and money differ")
	case l.Status == intentSucceeded && w.taken[l.Intent] != 0 && w.taken[l.Intent] != l.Captured:
		return fmt.Errorf("the calls took %d", w.taken[l.Intent])
	case l.Refunded+l.Disputed > l.Captured:
		return errors.New("more went back than came")
	case l.RefundsPending > l.Refunded || l.DisputesLost > l.Disputed:
		return errors.New("a part is larger than the whole")
	case l.Net != booked-l.Refunded-l.Disputed-l.Fees:
		return errors.New("net does not add up")
	case c != nil && c.IsCaptured && c.Refunded != l.Refunded:
		return errors.New("charge and ledger differ")
	}
	return nil
}

// TestRandomWalk lets everything that can happen to money happen in thousands of orders; the ledger
// adds up after every step, and the journal gives it back.
func TestRandomWalk(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(root, "")
		if err != nil {
			rt.Fatal(err)
		}
		w := &walker{clock: clock.NewManual(clockAt(2026, 11)), taken: map[string]int64{}}
		w.opt = Options{SecretKey: "sk_test_x", Dir: dir, Clock: w.clock}
		if w.b, err = New(w.opt); err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = w.b.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"pay": w.pay, "capture": w.capture, "cancel": w.cancel, "refund": w.refund, "turn refund": w.turnRefund,
			"complain": w.complain, "decide": w.decide, "wait": w.wait, "reopen": w.reopen, "": w.check,
		})
	})
}
