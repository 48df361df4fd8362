package journey

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/config"
	"forecourt/internal/app"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/log"
	"forecourt/internal/testkit"
)

// site is a whole demo in this process, on a database of its own.
type site struct {
	t    *testing.T
	db   *db.DB
	url  string
	log  *testkit.Log
	stop func()
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, log: &testkit.Log{}}
	dsn := dbtest.DSN(t) // empty: the demo loads its world and logins itself
	s.db = dbtest.Open(t, dbtest.Options{DSN: dsn, MaxConns: 2})
	settings, err := config.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	settings.DatabaseURL, settings.DatabaseDirectURL, settings.DatabaseConns, settings.Workers = dsn, "", 8, 2
	data, err := os.MkdirTemp("", "forecourt-journey-")
	if err != nil {
		t.Fatal(err)
	}
	forget(t)
	t.Cleanup(s.keep) // last of all: then the log is whole
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan string, 1), make(chan error, 1)
	level, _ := settings.Level()
	d := &app.Demo{Addr: "127.0.0.1:0", Admin: "127.0.0.1:0", CardBank: "127.0.0.1:0", Data: data, Settings: settings, Out: &testkit.Log{},
		Log: log.New(s.log, level), Ready: func(shop, _, _ string) { ready <- shop }}
	go func() { ended <- d.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the demo ended with %v", err)
		}
		_ = os.RemoveAll(data)
	})
	t.Cleanup(s.stop)
	select {
	case s.url = <-ready:
	case err := <-ended:
		ended <- err
		t.Fatalf("the demo did not start: %v", err)
	}
	testkit.Eventually(t, "the shop answers", func() bool {
		res, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	t.Cleanup(s.quietLog)
	return s
}

// quietLog fails for what a journey must not leave in the log: our own mistakes.
func (s *site) quietLog() {
	for _, line := range strings.Split(s.log.String(), "\n") {
		if strings.Contains(line, `"level":"ERROR"`) {
			s.t.Errorf("the log says: %s", line)
		}
	}
}

// one reads one value of the database.
func one[T any](s *site, query string, args ...any) T {
	s.t.Helper()
	var v T
	if _, err := db.One(s.db.Read(context.Background()), &v, query, args...); err != nil {
		s.t.Fatal(err)
	}
	return v
}

// becomes waits until the database says so: jobs need a moment.
func (s *site) becomes(want, query string, args ...any) {
	s.t.Helper()
	got := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if got = one[string](s, query, args...); got == want {
			return
		}
	}
	s.t.Fatalf("%s: %q, want %q", query, got, want)
}
