package manager

import (
	"slices"
	"sync"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/world"
)

// trials keeps the models of drafts that are being tried: to compile one takes a thousand times as long
// as to ask it.
type trials struct {
	mu   sync.Mutex
	kept map[trialKey]func() (*configurator.Model, error)
	keys []trialKey // oldest first
}

// trialKey names a draft as it is sold in a market on a day; static counts what the market's rates and
// duties may have changed with.
type trialKey struct {
	draft  world.DraftID
	market id.Market
	day    market.Date
	static int64
}

// maxTrials bounds the memory that drafts take.
const maxTrials = 12

// get gives the model; many who ask at once wait for the one that makes it.
func (t *trials) get(k trialKey, make func() (*configurator.Model, error)) (*configurator.Model, error) {
	t.mu.Lock()
	one := t.kept[k]
	if one == nil {
		one = sync.OnceValues(make)
		t.keep(k, one)
	}
	t.mu.Unlock()
	mo, err := one()
	if err != nil {
		t.forget(k)
	}
	return mo, err
}

func (t *trials) keep(k trialKey, one func() (*configurator.Model, error)) {
	if t.kept == nil {
		t.kept = map[trialKey]func() (*configurator.Model, error){}
	}
	if len(t.keys) >= maxTrials {
		delete(t.kept, t.keys[0])
		t.keys = t.keys[1:]
	}
	t.kept[k], t.keys = one, append(t.keys, k)
}

func (t *trials) forget(k trialKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.kept, k)
	t.keys = slices.DeleteFunc(t.keys, func(x trialKey) bool { return x == k })
}
