package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"forecourt/internal/configurator/diagram"
	"forecourt/internal/configurator/instance"
)

// engine is what one compiled range comes to.
type engine struct {
	name                       string
	variables, rules, nodes    int
	bytes                      int
	cars                       string
	found, again               time.Duration // compiled without an order, with one
	page, floor, clash, change []time.Duration
	allocs                     float64 // per page
}

// ranges are generated in the shape of one model: like a large real one, and twice its size. The last
// one is far beyond any real range and takes minutes to find an order for: with -engine only.
var ranges = []instance.Shape{{Seed: 1, Variables: 148, Versions: 40}, {Seed: 2, Variables: 296, Versions: 80}, {Seed: 1, Variables: 268, Versions: 324}}

func measureEngine(ctx context.Context, t table, extreme bool) error {
	var all []engine
	for i, s := range ranges {
		if i == len(ranges)-1 && !extreme {
			break
		}
		e, err := tryEngine(ctx, s)
		if err != nil {
			return err
		}
		all = append(all, e)
	}
	t.engines(all)
	return nil
}

func tryEngine(ctx context.Context, s instance.Shape) (e engine, err error) {
	in, _ := instance.Generate(s)
	p := &in.Problem
	start := time.Now()
	_, stats, err := diagram.Compile(ctx, p, diagram.Options{})
	if err != nil {
		return e, fmt.Errorf("%s: %w", p.Name, err)
	}
	e.found = time.Since(start)
	start = time.Now()
	d, _, err := diagram.Compile(ctx, p, diagram.Options{Order: stats.Order, Keep: true})
	if err != nil {
		return e, err
	}
	e.again = time.Since(start)
	e.name, e.variables, e.rules, e.nodes, e.bytes = p.Name, len(p.Vars), len(p.Rules), d.Nodes(), d.Bytes()
	c := clicker{p: p, k: d.NewDesk(), r: rand.New(rand.NewPCG(s.Seed, 9)), e: &e, car: make([]int32, len(p.Vars)), walk: make([]int32, d.Bytes()/4)}
	c.w = d.Weigh(func(int, int) int64 { return int64(c.r.IntN(200_000)) })
	e.cars = c.k.Count().String()
	for range 40 {
		c.session()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 1000 {
		c.k.Page(c.w)
	}
	runtime.ReadMemStats(&after)
	e.allocs = float64(after.Mallocs-before.Mallocs) / 1000
	runtime.KeepAlive(c.sum)
	return e, nil
}

// clicker plays customers: pick after pick at random until nothing is open.
type clicker struct {
	p    *diagram.Problem
	k    *diagram.Desk
	w    *diagram.Weights
	r    *rand.Rand
	e    *engine
	car  []int32
	walk []int32
	sum  int32 // kept, so that the floor's work is not left out as useless
}

func (c *clicker) session() {
	c.k.Clear()
	c.page()
	for _, v := range c.r.Perm(len(c.p.Vars)) {
		var open, shut []int32
		for x := range c.p.Vars[v].Values {
			if c.k.From(v, x) < diagram.Impossible {
				open = append(open, int32(x))
			} else {
				shut = append(shut, int32(x))
			}
		}
		if len(shut) > 0 && c.r.IntN(4) == 0 {
			c.shut(v, shut[c.r.IntN(len(shut))])
		}
		if len(open) > 1 {
			c.k.Pick(v, open[c.r.IntN(len(open))])
			c.page()
		}
	}
}

// bestOf is the shortest of three: what else the machine does is not the click's.
func bestOf(do func()) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		do()
		best = min(best, time.Since(start))
	}
	return best
}

// page measures a page and, beside it, the floor: reading and adding up every byte of the diagram twice.
func (c *clicker) page() {
	c.e.page = append(c.e.page, bestOf(func() { c.k.Page(c.w) }))
	c.e.floor = append(c.e.floor, bestOf(func() {
		for range 2 {
			for i := range c.walk {
				c.sum += c.walk[i]
			}
		}
	}))
}

// shut asks why a value cannot be had, and what to change.
func (c *clicker) shut(v int, x int32) {
	had := c.k.Picked(v)
	if had {
		return
	}
	c.k.Pick(v, x)
	c.e.clash = append(c.e.clash, bestOf(func() { c.k.Conflict(v) }))
	c.e.change = append(c.e.change, bestOf(func() {
		c.k.Change(c.w, func(u int) bool { return u == v }, func(int) int64 { return 1 << 40 }, c.car)
	}))
	c.k.Unpick(v)
	c.k.Page(c.w)
}

func micros(all []time.Duration, p float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[min(int(p*float64(len(all))), len(all)-1)].Nanoseconds()) / 1000
}

func (t table) engines(all []engine) {
	t.title("0. The configurator's engine, one core: a page prices every value and every alternative")
	t.line("%-20s %5s %5s %7s %7s %8s %8s %8s %8s %9s %8s %9s %9s %7s %9s", "range", "vars", "rules", "nodes", "KB", "found s", "again ms", "page p50", "page p99", "of floor", "pages/s", "clash p99", "switch p99", "allocs", "cars")
	for i := range all {
		e := &all[i]
		sum := time.Duration(0)
		for _, d := range e.page {
			sum += d
		}
		t.line("%-20s %5d %5d %7d %7.0f %8.2f %8.0f %8.1f %8.1f %8.1fx %8.0f %9.1f %9.1f %7.1f %9s", e.name, e.variables, e.rules, e.nodes, float64(e.bytes)/1024, e.found.Seconds(),
			e.again.Seconds()*1000, micros(e.page, .5), micros(e.page, .99), micros(e.page, .5)/max(micros(e.floor, .5), .001), float64(len(e.page))/sum.Seconds(), micros(e.clash, .99), micros(e.change, .99), e.allocs, roundly(e.cars))
	}
	t.line("times in microseconds; floor: every byte of the diagram read twice and added up")
	t.line("aim: page p99 below 300, 8,000 pages/s, no allocation, found below 120 s, again below 1,000 ms")
}

// roundly writes a long number of digits as a power of ten.
func roundly(digits string) string {
	if len(digits) < 7 {
		return digits
	}
	return fmt.Sprintf("%c.%ce%d", digits[0], digits[1], len(digits)-1)
}
