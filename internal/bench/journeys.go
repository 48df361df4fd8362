package main

import (
	"context"
	"os"
	"sync"
	"time"

	"forecourt/internal/platform/db"
)

// crowd is the outcome of one number of buyers.
type crowd struct {
	figure
	buyers     int
	app        time.Duration // CPU of shop and worker until the last job was done
	pg         time.Duration
	load       time.Duration // CPU of this process: buyers, card bank, mail sink
	drain      time.Duration // how long the worker was busy after the last buyer had left
	left       int           // jobs that were still waiting when we stopped waiting
	unoffered  int           // orders of this round that no dealer's queue holds
	firstError error
}

// shopAt is where buyers go and whose CPU it costs.
type shopAt struct {
	shop, bank string
	app        []int
}

// drain is waited for at most.
const drainAtMost = 30 * time.Second

// journeys lets n buyers buy for a while.
func (h *house) journeys(ctx context.Context, at shopAt, n int, d time.Duration) (crowd, error) {
	c := crowd{buyers: n}
	ordersBefore, err := h.count(ctx, `SELECT count(*) FROM orders`)
	if err != nil {
		return c, err
	}
	app, pg, own := meter(at.app), meter([]int{-h.pgPid}), meter([]int{os.Getpid()})
	parts, errs := make([]figure, n), make([]error, n)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { parts[i], errs[i] = buyUntil(ctx, at, i, start.Add(d)) })
	}
	wg.Wait()
	took := time.Since(start)
	_, c.others = app.since()
	c.load, _ = own.since()
	for i := range parts {
		c.figure.add(parts[i])
		if c.firstError == nil {
			c.firstError = errs[i]
		}
	}
	c.took = took
	if c.drain, c.left, err = h.drained(ctx, drainAtMost); err != nil {
		return c, err
	}
	c.app, _ = app.since()
	c.pg, _ = pg.since()
	ordersNow, err := h.count(ctx, `SELECT count(*) FROM orders o WHERE state = 'offered' AND EXISTS (SELECT 1 FROM queue_entries q WHERE q.order_id = o.id AND q.state = 'offered')`)
	c.unoffered = ordersBefore + c.n - ordersNow
	return c, err
}

func (h *house) count(ctx context.Context, query string) (n int, err error) {
	_, err = db.One(h.db.Read(ctx), &n, query)
	return n, err
}

func buyUntil(ctx context.Context, at shopAt, first int, end time.Time) (f figure, firstError error) {
	var b *buyer
	defer func() {
		if b != nil {
			b.close()
		}
	}()
	for i := first; ctx.Err() == nil && time.Now().Before(end); i++ {
		var err error
		if b == nil {
			if b, err = newBuyer(at.shop, at.bank, i); err != nil {
				return f, err
			}
		}
		took, err := b.buy(dealers[i%len(dealers)])
		if err != nil {
			f.failed++
			if firstError == nil {
				firstError = err
			}
			b.close()
			b = nil
			continue
		}
		f.n++
		f.lat = append(f.lat, took)
	}
	return f, firstError
}
