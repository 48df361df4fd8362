package allocation

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// Live tells the open pages of a dealer that its queue changed: not what, because the page asks for that itself,
// with its own right to see it. One poll and one goroutine a process serve all of them, so that an open page costs
// little more than its connection.
type Live struct {
	db   *db.DB
	log  *slog.Logger
	mu   sync.Mutex
	open map[id.Dealer]map[*Ear]struct{}
	n    int
	seen Moment // of the last poll; empty before the first one
	over bool   // the process stops: nobody comes in any more
}

// Listener is an open page. Changed and Beat answer false when it has gone; Close is called once.
type Listener interface {
	Changed(m Moment) bool
	Beat() bool
	Close()
}

// Ear is a listener's place.
type Ear struct {
	to     Listener
	dealer id.Dealer
	rounds int // polls that it has lived through
}

// The bounds of what open pages may cost a process. A page asks anew after its life: so a session that ended, or a
// login that was taken away, hears nothing after that time.
const (
	pollLive  = time.Second
	beatEvery = 20  // polls
	lifeOfEar = 300 // polls
	mostEars  = 4_000
	mostOfOne = 100 // of one dealer's: a site with a hundred open pages has a broken script

	mostOfBasket = 8 // of one shared basket: two people, with a few windows each
)

// ErrFull refuses one page more; its reader reloads by hand.
var ErrFull = fault.New(fault.Unavail, "fault.unavailable", "allocation.Hear")

// NewLive makes one that nobody hears yet; Run makes it tell.
func NewLive(d *db.DB, l *slog.Logger) *Live {
	return &Live{db: d, log: l, open: map[id.Dealer]map[*Ear]struct{}{}}
}

// Room tells whether one more page of a dealer may come; Hear decides.
func (l *Live) Room(d id.Dealer) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full(d) {
		return ErrFull
	}
	return nil
}

// full is asked under the lock.
func (l *Live) full(d id.Dealer) bool {
	most := mostOfOne
	if strings.HasPrefix(string(d), basketChannel) {
		most = mostOfBasket
	}
	return l.over || l.n >= mostEars || len(l.open[d]) >= most
}

// Hear lets a page listen to a dealer's queue until it goes, its life ends or the process stops; then it is closed.
// after is the last moment that the reader was told, or that of its page; empty for none. When something changed
// since, or nobody knows any more, it is told at once. On an error it is closed as well.
func (l *Live) Hear(ctx context.Context, d id.Dealer, after Moment, to Listener) error {
	e := &Ear{to: to, dealer: d}
	if err := l.join(e); err != nil {
		to.Close()
		return err
	}
	if after == "" {
		return nil
	}
	yes, at, err := !after.Known(), Moment(""), error(nil)
	if yes {
		at, err = now(ctx, l.db)
	} else {
		// Asked after it joined: what is not in the answer comes with a poll.
		yes, at, err = missed(ctx, l.db, d, after)
	}
	if err != nil || yes && !to.Changed(at) {
		l.leave(e)
	}
	return err
}

func (l *Live) join(e *Ear) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full(e.dealer) {
		return ErrFull
	}
	if l.open[e.dealer] == nil {
		l.open[e.dealer] = map[*Ear]struct{}{}
	}
	l.open[e.dealer][e] = struct{}{}
	l.n++
	return nil
}

// leave closes an ear, once.
func (l *Live) leave(e *Ear) {
	l.mu.Lock()
	_, here := l.open[e.dealer][e]
	if here {
		delete(l.open[e.dealer], e)
		if len(l.open[e.dealer]) == 0 {
			delete(l.open, e.dealer)
		}
		l.n--
	}
	l.mu.Unlock()
	if here {
		e.to.Close()
	}
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
	l.over = true
	l.mu.Unlock()
	for _, e := range l.ears() {
		l.leave(e)
	}
}

// ears lists all. Nobody is written to under the lock: one page that takes its time must not keep others from
// coming and going.
func (l *Live) ears() []*Ear {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]*Ear, 0, l.n)
	for _, es := range l.open {
		for e := range es {
			out = append(out, e)
		}
	}
	return out
}

// of lists those of some dealers.
func (l *Live) of(ds []id.Dealer) []*Ear {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*Ear
	for _, d := range ds {
		for e := range l.open[d] {
			out = append(out, e)
		}
	}
	return out
}

// poll tells those whose queue changed since the last one, and shows the others now and then that they are not
// forgotten. The first one tells everybody: it does not know.
func (l *Live) poll(ctx context.Context) error {
	for _, e := range l.ears() {
		if e.rounds++; e.rounds >= lifeOfEar || e.rounds%beatEvery == 0 && !e.to.Beat() {
			l.leave(e)
		}
	}
	first := l.seen == "" // only Run's goroutine uses it
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
	l.seen = at
	told := l.ears()
	if !first {
		told = l.of(changed)
	}
	for _, e := range told {
		if !e.to.Changed(at) {
			l.leave(e)
		}
	}
	return nil
}

// BasketChannel is where the open pages of a shared basket listen; its notices are written by the basket's own rows.
func BasketChannel(d id.Draft) id.Dealer { return basketChannel + id.Dealer(d) }

const basketChannel = "basket "

// Open lets a page listen to a channel: a dealer's queue, or a shared basket by BasketChannel. Whether there is room is
// known before to opens the page; from then on nothing can be answered any more: a failure closes it, and it asks again.
func (l *Live) Open(ctx context.Context, d id.Dealer, after Moment, to func() (Listener, error)) error {
	if err := l.Room(d); err != nil {
		return err
	}
	page, err := to()
	if err != nil {
		return err
	}
	_ = l.Hear(ctx, d, after, page)
	return nil
}
