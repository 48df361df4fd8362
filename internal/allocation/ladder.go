package allocation

import (
	"time"

	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/fault"
)

// Rung is a step of the ladder that a silent dealer sees.
type Rung string

// The rungs, in their order. After the last one the offer expires and the order goes on.
const (
	RungRemind  Rung = "remind"  // the dealer is reminded
	RungSite    Rung = "site"    // the manager of the site hears of it
	RungCountry Rung = "country" // the country hears of it
)

// Rungs lists them.
var Rungs = []Rung{RungRemind, RungSite, RungCountry}

// Faults of questions.
var (
	ErrAskedOnce  = fault.New(fault.Conflict, "queue.asked_once", "allocation.Ask")    // one question for each offer
	ErrQuestion   = fault.New(fault.Invalid, "queue.question", "allocation.Ask")       // nothing asked, or too much
	ErrNoQuestion = fault.New(fault.Conflict, "queue.no_question", "allocation.Reply") // answered already, or the offer is over
	ErrAnswer     = fault.New(fault.Invalid, "queue.answer", "allocation.Reply")
)

// MostWords bounds a question and its answer, in characters.
const MostWords = 500

// Clock is a dealer's time to answer: opening hours used up before From, and those since.
type Clock struct {
	From time.Time
	Used time.Duration
}

// Clock is the entry's.
func (e *Entry) Clock() Clock {
	if e.ClockFrom.IsZero() {
		return Clock{From: e.OfferedAt}
	}
	return Clock{From: e.ClockFrom, Used: e.ClockUsed}
}

// At is the instant at which so many opening hours are used up.
func (c Clock) At(d *network.Dealer, m *market.Market, hours int) time.Time {
	left := time.Duration(hours)*time.Hour - c.Used
	if left <= 0 {
		return c.From
	}
	return d.AddOpenTime(m, c.From, left)
}

// Stopped is the clock that stands still from now until an instant.
func (c Clock) Stopped(d *network.Dealer, m *market.Market, now, until time.Time) Clock {
	used := c.Used
	if now.After(c.From) {
		used += d.OpenTimeBetween(m, c.From, now)
	}
	return Clock{From: until, Used: used.Truncate(time.Second)}
}

// Due is the instant by which a dealer with this clock must answer: offerHours of its opening time, never later than
// SafetyMargin before the card's reservation ends (zero: none does).
func (c Clock) Due(d *network.Dealer, m *market.Market, offerHours int, captureBefore time.Time) time.Time {
	due := c.At(d, m, offerHours)
	if last := captureBefore.Add(-SafetyMargin); !captureBefore.IsZero() && due.After(last) {
		return last
	}
	return due
}

// NextRung is the step after the last one made, and when; false when none comes before due. Steps that the market
// leaves out, and those that would come when the time is over, are passed by.
func NextRung(rule market.Allocation, last Rung, c Clock, d *network.Dealer, m *market.Market, due time.Time) (Rung, time.Time, bool) {
	hours := map[Rung]int{RungRemind: rule.RemindHours, RungSite: rule.SiteHours, RungCountry: rule.CountryHours}
	after := last == ""
	for _, r := range Rungs {
		if !after {
			after = r == last
			continue
		}
		if hours[r] == 0 {
			continue
		}
		if at := c.At(d, m, hours[r]); at.Before(due) {
			return r, at, true
		}
	}
	return "", time.Time{}, false
}

// BuyerQuestion is what a dealer asked a buyer before it answered the offer.
type BuyerQuestion struct {
	Entry      string     `json:"entry_id"`
	Dealer     string     `json:"dealer"`
	Question   string     `json:"question"`
	AskedAt    time.Time  `json:"asked_at"`
	EndsAt     time.Time  `json:"ends_at"` // the dealer's clock stands still until then
	Answer     string     `json:"answer"`
	AnsweredAt time.Time  `json:"answered_at"`
	ErasedAt   *time.Time `json:"erased_at"` // when the words' time to be kept was over; nil until then
}

// Open tells whether the buyer has not answered yet.
func (q *BuyerQuestion) Open() bool { return q != nil && q.Answer == "" }
