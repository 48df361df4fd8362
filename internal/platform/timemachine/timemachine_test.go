package timemachine_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/timemachine"
)

// machine is one process's, on a database of its own or, with more, on the same one.
func machine(t *testing.T, d *db.DB) *timemachine.Machine {
	t.Helper()
	own := *d
	ahead := clock.NewAhead(d.Clock)
	own.Clock = ahead
	return &timemachine.Machine{DB: &own, Clock: ahead, Log: slog.New(slog.DiscardHandler)}
}

func ask(t *testing.T, m *timemachine.Machine, by time.Duration) error {
	t.Helper()
	return m.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return m.AskTx(ctx, tx, "staff:x", by) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAJumpIsWalkedInStepsAndToEachDeadline(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	m := machine(t, d)
	start := m.Clock.Now()
	deadlines := []time.Time{start.Add(30 * time.Second), start.Add(90 * time.Minute), start.Add(91 * time.Minute), start.Add(7 * time.Hour)}
	var seen []time.Time
	m.Next = func(_ context.Context, after time.Time) (time.Time, error) {
		for _, at := range deadlines {
			if at.After(after) {
				return at, nil
			}
		}
		return time.Time{}, nil
	}
	m.Round = func(_ context.Context, from, to time.Time) error {
		if to.Sub(from) > timemachine.LongestStep {
			t.Errorf("a step of %s", to.Sub(from))
		}
		seen = append(seen, to)
		return errors.New("a round that fails is told, and the walk goes on")
	}
	must(t, ask(t, m, 8*time.Hour))
	must(t, m.Walk(t.Context()))
	if m.Clock.By() != 8*time.Hour || !seen[len(seen)-1].Equal(start.Add(8*time.Hour)) {
		t.Fatalf("ahead by %s, seen %v", m.Clock.By(), seen)
	}
	for _, at := range deadlines[1:] { // the first is nearer than the shortest step
		if !slices.ContainsFunc(seen, at.Equal) {
			t.Errorf("no stop at %s: %v", at, seen)
		}
	}
	last, err := timemachine.Last(d.Read(t.Context()), 5)
	must(t, err)
	if len(last) != 1 || last[0].Open() || last[0].Walked != 8*time.Hour || last[0].Who != "staff:x" || !last[0].From.Equal(start) {
		t.Errorf("%+v", last)
	}
	var audited int
	_, err = db.One(d.Read(t.Context()), &audited, `SELECT count(*) FROM audit_log WHERE action = 'clock.jump' AND actor = 'staff:x' AND old ->> 'ahead' = '0s' AND new ->> 'ahead' = '8h0m0s'`)
	must(t, err)
	if audited != 1 {
		t.Errorf("%d audit rows", audited)
	}
}

func TestWhatIsAskedWrongMovesNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	m := machine(t, d)
	for _, by := range []time.Duration{0, -time.Hour, time.Millisecond, timemachine.Most + time.Second, time.Hour + time.Millisecond} {
		if err := ask(t, m, by); !errors.Is(err, timemachine.ErrDistance) {
			t.Errorf("%s: %v", by, err)
		}
	}
	must(t, ask(t, m, time.Hour))
	if err := ask(t, m, time.Hour); !errors.Is(err, timemachine.ErrMoving) {
		t.Errorf("a second jump: %v", err)
	}
	must(t, m.Walk(t.Context()))
	for _, back := range []string{`UPDATE clock_jumps SET walked = walked - 1`, `DELETE FROM clock_jumps`, `UPDATE clock_jumps SET by_secs = 1`, `UPDATE clock_jumps SET to_at = NULL`} {
		if err := d.Read(t.Context()).Exec(back).Error; err == nil {
			t.Errorf("%s: the schema let the clock go back", back)
		}
	}
	must(t, m.Refresh(t.Context()))
	if m.Clock.By() != time.Hour {
		t.Errorf("ahead by %s", m.Clock.By())
	}
}

// TestAKilledWalkGoesOn: the process dies after a step and before its work; the next does that work, and walks the rest.
func TestAKilledWalkGoesOn(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	one, two := machine(t, d), machine(t, d)
	start := one.Clock.Now()
	ctx, kill := context.WithCancel(t.Context())
	rounds := 0
	one.Round = func(context.Context, time.Time, time.Time) error {
		if rounds++; rounds == 3 {
			kill()
		}
		return nil
	}
	must(t, ask(t, one, 24*time.Hour))
	if err := one.Walk(ctx); err == nil {
		t.Fatal("a killed walk says that all is well")
	}
	var first, last time.Time
	two.Round = func(_ context.Context, _, to time.Time) error {
		if first.IsZero() {
			first = to
		}
		last = to
		return nil
	}
	must(t, two.Walk(t.Context()))
	if killed := start.Add(2 * timemachine.LongestStep); !first.Equal(killed) || !last.Equal(start.Add(24*time.Hour)) {
		t.Errorf("the next one began at %s, want %s, and ended at %s", first, killed, last)
	}
	must(t, two.Walk(t.Context())) // nothing is open any more
	must(t, one.Refresh(t.Context()))
	if one.Clock.By() != 24*time.Hour || two.Clock.By() != 24*time.Hour {
		t.Errorf("ahead by %s and %s", one.Clock.By(), two.Clock.By())
	}
}

// TestOneWalksAndAllFollow: of several processes one walks, and the others are where it is within a second.
func TestOneWalksAndAllFollow(t *testing.T) {
	t.Parallel()
	for name, listens := range map[string]bool{"told": true, "by the poll alone": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.New(t)
			ctx, stop := context.WithCancel(t.Context())
			var all sync.WaitGroup
			defer all.Wait()
			defer stop()
			var mu sync.Mutex
			walking, most := 0, 0
			ms := make([]*timemachine.Machine, 3)
			for i := range ms {
				ms[i] = machine(t, d)
				if listens {
					ms[i].Direct = d.Pool.Config().ConnString()
				}
				ms[i].Round = func(context.Context, time.Time, time.Time) error {
					mu.Lock()
					walking++
					most = max(most, walking)
					mu.Unlock()
					time.Sleep(time.Millisecond)
					mu.Lock()
					walking--
					mu.Unlock()
					return nil
				}
				all.Go(func() { ms[i].Run(ctx) })
			}
			must(t, ask(t, ms[0], 10*time.Hour))
			same := func() bool {
				return !slices.ContainsFunc(ms, func(m *timemachine.Machine) bool { return m.Clock.By() != 10*time.Hour })
			}
			for end := time.Now().Add(20 * time.Second); !same() && time.Now().Before(end); {
				time.Sleep(5 * time.Millisecond)
			}
			if !same() {
				t.Fatalf("ahead by %s, %s, %s", ms[0].Clock.By(), ms[1].Clock.By(), ms[2].Clock.By())
			}
			mu.Lock()
			defer mu.Unlock()
			if most != 1 {
				t.Errorf("%d walked at once", most)
			}
		})
	}
}
