package main

import (
	"context"
	"fmt"
	"time"
)

// started is how long a process took until it answered, and how much memory it held then and later.
type started struct {
	name         string
	ready, page  time.Duration
	memory, peak float64
}

// startDemo runs the demo on the run's folder until ready, hands it to meanwhile, and stops it.
func (h *house) startDemo(ctx context.Context, name string, meanwhile func(at shopAt) error) (s started, err error) {
	s.name = name
	var addr [3]string
	for i := range addr {
		if addr[i], err = freeAddr(); err != nil {
			return s, err
		}
	}
	start := time.Now()
	c, err := spawn(h.dir, "demo", []string{postsUnlimited, beginUnlimited}, h.bin, "demo", "--addr", addr[0], "--admin-addr", addr[1], "--cardbank-addr", addr[2], "--data", h.dir)
	if err != nil {
		return s, err
	}
	defer c.stop()
	if err := s.wait(ctx, c, addr[0], start); err != nil {
		return s, err
	}
	if meanwhile == nil {
		return s, nil
	}
	err = meanwhile(shopAt{shop: addr[0], bank: addr[2], app: []int{c.pid()}})
	s.memory, s.peak = memory(c.pid())
	return s, err
}

func (s *started) wait(ctx context.Context, c *child, addr string, start time.Time) error {
	if err := c.answers(ctx, addr, "/readyz"); err != nil {
		return err
	}
	s.ready = time.Since(start)
	if err := c.answers(ctx, addr, shopPath); err != nil {
		return err
	}
	s.page = time.Since(start)
	s.memory, s.peak = memory(c.pid())
	return nil
}

// restartServe stops the shop and starts it again on the data that the run has made.
func (h *house) restartServe(ctx context.Context) (s started, err error) {
	s.name = "serve, PostgreSQL running"
	env, err := h.env()
	if err != nil {
		return s, err
	}
	h.serve.stop()
	start := time.Now()
	if h.serve, err = spawn(h.dir, "serve-again", append(env, "ADMIN_ADDR="+h.shopAdmin), h.bin, "serve"); err != nil {
		return s, err
	}
	return s, s.wait(ctx, h.serve, h.shop, start)
}

// demoBurst is a crowd in the demo, where shop, worker and card bank are one process.
func (h *house) demoBurst(ctx context.Context, d time.Duration, out *crowd) func(shopAt) error {
	return func(at shopAt) (err error) {
		if err := h.openDatabase(ctx); err != nil {
			return err
		}
		defer h.closeDatabase() // only attached: the demo started the server and stops it
		*out, err = h.journeys(ctx, at, 8, d)
		if out.firstError != nil {
			err = fmt.Errorf("demo: %w", out.firstError)
		}
		return err
	}
}
