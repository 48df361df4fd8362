package newcar_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
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
	"forecourt/internal/stripesim"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"

	"pgregory.net/rapid"
)

// TestAnyOrderOfEventsEndsWell walks through purchases at random: buyer, dealers, card bank, jobs and
// clock act in any order, twice, too late, or not at all. After each act the house must be where a
// small model says; at the end of each walk nothing may move any more, no cent may be missing, and
// every invariant must hold. Another sequence each time; rapid prints how to repeat a failing one
// (-rapid.seed), -rapid.checks sets the number of walks.
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
	m     walkModel
}

func (w *walk) actions() map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){
		"press order again": w.pressAgain, "open card page": w.openPage, "pay": w.pay, "return": w.comeBack, "hear": w.hear, "job": w.job,
		"sweep": w.sweep, "accept": w.accept, "decline": w.decline, "choose": w.choose, "leave": w.leave, "desk": w.desk, "give back": w.giveBack,
		"step": w.step, "hand over": w.handOver, "wait": w.wait, "longer": w.longer, "bank fails": w.bankFails,
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

// bankSaysNo tells a refusal or failure of the bank, which leaves everything where it is.
func bankSaysNo(err error) bool {
	var bank *payment.GatewayError
	return errors.As(err, &bank)
}

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
	case w.m.state == ordering.Ready && w.m.deskSum() < w.m.total-w.m.deposit:
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
	w.m.dealer = testkit.Leeds
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
	w.m.payDue = w.now().Add(newcar.QuoteLife)
	w.m.pageEnds = w.m.payDue.Add(newcar.Prolongations * time.Hour)
}

func (w *walk) place() (p newcar.Placed, err error) {
	err = w.tx(func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = w.k.NewCar.PlaceTx(ctx, tx, testkit.Dacia, w.token, w.k.Total())
		return err
	})
	return p, err
}

// pressAgain is a second tab in which the button is pressed; a lapsed order may be placed again,
// which would be another walk.
func (w *walk) pressAgain(t *rapid.T) {
	if w.m.state == ordering.Lapsed || w.m.state == ordering.Cancelled {
		t.Skip()
	}
	p, err := w.place()
	late := w.m.state == ordering.Checkout && !w.now().Before(w.m.payDue)
	if late && !errors.Is(err, newcar.ErrUnsettled) {
		t.Fatalf("pressed after the time to pay: %v", err)
	}
	w.expect("press again", !late, err)
	if !late && (p.Order != w.order || (w.m.state == ordering.Checkout) != (p.Payment == w.key)) {
		t.Fatalf("the second press made another order or payment: %+v", p)
	}
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
		t.Skip()
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
		t.Skip()
	}
	e := payment.Event{Type: rapid.SampledFrom([]string{"checkout.session.completed", "checkout.session.expired", "payment_intent.amount_capturable_updated",
		"payment_intent.succeeded", "payment_intent.canceled", "charge.refunded", "charge.captured"}).Draw(t, "event"), Created: w.now(), Payload: []byte(`{}`)}
	e.ID = "evt_" + string(w.key) + e.Type
	if strings.HasPrefix(e.Type, "checkout") {
		e.ObjectID, e.SessionID, e.IntentID = p.SessionID, p.SessionID, p.IntentID
	} else if l, ok := w.bank(); ok {
		e.ObjectID, e.IntentID = l.Intent, l.Intent
	} else {
		t.Skip()
	}
	for range rapid.IntRange(1, 2).Draw(t, "times") {
		w.must(w.k.NewCar.Receive(w.ctx, e))
	}
	w.said["hear"]++
}

// job runs one waiting job, and leaves it there when the worker died before it could say so.
func (w *walk) job(t *rapid.T) {
	jobs := w.waiting()
	if len(jobs) == 0 {
		t.Skip()
	}
	w.run(jobs[rapid.IntRange(0, len(jobs)-1).Draw(t, "job")], rapid.IntRange(0, 4).Draw(t, "again") == 0)
}

type walkJob struct {
	ID         int64
	Kind, Args string
}

func (w *walk) waiting() (out []walkJob) {
	w.must(w.k.DB.Read(w.ctx).Raw(`SELECT id, kind, args::text AS args FROM river_job WHERE id > ? AND kind IN ('newcar.settle', 'newcar.event') AND state = 'available' ORDER BY id`, w.jobs).Scan(&out).Error)
	return out
}

