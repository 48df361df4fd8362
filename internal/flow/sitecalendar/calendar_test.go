package sitecalendar_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/flow/sitecalendar"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/testkit"
)

var boss = identity.User{ID: "0198a000-0000-7000-8000-000000000001", Role: identity.RoleDealer, Grants: []identity.Grant{{Role: identity.SiteManager, Dealer: testkit.Leeds}}}

func act(k *testkit.Kit, do func(ctx context.Context, tx *db.Tx) error) error {
	k.T.Helper()
	if err := k.DB.InTx(k.T.Context(), do); err != nil {
		return err
	}
	return k.World.Refresh(k.T.Context())
}

func site(t *testing.T, k *testkit.Kit) *network.Dealer {
	t.Helper()
	d, ok := k.World.Now().Dealer(testkit.Leeds)
	if !ok {
		t.Fatal("no site")
	}
	return d
}

// one reads a single figure.
func one(k *testkit.Kit, into *int, query string) {
	k.T.Helper()
	if _, err := db.One(k.DB.Read(k.T.Context()), into, query); err != nil {
		k.T.Fatal(err)
	}
}

var open = network.Week{"wed": {{Opens: "09:00", Closes: "17:00"}}, "thu": {{Opens: "09:00", Closes: "17:00"}}}

func TestAChangeIsSeenDatedAndAudited(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	s := &sitecalendar.Service{DB: k.DB, World: k.World}
	plan := network.Plan{From: "2026-11-26", Hours: open, Bays: 7, Skills: []network.Skill{network.SkillSign}}
	if err := act(k, func(ctx context.Context, tx *db.Tx) error { return s.SavePlanTx(ctx, tx, boss, testkit.London, plan) }); !errors.Is(err, identity.ErrGrant) {
		t.Errorf("at another site: %v", err)
	}
	sales := boss
	sales.Grants = []identity.Grant{{Role: identity.Sales, Dealer: testkit.Leeds}}
	if err := act(k, func(ctx context.Context, tx *db.Tx) error { return s.SavePlanTx(ctx, tx, sales, testkit.Leeds, plan) }); !errors.Is(err, identity.ErrGrant) {
		t.Errorf("by one who sells: %v", err)
	}
	before := site(t, k).Bays
	if err := act(k, func(ctx context.Context, tx *db.Tx) error { return s.SavePlanTx(ctx, tx, boss, testkit.Leeds, plan) }); err != nil {
		t.Fatal(err)
	}
	if d := site(t, k); d.Bays != before || d.BaysOn(k.Clock.Now().AddDate(0, 0, 2)) != 7 || d.Has(network.SkillSign) != true {
		t.Errorf("today %d bays, in two days %d", d.Bays, d.BaysOn(k.Clock.Now().AddDate(0, 0, 2)))
	}
	k.Clock.Advance(48 * time.Hour)
	if err := k.World.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := site(t, k); d.Bays != 7 || d.Has(network.SkillElectric) {
		t.Errorf("when it has begun: %d bays", d.Bays)
	}
	if err := act(k, func(ctx context.Context, tx *db.Tx) error {
		return s.DropPlanTx(ctx, tx, boss, testkit.Leeds, "2026-11-26")
	}); !errors.Is(err, network.ErrNoDay) {
		t.Errorf("a plan that has begun is taken away: %v", err)
	}
	day := network.Day{Date: "2026-12-03", Bays: network.AsAlways, Reason: "Anna's wedding"}
	if err := act(k, func(ctx context.Context, tx *db.Tx) error { return s.SaveDayTx(ctx, tx, boss, testkit.Leeds, day) }); err != nil {
		t.Fatal(err)
	}
	var rows, named int
	one(k, &rows, `SELECT count(*) FROM audit_log WHERE action LIKE 'site.%' AND subject = 'dealer:gb-leeds-northgate' AND new IS NOT NULL`)
	one(k, &named, `SELECT count(*) FROM audit_log WHERE old::text || new::text LIKE '%Anna%'`)
	if rows != 2 || named != 0 {
		t.Errorf("%d audit rows, %d with a name", rows, named)
	}
}

func ready(k *testkit.Kit, vin string) *ordering.Order {
	k.T.Helper()
	o := k.Buy()
	k.Tx(func(_ context.Context, tx *db.Tx) error {
		return tx.Exec(`UPDATE orders SET state = 'ready', vin = ? WHERE id = ?`, vin, o.ID).Error
	})
	return o
}

