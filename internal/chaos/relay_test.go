package chaos

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// relay is one loopback address in front of several, of which some may be down: what a balancer is to
// two instances, and a name to a database that comes back at another port.
type relay struct {
	l net.Listener

	mu   sync.Mutex
	to   []string
	next int
	open map[net.Conn]bool
	runs sync.WaitGroup
}

func newRelay(t *testing.T, to ...string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{l: l, to: to, open: map[net.Conn]bool{}}
	r.runs.Go(r.accept)
	t.Cleanup(r.close)
	return r
}

func (r *relay) addr() string { return r.l.Addr().String() }

// lead sends new connections elsewhere.
func (r *relay) lead(to ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = to
}

func (r *relay) accept() {
	for {
		c, err := r.l.Accept()
		if err != nil {
			return
		}
		r.runs.Go(func() { r.carry(c) })
	}
}

// dial takes the next address that answers.
func (r *relay) dial() (net.Conn, error) {
	r.mu.Lock()
	to := append([]string(nil), r.to...)
	first := r.next
	r.next++
	r.mu.Unlock()
	var last error = io.EOF
	for i := range to {
		c, err := net.DialTimeout("tcp", to[(first+i)%len(to)], time.Second)
		if err == nil {
			return c, nil
		}
		last = err
	}
	return nil, last
}

func (r *relay) carry(c net.Conn) {
	defer c.Close()
	up, err := r.dial()
	if err != nil {
		return
	}
	defer up.Close()
	r.note(true, c, up)
	defer r.note(false, c, up)
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{c, up}, {up, c}} {
		go func() { _, _ = io.Copy(way[0], way[1]); done <- struct{}{} }()
	}
	<-done // one side is gone: so is the other
	c.Close()
	up.Close()
	<-done
}

func (r *relay) note(is bool, cs ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range cs {
		if is {
			r.open[c] = true
		} else {
			delete(r.open, c)
		}
	}
}

func (r *relay) close() {
	_ = r.l.Close()
	r.mu.Lock()
	for c := range r.open {
		c.Close()
	}
	r.mu.Unlock()
	r.runs.Wait()
}
