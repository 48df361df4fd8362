package sale

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"

	"github.com/riverqueue/river"
)

// SettleJob asks to bring a payment in line with what the bank says.
type SettleJob struct {
	Payment id.Payment `json:"payment"`
}

func (SettleJob) Kind() string { return "sale.settle" }

// KindAliases is what an older release called it.
func (SettleJob) KindAliases() []string { return []string{"newcar.settle"} }

// EventJob asks to deal with a recorded event of the provider.
type EventJob struct {
	Account string `json:"account"`
	Type    string `json:"type,omitempty"`
	Event   string `json:"event"`
	Session string `json:"session"`
	Intent  string `json:"intent"`
	Success bool   `json:"success,omitempty"`
}

func (EventJob) Kind() string { return "sale.event" }

// KindAliases is what an older release called it.
func (EventJob) KindAliases() []string { return []string{"newcar.event"} }

// mailArgs asks to send one recorded message.
type mailArgs struct {
	Order    id.Order `json:"order"`
	Template string   `json:"template"`
	Seq      int      `json:"seq"`
}

func (mailArgs) Kind() string { return "sale.mail" }

// KindAliases is what an older release called it.
func (mailArgs) KindAliases() []string { return []string{"newcar.mail"} }

// sweepArgs asks to look for deadlines that have passed on the domain clock.
type sweepArgs struct{}

func (sweepArgs) Kind() string { return "sale.sweep" }

// KindAliases is what an older release called it.
func (sweepArgs) KindAliases() []string { return []string{"newcar.sweep"} }

// SweepEvery bounds how late a deadline is noticed.
const SweepEvery = 10 * time.Second

// reconcileArgs asks to compare our books with the bank's: open payments, or everything, which since the house's
// nightly look does it only code of before asks for.
type reconcileArgs struct {
	All bool `json:"all,omitempty"`
}

func (reconcileArgs) Kind() string { return "sale.reconcile" }

// KindAliases is what an older release called it.
func (reconcileArgs) KindAliases() []string { return []string{"newcar.reconcile"} }

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

// Register adds the workers of all sales and gives its periodic jobs.
func (s *Service) Register(w *river.Workers) []*river.PeriodicJob {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[SettleJob]) error { return s.Settle(ctx, j.Args.Payment) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[EventJob]) error { return s.HandleEvent(ctx, j.Args) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[mailArgs]) error { return s.sendMail(ctx, j.Args) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[sweepArgs]) error { return s.Sweep(ctx) }))
	river.AddWorker(w, &reconciler{s: s})
	every := func(d time.Duration, a reconcileArgs) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(d), func() (river.JobArgs, *river.InsertOpts) {
			return a, &river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: d}}
		}, nil)
	}
	return []*river.PeriodicJob{every(ReconcileEvery, reconcileArgs{}), river.NewPeriodicJob(river.PeriodicInterval(SweepEvery),
		func() (river.JobArgs, *river.InsertOpts) {
			return sweepArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: SweepEvery}}
		}, &river.PeriodicJobOpts{RunOnStart: true})}
}

// settleLaterTx enqueues the work that follows from a payment's new state.
func (s *Service) settleLaterTx(ctx context.Context, tx *db.Tx, p *payment.Payment) error {
	return s.Jobs.InsertTx(ctx, tx, SettleJob{Payment: p.ID}, nil)
}

// TellTx records a message about an order and enqueues its sending; told before, it does nothing.
func (s *Service) TellTx(ctx context.Context, tx *db.Tx, o *ordering.Order, audience, template string, seq int) error {
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

func (s *Service) TellBuyerTx(ctx context.Context, tx *db.Tx, o *ordering.Order, template string, seq int) error {
	return s.TellTx(ctx, tx, o, "buyer", template, seq)
}
