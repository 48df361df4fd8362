package usedcar_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"forecourt/internal/document"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
)

const manchester id.Dealer = "gb-manchester-hollins" // some 60 km from Leeds: the second band

// elsewhere orders the car to Manchester, pays the deposit and has the dealer say yes.
func (y *yard) elsewhere() *ordering.Order {
	y.T.Helper()
	token := y.hold()
	try := func(place id.Dealer, total int64) (p sale.Placed, err error) {
		err = y.DB.InTx(y.T.Context(), func(ctx context.Context, tx *db.Tx) error {
			p, err = y.UsedCar.PlaceTx(ctx, tx, y.shop, token, usedcar.Buy{Buyer: testkit.Buyer, SeenTotal: total, Place: place})
			return err
		})
		return p, err
	}
	for _, place := range []id.Dealer{"gb-plymouth-rame", "it-milano-navigli", "nowhere"} { // too far, another market, none
		if _, err := try(place, 1599000); !errors.Is(err, usedcar.ErrNoMove) {
			y.T.Errorf("brought to %s: %v", place, err)
		}
	}
	if _, err := try(manchester, 1599000); !errors.Is(err, usedcar.ErrChanged) {
		y.T.Errorf("at the price without the transport: %v", err)
	}
	p, err := try(manchester, 1599000+9900)
	if err != nil {
		y.T.Fatal(err)
	}
	o := y.pay(p)
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.Sale.AcceptTx(ctx, tx, y.staff, o.Number) })
	y.settle(o.ID)
	return y.Order(o.ID)
}

func (y *yard) transfer(o *ordering.Order, want usedcars.TransferState) *usedcars.Transfer {
	y.T.Helper()
	t, err := usedcars.TransferOf(y.DB.Read(y.T.Context()), o.ID)
	if err != nil || t.State != want {
		y.T.Fatalf("the transfer is %+v, not %s, %v", t, want, err)
	}
	return t
}

func (y *yard) receive(by sale.Staff, o *ordering.Order, e ordering.Event, checks ...string) error {
	return y.DB.InTx(y.T.Context(), func(ctx context.Context, tx *db.Tx) error {
		return y.UsedCar.ReceiveTx(ctx, tx, by, o.Number, e, checks)
	})
}

func (y *yard) send(o *ordering.Order) {
	y.T.Helper()
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.StepTx(ctx, tx, y.staff, o.Number, sale.Progress{Event: ordering.Fetch})
	})
}

func TestACarIsFetchedAtAnotherSite(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.Work()
	there, other := sale.Staff{User: id.New[id.User](), Dealer: manchester}, sale.Staff{User: id.New[id.User](), Dealer: "gb-london-kestrel"}
	o := y.elsewhere()
	q := o.Snapshot.Quote
	if o.State != ordering.Accepted || o.Dealer != testkit.Leeds || o.Place() != manchester || o.TotalMinor != 1608900 || len(q.Lines) != 2 || len(o.Snapshot.Lines) != 2 || o.Snapshot.Lines[0].Amount.Minor != 1599000 {
		t.Fatalf("ordered is %s of %s at %s for %d: %+v", o.State, o.Dealer, o.Place(), o.TotalMinor, o.Snapshot.Lines)
	}
	if fee := q.Lines[1]; q.Lines[0].VAT.Minor != 0 || !q.Lines[0].Margin || fee.Margin || fee.VATRateBP != 2000 || fee.VAT.Minor != 1650 || q.VAT != fee.VAT {
		t.Errorf("the lines are taxed %+v, in all %s", q.Lines, q.VAT)
	}
	// The sender is reminded at its deadline, the office a day later, nobody twice.
	x := y.transfer(o, usedcars.ToSend)
	if on := o.Snapshot.Used.Moved.On; on != "2026-11-30" || !x.DueAt.Equal(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) || x.SendBy.Sub(x.DueAt) != -24*time.Hour {
		t.Errorf("promised is %s, to be sent by %s and there by %s", on, x.SendBy, x.DueAt)
	}
	y.sweep(x.SendBy.Sub(y.Clock.Now()) - time.Minute)
	if x = y.transfer(o, usedcars.ToSend); x.Rung != 0 {
		t.Errorf("somebody is told of a deadline that has not passed: %+v", x)
	}
	y.sweep(2 * time.Minute)
	y.sweep(time.Minute)
	if x = y.transfer(o, usedcars.ToSend); x.Rung != 1 || !x.Late(y.Clock.Now()) {
		t.Errorf("after the deadline: %+v", x)
	}
	y.sweep(24 * time.Hour)
	if x = y.transfer(o, usedcars.ToSend); x.Rung != 2 || !x.RungDue.IsZero() {
		t.Errorf("a day after the deadline: %+v", x)
	}
	testkit.Eventually(t, "letters to both sites and to the office", func() bool {
		n := 0
		for _, m := range y.Mails.Sent() {
			if strings.Contains(m.Text, "/dealer/used/moves/"+o.Number) || strings.Contains(m.Text, "/manager/used") {
				n++
			}
		}
		return n == 3
	})
	// Who takes no part does nothing, and nobody does the other's part.
	for by, e := range map[sale.Staff]ordering.Event{other: ordering.Arrive, y.staff: ordering.Arrive} {
		if err := y.receive(by, o, e); !errors.Is(err, usedcars.ErrNoTransfer) {
			t.Errorf("%s receives the car: %v", by.Dealer, err)
		}
	}
	if err := y.receive(there, o, ordering.Fetch); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("the receiver sends it: %v", err)
	}
	if err := y.receive(there, o, ordering.Arrive); !errors.Is(err, ordering.ErrMoved) {
		t.Errorf("it came before it was sent: %v", err)
	}
	y.send(o)
	if x = y.transfer(o, usedcars.OnWay); x.Rung != 0 || y.Order(o.ID).VIN == "" {
		t.Errorf("on its way: %+v", x)
	}
	if err := y.receive(there, o, ordering.Arrive); err != nil {
		t.Fatal(err)
	}
	if err := y.receive(there, o, ordering.Prepare, "inspection"); !errors.Is(err, sale.ErrChecks) {
		t.Errorf("prepared with one check: %v", err)
	}
	for _, e := range []ordering.Event{ordering.Prepare, ordering.Release} {
		if err := y.receive(there, o, e, ordering.PreparationItems...); err != nil {
			t.Fatal(err)
		}
	}
	y.handOverThere(there, o)
	y.Healthy("mail_leaves")
}

