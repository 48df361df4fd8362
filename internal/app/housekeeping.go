package app

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/connected"
	"forecourt/internal/feedback"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/hook"
	"forecourt/internal/identity"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/pulse"
	"forecourt/internal/usedcars"
	"forecourt/internal/usedcars/intake"
	"forecourt/internal/vehicle"

	"github.com/riverqueue/river"
)

// What is forgotten, and after how long. Each table's retention stands in its owner's package comment.
const (
	formsLife   = 7 * 24 * time.Hour  // a form sent again finds its first answer so long
	countLife   = 24 * time.Hour      // of rate limits
	payloadLife = 90 * 24 * time.Hour // of provider events; the events stay
	waitLife    = 30 * 24 * time.Hour // of the address of who waited for a used car, after it is over
	draftLife   = 90 * 24 * time.Hour // of purchases that never became an order, and of leads
)

type housekeepingArgs struct{}

func (housekeepingArgs) Kind() string { return "app.housekeeping" }

// housekeeping forgets what has had its time, once an hour.
func (a *App) housekeeping(w *river.Workers) []*river.PeriodicJob {
	river.AddWorker(w, &housekeeper{db: a.DB, cars: a.NewCar})
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(time.Hour),
		func() (river.JobArgs, *river.InsertOpts) {
			return housekeepingArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: time.Hour}}
		}, &river.PeriodicJobOpts{RunOnStart: true})}
}

// housekeeper is given more time than other jobs: after a pause there may be much to forget.
type housekeeper struct {
	river.WorkerDefaults[housekeepingArgs]
	db   *db.DB
	cars *newcar.Service
}

// Timeout is most of the hour until the next round.
func (*housekeeper) Timeout(*river.Job[housekeepingArgs]) time.Duration { return 45 * time.Minute }

// Work forgets what is past its time.
func (h *housekeeper) Work(ctx context.Context, _ *river.Job[housekeepingArgs]) error {
	err := h.db.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return forgetTx(tx) })
	return errors.Join(err, h.cars.ForgetWords(ctx))
}

func forgetTx(tx *db.Tx) error {
	for _, f := range []struct {
		query string
		life  time.Duration
	}{
		{`DELETE FROM form_results WHERE created_at < ?`, formsLife},
		{`DELETE FROM rate_counters WHERE window_start < ?`, countLife},
		{`UPDATE provider_events SET payload = NULL WHERE payload IS NOT NULL AND received_at < ? AND processed_at IS NOT NULL`, payloadLife},
		{`DELETE FROM leads WHERE created_at < ?`, draftLife},
		{`DELETE FROM barrier_reports WHERE created_at < ?`, feedback.Life},
		{`WITH old AS (DELETE FROM drafts WHERE order_id IS NULL AND updated_at < ? RETURNING buyer)
			DELETE FROM buyers b USING old WHERE b.id = old.buyer AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.buyer = b.id)`, draftLife},
	} {
		if err := tx.Exec(f.query, tx.Now.Add(-f.life)).Error; err != nil {
			return err
		}
	}
	if err := allocation.ForgetDraftsTx(tx, tx.Now.Add(-countLife)); err != nil {
		return err
	}
	if err := allocation.ForgetNoticesTx(tx); err != nil {
		return err
	}
	if err := ordering.ForgetImportsTx(tx); err != nil {
		return err
	}
	if err := hook.ForgetTx(tx); err != nil {
		return err
	}
	if err := pulse.ForgetTx(tx); err != nil {
		return err
	}
	if err := usedcars.ForgetTx(tx, tx.Now.Add(-waitLife)); err != nil {
		return err
	}
	if err := intake.ForgetTx(tx); err != nil {
		return err
	}
	if err := connected.ForgetTx(tx); err != nil {
		return err
	}
	if err := usedcars.ForgetSearchesTx(tx); err != nil {
		return err
	}
	if _, err := vehicle.ForgetTx(tx); err != nil {
		return err
	}
	return identity.SweepTx(tx)
}
