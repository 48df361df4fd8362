package allocation

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
)

// Event is a step of an order through the queues, as its receipt names it.
type Event string

// The events.
const (
	EventOffer    Event = "offer"
	EventAccept   Event = "accept"
	EventDecline  Event = "decline"
	EventExpire   Event = "expire"
	EventWithdraw Event = "withdraw"  // the buyer left, or the house let go
	EventPassOn   Event = "pass_on"   // another dealer takes the order over
	EventHandOver Event = "hand_over" // the car is sold
	EventUndo     Event = "undo"      // and is not: the dealer took the handover back
	EventAskBuyer Event = "ask_buyer" // nobody is left within the consent
	EventRemind   Event = "remind"
	EventSite     Event = "site"    // the manager of the site was told
	EventCountry  Event = "country" // the country was told
	EventQuestion Event = "question"
	EventAnswer   Event = "answer"
)

// PassedOn is the reason of an entry that ends because another dealer takes the order over.
const PassedOn = "passed_on"

// Office stands on receipts for the country's office, which ordered that a dealer does not keep an order.
const Office = "office"

// eventOf names the step from one state to another.
func eventOf(from, to State, reason string) Event {
	switch to {
	case Accepted:
		if from == Done {
			return EventUndo
		}
		return EventAccept
	case Declined:
		return EventDecline
	case Expired:
		return EventExpire
	case Done:
		return EventHandOver
	case Withdrawn:
		if reason == PassedOn {
			return EventPassOn
		}
	}
	return EventWithdraw
}

// Note is what a receipt says: ids, codes and figures, never a person. The fields stand in the order of their keys, and
// so do those of CandidateNote: that makes the JSON canonical.
type Note struct {
	At         string          `json:"at"` // RFC 3339, UTC
	By         string          `json:"by"` // "buyer", "dealer", "office" or "system"
	Candidates []CandidateNote `json:"candidates,omitempty"`
	Dealer     id.Dealer       `json:"dealer,omitempty"`
	Draw       *int64          `json:"draw,omitempty"`
	Due        string          `json:"due,omitempty"` // until when the dealer is to answer
	Event      Event           `json:"event"`
	LeftOut    int             `json:"left_out,omitempty"` // candidates beyond MostNoted
	Order      id.Order        `json:"order"`
	Reason     string          `json:"reason,omitempty"`
	Round      int             `json:"round,omitempty"`
	Strategy   Strategy        `json:"strategy,omitempty"`
	Version    string          `json:"version,omitempty"` // of the rule
	Weights    int64           `json:"weights,omitempty"` // sum of all in the draw
}

// CandidateNote is one candidate with its figures. Those that the strategy did not look at are left out.
type CandidateNote struct {
	Accepted   *int      `json:"accepted,omitempty"`
	Answered   *int      `json:"answered,omitempty"`
	Bays       *int      `json:"bays,omitempty"`
	Dealer     id.Dealer `json:"dealer"`
	HandedOver *int      `json:"handed_over,omitempty"`
	LastOffer  string    `json:"last_offer,omitempty"`
	Metres     *int64    `json:"metres,omitempty"`
	Open       *int      `json:"open,omitempty"`
	Out        Out       `json:"out,omitempty"`
	Score      *int64    `json:"score,omitempty"`
	Silent     *int      `json:"silent,omitempty"`
}

// MostNoted bounds the candidates on one receipt; the others are counted.
const MostNoted = 12

// stamp writes an instant as receipts do.
func stamp(t time.Time) string { return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano) }

// actorOf says who acts without naming a person.
func actorOf(by string) string {
	if by == "buyer" || by == "system" || by == Office {
		return by
	}
	return "dealer"
}

// decided writes a decision on a note.
func (n *Note) decided(d Decision) {
	n.Strategy, n.Version, n.Weights = d.Strategy, d.Version, d.Weights
	if d.Weights > 0 {
		n.Draw = &d.Draw
	}
	for i, r := range d.Ranked {
		if i == MostNoted {
			n.LeftOut = len(d.Ranked) - MostNoted
			break
		}
		n.Candidates = append(n.Candidates, candidateNote(d.Strategy, r))
	}
}

func candidateNote(s Strategy, r Ranked) CandidateNote {
	c := CandidateNote{Dealer: r.Dealer, Out: r.Out}
	if r.Metres != UnknownWay {
		c.Metres = &r.Metres
	}
	if s == Named {
		return c
	}
	c.Score = &r.Score
	switch s {
	case Capacity:
		c.Open, c.Bays = &r.Open, &r.Bays
	case Balance:
		c.Open, c.HandedOver = &r.Open, &r.HandedOver
	case Record:
		c.Answered, c.Accepted, c.Silent = &r.Answered, &r.Accepted, &r.Silent
	case RoundRobin:
		if !r.LastOffer.IsZero() {
			c.LastOffer = stamp(r.LastOffer)
		}
	}
	return c
}

// canonical writes a note as the bytes that are hashed.
func (n Note) canonical() (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(n); err != nil {
		return "", fmt.Errorf("allocation: receipt: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// Receipt is one row of an order's chain.
type Receipt struct {
	Seq  int
	Note Note
	Body string
	Prev []byte
	Hash []byte
}

// link is the hash of a body after the one before.
func link(prev []byte, body string) []byte {
	h := sha256.Sum256(append(bytes.Clone(prev), body...))
	return h[:]
}

// Whole tells whether a chain is unbroken: numbered from one, each hash over the one before and its own body, each body of
// this order.
func Whole(o id.Order, chain []Receipt) bool {
	prev := []byte{}
	for i, r := range chain {
		if r.Seq != i+1 || r.Note.Order != o || !bytes.Equal(r.Prev, prev) || !bytes.Equal(r.Hash, link(prev, r.Body)) {
			return false
		}
		prev = r.Hash
	}
	return true
}