// handOverThere books a time at the receiving site, pays the rest and hands over there; the invoice is the seller's.
func (y *yard) handOverThere(there sale.Staff, o *ordering.Order) {
	t := y.T
	t.Helper()
	d, _ := y.World.Now().Dealer(manchester)
	mk, _ := y.World.Now().Market("gb")
	slots := d.Slots(mk, y.Clock.Now(), nil, false)
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.Sale.BookTx(ctx, tx, o.ID, slots[0].StartsAt) })
	if a, err := network.BookedOf(y.DB.Read(t.Context()), o.ID); err != nil || a == nil || a.Dealer != manchester {
		t.Errorf("booked is %+v, %v", a, err)
	}
	give := func() error {
		return y.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return y.UsedCar.GiveTx(ctx, tx, there, o.Number, sale.HandOver{Code: o.PickupCode, Checks: ordering.HandoverItems, OdometerKm: 41080})
		})
	}
	if err := give(); !errors.Is(err, sale.ErrUnpaid) {
		t.Errorf("handed over unpaid: %v", err)
	}
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.RecordDeskTx(ctx, tx, y.staff, o.Number, payment.ByDeskTransfer, o.TotalMinor-o.DepositMinor, "REF 1")
	})
	if err := give(); err != nil {
		t.Fatal(err)
	}
	y.transfer(o, usedcars.Done)
	y.is(usedcars.Gone)
	inv, err := document.Latest(y.DB.Read(t.Context()), o.ID, document.Invoice)
	leeds, _ := y.World.Now().Dealer(testkit.Leeds)
	if err != nil || !strings.HasPrefix(inv.Number, leeds.Series) || inv.Content.Seller.Name != leeds.LegalName || len(inv.Content.Lines) != 2 {
		t.Errorf("the invoice is %+v, %v", inv, err)
	}
}

// A car that was sent for an order that ends has to come back, and its sender says when it has.
func TestACarComesBackWhenItsOrderEnds(t *testing.T) {
	t.Parallel()
	y := open(t)
	there := sale.Staff{User: id.New[id.User](), Dealer: manchester}
	o := y.elsewhere()
	y.send(o)
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.Sale.CancelTx(ctx, tx, o.ID) })
	y.settle(o.ID)
	y.is(usedcars.Listed)
	y.transfer(o, usedcars.Back)
	back := func(by sale.Staff) error {
		return y.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.BackTx(ctx, tx, by, o.Number) })
	}
	if err := back(there); !errors.Is(err, usedcars.ErrNoTransfer) {
		t.Errorf("the receiver says that it is back: %v", err)
	}
	if err := back(y.staff); err != nil {
		t.Fatal(err)
	}
	y.transfer(o, usedcars.Off)
	if err := back(y.staff); !errors.Is(err, usedcars.ErrMoved) {
		t.Errorf("back a second time: %v", err)
	}
	y.Healthy("mail_leaves", "money_returns")
}
