package aftersales_test

import (
	"errors"
	"testing"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
)

func TestAHoldLapsesByTheClockAndFreesWhatItTook(t *testing.T) {
	t.Parallel()
	g := newGarage(t, &aftersales.Capacity{Bays: bays(1), Technicians: people(1), Courtesy: []aftersales.Courtesy{{No: 1, Kind: "small"}}, Stock: []aftersales.Stock{{Part: "pads", OnHand: 1, LeadDays: aftersales.Never}}})
	clock := dbtest.Clock(t, g.db)
	h := g.hold(g.at("2026-11-25", "09:00"), work(60, aftersales.Need{Part: "pads", Quantity: 1, LeadDays: aftersales.Never}))
	h.Mobility, h.DueAt = aftersales.CourtesyCar, clock.Now().Add(15*time.Minute)
	var b *aftersales.Booking
	g.in(func(tx *db.Tx) (err error) {
		b, err = aftersales.HoldTx(tx, h)
		return err
	})
	sweep := func() (n int) {
		g.in(func(tx *db.Tx) error {
			over, err := aftersales.SweepTx(tx, 10)
			n = len(over)
			return err
		})
		return n
	}
	other := g.hold(g.at("2026-11-26", "09:00"), h.Lines)
	clock.Advance(15*time.Minute - time.Second)
	if n := sweep(); n != 0 || !errors.Is(g.refused(other), aftersales.ErrNoPart) {
		t.Fatalf("a second before: %d lapsed, the last part is given away", n)
	}
	clock.Advance(time.Second)
	if err := g.try(func(tx *db.Tx) error { return aftersales.ConfirmTx(tx, b, "", g.site) }); !errors.Is(err, aftersales.ErrLapsed) {
		t.Errorf("confirmed too late: %v", err)
	}
	if n := sweep(); n != 1 || g.state(b.ID) != aftersales.Lapsed {
		t.Errorf("%d lapsed, it is %s", n, g.state(b.ID))
	}
	if n := sweep(); n != 0 {
		t.Errorf("lapsed twice: %d", n)
	}
	h.DueAt = h.Start.Add(time.Hour)
	g.in(func(tx *db.Tx) (err error) {
		if b, err = aftersales.HoldTx(tx, h); err == nil && !b.DueAt.Equal(h.Start) {
			t.Errorf("held until %v, after it has begun", b.DueAt)
		}
		return err // what the first one took is free
	})
}

