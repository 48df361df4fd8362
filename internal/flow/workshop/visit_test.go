package workshop_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/flow/workshop"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/vehicle"
)

// From the booking to the history: half a yes, the rest paid at the desk, the car's own story.
func TestAVisitFromTheBookingToTheHistory(t *testing.T) {
	t.Parallel()
	y := open(t)
	o := y.book(workshop.PayDeposit, "annual-service")
	y.is(o, ordering.Accepted)
	if b := y.booking(o); b.State != aftersales.Booked {
		t.Fatalf("the slot is %s", b.State)
	}
	y.must(y.arrive(o, 42_300, true))
	ask := func(item, words string) error {
		return y.try(func(ctx context.Context, tx *db.Tx) error {
			return y.Workshop.AskTx(ctx, tx, y.staff, o.Number, workshop.Extra{Item: item, Urgency: "now", Words: words})
		})
	}
	answer := func(seq int, yes bool) error {
		return y.try(func(ctx context.Context, tx *db.Tx) error {
			locked, err := ordering.LockTx(tx, o.ID)
			if err != nil {
				return err
			}
			return y.Workshop.AnswerTx(ctx, tx, locked, seq, yes)
		})
	}
	y.must(ask("brakes-front", "3 mm left on the pads"))
	y.must(ask("wipers", "The left blade is torn"))
	before := y.Order(o.ID).TotalMinor
	y.must(answer(1, true))
	y.must(answer(2, false))
	if err := answer(2, true); !errors.Is(err, aftersales.ErrAnswered) {
		t.Errorf("a no was turned into a yes: %v", err)
	}
	if err := ask("brakes-front", "once more"); !errors.Is(err, aftersales.ErrNoItem) {
		t.Errorf("asked twice for the same work: %v", err)
	}
	after := y.Order(o.ID)
	if fs, err := aftersales.FindingsOf(y.DB.Read(t.Context()), y.booking(o).ID); err != nil || after.TotalMinor != before+fs[0].Line.Amount.Minor || len(after.Snapshot.Lines) != 2 {
		t.Errorf("%d became %d with %d lines, %v", before, after.TotalMinor, len(after.Snapshot.Lines), err)
	}
	if b := y.booking(o); !b.EndsAt.After(o.Snapshot.Visit.EndsAt) || !after.Snapshot.Visit.EndsAt.Equal(b.EndsAt) {
		t.Errorf("with more work the stay ends at %s, and the order says %s", b.EndsAt, after.Snapshot.Visit.EndsAt)
	}
	y.ready(o)
	if err := ask("wipers", "too late now"); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("asked when the car was ready: %v", err)
	}
	y.must(y.fetch(o))
	y.is(o, ordering.HandedOver)
	g := y.DB.Read(t.Context())
	v, err := vehicle.ByVIN(g, yardVIN)
	y.must(err)
	es, err := vehicle.History(g, v.ID)
	y.must(err)
	last := es[len(es)-1]
	if last.Kind != vehicle.Serviced || last.Km != 42_300 || len(last.Lines) != 2 || !vehicle.Unbroken(v.ID, es) {
		t.Errorf("the history ends with %+v", last)
	}
	k, err := vehicle.KeeperOf(g, v.ID)
	y.must(err)
	if garage, err := vehicle.GarageByID(g, k.Garage); err != nil || garage.Repairer != o.Dealer {
		t.Errorf("the garage prefers %q, %v", garage.Repairer, err)
	}
	// What was done is not due again.
	known := duster()
	known.VIN, known.Km = yardVIN, 42_400
	if _, err := y.Workshop.Known(g, &known, shop.Market); err != nil || len(known.Visits) != 1 {
		t.Errorf("%d visits are known, %v", len(known.Visits), err)
	}
	y.Healthy("mail_leaves")
}

