package configurator_test

import (
	"errors"
	"slices"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
)

// The compiled rules, the gate and the oracle must agree on every selection, good or bad.
func TestGateAgreesWithTheModelOnEverySelection(t *testing.T) {
	t.Parallel()
	eachWorld(t, 4, 60, func(w *world) {
		holds := w.someHolds(w.rng.IntN(2))
		mo, err := w.mo.With(holds)
		if errors.Is(err, configurator.ErrHeld) {
			return
		}
		if err != nil {
			w.t.Fatal(err)
		}
		w.mo, w.held = mo, w.heldBy(holds)
		can := w.buildable()
		for _, s := range w.sets {
			picks := configurator.Selection(w.codes(s))
			_, whole := w.asItIs(picked{in: s})
			if gate := mo.Check(picks); (gate == nil) != whole {
				w.t.Fatalf("%v: car %t, gate %v", picks, whole, gate)
			}
			if s&^can != 0 {
				continue // no such pick
			}
			if b, err := mo.Complete(picks); whole && (err != nil || w.of(b.Selection)&^s != 0) {
				w.t.Fatalf("%v passes the gate, but becomes %v, %v", picks, b.Selection, err)
			}
		}
		w.gateRefuses()
	})
}

// gateRefuses tries what is no selection of a whole car.
func (w *world) gateRefuses() {
	w.t.Helper()
	s := w.mo.Default()
	for _, c := range []struct {
		s    configurator.Selection
		want error
	}{
		{s, nil},
		{configurator.Exactly(s), configurator.ErrUnknown},
		{append(slices.Clone(s), "~"+w.parts[len(w.parts)-1].Code), configurator.ErrUnknown},
		{s[1:], configurator.ErrIncomplete},
		{append(slices.Clone(s), s[0]), configurator.ErrTwoOfGroup},
		{append(slices.Clone(s), id.Feature("gone")), configurator.ErrUnknown},
		{nil, configurator.ErrIncomplete},
	} {
		if err := w.mo.Check(c.s); !errors.Is(err, c.want) {
			w.t.Fatalf("%v: %v, want %v", c.s, err, c.want)
		}
	}
}

// someHolds are holds of some features, and of one that nobody sells.
func (w *world) someHolds(n int) []configurator.Hold {
	holds := []configurator.Hold{{Feature: "gone", Because: "stock"}}
	for _, i := range w.rng.Perm(len(w.parts))[:n] {
		holds = append(holds, configurator.Hold{Feature: w.parts[i].Code, Until: "2026-05-01", Because: "stock"})
	}
	return holds
}

func (w *world) heldBy(holds []configurator.Hold) parts {
	s := parts(0)
	for _, h := range holds {
		s |= w.of([]id.Feature{h.Feature})
	}
	return s
}

func TestPagesUnderHoldsAreThoseWithoutTheFeatures(t *testing.T) {
	t.Parallel()
	eachWorld(t, 5, 120, func(w *world) {
		free := w.mo
		for range 2 {
			holds := w.someHolds(1 + w.rng.IntN(3))
			w.held = w.heldBy(holds)
			mo, err := free.With(holds)
			if _, cars := w.cheapest(picked{}); cars == 0 {
				if !errors.Is(err, configurator.ErrHeld) {
					w.t.Fatalf("%v are held and leave no car, but %v", holds, err)
				}
				continue
			}
			if err != nil {
				w.t.Fatal(err)
			}
			w.mo = mo
			w.checkHeld(free)
		}
		w.held, w.mo = 0, free
		w.wander(w.somePicks(), 1) // what is shared with the models under holds is unspoilt
	})
}

func (w *world) checkHeld(free *configurator.Model) {
	w.t.Helper()
	if !configurator.Shares(w.mo, free) {
		w.t.Fatal("a model with holds has a diagram of its own")
	}
	if total, _ := w.cheapest(picked{}); w.mo.From().Total.Minor != total {
		w.t.Fatalf("from %s, want %d", w.mo.From().Total, total)
	}
	w.wander(w.somePicks(), 3)
	w.wander(w.wholePicks(), 1)
	w.checkComplete(w.somePicks())
	w.checkComplete(w.wholePicks())
	for _, c := range w.cars {
		if c.has&w.held == 0 {
			continue
		}
		var clash *configurator.Clash
		if err := w.mo.Check(w.selection(c)); !errors.As(err, &clash) || clash.Hold == nil || clash.Hold.Feature != clash.Feature || clash.Hold.Because != "stock" {
			w.t.Fatalf("%v has what is held, the gate says %v", w.selection(c), err)
		}
	}
	back, err := w.mo.With(nil)
	if err != nil || !slices.Equal(back.Default(), free.Default()) || back.From().Total != free.From().Total {
		w.t.Fatalf("without holds: %v %v", back.Default(), err)
	}
}