func TestABookedHandoverHoldsTheCalendar(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	s := &sitecalendar.Service{DB: k.DB, World: k.World}
	mk, _ := k.World.Now().Market("gb")
	o := ready(k, "VF1RJA00X74471902")
	slot := site(t, k).Slots(mk, k.Clock.Now().Add(24*time.Hour), nil)[0]
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.BookTx(ctx, tx, o.ID, slot.StartsAt) })
	day := network.Day{Date: "2026-11-25", Bays: network.AsAlways, Reason: "stocktaking"}
	save := func() error {
		return act(k, func(ctx context.Context, tx *db.Tx) error { return s.SaveDayTx(ctx, tx, boss, testkit.Leeds, day) })
	}
	if err := save(); !errors.Is(err, network.ErrBooked) {
		t.Errorf("the day is shut over a booked handover: %v", err)
	}
	var n int
	if one(k, &n, `SELECT count(*) FROM site_days`); n != 0 {
		t.Errorf("%d days are kept", n)
	}
	k.Tx(func(_ context.Context, tx *db.Tx) error { return network.ReleaseTx(tx, o.ID) })
	if err := save(); err != nil {
		t.Fatal(err)
	}
	if err := act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.BookTx(ctx, tx, o.ID, slot.StartsAt) }); !errors.Is(err, network.ErrNoSlot) {
		t.Errorf("booking on a shut day: %v", err)
	}
	// An instance whose picture is old offers the slot still; the schema does not take it.
	err := act(k, func(ctx context.Context, tx *db.Tx) error {
		return network.BookTx(tx, &network.Appointment{Order: o.ID, Market: "gb", Dealer: testkit.Leeds, StartsAt: slot.StartsAt, EndsAt: slot.EndsAt}, 3)
	})
	if !errors.Is(err, network.ErrSlotTaken) {
		t.Errorf("booking with an old picture: %v", err)
	}
}

// Many buyers book a slot and the one beside it that overlaps, while the manager takes bays away and gives
// them back: at no instant more handovers than bays, and never two in one bay.
func TestNothingIsOverbookedWhileTheCalendarMoves(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	s := &sitecalendar.Service{DB: k.DB, World: k.World}
	mk, _ := k.World.Now().Market("gb")
	slot := site(t, k).Slots(mk, k.Clock.Now().Add(24*time.Hour), nil)[0]
	var orders []id.Order
	for _, tail := range []string{"02", "03", "04", "05", "06", "07", "08", "09"} {
		orders = append(orders, ready(k, "VF1RJA00X744719"+tail).ID)
	}
	var wg sync.WaitGroup
	var changed atomic.Int64
	for i, o := range orders {
		wg.Go(func() {
			for n := range 3 {
				start := slot.StartsAt.Add(time.Duration((i+n)%2) * 30 * time.Minute)
				a := &network.Appointment{Order: o, Market: "gb", Dealer: testkit.Leeds, StartsAt: start, EndsAt: start.Add(network.SlotLength)}
				err := k.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error { return network.BookTx(tx, a, 3) })
				if err != nil && !errors.Is(err, network.ErrSlotTaken) {
					t.Errorf("a buyer hears %v", err)
				}
			}
		})
	}
	wg.Go(func() {
		for i := range 6 {
			day := network.Day{Date: "2026-11-25", Spans: []network.Span{{Opens: "08:30", Closes: "18:30"}}, Bays: 1 + i%3, Reason: "lift"}
			err := k.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return s.SaveDayTx(ctx, tx, boss, testkit.Leeds, day) })
			switch {
			case err == nil:
				changed.Add(1)
			case !errors.Is(err, network.ErrBooked):
				t.Errorf("the manager hears %v", err)
			}
		}
	})
	wg.Wait()
	var over, booked int
	one(k, &over, `SELECT count(*) FROM appointments a JOIN appointments b ON a.dealer = b.dealer AND a.bay = b.bay AND a.id < b.id AND a.state <> 'released' AND b.state <> 'released' AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at`)
	one(k, &booked, `SELECT count(*) FROM appointments a WHERE state = 'booked' AND bay > coalesce((SELECT bays FROM site_days d WHERE d.dealer = a.dealer), 3)`)
	if over != 0 || booked != 0 {
		t.Errorf("%d pairs share a bay, %d stand in bays that there are not", over, booked)
	}
	var all int
	if one(k, &all, `SELECT count(*) FROM appointments WHERE state = 'booked'`); all == 0 || all > 3 || changed.Load() == 0 {
		t.Errorf("%d booked, %d changes of the calendar", all, changed.Load())
	}
}
