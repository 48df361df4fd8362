package app

import (
	"context"
	"time"

	"forecourt/internal/doctor"
	"forecourt/internal/payment"

	"github.com/riverqueue/river"
)

// nightArgs asks for the full look at the books: the bank's events and balance, then every invariant.
type nightArgs struct{}

func (nightArgs) Kind() string { return "app.night" }

// atNight is half past two in the morning, UTC: no market sells much then. A time of day and not an interval, which
// would begin anew with every start of a process.
type atNight struct{}

// Next implements river.PeriodicSchedule.
func (atNight) Next(now time.Time) time.Time {
	y, m, d := now.UTC().Date()
	next := time.Date(y, m, d, 2, 30, 0, 0, time.UTC)
	if !next.After(now) {
		next = next.AddDate(0, 0, 1)
	}
	return next
}

// nights looks through everything, once a night over all instances.
func (a *App) nights(w *river.Workers) []*river.PeriodicJob {
	river.AddWorker(w, &nightWorker{watch: a.Invariants})
	return []*river.PeriodicJob{river.NewPeriodicJob(atNight{}, func() (river.JobArgs, *river.InsertOpts) {
		return nightArgs{}, &river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByPeriod: time.Hour}}
	}, nil)}
}

// nightWorker is given most of a night: it reads all that the bank has.
type nightWorker struct {
	river.WorkerDefaults[nightArgs]
	watch *doctor.Watch
}

// Timeout bounds it.
func (*nightWorker) Timeout(*river.Job[nightArgs]) time.Duration { return 6 * time.Hour }

// Work looks.
func (n *nightWorker) Work(ctx context.Context, _ *river.Job[nightArgs]) error {
	return n.watch.Night(ctx)
}

// compareBank reads what the bank has, heals what can be healed, and names what still differs.
func (a *App) compareBank(ctx context.Context) ([]string, error) {
	if err := a.NewCar.ReconcileNight(ctx); err != nil {
		return nil, err
	}
	return payment.Differences(a.DB.Read(ctx))
}
