package newcar_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/configurator"
	"forecourt/internal/doctor"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"

	"pgregory.net/rapid"
)

// TestAnyOrderOfEventsEndsWell walks through purchases at random: buyer, dealers, card bank, jobs and
// clock act in any order, twice, too late, or not at all. After each act the house must be where a
// small model says; at the end of each walk nothing may move any more, no cent may be missing, and
// every invariant must hold. Another sequence each time; rapid prints how to repeat a failing one
// (-rapid.seed), -rapid.checks sets the number of walks.
//
// NO TEST IS SKIPPED HERE. In an act of rapid's Repeat, t.Skip() means "this act does not fit now, draw
// another one": t is a *rapid.T, not a *testing.T. The walk goes on, all its steps are walked, and go test
// reports no skip. Repeat fails by itself when it finds no act that fits.
func TestAnyOrderOfEventsEndsWell(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	cars, acts := 0, map[string]int{}
	begin := time.Now()
	walks := 0
	rapid.Check(t, func(rt *rapid.T) {
		cars++
		walks++
		w := &walk{k: k, t: rt, ctx: t.Context(), vin: fmt.Sprintf("VF1WALK%010d", cars), said: acts}
		k.Clock.Set(dbtest.Start)
		w.begin()
		for range rapid.IntRange(0, 20).Draw(rt, "usual steps at first") {
			w.usual(rt)
			w.compare()
		}
		rt.Repeat(w.actions())
		w.end()
	})
	t.Logf("%d walks in %v: %v", walks, time.Since(begin).Round(time.Millisecond), acts)
}

// walk is one purchase, its model beside it.
type walk struct {
	k     *testkit.Kit
	t     *rapid.T
	ctx   context.Context
	said  map[string]int // how often each act had its effect
	token string
	vin   string
	order id.Order
	key   id.Payment
	num   string
	code  string
	page  string
	jobs  int64 // the last job of earlier walks
	moved bool  // another dealer took the order over
	m     walkModel
}

func (w *walk) actions() map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){
		"press order again": w.pressAgain, "open card page": w.openPage, "pay": w.pay, "return": w.comeBack, "hear": w.hear, "job": w.job,
		"sweep": w.sweep, "accept": w.accept, "decline": w.decline, "choose": w.choose, "leave": w.leave, "desk": w.desk, "give back": w.giveBack,
		"step": w.step, "let open": w.letOpen, "hand over": w.handOver, "undo": w.undo, "wait": w.wait, "longer": w.longer, "bank fails": w.bankFails,
		"ask dealer": w.askDealer, "answer move": w.answerMove, "take question back": w.takeQuestionBack,
	}
	for i := range 12 { // else most walks would end before the car was built
		all[fmt.Sprint("usual ", i)] = w.usual
	}
	for name, act := range all {
		all[name] = func(t *rapid.T) { w.t = t; act(t) }
	}
	all[""] = func(t *rapid.T) { w.t = t; w.compare() }
	return all
}

func (w *walk) now() time.Time { return w.k.Clock.Now() }

// must is for what the test itself needs.
func (w *walk) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// expect checks that an act was allowed or refused as the model says.
func (w *walk) expect(act string, allowed bool, err error) {
	w.t.Helper()
	if allowed != (err == nil) {
		w.t.Fatalf("%s in %s (card %s, %v): allowed %t, got %v", act, w.m.state, w.m.card, w.now(), allowed, err)
	}
	if allowed {
		w.said[act]++
	}
}

func (w *walk) tx(fn func(ctx context.Context, tx *db.Tx) error) error { return w.k.DB.InTx(w.ctx, fn) }

