package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"forecourt/internal/carsim"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How many cars there are, and how many messages they send a second.
const (
	signalCars  = 10_000
	signalRate  = 2_000
	signalFlood = 20_000
)

// measureSignals lets 10,000 cars speak: one message a request, then many, then more than the house can take. Beside it bare SQL writes
// the same rows in a transaction for each message, without signature, consent, rules or HTTP.
func (h *house) measureSignals(ctx context.Context, o options, t table, dsn string) error {
	fleet, err := enrolFleet(ctx, dsn)
	if err != nil {
		return err
	}
	floor, err := h.bareSignals(ctx, dsn, o.booking)
	if err != nil {
		return fmt.Errorf("bare signals: %w", err)
	}
	serve, addr, err := h.serveOn(ctx, "signals", dsn)
	if err != nil {
		return err
	}
	defer serve.stop()
	names, fs := []string{"floor: bare SQL, a transaction a message"}, []figure{floor}
	run := func(name string, d carsim.Drive) (*carsim.Report, error) {
		d.URL, d.Conns = "http://"+addr, max(clients, d.Conns)
		before := meter([]int{serve.pid(), -h.pgPid})
		r, err := fleet.Run(ctx, d)
		if err != nil {
			return nil, err
		}
		f := figure{n: r.Acknowledged(), failed: r.Sent - r.Acknowledged() - r.Busy, took: r.Took, lat: r.Latency}
		f.cpu, f.others = before.since()
		if name != "" {
			names, fs = append(names, name), append(fs, f)
		}
		return r, errors.Join(err, r.Failure)
	}
	if _, err := run("", carsim.Drive{Rate: signalCars, For: time.Second, Batch: 100}); err != nil { // warm up: each key is read once
		return err
	}
	started, _ := memory(serve.pid())
	if _, err := run("ours: signed, over HTTP, one a request", carsim.Drive{Rate: signalRate, For: o.booking, Batch: 1}); err != nil {
		return err
	}
	after, _ := memory(serve.pid())
	if _, err := run("ours: signed, over HTTP, 20 a request", carsim.Drive{Rate: signalRate, For: o.booking, Batch: 20}); err != nil {
		return err
	}
	flood, err := run("ours: ten times that, 100 a request", carsim.Drive{Rate: signalFlood, For: o.booking, Batch: 100, Conns: 2 * clients}) // more than the house lets in
	if err != nil {
		return err
	}
	end, peak := memory(serve.pid())
	t.signals(names, fs)
	t.line("of the flood %d of %d messages were sent away (503), none that was acknowledged is missing: %s", flood.Busy, flood.Sent, lostSignals(ctx, dsn))
	t.line("memory of the instance: %.0f MB warm, %.0f MB after %d s at %d/s, %.0f MB after the flood (peak %.0f)", started, after, int(o.booking.Seconds()), signalRate, end, peak)
	return nil
}

func enrolFleet(ctx context.Context, dsn string) (*carsim.Fleet, error) {
	d, err := db.Open(ctx, dsn, clock.System{}, db.Options{MaxConns: 2})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	f := carsim.New(signalCars, 1)
	return f, f.Enrol(ctx, d, 0, func(int) {})
}

// lostSignals counts numbers of messages that the newest values of a car name and no message has.
func lostSignals(ctx context.Context, dsn string) string {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return err.Error()
	}
	defer pool.Close()
	var messages, lost int
	err = pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM car_messages), (SELECT count(*) FROM car_links l, jsonb_each(l.latest) x WHERE l.until IS NULL
		AND NOT EXISTS (SELECT FROM car_messages m WHERE m.keeper_id = l.keeper_id AND m.seq = (x.value ->> 'seq')::bigint))`).Scan(&messages, &lost)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d stored, %d newest values without their message", messages, lost)
}

// bareSignals writes messages at their times, a transaction each, as prepared statements of a pool.
func (h *house) bareSignals(ctx context.Context, dsn string, d time.Duration) (figure, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return figure{}, err
	}
	cfg.MaxConns = 20
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return figure{}, err
	}
	defer pool.Close()
	rows, err := pool.Query(ctx, `SELECT keeper_id::text FROM car_links WHERE until IS NULL ORDER BY keeper_id`)
	if err != nil {
		return figure{}, err
	}
	keepers, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(keepers) == 0 {
		return figure{}, errors.Join(err, errors.New("no keepers"))
	}
	readings := map[string]any{"odometer_km": 52000, "service_days": 120, "lamps": []string{}, "tyre_kpa": map[string]int{"fl": 230, "fr": 231, "rl": 228, "rr": 229}}
	said, err := json.Marshal(readings)
	if err != nil {
		return figure{}, err
	}
	before := meter([]int{-h.pgPid})
	f, err := paced(ctx, signalRate, clients, d, func(i int) error {
		now := time.Now()
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			k := keepers[i%len(keepers)]
			if _, err := tx.Exec(ctx, `INSERT INTO car_messages (keeper_id, seq, at, received_at, readings) VALUES ($1, $2, $3, $3, $4)`, k, i+1, now, string(said)); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `UPDATE car_links SET latest = $2 WHERE keeper_id = $1`, k, fmt.Sprintf(`{"odometer": {"at": "2026-11-30T12:00:00Z", "seq": %d, "odometer_km": 52000}}`, i+1))
			return err
		})
	})
	f.cpu, f.others = before.since()
	return f, err
}

// paced does something at so many times a second, each at its time whatever became of those before, and measures from then.
func paced(ctx context.Context, rate, conns int, d time.Duration, fn func(i int) error) (f figure, err error) {
	start := time.Now().Add(10 * time.Millisecond)
	var mu sync.Mutex
	var all sync.WaitGroup
	next := make(chan int, rate)
	for range conns {
		all.Go(func() {
			for i := range next {
				at := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
				time.Sleep(time.Until(at))
				e := fn(i)
				took := time.Since(at)
				mu.Lock()
				if f.n++; e != nil {
					f.failed, err = f.failed+1, e
				}
				f.lat = append(f.lat, took)
				mu.Unlock()
			}
		})
	}
	for i := range int(float64(rate) * d.Seconds()) {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	all.Wait()
	f.took = time.Since(start)
	return f, err
}

func (t table) signals(names []string, fs []figure) {
	t.title(fmt.Sprintf("6. Signals of %d cars at %d messages a second, %d connections", signalCars, signalRate, clients))
	t.line("%-44s %10s %9s %9s %9s %17s %8s %9s", "", "messages/s", "p50 ms", "p99 ms", "most ms", "CPU ms each app+PG", "failed", "strangers")
	for i := range fs {
		f := &fs[i]
		t.line("%-44s %10.0f %9.2f %9.2f %9.2f %17.3f %8d %9s", names[i], f.perSecond(), f.percentile(.5), f.percentile(.99), f.percentile(1), f.cpuEach(), f.failed, f.strangers())
	}
	t.line("the times are of requests, from when each was due. aim: p99 under 50 ms at %d/s, none failed, memory flat", signalRate)
}
