package world

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"forecourt/internal/platform/db"

	"github.com/jackc/pgx/v5"
)

// Keeper holds the newest picture and renews it when the database says that it changed.
type Keeper struct {
	db      *db.DB
	direct  string // a direct connection: LISTEN does not go through a transaction pooler
	log     *slog.Logger
	current atomic.Pointer[World]
	mu      sync.Mutex // one reload at a time
}

// NewKeeper loads the first picture. direct may be empty: then only the poll renews it.
func NewKeeper(ctx context.Context, d *db.DB, direct string, l *slog.Logger) (*Keeper, error) {
	k := &Keeper{db: d, direct: direct, log: l}
	w, err := load(ctx, d, nil, l)
	if err != nil {
		return nil, err
	}
	k.current.Store(w)
	return k, nil
}

// Now is the newest picture.
func (k *Keeper) Now() *World { return k.current.Load() }

// Refresh reads the version and, when it is new, the picture. The instance that made a change calls
// it to see its own change at once; the others learn of it by notification or poll.
func (k *Keeper) Refresh(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, err := readVersion(k.db.Read(ctx))
	if err != nil {
		return err
	}
	old := k.current.Load()
	if v.Version == old.Version && !old.stale(k.db.Clock.Now()) {
		return nil
	}
	w, err := load(ctx, k.db, old, k.log)
	if err != nil {
		return err
	}
	k.current.Store(w)
	return nil
}

// stale tells that a plan of a site may have begun since the picture was made: days begin on the hour or near it.
func (w *World) stale(now time.Time) bool {
	return len(w.sites) > 0 && !now.Truncate(15*time.Minute).Equal(w.loaded.Truncate(15*time.Minute))
}

// pollEvery bounds how long a lost notification can hide a change.
const pollEvery = 500 * time.Millisecond

// Run renews the picture until ctx ends. It begins by mending what is on sale and not compiled, as
// after a restore of an old backup or a new form of diagrams; meanwhile everything can be bought.
func (k *Keeper) Run(ctx context.Context) {
	var mending sync.WaitGroup
	defer mending.Wait()
	mending.Go(func() {
		n, err := k.Mend(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			k.log.Warn("world: mending stopped", "mended", n, "error", err.Error())
		case n > 0:
			k.log.Info("world: compiled what was on sale and not compiled", "mended", n)
		}
	})
	told := make(chan struct{}, 1)
	if k.direct != "" {
		go k.listen(ctx, told)
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-told:
		case <-tick.C:
		}
		if err := k.Refresh(ctx); err != nil && ctx.Err() == nil {
			k.log.Warn("world: cannot renew the picture, the old one stays", "error", err.Error())
		}
	}
}

func (k *Keeper) listen(ctx context.Context, told chan<- struct{}) {
	for ctx.Err() == nil {
		if err := k.listenOnce(ctx, told); err != nil && ctx.Err() == nil {
			k.log.Warn("world: listening broke, polling goes on", "error", err.Error())
			select {
			case <-ctx.Done():
			case <-time.After(2 * time.Second):
			}
		}
	}
}

func (k *Keeper) listenOnce(ctx context.Context, told chan<- struct{}) error {
	c, err := pgx.Connect(ctx, k.direct)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	if _, err := c.Exec(ctx, `LISTEN world`); err != nil {
		return err
	}
	for {
		if _, err := c.WaitForNotification(ctx); err != nil {
			return err
		}
		select {
		case told <- struct{}{}:
		default:
		}
	}
}

// TouchTx tells all instances, at commit, that reference data or a switch changed.
func TouchTx(tx *db.Tx) error {
	return tx.Exec(`WITH v AS (UPDATE world_version SET version = version + 1 RETURNING version)
		SELECT pg_notify('world', version::text) FROM v`).Error
}
