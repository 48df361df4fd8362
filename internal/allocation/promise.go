package allocation

import (
	"time"

	"forecourt/internal/market"
)

// Route is the way of an order to its handover, for a forecast.
type Route struct {
	Here   string      // the state it stands in
	Left   []string    // the states after it, up to prepared
	Weeks  [2]int      // usual delivery from the order at the factory to the dealer, in weeks; zero when unknown
	DoneAt time.Time   // when it is done by an appointment that both sides know; zero where there is none
	CarDay market.Date // of a car that exists: from when it can be handed over here; empty for one to be built
}

// Plan is what is promised of an order from now on.
type Plan struct {
	StageDue time.Time   // by when its present stage should end
	From, To market.Date // between which days the car should be ready for the handover
	Odds     int         // in how many of a hundred cases
	NewsDue  time.Time   // by when the buyer hears something; zero when it is the buyer's turn
}

// PlanOf adds up what the stages ahead usually take. The spans are the market's own; how often they hold is scored
// later against the forecasts that were shown.
func PlanOf(p market.Promise, r Route, now time.Time, zone *time.Location) Plan {
	if !r.DoneAt.IsZero() { // no span and no odds: the appointment is the promise
		day := market.DateOf(r.DoneAt.In(zone))
		return Plan{StageDue: r.DoneAt, From: day, To: day, Odds: p.OddsPct}
	}
	span := r.span(p, r.Here)
	pl := Plan{Odds: p.OddsPct, StageDue: now.AddDate(0, 0, max(1, span.To))}
	if r.Here != "ready" {
		pl.NewsDue = now.AddDate(0, 0, p.NewsDays)
	}
	today := market.DateOf(now.In(zone))
	from, to := span.From, span.To
	for _, s := range r.Left {
		x := r.span(p, s)
		from, to = from+x.From, to+x.To
	}
	if r.Here == "ready" {
		from, to = 0, 0
	}
	pl.From, pl.To = today.Plus(from), today.Plus(to)
	if r.CarDay != "" && r.away() {
		// The day of a car that exists is known better than any usual span.
		pl.From = max(r.CarDay, today)
		pl.To = pl.From.Plus(p.Span("arrived").To + p.Span("prepared").To)
		if due := pl.From.Time(zone).AddDate(0, 0, 1); r.Here != "accepted" && due.After(now) {
			pl.StageDue = due
		}
	}
	return pl
}

// away tells whether the car is not at the dealer yet.
func (r Route) away() bool {
	return r.Here != "arrived" && r.Here != "prepared" && r.Here != "ready"
}

// span takes the time at the factory from the range: what is left of its weeks beside the two stages after it.
func (r Route) span(p market.Promise, state string) market.StageSpan {
	s := p.Span(state)
	if state == "ordered" && r.Weeks[0] > 0 && r.Weeks[1] >= r.Weeks[0] {
		b, t := p.Span("built"), p.Span("in_transit")
		s.From = max(1, 7*r.Weeks[0]-b.From-t.From)
		s.To = max(s.From, 7*r.Weeks[1]-b.To-t.To)
	}
	return s
}

// The steps of a silence: who has been told of it.
const (
	NobodyTold = iota
	DealerTold
	CountryTold
)

// NextAfter is when the next step of a silence is due, after one that is taken now.
func NextAfter(p market.Promise, step int, now time.Time) time.Time {
	switch step {
	case DealerTold:
		return now.AddDate(0, 0, p.DealerDays)
	case CountryTold:
		return now.AddDate(0, 0, p.CountryDays)
	}
	return now.AddDate(0, 0, p.NewsDays)
}