func (w *walk) run(j walkJob, again bool) {
	_, err := w.k.NewCar.RunJob(w.ctx, j.Kind, []byte(j.Args))
	if bankSaysNo(err) { // it will be tried again
		w.askBank()
		w.said["job failed"]++
		return
	}
	w.must(err)
	known := strings.Contains(j.Args, `"success": true`) && w.m.card != payment.Opening && w.m.card != payment.Open
	if !known {
		w.m.settle(w.now())
	}
	if !again {
		w.must(w.k.DB.Read(w.ctx).Exec(`DELETE FROM river_job WHERE id = ?`, j.ID).Error)
	}
	w.said["job"]++
}

// askBank tells the model what only the bank knows: that it did what it then failed to answer.
func (w *walk) askBank() {
	if l, ok := w.bank(); ok && l.Captured > 0 {
		w.m.taken = true
	}
}

func (w *walk) sweep(*rapid.T) {
	p := w.payment()
	due := !p.DueAt.IsZero() && !w.now().Before(p.DueAt)
	if err := w.k.NewCar.Sweep(w.ctx); err != nil {
		if !bankSaysNo(err) {
			w.t.Fatal(err)
		}
		due = false // the bank did not say: the payment stays where it is
		w.askBank()
	}
	w.m.sweep(w.now(), due)
	w.said["sweep"]++
}

func (w *walk) accept(t *rapid.T) {
	s := w.staff(t)
	err := w.tx(func(ctx context.Context, tx *db.Tx) error { return w.k.NewCar.AcceptTx(ctx, tx, s, w.num) })
	can := w.m.state == ordering.Offered && s.Dealer == w.m.dealer && w.now().Before(w.m.answerBy)
	w.expect("accept", can, err)
	if can {
		w.m.state = ordering.Accepted
		if w.m.card == payment.Authorised {
			w.m.card = payment.Capturing
		}
	}
}

func (w *walk) decline(t *rapid.T) {
	s := w.staff(t)
	err := w.tx(func(ctx context.Context, tx *db.Tx) error {
		return w.k.NewCar.DeclineTx(ctx, tx, s, w.num, rapid.SampledFrom(allocation.DeclineReasons).Draw(t, "reason"))
	})
	can := w.m.state == ordering.Offered && s.Dealer == w.m.dealer
	w.expect("decline", can, err)
	if can {
		w.m.offerNext(w.now())
	}
}

// staff is mostly that of the dealer who has the order, now and then another's.
func (w *walk) staff(t *rapid.T) newcar.Staff {
	if rapid.IntRange(0, 9).Draw(t, "other dealer") == 0 {
		return newcar.Staff{User: leedsStaff.User, Dealer: "gb-london-nobody"}
	}
	return newcar.Staff{User: leedsStaff.User, Dealer: w.m.dealer}
}

func (w *walk) choose(t *rapid.T) {
	d := rapid.SampledFrom([]id.Dealer{testkit.Leeds, testkit.London}).Draw(t, "dealer")
	err := w.tx(func(ctx context.Context, tx *db.Tx) error { return w.k.NewCar.ChooseTx(ctx, tx, w.order, d) })
	can := w.m.state == ordering.Choosing && !slices.Contains(w.m.asked, d) && w.now().Before(w.m.lastAnswer())
	w.expect("choose", can, err)
	if can {
		w.m.offer(d)
	}
}

func (w *walk) leave(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "stays") > 0 {
		t.Skip()
	}
	err := w.tx(func(ctx context.Context, tx *db.Tx) error { return w.k.NewCar.CancelTx(ctx, tx, w.order) })
	can := w.m.state.CanCancel()
	w.expect("leave", can, err)
	if can {
		w.m.cancel()
	}
}

func (w *walk) desk(t *rapid.T) {
	owed := w.m.total - w.m.deskSum()
	if w.m.keptCard() {
		owed -= w.m.deposit
	}
	amount := rapid.SampledFrom([]int64{owed, owed, 12_345, owed + 1, 0, -5, 1 << 62}).Draw(t, "amount")
	err := w.tx(func(ctx context.Context, tx *db.Tx) error {
		return w.k.NewCar.RecordDeskTx(ctx, tx, w.staff(t), w.num, rapid.SampledFrom(payment.DeskMeans).Draw(t, "means"), amount, "WALK")
	})
	if err == nil && (!w.m.state.WithDealer() || amount <= 0 || amount > owed) {
		t.Fatalf("the desk took %d of %d in %s", amount, owed, w.m.state)
	}
	if errors.Is(err, ordering.ErrNoOrder) {
		return // another dealer's staff
	}
	can := w.m.state.WithDealer() && amount > 0 && amount <= owed
	w.expect("desk", can, err)
	if can {
		w.m.desk = append(w.m.desk, amount)
	}
}