// usual is what mostly comes next when nothing goes wrong.
func (w *walk) usual(t *rapid.T) {
	switch {
	case w.m.state == ordering.Checkout && w.m.card == payment.Opening:
		w.openPage(t)
	case w.m.state == ordering.Checkout && !w.m.paid:
		w.pay(t)
	case w.m.state == ordering.Checkout:
		w.comeBack(t)
	case w.m.state == ordering.Offered:
		w.accept(t)
	case w.m.state == ordering.Choosing:
		w.choose(t)
	case w.m.card == payment.Capturing, w.m.card == payment.Returning, w.m.card == payment.Open:
		if len(w.waiting()) == 0 {
			w.sweep(t)
			return
		}
		w.job(t)
	case w.m.question != nil && rapid.Bool().Draw(t, "is answered"):
		w.answerMove(t)
	case w.m.state == ordering.Ready && w.m.open() > 0 && !w.m.covered(w.today()) && rapid.IntRange(0, 2).Draw(t, "asks for time") == 0:
		w.letOpen(t)
	case w.m.state == ordering.HandedOver && w.m.open() > 0:
		w.desk(t)
	case w.m.state == ordering.Ready && !w.m.covered(w.today()) && w.m.deskSum() < w.m.total-w.m.deposit:
		w.desk(t)
	case w.m.state == ordering.Ready:
		w.handOver(t)
	case w.m.state.WithDealer():
		w.step(t)
	default:
		w.wait(t)
	}
}

// begin orders a car; the buyer agrees to a second dealer or not.
func (w *walk) begin() {
	w.m.dealer, w.m.unwilling = testkit.Leeds, map[id.Dealer]bool{}
	if rapid.Bool().Draw(w.t, "agrees to London") {
		w.m.next = []id.Dealer{testkit.London}
	}
	_, err := db.One(w.k.DB.Read(w.ctx), &w.jobs, `SELECT coalesce(max(id), 0) FROM river_job`)
	w.must(err)
	w.must(w.tx(func(ctx context.Context, tx *db.Tx) error {
		d, err := w.k.NewCar.StartTx(ctx, tx, newcar.Build{Shop: testkit.Dacia, Model: "duster", Selection: configurator.Selection{}}, testkit.Leeds, w.m.next)
		if err != nil {
			return err
		}
		w.token = w.k.NewCar.Tokens.Draft(d)
		return w.k.NewCar.GiveDetailsTx(tx, testkit.Dacia, w.token, testkit.Buyer)
	}))
	p, err := w.place()
	w.must(err)
	w.order, w.key = p.Order, p.Payment
	o := w.k.Order(w.order)
	w.num, w.code = o.Number, o.PickupCode
	w.m.state, w.m.card, w.m.deposit, w.m.total = ordering.Checkout, payment.Opening, o.DepositMinor, o.TotalMinor
	w.m.payDue = w.now().Add(sale.QuoteLife)
	w.m.pageEnds = w.m.payDue.Add(sale.Prolongations * time.Hour)
}

func (w *walk) wait(t *rapid.T) {
	long := []time.Duration{time.Second, 3 * time.Minute, 20 * time.Minute, 50 * time.Minute, 5 * time.Hour, 20 * time.Hour, 3 * 24 * time.Hour}
	if rapid.IntRange(0, 9).Draw(t, "very long") == 0 {
		long = []time.Duration{8 * 24 * time.Hour}
	}
	d := rapid.SampledFrom(long).Draw(t, "long")
	w.k.Clock.Advance(d)
}