func TestAPartDecidesTheDay(t *testing.T) {
	t.Parallel()
	g := newGarage(t, &aftersales.Capacity{Bays: bays(3), Technicians: people(3), Stock: []aftersales.Stock{
		{Part: "here", OnHand: 2, LeadDays: 5}, {Part: "coming", LeadDays: 9, Supplies: []aftersales.Supply{{Quantity: 2, DueOn: "2026-11-26"}}}, {Part: "never", LeadDays: aftersales.Never}}})
	first := func(parts ...aftersales.Need) string {
		a := g.ask(60, 20)
		a.Parts, a.First = parts, 1
		if s := g.starts(g.free(a)); len(s) == 1 {
			return s[0]
		}
		return ""
	}
	need := func(part string, n, lead int) aftersales.Need {
		return aftersales.Need{Part: part, Quantity: n, LeadDays: lead}
	}
	for want, parts := range map[string][]aftersales.Need{
		"11-24 10:30": {need("here", 2, 0)},
		"11-26 08:00": {need("here", 1, 0), need("coming", 2, 0)},
		"12-03 08:00": {need("coming", 3, 0)}, // nine days from today
		"11-30 08:00": {need("here", 2, 0), need("here", 1, 0)},
		"11-27 08:00": {need("unknown", 1, 3)},
		"":            {need("here", 1, 0), need("never", 1, 0)},
	} {
		if got := first(parts...); got != want {
			t.Errorf("%v: %q, want %q", parts, got, want)
		}
	}
	// What is reserved is not offered again; what has to be ordered is ordered when the slot is booked.
	b := g.book(g.at("2026-11-27", "09:00"), work(60, need("coming", 2, 0), need("unknown", 1, 3)))
	if got := first(need("coming", 1, 0)); got != "12-03 08:00" {
		t.Errorf("after a booking: %q", got)
	}
	var ordered, shelf int
	count := func(n *int, q string, args ...any) {
		if _, err := db.One(g.db.Read(t.Context()), n, q, args...); err != nil {
			t.Fatal(err)
		}
	}
	if count(&ordered, `SELECT count(*) FROM service_supplies WHERE holder = ? AND part = 'unknown' AND due_on = '2026-11-27'`, b.ID); ordered != 1 {
		t.Errorf("%d orders for what is not there", ordered)
	}
	dbtest.Clock(t, g.db).Set(g.at("2026-11-27", "12:00"))
	g.in(func(tx *db.Tx) error {
		for _, to := range []aftersales.State{aftersales.Arrived, aftersales.InWork, aftersales.Ready} {
			if err := aftersales.StepTx(tx, b, to); err != nil {
				return err
			}
		}
		return aftersales.DoneTx(tx, b)
	})
	if count(&shelf, `SELECT sum(on_hand) FROM service_stock WHERE part IN ('coming', 'unknown')`); shelf != 0 {
		t.Errorf("%d used parts lie on the shelf", shelf)
	}
	if got := first(need("coming", 1, 0)); got != "12-07 08:00" { // used up: nine days from the 27th is a Sunday
		t.Errorf("after the work: %q", got)
	}
}

func TestABookingMovesAndGivesBackItsOldTime(t *testing.T) {
	t.Parallel()
	g := newGarage(t, &aftersales.Capacity{Bays: bays(2), Technicians: people(2)})
	nine, ten := g.at("2026-11-25", "09:00"), g.at("2026-11-25", "10:00")
	b := g.book(nine, work(120))
	change := aftersales.Change{Site: g.site, Market: g.market, Rules: g.rules, Start: ten}
	g.in(func(tx *db.Tx) error { return aftersales.MoveTx(tx, b, change) }) // over its own time
	if !b.StartsAt.Equal(ten) || !b.EndsAt.Equal(ten.Add(2*time.Hour)) {
		t.Errorf("it is from %v to %v", b.StartsAt, b.EndsAt)
	}
	g.book(nine, work(60))
	other := g.book(ten, work(60))
	change.Bay = b.Bay
	if err := g.try(func(tx *db.Tx) error { return aftersales.MoveTx(tx, other, change) }); !errors.Is(err, aftersales.ErrTaken) {
		t.Errorf("into a bay that is taken: %v", err)
	}
	change.Bay, change.Start = 0, time.Time{}
	if change.Minutes = 180; g.try(func(tx *db.Tx) error { return aftersales.MoveTx(tx, b, change) }) != nil || b.Minutes != 180 || b.EndsAt.Sub(b.StartsAt) != 3*time.Hour {
		t.Errorf("more work: %d minutes until %v", b.Minutes, b.EndsAt)
	}
	change.Start = dbtest.Start.Add(-time.Hour)
	if err := g.try(func(tx *db.Tx) error { return aftersales.MoveTx(tx, b, change) }); !errors.Is(err, aftersales.ErrPast) {
		t.Errorf("into the past: %v", err)
	}
	steps, err := aftersales.StepsOf(g.db.Read(t.Context()), b.ID)
	if err != nil || len(steps) != 3 || !steps[0].StartsAt.Equal(nine) || !steps[2].StartsAt.Equal(ten) {
		t.Errorf("its story: %+v, %v", steps, err)
	}
	elsewhere := change
	elsewhere.Site = &network.Dealer{Code: "fr-lyon", Market: "fr", TimeZone: "Europe/Paris"}
	if err := g.try(func(tx *db.Tx) error { return aftersales.MoveTx(tx, b, elsewhere) }); !errors.Is(err, aftersales.ErrMarket) {
		t.Errorf("to another market: %v", err)
	}
}

