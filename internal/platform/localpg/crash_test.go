package localpg

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const starterDir = "LOCALPG_TEST_STARTER_DIR"

// The test binary plays a process of its own when it is started with a folder to work in.
func TestMain(m *testing.M) {
	if dir := os.Getenv(starterDir); dir != "" {
		os.Exit(playStarter(dir))
	}
	os.Exit(m.Run())
}

func playStarter(dir string) int {
	signal.Ignore(syscall.SIGPIPE)
	s, err := Ensure(context.Background(), Options{Dir: dir, Database: "shop"})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println("attached", s.Attached, s.DSN)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test lets go
	return 0
}

type starter struct {
	cmd  *exec.Cmd
	in   io.Closer
	line *bufio.Reader
}

func spawn(t *testing.T, dir string) *starter {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), starterDir+"="+dir)
	in, errIn := c.StdinPipe()
	out, errOut := c.StdoutPipe()
	if errIn != nil || errOut != nil {
		t.Fatal(errIn, errOut)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return &starter{cmd: c, in: in, line: bufio.NewReader(out)}
}

func TestFourProcessesStartAtOnce(t *testing.T) {
	t.Parallel()
	o := options(t)
	var starters []*starter
	for range 4 {
		starters = append(starters, spawn(t, o.Dir))
	}
	said := map[string]int{}
	for _, s := range starters {
		line, err := s.line.ReadString('\n')
		if err != nil {
			t.Errorf("a starter ended: %v", err)
		}
		said[line]++
	}
	last := ensure(t, o)
	if said["attached false "+last.DSN+"\n"] != 1 || said["attached true "+last.DSN+"\n"] != 3 {
		t.Errorf("the starters say %v", said)
	}
	for _, s := range starters {
		if err := s.in.Close(); err != nil {
			t.Error(err)
		}
		if err := s.cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if !running(t, last) {
		t.Error("the server went with its starter")
	}
}

// Killed while it looks, while initdb writes, while the server starts, while all is ready: the next
// process must always get a server, and the same data once there was any.
func TestOurProcessIsKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	o := options(t)
	for _, after := range []time.Duration{20, 150, 350, 600, 900, 1300, 1800} {
		s := spawn(t, o.Dir)
		time.Sleep(after * time.Millisecond)
		if err := s.cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = s.cmd.Wait()
	}
	s := ensure(t, o)
	query(t, s, "CREATE TABLE IF NOT EXISTS car AS SELECT 'Spring' AS name")
	for _, after := range []time.Duration{10, 60, 150} {
		killServer(t, s)
		p := spawn(t, o.Dir)
		time.Sleep(after * time.Millisecond)
		if err := p.cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = p.cmd.Wait()
		s = ensure(t, o)
		if got := query(t, s, "SELECT name FROM car"); got != "Spring" {
			t.Fatalf("found %q after %v", got, after)
		}
	}
}

func killServer(t *testing.T, s *Server) {
	t.Helper()
	if err := syscall.Kill(s.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func TestTheServerIsKilled(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := ensure(t, o)
	query(t, s, "CREATE TABLE car AS SELECT 'Clio' AS name")
	for range 3 {
		killServer(t, s)
		s = ensure(t, o)
		if got := query(t, s, "SELECT name FROM car"); got != "Clio" {
			t.Fatalf("found %q", got)
		}
	}
}

// After a restart of a container the old pid is often somebody else's, of the same account.
func TestAStalePidOfSomebodyElseDoesNotBlock(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := ensure(t, o)
	query(t, s, "CREATE TABLE car AS SELECT 'Zoe' AS name")
	stale, err := os.ReadFile(s.place.pidFile())
	if err != nil {
		t.Fatal(err)
	}
	killServer(t, s)
	<-s.gone
	stranger := command(t.Context(), s.place.owner, "/", "sleep", "600")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Process.Kill(); _ = stranger.Wait() }()
	_, rest, _ := strings.Cut(string(stale), "\n")
	forged := strconv.Itoa(stranger.Process.Pid) + "\n" + rest
	if err := os.WriteFile(s.place.pidFile(), []byte(forged), 0o600); err != nil {
		t.Fatal(err)
	}
	again := ensure(t, o)
	if got := query(t, again, "SELECT name FROM car"); got != "Zoe" || again.Attached {
		t.Errorf("found %q, attached %v", got, again.Attached)
	}
	if stateOf(stranger.Process.Pid, again.DataDir()) != foreign {
		t.Error("the stranger is taken for the server, or was hurt")
	}
}

func TestTheVersionOfTheDataIsPreferred(t *testing.T) {
	t.Parallel()
	found := []binaries{{dir: "/new", major: 17}, {dir: "/old", major: 15}}
	dir := t.TempDir()
	pick := func(explicit bool) (binaries, error) { return matchData(found, dir, explicit, t.Logf) }
	if got, err := pick(false); err != nil || got.major != 17 {
		t.Errorf("an empty folder takes %v, %v", got, err)
	}
	withData(t, dir, "pg14.new1")
	if got, err := pick(false); err != nil || got.major != 17 {
		t.Errorf("a half-made cluster counts: %v, %v", got, err)
	}
	withData(t, dir, "pg14")
	if _, err := pick(false); err == nil || !strings.Contains(err.Error(), "pg14") {
		t.Errorf("data of a version that is not here: %v", err)
	}
	if got, err := pick(true); err != nil || got.major != 17 {
		t.Errorf("an explicit choice takes %v, %v", got, err)
	}
	withData(t, dir, "pg15")
	if got, err := pick(false); err != nil || got.major != 15 {
		t.Errorf("data of 15 takes %v, %v", got, err)
	}
}

func withData(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name, "PG_VERSION"), []byte(name[2:]), 0o600); err != nil {
		t.Fatal(err)
	}
}