func TestEachWayToPayBooksTheSlot(t *testing.T) {
	t.Parallel()
	for pay, held := range map[workshop.Pay]bool{workshop.PayFull: true, workshop.PayDeposit: true, workshop.PayAtDesk: false} {
		t.Run(string(pay), func(t *testing.T) {
			t.Parallel()
			y := open(t)
			o := y.book(pay, "brake-fluid")
			y.is(o, ordering.Accepted)
			y.settle(o.ID)
			if _, kept := y.AtBank(); (kept > 0) != held {
				t.Errorf("the bank keeps %d", kept)
			}
			y.must(y.try(func(ctx context.Context, tx *db.Tx) error { return y.Sale.CancelTx(ctx, tx, o.ID) }))
			y.settle(o.ID)
			if held, kept := y.AtBank(); held != 0 || kept != 0 || y.booking(o).State != aftersales.Cancelled {
				t.Errorf("after the cancellation the bank has %d and %d, the slot is %s", held, kept, y.booking(o).State)
			}
			y.Healthy("mail_leaves")
		})
	}
}

func TestASlotIsNeverLostNorKept(t *testing.T) {
	t.Parallel()
	y := open(t)
	lines := y.lines(duster(), "brake-fluid")
	total, _ := aftersales.Sum(lines)
	start := y.slot(aftersales.CourtesyCar, 12, lines).StartsAt
	first, err := y.hold(duster(), start, aftersales.CourtesyCar, "brake-fluid")
	y.must(err)
	if _, err := y.hold(duster(), start, aftersales.CourtesyCar, "brake-fluid"); !errors.Is(err, aftersales.ErrNoCourtesy) {
		t.Errorf("one courtesy car was promised twice: %v", err)
	}
	if _, err := y.place(first, "gold", total.Minor); !errors.Is(err, workshop.ErrPay) {
		t.Errorf("paid in gold: %v", err)
	}
	if _, err := y.place(first, workshop.PayFull, total.Minor-1); !errors.Is(err, workshop.ErrChanged) {
		t.Errorf("another price: %v", err)
	}
	if _, err := y.place(first[:len(first)-4]+"xyz9", workshop.PayFull, total.Minor); !errors.Is(err, aftersales.ErrNoBooking) {
		t.Errorf("a forged link: %v", err)
	}
	y.Clock.Advance(time.Hour)
	if _, err := y.place(first, workshop.PayFull, total.Minor); !errors.Is(err, aftersales.ErrLapsed) {
		t.Errorf("booked after the hold: %v", err)
	}
	y.must(y.Sale.Sweep(t.Context()))
	if _, err := y.hold(duster(), start, aftersales.CourtesyCar, "brake-fluid"); err != nil {
		t.Errorf("the slot of a lapsed hold stays taken: %v", err)
	}
	if _, err := y.hold(duster(), y.Clock.Now().Add(-time.Hour), aftersales.OnFoot, "brake-fluid"); !errors.Is(err, aftersales.ErrPast) {
		t.Errorf("a slot in the past: %v", err)
	}
	if _, err := y.hold(duster(), start, aftersales.OnFoot); !errors.Is(err, workshop.ErrNothing) {
		t.Errorf("nothing to do: %v", err)
	}
	wrong := duster()
	wrong.Plate = "AB 123 CD 45"
	if _, err := y.hold(wrong, start, aftersales.OnFoot, "brake-fluid"); !errors.Is(err, aftersales.ErrPlate) {
		t.Errorf("a plate of another market: %v", err)
	}
}

func TestWhatIsBeingWorkedAtCannotBeLeft(t *testing.T) {
	t.Parallel()
	y := open(t)
	o := y.book(workshop.PayAtDesk, "brake-fluid")
	y.must(y.arrive(o, 42_001, false))
	y.must(y.try(func(ctx context.Context, tx *db.Tx) error { return y.Workshop.WorkTx(ctx, tx, y.staff, o.Number) }))
	if err := y.try(func(ctx context.Context, tx *db.Tx) error { return y.Sale.CancelTx(ctx, tx, o.ID) }); !errors.Is(err, workshop.ErrInWork) {
		t.Errorf("left in the middle of the work: %v", err)
	}
	y.is(o, ordering.Arrived)
	other := y.staff
	other.Dealer = "gb-london-kestrel"
	if err := y.try(func(ctx context.Context, tx *db.Tx) error { return y.Workshop.WorkTx(ctx, tx, other, o.Number) }); !errors.Is(err, ordering.ErrNoOrder) {
		t.Errorf("another dealer works at it: %v", err)
	}
}