func TestWhoDoesNotComeLosesTheSlotByTheRule(t *testing.T) {
	t.Parallel()
	g := newGarage(t, &aftersales.Capacity{Bays: bays(1), Technicians: people(1)})
	b := g.book(g.at("2026-11-25", "09:00"), work(60))
	clock := dbtest.Clock(t, g.db)
	for _, c := range []struct {
		at  string
		fee int64
	}{{"2026-11-24 08:59", 0}, {"2026-11-24 09:01", 2500}} {
		if fee := g.rules.CancelFee(b, g.at(c.at[:10], c.at[11:])); fee != c.fee {
			t.Errorf("cancelled at %s: %d", c.at, fee)
		}
	}
	clock.Set(g.at("2026-11-25", "09:29"))
	if err := g.try(func(tx *db.Tx) error { return aftersales.NoShowTx(tx, b, g.rules) }); !errors.Is(err, aftersales.ErrEarly) {
		t.Errorf("a minute early: %v", err)
	}
	clock.Advance(time.Minute)
	g.in(func(tx *db.Tx) error { return aftersales.NoShowTx(tx, b, g.rules) })
	if g.state(b.ID) != aftersales.NoShow {
		t.Error("it is not a no-show")
	}
	for _, step := range []func(tx *db.Tx) error{
		func(tx *db.Tx) error { return aftersales.StepTx(tx, b, aftersales.Arrived) },
		func(tx *db.Tx) error { return aftersales.ReleaseTx(tx, b, "x") },
		func(tx *db.Tx) error { return aftersales.DoneTx(tx, b) },
		func(tx *db.Tx) error { return aftersales.ConfirmTx(tx, b, "", g.site) },
	} {
		if err := g.try(step); !errors.Is(err, aftersales.ErrMoved) {
			t.Errorf("a step after the end: %v", err)
		}
	}
}

func TestCarsAreFetchedWithinTheRadiusAndSoManyADay(t *testing.T) {
	t.Parallel()
	g := newGarage(t, &aftersales.Capacity{Bays: bays(3), Technicians: people(3)})
	for _, c := range []struct {
		lat float64
		fee int64
		ok  bool
	}{{53.80, 1500, true}, {53.95, 3000, true}, {54.2, 0, false}} {
		fee, metres, ok := g.rules.Collection(g.site, network.Place{Lat: c.lat, Lon: -1.53})
		if fee != c.fee || ok != c.ok || metres < 1000 {
			t.Errorf("at %v: %d, %d m, %t", c.lat, fee, metres, ok)
		}
	}
	h := g.hold(g.at("2026-11-25", "09:00"), work(60))
	h.Mobility, h.CollectMetres, h.CollectFeeMinor = aftersales.IsCollected, 5000, 1500
	if err := g.refused(h); err != nil {
		t.Fatal(err)
	}
	h.Start = g.at("2026-11-25", "14:00")
	if err := g.refused(h); !errors.Is(err, aftersales.ErrNoCourtesy) {
		t.Errorf("a second car that day: %v", err)
	}
	a := g.ask(60, 3)
	a.Mobility = aftersales.IsCollected
	for _, s := range g.starts(g.free(a)) {
		if s[:5] == "11-25" {
			t.Errorf("offered at %s", s)
		}
	}
}

