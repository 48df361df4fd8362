package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/jobs"

	"github.com/riverqueue/river"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type quick struct{}

func (quick) Kind() string { return "test.quick" }

type failing struct{}

func (failing) Kind() string { return "test.failing" }

type slow struct{}

func (slow) Kind() string { return "test.slow" }

// TestAJobThatNobodyWorksOnComesBack: the row says running, but its worker is gone.
func TestAJobThatNobodyWorksOnComesBack(t *testing.T) {
	d := dbtest.New(t)
	ran := make(chan string, 10)
	w := river.NewWorkers()
	river.AddWorker(w, river.WorkFunc(func(context.Context, *river.Job[quick]) error { ran <- "quick"; return nil }))
	river.AddWorker(w, river.WorkFunc(func(context.Context, *river.Job[slow]) error { ran <- "slow"; return nil }))
	c, err := jobs.New(d.Pool, jobs.Options{Workers: w, MaxWorkers: 2, Slow: []string{slow{}.Kind()}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return c.InsertManyTx(ctx, tx, quick{}, quick{}, slow{}, quick{})
	}); err != nil {
		t.Fatal(err)
	}
	// The first was lost 20 seconds ago, the second a moment ago, the third may take its time, the fourth has no attempt left.
	for n, set := range []string{"attempt = 1, attempted_at = now() - interval '20 seconds'", "attempt = 1, attempted_at = now() + interval '1 minute'",
		"attempt = 1, attempted_at = now() - interval '20 seconds'", "attempt = 25, max_attempts = 25, attempted_at = now() - interval '20 seconds'"} {
		if _, err := d.Pool.Exec(t.Context(), "UPDATE river_job SET state = 'running', "+set+" WHERE id = (SELECT min(id) + $1 FROM river_job)", n); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	select {
	case kind := <-ran:
		if kind != "quick" {
			t.Errorf("a job of kind %s came back", kind)
		}
	case <-time.After(time.Minute):
		t.Fatal("a lost job did not come back")
	}
	var running int
	if err := d.Pool.QueryRow(t.Context(), "SELECT count(*) FROM river_job WHERE state = 'running' AND attempted_at IS NOT NULL").Scan(&running); err != nil {
		t.Fatal(err)
	}
	if running < 3 || len(ran) > 0 {
		t.Errorf("%d jobs are left alone, want 3 (and %d more ran)", running, len(ran))
	}
}

// TestAFailedJobIsTriedAgainSoon: five attempts fit into what the library would wait for the third.
func TestAFailedJobIsTriedAgainSoon(t *testing.T) {
	d := dbtest.New(t)
	ran := make(chan time.Duration, 10)
	w := river.NewWorkers()
	begin := time.Now()
	river.AddWorker(w, river.WorkFunc(func(_ context.Context, j *river.Job[failing]) error {
		ran <- time.Since(begin)
		return errors.New("not yet")
	}))
	c, err := jobs.New(d.Pool, jobs.Options{Workers: w, MaxWorkers: 2, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return c.InsertTx(ctx, tx, failing{}, nil) }); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		select {
		case <-ran:
		case <-time.After(time.Minute):
			t.Fatal("a failed job is not tried again within a minute")
		}
	}
	var next time.Duration
	for end := time.Now().Add(10 * time.Second); next == 0 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var at *time.Time
		if err := d.Pool.QueryRow(t.Context(), "SELECT max(scheduled_at) FROM river_job WHERE state = 'retryable' AND attempt = 4").Scan(&at); err != nil {
			t.Fatal(err)
		}
		if at != nil {
			next = time.Until(*at)
		}
	}
	if next <= 0 || next > 11*time.Second {
		t.Errorf("after four failures the job waits %v, want 8 to 10 s", next)
	}
	if err := c.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}
