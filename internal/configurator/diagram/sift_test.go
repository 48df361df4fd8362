package diagram

import (
	"context"
	"errors"
	"math/rand"
	"testing"
)

// grown is a forest with all rules of a random problem in it, or nil when they contradict.
func grown(rng *rand.Rand) (*attempt, *Problem, *reduced) {
	p := randomProblem(rng)
	r, err := reduce(p)
	if err != nil {
		return nil, nil, nil
	}
	vars := make([]int32, len(p.Vars))
	for i, v := range rng.Perm(len(vars)) {
		vars[i] = int32(v)
	}
	a := newAttempt(meter{ctx: context.Background()}, r, vars, 100_000)
	if a.fixed() != nil {
		return nil, nil, nil
	}
	return a, p, r
}

// sound checks references, unique tables and totals of a forest that root alone holds.
func (f *forest) sound(t *testing.T, root int32) {
	t.Helper()
	refs := make([]int32, len(f.nodes))
	refs[root]++
	live, size := 0, 0
	for _, id := range f.below(root) {
		n := f.nodes[id]
		live++
		size += int(f.width[n.of])
		if uniform(f.kids(id)) {
			t.Fatalf("node %d decides nothing", id)
		}
		if f.find(n.of, f.kids(id), hashOf(f.kids(id))) != id {
			t.Fatalf("node %d is not in its table, or stands twice", id)
		}
		for _, k := range f.kids(id) {
			refs[k]++
			if f.topmost(k) <= f.topmost(id) {
				t.Fatalf("node %d has child %d above it", id, k)
			}
		}
	}
	if live != f.live || size != f.size {
		t.Fatalf("%d nodes and %d children, counted %d and %d", f.live, f.size, live, size)
	}
	for id := first; int(id) < len(f.nodes); id++ {
		if f.nodes[id].of >= 0 && f.nodes[id].ref != refs[id] {
			t.Fatalf("node %d: %d references, want %d", id, f.nodes[id].ref, refs[id])
		}
	}
	for l, v := range f.vars {
		if f.at[v] != int32(l) {
			t.Fatalf("variable %d is at %d, not at %d", v, f.at[v], l)
		}
	}
}

func TestMovingLevelsKeepsTheSolutions(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(2))
	for range 800 {
		a, p, r := grown(rng)
		if a == nil {
			continue
		}
		for range 10 {
			if n := len(a.vars); n > 1 {
				a.swap(int32(rng.Intn(n - 1)))
			}
		}
		a.sound(t, a.root)
		before := a.size
		if err := a.sift(1.2); err != nil {
			t.Fatal(err)
		}
		if err := a.siftBlocks(int32(2+rng.Intn(2)), 1.2); err != nil {
			t.Fatal(err)
		}
		a.sound(t, a.root)
		if a.size > before {
			t.Fatalf("sifting made %d of %d", a.size, before)
		}
		agrees(t, p, a.layers(a.root, r), nil)
	}
}

func TestSiftingEndsWholeWhenCtxEnds(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(3))
	for range 200 {
		a, p, r := grown(rng)
		if a == nil || len(a.vars) < 3 {
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		a.meter.ctx, a.meter.next = ctx, 0
		for v := range a.vars {
			if err := a.siftOne(int32(v), 1.2); err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			a.meter.next = a.meter.done + int64(rng.Intn(100))
		}
		a.sound(t, a.root)
		agrees(t, p, a.layers(a.root, r), nil)
	}
}
