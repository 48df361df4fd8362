package localpg

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

func options(t *testing.T) Options {
	t.Helper()
	return Options{Dir: openDir(t), Database: "shop", fallbackRoot: openDir(t), Logf: t.Logf}
}

// openDir is a temporary folder that the server's account can enter, which t.TempDir is not.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "localpg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func ensure(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Ensure(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.StopForced(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func query(t *testing.T, s *Server, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var out string
	if err := conn.QueryRow(t.Context(), sql).Scan(&out); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		t.Fatal(err)
	}
	return out
}

func running(t *testing.T, s *Server) bool {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN)
	if err != nil {
		return false
	}
	conn.Close(context.Background())
	return true
}

func TestDataOutlivesStops(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := ensure(t, o)
	if s.Attached {
		t.Error("attached to nothing")
	}
	query(t, s, "CREATE TABLE car AS SELECT 'Duster' AS name")
	if got := query(t, s, "SELECT current_database() || ' ' || current_setting('fsync')"); got != "shop on" {
		t.Errorf("works in %q", got)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if running(t, s) {
		t.Fatal("still answers after Stop")
	}
	again := ensure(t, o)
	if got := query(t, again, "SELECT name FROM car"); got != "Duster" || again.Attached {
		t.Errorf("found %q, attached %v", got, again.Attached)
	}
}

func TestPasswordIsReadByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.FastUnsafe = true
	s := ensure(t, o)
	st, err := os.Stat(s.place.passwordFile())
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("password file: %v, %v", st.Mode(), err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(s.DataDir()), "*.new*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if got := query(t, s, "SELECT current_setting('fsync')"); got != "off" {
		t.Errorf("fsync is %s", got)
	}
	if _, err := pgx.Connect(t.Context(), strings.Replace(s.DSN, "forecourt:", "forecourt:not", 1)); err == nil {
		t.Error("a wrong password is let in")
	}
}

func TestTheStarterDoesNotStopUnderOthers(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.FastUnsafe = true
	first := ensure(t, o)
	o.Database = "another"
	second, third := ensure(t, o), ensure(t, o)
	if !second.Attached || query(t, second, "SELECT current_database()") != "another" {
		t.Error("the second did not attach to a database of its own")
	}
	if err := first.Stop(t.Context()); err != nil || !running(t, second) {
		t.Fatalf("stopped under the second: %v", err)
	}
	if err := second.StopLast(t.Context()); err != nil || !running(t, third) {
		t.Fatalf("stopped under the third: %v", err)
	}
	if err := third.Stop(t.Context()); err != nil || !running(t, third) {
		t.Fatalf("Stop ended a server that another one started: %v", err)
	}
	last := ensure(t, o)
	if err := last.StopLast(t.Context()); err != nil || running(t, last) {
		t.Fatalf("the last one leaves the server running: %v", err)
	}
}

func TestManyStartersInOneProcess(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.FastUnsafe = true
	var starters sync.WaitGroup
	servers := make([]*Server, 4)
	for i := range servers {
		starters.Go(func() {
			var err error
			if servers[i], err = Ensure(t.Context(), o); err != nil {
				t.Error(err)
			}
		})
	}
	starters.Wait()
	started := 0
	for _, s := range servers {
		if s == nil {
			continue
		}
		t.Cleanup(func() { _ = s.StopForced(context.Background()) })
		if !s.Attached {
			started++
		}
		if s.DSN != servers[0].DSN || !running(t, s) {
			t.Errorf("not the same running server: %v", s.DSN == servers[0].DSN)
		}
	}
	if started != 1 {
		t.Errorf("%d starters started it", started)
	}
}

func TestDataMadeToLastIsNotUsedWithoutFsync(t *testing.T) {
	t.Parallel()
	o := options(t)
	if err := ensure(t, o).Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.FastUnsafe = true
	if _, err := Ensure(t.Context(), o); err == nil || !strings.Contains(err.Error(), "made to last") {
		t.Errorf("got %v", err)
	}
}

// Below a folder that only root may enter the server's account cannot work; another account than
// root has no such difficulty, because the server runs as itself.
func TestAFolderTheServerCannotEnterIsReplacedAndTold(t *testing.T) {
	t.Parallel()
	var told []string
	o := options(t)
	o.FastUnsafe = true
	o.Logf = func(format string, args ...any) { told = append(told, format) }
	o.Dir = filepath.Join(o.Dir, "home", "var")
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(o.Dir), 0o700); err != nil {
		t.Fatal(err)
	}
	s := ensure(t, o)
	asRoot := os.Getuid() == 0
	if moved := strings.HasPrefix(s.DataDir(), o.fallbackRoot); moved != asRoot {
		t.Errorf("as root %v: data in %s", asRoot, s.DataDir())
	}
	if (len(told) == 1) != asRoot {
		t.Errorf("told: %v", told)
	}
	if again := ensure(t, o); !again.Attached || again.DataDir() != s.DataDir() {
		t.Errorf("the second looked in %s", again.DataDir())
	}
}

func TestAnotherNameOfTheFolderFindsTheSameServer(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.FastUnsafe = true
	s := ensure(t, o)
	link := filepath.Join(openDir(t), "link")
	if err := os.Symlink(o.Dir, link); err != nil {
		t.Fatal(err)
	}
	o.Dir = link
	if other := ensure(t, o); !other.Attached || other.DSN != s.DSN {
		t.Error("a second server was started on the same data")
	}
}

func TestWithoutProgramsTheWaysOutAreTold(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Bin = t.TempDir()
	_, err := Ensure(t.Context(), o)
	if !errors.Is(err, ErrNoBinaries) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"DATABASE_URL", `"postgresql"`, "PG_BIN", o.Bin} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not told in: %v", want, err)
		}
	}
}

func TestTheContextEndsTheWait(t *testing.T) {
	t.Parallel()
	o := options(t)
	held, err := lockFile(t.Context(), filepath.Join(o.Dir, "start.lock"), syscall.LOCK_EX)
	if err != nil {
		t.Fatal(err)
	}
	defer held.release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Ensure(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if made, err := filepath.Glob(filepath.Join(o.Dir, "pg*")); err != nil || len(made) != 0 {
		t.Errorf("something was made: %v, %v", made, err)
	}
}
