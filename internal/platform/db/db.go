package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/log"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// DB is the one door to the database.
type DB struct {
	Pool  *pgxpool.Pool
	Clock clock.Clock
	sql   *sql.DB
	base  *gorm.DB
}

// Options tune the pool; zero values are sensible.
type Options struct {
	MaxConns int32
	Tracer   pgx.QueryTracer // counts statements in tests

	Statements *Statements // counts them by name, for whoever runs the site; nil leaves it out
}

// Open connects and checks that the server answers.
func Open(ctx context.Context, dsn string, c clock.Clock, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("db: DATABASE_URL is not a PostgreSQL address") // the cause would show the password
	}
	cfg.MaxConns = 20
	if o.MaxConns > 0 {
		cfg.MaxConns = o.MaxConns
	}
	cfg.MaxConnIdleTime = 5 * time.Minute
	if cfg.ConnConfig.Tracer = o.Tracer; o.Statements != nil {
		o.Statements.next, cfg.ConnConfig.Tracer = o.Tracer, o.Statements
	}
	if cfg.ConnConfig.RuntimeParams["application_name"] == "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = "forecourt"
	}
	// Instants are compared and shown in Go; the session zone must not matter.
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	// All statements ask by keys: a plan made once per connection is as good as one made each time.
	// Behind a pooler this stays with the server's connection, which is ours alone.
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SET plan_cache_mode = force_generic_plan; SET jit = off")
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("db: open pool: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("db: the server does not answer: %w", err)
	}
	sqlDB := sql.OpenDB(patient{stdlib.GetPoolConnector(pool)})
	// database/sql must not hoard connections of the pool that it borrows from.
	sqlDB.SetMaxIdleConns(0)
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: sqlDB}), &gorm.Config{
		SkipDefaultTransaction: true,
		// Not translated: the constraint's name is needed to tell one conflict from another.
		DisableAutomaticPing: true,
		Logger:               logger.Discard,
		NowFunc:              c.Now,
	})
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("db: gorm: %w", err)
	}
	return &DB{Pool: pool, Clock: c, sql: sqlDB, base: g}, nil
}

// ErrBusy tells that no connection became free in time.
var ErrBusy = fault.New(fault.Unavail, "fault.unavailable", "db")

// Patient gives what is done under ctx so much time, all in all, to wait for free connections; then it
// hears ErrBusy. Without, it waits as long as ctx lets it. A database that is stuck must not gather
// requests that nobody waits for any more: they would hold their places when it comes back.
func Patient(ctx context.Context, all time.Duration) context.Context {
	b := &budget{}
	b.left.Store(int64(all))
	return context.WithValue(ctx, budgetKey{}, b)
}

type (
	budgetKey struct{}
	budget    struct{ left atomic.Int64 }
	patient   struct{ driver.Connector }
)

// soonest is what a wait is given when the budget is used up: a connection that is free is taken.
const soonest = 20 * time.Millisecond

// Connect implements driver.Connector.
func (p patient) Connect(ctx context.Context) (driver.Conn, error) {
	b, ok := ctx.Value(budgetKey{}).(*budget)
	if !ok {
		return p.Connector.Connect(ctx)
	}
	short, cancel := context.WithTimeout(ctx, max(soonest, time.Duration(b.left.Load())))
	defer cancel()
	begin := time.Now()
	c, err := p.Connector.Connect(short)
	b.left.Add(-int64(time.Since(begin)))
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return nil, ErrBusy
	}
	return c, err
}

// Close waits for borrowed connections and closes the pool.
func (d *DB) Close() {
	_ = d.sql.Close()
	d.Pool.Close()
}

// Read is a gorm session for reads outside a transaction.
func (d *DB) Read(ctx context.Context) *gorm.DB { return d.base.WithContext(ctx) }

// Tx is one transaction. Now is its only time.
type Tx struct {
	*gorm.DB
	Now time.Time
	By  string // who acts, as log.Actor names him; a use case that knows better says so
	pgx pgx.Tx
}

// Request is the id of the request or job that the transaction is part of, else the transaction's own.
func (t *Tx) Request() string { return log.RequestID(t.Statement.Context) }

// Pgx gives the driver's transaction, for the job queue and for notifications.
func (t *Tx) Pgx() pgx.Tx { return t.pgx }

// txConn carries the transaction for gorm. Commit and Rollback make gorm see that it is inside one,
// so that a nested Transaction becomes a savepoint and plugins leave it alone; they must not work.
type txConn struct{ *sql.Conn }

var errOwned = errors.New("db: commit and rollback belong to InTx")

func (txConn) Commit() error   { return errOwned }
func (txConn) Rollback() error { return errOwned }

const maxTries = 4

// InTx runs fn in one transaction and commits when it returns nil. A transaction that the server
// gave up before its commit (serialisation, deadlock, restart) is run again, so fn must not have
// effects outside the database. A failing commit is returned: its outcome is not known. Outside of any request
// it has an id of its own, so that what was written together can be found together.
func (d *DB) InTx(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if log.RequestID(ctx) == "" {
		ctx = log.WithRequestID(ctx, "tx:"+rand.Text()[:16])
	}
	for try := 1; ; try++ {
		err := d.once(ctx, fn)
		var ce commitError
		if err == nil || errors.As(err, &ce) || try == maxTries || !retryable(err) || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(try*try) * 5 * time.Millisecond):
		}
	}
}

type commitError struct{ error }

func (c commitError) Unwrap() error { return c.error }

func (d *DB) once(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	c, err := d.sql.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	var pc *pgx.Conn
	if err := c.Raw(func(x any) error { pc = x.(*stdlib.Conn).Conn(); return nil }); err != nil {
		return err
	}
	tx, err := pc.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() {
		// A context of its own: a cancelled request must still give its locks back.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		// Nothing to do after a commit. Through Raw, because a cancelled statement may have made
		// database/sql give the connection up already: then somebody else is closing it.
		_ = c.Raw(func(any) error { return tx.Rollback(end) })
	}()
	g := d.base.Session(&gorm.Session{NewDB: true, SkipDefaultTransaction: true, Context: ctx})
	g.Statement.ConnPool = txConn{c}
	if err := fn(ctx, &Tx{DB: g, Now: d.Clock.Now(), By: log.Actor(ctx), pgx: tx}); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return commitError{fmt.Errorf("db: commit: %w", err)}
	}
	return nil
}

func retryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "40001", "40P01", "57P01", "57P02", "57P03":
			return true
		}
		return len(pg.Code) == 5 && pg.Code[:2] == "08"
	}
	return errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err)
}

// Constraint is the name of the constraint that err broke; empty when it broke none.
func Constraint(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && len(pg.Code) == 5 && pg.Code[:2] == "23" {
		return pg.ConstraintName
	}
	return ""
}

// One scans exactly one row of a raw query into dst; false when there was none.
func One(g *gorm.DB, dst any, query string, args ...any) (bool, error) {
	switch reflect.TypeOf(dst).Elem().Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map, reflect.Pointer:
		res := g.Raw(query, args...).Scan(dst)
		return res.RowsAffected > 0, res.Error
	}
	// A single value: gorm counts no row when its type has a name of ours.
	tx := g.Raw(query, args...)
	row := tx.Row()
	if row == nil {
		return false, tx.Error
	}
	err := row.Scan(dst)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Changed runs a guarded write and tells whether exactly one row changed.
func Changed(g *gorm.DB, query string, args ...any) (bool, error) {
	res := g.Exec(query, args...)
	return res.RowsAffected == 1, res.Error
}
