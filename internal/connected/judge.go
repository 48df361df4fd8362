package connected

import (
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity/cartoken"
)

// Verdict is what became of a message.
type Verdict string

// The verdicts. All but Refused are acknowledgements: the car need not send it again.
const (
	Accepted Verdict = "accepted"
	Known    Verdict = "known"    // it was there already; nothing happened twice
	Unwanted Verdict = "unwanted" // the keeper wants nothing of it stored
	Doubtful Verdict = "doubtful" // its mileage contradicts another one; the rest is accepted
	Refused  Verdict = "refused"
)

// Why a message is refused.
const (
	WhyUnreadable = "unreadable"
	WhyUnknownKey = "unknown_key"
	WhyForged     = "forged"
	WhyRevoked    = "revoked_key"
	WhyFuture     = "future"
	WhyOld        = "old"
	WhyDetached   = "detached" // nobody who keeps the car now kept it then
	WhyAbsurd     = "absurd"
)

// Outcome is the answer to one message.
type Outcome struct {
	Verdict Verdict `json:"outcome"`
	Reason  string  `json:"reason"` // of a refusal; else empty
}

func refused(why string) Outcome { return Outcome{Refused, why} }

const (
	// Kept is how long messages are kept, and how late one may come.
	Kept = 90 * 24 * time.Hour
	// ahead is how far a car's clock may be.
	ahead = 2 * time.Minute
)

// said is a message whose signature is right.
type said struct {
	cartoken.Message
	kid      string
	vehicle  id.Vehicle // whose key it is
	readings Readings
}

// gathered is what a batch of messages comes to.
type gathered struct {
	now      time.Time
	rules    *Rules
	zone     func(id.Market) *time.Location
	rulesOf  map[Car][]*Rule
	messages []messageRow
	doubts   []doubtRow
	raised   []warningRow
	cleared  []endRow
	unmuted  []id.Warning
}

// take decides about one message of a keeper's car; the link changes as if it were written, so that the next message of the same
// batch sees it.
func (g *gathered) take(l *link, m said) Outcome {
	switch {
	case !slices.Contains(l.Keys, m.kid):
		return refused(WhyRevoked)
	case m.At.After(g.now.Add(ahead)):
		return refused(WhyFuture)
	case m.At.Before(g.now.Add(-Kept)):
		return refused(WhyOld)
	case m.At.Before(l.Since): // a car tells whole seconds: the one in which keepers changed is nobody's
		return refused(WhyDetached)
	case l.Known[m.Seq]:
		return Outcome{Verdict: Known}
	case l.silent(pause, m.At):
		return Outcome{Verdict: Unwanted}
	}
	lent := l.silent(lend, m.At)
	r := l.agreed(m, lent)
	out := Outcome{Verdict: Accepted}
	if r.Km != nil && l.contradicts(*r.Km, m) {
		known := l.Latest[Odometer]
		g.doubts = append(g.doubts, doubtRow{l.Keeper, m.Seq, m.At, *r.Km, known.At, *known.Km})
		r.without(Odometer)
		out.Verdict = Doubtful
	}
	kinds := r.Kinds()
	if len(kinds) == 0 && out.Verdict == Accepted {
		return Outcome{Verdict: Unwanted}
	}
	if !lent { // of a car that is lent nothing tells when it was used
		g.messages = append(g.messages, messageRow{l.Keeper, m.Seq, m.At, r})
		l.Known[m.Seq] = true
	}
	g.renew(l, m, r, kinds, lent)
	return out
}

// agreed is what the keeper let be stored when it was measured.
func (l *link) agreed(m said, lent bool) Readings {
	r := m.readings
	for _, k := range r.Kinds() {
		given, ok := l.Consents[k]
		if !ok || m.At.Before(given) || lent && !slices.Contains(safety, k) {
			r.without(k)
		}
	}
	return r
}

// contradicts tells whether a mileage can not be true beside the newest one: less at a later time, or more at an earlier.
func (l *link) contradicts(km int, m said) bool {
	known, ok := l.Latest[Odometer]
	if !ok {
		return false
	}
	if known.before(m.At, m.Seq) {
		return km < *known.Km
	}
	return km > *known.Km
}

// renew takes over what is newer and lets the rules look at it.
func (g *gathered) renew(l *link, m said, r Readings, kinds []Kind, lent bool) {
	var fresh []Kind
	for _, k := range kinds {
		if known, ok := l.Latest[k]; ok && !known.before(m.At, m.Seq) {
			continue
		}
		l.Latest[k] = Latest{At: m.At, Seq: m.Seq, Lent: lent, Readings: r.only(k)}
		fresh = append(fresh, k)
	}
	if len(fresh) == 0 {
		return
	}
	l.Changed = true
	for _, rule := range g.of(l.Car) {
		if slices.Contains(fresh, rule.Kind()) {
			g.warn(l, rule)
		}
	}
}

func (g *gathered) of(c Car) []*Rule {
	rs, ok := g.rulesOf[c]
	if !ok {
		rs = g.rules.For(c)
		g.rulesOf[c] = rs
	}
	return rs
}

// warn raises or clears the warning of one rule.
func (g *gathered) warn(l *link, rule *Rule) {
	v, value := rule.judge(l.Latest[rule.Kind()].Readings, l.Thresholds)
	at := slices.IndexFunc(l.Warnings, func(s standing) bool { return s.Rule == rule.Code })
	switch {
	case v == holds && at < 0:
		w := warningRow{ID: id.New[id.Warning](), Keeper: l.Keeper, Rule: rule.Code, Kind: rule.Kind(), Urgency: rule.Urgency, Item: rule.Item, Value: value,
			TellAt: l.Quiet.next(g.now, g.zone(l.Car.Market)), DueAt: g.now.Add(rule.life())}
		g.raised = append(g.raised, w)
		l.Warnings = append(l.Warnings, standing{ID: w.ID, Rule: rule.Code, State: Raised})
	case v == gone && at >= 0:
		s := l.Warnings[at]
		l.Warnings = slices.Delete(l.Warnings, at, at+1)
		if s.Muted {
			g.unmuted = append(g.unmuted, s.ID)
			return
		}
		// What begins and ends in the same batch has not been.
		if at := slices.IndexFunc(g.raised, func(w warningRow) bool { return w.ID == s.ID }); at >= 0 {
			g.raised = slices.Delete(g.raised, at, at+1)
			return
		}
		g.cleared = append(g.cleared, endRow{s.ID, "signal"})
	}
}
