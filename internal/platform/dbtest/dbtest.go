package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/localpg"
	"forecourt/migrations"

	"github.com/jackc/pgx/v5"
)

// Start is the instant at which every test's clock stands: a Tuesday morning in winter, on which
// every market's dealers work.
var Start = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

// Options tune one test database.
type Options struct {
	Clock    clock.Clock // default: a Manual clock at Start
	MaxConns int32
	Tracer   pgx.QueryTracer
	DSN      string // default: a fresh clone of the empty database
}

// New clones the template and opens it; the clock of the DB is a *clock.Manual at Start.
func New(t testing.TB) *db.DB { return Open(t, Options{}) }

// Clock is the manual clock of a DB made by New.
func Clock(t testing.TB, d *db.DB) *clock.Manual {
	t.Helper()
	c, ok := d.Clock.(*clock.Manual)
	if !ok {
		t.Fatal("dbtest: this database has no manual clock")
	}
	return c
}

// Open clones the template with options.
func Open(t testing.TB, o Options) *db.DB {
	t.Helper()
	if o.Clock == nil {
		o.Clock = clock.NewManual(Start)
	}
	if o.MaxConns == 0 {
		o.MaxConns = 8
	}
	if o.DSN == "" {
		o.DSN = DSN(t)
	}
	d, err := db.Open(t.Context(), o.DSN, o.Clock, db.Options{MaxConns: o.MaxConns, Tracer: o.Tracer})
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(d.Close)
	return d
}

var cluster = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	if dsn := os.Getenv("TEST_DATABASE_URL"); dsn != "" {
		return dsn, nil
	}
	s, err := localpg.Ensure(ctx, localpg.Options{Dir: Dir(), Bin: os.Getenv("PG_BIN"), Database: "postgres", FastUnsafe: true, MaxConnections: 400})
	if err != nil {
		return "", err
	}
	return s.DSN, nil
})

// Dir is where the test server keeps its data.
func Dir() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("forecourt-test-%d", os.Getuid()))
}

// DSN makes a fresh clone of the migrated template and gives its address.
func DSN(t testing.TB) string { t.Helper(); return Clone(t, "", nil) }

// Empty makes a database with nothing in it and gives its address.
func Empty(t testing.TB) string {
	t.Helper()
	admin, err := cluster()
	if err != nil {
		t.Fatalf("dbtest: no PostgreSQL for the tests: %v", err)
	}
	name := freshName()
	if err := exec(admin, `CREATE DATABASE `+name+` TEMPLATE template0`); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return with(admin, name)
}

// started tells this process from an earlier one with its number, which may have been killed before it
// could drop its databases.
var started = time.Now().UnixMilli()

func freshName() string { return fmt.Sprintf("t_%d_%d_%d", os.Getpid(), started, next()) }

// Clone makes a fresh clone of a template that prepare filled, once per name and schema; the name
// must change when what prepare writes does. Empty means the migrated, empty database.
func Clone(t testing.TB, prepared string, prepare func(ctx context.Context, dsn string) error) string {
	t.Helper()
	admin, err := cluster()
	if err != nil {
		t.Fatalf("dbtest: no PostgreSQL for the tests: %v", err)
	}
	template, err := templates.get(admin, prepared, prepare)
	if err != nil {
		t.Fatalf("dbtest: template: %v", err)
	}
	name := freshName()
	if err := exec(admin, `CREATE DATABASE `+name+` TEMPLATE `+template+` STRATEGY `+strategy); err != nil {
		t.Fatalf("dbtest: clone: %v", err)
	}
	return with(admin, name)
}

// FILE_COPY is the quicker one on a server without fsync.
const strategy = "FILE_COPY"

var (
	counter   int
	counterMu sync.Mutex
)

func next() int {
	counterMu.Lock()
	defer counterMu.Unlock()
	counter++
	return counter
}

// templates remembers which templates this process has seen ready.
var templates = shelf{names: map[string]string{}}

type shelf struct {
	mu    sync.Mutex
	names map[string]string
}

func (s *shelf) get(admin, prepared string, prepare func(context.Context, string) error) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, ok := s.names[prepared]; ok {
		return n, nil
	}
	n, err := template(admin, prepared, prepare)
	if err == nil {
		s.names[prepared] = n
	}
	return n, err
}

// template makes the migrated database that tests clone, named by the hash of the migrations, once
// for all test processes of a run: the others wait at an advisory lock.
func template(admin, prepared string, prepare func(context.Context, string) error) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	sum, err := digest(migrations.Files)
	if err != nil {
		return "", err
	}
	name := "template_" + sum
	if prepared != "" {
		name += "_" + prepared
	}
	c, err := pgx.Connect(ctx, admin)
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, `SELECT pg_advisory_lock(7315001)`); err != nil {
		return "", err
	}
	dropLeftovers(ctx, c)
	var there bool
	if err := c.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1 AND NOT datallowconn)`, name).Scan(&there); err != nil || there {
		return name, err
	}
	if _, err := c.Exec(ctx, `DROP DATABASE IF EXISTS `+name); err != nil {
		return "", err
	}
	if _, err := c.Exec(ctx, `CREATE DATABASE `+name); err != nil {
		return "", err
	}
	if err := db.Migrate(ctx, with(admin, name), migrations.Files); err != nil {
		return "", err
	}
	if prepare != nil {
		if err := prepare(ctx, with(admin, name)); err != nil {
			return "", err
		}
	}
	// Nobody may connect to a template: a clone would wait for him.
	_, err = c.Exec(ctx, `ALTER DATABASE `+name+` WITH ALLOW_CONNECTIONS false`)
	return name, err
}

// dropLeftovers removes clones of processes that are gone: some ten megabytes each, of every run since the
// migrations changed. Failing is no harm.
func dropLeftovers(ctx context.Context, c *pgx.Conn) {
	rows, err := c.Query(ctx, `SELECT datname FROM pg_database WHERE datname LIKE 't\_%'`)
	if err != nil {
		return
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return
	}
	for _, n := range names {
		var pid, k int
		if _, err := fmt.Sscanf(n, "t_%d_%d", &pid, &k); err != nil {
			continue
		}
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
			continue
		}
		_, _ = c.Exec(ctx, `DROP DATABASE IF EXISTS `+n+` WITH (FORCE)`)
	}
}

func digest(files fs.FS) (string, error) {
	h := sha256.New()
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	for _, n := range names {
		b, err := fs.ReadFile(files, n)
		if err != nil {
			return "", err
		}
		h.Write([]byte(n))
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

func exec(dsn, query string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, query)
	return err
}

func with(dsn, name string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		return strings.Replace(dsn, "/postgres", "/"+name, 1)
	}
	u.Path = "/" + name
	return u.String()
}
