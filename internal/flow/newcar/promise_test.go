package newcar_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

// silences lists the letters of silence about an order, oldest first.
func silences(k *testkit.Kit, o id.Order) []string {
	k.T.Helper()
	var out []string
	if err := k.DB.Read(k.T.Context()).Raw(`SELECT audience || ' ' || template FROM mails WHERE order_id = ? AND template IN ('dealer_silent', 'country_silent', 'silence', 'on_plan') ORDER BY created_at`, o).Scan(&out).Error; err != nil {
		k.T.Fatal(err)
	}
	return out
}

func sweepTwice(k *testkit.Kit) {
	k.T.Helper()
	for range 2 {
		if err := k.NewCar.Sweep(k.T.Context()); err != nil {
			k.T.Fatal(err)
		}
	}
}

func live(k *testkit.Kit, o id.Order) *allocation.Entry {
	k.T.Helper()
	e, err := allocation.LiveOf(k.DB.Read(k.T.Context()), o)
	if err != nil || e == nil {
		k.T.Fatalf("no live entry: %v", err)
	}
	return e
}

// TestSilenceIsToldToDealerCountryAndBuyer walks the clock through two broken promises: each is told once.
func TestSilenceIsToldToDealerCountryAndBuyer(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	if err := accept(k, leedsStaff, o); err != nil {
		t.Fatal(err)
	}
	settleAll(k, o.ID)
	clock := dbtest.Clock(t, k.DB)
	mk, _ := k.World.Now().Market("gb")
	p := mk.Promised()
	day := 24 * time.Hour
	step := func(days int, want ...string) {
		t.Helper()
		clock.Advance(time.Duration(days)*day - time.Hour)
		sweepTwice(k)
		if got := silences(k, o.ID); !slices.Equal(got, want[:len(want)-1]) {
			t.Errorf("an hour early: told %v", got)
		}
		clock.Advance(2 * time.Hour)
		sweepTwice(k)
		if got := silences(k, o.ID); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
	}
	step(p.NewsDays, "dealer dealer_silent")
	step(p.DealerDays, "dealer dealer_silent", "country country_silent")
	step(p.CountryDays, "dealer dealer_silent", "country country_silent", "buyer silence")
	// A new promise begins with the honest note, and can be broken again.
	step(p.NewsDays, "dealer dealer_silent", "country country_silent", "buyer silence", "dealer dealer_silent")
	if e := live(k, o.ID); e.NewsStep != allocation.DealerTold {
		t.Errorf("the second silence stands at step %d", e.NewsStep)
	}
	// News ends it: nobody else is told.
	if err := act(k, func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.StillOnPlanTx(ctx, tx, leedsStaff, o.Number)
	}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Duration(p.NewsDays)*day - time.Hour)
	sweepTwice(k)
	if got := silences(k, o.ID); len(got) != 5 || got[4] != "buyer on_plan" {
		t.Errorf("after news: told %v", got)
	}
	var open, all int
	if _, err := db.One(k.DB.Read(t.Context()), &open, `SELECT count(*) FROM silences WHERE order_id = ? AND ended_at IS NULL`, o.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := db.One(k.DB.Read(t.Context()), &all, `SELECT count(*) FROM silences WHERE order_id = ? AND buyer_told_at IS NOT NULL`, o.ID); err != nil || open != 0 || all != 1 {
		t.Errorf("%d silences are open, %d came to the buyer: %v", open, all, err)
	}
}

func TestNewsIsNotSaidTwiceADay(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	if err := accept(k, leedsStaff, o); err != nil {
		t.Fatal(err)
	}
	say := func(who sale.Staff) error {
		return act(k, func(ctx context.Context, tx *db.Tx) error { return k.NewCar.StillOnPlanTx(ctx, tx, who, o.Number) })
	}
	if err := say(leedsStaff); !errors.Is(err, sale.ErrNewsFresh) {
		t.Errorf("right after the accept: %v", err)
	}
	dbtest.Clock(t, k.DB).Advance(24 * time.Hour)
	if err := say(londonStaff); err == nil {
		t.Error("another dealer said it")
	}
	if err := say(leedsStaff); err != nil {
		t.Error(err)
	}
}

