package vehicle

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
)

// Kind is what happened to a car.
type Kind string

// Kinds of events.
const (
	GivenOver Kind = "handover"   // a dealer of ours gave it to its keeper
	NotGiven  Kind = "undone"     // that was taken back minutes later
	CameBack  Kind = "taken_back" // its keeper returned it
	Serviced  Kind = "service"    // a dealer worked on it
	NewKeeper Kind = "keeper"     // a dealer saw the papers of a new keeper
	Read      Kind = "reading"    // somebody read the odometer
)

// Work is a line of what was done: a code that the menu knows, and the words under which it was sold.
type Work struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

// Event is a row of a car's history.
type Event struct {
	Seq      int
	At       time.Time
	Kind     Kind
	Km       int // 0 when nobody read it
	Doubtful bool
	Dealer   id.Dealer
	Order    id.Order
	Keeper   id.Keeper // in whose time; empty when nobody was known
	Lines    []Work
	Body     string // as it was hashed
	Before   []byte
	Hash     []byte
}

// told is what an event's hash is over; it leaves out in whose time it was, which is not the car's.
type told struct {
	Vehicle  id.Vehicle `json:"vehicle"`
	Seq      int        `json:"seq"`
	At       string     `json:"at"`
	Kind     Kind       `json:"kind"`
	Km       int        `json:"km"`
	Doubtful bool       `json:"doubtful"`
	Dealer   id.Dealer  `json:"dealer"`
	Order    id.Order   `json:"order"`
	Lines    []Work     `json:"lines"`
}

// seal writes an event's body and its hash over the one before.
func (e *Event) seal(v id.Vehicle) error {
	b, err := json.Marshal(told{v, e.Seq, e.At.UTC().Format(time.RFC3339Nano), e.Kind, e.Km, e.Doubtful, e.Dealer, e.Order, e.Lines})
	if err != nil {
		return fmt.Errorf("vehicle: event: %w", err)
	}
	e.Body, e.Hash = string(b), link(e.Before, string(b))
	return nil
}

func link(before []byte, body string) []byte {
	h := sha256.Sum256(append(bytes.Clone(before), body...))
	return h[:]
}

// Unbroken tells whether a whole history is as it was written: numbered from one, of this car, each hash over the one before.
func Unbroken(v id.Vehicle, events []Event) bool {
	before := []byte{}
	for i, e := range events {
		var t told
		if json.Unmarshal([]byte(e.Body), &t) != nil || t.Vehicle != v || t.Seq != i+1 || !bytes.Equal(e.Before, before) || !bytes.Equal(e.Hash, link(before, e.Body)) {
			return false
		}
		before = e.Hash
	}
	return true
}

// ReadBy leaves of a history what a keeper may read: what was in his time, and what earlier keepers pass on.
func ReadBy(k *Keeper, events []Event, passed []id.Keeper) []Event {
	var out []Event
	for _, e := range events {
		own := e.Keeper == k.ID && k.ID != ""
		for _, p := range passed {
			own = own || e.Keeper == p
		}
		if own {
			out = append(out, e)
		}
	}
	return out
}
