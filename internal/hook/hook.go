package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
)

// Kinds are what an address may be told of, in the order of an order's life; words are hook.kind.<kind>.
var Kinds = []string{"order.offered", "order.accepted", "order.declined", "order.expired", "order.changed", "order.stage_changed", "order.ready", "order.appointment",
	"order.handed_over", "order.returning", "order.returned", "order.withdrawn", TransferredAway}

// TransferredAway is the last that a dealer hears of an order that another one took over. It comes unasked.
const TransferredAway = "order.transferred_away"

// State of an address.
type State string

// States of an address. An ended one stays ended.
const (
	Active State = "active"
	Paused State = "paused"
	Ended  State = "ended"
)

// Why an address is paused.
const (
	ByAsking  = "asked"   // a manager stopped it
	ByFailing = "failing" // nothing arrived for too long
	ByGone    = "gone"    // it answered 410
)

// Fate is where a delivery stands.
type Fate string

// Fates of a delivery.
const (
	Waiting   Fate = "waiting"
	Delivered Fate = "delivered"
	Dead      Fate = "dead"     // MostAttempts were in vain; it can be sent again by hand
	Withheld  Fate = "withheld" // the order went to another dealer before it arrived
)

// Address is one address of a dealer's system.
type Address struct {
	ID        id.Hook
	Market    id.Market
	Group     id.Group
	Dealer    id.Dealer // empty: every site of the group
	URL       string
	Kinds     []string
	State     State
	PausedWhy string
	Failures  int
	CreatedBy id.User
	CreatedAt time.Time
	// Of the list.
	Waiting int
	Dead    int
}

// Delivery is one event on its way to one address.
type Delivery struct {
	ID          id.Event
	N           int64
	Address     id.Hook
	Order       id.Order
	Number      string
	Dealer      id.Dealer
	Kind        string
	OrderSeq    int
	AddressSeq  int64
	At          time.Time
	Facts       []byte
	Body        string // empty until it is made
	State       Fate
	Attempts    int
	Tried       int
	NextAt      time.Time
	LastAt      time.Time
	LastCode    int
	LastWhy     string
	DeliveredAt time.Time
	Gone        bool // the order was transferred away afterwards: neither shown nor sent again
}

// Attempt is one try to deliver.
type Attempt struct {
	At     time.Time
	Code   int // 0 when there was no answer
	Why    string
	TookMS int
}

// Faults of this package.
var (
	ErrNoHook   = fault.New(fault.NotFound, "fault.not_found", "hook.Get")
	ErrURL      = fault.New(fault.Invalid, "hook.url", "hook.Check")
	ErrHTTPS    = fault.New(fault.Invalid, "hook.https", "hook.Check")
	ErrPrivate  = fault.New(fault.Invalid, "hook.private", "hook.Check")
	ErrKinds    = fault.New(fault.Invalid, "hook.kinds", "hook.Check")
	ErrMany     = fault.New(fault.Invalid, "hook.many", "hook.Add")
	ErrMoved    = fault.New(fault.Conflict, "hook.moved", "hook.Move")
	ErrSince    = fault.New(fault.Invalid, "hook.since", "hook.Replay")
	ErrWithheld = fault.New(fault.Conflict, "hook.withheld", "hook.Replay")
)

// MostAddresses bounds what a group may register.
const MostAddresses = 10

// Limits of sending.
const (
	MostAttempts = 12             // after them a delivery is dead
	pauseAfter   = 20             // failures in a row
	pauseSince   = 6 * time.Hour  // and failing for so long
	OldSecret    = 24 * time.Hour // how long a replaced secret counts beside the new one
	ShowSecret   = 15 * time.Minute
	Life         = 90 * 24 * time.Hour // of deliveries
	MostReplayed = 1000
)

// waits grow from attempt to attempt; all of them are two and a half days.
var waits = []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 36 * time.Hour}

// Wait is how long after its n-th failure, counted from 1, a delivery is tried again; false when it is dead.
func Wait(n int) (time.Duration, bool) {
	if n < 1 || n > len(waits) {
		return 0, false
	}
	return waits[n-1], true
}

// rest is how long an address is left alone after its n-th failure in a row, whatever else waits for it.
func rest(n int) time.Duration {
	return min(5*time.Second<<min(n-1, 10), 10*time.Minute)
}

// giveUp tells whether an address has failed for so long and so often that it is paused.
func giveUp(failures int, since, now time.Time) bool {
	return failures >= pauseAfter && now.Sub(since) >= pauseSince
}

