package newcar_test

import (
	"context"
	"errors"
	"slices"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"

	"pgregory.net/rapid"
)

func (w *walk) desk(t *rapid.T) {
	owed := w.m.total - w.m.deskSum()
	if w.m.keptCard() {
		owed -= w.m.deposit
	}
	amount := rapid.SampledFrom([]int64{owed, owed, 12_345, owed + 1, 0, -5, 1 << 62}).Draw(t, "amount")
	err := w.tx(func(ctx context.Context, tx *db.Tx) error {
		return w.k.NewCar.RecordDeskTx(ctx, tx, w.staff(t), w.num, rapid.SampledFrom(payment.DeskMeans).Draw(t, "means"), amount, "WALK")
	})
	if err == nil && (!w.m.state.TakesMoney() || amount <= 0 || amount > owed) {
		t.Fatalf("the desk took %d of %d in %s", amount, owed, w.m.state)
	}
	if errors.Is(err, ordering.ErrNoOrder) {
		return // another dealer's staff
	}
	can := w.m.state.TakesMoney() && amount > 0 && amount <= owed
	w.expect("desk", can, err)
	if can {
		w.m.desk = append(w.m.desk, amount)
		w.m.movedSince = true
	}
}

// giveBack is the desk returning money of an ended order.
func (w *walk) giveBack(t *rapid.T) {
	if len(w.m.deskBack) == 0 {
		t.Skip() // draws another act: see the head of the walk
	}
	ps, err := payment.Of(w.k.DB.Read(w.ctx), w.order)
	w.must(err)
	for _, p := range ps {
		if !p.Card() && p.State == payment.Returning {
			w.must(w.tx(func(ctx context.Context, tx *db.Tx) error {
				return w.k.NewCar.DeskReturnedTx(ctx, tx, sale.Staff{User: leedsStaff.User, Dealer: w.m.dealer}, p.ID)
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
