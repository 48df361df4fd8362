package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// clients is how many connections ask for pages at once.
const clients = 32

// browser is what browsers accept; a page may come packed.
const browser = "gzip, deflate, br, zstd"

// target is a page that is asked for again and again; the requests take turns.
type target struct {
	addr     string
	requests [][]byte
	pids     func() []int // whose CPU it costs
}

// figure is the outcome of one kind of load; rounds add up.
type figure struct {
	n, failed int
	bytes     int
	took      time.Duration
	cpu       time.Duration
	others    time.Duration // CPU that belongs to nobody of this run
	lat       []time.Duration
}

func (f *figure) add(g figure) {
	f.n, f.failed, f.took, f.cpu, f.others = f.n+g.n, f.failed+g.failed, f.took+g.took, f.cpu+g.cpu, f.others+g.others
	f.lat = append(f.lat, g.lat...)
	if g.bytes > 0 {
		f.bytes = g.bytes
	}
}

func (f *figure) perSecond() float64 {
	if f.took == 0 {
		return 0
	}
	return float64(f.n) / f.took.Seconds()
}

// cpuEach is the CPU one of them costs, in ms.
func (f *figure) cpuEach() float64 {
	if f.n == 0 {
		return 0
	}
	return f.cpu.Seconds() * 1000 / float64(f.n)
}

// percentile is in ms.
func (f *figure) percentile(p float64) float64 {
	if len(f.lat) == 0 {
		return 0
	}
	slices.Sort(f.lat)
	at := min(int(p*float64(len(f.lat))), len(f.lat)-1)
	return float64(f.lat[at].Microseconds()) / 1000
}

// hammer asks for a target with all clients for a while.
func hammer(ctx context.Context, t target, d time.Duration) (figure, error) {
	before := meter(t.pids())
	parts, errs := make([]figure, clients), make([]error, clients)
	start := time.Now()
	end := start.Add(d)
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() { parts[i], errs[i] = askUntil(ctx, t, i, end) })
	}
	wg.Wait()
	var f figure
	for i := range parts {
		if errs[i] != nil {
			return f, errs[i]
		}
		f.add(parts[i])
	}
	f.took = time.Since(start)
	f.cpu, f.others = before.since()
	return f, nil
}

func askUntil(ctx context.Context, t target, first int, end time.Time) (f figure, err error) {
	w, err := dial(t.addr)
	if err != nil {
		return f, err
	}
	defer w.close()
	f.lat = make([]time.Duration, 0, 1<<14)
	for i := first; ctx.Err() == nil; i++ {
		at := time.Now()
		if at.After(end) {
			return f, nil
		}
		a, err := w.send(t.requests[i%len(t.requests)])
		if err != nil {
			return f, fmt.Errorf("%s: %w", t.addr, err)
		}
		f.lat = append(f.lat, time.Since(at))
		f.n++
		f.bytes = len(a.body)
		if a.status != 200 {
			f.failed++
		}
	}
	return f, ctx.Err()
}

// sideBySide loads all targets in turn, several times over: what else the machine does meets all of
// them alike.
func sideBySide(ctx context.Context, targets []target, d time.Duration, rounds int) ([]figure, error) {
	out := make([]figure, len(targets))
	for i, t := range targets { // warm up
		if f, err := hammer(ctx, t, d/8); err != nil || f.failed > 0 {
			return nil, fmt.Errorf("target %d: %d of %d failed, %w", i, f.failed, f.n, err)
		}
	}
	for range rounds {
		for i, t := range targets {
			f, err := hammer(ctx, t, d/time.Duration(rounds))
			if err != nil {
				return nil, err
			}
			out[i].add(f)
		}
	}
	return out, nil
}
