package stripesim

import (
	"time"
)

// Statuses of Stripe's objects that the bank uses.
const (
	sessionOpen     = "open"
	sessionComplete = "complete"
	sessionExpired  = "expired"

	intentNeedsMethod       = "requires_payment_method"
	intentNeedsConfirmation = "requires_confirmation"
	intentNeedsAction       = "requires_action"
	intentProcessing        = "processing"
	intentNeedsCapture      = "requires_capture"
	intentSucceeded         = "succeeded"
	intentCanceled          = "canceled"

	chargePending   = "pending"
	chargeSucceeded = "succeeded"
	chargeFailed    = "failed"
)

// Statuses of refunds and disputes.
const (
	refundPending   = "pending"
	refundNeedsYou  = "requires_action"
	refundSucceeded = "succeeded"
	refundFailed    = "failed"
	refundCanceled  = "canceled"

	inquiryNeedsAnswer = "warning_needs_response"
	inquiryInReview    = "warning_under_review"
	inquiryClosed      = "warning_closed"
	disputeNeedsAnswer = "needs_response"
	disputeInReview    = "under_review"
	disputeWon         = "won"
	disputeLost        = "lost"
)

const (
	eventLife = 30 * 24 * time.Hour
	keyLife   = 24 * time.Hour
)

// change is one object put, or one number set. Exactly one field is filled.
type change struct {
	Session  *session       `json:"s,omitempty"`
	Intent   *intent        `json:"i,omitempty"`
	Charge   *charge        `json:"c,omitempty"`
	Refund   *refund        `json:"r,omitempty"`
	Dispute  *dispute       `json:"p,omitempty"`
	Balance  *balanceLine   `json:"b,omitempty"`
	Warning  *warning       `json:"a,omitempty"`
	Review   *review        `json:"v,omitempty"`
	Customer *customer      `json:"u,omitempty"`
	Method   *cardUse       `json:"m,omitempty"`
	Event    *event         `json:"e,omitempty"`
	Mail     *delivery      `json:"d,omitempty"`
	Endpoint *endpoint      `json:"w,omitempty"`
	Kept     *kept          `json:"k,omitempty"`
	Advanced *time.Duration `json:"t,omitempty"`
}

// shelf keeps objects of one kind by id and in the order in which they came.
type shelf[T any] struct {
	byID  map[string]*T
	order []string
}

func newShelf[T any]() shelf[T] { return shelf[T]{byID: map[string]*T{}} }

func (s *shelf[T]) put(id string, v *T) {
	if _, known := s.byID[id]; !known {
		s.order = append(s.order, id)
	}
	s.byID[id] = v
}

// dropOldest removes from the front while old says so.
func (s *shelf[T]) dropOldest(old func(*T) bool) {
	n := 0
	for n < len(s.order) && old(s.byID[s.order[n]]) {
		delete(s.byID, s.order[n])
		n++
	}
	if n > 0 {
		s.order = append([]string(nil), s.order[n:]...)
	}
}

// state is everything the bank knows. It is changed by apply only.
type state struct {
	sessions  shelf[session]
	intents   shelf[intent]
	charges   shelf[charge]
	refunds   shelf[refund]
	disputes  shelf[dispute]
	balance   shelf[balanceLine]
	warnings  shelf[warning]
	reviews   shelf[review]
	customers shelf[customer]
	methods   shelf[cardUse] // cards that were attached to a customer
	events    shelf[event]
	endpoints shelf[endpoint]
	kept      shelf[kept]
	advanced  time.Duration

	ends  dueHeap // what changes by itself: sessions, authorisations, refunds, disputes
	mails dueHeap // deliveries
}

func newState() *state {
	return &state{
		sessions: newShelf[session](), intents: newShelf[intent](), charges: newShelf[charge](),
		refunds: newShelf[refund](), disputes: newShelf[dispute](), balance: newShelf[balanceLine](),
		warnings: newShelf[warning](), reviews: newShelf[review](), customers: newShelf[customer](),
		methods: newShelf[cardUse](), events: newShelf[event](), endpoints: newShelf[endpoint](),
		kept: newShelf[kept](),
	}
}

// apply makes one change; it is run for a new change and again when the journal is read.
func (st *state) apply(c change) {
	switch {
	case c.Session != nil:
		st.applySession(c.Session)
	case c.Intent != nil:
		st.applyIntent(c.Intent)
	case c.Charge != nil:
		st.applyCharge(c.Charge)
	case c.Refund != nil:
		st.applyRefund(c.Refund)
	case c.Dispute != nil:
		st.applyDispute(c.Dispute)
	case c.Balance != nil:
		st.balance.put(c.Balance.ID, c.Balance)
	case c.Warning != nil:
		st.warnings.put(c.Warning.ID, c.Warning)
	case c.Review != nil:
		st.reviews.put(c.Review.ID, c.Review)
	case c.Customer != nil:
		st.customers.put(c.Customer.ID, c.Customer)
	case c.Method != nil:
		st.methods.put(c.Method.ID, c.Method)
	case c.Event != nil:
		st.applyEvent(c.Event)
	case c.Mail != nil:
		st.applyMail(*c.Mail)
	case c.Endpoint != nil:
		st.endpoints.put(c.Endpoint.ID, c.Endpoint)
	case c.Kept != nil:
		st.kept.put(c.Kept.Key, c.Kept)
	case c.Advanced != nil:
		st.advanced = *c.Advanced
	}
}

