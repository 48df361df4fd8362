package clock

import (
	"sync/atomic"
	"time"
)

// Ahead is a demo's clock: another one plus what was jumped so far. It never goes back. Safe for concurrent use.
type Ahead struct {
	base Clock
	by   atomic.Int64
}

// NewAhead makes a clock that has not jumped yet.
func NewAhead(base Clock) *Ahead { return &Ahead{base: base} }

// Now implements Clock.
func (a *Ahead) Now() time.Time { return a.base.Now().Add(a.By()) }

// By is how far the clock is ahead.
func (a *Ahead) By() time.Duration { return time.Duration(a.by.Load()) }

// Follow puts the clock ahead by so much, all in all. What is less than it is ahead already is an answer that came late,
// and changes nothing.
func (a *Ahead) Follow(by time.Duration) {
	for {
		now := a.by.Load()
		if int64(by) <= now || a.by.CompareAndSwap(now, int64(by)) {
			return
		}
	}
}

// Machine is the clock that others in the world outside have too. What they compare with their own goes by it: signatures,
// tokens, how long a call took.
func Machine(c Clock) Clock {
	if a, ok := c.(*Ahead); ok {
		return a.base
	}
	return c
}

// AheadOf is how far a clock is ahead of the machine's; zero for one that cannot be.
func AheadOf(c Clock) time.Duration {
	if a, ok := c.(*Ahead); ok {
		return a.By()
	}
	return 0
}
