package newcar_test

import (
	"context"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/world"

	"pgregory.net/rapid"
)

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
func (w *walk) staff(t *rapid.T) sale.Staff {
	if rapid.IntRange(0, 9).Draw(t, "other dealer") == 0 {
		return sale.Staff{User: leedsStaff.User, Dealer: "gb-london-nobody"}
	}
	return sale.Staff{User: leedsStaff.User, Dealer: w.m.dealer}
}

func (w *walk) step(t *rapid.T) {
	edge, known := walkSteps[w.m.state]
	if !known || rapid.IntRange(0, 9).Draw(t, "any step") == 0 {
		edge = walkSteps[rapid.SampledFrom([]ordering.State{ordering.Accepted, ordering.Ordered, ordering.InTransit, ordering.Prepared}).Draw(t, "step")]
	}
	s := sale.Staff{User: leedsStaff.User, Dealer: w.m.dealer}
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
		if !mayPassOn(edge.To) {
			w.m.question = nil // overtaken: the car comes to this dealer
		}
	}
}

func (w *walk) today() market.Date {
	mk, _ := w.k.World.Now().Market("gb")
	return world.Today(mk, w.now())
}

// letOpen is the dealer's word that the rest may stay open: for what is open, or for something else.
func (w *walk) letOpen(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "too early") > 0 && w.m.state != ordering.Ready {
		t.Skip() // draws another act: see the head of the walk
	}
	open := w.m.open()
	d := sale.Deferral{Reason: rapid.SampledFrom(ordering.DeferReasons).Draw(t, "why"), Note: "walk",
		AmountMinor: rapid.SampledFrom([]int64{open, open, open, open + 1, open - 1, 0, -5, 1 << 62}).Draw(t, "amount"),
		DueOn:       w.today().Plus(rapid.SampledFrom([]int{0, 1, 5, 60, 61, -1}).Draw(t, "days"))}
	s := w.staff(t)
	err := w.tx(func(ctx context.Context, tx *db.Tx) error { return w.k.NewCar.DeferTx(ctx, tx, s, w.num, d) })
	can := w.m.state == ordering.Ready && s.Dealer == w.m.dealer && open > 0 && d.AmountMinor == open && !w.m.covered(w.today()) &&
		d.DueOn >= w.today() && d.DueOn <= w.today().Plus(sale.DeferDays)
	w.expect("let open", can, err)
	if can {
		w.m.letOpen, w.m.openDay = open, d.DueOn
	}
}

func (w *walk) handOver(t *rapid.T) {
	code := rapid.SampledFrom([]string{w.code, w.code, w.code, "WRONG2"}).Draw(t, "code")
	err := w.tx(func(ctx context.Context, tx *db.Tx) error {
		return w.k.NewCar.HandOverTx(ctx, tx, sale.Staff{User: leedsStaff.User, Dealer: w.m.dealer}, w.num,
			sale.HandOver{Code: code, Checks: ordering.HandoverItems, OdometerKm: 7})
	})
	paid := w.m.card == payment.Captured && w.m.open() == 0
	can := w.m.state == ordering.Ready && code == w.code && (paid || w.m.covered(w.today()))
	w.expect("hand over", can, err)
	if can {
		w.m.state, w.m.handedAt, w.m.movedSince = ordering.HandedOver, w.now(), false
	}
}

// undo takes a handover back: within ten minutes, by its dealer, while no money has moved since.
func (w *walk) undo(t *rapid.T) {
	if w.m.state != ordering.HandedOver && rapid.IntRange(0, 4).Draw(t, "too early") > 0 {
		t.Skip() // draws another act: see the head of the walk
	}
	s := w.staff(t)
	why := rapid.SampledFrom([]string{"slip", "slip", "not_taken", "because"}).Draw(t, "why")
	err := w.tx(func(ctx context.Context, tx *db.Tx) error { return w.k.NewCar.UndoTx(ctx, tx, s, w.num, why) })
	can := w.m.state == ordering.HandedOver && s.Dealer == w.m.dealer && why != "because" && !w.m.movedSince && !w.now().After(w.m.handedAt.Add(sale.UndoFor))
	w.expect("undo", can, err)
	if can {
		w.m.state = ordering.Ready
	}
}
