package aftersales_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
)

// The clock stands on Tuesday 24 November 2026, 09:30 in London.
func TestFreeSlotsFollowHoursBaysAndPeople(t *testing.T) {
	t.Parallel()
	g := newGarage(t, &aftersales.Capacity{Bays: bays(1), Technicians: people(1)})
	got := g.starts(g.free(g.ask(120, 1)))
	want := []string{"11-24 10:30", "11-24 11:00", "11-24 11:30", "11-24 12:00", "11-24 12:30", "11-24 13:00", "11-24 13:30", "11-24 14:00", "11-24 14:30", "11-24 15:00"}
	if !slices.Equal(got, want) {
		t.Errorf("today: %v", got)
	}
	g.book(g.at("2026-11-24", "12:00"), work(100)) // until 13:45
	if got, want := g.starts(g.free(g.ask(120, 1))), []string{"11-24 14:00", "11-24 14:30", "11-24 15:00"}; !slices.Equal(got, want) {
		t.Errorf("with a booking: %v", got)
	}
	a := g.ask(180, 7)
	a.From = g.at("2026-11-27", "00:00") // a Friday with a break, then a weekend
	if got, want := g.starts(g.free(a)), []string{"11-27 08:00", "11-27 08:30", "11-27 09:00", "11-27 13:00", "11-27 13:30", "11-27 14:00", "11-30 08:00"}; !slices.Equal(got[:7], want) {
		t.Errorf("over the weekend: %v", got)
	}
	a.From = g.at("2026-12-24", "00:00")
	a.Days = 3
	if got := g.starts(g.free(a)); slices.ContainsFunc(got, func(s string) bool { return s[:5] != "12-24" }) || len(got) == 0 {
		t.Errorf("on a holiday: %v", got)
	}
}

func TestWhatIsFreeCanBeHeldAndNothingElse(t *testing.T) {
	t.Parallel()
	g := newGarage(t, &aftersales.Capacity{Bays: bays(2), Technicians: people(1, aftersales.General), Courtesy: []aftersales.Courtesy{{No: 1, Kind: "small"}}})
	start := g.at("2026-11-25", "09:00")
	for name, c := range map[string]struct {
		change func(h *aftersales.Hold)
		want   error
	}{
		"past":     {func(h *aftersales.Hold) { h.Start = g.at("2026-11-24", "09:00") }, aftersales.ErrPast},
		"too near": {func(h *aftersales.Hold) { h.Start = g.at("2026-11-24", "10:00") }, aftersales.ErrPast},
		"night":    {func(h *aftersales.Hold) { h.Start = g.at("2026-11-25", "03:00") }, aftersales.ErrShut},
		"sunday":   {func(h *aftersales.Hold) { h.Start = g.at("2026-11-29", "10:00") }, aftersales.ErrShut},
		"holiday":  {func(h *aftersales.Hold) { h.Start = g.at("2026-12-25", "10:00") }, aftersales.ErrShut},
		"late":     {func(h *aftersales.Hold) { h.Start = g.at("2026-11-25", "16:30") }, aftersales.ErrShut},
		"crooked":  {func(h *aftersales.Hold) { h.Start = start.Add(7 * time.Minute) }, aftersales.ErrShut},
		"long":     {func(h *aftersales.Hold) { h.Lines = work(700) }, aftersales.ErrLong},
		"nothing":  {func(h *aftersales.Hold) { h.Lines = nil }, aftersales.ErrNoItem},
		"skill":    {func(h *aftersales.Hold) { h.Lines[0].Skill = aftersales.Electric }, aftersales.ErrSkill},
		"market":   {func(h *aftersales.Hold) { h.Market = &market.Market{Code: "fr"} }, aftersales.ErrMarket},
		"no part": {func(h *aftersales.Hold) {
			h.Lines = work(60, aftersales.Need{Part: "gone", Quantity: 1, LeadDays: aftersales.Never})
		}, aftersales.ErrNoPart},
		"late part":   {func(h *aftersales.Hold) { h.Lines = work(60, aftersales.Need{Part: "slow", Quantity: 1, LeadDays: 2}) }, aftersales.ErrNoPart},
		"lapsed hold": {func(h *aftersales.Hold) { h.DueAt = g.db.Clock.Now() }, aftersales.ErrLapsed},
	} {
		h := g.hold(start, work(60))
		if c.change(&h); !errors.Is(g.refused(h), c.want) {
			t.Errorf("%s: %v", name, g.refused(h))
		}
	}
	h := g.hold(start, work(60))
	if h.Mobility = aftersales.CourtesyCar; g.refused(h) != nil {
		t.Error("a courtesy car was free")
	}
	if err := g.refused(g.hold(start, work(60))); !errors.Is(err, aftersales.ErrTaken) {
		t.Errorf("the only technician twice: %v", err)
	}
	h.Start = g.at("2026-11-25", "10:00")
	if err := g.refused(h); !errors.Is(err, aftersales.ErrNoCourtesy) {
		t.Errorf("the courtesy car is on its way back: %v", err)
	}
	h.Mobility = aftersales.OnFoot
	if err := g.refused(h); err != nil {
		t.Errorf("on foot: %v", err)
	}
}

