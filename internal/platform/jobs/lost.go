package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// timeout is what an ordinary job may take: one call to the card bank that hangs (10 s), and a little.
	timeout = 12 * time.Second
	// lostAfter is when an ordinary job that is still called running is worked on by nobody: its worker was
	// killed, or the answer that gave it to the worker never arrived.
	lostAfter = timeout + 3*time.Second
	lookEvery = 3 * time.Second
)

// lostAndFound gives jobs that nobody works on back to the workers, so that a payment waits 20 seconds at
// most for a worker that is gone. Any working process does it for all; a job that runs twice does no harm.
type lostAndFound struct {
	pool *pgxpool.Pool
	slow []string
	log  *slog.Logger

	cancel context.CancelFunc
	done   sync.WaitGroup
}

func (l *lostAndFound) start(ctx context.Context) {
	ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	l.done.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				l.look(ctx)
			}
		}
	})
}

func (l *lostAndFound) stop() {
	if l.cancel != nil {
		l.cancel()
		l.done.Wait()
	}
}

// giveBack leaves alone what has no attempt left: the library's rescuer ends it.
const giveBack = `UPDATE river_job SET state = 'available', scheduled_at = now()
	WHERE state = 'running' AND attempted_at < now() - make_interval(secs => $1) AND attempt < max_attempts AND kind <> ALL($2)`

func (l *lostAndFound) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*lookEvery)
	defer cancel()
	tag, err := l.pool.Exec(ctx, giveBack, lostAfter.Seconds(), l.slow)
	switch {
	case l.log == nil || ctx.Err() != nil:
	case err != nil:
		l.log.WarnContext(ctx, "looking for lost jobs failed", "error", err.Error())
	case tag.RowsAffected() > 0:
		l.log.WarnContext(ctx, "lost jobs given back", "jobs", tag.RowsAffected())
	}
}
