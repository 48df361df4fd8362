package localpg

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Options say where and how. Only Dir is needed.
type Options struct {
	Dir            string // holds pg<major>, its log and its locks
	Bin            string // folder of initdb and postgres; empty: look in the usual places
	Database       string // created when missing; empty: the database "postgres"
	FastUnsafe     bool   // for tests: fsync off, data may be lost with the machine's power
	MaxConnections int    // 200 when zero; a server that runs already keeps its own
	Logf           func(format string, args ...any)

	fallbackRoot string // where root goes when Dir cannot be entered by the server's account
}

// Server is a PostgreSQL that answers.
type Server struct {
	DSN      string
	Attached bool // it was running already

	bin   string
	place place
	pid   int
	users *lock         // shared as long as this process uses the server
	gone  chan struct{} // closed when the server we started has ended; nil when attached
}

const (
	defaultConnections  = 200
	defaultFallbackRoot = "/var/lib/forecourt"
	patience            = 2 * time.Minute // when the caller's context has no deadline
	looks               = 3
)

// Ensure returns a server that answers, starting and creating what is missing.
func Ensure(ctx context.Context, o Options) (*Server, error) {
	o = withDefaults(o)
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	in, bin, err := choose(o)
	if err != nil {
		return nil, err
	}
	starting, err := lockFile(ctx, in.startLock(), syscall.LOCK_EX)
	if err != nil {
		return nil, fmt.Errorf("wait for another process that starts PostgreSQL in %s: %w", in.dir, err)
	}
	defer starting.release()
	s := &Server{bin: bin, place: in}
	if s.users, err = lockFile(ctx, in.usersLock(), syscall.LOCK_SH); err != nil {
		return nil, err
	}
	if err := s.bringUp(ctx, o); err != nil {
		s.users.release()
		return nil, err
	}
	return s, nil
}

func withDefaults(o Options) Options {
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = defaultConnections
	}
	if o.fallbackRoot == "" {
		o.fallbackRoot = defaultFallbackRoot
	}
	if o.Database == "" {
		o.Database = maintenanceDatabase
	}
	return o
}

// choose settles which binaries work on which folder.
func choose(o Options) (place, string, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return place{}, "", err
	}
	found, err := candidates(o.Bin)
	if err != nil {
		return place{}, "", err
	}
	owner, err := serverAccount()
	if err != nil {
		return place{}, "", err
	}
	if dir, err = settle(dir, found[0].dir, owner, o); err != nil {
		return place{}, "", err
	}
	chosen, err := matchData(found, dir, o.Bin != "", o.Logf)
	if err != nil {
		return place{}, "", err
	}
	return place{dir: dir, major: chosen.major, owner: owner}, chosen.dir, nil
}

func (s *Server) bringUp(ctx context.Context, o Options) error {
	if err := s.place.createCluster(ctx, s.bin, o.FastUnsafe); err != nil {
		return err
	}
	raw, err := os.ReadFile(s.place.passwordFile())
	if err != nil {
		return fmt.Errorf("the password of the cluster in %s: %w", s.place.data(), err)
	}
	password := string(raw)
	// A server may die in the moment between our look and our first query: then look again.
	for range looks {
		var port int
		if port, err = s.startOrAttach(ctx, o); err != nil {
			return err
		}
		s.DSN = dsn(password, port, o.Database)
		err = createDatabase(ctx, dsn(password, port, maintenanceDatabase), o.Database)
		if err == nil || wait(ctx, pause) != nil {
			return err
		}
	}
	return err
}

// DataDir is the folder of the cluster.
func (s *Server) DataDir() string { return s.place.data() }

// Stop ends this process's use. The server itself stops only when this process started it and
// nobody else uses it.
func (s *Server) Stop(ctx context.Context) error {
	return s.stop(ctx, func() bool { return !s.Attached && s.alone() })
}

// StopLast ends this process's use and stops the server when nobody else uses it, whoever started
// it: so a server left over by a killed process does not stay for ever.
func (s *Server) StopLast(ctx context.Context) error { return s.stop(ctx, s.alone) }

// StopForced stops the server whoever started it and whoever uses it.
func (s *Server) StopForced(ctx context.Context) error {
	return s.stop(ctx, func() bool { return true })
}

func (s *Server) alone() bool { return s.users.tryExclusive() }

func (s *Server) stop(ctx context.Context, may func() bool) error {
	starting, err := lockFile(ctx, s.place.startLock(), syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer starting.release()
	defer s.users.release()
	if !may() {
		return nil
	}
	return s.shutDown(ctx)
}

// shutDown asks for a fast shutdown; when the context ends before, for an immediate one, which the
// next start recovers from.
func (s *Server) shutDown(ctx context.Context) error {
	if s.state() == dead {
		return nil
	}
	if err := syscall.Kill(s.pid, syscall.SIGINT); err != nil {
		return fmt.Errorf("stop PostgreSQL (pid %d): %w", s.pid, err)
	}
	for s.state() != dead {
		select {
		case <-ctx.Done():
			_ = syscall.Kill(s.pid, syscall.SIGQUIT)
			return fmt.Errorf("PostgreSQL (pid %d) did not stop in time: %w", s.pid, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

func (s *Server) state() processState {
	if s.gone != nil {
		select {
		case <-s.gone:
			return dead
		default:
			return ours
		}
	}
	if stateOf(s.pid, s.place.data()) == ours {
		return ours
	}
	return dead
}

// place is where a cluster lives and who owns it.
type place struct {
	dir   string
	major int
	owner *account // nil: the account of this process
}

func (p place) data() string         { return filepath.Join(p.dir, "pg"+strconv.Itoa(p.major)) }
func (p place) passwordFile() string { return filepath.Join(p.data(), "forecourt.password") }
func (p place) unsafeMark() string   { return filepath.Join(p.data(), "forecourt.unsafe") }
func (p place) pidFile() string      { return filepath.Join(p.data(), "postmaster.pid") }
func (p place) logFile() string      { return p.data() + ".log" }
func (p place) startLock() string    { return filepath.Join(p.dir, "start.lock") }
func (p place) usersLock() string    { return p.data() + ".users.lock" }
