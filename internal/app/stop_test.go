package app

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/platform/forms"
	"forecourt/internal/testkit"
)

// readListener counts connections on which the server has begun to read a request.
type readListener struct {
	net.Listener
	read atomic.Int64
}

func (l *readListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &readConn{Conn: c, l: l}, err
}

type readConn struct {
	net.Conn
	l    *readListener
	once sync.Once
}

func (c *readConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.once.Do(func() { c.l.read.Add(1) })
	}
	return n, err
}

// inFlight is how many requests are being answered when the process is told to stop.
const inFlight = 200

// TestStopFailsNobody: whoever was being served when the signal came gets a whole answer.
func TestStopFailsNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	l := &readListener{Listener: plain}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	a := h.open(h.Clock)
	go func() { ended <- a.Serve(ctx, l) }()
	answers := make(chan string, inFlight)
	for range inFlight {
		go func() { answers <- ask("http://" + plain.Addr().String() + "/dacia/gb/dealers?near=leeds") }()
	}
	for end := time.Now().Add(20 * time.Second); l.read.Load() < inFlight; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("only %d requests came in", l.read.Load())
		}
	}
	stop()
	for range inFlight {
		if got := <-answers; got != "" {
			t.Errorf("a request that was in failed: %s", got)
		}
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Serve ended with %v", err)
		}
	case <-time.After(stopWithin):
		t.Error("Serve does not end")
	}
}

// ask gets a page on a connection of its own; it says what went wrong.
func ask(address string) string {
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := c.Get(address)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return err.Error()
	case res.StatusCode != http.StatusOK:
		return res.Status
	case !strings.Contains(string(b), "</html>"):
		return "half a page"
	}
	return ""
}

// TestTwoInstancesAgree: what a manager does on one is seen on the other, and a form sent to both acts
// once.
func TestTwoInstancesAgree(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := h.open(h.Clock)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go h.app.World.Run(ctx)
	go other.World.Run(ctx)
	here, there := h.visitor(), h.visitor()
	there.base = h.serve(other).URL
	sameForm(t, h, here, there)
	m := h.staff("harriet@gb-office.example.com")
	for _, to := range []string{"paused", "live"} {
		page := m.get("/manager/switch/dacia/gb/new?to=" + to)
		_, rest, _ := strings.Cut(page.body, `name="version" value="`)
		version, _, _ := strings.Cut(rest, `"`)
		if a := m.post("/manager/switch/dacia/gb/new", form("to", to, "reason", "A test of two instances", "version", version)); a.status != http.StatusSeeOther {
			t.Fatalf("to %s: %d", to, a.status)
		}
		changed := time.Now()
		for strings.Contains(there.get("/dacia/gb").body, "/leave-name") != (to == "paused") {
			if time.Since(changed) > time.Second {
				t.Fatalf("a second after the switch went to %s the other instance does not show it", to)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func sameForm(t *testing.T, h *house, here, there *visitor) {
	t.Helper()
	before := h.counts()
	f := url.Values{"form_key": {forms.NewKey()}, "dealer": {string(testkit.Leeds)}}
	answers := make(chan answer, 20)
	for i := range cap(answers) {
		v := []*visitor{here, there}[i%2]
		go func() { answers <- v.post("/dacia/gb/new/duster/dealer", f) }()
	}
	to := map[string]int{}
	for range cap(answers) {
		a := <-answers
		to[http.StatusText(a.status)+" "+a.to()]++
	}
	if n := h.counts()["drafts"] - before["drafts"]; len(to) != 1 || n != 1 {
		t.Errorf("one form sent twenty times to two instances made %d drafts and these answers: %v", n, to)
	}
}