// giveBack is the desk returning money of an ended order.
func (w *walk) giveBack(t *rapid.T) {
	if len(w.m.deskBack) == 0 {
		t.Skip()
	}
	ps, err := payment.Of(w.k.DB.Read(w.ctx), w.order)
	w.must(err)
	for _, p := range ps {
		if !p.Card() && p.State == payment.Returning {
			w.must(w.tx(func(ctx context.Context, tx *db.Tx) error {
				return w.k.NewCar.DeskReturnedTx(ctx, tx, newcar.Staff{User: leedsStaff.User, Dealer: w.m.dealer}, p.ID)
			}))
			at := slices.Index(w.m.deskBack, p.Amount.Minor)
			if at < 0 {
				t.Fatalf("%v was never taken", p.Amount)
			}
			w.m.deskBack = slices.Delete(w.m.deskBack, at, at+1)
			w.said["give back"]++
			return
		}
	}
	t.Fatalf("%v to give back, no payment says so", w.m.deskBack)
}

func (w *walk) step(t *rapid.T) {
	edge, known := walkSteps[w.m.state]
	if !known || rapid.IntRange(0, 9).Draw(t, "any step") == 0 {
		edge = walkSteps[rapid.SampledFrom([]ordering.State{ordering.Accepted, ordering.Ordered, ordering.InTransit, ordering.Prepared}).Draw(t, "step")]
	}
	s := newcar.Staff{User: leedsStaff.User, Dealer: w.m.dealer}
	if edge.Event == ordering.Prepare {
		if err := w.tx(func(ctx context.Context, tx *db.Tx) error {
			return w.k.NewCar.SetChecksTx(ctx, tx, s, w.num, ordering.PreparationItems)
		}); err != nil {
			t.Fatal(err)
		}
	}
	err := w.tx(func(ctx context.Context, tx *db.Tx) error {
		return w.k.NewCar.AdvanceTx(ctx, tx, s, w.num, newcar.Progress{Event: edge.Event, VIN: w.vin})
	})
	can := w.m.state == edge.From
	w.expect("step", can, err)
	if can {
		w.m.state = edge.To
	}
}

func (w *walk) handOver(t *rapid.T) {
	code := rapid.SampledFrom([]string{w.code, w.code, w.code, "WRONG2"}).Draw(t, "code")
	err := w.tx(func(ctx context.Context, tx *db.Tx) error {
		return w.k.NewCar.HandOverTx(ctx, tx, newcar.Staff{User: leedsStaff.User, Dealer: w.m.dealer}, w.num,
			newcar.HandOver{Code: code, Checks: ordering.HandoverItems, OdometerKm: 7})
	})
	can := w.m.state == ordering.Ready && code == w.code && w.m.card == payment.Captured && w.m.deskSum() == w.m.total-w.m.deposit
	w.expect("hand over", can, err)
	if can {
		w.m.state = ordering.HandedOver
	}
}

func (w *walk) wait(t *rapid.T) {
	long := []time.Duration{time.Second, 3 * time.Minute, 20 * time.Minute, 50 * time.Minute, 5 * time.Hour, 20 * time.Hour, 3 * 24 * time.Hour}
	if rapid.IntRange(0, 9).Draw(t, "very long") == 0 {
		long = []time.Duration{8 * 24 * time.Hour}
	}
	d := rapid.SampledFrom(long).Draw(t, "long")
	w.k.Clock.Advance(d)
}

func (w *walk) longer(*rapid.T) {
	err := w.tx(func(ctx context.Context, tx *db.Tx) error { return w.k.NewCar.ProlongTx(ctx, tx, w.order) })
	can := w.m.state == ordering.Checkout && w.now().Before(w.m.payDue) && w.m.longer < newcar.Prolongations
	w.expect("longer", can, err)
	if can {
		w.m.longer++
		w.m.payDue = w.m.payDue.Add(time.Hour)
	}
}

// bankFails breaks the bank's next answer about money that moves, before or after it moved.
func (w *walk) bankFails(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "bank works") > 0 {
		t.Skip()
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
	if ours.Card != card || ours.Desk != desk {
		w.t.Fatalf("%s: our books say %d by card and %d at the desk, not %d and %d", w.m.state, ours.Card, ours.Desk, card, desk)
	}
}