func (st *state) applySession(s *session) {
	if _, known := st.sessions.byID[s.ID]; !known {
		st.ends.add(due{at: time.Unix(s.ExpiresAt, 0), id: s.ID})
	}
	st.sessions.put(s.ID, s)
}

func (st *state) applyIntent(pi *intent) {
	if old := st.intents.byID[pi.ID]; pi.Turns > 0 && (old == nil || old.Turns != pi.Turns) {
		st.ends.add(due{at: time.Unix(pi.Turns, 0), id: pi.ID})
	}
	st.intents.put(pi.ID, pi)
}

func (st *state) applyCharge(c *charge) {
	old := st.charges.byID[c.ID]
	if c.CaptureBefore > 0 && (old == nil || old.CaptureBefore != c.CaptureBefore) {
		st.ends.add(due{at: time.Unix(c.CaptureBefore, 0), id: c.ID})
	}
	if c.BooksAt > 0 && (old == nil || old.BooksAt != c.BooksAt) {
		st.ends.add(due{at: time.Unix(c.BooksAt, 0), id: c.ID})
	}
	st.charges.put(c.ID, c)
}

func (st *state) applyRefund(r *refund) {
	if old := st.refunds.byID[r.ID]; r.Turns > 0 && (old == nil || old.Turns != r.Turns) {
		st.ends.add(due{at: time.Unix(r.Turns, 0), id: r.ID})
	}
	st.refunds.put(r.ID, r)
}

func (st *state) applyDispute(d *dispute) {
	if old := st.disputes.byID[d.ID]; d.Ends > 0 && (old == nil || old.Ends != d.Ends) {
		st.ends.add(due{at: time.Unix(d.Ends, 0), id: d.ID})
	}
	st.disputes.put(d.ID, d)
}

func (st *state) applyEvent(e *event) {
	st.events.put(e.ID, e)
	for _, d := range e.Mail {
		if d.State == mailWaiting {
			st.mails.add(due{at: d.Due, id: e.ID, to: d.Endpoint})
		}
	}
}

// applyMail notes how far a delivery got. A resend to an endpoint that is new to the event adds it.
func (st *state) applyMail(d delivery) {
	old, ok := st.events.byID[d.Event]
	if !ok {
		return
	}
	e := *old
	e.Mail = append([]delivery(nil), old.Mail...)
	id := d.Event
	d.Event = ""
	if at := e.mailTo(d.Endpoint); at >= 0 {
		e.Mail[at] = d
	} else {
		e.Mail = append(e.Mail, d)
	}
	st.events.put(id, &e)
	if d.State == mailWaiting {
		st.mails.add(due{at: d.Due, id: id, to: d.Endpoint})
	}
}

func (e *event) mailTo(endpoint string) int {
	for i, d := range e.Mail {
		if d.Endpoint == endpoint {
			return i
		}
	}
	return -1
}

func (e *event) waiting() int {
	n := 0
	for _, d := range e.Mail {
		if d.State == mailWaiting {
			n++
		}
	}
	return n
}

// prune forgets answers after a day and events after thirty, as the original does.
func (st *state) prune(now time.Time) {
	st.kept.dropOldest(func(k *kept) bool { return now.Sub(time.Unix(k.At, 0)) > keyLife })
	st.events.dropOldest(func(e *event) bool { return now.Sub(time.Unix(e.Created, 0)) > eventLife })
}

// snapshot gives the changes that rebuild the state, in an order that apply understands.
func (st *state) snapshot(emit func(change)) {
	emit(change{Advanced: &st.advanced})
	each(&st.endpoints, func(v *endpoint) { emit(change{Endpoint: v}) })
	each(&st.sessions, func(v *session) { emit(change{Session: v}) })
	each(&st.intents, func(v *intent) { emit(change{Intent: v}) })
	each(&st.charges, func(v *charge) { emit(change{Charge: v}) })
	each(&st.refunds, func(v *refund) { emit(change{Refund: v}) })
	each(&st.disputes, func(v *dispute) { emit(change{Dispute: v}) })
	each(&st.balance, func(v *balanceLine) { emit(change{Balance: v}) })
	each(&st.warnings, func(v *warning) { emit(change{Warning: v}) })
	each(&st.reviews, func(v *review) { emit(change{Review: v}) })
	each(&st.customers, func(v *customer) { emit(change{Customer: v}) })
	each(&st.methods, func(v *cardUse) { emit(change{Method: v}) })
	each(&st.events, func(v *event) { emit(change{Event: v}) })
	each(&st.kept, func(v *kept) { emit(change{Kept: v}) })
}

func each[T any](s *shelf[T], fn func(*T)) {
	for _, id := range s.order {
		fn(s.byID[id])
	}
}
