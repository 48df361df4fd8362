package connected

import (
	"context"
	"crypto/ed25519"
	"sync"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
)

// mostKeys bounds the keys that are remembered; what a key is never changes, whether it was revoked is asked each time.
const mostKeys = 50_000

// carKey is what never changes of a key.
type carKey struct {
	vehicle id.Vehicle
	public  ed25519.PublicKey
}

// keyring remembers keys by their names. Names that it does not know are asked for together: requests that come while one question is
// on its way share the next.
type keyring struct {
	db *db.DB

	mu      sync.Mutex
	keys    map[string]carKey
	waiting []*question
	busy    bool
}

// question is what one request wants to know.
type question struct {
	kids  []string
	found map[string]carKey
	err   error
	done  chan struct{}
}

// get gives the keys of some names; what no vehicle has is left out.
func (r *keyring) get(ctx context.Context, kids []string) (map[string]carKey, error) {
	out, q := map[string]carKey{}, &question{done: make(chan struct{})}
	r.mu.Lock()
	for _, kid := range kids {
		if k, ok := r.keys[kid]; ok {
			out[kid] = k
		} else if kid != "" {
			q.kids = append(q.kids, kid)
		}
	}
	begin := len(q.kids) > 0 && !r.busy
	if len(q.kids) > 0 {
		r.waiting, r.busy = append(r.waiting, q), true
	}
	r.mu.Unlock()
	switch {
	case len(q.kids) == 0:
		return out, nil
	case begin:
		go r.ask(context.WithoutCancel(ctx))
	}
	select {
	case <-q.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for _, kid := range q.kids {
		if k, ok := q.found[kid]; ok {
			out[kid] = k
		}
	}
	return out, q.err
}

// ask goes on until nobody waits.
func (r *keyring) ask(ctx context.Context) {
	for {
		r.mu.Lock()
		qs := r.waiting
		r.waiting, r.busy = nil, len(qs) > 0
		r.mu.Unlock()
		if len(qs) == 0 {
			return
		}
		var kids []string
		for _, q := range qs {
			kids = append(kids, q.kids...)
		}
		found, err := r.read(ctx, kids)
		for _, q := range qs {
			q.found, q.err = found, err
			close(q.done)
		}
	}
}

func (r *keyring) read(ctx context.Context, kids []string) (map[string]carKey, error) {
	ctx, cancel := context.WithTimeout(db.Patient(ctx, 2*time.Second), longest)
	defer cancel()
	found, err := keysNamed(r.db.Read(ctx), kids)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.keys)+len(found) > mostKeys {
		clear(r.keys)
	}
	for kid, k := range found {
		r.keys[kid] = k
	}
	return found, nil
}
