package usedcar_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
)

// deliver has an order accepted, prepared, paid and handed over at so many kilometres.
func (y *yard) deliver(o *ordering.Order, km int) *ordering.Order {
	y.T.Helper()
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.Sale.AcceptTx(ctx, tx, y.staff, o.Number) })
	y.settle(o.ID)
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.SetChecksTx(ctx, tx, y.staff, o.Number, ordering.PreparationItems)
	})
	for _, e := range []ordering.Event{ordering.Prepare, ordering.Release} {
		y.Tx(func(ctx context.Context, tx *db.Tx) error {
			return y.Sale.StepTx(ctx, tx, y.staff, o.Number, sale.Progress{Event: e})
		})
	}
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.RecordDeskTx(ctx, tx, y.staff, o.Number, payment.ByDeskTransfer, o.TotalMinor-o.DepositMinor, "REF 1")
	})
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.HandOverTx(ctx, tx, y.staff, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: km})
	})
	return y.Order(o.ID)
}

// What the page reckons before the purchase is what is kept when the car comes back.
func TestGivingBackCostsWhatThePageReckoned(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	page := "/dacia/gb/used/dacia-duster-2023-u-7k2m9x"
	// 400 miles are 644 km, 544 beyond the trial: so many 200,000ths of the price.
	s.says(s.house.Stranger().Get(page+"?back_days=10&back_km=400"), 200, "You would get £15,946.51 back", "£43.49", `value="400"`)
	s.says(s.house.Stranger().Get(page+"?back_days=10&back_km=0"), 200, "You would get £15,990.00 back")
	s.says(s.house.Stranger().Get(page+"?back_days=40&back_km=10"), 200, "By then it is too late")
	for _, bad := range []string{"?back_days=x&back_km=1", "?back_days=1&back_km=-4", "?back_km=999999999"} {
		s.says(s.house.Stranger().Get(page+bad), 422, `aria-invalid="true"`)
	}
	o := s.deliver(s.pay(s.place(s.hold())), 41010)
	s.Tx(func(ctx context.Context, tx *db.Tx) error { return s.Sale.WithdrawTx(ctx, tx, o.ID) })
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return s.Sale.TakeBackTx(ctx, tx, s.staff, o.Number, sale.TakeBack{OdometerKm: 41010 + 644})
	})
	if l, err := ordering.LeavingOf(s.DB.Read(t.Context()), o.ID); err != nil || l.UseMinor != 4349 || l.OwedMinor != 1594651 {
		t.Errorf("kept are %+v, %v", l, err)
	}
	var again string
	if _, err := db.One(s.DB.Read(t.Context()), &again, `SELECT id FROM used_cars WHERE state = 'draft'`); err != nil {
		t.Fatal(err)
	}
	leeds := s.house.Dealer("leeds@example.com", s.staff.Dealer)
	s.says(leeds.Get("/dealer/used/"+again), 200, "Earlier in your stock", string(s.car), "put on offer", "handed over", "given back")
	if a := leeds.Get("/dealer/used/" + string(s.car)); strings.Contains(a.Body, "The odometer once said more") {
		t.Error("a car that was driven by its buyer has a red flag for it")
	}
}