// TestForecastsAreKeptAndScored: every stage has a forecast of its own, and the day that came is held against them.
func TestForecastsAreKeptAndScored(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	if err := accept(k, leedsStaff, o); err != nil {
		t.Fatal(err)
	}
	e := live(k, o.ID)
	if e.ReadyFrom == "" || e.ReadyTo < e.ReadyFrom || e.OddsPct != 80 || e.StageDueAt.IsZero() {
		t.Fatalf("after the accept nothing is forecast: %+v", e)
	}
	if _, err := k.DB.Pool.Exec(t.Context(), `UPDATE forecasts SET odds_pct = 99`); err == nil {
		t.Error("a forecast can be changed afterwards")
	}
	clock := dbtest.Clock(t, k.DB)
	for _, ev := range []ordering.Event{ordering.Place, ordering.Build, ordering.Dispatch, ordering.Arrive, ordering.Prepare, ordering.Release} {
		clock.Advance(24 * time.Hour) // a car that is far quicker than anybody said
		err := act(k, func(ctx context.Context, tx *db.Tx) error {
			if ev == ordering.Prepare {
				if err := k.NewCar.SetChecksTx(ctx, tx, leedsStaff, o.Number, ordering.PreparationItems); err != nil {
					return err
				}
			}
			return k.NewCar.AdvanceTx(ctx, tx, leedsStaff, o.Number, newcar.Progress{Event: ev, VIN: "VF1RJA00X74471902"})
		})
		if err != nil {
			t.Fatal(ev, err)
		}
	}
	if e := live(k, o.ID); !e.NewsDueAt.IsZero() {
		t.Error("news is promised although it is the buyer's turn")
	}
	all, err := allocation.ScoresOf(k.DB.Read(t.Context()), "gb", dbtest.Start, k.Clock.Now(), time.UTC)
	if err != nil || len(all) != 6 {
		t.Fatalf("%+v, %v", all, err)
	}
	s := allocation.ByOdds(all)[0]
	if s.Forecasts != 6 || s.Odds != 80 || s.Held == 0 || s.Held == 6 || s.Held+s.Early+s.Late != 6 {
		t.Errorf("score %+v: the late stages are forecast rightly, the early ones are not", s)
	}
}

func TestPlansAddUp(t *testing.T) {
	t.Parallel()
	p := market.Promise{NewsDays: 10, OddsPct: 80, Stages: []market.StageSpan{{State: "accepted", To: 2}, {State: "ordered", From: 30, To: 60}, {State: "built", From: 2, To: 5},
		{State: "in_transit", From: 3, To: 9}, {State: "arrived", From: 1, To: 3}, {State: "prepared", To: 1}}}
	now := time.Date(2026, 11, 24, 23, 30, 0, 0, time.UTC) // already the next day in Bucharest
	zone, _ := time.LoadLocation("Europe/Bucharest")
	left := []string{"ordered", "built", "in_transit", "arrived", "prepared"}
	got := allocation.PlanOf(p, allocation.Route{Here: "accepted", Left: left, Weeks: [2]int{10, 14}}, now, zone)
	// The weeks run from the order to the dealer: 70 to 98 days, and the stages around them.
	if want := market.Date("2026-11-25"); got.From != want.Plus(70+1) || got.To != want.Plus(2+98+3+1) {
		t.Errorf("from %s to %s", got.From, got.To)
	}
	stock := allocation.PlanOf(p, allocation.Route{Here: "in_transit", Left: left[3:], CarDay: "2026-12-05"}, now, zone)
	if stock.From != "2026-12-05" || stock.To != "2026-12-09" {
		t.Errorf("a car that exists: from %s to %s", stock.From, stock.To)
	}
	ready := allocation.PlanOf(p, allocation.Route{Here: "ready"}, now, zone)
	if !ready.NewsDue.IsZero() || ready.From != "2026-11-25" {
		t.Errorf("a car that is ready: %+v", ready)
	}
}
