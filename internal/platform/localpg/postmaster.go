package localpg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	attempts = 10 // starts that fail for a reason that passes
	pause    = 300 * time.Millisecond
	logLimit = 16 << 20
	logTail  = 1500
)

// startOrAttach returns the port of a server that accepts connections.
func (s *Server) startOrAttach(ctx context.Context, o Options) (port int, err error) {
	for range attempts {
		if port, err = s.attach(ctx); err != nil || port != 0 {
			return port, err
		}
		if port, err = s.start(ctx, o); err == nil || !passing(err) {
			return port, err
		}
		if err := wait(ctx, pause); err != nil {
			return 0, err
		}
	}
	return 0, err
}

// attach returns port 0 when no server runs on the data.
func (s *Server) attach(ctx context.Context) (int, error) {
	for {
		f, ok := readPidFile(s.place.pidFile())
		if !ok {
			return 0, nil
		}
		switch stateOf(f.pid, s.place.data()) {
		case dead:
			return 0, nil
		case foreign:
			return 0, disown(s.place, f)
		}
		if f.ready {
			s.pid, s.Attached, s.gone = f.pid, true, nil
			return f.port, nil
		}
		if err := wait(ctx, 10*time.Millisecond); err != nil {
			return 0, fmt.Errorf("PostgreSQL (pid %d) is running in %s but not ready: %w", f.pid, s.place.data(), err)
		}
	}
}

func (s *Server) start(ctx context.Context, o Options) (int, error) {
	port, err := freePort()
	if err != nil {
		return 0, err
	}
	log, err := s.openLog()
	if err != nil {
		return 0, err
	}
	// The server outlives ctx and, when we are killed, us.
	c := command(context.Background(), s.place.owner, "/", filepath.Join(s.bin, "postgres"), s.settings(port, o)...)
	c.Stdout, c.Stderr = log, log
	err = c.Start()
	_ = log.Close()
	if err != nil {
		return 0, fmt.Errorf("start %s/postgres: %w", s.bin, err)
	}
	gone := make(chan struct{})
	go func() {
		_ = c.Wait() // reaped at once: a zombie would look alive to the next start
		close(gone)
	}()
	s.pid, s.Attached, s.gone = c.Process.Pid, false, gone
	return port, s.waitReady(ctx)
}

func (s *Server) settings(port int, o Options) []string {
	args := []string{"-D", s.place.data(), "-p", strconv.Itoa(port)}
	set := []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=", "timezone=UTC", "log_min_messages=warning",
		"max_connections=" + strconv.Itoa(o.MaxConnections),
	}
	if o.FastUnsafe {
		set = append(set, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	} else {
		set = append(set, "fsync=on")
	}
	for _, one := range set {
		args = append(args, "-c", one)
	}
	return args
}

func (s *Server) waitReady(ctx context.Context) error {
	for {
		if f, ok := readPidFile(s.place.pidFile()); ok && f.pid == s.pid && f.ready {
			return nil
		}
		select {
		case <-s.gone:
			return fmt.Errorf("PostgreSQL ended at its start; the end of %s:\n%s", s.place.logFile(), tail(s.place.logFile()))
		case <-ctx.Done():
			// It goes on: recovery may take long, and the next start attaches to it.
			return fmt.Errorf("PostgreSQL (pid %d) is not ready yet: %w", s.pid, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// passing tells reasons that go away: somebody took the port between our look and the server's, or
// the processes of a killed server still hold its memory for a moment.
func passing(err error) bool {
	for _, reason := range []string{"could not create any TCP/IP sockets", "pre-existing shared memory block", "lock file \"postmaster.pid\""} {
		if strings.Contains(err.Error(), reason) {
			return true
		}
	}
	return false
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// openLog appends; a log that has grown large is put aside, over the one put aside before.
func (s *Server) openLog() (*os.File, error) {
	name := s.place.logFile()
	if st, err := os.Stat(name); err == nil && st.Size() > logLimit {
		if err := os.Rename(name, name+".old"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

func tail(name string) string {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err.Error()
	}
	return string(raw[max(0, len(raw)-logTail):])
}

// pidFile is what the server writes about itself: pid, folder, start time, port, socket folder,
// address, shared memory, state.
type pidFile struct {
	pid   int
	port  int
	ready bool
	lines []string
}

func readPidFile(name string) (pidFile, bool) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return pidFile{}, false
	}
	f := pidFile{lines: strings.Split(string(raw), "\n")}
	if f.pid, err = strconv.Atoi(strings.TrimSpace(f.lines[0])); err != nil || f.pid <= 0 {
		return pidFile{}, false
	}
	if len(f.lines) > 7 {
		f.port, err = strconv.Atoi(strings.TrimSpace(f.lines[3]))
		f.ready = err == nil && strings.TrimSpace(f.lines[7]) == "ready"
	}
	return f, true
}

// disown makes a stale pid file harmless. The server would refuse to start as long as any process
// of its account has that pid; it ignores only its parent, which we are. The rest of the file
// stays, because the server finds left-over processes of its predecessor by the memory named there.
func disown(p place, f pidFile) error {
	f.lines[0] = strconv.Itoa(os.Getpid())
	half, err := os.CreateTemp(p.data(), "postmaster.pid.new")
	if err != nil {
		return err
	}
	_, errWrite := half.WriteString(strings.Join(f.lines, "\n"))
	if err := errors.Join(errWrite, half.Close(), p.owner.give(half.Name())); err != nil {
		return err
	}
	return os.Rename(half.Name(), p.pidFile())
}
