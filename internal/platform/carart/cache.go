package carart

import "sync"

// maxDrawings bounds the cache: about 12 KB each, so some 6 MB at the most.
const maxDrawings = 512

// idMark stands in a cached drawing where the page's id goes; it cannot occur in what we draw.
const idMark = "\x00"

type picture struct{ viewBox, picture string }

type cache struct {
	mu   sync.RWMutex
	kept map[Spec]picture
}

var drawings = cache{kept: map[Spec]picture{}}

func (c *cache) get(s Spec) picture {
	c.mu.RLock()
	p, ok := c.kept[s]
	c.mu.RUnlock()
	if ok {
		return p
	}
	p = sketch(s)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= maxDrawings {
		clear(c.kept) // drawing is cheap: starting over costs less than keeping an order of use
	}
	c.kept[s] = p
	return p
}
