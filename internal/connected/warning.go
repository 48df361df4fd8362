package connected

import (
	"time"

	"forecourt/internal/id"
)

// Warning is something that a car's keeper should know.
type Warning struct {
	ID      id.Warning
	Keeper  id.Keeper
	Vehicle id.Vehicle
	VIN     string
	Car     Car
	Rule    string
	Kind    Kind
	Urgency Urgency
	Item    string // of the dealer's menu; empty when nothing of it helps
	Value   int    // what the signal said
	State   State
	Raised  time.Time
	TellAt  time.Time
	Offered time.Time
	Told    time.Time
	Due     time.Time // when it expires
	Ended   time.Time
	Why     string // it ended
	Locale  string // of its keeper; the market's first when empty
	Quiet   Quiet
}

// Open tells whether it still counts.
func (w *Warning) Open() bool { return !w.State.Final() }

// WordsKey is its sentence in the catalogues.
func (w *Warning) WordsKey() string { return "car.warning." + w.Rule }
