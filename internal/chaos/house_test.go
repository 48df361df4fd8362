package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// house is the program under attack: one binary, one folder, three ports that stay the same.
type house struct {
	binary, data             string
	addr, adminAddr, cardAdr string
	shop, admin, card        string // as people reach them

	cmd  *exec.Cmd
	exit chan error
	said *lockedBuffer
}

func newHouse(t *testing.T) *house {
	t.Helper()
	// Not t.TempDir: as root PostgreSQL runs as another account, which must be able to enter.
	data, err := os.MkdirTemp("", "forecourt-chaos-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	h := &house{binary: filepath.Join(data, "forecourt"), data: filepath.Join(data, "data"), said: &lockedBuffer{}}
	build(t, h.binary)
	ports := freePorts(t, 3)
	h.addr, h.adminAddr, h.cardAdr = loopback(ports[0]), loopback(ports[1]), loopback(ports[2])
	h.shop, h.admin, h.card = local(ports[0]), local(ports[1]), local(ports[2])
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the data is kept in %s", h.data)
			return
		}
		_ = os.RemoveAll(data)
	})
	return h
}

func build(t *testing.T, binary string) {
	t.Helper()
	if out, err := exec.Command("go", "build", "-o", binary, "forecourt/cmd/forecourt").CombinedOutput(); err != nil {
		t.Fatalf("the binary cannot be built: %v\n%s", err, out)
	}
}

func loopback(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }
func local(port int) string    { return "http://localhost:" + strconv.Itoa(port) }

// ports are handed out once: the program that has one is killed and comes back to it, and nobody may sit there
// meanwhile, neither another test nor, below the range that the kernel gives away, a client. Test processes
// beside this one have blocks of their own.
var ports = struct {
	sync.Mutex
	next, end int
}{next: firstPort(), end: firstPort() + portsEach}

const portsEach = 40

func firstPort() int { return 21000 + os.Getpid()%250*portsEach }

func freePorts(t *testing.T, n int) (out []int) {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	for ; len(out) < n && ports.next < ports.end; ports.next++ {
		l, err := net.Listen("tcp", loopback(ports.next))
		if err != nil {
			continue
		}
		_ = l.Close()
		out = append(out, ports.next)
	}
	if len(out) < n {
		t.Fatal("no free ports")
	}
	return out
}

// start runs the program and waits until the shop says it is ready.
func (h *house) start(ctx context.Context) (time.Duration, error) {
	begin := time.Now()
	h.cmd = exec.Command(h.binary, "demo", "--addr", h.addr, "--admin-addr", h.adminAddr, "--cardbank-addr", h.cardAdr, "--data", h.data)
	h.cmd.Env = append(ownEnvironment(), "POSTS_PER_SECOND=5000")
	h.cmd.Stdout, h.cmd.Stderr = h.said, h.said
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := h.cmd.Start(); err != nil {
		return 0, err
	}
	h.exit = make(chan error, 1)
	go func(c *exec.Cmd, exit chan<- error) { exit <- c.Wait() }(h.cmd, h.exit)
	for {
		select {
		case err := <-h.exit:
			return 0, fmt.Errorf("the program ended by itself: %v\n%s", err, h.said.tail())
		case <-ctx.Done():
			return 0, fmt.Errorf("not ready after %v: %w\n%s", time.Since(begin), ctx.Err(), h.said.tail())
		case <-time.After(5 * time.Millisecond):
		}
		if answers(ctx, h.shop+"/readyz") {
			return time.Since(begin), nil
		}
	}
}

// ownEnvironment is ours without settings that would lead the program to other data.
func ownEnvironment() (out []string) {
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "DATABASE_") && !strings.HasPrefix(name, "STRIPE_") && name != "LOG_LEVEL" {
			out = append(out, e)
		}
	}
	return out
}

func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// kill ends the program, and PostgreSQL when asked, without a chance to say anything.
func (h *house) kill(pg bool) error {
	if pg {
		pid, err := postmaster(h.data)
		if err != nil {
			return err
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return err
		}
	}
	if err := h.cmd.Process.Kill(); err != nil {
		return err
	}
	<-h.exit
	return nil
}

// postmaster is the process id of the PostgreSQL that keeps the data in a folder.
func postmaster(dir string) (int, error) {
	found, _ := filepath.Glob(filepath.Join(dir, "pg*", "postmaster.pid"))
	if len(found) != 1 {
		return 0, fmt.Errorf("%d files postmaster.pid in %s", len(found), dir)
	}
	b, err := os.ReadFile(found[0])
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return strconv.Atoi(strings.TrimSpace(first))
}

// stop ends the program as Ctrl-C does; it stops its PostgreSQL too.
func (h *house) stop() error {
	if h.cmd == nil || h.cmd.ProcessState != nil {
		return nil
	}
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return nil // gone already
	}
	select {
	case err := <-h.exit:
		return err
	case <-time.After(30 * time.Second):
		_ = h.cmd.Process.Kill()
		<-h.exit
		return errors.New("the program did not stop in 30 s")
	}
}

// lockedBuffer keeps what the program prints.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.b.String()
	return s[max(0, len(s)-2000):]
}