func TestAFreedSlotIsOfferedInTheOrderOfTheLine(t *testing.T) {
	t.Parallel()
	g := newGarage(t, &aftersales.Capacity{Bays: bays(1), Technicians: people(1), Stock: []aftersales.Stock{{Part: "pads", OnHand: 3, LeadDays: aftersales.Never}}})
	clock, from := dbtest.Clock(t, g.db), g.at("2026-11-25", "08:00")
	pads := aftersales.Need{Part: "pads", Quantity: 1, LeadDays: aftersales.Never}
	early := g.book(from, work(9*60))
	mine := []*aftersales.Booking{g.book(g.at("2026-12-01", "08:00"), work(6*60, pads)), g.book(g.at("2026-12-02", "08:00"), work(6*60, pads)), g.book(g.at("2026-12-03", "08:00"), work(6*60, pads))}
	waits := make([]*aftersales.Wait, len(mine))
	for i, b := range mine {
		g.in(func(tx *db.Tx) (err error) {
			waits[i], err = aftersales.JoinTx(tx, b, from, g.at("2026-11-26", "00:00"))
			return err
		})
	}
	if err := g.try(func(tx *db.Tx) error { _, err := aftersales.JoinTx(tx, mine[0], from, from.Add(time.Hour)); return err }); !errors.Is(err, aftersales.ErrWaits) {
		t.Errorf("twice in the line: %v", err)
	}
	if err := g.try(func(tx *db.Tx) error { _, err := aftersales.JoinTx(tx, early, from, from.Add(time.Hour)); return err }); !errors.Is(err, aftersales.ErrSpan) {
		t.Errorf("later than its own: %v", err)
	}
	offer := func() (out []id.Wait) {
		g.in(func(tx *db.Tx) error {
			es, err := aftersales.OfferTx(tx, g.site, g.market, g.rules)
			for _, e := range es {
				out = append(out, e.Wait.ID)
			}
			return err
		})
		return out
	}
	if got := offer(); len(got) != 0 {
		t.Fatalf("offered before anything is free: %v", got)
	}
	g.in(func(tx *db.Tx) error { return aftersales.ReleaseTx(tx, early, "ill") })
	// The first says no, the second says nothing, the third yes.
	if got := offer(); len(got) != 1 || got[0] != waits[0].ID {
		t.Fatalf("first offered to %v", got)
	}
	if err := g.refused(g.hold(from, work(60))); !errors.Is(err, aftersales.ErrTaken) {
		t.Errorf("an offered slot is sold: %v", err)
	}
	g.in(func(tx *db.Tx) error { return aftersales.DeclineTx(tx, waits[0].ID) })
	if got := offer(); len(got) != 1 || got[0] != waits[1].ID {
		t.Fatalf("after a no: %v", got)
	}
	clock.Advance(61 * time.Minute)
	if err := g.try(func(tx *db.Tx) error {
		_, err := aftersales.TakeTx(tx, waits[1].ID, g.site, g.market, g.rules)
		return err
	}); !errors.Is(err, aftersales.ErrOfferOver) {
		t.Errorf("a yes that came too late: %v", err)
	}
	g.in(func(tx *db.Tx) error { _, err := aftersales.SweepTx(tx, 10); return err })
	if got := offer(); len(got) != 1 || got[0] != waits[2].ID {
		t.Fatalf("after silence: %v", got)
	}
	g.in(func(tx *db.Tx) error {
		b, err := aftersales.TakeTx(tx, waits[2].ID, g.site, g.market, g.rules)
		if err == nil && (b.ID != mine[2].ID || !b.StartsAt.Before(g.at("2026-11-26", "00:00"))) {
			t.Errorf("moved to %v", b.StartsAt)
		}
		return err
	})
	if err := g.refused(g.hold(g.at("2026-12-03", "08:00"), work(60))); err != nil {
		t.Errorf("its old time is not free: %v", err)
	}
	for i, want := range []aftersales.WaitWhy{"", aftersales.WaitUnanswered, aftersales.WaitTaken} {
		w, err := aftersales.WaitBy(g.db.Read(t.Context()), waits[i].ID)
		if err != nil || w.EndWhy != want {
			t.Errorf("place %d ended because %q: %v", i, w.EndWhy, err)
		}
	}
	g.in(func(tx *db.Tx) error { return aftersales.LeaveTx(tx, mine[0]) })
	if _, err := aftersales.WaitOf(g.db.Read(t.Context()), mine[0].ID); !errors.Is(err, aftersales.ErrNoWait) {
		t.Errorf("it left: %v", err)
	}
}
