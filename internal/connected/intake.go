package connected

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity/cartoken"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/log"
)

const (
	// MostAtOnce is how many messages one request may bring.
	MostAtOnce = 500
	// mostInside is how many messages this process holds at once, read or waiting: what comes beyond is told to come again.
	mostInside = 4000
	// mostGathered is how many are written in one transaction.
	mostGathered = 500
)

// Intake takes what cars say. Messages of many requests are written by one transaction: while it runs, the next ones gather, so
// that the more come the less each costs. Nothing is acknowledged before its transaction is committed.
type Intake struct {
	db    *db.DB
	rules *Rules
	zone  func(id.Market) *time.Location
	ring  keyring

	mu      sync.Mutex
	inside  int       // messages that were let in and are not answered
	waiting []*parcel // that nobody writes yet
	busy    bool      // somebody writes
}

// parcel is what one request brought.
type parcel struct {
	said []said
	out  []Outcome // one for each of said
	err  error
	done chan struct{}
}

// NewIntake makes one. zone is the time zone of a market.
func NewIntake(d *db.DB, rules *Rules, zone func(id.Market) *time.Location) *Intake {
	return &Intake{db: d, rules: rules, zone: zone, ring: keyring{db: d, keys: map[string]carKey{}}}
}

// Take answers each of some signed messages. ErrBusy when there are too many inside: none of them was taken then.
func (in *Intake) Take(ctx context.Context, tokens []string) ([]Outcome, error) {
	if len(tokens) == 0 || len(tokens) > MostAtOnce {
		return nil, ErrInvalid
	}
	if !in.enter(len(tokens)) {
		return nil, ErrBusy
	}
	defer in.leave(len(tokens))
	out := make([]Outcome, len(tokens))
	good, at, err := in.read(ctx, tokens, out)
	if err != nil || len(good) == 0 {
		return out, err
	}
	p := &parcel{said: good, out: make([]Outcome, len(good)), done: make(chan struct{})}
	in.hand(ctx, p)
	select {
	case <-p.done:
	case <-ctx.Done():
		return nil, ctx.Err() // it may be written yet; sent again, it is known
	}
	for i, o := range p.out {
		out[at[i]] = o
	}
	return out, p.err
}

func (in *Intake) enter(n int) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.inside+n > mostInside {
		return false
	}
	in.inside += n
	return true
}

func (in *Intake) leave(n int) {
	in.mu.Lock()
	in.inside -= n
	in.mu.Unlock()
}

// read checks the signatures; at says which tokens the good ones were, the others are answered in out.
func (in *Intake) read(ctx context.Context, tokens []string, out []Outcome) (good []said, at []int, err error) {
	kids := make([]string, len(tokens))
	for i, t := range tokens {
		if kids[i], err = cartoken.Named(t); err != nil {
			kids[i], out[i] = "", refused(WhyUnreadable)
		}
	}
	keys, err := in.ring.get(ctx, kids)
	if err != nil {
		return nil, nil, err
	}
	for i, t := range tokens {
		if kids[i] == "" {
			continue
		}
		k, ok := keys[kids[i]]
		if !ok {
			out[i] = refused(WhyUnknownKey)
			continue
		}
		m, err := cartoken.Verify(t, k.public)
		if err != nil {
			out[i] = refused(WhyForged)
			if errors.Is(err, cartoken.ErrUnreadable) {
				out[i] = refused(WhyUnreadable)
			}
			continue
		}
		r, ok := readingsOf(m.Signals)
		if !ok {
			out[i] = refused(WhyAbsurd)
			continue
		}
		good, at = append(good, said{Message: m, kid: kids[i], vehicle: k.vehicle, readings: r}), append(at, i)
	}
	return good, at, nil
}

// hand lets a parcel wait to be written, by whoever writes already or by one who begins now.
func (in *Intake) hand(ctx context.Context, p *parcel) {
	in.mu.Lock()
	in.waiting = append(in.waiting, p)
	begin := !in.busy
	in.busy = true
	in.mu.Unlock()
	if begin {
		// Of no request: whoever began must not take the others with him when he goes.
		go in.write(log.WithActor(context.WithoutCancel(ctx), log.System+":signals"))
	}
}

// write goes on until nothing waits.
func (in *Intake) write(ctx context.Context) {
	for {
		batch := in.gather()
		if len(batch) == 0 {
			return
		}
		if err := in.commit(ctx, batch); err != nil && len(batch) > 1 {
			for _, p := range batch { // one of them may be to blame: not the others
				p.err = in.commit(ctx, []*parcel{p})
			}
		} else {
			batch[0].err = err
		}
		for _, p := range batch {
			close(p.done)
		}
	}
}

func (in *Intake) gather() (batch []*parcel) {
	in.mu.Lock()
	defer in.mu.Unlock()
	n := 0
	for len(in.waiting) > 0 && (n == 0 || n+len(in.waiting[0].said) <= mostGathered) {
		n += len(in.waiting[0].said)
		batch = append(batch, in.waiting[0])
		in.waiting[0] = nil
		in.waiting = in.waiting[1:]
	}
	in.busy = len(batch) > 0
	return batch
}

// longest bounds one transaction, whatever hangs.
const longest = 10 * time.Second

// commit writes parcels in one transaction. A mistake of ours must not end the process that serves everybody.
func (in *Intake) commit(ctx context.Context, batch []*parcel) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("connected: intake: %v\n%s", v, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(db.Patient(ctx, 2*time.Second), longest)
	defer cancel()
	return in.db.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return in.writeTx(tx, batch) })
}

func (in *Intake) writeTx(tx *db.Tx, batch []*parcel) error {
	var all []said
	for _, p := range batch {
		all = append(all, p.said...)
	}
	links, err := lockLinksTx(tx, all)
	if err != nil {
		return err
	}
	g := &gathered{now: tx.Now, rules: in.rules, zone: in.zone, rulesOf: map[Car][]*Rule{}}
	for _, p := range batch {
		for i, m := range p.said {
			l := links[m.VIN]
			switch {
			case l == nil:
				p.out[i] = refused(WhyDetached)
			case l.Vehicle != m.vehicle: // signed with a good key, of another car
				p.out[i] = refused(WhyForged)
			default:
				p.out[i] = g.take(l, m)
			}
		}
	}
	return g.saveTx(tx, links)
}
