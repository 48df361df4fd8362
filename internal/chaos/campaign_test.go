package chaos

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var seed = flag.Uint64("seed", 0, "seed of the crash campaign; 0 draws one")

const (
	buyers    = 6  // at once
	fewKills  = 12 // in every run of the tests; CHAOS_KILLS sets another count
	longest   = 15 * time.Minute
	pgEvery   = 3 // every third kill takes PostgreSQL along
	firstWait = time.Minute
	again     = 30 * time.Second // a restart that takes longer is a failure
)

// campaign is one run: a house, its visitors, and what they did.
type campaign struct {
	t     *testing.T
	house *house
	crowd *crowd
	seed  uint64
	kills int
	staff map[string]http.CookieJar // of the dealers' staff, signed in

	started atomic.Int64
	over    atomic.Bool // the last kill was made: no new journeys

	mu     sync.Mutex
	done   []*journey
	failed []string
	ready  []time.Duration
}

// TestNothingIsLostOrDoubled is the crash campaign.
func TestNothingIsLostOrDoubled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), longest+4*time.Minute)
	defer cancel()
	c := newCampaign(t)
	first, err := within(ctx, firstWait, c.house.start)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.house.stop() }()
	// Before the first kill: tries to sign in are limited, and a try that was killed counts.
	for dealer := range logins {
		v, err := signIn(ctx, c.crowd, c.house.shop, dealer)
		if err != nil {
			t.Fatal(err)
		}
		c.staff[dealer] = v.client.Jar
	}
	var people sync.WaitGroup
	for i := range buyers {
		people.Go(func() { c.live(ctx, uint64(i)) })
	}
	if err := c.attack(ctx); err != nil {
		t.Fatal(err)
	}
	people.Wait()
	t.Logf("seed %d: first start %v, %d kills (%d with PostgreSQL), ready again after %v (median), %v (longest)", c.seed, first.Round(time.Millisecond),
		len(c.house.kills), c.pgKills(), middle(c.ready).Round(time.Millisecond), slices.Max(c.ready).Round(time.Millisecond))
	c.report()
	c.audit(ctx)
	if err := c.house.stop(); err != nil {
		t.Errorf("the program does not stop in order: %v\n%s", err, c.house.said.tail())
	}
}

func newCampaign(t *testing.T) *campaign {
	c := &campaign{t: t, seed: *seed, kills: fewKills, staff: map[string]http.CookieJar{}}
	if c.seed == 0 {
		c.seed = rand.Uint64N(1_000_000)
	}
	if s := os.Getenv("CHAOS_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("CHAOS_KILLS=%q is no count", s)
		}
		c.kills = n
	}
	c.house = newHouse(t)
	c.crowd = &crowd{house: c.house, transport: &http.Transport{MaxIdleConnsPerHost: 4 * buyers}}
	return c
}

func within(ctx context.Context, d time.Duration, start func(context.Context) (time.Duration, error)) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return start(ctx)
}

// attack kills and restarts until the count or the time is reached.
func (c *campaign) attack(ctx context.Context) error {
	defer c.over.Store(true)
	r := rand.New(rand.NewPCG(c.seed, 1))
	most := 3 * time.Second
	if c.kills <= fewKills {
		most = time.Second // the short run has to fit into the tests of every change
	}
	end := time.Now().Add(longest)
	for n := 1; n <= c.kills && time.Now().Before(end); n++ {
		if err := sleep(ctx, 20*time.Millisecond+time.Duration(r.Int64N(int64(most)))); err != nil {
			return err
		}
		if err := c.house.kill(n%pgEvery == 0); err != nil {
			return err
		}
		ready, err := within(ctx, again, c.house.start)
		if err != nil {
			return fmt.Errorf("kill %d of seed %d: %w", n, c.seed, err)
		}
		c.ready = append(c.ready, ready)
	}
	return nil
}

// live makes one journey after the other until the attack is over. The last one is finished.
func (c *campaign) live(ctx context.Context, who uint64) {
	r := rand.New(rand.NewPCG(c.seed, 100+who))
	staff := map[string]*visitor{}
	for dealer, jar := range c.staff {
		staff[dealer] = c.crowd.visitor()
		staff[dealer].client.Jar = jar
	}
	for !c.over.Load() {
		j := &journey{plan: drawPlan(r, int(c.started.Add(1))), crowd: c.crowd, rnd: r, buyer: c.crowd.visitor(), staff: staff, shop: c.house.shop}
		err := j.run(ctx)
		c.mu.Lock()
		c.done = append(c.done, j)
		c.mu.Unlock()
		if err != nil {
			c.fail("journey %d (%s), order %s, at %q: %v", j.n, j.ends, j.number, j.stage, err)
		}
	}
}

func (c *campaign) fail(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = append(c.failed, fmt.Sprintf(format, args...))
}

func (c *campaign) pgKills() (n int) {
	for _, k := range c.house.kills {
		if k.pg {
			n++
		}
	}
	return n
}

// report prints what people did and what went wrong for them.
func (c *campaign) report() {
	by := map[ending]int{}
	placed := 0
	for _, j := range c.done {
		by[j.ends]++
		if j.number != "" {
			placed++
		}
	}
	var lines []string
	for _, e := range slices.SortedFunc(maps.Keys(by), func(a, b ending) int { return cmp.Compare(by[b], by[a]) }) {
		lines = append(lines, fmt.Sprintf("  %4d  %s", by[e], e))
	}
	c.t.Logf("%d orders placed, %d requests sent again, outcomes:\n%s", placed, c.crowd.again, strings.Join(lines, "\n"))
	slowest := slices.MaxFunc(c.done, func(a, b *journey) int { return cmp.Compare(a.slow, b.slow) })
	c.t.Logf("the longest wait of a person was %v, in %q of order %s", slowest.slow.Round(time.Millisecond), slowest.slowIn, slowest.number)
	for _, f := range c.failed {
		c.t.Error(f)
	}
	c.checkFailures()
}

// checkFailures: only the death of PostgreSQL excuses an answer 5xx, in the moment before we die too.
func (c *campaign) checkFailures() {
	excused := 0
	for _, f := range c.crowd.failing {
		if c.house.killedBetween(f.at.Add(-time.Second), f.at.Add(time.Second)) {
			excused++
			continue
		}
		c.t.Errorf("without a kill near it, %s", f.what)
	}
	c.t.Logf("%d answers 5xx near a kill", excused)
}

func middle(ds []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(ds))
	return s[len(s)/2]
}
