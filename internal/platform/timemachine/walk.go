package timemachine

import (
	"context"
	"time"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/log"
)

// Steps of a walk. LongestStep is less than the twelve hours for which each reservation on a card outlives what depends on
// it, with room for a step whose work failed; ShortestStep bounds how many there are when deadlines lie close together.
const (
	LongestStep  = 2 * time.Hour
	ShortestStep = time.Minute
)

// Run follows the clock and walks open jumps until ctx ends. Every process of a demo may run it: one walks.
func (m *Machine) Run(ctx context.Context) {
	ctx = log.WithActor(ctx, log.System+":clock")
	steps := make(chan struct{}, 1)
	go m.follow(ctx, steps)
	for {
		select {
		case <-ctx.Done():
			return
		case <-steps:
		}
		if err := m.Walk(ctx); err != nil && ctx.Err() == nil {
			m.Log.WarnContext(ctx, "the demo's clock stopped on its way, it goes on", "error", err.Error())
		}
	}
}

// Walk walks the open jump to its end, unless there is none or another process does.
func (m *Machine) Walk(ctx context.Context) error {
	if _, open, err := m.open(ctx); err != nil || !open {
		return err
	}
	return alone(ctx, m.DB, func(ctx context.Context) error {
		// First what the last step left undone: whoever took it may have been killed before the round.
		if err := m.settle(ctx); err != nil {
			return err
		}
		for {
			more, err := m.step(ctx)
			if err != nil || !more {
				return err
			}
		}
	})
}

func (m *Machine) open(ctx context.Context) (Jump, bool, error) {
	last, err := Last(m.DB.Read(ctx), 1)
	if err != nil || len(last) == 0 || !last[0].Open() {
		return Jump{}, false, err
	}
	return last[0], true, nil
}

func (m *Machine) settle(ctx context.Context) error {
	if err := m.Refresh(ctx); err != nil {
		return err
	}
	now := m.Clock.Now()
	return m.round(ctx, now, now)
}

// step takes one step and does what fell due in it; false when the jump is over.
func (m *Machine) step(ctx context.Context) (more bool, err error) {
	j, open, err := m.open(ctx)
	if err != nil || !open {
		return false, err
	}
	if j.Walked == j.By {
		return true, m.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return doneTx(tx, j) })
	}
	from := m.Clock.Now()
	by, err := m.stride(ctx, j, from)
	if err != nil {
		return false, err
	}
	err = m.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		_, err := stepTx(tx, j, by)
		return err
	})
	if err == nil {
		err = m.Refresh(ctx) // what another one walked counts as well
	}
	if err != nil {
		return false, err
	}
	return true, m.round(ctx, from, m.Clock.Now())
}

// stride is how far the next step goes: to the next deadline, no farther than LongestStep, and no farther than asked.
func (m *Machine) stride(ctx context.Context, j Jump, now time.Time) (time.Duration, error) {
	by := LongestStep
	if m.Next != nil {
		next, err := m.Next(ctx, now)
		if err != nil {
			return 0, err
		}
		if !next.IsZero() {
			by = min(by, max(ShortestStep, (next.Sub(now)+time.Second-1).Truncate(time.Second)))
		}
	}
	return min(by, j.By-j.Walked), nil
}

// round does what fell due. Only the end of ctx stops the walk: what fails is told, and tried again by the next one and by
// the jobs that look all the time.
func (m *Machine) round(ctx context.Context, from, to time.Time) error {
	if m.Round == nil {
		return ctx.Err()
	}
	if err := m.Round(ctx, from, to); err != nil && ctx.Err() == nil {
		m.Log.WarnContext(ctx, "a step of the demo's clock left something undone", "error", err.Error())
	}
	return ctx.Err()
}
