package timemachine

import (
	"context"
	"log/slog"
	"time"

	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"

	"github.com/jackc/pgx/v5"
)

// Least and Most bound a jump that somebody asks for.
const (
	Least = time.Hour
	Most  = 31 * 24 * time.Hour
)

// Faults of this package.
var (
	ErrMoving   = fault.New(fault.Conflict, "clock.moving", "timemachine.Ask")  // a jump is walked already
	ErrDistance = fault.New(fault.Invalid, "clock.distance", "timemachine.Ask") // too near, too far, or no whole seconds
)

// Jump is one move of the clock.
type Jump struct {
	Seq    int64
	By     time.Duration
	Walked time.Duration
	From   time.Time // domain time when it was asked for
	To     time.Time // when it was done; zero while it is walked
	Who    string    // the actor
	Asked  time.Time // the database's own time
}

// Open tells whether it is walked still.
func (j Jump) Open() bool { return j.To.IsZero() }

// Machine is the time machine of one process.
type Machine struct {
	DB     *db.DB
	Clock  *clock.Ahead
	Direct string // a direct connection: LISTEN does not go through a transaction pooler; empty leaves the poll alone
	Log    *slog.Logger

	// Round does what falls due between two instants, after each step. What fails is told and tried again by the next.
	Round func(ctx context.Context, from, to time.Time) error
	// Next is the first deadline after an instant, zero when there is none: no step goes beyond it.
	Next func(ctx context.Context, after time.Time) (time.Time, error)
}

// AskTx asks for a jump; the walk begins when tx commits.
func (m *Machine) AskTx(ctx context.Context, tx *db.Tx, actor string, by time.Duration) error {
	if by < time.Second || by > Most || by%time.Second != 0 {
		return ErrDistance
	}
	before, err := Ahead(tx.DB)
	if err != nil {
		return err
	}
	if err := askTx(tx, actor, by); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: actor, Action: "clock.jump", Subject: "clock:demo",
		Old: map[string]string{"ahead": before.String()}, New: map[string]string{"ahead": (before + by).String()}})
}

// Refresh makes this process's clock follow what was walked so far.
func (m *Machine) Refresh(ctx context.Context) error { return Load(ctx, m.DB, m.Clock) }

// Load makes a clock follow what was walked so far in a database; one without the table has no jumps.
func Load(ctx context.Context, d *db.DB, c *clock.Ahead) error {
	by, err := Ahead(d.Read(ctx))
	if err == nil {
		c.Follow(by)
	}
	return err
}

// pollEvery bounds how long a lost notification can hide a step.
const pollEvery = 400 * time.Millisecond

// follow keeps this process's clock where all others are, until ctx ends. steps hears whenever it looked.
func (m *Machine) follow(ctx context.Context, steps chan<- struct{}) {
	told := make(chan struct{}, 1)
	if m.Direct != "" {
		go m.listen(ctx, told)
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if err := m.Refresh(ctx); err != nil && ctx.Err() == nil {
			m.Log.WarnContext(ctx, "the demo's clock cannot be read, it stays where it is", "error", err.Error())
		}
		ring(steps)
		select {
		case <-ctx.Done():
			return
		case <-told:
		case <-tick.C:
		}
	}
}

// ring tells without waiting; a bell that rings already is enough.
func ring(bell chan<- struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

func (m *Machine) listen(ctx context.Context, told chan<- struct{}) {
	for ctx.Err() == nil {
		if err := m.listenOnce(ctx, told); err != nil && ctx.Err() == nil {
			m.Log.WarnContext(ctx, "listening for the demo's clock broke, polling goes on", "error", err.Error())
			select {
			case <-ctx.Done():
			case <-time.After(2 * time.Second):
			}
		}
	}
}

func (m *Machine) listenOnce(ctx context.Context, told chan<- struct{}) error {
	c, err := pgx.Connect(ctx, m.Direct)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	if _, err := c.Exec(ctx, `LISTEN clock`); err != nil {
		return err
	}
	for {
		if _, err := c.WaitForNotification(ctx); err != nil {
			return err
		}
		ring(told)
	}
}
