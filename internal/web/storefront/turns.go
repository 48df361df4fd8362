package storefront

import (
	"context"
	"sync"

	"forecourt/internal/id"
)

// turns lets those who want the same car go in one after the other. Hundreds may press its button at the same moment; in the
// database each would wait for the car's row with a connection in hand, and nobody else would be served. What is decided is
// decided there all the same: other instances have turns of their own.
type turns struct {
	mu sync.Mutex
	of map[id.UsedCar]*turn
}

// turn is the way to one car; it goes when nobody is on it.
type turn struct {
	free chan struct{} // holds one
	here int
}

// take waits for a turn, as long as ctx allows; leave ends it.
func (t *turns) take(ctx context.Context, car id.UsedCar) (leave func(), err error) {
	x := t.join(car)
	select {
	case <-x.free:
		return func() { x.free <- struct{}{}; t.part(car, x) }, nil
	case <-ctx.Done():
		t.part(car, x)
		return nil, ctx.Err()
	}
}

func (t *turns) join(car id.UsedCar) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	x, ok := t.of[car]
	if !ok {
		if t.of == nil {
			t.of = map[id.UsedCar]*turn{}
		}
		x = &turn{free: make(chan struct{}, 1)}
		x.free <- struct{}{}
		t.of[car] = x
	}
	x.here++
	return x
}

func (t *turns) part(car id.UsedCar, x *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x.here--; x.here == 0 {
		delete(t.of, car)
	}
}
