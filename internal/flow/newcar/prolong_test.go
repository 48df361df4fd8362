package newcar_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

func prolong(k *testkit.Kit, p sale.Placed) error {
	return k.DB.InTx(k.T.Context(), func(ctx context.Context, tx *db.Tx) error { return k.NewCar.ProlongTx(ctx, tx, p.Order) })
}

// Ten hours more, one by one; then the order lapses as ever, and the card page is dead with it.
func TestTheTimeToPayIsProlongedTenTimes(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	p, page := k.Place(k.Draft())
	start := k.Clock.Now()
	for i := range sale.Prolongations {
		k.Clock.Advance(59 * time.Minute)
		if err := prolong(k, p); err != nil {
			t.Fatalf("the %d. time: %v", i+1, err)
		}
		if err := k.NewCar.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if o := k.Order(p.Order); o.State != ordering.Checkout || !o.DueAt.Equal(start.Add(time.Duration(i+2)*time.Hour)) {
			t.Fatalf("after the %d. time: %s until %s", i+1, o.State, o.DueAt)
		}
	}
	if err := prolong(k, p); !errors.Is(err, sale.ErrProlonged) {
		t.Errorf("an eleventh time: %v", err)
	}
	k.Clock.Set(start.Add(11*time.Hour + 2*time.Minute))
	if err := k.NewCar.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := k.Order(p.Order); o.State != ordering.Lapsed {
		t.Errorf("in the end: %s", o.State)
	}
	if _, err := banktest.Pay(t.Context(), nil, page, testkit.Good); err == nil {
		t.Error("the card page of a lapsed order takes money")
	}
	if err := prolong(k, p); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("a lapsed order: %v", err)
	}
}

// The card page is opened by another tab while more time is asked for: the later end counts, and nobody is
// looked for before it.
func TestMoreTimeWhileTheCardPageOpens(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	p, _ := k.Place(k.Draft())
	due := k.Order(p.Order).DueAt
	if err := prolong(k, p); err != nil {
		t.Fatal(err)
	}
	// What the other tab had read before is written last.
	if err := k.DB.Read(t.Context()).Exec(`UPDATE payments SET due_at = ? WHERE id = ?`, due.Add(time.Minute), p.Payment).Error; err != nil {
		t.Fatal(err)
	}
	k.Clock.Advance(70 * time.Minute)
	if err := k.NewCar.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	var next time.Time
	if err := k.DB.Read(t.Context()).Raw(`SELECT due_at FROM payments WHERE id = ?`, p.Payment).Scan(&next).Error; err != nil {
		t.Fatal(err)
	}
	if o := k.Order(p.Order); o.State != ordering.Checkout || !next.After(o.DueAt) {
		t.Errorf("the order is %s until %s, looked at again at %s", o.State, o.DueAt, next)
	}
}

// Without asking for more, an hour is an hour, although the card page could stay open for longer.
func TestAnHourIsAnHour(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	p, page := k.Place(k.Draft())
	k.Clock.Advance(sale.QuoteLife + 2*time.Minute)
	if err := prolong(k, p); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("more time after the end: %v", err)
	}
	if err := k.NewCar.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := k.Order(p.Order); o.State != ordering.Lapsed {
		t.Errorf("after an hour: %s", o.State)
	}
	if _, err := banktest.Pay(t.Context(), nil, page, testkit.Good); err == nil {
		t.Error("the card page of a lapsed order takes money")
	}
}

// Paid in the time that was added counts like paid in the first hour.
func TestPaidInTheAddedTime(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	p, page := k.Place(k.Draft())
	if err := prolong(k, p); err != nil {
		t.Fatal(err)
	}
	k.Clock.Advance(90 * time.Minute)
	if _, err := banktest.Pay(t.Context(), nil, page, testkit.Good); err != nil {
		t.Fatal(err)
	}
	if err := k.NewCar.Settle(t.Context(), p.Payment); err != nil {
		t.Fatal(err)
	}
	if o := k.Order(p.Order); o.State != ordering.Offered {
		t.Errorf("paid, and %s", o.State)
	}
}

// closedBank opens no card page for an order, for good.
type closedBank struct{ payment.Gateway }

func (closedBank) OpenCheckout(context.Context, payment.CheckoutRequest) (payment.Checkout, error) {
	return payment.Checkout{}, &payment.GatewayError{Code: "parameter_invalid"}
}

// An order whose card page the bank never opened ends with its own time: its car is not kept for as long as
// a page could have been open.
func TestAnOrderWithoutACardPageEndsInTime(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	k.NewCar.Gateway = closedBank{k.NewCar.Gateway}
	var p sale.Placed
	token := k.Draft()
	k.Tx(func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = k.NewCar.PlaceTx(ctx, tx, testkit.Dacia, token, k.Total())
		return err
	})
	k.Clock.Advance(sale.QuoteLife - time.Minute)
	if err := k.NewCar.Settle(t.Context(), p.Payment); err == nil {
		t.Error("nobody is told that the bank refuses")
	}
	if o := k.Order(p.Order); o.State != ordering.Checkout {
		t.Errorf("before the end: %s", o.State)
	}
	if err := prolong(k, p); err != nil {
		t.Fatal(err)
	}
	k.Clock.Advance(time.Hour)
	if _ = k.NewCar.Settle(t.Context(), p.Payment); k.Order(p.Order).State != ordering.Checkout {
		t.Error("it ended in the time that was added")
	}
	k.Clock.Advance(3 * time.Minute)
	if err := k.NewCar.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := k.Order(p.Order); o.State != ordering.Lapsed {
		t.Errorf("after the end: %s", o.State)
	}
}
