package diagram

import (
	"context"
	"errors"
	"time"
)

// Why a search stops that nobody needs to go on with.
var (
	errSpent = errors.New("diagram: enough work")
	errLate  = errors.New("diagram: no time left")
)

// meter counts work, in children touched, and looks at ctx and the clock now and then. Work, not time,
// decides how far a search goes, so that the same problem comes out the same every time.
type meter struct {
	ctx      context.Context
	done     int64
	stop     int64     // when there is enough; 0 means never
	deadline time.Time // zero means never
	next     int64     // when to look again
}

// lookEvery is far less work than is done in the 50 ms in which an end of ctx must be noticed.
const lookEvery = 200_000

// add notes work; it answers why to stop, if so.
func (m *meter) add(work int) error {
	m.done += int64(work)
	if m.stop > 0 && m.done > m.stop {
		return errSpent
	}
	if m.done < m.next {
		return nil
	}
	m.next = m.done + lookEvery
	if !m.deadline.IsZero() && time.Now().After(m.deadline) {
		return errLate
	}
	return m.ctx.Err()
}
