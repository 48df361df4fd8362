package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"forecourt/config"
	"forecourt/internal/market"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/localpg"
	"forecourt/internal/world"
	"forecourt/migrations"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// TestTheDatabaseRestarts ends PostgreSQL at once, with all connections, while people buy.
func TestTheDatabaseRestarts(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	pg := newOwnServer(t)
	front := newRelay(t, hostOf(pg.server.DSN))
	s := newStand(t, plot{fault: "PostgreSQL restarts at once, under load", buyers: 4, dsn: elsewhere(pg.server.DSN, front.addr())})
	r := s.c.rnd(2)
	err := s.c.crowdIn(ctx, func(ctx context.Context) error {
		for range runs(t, 3, 100) {
			if err := sleep(ctx, 500*time.Millisecond+time.Duration(r.Int64N(int64(time.Second)))); err != nil {
				return err
			}
			if err := s.strike(ctx, pg.kill, func() error { return pg.start(ctx, front) }, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.c.checkFailures()
	s.audit(ctx, nil)
}

// runs is how often a fault strikes in the tests of every change, or in make chaos.
func runs(t *testing.T, few, many int) int {
	if _, is := large(t); is {
		return many
	}
	return few
}

// ownServer is a PostgreSQL for one campaign, with the demo's world.
type ownServer struct {
	dir    string
	server *localpg.Server
}

func newOwnServer(t *testing.T) *ownServer {
	t.Helper()
	dir, err := os.MkdirTemp("", "forecourt-own-pg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // as root PostgreSQL runs under another account
		t.Fatal(err)
	}
	p := &ownServer{dir: dir}
	if err := p.ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = p.server.StopForced(end)
		_ = os.RemoveAll(dir)
	})
	if err := db.Migrate(t.Context(), p.server.DSN, migrations.Files); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), p.server.DSN, clock.System{}, db.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	files, err := world.Read(config.World, dbtest.Start)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := world.Import(t.Context(), d, files, market.Live); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *ownServer) ensure(ctx context.Context) (err error) {
	p.server, err = localpg.Ensure(ctx, localpg.Options{Dir: p.dir, Bin: os.Getenv("PG_BIN"), Database: "forecourt"})
	return err
}

// kill is the immediate shutdown: no checkpoint, every connection cut.
func (p *ownServer) kill() error {
	pid, err := postmaster(p.dir)
	if err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGQUIT)
}

// start brings it up again, at whatever port, and leads the way there.
func (p *ownServer) start(ctx context.Context, front *relay) error {
	old := p.server
	if err := p.ensure(ctx); err != nil {
		return err
	}
	end, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = old.Stop(end) // gives its lock back; the server is in use
	front.lead(hostOf(p.server.DSN))
	return nil
}

// toxics are what the way to the database suffers, one after the other.
var toxics = []struct {
	name, kind string
	part       float32 // of the connections
	values     map[string]any
	long       time.Duration
}{
	{"slow", "latency", 1, map[string]any{"latency": 200, "jitter": 50}, 2 * time.Second},
	{"half slow", "latency", .5, map[string]any{"latency": 400, "jitter": 100}, 2 * time.Second},
	{"reset", "reset_peer", 1, map[string]any{"timeout": 0}, time.Second},
	{"black hole that closes", "timeout", 1, map[string]any{"timeout": 3000}, 4 * time.Second},
	{"cut in the middle", "limit_data", 1, map[string]any{"bytes": 3000}, time.Second},
	// Nobody tells either side. Jobs that were at work are rescued after a minute: only in make chaos.
	{"silent black hole", "timeout", 1, map[string]any{"timeout": 0}, 5 * time.Second},
}

// TestTheWayToTheDatabaseIsBad puts a proxy between the program and PostgreSQL that delays, resets,
// swallows and cuts.
func TestTheWayToTheDatabaseIsBad(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	var way *toxiproxy.Proxy
	s := newStand(t, plot{fault: "the way to PostgreSQL: slow, reset, black hole, cut", buyers: 4, way: func(dsn string) string {
		server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
		way = toxiproxy.NewProxy(server, "postgres", "127.0.0.1:0", hostOf(dsn))
		if err := way.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(way.Stop)
		return elsewhere(dsn, way.Listen)
	}})
	r, all := s.c.rnd(3), toxics
	if _, is := large(t); !is {
		all = toxics[:len(toxics)-1]
	}
	err := s.c.crowdIn(ctx, func(ctx context.Context) error {
		for n := range len(all) * runs(t, 1, 10) {
			if err := sleep(ctx, 300*time.Millisecond+time.Duration(r.Int64N(int64(700*time.Millisecond)))); err != nil {
				return err
			}
			x := all[n%len(all)]
			downstream := []string{"downstream", "upstream"}[r.IntN(2)]
			add := func() error {
				body, _ := json.Marshal(map[string]any{"name": "t", "type": x.kind, "stream": downstream, "toxicity": x.part, "attributes": x.values})
				_, err := way.Toxics.AddToxicJson(bytes.NewReader(body))
				return err
			}
			if err := s.strike(ctx, add, func() error { return way.Toxics.RemoveToxic(ctx, "t") }, x.long); err != nil {
				return fmt.Errorf("%s: %w", x.name, err)
			}
			t.Logf("%s %s: well again after %v", x.name, downstream, s.c.ready[len(s.c.ready)-1].Round(time.Millisecond))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.c.checkFailures()
	s.audit(ctx, nil)
}

// A request waits two seconds for one of too few connections; a busy machine with the race detector adds to that.
// Only who hangs for good is wrong here: the figure itself is in the log.
const hangsFor = 30 * time.Second

// TestTwoConnectionsForFiftyPeople gives the shop a pool of two, and for a while somebody keeps the
// orders from everybody: no request may hang, whoever gets no connection hears so soon.
func TestTwoConnectionsForFiftyPeople(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	s := newStand(t, plot{fault: "2 connections for 50 clients", buyers: 50, conns: 2})
	s.c.limit = runs(t, 1, 4)
	err := s.c.crowdIn(ctx, func(ctx context.Context) error {
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
		for range runs(t, 1, 5) {
			if err := s.keepOrders(ctx, 4*time.Second); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.c.crowd.failing {
		if f.status != http.StatusServiceUnavailable || f.took > hangsFor {
			s.c.wrong("with two connections, %s (after %v)", f.what, f.took.Round(time.Millisecond))
		}
	}
	t.Logf("%d requests were told to come again", len(s.c.crowd.failing))
	s.audit(ctx, nil)
}

// keepOrders locks the table of orders for a while: both connections of the shop end up waiting.
func (s *stand) keepOrders(ctx context.Context, d time.Duration) error {
	tx, err := s.books.Pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	return s.strike(ctx, func() error { _, err := tx.Exec(ctx, `LOCK TABLE orders IN ACCESS EXCLUSIVE MODE`); return err },
		func() error { return tx.Rollback(ctx) }, d)
}
