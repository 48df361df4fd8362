package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// steadyRate is how many configure pages are asked for a second, whatever happens.
const steadyRate = 500

var (
	clickButton = regexp.MustCompile(`<button [^>]*name="(take|leave|forget)" value="([^"]*)"`)
	picksField  = regexp.MustCompile(`name="s" value="([^"]*)"`)
)

// addresses clicks through the configurator at random and gives the addresses it came by: hardly one
// twice, as with real customers.
func addresses(addr string, want int) ([]string, error) {
	w, err := dial(addr)
	if err != nil {
		return nil, err
	}
	defer w.close()
	r, seen, next := rand.New(rand.NewPCG(4, 4)), map[string]bool{}, ""
	var out []string
	for n := 0; len(out) < want; n++ {
		if n > 20*want {
			return nil, fmt.Errorf("only %d different addresses", len(out))
		}
		if n%12 == 0 || next == "" {
			next = shopPath + "/new/" + []string{"duster", "sandero", "jogger", "bigster", "spring"}[r.IntN(5)] + "/configure"
		}
		a, err := w.send(request("GET", addr, next, "identity", "", ""))
		if err != nil || a.status != 200 {
			return nil, fmt.Errorf("%s: %d, %w", next, a.status, err)
		}
		if !seen[next] {
			seen[next] = true
			out = append(out, next)
		}
		buttons := clickButton.FindAllSubmatch(a.body, -1)
		here, _, _ := strings.Cut(next, "?")
		next = ""
		if len(buttons) > 0 {
			b, q := buttons[r.IntN(len(buttons))], url.Values{}
			if picks := picksField.FindSubmatch(a.body); picks != nil {
				q.Set("s", string(picks[1]))
			}
			q.Set(string(b[1]), string(b[2]))
			next = here + "?" + q.Encode()
		}
	}
	return out, nil
}

// steady asks at a fixed rate and counts from the moment a request was due: a slow answer delays no
// other and hides nothing.
func steady(ctx context.Context, t target, rate int, d time.Duration) (figure, error) {
	before, start := meter(t.pids()), time.Now()
	total := int(d.Seconds() * float64(rate))
	var mu sync.Mutex
	var f figure
	var broken error
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			w, err := dial(t.addr)
			if err != nil {
				mu.Lock()
				broken = err
				mu.Unlock()
				return
			}
			defer w.close()
			for i := c; i < total && ctx.Err() == nil; i += clients {
				due := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
				time.Sleep(time.Until(due))
				a, err := w.send(t.requests[i%len(t.requests)])
				mu.Lock()
				if err != nil {
					broken = err
					mu.Unlock()
					return
				}
				f.n++
				f.lat = append(f.lat, time.Since(due))
				f.bytes = len(a.body)
				if a.status != 200 {
					f.failed++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	f.took = time.Since(start)
	f.cpu, f.others = before.since()
	return f, broken
}

// measureConfigure asks for configure pages at a fixed rate: pages that nobody asked for before, then
// some hundred that many ask for.
func (h *house) measureConfigure(ctx context.Context, d time.Duration, t table) error {
	const often = 300
	paths, err := addresses(h.shop, 2*steadyRate)
	if err != nil {
		return err
	}
	fresh := make([]string, int(d.Seconds()*steadyRate))
	for i := range fresh {
		path, rest, _ := strings.Cut(paths[i%len(paths)], "?")
		q, err := url.ParseQuery(rest)
		if err != nil {
			return err
		}
		q.Add("with", "n"+strconv.Itoa(i)) // the same car, yet a page of its own
		fresh[i] = path + "?" + q.Encode()
	}
	anew, err := steady(ctx, h.page(h.shop, h.onlyShop, "", fresh...), steadyRate, d)
	if err != nil {
		return err
	}
	kept, err := steady(ctx, h.page(h.shop, h.onlyShop, "", paths[:often]...), steadyRate, d)
	if err != nil {
		return err
	}
	t.steady([]string{"each a page nobody asked for before", fmt.Sprintf("%d pages in turn", often)}, []figure{anew, kept})
	return nil
}

func (t table) steady(names []string, fs []figure) {
	t.title(fmt.Sprintf("2b. Configure pages at %d requests a second, counted from when each was due", steadyRate))
	t.line("%-44s %10s %9s %9s %8s %10s %8s %9s", "", "requests/s", "p50 ms", "p99 ms", "KB", "CPU ms each", "failed", "strangers")
	for i := range fs {
		f := &fs[i]
		t.line("%-44s %10.0f %9.2f %9.2f %8.1f %10.3f %8d %9s", names[i], f.perSecond(), f.percentile(.5), f.percentile(.99), float64(f.bytes)/1024, f.cpuEach(), f.failed, f.strangers())
	}
	t.line("aim: p99 below 5 ms")
}
