package diagram

import (
	"context"
	"errors"
	"math"
	"time"
)

const defaultNodes = 2_000_000

// compile turns a checked problem into layers.
func compile(ctx context.Context, p *Problem, o Options) (layered, Stats, error) {
	start := time.Now()
	if o.MaxNodes <= 0 {
		o.MaxNodes = defaultNodes
	}
	l, stats, err := compileReduced(ctx, p, o, start)
	stats.Took = time.Since(start)
	if errors.Is(err, errSpent) {
		err = ErrBudget
	}
	return l, stats, err
}

func compileReduced(ctx context.Context, p *Problem, o Options, start time.Time) (layered, Stats, error) {
	if err := ctx.Err(); err != nil {
		return layered{}, Stats{}, err
	}
	r, err := reduce(p)
	if err != nil {
		return layered{}, Stats{}, err
	}
	h := hunt{reduced: r, meter: meter{ctx: ctx}, limit: o.MaxNodes}
	if o.Search > 0 {
		h.meter.deadline, h.until = start.Add(o.Search*3/5), start.Add(o.Search)
	}
	if err = h.find(known(p, r, o.Order), o.Keep); err != nil {
		return layered{}, Stats{Peak: h.peak}, err
	}
	return h.best.layers(h.best.root, r), Stats{Peak: h.peak, Cut: h.cut}, nil
}

// find looks for the best diagram, beginning with a known order if there is one.
func (h *hunt) find(vars []int32, keep bool) error {
	if vars == nil {
		return h.run()
	}
	if keep {
		return h.keep(vars, math.MaxInt64)
	}
	err := h.keep(vars, firstWork)
	switch {
	case hopeless(err) || err == nil && !h.meter.deadline.IsZero():
		return h.run()
	case err == nil:
		return h.polish()
	}
	return err
}

// keep compiles in the order given, without search. Which sequence of rules stays small on the way
// cannot be told beforehand, so two of them race, each with more and more work.
func (h *hunt) keep(vars []int32, most int64) error {
	for work := int64(keepWork); ; work *= 6 {
		spent := false
		var last error
		for i, conjoin := range []func(*attempt) error{(*attempt).fixed, (*attempt).bottomUp} {
			m := meter{ctx: h.meter.ctx, stop: work >> (2 * i)} // the second is seldom faster
			a := newAttempt(m, h.reduced, vars, h.limit)
			last = conjoin(a)
			h.note(a)
			switch {
			case last == nil:
				h.best = a
				return nil
			case errors.Is(last, errSpent):
				spent = true
			case !errors.Is(last, ErrBudget):
				return last
			}
		}
		if !spent || work > most {
			return last
		}
	}
}

// keepWork is the work of a common recompilation.
const keepWork = 16_000_000