func TestSixtyFourRaceForTheLastSlot(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.Options{MaxConns: 32})
	g := garageOn(t, d, &aftersales.Capacity{Bays: bays(1), Technicians: people(1)})
	start := g.at("2026-11-25", "16:00")
	errs := make([]error, 64)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = g.refused(g.hold(start, work(60))) })
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, aftersales.ErrTaken):
			t.Errorf("a loser hears %v", err)
		}
	}
	var rows int
	if _, err := db.One(g.db.Read(t.Context()), &rows, `SELECT count(*) FROM service_bookings`); err != nil || rows != 1 || won != 1 {
		t.Errorf("%d won, %d rows: %v", won, rows, err)
	}
}

// The schema forbids what the code forbids: a row that was written past it is refused.
func TestTheSchemaRefusesTwoInOneBay(t *testing.T) {
	t.Parallel()
	g := newGarage(t, &aftersales.Capacity{Bays: bays(2), Technicians: people(2), Courtesy: []aftersales.Courtesy{{No: 1, Kind: "small"}}})
	b := g.book(g.at("2026-11-25", "09:00"), work(60))
	for name, set := range map[string]string{
		"bay":        "technician = 2, packed = (packed & ~(255::bigint << 16)) | (2 << 16)",
		"technician": "bay = 2, packed = (packed & ~(255::bigint << 24)) | (2 << 24)",
		"packed":     "bay = 2, technician = 2",
	} {
		err := g.try(func(tx *db.Tx) error {
			for _, q := range []string{`CREATE TEMP TABLE twin ON COMMIT DROP AS SELECT * FROM service_bookings`, `UPDATE twin SET id = gen_random_uuid(), ` + set} {
				if err := tx.Exec(q).Error; err != nil {
					return err
				}
			}
			return tx.Exec(`INSERT INTO service_bookings SELECT * FROM twin WHERE id <> ?`, b.ID).Error
		})
		if db.Constraint(err) != "service_bookings_"+name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheLostHourHasNoSlotsAndTheDoubledOneIsNotSoldTwice(t *testing.T) {
	t.Parallel()
	g := newGarage(t, &aftersales.Capacity{Bays: bays(1), Technicians: []aftersales.Technician{{No: 1, Name: "Night", Skills: aftersales.Skills, Hours: network.Week{"sun": {{Opens: "00:00", Closes: "06:00"}}}}}})
	g.site.Hours = network.Week{"sun": {{Opens: "00:00", Closes: "06:00"}}}
	for day, want := range map[string]int{"2027-03-28": 5 * 2, "2027-04-04": 6 * 2, "2026-11-29": 6 * 2} {
		a := g.ask(30, 1)
		a.From = g.at(day, "00:00")
		if got := g.free(a); len(got) != want {
			t.Errorf("%s: %d slots, want %d: %v", day, len(got), want, g.starts(got))
		}
	}
	if _, err := aftersales.Clock(g.site, "2027-03-28", "01:30"); !errors.Is(err, aftersales.ErrPast) {
		t.Errorf("the lost hour: %v", err)
	}
	dbtest.Clock(t, g.db).Set(time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC))
	a := g.ask(30, 1)
	a.From = g.at("2026-10-25", "00:00")
	slots := g.free(a)
	if len(slots) != 7*2 {
		t.Fatalf("the long night has %d slots: %v", len(slots), g.starts(slots))
	}
	for i, s := range slots {
		if i > 0 && s.StartsAt.Before(slots[i-1].EndsAt) {
			t.Errorf("slots overlap: %v", slots)
		}
		g.book(s.StartsAt, work(30)) // each once
	}
	first := g.at("2026-10-25", "01:30")
	for _, again := range []time.Time{first, first.Add(time.Hour)} {
		if err := g.refused(g.hold(again, work(30))); !errors.Is(err, aftersales.ErrTaken) {
			t.Errorf("half past one again: %v", err)
		}
	}
}
