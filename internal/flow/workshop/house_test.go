package workshop_test

import (
	"context"
	"testing"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/flow/workshop"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

var shop = sale.Shop{Brand: "dacia", Market: "gb", Flow: id.FlowService, Locale: "en-GB"}

// yard is Leeds with two bays, two people, and one courtesy car.
type yard struct {
	*testkit.Kit
	staff sale.Staff
}

const yardVIN = "UU1DJF00X64123456"

// duster is what its keeper tells of his car.
func duster() aftersales.Car {
	return aftersales.Car{Brand: "dacia", Model: "duster", Fuel: "petrol", Registered: "2023-03-10", Km: 42_000, Plate: "LS23ABC"}
}

func open(t *testing.T) *yard {
	t.Helper()
	y := &yard{testkit.New(t), sale.Staff{User: id.New[id.User](), Dealer: testkit.Leeds}}
	site, ok := y.World.Now().Dealer(testkit.Leeds)
	if !ok {
		t.Fatal("no site")
	}
	week := site.Hours
	all := []aftersales.Skill{aftersales.General, aftersales.Electric, aftersales.Diagnosis, aftersales.Tyres}
	c := &aftersales.Capacity{Dealer: testkit.Leeds, Bays: []aftersales.Bay{{No: 1, Skills: all}, {No: 2, Skills: all}},
		Technicians: []aftersales.Technician{{No: 1, Name: "Jo Marsh", Skills: all, Hours: week}, {No: 2, Name: "Lee Holt", Skills: all, Hours: week}},
		Courtesy:    []aftersales.Courtesy{{No: 1, Kind: "small", Plate: "LS25CAR"}}}
	for _, p := range y.World.Now().Service().Parts {
		c.Stock = append(c.Stock, aftersales.Stock{Part: p.Code, OnHand: 40, LeadDays: 2})
	}
	y.Tx(func(_ context.Context, tx *db.Tx) error { return aftersales.SaveTx(tx, c) })
	return y
}

// lines are what a car needs by the book today, and what is picked beside it.
func (y *yard) lines(c aftersales.Car, codes ...string) []aftersales.Line {
	y.T.Helper()
	mk, err := y.Sale.Market(shop.Market)
	y.must(err)
	var picks []aftersales.Pick
	for _, code := range codes {
		picks = append(picks, aftersales.Pick{Code: code})
	}
	ls, err := y.World.Now().Service().Pick(mk, c, market.DateOf(y.Clock.Now()), picks)
	y.must(err)
	return ls
}

func (y *yard) must(err error) {
	y.T.Helper()
	if err != nil {
		y.T.Fatal(err)
	}
}

// slot is the n-th free slot for some work at Leeds.
func (y *yard) slot(mobility aftersales.Mobility, n int, lines []aftersales.Line) aftersales.Slot {
	y.T.Helper()
	site, _ := y.World.Now().Dealer(testkit.Leeds)
	ss, err := y.Workshop.Slots(y.T.Context(), shop, y.sites(site.Code), lines, mobility, y.Clock.Now(), 14, n+1)
	y.must(err)
	if len(ss) <= n {
		y.T.Fatalf("%d free slots", len(ss))
	}
	return ss[n]
}

// hold takes a slot for work and gives its secret.
func (y *yard) hold(c aftersales.Car, start time.Time, mobility aftersales.Mobility, codes ...string) (string, error) {
	y.T.Helper()
	w := workshop.Wish{Car: c, Title: "Dacia Duster", Dealer: testkit.Leeds, Start: start, Mobility: mobility, Source: aftersales.FromWeb}
	for _, code := range codes {
		w.Picks = append(w.Picks, aftersales.Pick{Code: code})
	}
	var b *aftersales.Booking
	err := y.DB.InTx(y.T.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		b, err = y.Workshop.HoldTx(ctx, tx, shop, w)
		return err
	})
	if err != nil {
		return "", err
	}
	return y.Workshop.VisitToken(b.ID), nil
}

