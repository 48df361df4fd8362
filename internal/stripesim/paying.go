package stripesim

import "time"

// authWindow is how long a card authorisation holds when its owner made it on a page.
const authWindow = 7 * 24 * time.Hour

// outcome is where the card page goes after a form was sent.
type outcome int

const (
	outcomeDone      outcome = iota // to the shop's success address
	outcomeChallenge                // to the 3-D Secure page
	outcomeDeclined                 // the form again, with the reason
	outcomeExpired
)

// submit is a person pressing Pay. A form that was sent twice carries the same attempt token and
// gets the outcome of the first; a session that is complete never authorises again.
func (t *tx) submit(sessionID string, c typedCard) outcome {
	s := t.st.sessions.byID[sessionID]
	switch {
	case s.Status == sessionComplete:
		return outcomeDone
	case s.Status == sessionExpired:
		return outcomeExpired
	case c.attempt != "" && c.attempt == s.Attempt:
		return t.outcomeOfAttempt(s)
	}
	next := *s
	next.Attempt, next.Name, next.Problem = c.attempt, c.name, ""
	pi := t.intentFor(&next)
	pi.Card = &cardUse{
		ID: newID("pm_", 24), Brand: c.fate.Brand, Last4: c.lastFour, Country: c.fate.Country,
		ExpMonth: c.month, ExpYear: c.year, Name: c.name, Test: c.fate.Test, Created: t.now.Unix(),
	}
	switch c.fate.Secured {
	case securedChallenge, securedUnlessSetUp:
		return t.challenge(&next, &pi)
	case securedFrictionless:
		pi.Card.Secured = securedFrictionless
	}
	return t.authorise(&next, &pi, c.fate.Decline)
}

func (t *tx) outcomeOfAttempt(s *session) outcome {
	if pi := t.st.intents.byID[s.Intent]; pi != nil && pi.Status == intentNeedsAction {
		return outcomeChallenge
	}
	return outcomeDeclined
}

// intentFor gives a copy of the session's intent, made at the first submit: before it, a session
// has none.
func (t *tx) intentFor(s *session) intent {
	if s.Intent != "" {
		pi := *t.st.intents.byID[s.Intent]
		pi.Challenge, pi.Failure = "", nil
		return pi
	}
	id := newID("pi_", 24)
	pi := intent{
		ID: id, Session: s.ID, Status: intentNeedsMethod, Amount: s.Amount, Currency: s.Currency,
		Manual: s.Manual, Created: t.now.Unix(), Secret: id + "_secret_" + newID("", 25),
		Text: s.IntentText, Email: s.Email, Metadata: s.IntentMeta,
	}
	s.Intent = id
	first := pi
	t.put(change{Intent: &first})
	t.tell("payment_intent.created", event{Intent: &first})
	return pi
}

func (t *tx) challenge(s *session, pi *intent) outcome {
	pi.Status = intentNeedsAction
	pi.Challenge = s.URL + "/challenge"
	t.put(change{Session: s})
	t.put(change{Intent: pi})
	t.tell("payment_intent.requires_action", event{Intent: pi})
	return outcomeChallenge
}

// answerChallenge is a person pressing Complete or Fail on the 3-D Secure page. An answer to a
// challenge that waits no more tells what has become of the session.
func (t *tx) answerChallenge(sessionID string, passed bool) outcome {
	s := *t.st.sessions.byID[sessionID]
	old := t.st.intents.byID[s.Intent]
	switch {
	case s.Status == sessionComplete:
		return outcomeDone
	case s.Status == sessionExpired:
		return outcomeExpired
	case old == nil || old.Status != intentNeedsAction:
		return outcomeDeclined
	}
	pi, card := *old, *old.Card
	pi.Card, pi.Challenge = &card, ""
	if !passed {
		return t.failSecure(&s, &pi)
	}
	card.Secured = securedChallenge
	return t.authorise(&s, &pi, byName(card.Test).Decline)
}

func (t *tx) failSecure(s *session, pi *intent) outcome {
	pi.Failure = &failure{
		Type: "invalid_request_error", Code: declineSecure, Card: pi.Card,
		Message: "The provided PaymentMethod has failed authentication. " +
			"You can provide a new PaymentMethod to attempt to fulfil this PaymentIntent again.",
	}
	return t.fail(s, pi, declineSecure)
}

