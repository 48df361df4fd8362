package clock_test

import (
	"sync"
	"testing"
	"time"

	"forecourt/internal/platform/clock"
)

func TestAheadNeverGoesBack(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	base := clock.NewManual(start)
	a := clock.NewAhead(base)
	for _, by := range []time.Duration{time.Hour, 72 * time.Hour, time.Hour, 0, -time.Hour} {
		a.Follow(by)
	}
	if a.By() != 72*time.Hour || !a.Now().Equal(start.Add(72*time.Hour)) {
		t.Errorf("ahead by %s, now %s", a.By(), a.Now())
	}
	base.Advance(time.Minute)
	if !a.Now().Equal(start.Add(72*time.Hour + time.Minute)) {
		t.Errorf("it does not go on with the machine's: %s", a.Now())
	}
	if !clock.Machine(a).Now().Equal(base.Now()) || clock.Machine(base) != clock.Clock(base) || clock.AheadOf(a) != 72*time.Hour || clock.AheadOf(base) != 0 {
		t.Error("the machine's clock is another one")
	}
}

func TestManyFollowersKeepTheFarthest(t *testing.T) {
	t.Parallel()
	a := clock.NewAhead(clock.System{})
	var all sync.WaitGroup
	for n := range 64 {
		all.Go(func() { a.Follow(time.Duration(n) * time.Hour) })
	}
	all.Wait()
	if a.By() != 63*time.Hour {
		t.Errorf("ahead by %s", a.By())
	}
}