// place makes an order of what is held; it is paid by card where the way to pay asks for it.
func (y *yard) place(token string, pay workshop.Pay, seen int64) (*ordering.Order, error) {
	y.T.Helper()
	var p sale.Placed
	err := y.DB.InTx(y.T.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = y.Workshop.PlaceTx(ctx, tx, shop, token, workshop.Buy{Buyer: testkit.Buyer, SeenTotal: seen, Pay: pay})
		return err
	})
	if err != nil {
		return nil, err
	}
	if p.Payment != "" {
		page, err := y.Sale.CardPage(y.T.Context(), p.Payment)
		y.must(err)
		_, err = banktest.Pay(y.T.Context(), nil, page, testkit.Good)
		y.must(err)
		y.settle(p.Order) // it is reserved, and the calendar's yes asks for it
		y.settle(p.Order)
	}
	return y.Order(p.Order), nil
}

func (y *yard) settle(o id.Order) {
	y.T.Helper()
	ps, err := payment.Of(y.DB.Read(y.T.Context()), o)
	y.must(err)
	for _, p := range ps {
		y.must(y.Sale.Settle(y.T.Context(), p.ID))
	}
}

// book is a whole booking: the first free slot, paid in a way.
func (y *yard) book(pay workshop.Pay, codes ...string) *ordering.Order {
	y.T.Helper()
	lines := y.lines(duster(), codes...)
	token, err := y.hold(duster(), y.slot(aftersales.OnFoot, 0, lines).StartsAt, aftersales.OnFoot, codes...)
	y.must(err)
	total, _ := aftersales.Sum(lines)
	o, err := y.place(token, pay, total.Minor)
	y.must(err)
	return o
}

func (y *yard) booking(o *ordering.Order) *aftersales.Booking {
	y.T.Helper()
	b, err := aftersales.OfOrder(y.DB.Read(y.T.Context()), o.ID)
	y.must(err)
	return b
}

func (y *yard) try(fn func(ctx context.Context, tx *db.Tx) error) error {
	return y.DB.InTx(y.T.Context(), fn)
}

func (y *yard) arrive(o *ordering.Order, km int, papers bool) error {
	return y.try(func(ctx context.Context, tx *db.Tx) error {
		return y.Workshop.ArriveTx(ctx, tx, y.staff, o.Number, workshop.Arrival{VIN: yardVIN, Plate: "LS23 ABC", Km: km, Papers: papers})
	})
}

func (y *yard) ready(o *ordering.Order) {
	y.T.Helper()
	y.must(y.try(func(ctx context.Context, tx *db.Tx) error {
		return y.Sale.StepTx(ctx, tx, y.staff, o.Number, sale.Progress{Event: ordering.Release})
	}))
}

func (y *yard) fetch(o *ordering.Order) error {
	o = y.Order(o.ID)
	return y.try(func(ctx context.Context, tx *db.Tx) error {
		w, err := sale.WholeOf(tx.DB, o.ID)
		if owed := payment.Owed(o.TotalMinor, w.PaidMinor, w.Payments); err == nil && owed > 0 {
			err = y.Sale.RecordDeskTx(ctx, tx, y.staff, o.Number, payment.ByDeskCard, owed, "T-1")
		}
		if err != nil {
			return err
		}
		return y.Sale.HandOverTx(ctx, tx, y.staff, o.Number, sale.HandOver{Code: o.PickupCode, Checks: workshop.Checks})
	})
}

func (y *yard) is(o *ordering.Order, want ordering.State) *ordering.Order {
	y.T.Helper()
	now := y.Order(o.ID)
	if now.State != want {
		y.T.Fatalf("the order is %s, not %s", now.State, want)
	}
	return now
}

// sites are dealers by their codes.
func (y *yard) sites(codes ...id.Dealer) (out []*network.Dealer) {
	for _, c := range codes {
		if d, ok := y.World.Now().Dealer(c); ok {
			out = append(out, d)
		}
	}
	return out
}
