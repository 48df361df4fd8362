package stripesim

import (
	"crypto/rand"
	"time"
)

// tx is one change of the bank: all of it is applied and journalled, in one line, or none.
// Handlers therefore check everything first and put afterwards.
type tx struct {
	b       *Bank
	st      *state
	now     time.Time
	request string // Request-Id of the call that caused it
	key     string // its idempotency key
	changes []change
	wakes   bool // something became due for delivery
}

func (t *tx) put(c change) {
	t.st.apply(c)
	t.changes = append(t.changes, c)
	if c.Event != nil || c.Mail != nil || c.Advanced != nil {
		t.wakes = true
	}
}

// sweep ends what ran out: lazily before each call, and by the courier when nobody calls.
func (t *tx) sweep() {
	for {
		d, ok := t.st.ends.next(t.now)
		if !ok {
			return
		}
		t.end(d.id)
	}
}

// end does what is due for an object, unless it no longer applies.
func (t *tx) end(id string) {
	now := t.now.Unix()
	if s := t.st.sessions.byID[id]; s != nil && s.Status == sessionOpen {
		t.expireSession(s)
	}
	if pi := t.st.intents.byID[id]; pi != nil && pi.Status == intentProcessing && pi.Turns <= now {
		t.turnIntent(pi)
	}
	if c := t.st.charges.byID[id]; c != nil && c.BooksAt > 0 && c.BooksAt <= now {
		t.bookAsync(c)
	}
	if c := t.st.charges.byID[id]; c != nil && c.CaptureBefore > 0 && c.CaptureBefore <= now {
		t.expireAuthorisation(c)
	}
	if r := t.st.refunds.byID[id]; r != nil && r.Turns > 0 && r.Turns <= now {
		t.turnRefund(r, r.TurnsTo)
	}
	if d := t.st.disputes.byID[id]; d != nil && d.Ends > 0 && d.Ends <= now {
		t.endDispute(d)
	}
}

// tell emits an event about the object as it is now and plans its delivery to every endpoint that
// wants it.
func (t *tx) tell(what kind, about event) {
	about.ID, about.Type = newID("evt_", 24), string(what)
	about.Created, about.Request, about.Key = t.now.Unix(), t.request, t.key
	each(&t.st.endpoints, func(w *endpoint) {
		if w.Enabled && w.wants(string(what)) {
			about.Mail = append(about.Mail, t.firstDelivery(w.ID))
		}
	})
	t.put(change{Event: &about})
}

func (t *tx) firstDelivery(endpoint string) delivery {
	d := delivery{Endpoint: endpoint, Due: t.now, State: mailWaiting}
	if schedule := t.b.opt.Schedule; len(schedule) > 0 {
		d.Due = d.Due.Add(schedule[0])
	}
	how, chance := t.b.delivery, t.b.chance
	if how.shuffle > 0 {
		d.Due = d.Due.Add(time.Duration(chance.Int64N(int64(how.shuffle))))
	}
	if how.late > 0 && chance.Float64() < how.late {
		d.Due = d.Due.Add(how.lateBy)
	}
	if how.drop > 0 && chance.Float64() < how.drop {
		d.State = mailDropped
	}
	return d
}

func (w *endpoint) wants(kind string) bool {
	for _, e := range w.Events {
		if e == "*" || e == kind {
			return true
		}
	}
	return false
}

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newID draws from the system's randomness, never from the seed: ids must differ between runs that
// share a journal.
func newID(prefix string, n int) string {
	buf := make([]byte, n)
	_, _ = rand.Read(buf) // never fails
	for i, c := range buf {
		buf[i] = letters[int(c)%len(letters)]
	}
	return prefix + string(buf)
}
