package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/log"
	"forecourt/internal/platform/telemetry"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

// Outside is the queue of jobs that wait for systems of strangers, with few workers of its own.
const Outside = "outside"

const outsideWorkers = 4

// Client inserts jobs and, when it was given workers, runs them.
type Client struct {
	river *river.Client[pgx.Tx]
	works bool
	lost  *lostAndFound
}

// Options of a client that works. The zero value only inserts.
type Options struct {
	Workers    *river.Workers
	Periodic   []*river.PeriodicJob
	MaxWorkers int
	Slow       []string // kinds of jobs that have a timeout of their own, longer than usual
	Log        *slog.Logger
}

// New makes a client on pool, which must be a direct connection when it works: LISTEN does not go
// through a transaction pooler.
func New(pool *pgxpool.Pool, o Options) (*Client, error) {
	cfg := &river.Config{
		JobTimeout: timeout,
		// The library's own round comes every 30 seconds; lostAndFound is faster with ordinary jobs.
		RescueStuckJobsAfter: 45 * time.Second,
		MaxAttempts:          25,
		RetryPolicy:          &soonThenSeldom{},
		Logger:               slog.New(slog.DiscardHandler),
	}
	if o.Workers != nil {
		n := o.MaxWorkers
		if n == 0 {
			n = 8
		}
		cfg.Workers = o.Workers
		cfg.PeriodicJobs = o.Periodic
		cfg.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: n, FetchCooldown: 20 * time.Millisecond, FetchPollInterval: time.Second},
			Outside: {MaxWorkers: outsideWorkers, FetchCooldown: 100 * time.Millisecond, FetchPollInterval: 2 * time.Second}}
		cfg.CompletedJobRetentionPeriod = time.Hour
		cfg.Middleware = []rivertype.Middleware{river.WorkerMiddlewareFunc(signed)}
		cfg.ErrorHandler = errorLog{o.Log}
	}
	c, err := river.NewClient(riverpgxv5.New(pool), cfg)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Client{river: c, works: o.Workers != nil, lost: &lostAndFound{pool: pool, slow: append([]string{}, o.Slow...), log: o.Log}}, nil
}

// Start begins to work.
func (c *Client) Start(ctx context.Context) error {
	if !c.works {
		return errors.New("jobs: this client has no workers")
	}
	if err := c.river.Start(ctx); err != nil {
		return err
	}
	c.lost.start(ctx)
	return nil
}

// Stop lets running jobs end until ctx is done, then cancels them; they run again later.
func (c *Client) Stop(ctx context.Context) error {
	if !c.works {
		return nil
	}
	c.lost.stop()
	if err := c.river.Stop(ctx); err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	return c.river.StopAndCancel(hard)
}

// because is what a job keeps of the request that it follows from.
type because struct {
	Request string `json:"request_id,omitempty"`
	Trace   string `json:"traceparent,omitempty"`
}

// metadata keeps the request's id with a job, so that what the job writes can be traced to it, and its place in a trace.
func metadata(ctx context.Context, tx *db.Tx) []byte {
	b, _ := json.Marshal(because{tx.Request(), telemetry.Carried(ctx)}) // strings: it can not fail
	return b
}

// signed lets a job act under its own name and within the request that it follows from.
func signed(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	var b because
	if err := json.Unmarshal(job.Metadata, &b); err != nil || b.Request == "" {
		b.Request = fmt.Sprint("job:", job.ID)
	}
	return telemetry.Do(telemetry.Carry(log.WithRequestID(log.WithActor(ctx, log.System+":"+job.Kind), b.Request), b.Trace), "job "+job.Kind, work)
}

// InsertTx enqueues a job in tx: it is seen by workers when tx commits, never otherwise.
func (c *Client) InsertTx(ctx context.Context, tx *db.Tx, args river.JobArgs, o *river.InsertOpts) error {
	if o == nil {
		o = &river.InsertOpts{}
	}
	if o.Metadata == nil {
		with := *o
		with.Metadata = metadata(ctx, tx)
		o = &with
	}
	if _, err := c.river.InsertTx(ctx, tx.Pgx(), args, o); err != nil {
		return fmt.Errorf("jobs: enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// InsertManyTx enqueues several jobs in one statement.
func (c *Client) InsertManyTx(ctx context.Context, tx *db.Tx, args ...river.JobArgs) error {
	if len(args) == 0 {
		return nil
	}
	params, because := make([]river.InsertManyParams, len(args)), metadata(ctx, tx)
	for i, a := range args {
		params[i] = river.InsertManyParams{Args: a, InsertOpts: &river.InsertOpts{Metadata: because}}
	}
	if _, err := c.river.InsertManyFastTx(ctx, tx.Pgx(), params); err != nil {
		return fmt.Errorf("jobs: enqueue %d: %w", len(args), err)
	}
	return nil
}

// soonThenSeldom tries a failed job again after 1, 2, 4 ... 128 seconds, because most faults are over by then and
// a buyer waits; after that as seldom as the library does, so that the attempts last for weeks.
type soonThenSeldom struct {
	seldom river.DefaultClientRetryPolicy
}

const soonAttempts = 8

// NextRetry is when job runs again.
func (p *soonThenSeldom) NextRetry(job *rivertype.JobRow) time.Time {
	if n := len(job.Errors) + 1; n <= soonAttempts {
		wait := time.Second << (n - 1)
		return time.Now().UTC().Add(wait + rand.N(wait/4))
	}
	return p.seldom.NextRetry(job)
}

// errorLog writes a failed job's kind and cause once per attempt; arguments are ids only.
type errorLog struct{ log *slog.Logger }

func (e errorLog) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	if e.log != nil {
		e.log.WarnContext(ctx, "job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "error", err.Error())
	}
	return nil
}

func (e errorLog) HandlePanic(ctx context.Context, job *rivertype.JobRow, v any, trace string) *river.ErrorHandlerResult {
	if e.log != nil {
		e.log.ErrorContext(ctx, "job panicked", "kind", job.Kind, "job", job.ID, "panic", fmt.Sprint(v), "trace", trace)
	}
	return nil
}
