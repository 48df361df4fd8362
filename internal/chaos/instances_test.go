package chaos

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestOneOfTwoInstancesDies kills one or the other of two shops behind one address; the one that is
// left answers meanwhile.
func TestOneOfTwoInstancesDies(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), killing(t)+4*time.Minute)
	defer cancel()
	front := newRelay(t)
	var two [2]*instance
	s := newStand(t, plot{fault: "kill -9 of one of two instances", buyers: 6, front: front, serve: func(s *stand) {
		binary := filepath.Join(s.dir, "forecourt")
		build(t, binary)
		var to []string
		for i := range two {
			ports := freePorts(t, 2)
			two[i] = &instance{stand: s, binary: binary, addr: loopback(ports[0]), admin: loopback(ports[1]), said: &lockedBuffer{}}
			to = append(to, two[i].addr)
			s.stops = append(s.stops, two[i].kill)
			if _, err := within(t.Context(), firstWait, two[i].start); err != nil {
				t.Fatal(err)
			}
		}
		front.lead(to...)
	}})
	idle := [2]int{}
	for i, x := range two {
		var err error
		if idle[i], err = idleGoroutines(ctx, "http://"+x.admin); err != nil {
			t.Fatal(err)
		}
	}
	kills, is := large(t)
	most := 3 * time.Second
	if !is {
		kills, most = kills/2, 500*time.Millisecond
	}
	r := s.c.rnd(4)
	err := s.c.crowdIn(ctx, func(ctx context.Context) error {
		end := time.Now().Add(killing(t))
		for n := 1; n <= kills; n++ {
			if time.Now().After(end) {
				return fmt.Errorf("only %d of %d kills within %v", n-1, kills, killing(t))
			}
			if err := sleep(ctx, 20*time.Millisecond+time.Duration(r.Int64N(int64(most)))); err != nil {
				return err
			}
			x, at := two[r.IntN(2)], time.Now()
			x.kill()
			ready, err := within(ctx, again, x.start)
			if err != nil {
				return fmt.Errorf("kill %d of seed %d: %w", n, s.c.seed, err)
			}
			s.c.struck(at, at, ready)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.c.checkFailures()
	s.audit(ctx, nil)
	for i, x := range two {
		s.c.sameGoroutines(ctx, "http://"+x.admin, idle[i])
	}
}

// instance is a shop as a process of its own.
type instance struct {
	*stand
	binary, addr, admin string
	cmd                 *exec.Cmd
	exit                chan struct{} // closed when it is gone
	said                *lockedBuffer
}

func (x *instance) start(ctx context.Context) (time.Duration, error) {
	begin := time.Now()
	x.cmd = exec.Command(x.binary, "serve")
	p := x.settings(x.dsn, 0)
	x.cmd.Env = append(ownEnvironment(), "ADDR="+x.addr, "ADMIN_ADDR="+x.admin, "BASE_URL="+p.BaseURL, "DATABASE_URL="+x.dsn, "DATA_DIR="+x.dir,
		"SECRET_KEY="+p.SecretKey, "TOKEN_KEYS="+p.TokenKeys[0], "STRIPE_SECRET_KEY="+cardKey, "STRIPE_WEBHOOK_SECRET="+cardSecret, "STRIPE_URL="+x.card,
		"STRIPE_ACCOUNT=cardbank", "CARD_ORIGIN="+x.card, "SMTP_ADDR=127.0.0.1:1", "MAIL_FROM="+p.MailFrom, "DATABASE_CONNS=10",
		"POSTS_PER_SECOND="+strconv.Itoa(int(p.PostsPerSecond)), "BEGIN_LIMIT="+strconv.Itoa(p.BeginLimit))
	x.cmd.Stdout, x.cmd.Stderr = x.said, x.said
	if err := x.cmd.Start(); err != nil {
		return 0, err
	}
	x.exit = make(chan struct{})
	go func(c *exec.Cmd, exit chan struct{}) { _ = c.Wait(); close(exit) }(x.cmd, x.exit)
	for {
		select {
		case <-x.exit:
			return 0, fmt.Errorf("the instance ended by itself\n%s", x.said.tail())
		case <-ctx.Done():
			return 0, errors.Join(ctx.Err(), errors.New(x.said.tail()))
		case <-time.After(5 * time.Millisecond):
		}
		if answers(ctx, "http://"+x.addr+"/readyz") {
			return time.Since(begin), nil
		}
	}
}

// kill ends it, and waits until it is gone.
func (x *instance) kill() {
	if x.cmd == nil || x.exit == nil {
		return
	}
	_ = x.cmd.Process.Kill()
	<-x.exit
}
