package limit

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestABucketFillsWithTime(t *testing.T) {
	t.Parallel()
	b, now := NewBucket(2, 3), time.Unix(1e9, 0)
	take := func(after time.Duration) (n int) {
		now = now.Add(after)
		for b.AllowAt(now) {
			n++
		}
		return n
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 3}, {0, 0}, {400 * time.Millisecond, 0}, {100 * time.Millisecond, 1}, {time.Second, 2}, {time.Hour, 3}, {-time.Hour, 0}, {time.Hour, 0}} {
		if got := take(c.after); got != c.want {
			t.Errorf("after %s more: %d, want %d", c.after, got, c.want)
		}
	}
	none := NewBucket(0, 1)
	if !none.Allow() || none.Allow() {
		t.Error("a bucket that never fills gave more than its burst")
	}
}

func TestABucketIsSharedByMany(t *testing.T) {
	t.Parallel()
	b := NewBucket(0, 100)
	var let atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				if b.Allow() {
					let.Add(1)
				}
			}
		})
	}
	all.Wait()
	if let.Load() != 100 {
		t.Errorf("%d were let through, want 100", let.Load())
	}
}
