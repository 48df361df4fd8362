package connected

import (
	"context"
	"time"

	"forecourt/internal/id"

	"github.com/riverqueue/river"
)

// sweepArgs asks to look for warnings that want an offer, or whose keeper is to be told now.
type sweepArgs struct{}

func (sweepArgs) Kind() string { return "connected.sweep" }

// SweepEvery bounds how long after its signal a warning gets its offer.
const SweepEvery = 10 * time.Second

// noticeArgs asks to send one notice. The job holds its key only.
type noticeArgs struct {
	Warning id.Warning `json:"warning"`
	Channel Channel    `json:"channel"`
}

func (noticeArgs) Kind() string { return "connected.notice" }

// Register adds the workers and gives the periodic jobs.
func (s *Service) Register(w *river.Workers) []*river.PeriodicJob {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[sweepArgs]) error { return s.Sweep(ctx) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[noticeArgs]) error {
		return s.Send(ctx, j.Args.Warning, j.Args.Channel)
	}))
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(SweepEvery), func() (river.JobArgs, *river.InsertOpts) {
		return sweepArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: SweepEvery}}
	}, &river.PeriodicJobOpts{RunOnStart: true})}
}