func TestAVisitMovesAndItsOrderSaysSo(t *testing.T) {
	t.Parallel()
	y := open(t)
	o := y.book(workshop.PayAtDesk, "brake-fluid")
	next := y.slot(aftersales.OnFoot, 20, y.lines(duster(), "brake-fluid")).StartsAt
	y.must(y.try(func(ctx context.Context, tx *db.Tx) error {
		locked, err := ordering.LockTx(tx, o.ID)
		if err != nil {
			return err
		}
		return y.Workshop.MoveTx(ctx, tx, locked, next, "buyer", false)
	}))
	if now := y.Order(o.ID); !now.Snapshot.Visit.StartsAt.Equal(next) || !y.booking(o).StartsAt.Equal(next) {
		t.Errorf("the order says %s, the booking %s", now.Snapshot.Visit.StartsAt, y.booking(o).StartsAt)
	}
	y.Clock.Set(next.Add(time.Hour))
	y.must(y.try(func(ctx context.Context, tx *db.Tx) error { return y.Workshop.NoShowTx(ctx, tx, y.staff, o.Number) }))
	y.is(o, ordering.Cancelled)
	if s := y.booking(o).State; s != aftersales.NoShow {
		t.Errorf("the slot is %s", s)
	}
	y.Healthy("mail_leaves")
}

// Who orders and does not pay has no slot: it is free again when the card page ends, and nobody's money is kept.
func TestASlotOfAnOrderThatNobodyPaidIsFree(t *testing.T) {
	t.Parallel()
	y := open(t)
	lines := y.lines(duster(), "brake-fluid")
	total, _ := aftersales.Sum(lines)
	start := y.slot(aftersales.CourtesyCar, 12, lines).StartsAt
	token, err := y.hold(duster(), start, aftersales.CourtesyCar, "brake-fluid")
	y.must(err)
	var p sale.Placed
	y.must(y.try(func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = y.Workshop.PlaceTx(ctx, tx, shop, token, workshop.Buy{Buyer: testkit.Buyer, SeenTotal: total.Minor, Pay: workshop.PayFull})
		return err
	}))
	_, err = y.Sale.CardPage(t.Context(), p.Payment)
	y.must(err)
	o := y.Order(p.Order)
	if b := y.booking(o); o.State != ordering.Checkout || b.State != aftersales.Booked {
		t.Fatalf("the order is %s, its slot %s", o.State, b.State)
	}
	y.Clock.Advance(31 * time.Minute)
	y.must(y.Sale.Sweep(t.Context()))
	y.settle(o.ID)
	y.is(o, ordering.Lapsed)
	if b := y.booking(o); b.State != aftersales.Cancelled {
		t.Errorf("the slot of an order that lapsed is %s", b.State)
	}
	if _, err := y.hold(duster(), start, aftersales.CourtesyCar, "brake-fluid"); err != nil {
		t.Errorf("nobody else gets it: %v", err)
	}
	y.Healthy("mail_leaves")
}

// What the house knows of a car counts, wherever it is registered, and not what somebody took it for.
func TestAKnownCarIsWhatItWas(t *testing.T) {
	t.Parallel()
	y := open(t)
	was := &vehicle.Vehicle{VIN: yardVIN, Market: "fr", Brand: "dacia", Model: "sandero", Title: "Sandero", Fuel: "lpg", Plate: "AB123CD", Registered: "2020-05-06"}
	y.must(y.try(func(_ context.Context, tx *db.Tx) error { return vehicle.RegisterTx(tx, was, "2026-11-24") }))
	o := y.book(workshop.PayAtDesk, "brake-fluid")
	y.must(y.arrive(o, 42_300, true))
	y.ready(o)
	y.must(y.fetch(o))
	g := y.DB.Read(t.Context())
	v, err := vehicle.ByVIN(g, yardVIN)
	y.must(err)
	if v.ID != was.ID || v.Model != "sandero" || v.Fuel != "lpg" || v.Registered != "2020-05-06" || v.Market != "gb" || v.Plate != "LS23ABC" || v.Km != 42_300 {
		t.Errorf("it is %+v now", v)
	}
	// And back where it came from, with a visit in its past.
	y.must(y.try(func(_ context.Context, tx *db.Tx) error { return vehicle.RegisterTx(tx, was, "2026-11-24") }))
	if v, err = vehicle.ByVIN(g, yardVIN); err != nil || v.Market != "fr" {
		t.Errorf("it stays in %s: %v", v.Market, err)
	}
}
