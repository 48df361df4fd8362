package diagram

import (
	"errors"
	"math"
	"time"
)

// hunt looks for the smallest diagram: attempts from several orders, then polishing of the best.
type hunt struct {
	*reduced
	meter meter     // with the time when attempts end
	until time.Time // when polishing ends
	limit int
	work  int64 // done by all attempts so far
	peak  int
	best  *attempt
	cut   bool // the time ended it
}

// Work that a hunt may do. One core does 10^8 in a second or less.
const (
	firstWork  = 400_000_000   // for a first attempt, before another order is tried
	moreWork   = 4             // times as much in the next round, when none got through
	mostWork   = 5_000_000_000 // after which nothing new is begun
	patience   = 3             // times the work of the first attempt that got through
	cheap      = 300_000_000   // work that is worth spending on any problem,
	cheapest   = 7             // unless it is this many times the first attempt
	tiny       = 20_000        // work after which nothing better is looked for
	starts     = 8             // orders to try
	manyStarts = 200           // as long as there is time
	earlier    = 2             // of them before the work is raised
)

// run answers the reason when there is no diagram at all.
func (h *hunt) run() error {
	for work := int64(firstWork); ; work *= moreWork {
		err := h.round(work)
		if h.best != nil && (err == nil || hopeless(err)) {
			return h.polish()
		}
		if !hopeless(err) {
			return err
		}
		if work > mostWork || errors.Is(err, ErrBudget) {
			return ErrBudget
		}
	}
}

// hopeless tells whether an attempt ended because of its order.
func hopeless(err error) bool { return errors.Is(err, errSpent) || errors.Is(err, ErrBudget) }

// round tries orders, each with that much work at most. Once one gets through, its work says how much
// the others are worth.
func (h *hunt) round(work int64) error {
	var last error
	end, first := int64(math.MaxInt64), true
	for k := 0; h.tries(k) && h.work < end; k++ {
		before := h.work
		last = h.try(k, work)
		if errors.Is(last, errLate) && h.best != nil {
			h.cut = true
			return nil
		}
		if last != nil && !hopeless(last) {
			return last
		}
		if h.best != nil && first {
			took := h.work - before
			work, first = min(work, 2*took), false
			switch {
			case took < tiny:
				return nil
			case h.until.IsZero():
				end = min(before+max(patience*took, min(cheapest*took, cheap)), mostWork)
			}
		}
	}
	return last
}

// tries tells whether a round goes on to the k-th order.
func (h *hunt) tries(k int) bool {
	switch {
	case h.best == nil:
		return k < earlier
	case h.until.IsZero():
		return k < starts
	}
	return k < manyStarts
}

// try makes one attempt and keeps it if it is the best.
func (h *hunt) try(k int, work int64) error {
	m, limit := h.meter, h.limit
	m.stop = work
	if h.best == nil {
		m.deadline = time.Time{}
	} else {
		limit -= h.best.live
	}
	a := newAttempt(m, h.reduced, h.start(k), limit)
	if h.best != nil {
		a.abort = 4 * h.best.size
	}
	err := a.grow()
	if err == nil {
		a.meter.deadline = h.meter.deadline
		err = a.settle(growSlack)
	}
	h.note(a)
	if a.whole && (h.best == nil || a.size < h.best.size) {
		h.best = a
	}
	return err
}

func (h *hunt) note(a *attempt) {
	h.work += a.meter.done
	peak := a.peak
	if h.best != nil {
		peak += h.best.live
	}
	h.peak = max(h.peak, peak)
}

// little is the gain below which another pass is not worth it.
const little = 0.98

// settle sifts until a pass gains little.
func (a *attempt) settle(slack float64) error {
	for range 8 {
		before := a.size
		if err := a.sift(slack); err != nil {
			return err
		}
		if float64(a.size) >= little*float64(before) {
			break
		}
	}
	return nil
}

// polish improves the best diagram by moving runs of levels, until that gains little.
func (h *hunt) polish() error {
	a := h.best
	a.limit, a.meter.stop, a.meter.deadline = h.limit, a.meter.done+mostWork/2, h.until
	err := a.settle(growSlack)
	for err == nil {
		before := a.size
		for _, length := range []int32{2, 3} {
			if err = a.siftBlocks(length, growSlack); err != nil {
				break
			}
		}
		if err == nil {
			err = a.settle(1.2)
		}
		if float64(a.size) >= little*float64(before) {
			break
		}
	}
	h.peak = max(h.peak, a.peak)
	h.cut = h.cut || errors.Is(err, errLate)
	if errors.Is(err, errSpent) || errors.Is(err, errLate) {
		return nil
	}
	return err
}
