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
	killTakes = 8 * time.Second // with the restart, on a busy machine
	pgEvery   = 3               // every third kill takes PostgreSQL along
	firstWait = time.Minute
)

// TestNothingIsLostOrDoubled kills the whole demo again and again: shop, worker and card bank in one
// process, and at times PostgreSQL.
func TestNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), killing(t)+4*time.Minute)
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

// killing is how long a campaign of kills may take.
func killing(t *testing.T) time.Duration {
	kills, _ := large(t)
	return max(longest, time.Duration(kills)*killTakes)
}

// kill kills and restarts until the count is reached.
func (c *campaign) kill(ctx context.Context, h *house) error {
	r := c.rnd(1)
	kills, is := large(c.t)
	most := 3 * time.Second
	if !is {
		most = 700 * time.Millisecond // the short run has to fit into the tests of every change
	}
	end := time.Now().Add(killing(c.t))
	for n := 1; n <= kills; n++ {
		if time.Now().After(end) {
			return fmt.Errorf("only %d of %d kills within %v", n-1, kills, killing(c.t))
		}
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
