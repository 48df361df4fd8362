package newcar_test

import (
	"slices"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
)

// walkModel is what must be true of one purchase after each act, in so few lines that a reader sees
// whether they are right. Times that depend on a dealer's hours are taken over from what was written
// and only bounded here.
type walkModel struct {
	state   ordering.State
	dealer  id.Dealer
	next    []id.Dealer // agreed and not asked yet
	asked   []id.Dealer
	deposit int64
	total   int64

	payDue   time.Time // the buyer's time to pay
	longer   int       // how often it was prolonged
	pageEnds time.Time // of the card page at the bank
	answerBy time.Time // of the dealer who has the offer
	chooseBy time.Time // of the buyer who has to choose
	card     payment.State
	paid     bool      // the bank reserved or took the deposit
	taken    bool      // the bank took it, and its answer was lost on the way
	heldTill time.Time // the bank lets go of a reservation by itself
	desk     []int64   // taken at the desk and kept
	letOpen  int64     // what the dealer's word lets stay open, until the end of openDay
	openDay  market.Date
	deskBack []int64 // to be given back there

	handedAt   time.Time
	movedSince bool // money moved after the handover

	question  *walkQuestion      // to a dealer whether it takes the order over
	unwilling map[id.Dealer]bool // said no or nothing, and are not asked about it again
}

type walkQuestion struct {
	to  id.Dealer
	seq int
	due time.Time
}

// answered is a dealer's answer to the question, silence being a no.
func (m *walkModel) answered(yes bool) {
	if yes {
		m.dealer = m.question.to
	} else {
		m.unwilling[m.question.to] = true
	}
	m.question = nil
}

// holds tells whether the bank's reservation still stands, or became money.
func (m *walkModel) holds(now time.Time) bool {
	return m.paid && (m.taken || now.Before(m.heldTill))
}

// opens tells whether the bank still makes the card page: it wants half an hour for it.
func (m *walkModel) opens(now time.Time) bool { return !now.After(m.pageEnds.Add(-30 * time.Minute)) }

// deskSum is what was taken at the desk and kept.
func (m *walkModel) deskSum() (sum int64) {
	for _, x := range m.desk {
		sum += x
	}
	return sum
}

// open is what nobody has paid and nothing at the bank may still bring.
func (m *walkModel) open() int64 {
	if m.card != payment.Captured {
		return 0
	}
	return m.total - m.deposit - m.deskSum()
}

// covered tells whether the dealer's word lets all that is open stay open on a day.
func (m *walkModel) covered(today market.Date) bool {
	return m.open() > 0 && m.open() <= m.letOpen && today <= m.openDay
}

// keptCard tells whether the deposit counts against the price.
func (m *walkModel) keptCard() bool {
	return m.card == payment.Authorised || m.card == payment.Capturing || m.card == payment.Captured
}

// lastAnswer is the end of every offer: later the deposit could not be taken any more.
func (m *walkModel) lastAnswer() time.Time { return m.heldTill.Add(-allocation.SafetyMargin) }

// offerNext is what follows a dealer's no or silence: the next of the buyer's list, else the buyer.
func (m *walkModel) offerNext(now time.Time) {
	m.unwilling[m.dealer] = true
	soon := now.Before(m.lastAnswer())
	switch {
	case len(m.next) > 0 && soon:
		m.offer(m.next[0])
	case soon:
		m.state, m.chooseBy = ordering.Choosing, earlier(now.Add(7*24*time.Hour), m.lastAnswer())
	default:
		m.cancel()
	}
}

func (m *walkModel) offer(d id.Dealer) {
	m.state, m.dealer, m.asked = ordering.Offered, d, append(m.asked, d)
	m.next = slices.DeleteFunc(m.next, func(x id.Dealer) bool { return x == d })
}

// cancel ends the order: everything paid is to go back.
func (m *walkModel) cancel() {
	m.state, m.question = ordering.Cancelled, nil
	if m.keptCard() {
		m.card = payment.Returning
	}
	m.deskBack, m.desk = append(m.deskBack, m.desk...), nil
}

// settle is what asking the bank about the deposit leads to.
func (m *walkModel) settle(now time.Time) {
	switch m.card {
	case payment.Opening, payment.Open:
		m.settlePage(now)
	case payment.Authorised, payment.Capturing:
		switch {
		case !m.holds(now):
			m.cancel()
			m.card = payment.Lost
		case m.card == payment.Capturing:
			m.card = payment.Captured
		}
	case payment.Returning:
		m.card = "back"
	}
}

func (m *walkModel) settlePage(now time.Time) {
	waits := m.state == ordering.Checkout
	switch {
	case m.paid && !m.holds(now): // the bank let go before anybody here heard of the payment
		m.card = payment.Expired
		if waits {
			m.state = ordering.Lapsed
		}
	case m.paid && !waits:
		m.card = payment.Returning
	case m.paid && !now.Before(m.lastAnswer()): // no dealer could answer in time
		m.card = payment.Authorised
		m.cancel()
	case m.paid:
		m.card = payment.Authorised
		m.offer(m.dealer)
	case waits && now.Before(m.payDue):
		m.card = payment.Open
	default:
		m.card = payment.Expired
		if waits {
			m.state = ordering.Lapsed
		}
	}
}

// sweep is the deadlines, in the order in which they are looked at. due: the payment's own time to
// look again has come.
func (m *walkModel) sweep(now time.Time, due bool) {
	was := m.card
	if m.question != nil && !now.Before(m.question.due) {
		m.answered(false)
	}
	if m.state == ordering.Offered && !now.Before(m.answerBy) {
		m.offerNext(now)
	} else if m.state == ordering.Choosing && !now.Before(m.chooseBy) {
		m.cancel()
	}
	if due && m.card == was { // what has just been cancelled is for its own job
		m.settle(now)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// walkSteps is a dealer's way from the accepted order to the one that is ready.
var walkSteps = map[ordering.State]ordering.Edge{}

func init() {
	for _, e := range []ordering.Event{ordering.Place, ordering.Build, ordering.Dispatch, ordering.Arrive, ordering.Prepare, ordering.Release} {
		for _, x := range ordering.MachineOf(id.FlowNew).Steps() {
			if x.Event == e {
				walkSteps[x.From] = x
			}
		}
	}
}
