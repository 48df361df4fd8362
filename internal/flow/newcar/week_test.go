package newcar_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

var (
	weekOrders = flag.Int("week.orders", 24, "orders of the simulated week")
	weekSeed   = flag.Uint64("week.seed", 20261124, "seed of the simulated week")
)

// week is a market on a simulated clock: buyers who come and leave, dealers who answer, ask, decline or sleep.
type week struct {
	k      *testkit.Kit
	r      *rand.Rand
	orders []id.Order
	n      map[string]int
}

func (w *week) did(what string, err error) {
	if err == nil {
		w.n[what]++
		return
	}
	w.k.T.Fatalf("seed %d: %s: %v", *weekSeed, what, err)
}

// comes is a buyer from somewhere who names dealers, leaves the choice to the rule, or both.
func (w *week) comes() {
	b := testkit.Buyer
	b.Postcode = []string{"LS6 2AB", "NW10 9ZZ", "M1 1AA", "B1 1AA", "EH1 1AA", "BS1 1AA", "CF10 1AA"}[w.r.IntN(7)]
	ds := w.k.World.Now().Dealers("dacia", "gb", id.FlowNew)
	pick := func() id.Dealer { return ds[w.r.IntN(len(ds))].Code }
	wish := sale.Wish{Dealer: pick(), Any: w.r.IntN(2) == 0}
	switch w.r.IntN(3) {
	case 0:
		wish = sale.Wish{Any: true}
	case 1:
		wish.Fallbacks = []id.Dealer{pick(), pick()}
	}
	w.orders = append(w.orders, w.k.BuyDraft(w.k.DraftWish(wish, b)).ID)
}

// hour is what happens to an order in an hour.
func (w *week) hour(i int, key id.Order) {
	k := w.k
	o := k.Order(key)
	staff := sale.Staff{User: leedsStaff.User, Dealer: o.Dealer}
	tx := func(what string, fn func(ctx context.Context, tx *db.Tx) error) { w.did(what, act(k, fn)) }
	dice := w.r.IntN(1000)
	switch {
	case o.State.CanCancel() && dice < 8:
		tx("leave", func(ctx context.Context, tx *db.Tx) error { return k.NewCar.CancelTx(ctx, tx, key) })
		settleAll(k, key)
	case o.State == ordering.Offered:
		w.answer(o, staff, dice)
	case o.State == ordering.Choosing && dice < 300:
		ds := k.World.Now().Dealers("dacia", "gb", id.FlowNew)
		if d := ds[w.r.IntN(len(ds))].Code; w.fresh(key, d) {
			tx("choose", func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ChooseTx(ctx, tx, key, d) })
		}
	case o.State.WithDealer() && dice < 500:
		w.onward(i, o, staff)
	}
}

func (w *week) fresh(o id.Order, d id.Dealer) bool {
	es, err := allocation.Of(w.k.DB.Read(w.k.T.Context()), o)
	must(w.k, err)
	for _, e := range es {
		if e.Dealer == d {
			return false
		}
	}
	return true
}

// answer is a dealer at work, or asleep.
func (w *week) answer(o *ordering.Order, staff sale.Staff, dice int) {
	k := w.k
	q, err := allocation.QuestionOf(k.DB.Read(k.T.Context()), liveOf(k, o.ID).ID)
	must(k, err)
	tx := func(what string, fn func(ctx context.Context, tx *db.Tx) error) { w.did(what, act(k, fn)) }
	switch {
	case q.Open() && dice < 200:
		tx("reply", func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ReplyTx(ctx, tx, o.ID, "Yes.") })
	case q == nil && dice < 40:
		tx("ask", func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.AskBuyerTx(ctx, tx, staff, o.Number, "May I?")
		})
	case dice < 90:
		tx("decline", func(ctx context.Context, tx *db.Tx) error {
			return k.NewCar.DeclineTx(ctx, tx, staff, o.Number, "no_slot")
		})
	case dice < 180:
		tx("accept", func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AcceptTx(ctx, tx, staff, o.Number) })
		settleAll(k, o.ID)
	}
}

// onward is the next step of an accepted order on its way to the handover.
func (w *week) onward(i int, o *ordering.Order, staff sale.Staff) {
	k := w.k
	next := map[ordering.State]ordering.Event{ordering.Accepted: ordering.Place, ordering.Ordered: ordering.Build, ordering.Built: ordering.Dispatch, ordering.InTransit: ordering.Arrive,
		ordering.Arrived: ordering.Prepare, ordering.Prepared: ordering.Release}
	w.did(string(o.State), act(k, func(ctx context.Context, tx *db.Tx) error {
		ev, ok := next[o.State]
		if !ok {
			if err := k.NewCar.RecordDeskTx(ctx, tx, staff, o.Number, payment.ByDeskTransfer, o.TotalMinor-o.DepositMinor, "REF"); err != nil {
				return err
			}
			return k.NewCar.HandOverTx(ctx, tx, staff, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 4})
		}
		if ev == ordering.Prepare {
			if err := k.NewCar.SetChecksTx(ctx, tx, staff, o.Number, ordering.PreparationItems); err != nil {
				return err
			}
		}
		return k.NewCar.AdvanceTx(ctx, tx, staff, o.Number, newcar.Progress{Event: ev, VIN: fmt.Sprintf("VF1RJA00X74%06d", i)})
	}))
}

// A week of a market ends with every order handed over, left, or waiting in exactly one place; the receipts verify and
// the doctor finds nothing.
func TestAWeekOfAMarket(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	w := &week{k: k, r: rand.New(rand.NewPCG(*weekSeed, 1)), n: map[string]int{}}
	for hour := range 24 * 7 {
		for len(w.orders) < *weekOrders && len(w.orders) <= hour**weekOrders/100 {
			w.comes()
		}
		for i, o := range w.orders {
			w.hour(i, o)
		}
		k.Clock.Advance(time.Hour)
		must(k, k.NewCar.Sweep(t.Context()))
	}
	places := map[ordering.State]int{}
	for _, o := range w.orders {
		settleAll(k, o)
		x := k.Order(o)
		places[x.State]++
		chain := chainOf(k, o)
		live := 0
		for _, r := range chain {
			switch r.Note.Event {
			case allocation.EventOffer:
				live++
			case allocation.EventDecline, allocation.EventExpire, allocation.EventWithdraw, allocation.EventHandOver:
				live--
			}
		}
		want := 1
		if x.State == ordering.Choosing || x.State == ordering.Cancelled || x.State == ordering.HandedOver {
			want = 0
		}
		if live != want {
			t.Errorf("%s is %s with %d live offers: %v", x.Number, x.State, live, tale(chain))
		}
	}
	t.Logf("seed %d: %v, ends %v", *weekSeed, w.n, places)
	if len(w.orders) != *weekOrders || w.n["accept"] == 0 || w.n["decline"] == 0 || places[ordering.HandedOver] == 0 {
		t.Errorf("hardly a week: %v", w.n)
	}
	healthy(k, "mail_leaves")
}