// CheckKinds gives the kinds in the order of Kinds; ErrKinds when there is none or an unknown one.
func CheckKinds(asked []string) ([]string, error) {
	var out []string
	for _, k := range Kinds {
		if slices.Contains(asked, k) {
			out = append(out, k)
		}
	}
	for _, k := range asked {
		if !slices.Contains(Kinds, k) {
			return nil, ErrKinds
		}
	}
	if len(out) == 0 {
		return nil, ErrKinds
	}
	return out, nil
}

// event is the body of a message. Absent facts are null, never left out, except that the last event of an order that the
// dealer lost names the order and nothing of it.
type event struct {
	ID        id.Event  `json:"id"`
	Type      string    `json:"type"`
	CreatedAt time.Time `json:"created_at"`
	Sequence  int64     `json:"sequence"`
	Order     any       `json:"order"`
}

type named struct {
	Number   string    `json:"number"`
	Sequence int       `json:"sequence"`
	Dealer   id.Dealer `json:"dealer"`
}

type told struct {
	named
	Brand   string  `json:"brand"`
	Flow    string  `json:"flow"`
	State   string  `json:"state"`
	Model   string  `json:"model"`
	Version string  `json:"version"`
	Colour  string  `json:"colour"`
	VIN     *string `json:"vin"`
	DueAt   *string `json:"due_at"`
	Ready   *span   `json:"ready"`
	Pickup  *slot   `json:"pickup"`
}

type span struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type slot struct {
	StartsAt string `json:"starts_at"`
	EndsAt   string `json:"ends_at"`
}

// facts are what the schema keeps of a step.
type facts struct {
	Number    string  `json:"number"`
	Brand     string  `json:"brand"`
	Flow      string  `json:"flow"`
	State     string  `json:"state"`
	Model     string  `json:"model"`
	Version   string  `json:"version"`
	Colour    string  `json:"colour"`
	VIN       *string `json:"vin"`
	DueAt     *string `json:"due_at"`
	ReadyFrom *string `json:"ready_from"`
	ReadyTo   *string `json:"ready_to"`
	StartsAt  *string `json:"starts_at"`
	EndsAt    *string `json:"ends_at"`
}

// bodyOf writes a delivery's body, whose number at its address has just been given.
func bodyOf(d *Delivery) (string, error) {
	var f facts
	if err := json.Unmarshal(d.Facts, &f); err != nil {
		return "", fmt.Errorf("hook: facts of %s: %w", d.ID, err)
	}
	e := event{ID: d.ID, Type: d.Kind, CreatedAt: d.At.UTC(), Sequence: d.AddressSeq}
	n := named{Number: f.Number, Sequence: d.OrderSeq, Dealer: d.Dealer}
	e.Order = n
	if f.State != "" {
		t := told{named: n, Brand: f.Brand, Flow: f.Flow, State: f.State, Model: f.Model, Version: f.Version, Colour: f.Colour, VIN: f.VIN, DueAt: inUTC(f.DueAt)}
		if f.ReadyFrom != nil && f.ReadyTo != nil {
			t.Ready = &span{*f.ReadyFrom, *f.ReadyTo}
		}
		if from, to := inUTC(f.StartsAt), inUTC(f.EndsAt); from != nil && to != nil {
			t.Pickup = &slot{*from, *to}
		}
		e.Order = t
	}
	b, err := json.Marshal(e)
	return string(b), err
}

// inUTC writes an instant as the database keeps it in the one form of this API.
func inUTC(s *string) *string {
	if s == nil {
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, *s)
	if err != nil {
		return nil
	}
	out := t.UTC().Format(time.RFC3339)
	return &out
}

// Names of the headers of a message.
const (
	HeaderSignature = "Forecourt-Signature"
	HeaderEvent     = "Forecourt-Event-Id"
	HeaderAttempt   = "Forecourt-Attempt"
)

// Sign is the signature header of a body: "t=<seconds>,v1=<hex>", with one v1 for each secret that counts. What is signed
// is the time, a dot and the body, by HMAC-SHA256.
func Sign(secrets []string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	out := "t=" + t
	for _, s := range secrets {
		out += ",v1=" + hex.EncodeToString(sum(s, t, body))
	}
	return out
}

func sum(secret, t string, body []byte) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(t + "."))
	m.Write(body)
	return m.Sum(nil)
}

// Verify tells whether a header signs the body with the secret, within tolerance of now. It is what a receiver does; tests
// and receivers written in Go may use it.
func Verify(secret, header string, body []byte, now time.Time, tolerance time.Duration) bool {
	t, good := "", false
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			t = value
		case "v1":
			got, err := hex.DecodeString(value)
			good = good || err == nil && t != "" && hmac.Equal(got, sum(secret, t, body))
		}
	}
	sec, err := strconv.ParseInt(t, 10, 64)
	return good && err == nil && now.Sub(time.Unix(sec, 0)).Abs() <= tolerance
}
