package newcar_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"

	"pgregory.net/rapid"
)

func (w *walk) place() (p sale.Placed, err error) {
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
		t.Skip() // draws another act: see the head of the walk
	}
	p, err := w.place()
	late := w.m.state == ordering.Checkout && !w.now().Before(w.m.payDue)
	if late && !errors.Is(err, sale.ErrUnsettled) {
		t.Fatalf("pressed after the time to pay: %v", err)
	}
	w.expect("press again", !late, err)
	if !late && (p.Order != w.order || (w.m.state == ordering.Checkout) != (p.Payment == w.key)) {
		t.Fatalf("the second press made another order or payment: %+v", p)
	}
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
		t.Skip() // draws another act: see the head of the walk
	}
	err := w.tx(func(ctx context.Context, tx *db.Tx) error { return w.k.NewCar.CancelTx(ctx, tx, w.order) })
	can := w.m.state.CanCancel()
	w.expect("leave", can, err)
	if can {
		w.m.cancel()
	}
}

func (w *walk) longer(*rapid.T) {
	err := w.tx(func(ctx context.Context, tx *db.Tx) error { return w.k.NewCar.ProlongTx(ctx, tx, w.order) })
	can := w.m.state == ordering.Checkout && w.now().Before(w.m.payDue) && w.m.longer < sale.Prolongations
	w.expect("longer", can, err)
	if can {
		w.m.longer++
		w.m.payDue = w.m.payDue.Add(time.Hour)
	}
}
