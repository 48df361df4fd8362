package aftersales_test

import (
	"errors"
	"testing"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
)

func TestGoodsAreKeptForWhoFetchesThem(t *testing.T) {
	t.Parallel()
	g := newGarage(t, &aftersales.Capacity{Bays: bays(1), Technicians: people(1), Stock: []aftersales.Stock{{Part: "mats", OnHand: 1, LeadDays: 3}, {Part: "last", OnHand: 1, LeadDays: aftersales.Never}}})
	need := func(part string, n int) []aftersales.Need {
		return []aftersales.Need{{Part: part, Quantity: n, LeadDays: aftersales.Never}}
	}
	reserve := func(o id.Order, needs []aftersales.Need) (on market.Date, err error) {
		err = g.try(func(tx *db.Tx) error {
			on, err = aftersales.ReserveTx(tx, g.site, o, needs)
			return err
		})
		return on, err
	}
	first, second := id.New[id.Order](), id.New[id.Order]()
	if on, err := reserve(first, need("mats", 1)); err != nil || on != "2026-11-24" {
		t.Errorf("from the shelf: %s, %v", on, err)
	}
	if on, err := reserve(second, need("mats", 1)); err != nil || on != "2026-11-27" {
		t.Errorf("one that is ordered: %s, %v", on, err)
	}
	third := id.New[id.Order]()
	if _, err := reserve(third, need("last", 2)); !errors.Is(err, aftersales.ErrNoPart) {
		t.Errorf("two of the last one: %v", err)
	}
	if _, err := reserve(third, need("unknown", 1)); !errors.Is(err, aftersales.ErrNoPart) {
		t.Errorf("what there is not: %v", err)
	}
	g.in(func(tx *db.Tx) error { return aftersales.UnreserveTx(tx, g.site.Code, second) })
	g.in(func(tx *db.Tx) error { return aftersales.FetchedTx(tx, g.site.Code, first) })
	if on, err := reserve(third, need("mats", 1)); err != nil || on != "2026-11-27" { // what was ordered for the second
		t.Errorf("what another left: %s, %v", on, err)
	}
	var ordered int
	if _, err := db.One(g.db.Read(t.Context()), &ordered, `SELECT sum(quantity) FROM service_supplies`); err != nil || ordered != 1 {
		t.Errorf("%d ordered: %v", ordered, err)
	}
}

func TestAServicePlanIsUsedUpByVisits(t *testing.T) {
	t.Parallel()
	g, book := newGarage(t, &aftersales.Capacity{Bays: bays(1), Technicians: people(1)}), demoBook(t)
	plan, _ := book.Contract("plan-3")
	v := id.New[id.Vehicle]()
	g.in(func(tx *db.Tx) error {
		err := tx.Exec(`INSERT INTO vehicles (id, vin, market, brand, model, title, fuel, registered_on, added_at) VALUES (?, 'UU1RJU00X24D23456', 'gb', 'dacia', 'duster', 'Dacia Duster', 'petrol', '2024-06-10', ?)`, v, tx.Now).Error
		if err != nil {
			return err
		}
		return aftersales.SellContractTx(tx, plan, "dacia", "gb", v, "", "2026-02-28")
	})
	owned := func() aftersales.Owned {
		list, err := aftersales.ContractsOf(g.db.Read(t.Context()), v)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		return list[0]
	}
	if o := owned(); o.Code != "plan-3" || o.Until != "2029-02-27" || o.Visits != 3 {
		t.Errorf("%+v", o)
	}
	for i, day := range []string{"2026-11-25", "2026-11-26", "2026-11-30", "2026-12-01"} {
		lines := work(60)
		lines[0].Cover = "plan-3"
		h := g.hold(g.at(day, "09:00"), append(lines, lines[0])) // two lines of one visit
		h.Vehicle = v
		g.in(func(tx *db.Tx) error {
			b, err := aftersales.HoldTx(tx, h)
			if err != nil {
				return err
			}
			for range 2 {
				if err := aftersales.UseContractTx(tx, b); err != nil {
					return err
				}
			}
			return nil
		})
		if o := owned(); o.Visits != max(2-i, 0) {
			t.Errorf("after visit %d: %+v", i+1, o)
		}
	}
}

func TestSitesAndCarsFindTheirVisits(t *testing.T) {
	t.Parallel()
	g, book := newGarage(t, &aftersales.Capacity{Bays: bays(2), Technicians: people(2)}), demoBook(t)
	b := g.book(g.at("2026-11-25", "09:00"), work(60))
	read := g.db.Read(t.Context())
	if list, err := aftersales.Queue(read, g.site.Code, 10); err != nil || len(list) != 1 || list[0].ID != b.ID || list[0].Lines[0].Amount != b.Lines[0].Amount {
		t.Errorf("the queue: %v, %v", list, err)
	}
	if x, err := aftersales.BookingAt(read, g.site.Code, b.ID); err != nil || !x.StartsAt.Equal(b.StartsAt) {
		t.Errorf("its own: %v", err)
	}
	if _, err := aftersales.BookingAt(read, "gb-elsewhere", b.ID); !errors.Is(err, aftersales.ErrNoBooking) {
		t.Errorf("another site's: %v", err)
	}
	if _, err := aftersales.OfOrder(read, id.New[id.Order]()); !errors.Is(err, aftersales.ErrNoBooking) {
		t.Errorf("of no order: %v", err)
	}
	if list, err := aftersales.OfVehicle(read, id.New[id.Vehicle](), 5); err != nil || len(list) != 0 {
		t.Errorf("of no car: %v, %v", list, err)
	}
	var w *aftersales.Wait
	g.in(func(tx *db.Tx) (err error) {
		w, err = aftersales.JoinTx(tx, b, g.db.Clock.Now(), b.StartsAt)
		return err
	})
	if n, err := aftersales.Ahead(read, w); err != nil || n != 0 {
		t.Errorf("%d ahead: %v", n, err)
	}
	if on, ok := book.InspectionOf("de", duster(nil), day); !ok || on != "2027-06-10" {
		t.Errorf("inspected on %s, %t", on, ok)
	}
	if _, ok := book.InspectionOf("pt", duster(nil), day); ok {
		t.Error("the law of a market that is none")
	}
}