// authorise asks the pretended issuer: the charge succeeds or fails by what the card is a test of.
func (t *tx) authorise(s *session, pi *intent, decline string) outcome {
	c := &charge{
		ID: newID("ch_", 24), Intent: pi.ID, Amount: pi.Amount, Currency: pi.Currency, Status: "succeeded",
		Created: t.now.Unix(), Email: pi.Email, Text: pi.Text, Metadata: pi.Metadata, Card: pi.Card,
	}
	pi.Charge = c.ID
	if decline != "" {
		return t.decline(s, pi, c, decline)
	}
	s.Status, s.PaymentStatus = sessionComplete, "paid"
	if pi.Manual {
		pi.Status, pi.Capturable = intentNeedsCapture, pi.Amount
		c.CaptureBefore = t.now.Add(authWindow).Unix()
		if !t.b.opt.PaidOnAuthorisation {
			s.PaymentStatus = "unpaid"
		}
	} else {
		pi.Status, pi.Received = intentSucceeded, pi.Amount
		c.IsCaptured, c.Captured = true, pi.Amount
		t.bookCharge(c)
	}
	t.put(change{Charge: c})
	t.put(change{Intent: pi})
	t.put(change{Session: s})
	t.tellAuthorised(s, pi, c)
	if c.IsCaptured {
		t.complain(c)
	}
	return outcomeDone
}

func (t *tx) tellAuthorised(s *session, pi *intent, c *charge) {
	kind := "payment_intent.succeeded"
	if pi.Manual {
		kind = "payment_intent.amount_capturable_updated"
	}
	t.tell("charge.succeeded", event{Charge: c})
	t.tell(kind, event{Intent: pi})
	t.tell("checkout.session.completed", event{Session: s})
}

func (t *tx) decline(s *session, pi *intent, c *charge, code string) outcome {
	text := declineTexts[code]
	f := failure{Type: "card_error", Code: text.code, Decline: code, Message: text.message, Charge: c.ID, Card: pi.Card}
	c.Status, c.Failure = "failed", &f
	pi.Failure = &f
	t.put(change{Charge: c})
	t.tell("charge.failed", event{Charge: c})
	return t.fail(s, pi, code)
}

// fail sends the intent back to where another card can be tried; the session stays open.
func (t *tx) fail(s *session, pi *intent, problem string) outcome {
	pi.Status, pi.Card = intentNeedsMethod, nil
	s.Problem = problem
	t.put(change{Intent: pi})
	t.put(change{Session: s})
	t.tell("payment_intent.payment_failed", event{Intent: pi})
	return outcomeDeclined
}

// expireSession ends an open session, and what its buyer had begun.
func (t *tx) expireSession(old *session) *session {
	s := *old
	s.Status = sessionExpired
	t.put(change{Session: &s})
	t.tell("checkout.session.expired", event{Session: &s})
	if pi := t.st.intents.byID[s.Intent]; pi != nil && pi.Status != intentCanceled {
		t.cancel(pi, "abandoned")
	}
	return &s
}

// expireAuthorisation releases what nobody captured in time.
func (t *tx) expireAuthorisation(c *charge) {
	pi := t.st.intents.byID[c.Intent]
	if pi == nil || pi.Status != intentNeedsCapture || pi.Charge != c.ID {
		return
	}
	t.cancel(pi, "automatic")
}

// cancel ends an intent; an authorised charge is released, which its charge shows as a refund.
func (t *tx) cancel(old *intent, reason string) *intent {
	held := old.Status == intentNeedsCapture
	pi := *old
	pi.Status, pi.Capturable, pi.Challenge = intentCanceled, 0, ""
	pi.CanceledAt, pi.CancelReason = t.now.Unix(), reason
	t.put(change{Intent: &pi})
	t.tell("payment_intent.canceled", event{Intent: &pi})
	if held {
		t.release(pi.Charge, reason)
	}
	return &pi
}

func (t *tx) release(chargeID, reason string) {
	c := *t.st.charges.byID[chargeID]
	c.Refunded = c.Amount
	t.put(change{Charge: &c})
	kind := "charge.refunded"
	if reason == "automatic" {
		kind = "charge.expired"
	}
	t.tell(kind, event{Charge: &c})
}

// capture takes part or all of what is authorised, once.
func (t *tx) capture(old *intent, amount int64) *intent {
	pi, c := *old, *t.st.charges.byID[old.Charge]
	pi.Status, pi.Capturable, pi.Received = intentSucceeded, 0, amount
	c.IsCaptured, c.Captured = true, amount
	t.bookCharge(&c)
	s := *t.st.sessions.byID[pi.Session]
	s.PaymentStatus = "paid"
	t.put(change{Charge: &c})
	t.put(change{Intent: &pi})
	t.put(change{Session: &s})
	t.tell("charge.captured", event{Charge: &c})
	t.tell("payment_intent.succeeded", event{Intent: &pi})
	t.complain(&c)
	return &pi
}
