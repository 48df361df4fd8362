package limit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// ErrLimited asks to wait.
var ErrLimited = fault.New(fault.Limited, "fault.limited", "limit.Take")

// Rule allows Max attempts in Window per key.
type Rule struct {
	Name   string
	Max    int
	Window time.Duration
}

// Take counts one attempt for a key made of parts (an account, an address prefix), and answers
// ErrLimited when there were too many in this window. Keys are hashed: no personal data is kept.
func Take(ctx context.Context, d *db.DB, r Rule, parts ...string) error {
	key, start := r.counter(d, parts)
	var hits int
	_, err := db.One(d.Read(ctx), &hits, `INSERT INTO rate_counters (key, window_start) VALUES (?, ?)
		ON CONFLICT (key, window_start) DO UPDATE SET hits = rate_counters.hits + 1 RETURNING hits`, key, start)
	if err != nil {
		return err
	}
	if hits > r.Max {
		return ErrLimited
	}
	return nil
}

// GiveBack takes back what Take counted, for an attempt that turned out to be none: who knew the code was
// not guessing it.
func GiveBack(ctx context.Context, d *db.DB, r Rule, parts ...string) error {
	key, start := r.counter(d, parts)
	return d.Read(ctx).Exec(`UPDATE rate_counters SET hits = hits - 1 WHERE key = ? AND window_start = ? AND hits > 0`, key, start).Error
}

func (r Rule) counter(d *db.DB, parts []string) (key string, start time.Time) {
	sum := sha256.Sum256([]byte(r.Name + "\x00" + strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16]), d.Clock.Now().Truncate(r.Window)
}
