package newcar

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"

	"github.com/riverqueue/river"
)

// settleArgs asks to bring a payment in line with what the bank says.
type settleArgs struct {
	Payment id.Payment `json:"payment"`
}

func (settleArgs) Kind() string { return "newcar.settle" }

// eventArgs asks to deal with a recorded event of the provider.
type eventArgs struct {
	Account string `json:"account"`
	Type    string `json:"type,omitempty"`
	Event   string `json:"event"`
	Session string `json:"session"`
	Intent  string `json:"intent"`
	Success bool   `json:"success,omitempty"`
}

func (eventArgs) Kind() string { return "newcar.event" }

// mailArgs asks to send one recorded message.
type mailArgs struct {
	Order    id.Order `json:"order"`
	Template string   `json:"template"`
	Seq      int      `json:"seq"`
}

func (mailArgs) Kind() string { return "newcar.mail" }

// sweepArgs asks to look for deadlines that have passed on the domain clock.
type sweepArgs struct{}

func (sweepArgs) Kind() string { return "newcar.sweep" }

// SweepEvery bounds how late a deadline is noticed.
const SweepEvery = 10 * time.Second

// reconcileArgs asks to compare our books with the bank's: open payments, or everything, which since the house's
// nightly look does it only code of before asks for.
type reconcileArgs struct {
	All bool `json:"all,omitempty"`
}

func (reconcileArgs) Kind() string { return "newcar.reconcile" }

// SlowJobs are the kinds that may run for longer than others and are attempted more than once.
var SlowJobs = []string{reconcileArgs{}.Kind()}

// reconciler is given more time than other jobs: it asks the bank about one payment after the other, or reads
// all that the bank has.
type reconciler struct {
	river.WorkerDefaults[reconcileArgs]
	s *Service
}

// Timeout is until the next round begins, and most of a night.
func (*reconciler) Timeout(j *river.Job[reconcileArgs]) time.Duration {
	if j.Args.All {
		return 6 * time.Hour
	}
	return ReconcileEvery
}

// Work does what a reconcile job asks.
func (r *reconciler) Work(ctx context.Context, j *river.Job[reconcileArgs]) error {
	if j.Args.All {
		return r.s.ReconcileNight(ctx)
	}
	return r.s.Reconcile(ctx)
}

// Register adds this flow's workers and gives its periodic jobs.
func (s *Service) Register(w *river.Workers) []*river.PeriodicJob {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[settleArgs]) error { return s.Settle(ctx, j.Args.Payment) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[eventArgs]) error { return s.handleEvent(ctx, j.Args) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[mailArgs]) error { return s.sendMail(ctx, j.Args) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[sweepArgs]) error { return s.Sweep(ctx) }))
	river.AddWorker(w, &reconciler{s: s})
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[importArgs]) error { return s.workImport(ctx, j.Args.Import) }))
	every := func(d time.Duration, a reconcileArgs) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(d), func() (river.JobArgs, *river.InsertOpts) {
			return a, &river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: d}}
		}, nil)
	}
	return []*river.PeriodicJob{s.registerPool(w), every(ReconcileEvery, reconcileArgs{}), river.NewPeriodicJob(river.PeriodicInterval(SweepEvery),
		func() (river.JobArgs, *river.InsertOpts) {
			return sweepArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: SweepEvery}}
		}, &river.PeriodicJobOpts{RunOnStart: true})}
}

// settleLaterTx enqueues the work that follows from a payment's new state.
func (s *Service) settleLaterTx(ctx context.Context, tx *db.Tx, p *payment.Payment) error {
	return s.Jobs.InsertTx(ctx, tx, settleArgs{Payment: p.ID}, nil)
}

// tellTx records a message about an order and enqueues its sending; told before, it does nothing.
func (s *Service) tellTx(ctx context.Context, tx *db.Tx, o *ordering.Order, audience, template string, seq int) error {
	return s.tellAllTx(ctx, tx, ordering.Mail{Order: o.ID, Template: template, Seq: seq, Audience: audience})
}

// tellBothTx records an offer's two letters and enqueues them together.
func (s *Service) tellBothTx(ctx context.Context, tx *db.Tx, o *ordering.Order, template string, seq int) error {
	return s.tellAllTx(ctx, tx, ordering.Mail{Order: o.ID, Template: template, Seq: seq, Audience: "buyer"},
		ordering.Mail{Order: o.ID, Template: "dealer_offer", Seq: seq, Audience: "dealer"})
}

// tellAllTx records messages and enqueues the sending of those that are new, with two statements however many they are.
func (s *Service) tellAllTx(ctx context.Context, tx *db.Tx, ms ...ordering.Mail) error {
	fresh, err := ordering.AddMailsTx(tx, ms...)
	if err != nil {
		return err
	}
	todo := make([]river.JobArgs, len(fresh))
	for i, m := range fresh {
		todo[i] = mailArgs{Order: m.Order, Template: m.Template, Seq: m.Seq}
	}
	if len(todo) == 1 { // one is inserted by one question, several by a copy that takes two
		return s.Jobs.InsertTx(ctx, tx, todo[0], nil)
	}
	return s.Jobs.InsertManyTx(ctx, tx, todo...)
}

func (s *Service) tellBuyerTx(ctx context.Context, tx *db.Tx, o *ordering.Order, template string, seq int) error {
	return s.tellTx(ctx, tx, o, "buyer", template, seq)
}
