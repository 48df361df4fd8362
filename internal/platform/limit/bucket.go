package limit

import (
	"sync"
	"time"
)

// Bucket lets so many through in each second, after a first burst: for this process only, where a round trip to the database
// would cost more than what it saves. It is safe for concurrent use.
type Bucket struct {
	perSecond, burst float64

	mu   sync.Mutex
	left float64
	at   time.Time
}

// NewBucket makes a full one.
func NewBucket(perSecond float64, burst int) *Bucket {
	return &Bucket{perSecond: perSecond, burst: float64(burst), left: float64(burst)}
}

// Allow tells whether something is left, and takes it.
func (b *Bucket) Allow() bool { return b.AllowAt(time.Now()) }

// AllowAt is Allow at an instant. A clock that goes back gives nothing.
func (b *Bucket) AllowAt(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.After(b.at) {
		if !b.at.IsZero() {
			b.left = min(b.burst, b.left+b.perSecond*now.Sub(b.at).Seconds())
		}
		b.at = now
	}
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
