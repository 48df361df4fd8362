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

var seed = flag.Uint64("seed", 0, "seed of all campaigns; 0 draws one")

const again = 30 * time.Second // everything that takes longer to come back is a failure

// large tells the run of make chaos from that of every change; kills is its size.
func large(t *testing.T) (kills int, is bool) {
	s := os.Getenv("CHAOS_KILLS")
	if s == "" {
		return fewKills, false
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("CHAOS_KILLS=%q is no count", s)
	}
	return n, true
}

// campaign is one run: visitors of a shop in which something breaks, and what they did.
type campaign struct {
	t      *testing.T
	fault  string
	shop   string
	crowd  *crowd
	seed   uint64
	buyers int
	limit  int // of journeys; 0 is none
	draw   func(*rand.Rand, int) plan
	staff  map[string]http.CookieJar // of the dealers, signed in

	started atomic.Int64
	over    atomic.Bool // the last strike was made: no new journeys

	mu      sync.Mutex
	done    []*journey
	failed  []string
	strikes []strike
	ready   []time.Duration // until all was well again after each strike
	wrongs  int
}

// strike is a time in which something was broken.
type strike struct{ from, to time.Time }

func newCampaign(t *testing.T, fault, shop string, buyers int) *campaign {
	c := &campaign{t: t, fault: fault, shop: shop, seed: *seed, buyers: buyers, draw: drawPlan, staff: map[string]http.CookieJar{}}
	if c.seed == 0 {
		c.seed = rand.Uint64N(1_000_000)
	}
	c.crowd = &crowd{transport: &http.Transport{MaxIdleConnsPerHost: 4 * buyers}}
	return c
}

// rnd is a source of chances of its own for each part of a campaign.
func (c *campaign) rnd(part uint64) *rand.Rand { return rand.New(rand.NewPCG(c.seed, part)) }

// signIn gives the dealers their sessions before anything breaks: tries to sign in are limited, and a
// try that was cut off counts.
func (c *campaign) signIn(ctx context.Context) error {
	for dealer := range logins {
		v, err := signIn(ctx, c.crowd, c.shop, dealer)
		if err != nil {
			return err
		}
		c.staff[dealer] = v.client.Jar
	}
	return nil
}

// crowdIn lets the buyers live until attack returns and their last journeys are over.
func (c *campaign) crowdIn(ctx context.Context, attack func(context.Context) error) error {
	c.over.Store(false)
	var people sync.WaitGroup
	for i := range c.buyers {
		people.Go(func() { c.live(ctx, uint64(i)) })
	}
	err := attack(ctx)
	c.over.Store(true)
	people.Wait()
	return err
}

// live makes one journey after the other until the attack is over. The last one is finished.
func (c *campaign) live(ctx context.Context, who uint64) {
	r := c.rnd(100 + who)
	staff := map[string]*visitor{}
	for dealer, jar := range c.staff {
		staff[dealer] = c.crowd.visitor()
		staff[dealer].client.Jar = jar
	}
	for n := 1; !c.over.Load() && ctx.Err() == nil && (c.limit == 0 || n <= c.limit); n++ {
		j := &journey{plan: c.draw(r, int(c.started.Add(1))), crowd: c.crowd, rnd: r, buyer: c.crowd.visitor(), staff: staff, shop: c.shop}
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

// struck notes a strike and how long it took until all was well again.
func (c *campaign) struck(from, to time.Time, ready time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.strikes = append(c.strikes, strike{from, to.Add(ready)})
	c.ready = append(c.ready, ready)
	if ready > again {
		c.failed = append(c.failed, fmt.Sprintf("strike %d of seed %d: not well again after %v", len(c.ready), c.seed, ready))
	}
}

// near tells whether something was broken in a span.
func (c *campaign) near(from, to time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.strikes, func(s strike) bool { return !s.to.Before(from) && !s.from.After(to) })
}

// wrong reports something that must never be.
func (c *campaign) wrong(format string, args ...any) {
	c.t.Helper()
	c.mu.Lock()
	c.wrongs++
	c.mu.Unlock()
	c.t.Errorf(format, args...)
}

// report prints what people did and what went wrong for them.
func (c *campaign) report() {
	by := map[ending]int{}
	placed, wrote, asked, opened := 0, 0, 0, 0
	for _, j := range c.done {
		by[j.ends]++
		wrote, asked, opened = wrote+j.wrote, asked+j.asked, opened+j.opened
		if j.number != "" {
			placed++
		}
	}
	var lines []string
	for _, e := range slices.SortedFunc(maps.Keys(by), func(a, b ending) int { return cmp.Compare(by[b], by[a]) }) {
		lines = append(lines, fmt.Sprintf("  %4d  %s", by[e], e))
	}
	c.t.Logf("seed %d: %d orders placed, %d requests sent again, %d messages, %d dealers asked to take over, %d cars let go unpaid, outcomes:\n%s", c.seed, placed, c.crowd.again, wrote, asked, opened, strings.Join(lines, "\n"))
	if len(c.done) > 0 {
		slowest := slices.MaxFunc(c.done, func(a, b *journey) int { return cmp.Compare(a.slow, b.slow) })
		c.t.Logf("the longest wait of a person was %v, in %q of order %s", slowest.slow.Round(time.Millisecond), slowest.slowIn, slowest.number)
	}
	if len(c.ready) > 0 {
		c.t.Logf("%d strikes, well again after %v (median), %v (longest)", len(c.ready), middle(c.ready).Round(time.Millisecond), slices.Max(c.ready).Round(time.Millisecond))
	}
	for _, f := range c.failed {
		c.wrong("%s", f)
	}
}

// checkFailures: only what is broken at that moment excuses an answer 5xx.
func (c *campaign) checkFailures() {
	excused := 0
	for _, f := range c.crowd.failing {
		if f.status == 0 || c.near(f.at.Add(-f.took-time.Second), f.at.Add(time.Second)) {
			excused++
			continue
		}
		c.wrong("without a strike near it, %s", f.what)
	}
	c.t.Logf("%d failed requests near a strike", excused)
}

func middle(ds []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(ds))
	return s[len(s)/2]
}
