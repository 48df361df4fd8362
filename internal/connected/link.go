package connected

import (
	"time"

	"forecourt/internal/id"
)

// link is a vehicle's data as its keeper of now has it, locked by who holds it.
type link struct {
	Keeper     id.Keeper
	Vehicle    id.Vehicle
	VIN        string
	Car        Car
	Since      time.Time
	Consents   map[Kind]time.Time
	Thresholds map[string]int
	Latest     map[Kind]Latest
	Locale     string
	Quiet      Quiet

	Keys     []string // those that were not revoked
	Silences []silence
	Warnings []standing
	Known    map[int64]bool // numbers of messages, of those that are asked for

	Changed bool // the newest values
}

// silence is a time in which the car is paused or lent.
type silence struct {
	Kind  string    `json:"kind"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// standing is a warning that is open, or that its keeper wants to hear no more of.
type standing struct {
	ID    id.Warning `json:"id"`
	Rule  string     `json:"rule"`
	State State      `json:"state"`
	Muted bool       `json:"muted"`
}

const (
	pause = "pause"
	lend  = "lend"
)

// silent tells whether an instant lies in a silence of a kind. A car tells whole seconds, so the silence has its first one too.
func (l *link) silent(kind string, at time.Time) bool {
	for _, s := range l.Silences {
		if s.Kind == kind && !at.Before(s.From.Truncate(time.Second)) && at.Before(s.Until) {
			return true
		}
	}
	return false
}
