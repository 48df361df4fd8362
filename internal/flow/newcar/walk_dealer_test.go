package newcar_test

import (
	"context"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"

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
func (w *walk) staff(t *rapid.T) newcar.Staff {
	if rapid.IntRange(0, 9).Draw(t, "other dealer") == 0 {
		return newcar.Staff{User: leedsStaff.User, Dealer: "gb-london-nobody"}
	}
	return newcar.Staff{User: leedsStaff.User, Dealer: w.m.dealer}
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
