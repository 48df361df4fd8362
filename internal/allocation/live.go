package allocation

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// Live tells the open pages of a dealer that its queue changed: not what, because the page asks for that itself,
// with its own right to see it. One poll a process serves all of them.
type Live struct {
	db   *db.DB
	log  *slog.Logger
	mu   sync.Mutex
	open map[id.Dealer]map[*Ear]struct{}
	n    int
	seen Moment // of the last poll; empty before the first one
	over bool   // the process stops: nobody comes in any more
}

// Ear hears of one dealer's queue. Change holds one value at most, however much happens before it is read: a slow
// page costs no memory.
type Ear struct {
	Change chan Moment   // what to give to Hear after a break
	Done   chan struct{} // closed when the process stops
	dealer id.Dealer
}

// The bounds of what open pages may cost a process.
const (
	pollLive  = time.Second
	mostEars  = 4_000
	mostOfOne = 100 // of one dealer's: a site with a hundred open pages has a broken script
)

// ErrFull refuses one page more; its reader reloads by hand.
var ErrFull = fault.New(fault.Unavail, "fault.unavailable", "allocation.Hear")

// NewLive makes one that nobody hears yet; Run makes it tell.
func NewLive(d *db.DB, l *slog.Logger) *Live {
	return &Live{db: d, log: l, open: map[id.Dealer]map[*Ear]struct{}{}}
}

// Hear opens an ear for a dealer's queue. after is the last moment that the reader was told, or that of its page;
// empty for none. When something changed since, or nobody knows any more, Change holds a value at once. Close it
// with Leave.
func (l *Live) Hear(ctx context.Context, d id.Dealer, after Moment) (*Ear, error) {
	e, err := l.join(d)
	if err != nil || after == "" {
		return e, err
	}
	yes, at := !after.Known(), Moment("")
	if yes {
		at, err = now(ctx, l.db)
	} else {
		// Asked after it joined: what is not in the answer comes with a poll.
		yes, at, err = missed(ctx, l.db, d, after)
	}
	if err != nil {
		l.Leave(e)
		return nil, err
	}
	if yes {
		e.tell(at)
	}
	return e, nil
}

func (l *Live) join(d id.Dealer) (*Ear, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.n >= mostEars || len(l.open[d]) >= mostOfOne {
		return nil, ErrFull
	}
	e := &Ear{Change: make(chan Moment, 1), Done: make(chan struct{}), dealer: d}
	if l.open[d] == nil {
		l.open[d] = map[*Ear]struct{}{}
	}
	l.open[d][e] = struct{}{}
	l.n++
	return e, nil
}

func (e *Ear) tell(m Moment) {
	select {
	case e.Change <- m:
	default: // it has one to read already
	}
}

// Leave closes an ear.
func (l *Live) Leave(e *Ear) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, here := l.open[e.dealer][e]; !here {
		return
	}
	delete(l.open[e.dealer], e)
	if len(l.open[e.dealer]) == 0 {
		delete(l.open, e.dealer)
	}
	l.n--
}

// Listeners counts the open ears.
func (l *Live) Listeners() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

// Run polls until ctx ends, then sends everybody home.
func (l *Live) Run(ctx context.Context) {
	defer l.stop()
	tick := time.NewTicker(pollLive)
	defer tick.Stop()
	failing := false
	for {
		err := l.poll(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			l.log.Warn("allocation: open pages hear nothing until the database answers", "error", err.Error())
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (l *Live) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	for _, ears := range l.open {
		for e := range ears {
			close(e.Done)
		}
	}
	clear(l.open)
	l.n = 0
}

// poll tells those whose queue changed since the last one. The first one tells everybody: it does not know.
func (l *Live) poll(ctx context.Context) error {
	first := l.seen == ""
	var changed []id.Dealer
	var at Moment
	var err error
	if first {
		at, err = now(ctx, l.db)
	} else {
		changed, at, err = changedSince(ctx, l.db, l.seen)
	}
	if err != nil {
		return err
	}
	l.seen = at // only Run's goroutine uses it
	l.mu.Lock()
	defer l.mu.Unlock()
	if first {
		for d := range l.open {
			changed = append(changed, d)
		}
	}
	for _, d := range changed {
		for e := range l.open[d] {
			e.tell(at)
		}
	}
	return nil
}