// compare looks whether the house is where the model says, and takes over the times that it set.
func (w *walk) compare() {
	o, p := w.k.Order(w.order), w.payment()
	card := w.m.card
	if card == "back" {
		card = p.State
		if card != payment.Voided && card != payment.Refunded {
			w.t.Fatalf("the deposit is %s, it should have gone back", p.State)
		}
	}
	if o.State != w.m.state || p.State != card || o.Dealer != w.m.dealer {
		w.t.Fatalf("at %v: order %s at %s, deposit %s; the model says %s at %s, %s", w.now(), o.State, o.Dealer, p.State, w.m.state, w.m.dealer, w.m.card)
	}
	switch o.State {
	case ordering.Offered:
		e, err := allocation.LiveOf(w.k.DB.Read(w.ctx), w.order)
		w.must(err)
		if e == nil || e.Dealer != w.m.dealer || e.DueAt.After(w.m.lastAnswer()) {
			w.t.Fatalf("the offer %+v is not %s's or ends after %v", e, w.m.dealer, w.m.lastAnswer())
		}
		w.m.answerBy = e.DueAt
	case ordering.Choosing:
		if !o.DueAt.Equal(w.m.chooseBy) {
			w.t.Fatalf("the buyer may choose until %v, not %v", o.DueAt, w.m.chooseBy)
		}
	}
	if q := w.question(); (q == nil) != (w.m.question == nil) {
		w.t.Fatalf("at %v: the house waits for %+v, the model for %+v", w.now(), q, w.m.question)
	}
	w.receivable()
	if l, ok := w.bank(); ok && (l.Captured > w.m.deposit || l.Held+l.Captured > w.m.deposit || l.Refunded > l.Captured) {
		w.t.Fatalf("the bank took too much: %+v", l)
	}
}

// end lets ten days pass with everybody at work, and then nothing may be open.
func (w *walk) end() {
	w.bankSwitch(url.Values{"clear": {"yes"}})
	for range 10 {
		for _, j := range w.waiting() {
			w.run(j, false)
		}
		w.compare()
		w.sweep(nil)
		w.compare()
		w.k.Clock.Advance(24 * time.Hour)
	}
	for len(w.m.deskBack) > 0 {
		w.giveBack(w.t)
	}
	w.balance()
	r, err := doctor.Examine(w.ctx, w.k.DB)
	w.must(err)
	for _, f := range r.Invariants {
		if f.Violations > 0 && !f.Warning && f.Name != "mail_leaves" { // no worker sends letters here
			w.t.Fatalf("invariant %s: %d rows after a walk that ended in %s", f.Name, f.Violations, w.m.state)
		}
	}
	w.said["ended "+string(w.m.state)]++
}

// balance compares the bank's money, the ledger and the order's end.
func (w *walk) balance() {
	kept := w.m.state.WithDealer() || w.m.state == ordering.HandedOver
	if !kept && !w.m.state.Final() {
		w.t.Fatalf("after ten days the order is still %s", w.m.state)
	}
	if p := w.payment(); !p.State.Final() {
		w.t.Fatalf("after ten days the deposit is still %s of an order that is %s", p.State, w.m.state)
	}
	var card, desk int64
	if kept {
		card, desk = w.m.deposit, w.m.deskSum()
	}
	l, _ := w.bank()
	if l.Held != 0 || l.Captured-l.Refunded != card {
		w.t.Fatalf("%s: the bank holds %d and keeps %d, not 0 and %d", w.m.state, l.Held, l.Captured-l.Refunded, card)
	}
	var ours struct{ Card, Desk int64 }
	_, err := db.One(w.k.DB.Read(w.ctx), &ours, `SELECT coalesce(sum(amount_minor) FILTER (WHERE account = 'card_bank'), 0) AS card,
		coalesce(sum(amount_minor) FILTER (WHERE account = 'desk'), 0) AS desk FROM ledger_lines WHERE order_id = ?`, w.order)
	w.must(err)
	earlier, err := payment.MovedMinor(w.k.DB.Read(w.ctx), w.order) // in the till of a dealer who had the order before
	w.must(err)
	if ours.Card != card || ours.Desk+earlier != desk || earlier < 0 || !w.moved && earlier > 0 {
		w.t.Fatalf("%s: our books say %d by card, %d at the desk and %d at an earlier one, not %d and %d in all", w.m.state, ours.Card, ours.Desk, earlier, card, desk)
	}
}

// receivable compares what is owed after a handover with the buyer's account.
func (w *walk) receivable() {
	if w.m.state != ordering.HandedOver {
		return
	}
	buyer, err := payment.BuyerMinor(w.k.DB.Read(w.ctx), w.order)
	w.must(err)
	if buyer != w.m.open() {
		w.t.Fatalf("the buyer owes %d in the ledger, not %d", buyer, w.m.open())
	}
}
