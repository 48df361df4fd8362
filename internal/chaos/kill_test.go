package chaos

import (
	"context"
	"fmt"
	"testing"
	"time"

	"forecourt/internal/platform/localpg"
)

const (
	fewKills  = 30 // in every run of the tests; CHAOS_KILLS sets another count
	longest   = 15 * time.Minute
	pgEvery   = 3 // every third kill takes PostgreSQL along
	firstWait = time.Minute
)

// TestNothingIsLostOrDoubled kills the whole demo again and again: shop, worker and card bank in one
// process, and at times PostgreSQL.
func TestNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), longest+4*time.Minute)
	defer cancel()
	h := newHouse(t)
	c := newCampaign(t, "kill -9 of the app", h.shop, 6)
	c.crowd.password = demoPassword
	first, err := within(ctx, firstWait, h.start)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.stop() }()
	idle, err := idleGoroutines(ctx, h.admin)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.signIn(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.crowdIn(ctx, func(ctx context.Context) error { return c.kill(ctx, h) }); err != nil {
		t.Fatal(err)
	}
	t.Logf("first start %v, %d kills, every third with PostgreSQL", first.Round(time.Millisecond), len(c.ready))
	c.report()
	c.checkFailures()
	c.auditHouse(ctx, h)
	c.sameGoroutines(ctx, h.admin, idle)
	if err := h.stop(); err != nil {
		t.Errorf("the program does not stop in order: %v\n%s", err, h.said.tail())
	}
}

func within(ctx context.Context, d time.Duration, start func(context.Context) (time.Duration, error)) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return start(ctx)
}

// kill kills and restarts until the count or the time is reached.
func (c *campaign) kill(ctx context.Context, h *house) error {
	r := c.rnd(1)
	kills, is := large(c.t)
	most := 3 * time.Second
	if !is {
		most = 700 * time.Millisecond // the short run has to fit into the tests of every change
	}
	end := time.Now().Add(longest)
	for n := 1; n <= kills && time.Now().Before(end); n++ {
		if err := sleep(ctx, 20*time.Millisecond+time.Duration(r.Int64N(int64(most)))); err != nil {
			return err
		}
		at := time.Now()
		if err := h.kill(n%pgEvery == 0); err != nil {
			return err
		}
		ready, err := within(ctx, again, h.start)
		if err != nil {
			return fmt.Errorf("kill %d of seed %d: %w", n, c.seed, err)
		}
		c.struck(at, at, ready)
	}
	return nil
}

// auditHouse opens the database that the program runs on.
func (c *campaign) auditHouse(ctx context.Context, h *house) {
	server, err := localpg.Ensure(ctx, localpg.Options{Dir: h.data, Database: "forecourt"})
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = server.StopForced(context.WithoutCancel(ctx)) }()
	c.audit(ctx, books{dsn: server.DSN, mails: h.data + "/mail", healthy: overHTTP(h.admin), bank: bankOverHTTP(h.card)})
}
