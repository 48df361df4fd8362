package chaos

import (
	"fmt"
	"math/rand/v2"
)

// plan is what one buyer and the dealers will do, drawn from the seed before anything happens.
type plan struct {
	n       int
	cards   []string // in order; all but the last are refused
	refuse  bool     // the first answer to the bank's question is no
	closes  bool     // the tab is closed at the card bank: only its event tells of the payment
	twice   bool     // the button "order" is clicked twice
	agree   bool     // the second dealer is a fallback
	decline bool     // the first dealer says no
	parts   bool     // the balance is paid in two parts
	ends    ending

	writes bool // a message to the dealer
	moves  bool // the buyer asks the second dealer to take the order over
	takes  bool // who says yes
	later  bool // the car goes on the dealer's word, and the rest is paid after it
}

// ending is where a journey stops.
type ending string

const (
	handsOver    ending = "handed over"
	staysUnpaid  ending = "never pays"
	staysOffered ending = "dealer silent"
	staysAsked   ending = "no dealer left, buyer thinks"

	leavesUnpaid   ending = "leaves before paying"
	leavesArriving ending = "leaves while the payment arrives"
	leavesOffered  ending = "leaves before the answer"
	leavesAccept   ending = "leaves while the dealer accepts"
	leavesAccepted ending = "leaves just after the answer"
	leavesAsked    ending = "leaves when no dealer can"
	leavesTransit  ending = "leaves while the car is on its way"
	leavesPaid     ending = "leaves after paying in full"
	withdraws      ending = "withdraws after the handover"
	waitsForDay    ending = "waits: the calendars are full"
)

// state is where the order must stand at last.
func (e ending) state() string {
	switch e {
	case handsOver:
		return "handed_over"
	case withdraws:
		return "returned"
	case staysUnpaid:
		return "checkout"
	case staysOffered:
		return "offered"
	case staysAsked:
		return "choosing"
	case waitsForDay:
		return "ready"
	}
	return "cancelled"
}

const (
	plainCard    = "4242424242424242"
	secureCard   = "4000000000003220"
	declinedCard = "4000000000000002"
	emptyCard    = "4000008260003178" // asks the bank's question, then has no funds
)

var early = []ending{staysUnpaid, staysOffered, leavesUnpaid, leavesArriving, leavesOffered, leavesAccept, leavesAccepted, leavesTransit, leavesPaid}

func drawPlan(r *rand.Rand, n int) plan {
	half := func() bool { return r.IntN(2) == 0 }
	third := func() bool { return r.IntN(3) == 0 }
	p := plan{n: n, ends: handsOver, twice: third(), closes: third(), agree: half(), decline: third(), parts: half(), refuse: r.IntN(5) == 0}
	p.cards = []string{plainCard}
	if half() || p.refuse {
		p.cards = []string{secureCard}
	}
	if r.IntN(4) == 0 {
		p.cards = append([]string{[]string{declinedCard, emptyCard}[r.IntN(2)]}, p.cards...)
	}
	switch {
	case r.IntN(6) == 0:
		p.ends = withdraws
	case half():
		p.ends = early[r.IntN(len(early))]
	case p.decline && !p.agree && half():
		p.ends = []ending{staysAsked, leavesAsked}[r.IntN(2)]
	}
	if p.ends == leavesArriving {
		p.closes = true
	}
	p.writes, p.moves, p.takes, p.later = half(), third() && !p.decline, half(), third() && p.ends == handsOver
	return p
}

// buyer is a fictional person, another for every journey.
func (p plan) buyer() (name, email, phone string) {
	return fmt.Sprintf("Casey Test %d", p.n), fmt.Sprintf("casey%d@example.com", p.n), fmt.Sprintf("07700 900%03d", p.n%1000)
}

// vin is this journey's own car.
func (p plan) vin() string { return fmt.Sprintf("UU1CHAS%010d", p.n) }
