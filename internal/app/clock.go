package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/timemachine"
	"forecourt/internal/usedcars"
)

// ErrAhead refuses to sell in earnest with a database whose clock was moved: deadlines in it are of a time that has not come.
var ErrAhead = errors.New("the clock of this database was moved by a demo; use another one")

// live tells whether a key of Stripe moves real money.
func live(key string) bool { return strings.Contains(strings.ToLower(key), "_live_") }

// turnable gives a demo a clock that can be moved; nothing else gets one, and no demo runs beside a live key.
func (p *Parts) turnable() error {
	if !p.Demo {
		return nil
	}
	if live(p.Settings.StripeSecretKey) {
		return ErrLiveKey
	}
	if _, ok := p.Clock.(*clock.Ahead); !ok {
		p.Clock = clock.NewAhead(p.Clock)
	}
	return nil
}

// wind builds a demo's time machine, and refuses a database that somebody else's moved.
func (a *App) wind(ctx context.Context) error {
	ahead, ok := a.Clock.(*clock.Ahead)
	if !ok || !a.Demo {
		by, err := timemachine.Ahead(a.DB.Read(ctx))
		if err == nil && by > 0 {
			err = ErrAhead
		}
		return err
	}
	a.Time = &timemachine.Machine{DB: a.DB, Clock: ahead, Direct: a.Settings.Direct(), Log: a.Log, Round: a.roundOfClock, Next: a.nextDue}
	return a.Time.Refresh(ctx)
}

// nextDue is the first deadline after an instant, of everything that has one to the minute. What goes by hours and days is
// found by the steps themselves.
func (a *App) nextDue(ctx context.Context, after time.Time) (time.Time, error) {
	g := a.DB.Read(ctx)
	var first time.Time
	for _, next := range []func() (time.Time, error){
		func() (time.Time, error) { return allocation.NextDue(g, after) }, func() (time.Time, error) { return ordering.NextDue(g, after) },
		func() (time.Time, error) { return payment.NextDue(g, after) }, func() (time.Time, error) { return usedcars.NextDue(g, after) },
		func() (time.Time, error) { return aftersales.NextDue(g, after) },
	} {
		at, err := next()
		if err != nil {
			return time.Time{}, err
		}
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first, nil
}

// roundOfClock does after a step of the clock what the periodic jobs do by and by: what the bank has to tell is heard first,
// then each deadline has its turn, and nothing goes on before the jobs that follow from them are done.
func (a *App) roundOfClock(ctx context.Context, from, to time.Time) error {
	err := errors.Join(a.World.Refresh(ctx), a.settled(ctx),
		a.Sale.Sweep(ctx), a.NewCar.SweepPool(ctx), a.Members.Sweep(ctx), a.UsedCar.Match(ctx), a.Connected.Sweep(ctx), a.Sale.Reconcile(ctx), a.Outbound.Sweep(ctx), a.settled(ctx))
	if night := (atNight{}).Next(from); !night.After(to) {
		h := housekeeper{db: a.DB, cars: a.NewCar}
		err = errors.Join(err, h.Work(ctx, nil), a.Invariants.Night(ctx), a.settled(ctx))
	}
	return err
}

// How long a step waits for what follows from it. A job that failed is waited for while it is tried again soon: the clock
// must not pass the end of a reservation while the bank is asked to give it back.
const (
	settleWait  = 45 * time.Second
	settleLook  = 15 * time.Millisecond
	retriedSoon = 20 * time.Second
)

// errUnsettled tells that the clock went on although something was not done yet.
var errUnsettled = errors.New("jobs or notices of the card bank still wait; they go on by themselves")

// settled waits until no job and no notice of the card bank waits, for a while.
func (a *App) settled(ctx context.Context) error {
	end := time.NewTimer(settleWait)
	defer end.Stop()
	look := time.NewTicker(settleLook)
	defer look.Stop()
	for {
		done, err := a.idle(ctx)
		if err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-end.C:
			return errUnsettled
		case <-look.C:
		}
	}
}

// idle asks the bank first: what it told has left a job before it hears the answer.
func (a *App) idle(ctx context.Context) (bool, error) {
	if a.Quiet != nil && !a.Quiet() {
		return false, nil
	}
	n, err := jobs.Unfinished(a.DB.Read(ctx), retriedSoon)
	return err == nil && n == 0, err
}

// moveBy asks for a jump without a person in front: the bank's button, the flag of the command.
func (a *App) moveBy(ctx context.Context, actor string, by time.Duration) error {
	return a.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return a.Time.AskTx(ctx, tx, actor, by) })
}
