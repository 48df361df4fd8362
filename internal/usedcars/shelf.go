package usedcars

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
)

// Shelf keeps the newest index of each market in memory. What an index says may be a second old: a page that lists cars reads
// them from the database, and a hold is decided there.
type Shelf struct {
	db  *db.DB
	log *slog.Logger
	mu  sync.Mutex // one reading at a time
	was seen
	now atomic.Pointer[map[id.Market]*Index]
}

// NewShelf reads all cars.
func NewShelf(ctx context.Context, d *db.DB, l *slog.Logger) (*Shelf, error) {
	s := &Shelf{db: d, log: l}
	s.now.Store(&map[id.Market]*Index{})
	return s, s.fill(ctx)
}

// At is a market's index as of a moment ago; an empty one for a market without cars.
func (s *Shelf) At(m id.Market) *Index {
	if x, ok := (*s.now.Load())[m]; ok {
		return x
	}
	return newIndex()
}

// batch is how many cars are put into an index at once while it is filled.
const batch = 20000

func (s *Shelf) fill(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[id.Market]*Index{}
	var some []Entry
	was, err := all(ctx, s.db, func(e Entry) {
		if some = append(some, e); len(some) == batch {
			next, some = put(next, some), some[:0]
		}
	})
	if err != nil {
		return err
	}
	next = put(next, some)
	s.was = was
	s.now.Store(&next)
	return nil
}

// put makes the indexes after some cars changed.
func put(was map[id.Market]*Index, changes []Entry) map[id.Market]*Index {
	by := map[id.Market][]Entry{}
	for _, e := range changes {
		by[e.Market] = append(by[e.Market], e)
	}
	next := maps.Clone(was)
	for m, es := range by {
		x, ok := next[m]
		if !ok {
			x = newIndex()
		}
		next[m] = x.With(es)
	}
	return next
}

// Refresh reads what changed since the last time. The instance that made a change may call it to see it at once.
func (s *Shelf) Refresh(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var some []Entry
	was, err := since(s.db.Read(ctx), s.was, func(e Entry) { some = append(some, e) })
	if err != nil {
		return err
	}
	s.was = was
	if len(some) > 0 {
		next := put(*s.now.Load(), some)
		s.now.Store(&next)
	}
	return nil
}

// readEvery is how old an index may become; two cheap statements each time.
const readEvery = 500 * time.Millisecond

// Run keeps the indexes new until ctx ends.
func (s *Shelf) Run(ctx context.Context) {
	tick := time.NewTicker(readEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := s.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("usedcars: cannot read what changed, the index stays", "error", err.Error())
		}
	}
}
