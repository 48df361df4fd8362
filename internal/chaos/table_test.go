package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// result is a line of the table.
type result struct {
	fault      string
	seed       uint64
	runs       int // how often it struck
	orders     int
	violations int
	recovery   time.Duration // the longest time until all was well after a strike
	rest       time.Duration // until nothing moved any more after the last journey
}

// results of all campaigns of this process.
var results board

type board struct {
	mu   sync.Mutex
	list []result
}

func (b *board) add(r result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = append(b.list, r)
}

// print gives the table; what is left of goroutines when all is over is a line of it.
func (b *board) print(leaked error) {
	if len(b.list) == 0 {
		return
	}
	slices.SortFunc(b.list, func(x, y result) int { return cmp.Compare(x.fault, y.fault) })
	fmt.Printf("\n%-58s %6s %7s %11s %18s %8s %8s\n", "fault", "runs", "orders", "violations", "longest recovery s", "at rest s", "seed")
	for _, r := range b.list {
		fmt.Printf("%-58s %6d %7d %11d %18.2f %9.2f %8d\n", r.fault, r.runs, r.orders, r.violations, r.recovery.Seconds(), r.rest.Seconds(), r.seed)
	}
	left := 0
	if leaked != nil {
		left = strings.Count(leaked.Error(), "[Goroutine")
	}
	fmt.Printf("%-58s %6s %7s %11d\n\n", "goroutines left when everything was closed", "", "", left)
}

func TestMain(m *testing.M) {
	before := goleak.IgnoreCurrent()
	code := m.Run()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	// The server of the tests' databases outlives the process that started it; somebody waits for its end.
	// The library of sessions starts a store that is replaced at once, and has no way to end it: one for each
	// program that was built here.
	leaked := goleak.Find(before, goleak.IgnoreAnyFunction("github.com/alexedwards/scs/v2/memstore.(*MemStore).startCleanup"),
		goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"), goleak.IgnoreAnyFunction("os.(*Process).Wait"))
	results.print(leaked)
	if leaked != nil && code == 0 && len(results.list) > 0 {
		fmt.Println(leaked)
		code = 1
	}
	os.Exit(code)
}

// goroutines is how many a program says it has on its admin address, without those of HTTP connections
// that are kept for a while.
func goroutines(ctx context.Context, admin string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, admin+"/debug/pprof/goroutine?debug=1", nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	sum := 0
	for _, group := range strings.Split(string(all), "\n\n") { // "12 @ 0x...", then a line for each function
		if _, rest, ok := strings.Cut(group, "total "); ok {
			_, group, _ = strings.Cut(rest, "\n")
		}
		var n int
		if _, err := fmt.Sscanf(group, "%d @", &n); err != nil {
			continue
		}
		if !strings.Contains(group, "net/http.(*persistConn)") && !strings.Contains(group, "net/http.(*conn)") {
			sum += n
		}
	}
	if sum == 0 {
		return 0, errors.New("the profile of goroutines cannot be read")
	}
	return sum, nil
}

// idleGoroutines is the most that a program has which nobody has come to yet: its worker starts after its pages
// answer, and leads a moment later.
func idleGoroutines(ctx context.Context, admin string) (most int, err error) {
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		n, err := goroutines(ctx, admin)
		if err != nil {
			return 0, err
		}
		most = max(most, n)
	}
	return most, nil
}

// few is by how many goroutines two moments of an idle program may differ: one may be in the middle of a sweep.
const few = 8

// sameGoroutines requires that a program comes back to the number it had before anybody came.
func (c *campaign) sameGoroutines(ctx context.Context, admin string, idle int) {
	c.crowd.transport.(*http.Transport).CloseIdleConnections()
	var n int
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		var err error
		if n, err = goroutines(ctx, admin); err != nil {
			c.t.Fatal(err)
		}
		if n <= idle+few {
			c.t.Logf("%d goroutines when idle at first, %d at the end", idle, n)
			return
		}
	}
	c.wrong("%d goroutines when idle at first, %d at the end", idle, n)
}
