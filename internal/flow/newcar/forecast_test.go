package newcar_test

import (
	"context"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/platform/db"
	"forecourt/internal/testkit"
)

// TestAForecastIsScoredWhenItsRangeIsOver: an order that does not become ready counts against its forecast from the day
// after the last one on, not when the car comes at last; one that its buyer left before is not counted.
func TestAForecastIsScoredWhenItsRangeIsOver(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	waits, left := accepted(k), accepted(k)
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.CancelTx(ctx, tx, left.ID) })
	es, err := allocation.Of(k.DB.Read(t.Context()), waits.ID)
	if err != nil {
		t.Fatal(err)
	}
	last := es[0].ReadyTo.Time(time.UTC).Add(12 * time.Hour)
	score := func(now time.Time) (n, late int) {
		all, err := allocation.ScoresOf(k.DB.Read(t.Context()), "gb", now.AddDate(-1, 0, 0), now, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			n, late = n+s.Forecasts, late+s.Late
		}
		return n, late
	}
	if n, _ := score(last); n != 0 {
		t.Errorf("on its last day %d forecasts are scored", n)
	}
	if n, late := score(last.AddDate(0, 0, 1)); n != 1 || late != 1 {
		t.Errorf("a day later %d are scored, %d late", n, late)
	}
}
