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
	slot := site(t, k).Slots(mk, k.Clock.Now().Add(24*time.Hour), nil, false)[0]
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
		return network.BookTx(tx, &network.Appointment{Order: o.ID, Market: "gb", Dealer: testkit.Leeds, StartsAt: slot.StartsAt, EndsAt: slot.EndsAt}, []int{1, 2, 3})
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
	slot := site(t, k).Slots(mk, k.Clock.Now().Add(24*time.Hour), nil, false)[0]
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
				err := k.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error { return network.BookTx(tx, a, []int{1, 2, 3}) })
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

// electric makes an order's car one that runs on its battery alone.
func electric(k *testkit.Kit, o *ordering.Order) *ordering.Order {
	k.Tx(func(_ context.Context, tx *db.Tx) error {
		return tx.Exec(`UPDATE orders SET snapshot = snapshot || '{"electric": true}' WHERE id = ?`, o.ID).Error
	})
	return k.Order(o.ID)
}

// charging gives the site bays with a charger from tomorrow on.
func charging(k *testkit.Kit, charge int, forAll bool) error {
	s := &sitecalendar.Service{DB: k.DB, World: k.World}
	plan := network.Plan{From: "2026-11-25", Hours: network.Week{"wed": {{Opens: "09:00", Closes: "17:00"}}, "thu": {{Opens: "09:00", Closes: "17:00"}}}, Bays: 3, Charge: charge, ForAll: forAll}
	return act(k, func(ctx context.Context, tx *db.Tx) error { return s.SavePlanTx(ctx, tx, boss, testkit.Leeds, plan) })
}

// Electric cars take the bays with a charger, and no others; other cars leave these alone. What is offered is what can be
// booked, the schema refuses the rest, and a booking that the rule would turn away holds the rule up.
func TestElectricCarsAreHandedOverAtAChargerAlone(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	if err := charging(k, 1, false); err != nil {
		t.Fatal(err)
	}
	mk, _ := k.World.Now().Market("gb")
	slot := site(t, k).Slots(mk, k.Clock.Now().Add(24*time.Hour), nil, true)[0]
	if slot.Free != 1 || site(t, k).Slots(mk, k.Clock.Now().Add(24*time.Hour), nil, false)[0].Free != 2 {
		t.Fatalf("%d bays for an electric car", slot.Free)
	}
	first, second := electric(k, ready(k, "VF1RJA00X74471902")), electric(k, ready(k, "VF1RJA00X74471903"))
	var plain []*ordering.Order
	for _, tail := range []string{"04", "05", "06"} {
		plain = append(plain, ready(k, "VF1RJA00X744719"+tail))
	}
	book := func(o *ordering.Order) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.BookTx(ctx, tx, o.ID, slot.StartsAt) })
	}
	for _, c := range []struct {
		o    *ordering.Order
		want error
		bay  int
	}{{plain[0], nil, 2}, {first, nil, 1}, {second, network.ErrNoSlot, 0}, {plain[1], nil, 3}, {plain[2], network.ErrNoSlot, 0}} {
		if err := book(c.o); !errors.Is(err, c.want) {
			t.Fatalf("electric %t: %v, want %v", c.o.Snapshot.Electric, err, c.want)
		}
		if a, err := network.BookedOf(k.DB.Read(t.Context()), c.o.ID); err != nil || (a == nil) != (c.bay == 0) || a != nil && a.Bay != c.bay {
			t.Errorf("electric %t: %+v, want bay %d", c.o.Snapshot.Electric, a, c.bay)
		}
	}
	// An instance of before, or one whose picture is old, takes any bay; the schema does not.
	later := slot.StartsAt.Add(2 * time.Hour)
	for name, c := range map[string]struct {
		o   *ordering.Order
		bay int
	}{"an electric car without a charger": {second, 2}, "a plain one at the charger": {plain[2], 1}, "a fourth bay": {plain[2], 4}} {
		a := &network.Appointment{Order: c.o.ID, Market: "gb", Dealer: testkit.Leeds, StartsAt: later, EndsAt: later.Add(network.SlotLength)}
		if err := act(k, func(_ context.Context, tx *db.Tx) error { return network.BookTx(tx, a, []int{c.bay}) }); !errors.Is(err, network.ErrSlotTaken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var said int
	if one(k, &said, `SELECT count(*) FROM appointments WHERE electric`); said != 1 {
		t.Errorf("%d bookings are of electric cars", said)
	}
	// The rule cannot be changed over a booked handover; it can where each still fits.
	for _, c := range []struct {
		charge int
		forAll bool
		want   error
	}{{2, false, network.ErrBooked}, {3, false, nil}, {2, true, nil}, {0, false, nil}, {4, true, network.ErrCharge}} {
		if err := charging(k, c.charge, c.forAll); !errors.Is(err, c.want) {
			t.Errorf("%d with a charger, for all %t: %v, want %v", c.charge, c.forAll, err, c.want)
		}
	}
}

// Buyers of both kinds of cars book at once: no bay twice, and no car in a bay of the others.
func TestBaysWithAChargerAreNotOverbooked(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	if err := charging(k, 1, false); err != nil {
		t.Fatal(err)
	}
	mk, _ := k.World.Now().Market("gb")
	slot := site(t, k).Slots(mk, k.Clock.Now().Add(24*time.Hour), nil, true)[0]
	var wg sync.WaitGroup
	for i, tail := range []string{"02", "03", "04", "05", "06", "07"} {
		o := ready(k, "VF1RJA00X744719"+tail)
		if i%2 == 0 {
			o = electric(k, o)
		}
		wg.Go(func() {
			err := k.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return k.NewCar.BookTx(ctx, tx, o.ID, slot.StartsAt) })
			if err != nil && !errors.Is(err, network.ErrSlotTaken) && !errors.Is(err, network.ErrNoSlot) {
				t.Errorf("a buyer hears %v", err)
			}
		})
	}
	wg.Wait()
	var plugs, others, wrong int
	one(k, &plugs, `SELECT count(*) FROM appointments WHERE state = 'booked' AND electric AND bay = 1`)
	one(k, &others, `SELECT count(DISTINCT bay) FROM appointments WHERE state = 'booked' AND NOT electric AND bay IN (2, 3)`)
	one(k, &wrong, `SELECT count(*) FROM appointments WHERE state = 'booked' AND electric <> (bay = 1)`)
	if plugs != 1 || others != 2 || wrong != 0 {
		t.Errorf("%d at the charger, %d in other bays, %d in a wrong one", plugs, others, wrong)
	}
}
