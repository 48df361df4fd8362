package stripesim

import "time"

// Authorisation windows of the card networks: seven days, but 4 days and 18 hours on Visa when the
// merchant asked without the card holder being there.
const (
	authWindow         = 7 * 24 * time.Hour
	authWindowOffVisa  = 4*24*time.Hour + 18*time.Hour
	slowTakes          = 10 * time.Minute // until a slow test card is decided
	asyncCaptureBooked = time.Minute      // until an automatic_async capture is in the balance
)

// holdsFor is how long an authorisation holds.
func (pi *intent) holdsFor() time.Duration {
	if pi.OffSession && pi.Card.Brand == "visa" {
		return authWindowOffVisa
	}
	return authWindow
}

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
	pi.Card = c.fate.use(t.now)
	pi.Card.Last4, pi.Card.ExpMonth, pi.Card.ExpYear, pi.Card.Name = c.lastFour, c.month, c.year, c.name
	return t.confirm(&next, &pi, c.fate, false)
}

// use is a card of this kind in somebody's hand.
func (c testCard) use(now time.Time) *cardUse {
	u := &cardUse{
		ID: newID("pm_", 24), Brand: c.Brand, Country: c.Country, Test: c.Test, Created: now.Unix(),
		ExpMonth: int(now.Month()), ExpYear: now.Year() + 3,
	}
	if n := len(c.Number); n > 4 {
		u.Last4 = c.Number[n-4:]
	}
	return u
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
	pi := newIntent(t.now)
	pi.Session, pi.Amount, pi.Currency, pi.Manual, pi.Async = s.ID, s.Amount, s.Currency, s.Manual, s.Async
	pi.Text, pi.Email, pi.Metadata, pi.Customer = s.IntentText, s.Email, s.IntentMeta, s.Customer
	pi.KeepFor, pi.AskSecure, pi.Receipt = s.KeepFor, s.AskSecure, s.Receipt
	s.Intent = pi.ID
	first := pi
	t.put(change{Intent: &first})
	t.tell(tellPaymentIntentCreated, event{Intent: &first})
	return pi
}

func newIntent(now time.Time) intent {
	id := newID("pi_", 24)
	return intent{ID: id, Status: intentNeedsMethod, Created: now.Unix(), Secret: id + "_secret_" + newID("", 25)}
}

// confirm tries the card of an intent. s is nil for an intent that no hosted page belongs to. absent
// tells that nobody is there who could answer a challenge: then a card that asks for one is declined.
func (t *tx) confirm(s *session, pi *intent, fate testCard, absent bool) outcome {
	pi.Failure = nil
	asked := pi.asksForChallenge(fate)
	if asked && absent {
		return t.decline(s, pi, t.newCharge(pi), declineAbsent)
	}
	if asked {
		return t.challenge(s, pi)
	}
	if fate.Secured == securedFrictionless {
		pi.Card.Secured = securedFrictionless
	}
	return t.authorise(s, pi, fate)
}

// asksForChallenge tells whether the card holder must confirm. American Express has no 3-D Secure
// here; what was confirmed already is not asked again.
func (pi *intent) asksForChallenge(fate testCard) bool {
	if pi.Card.Secured == securedChallenge {
		return false
	}
	switch fate.Secured {
	case securedChallenge:
		return true
	case securedUnlessSetUp:
		return !pi.Card.SetUp
	case securedIfAsked:
		return pi.AskSecure
	}
	return false
}

func (t *tx) putSession(s *session) {
	if s != nil {
		t.put(change{Session: s})
	}
}

func (t *tx) tellSession(k kind, s *session) {
	if s != nil {
		t.tell(k, event{Session: s})
	}
}

func (t *tx) challenge(s *session, pi *intent) outcome {
	pi.Status = intentNeedsAction
	if s != nil {
		pi.Challenge = s.URL + "/challenge"
	}
	t.putSession(s)
	t.put(change{Intent: pi})
	t.tell(tellPaymentIntentRequiresAction, event{Intent: pi})
	return outcomeChallenge
}

// answerChallenge is a person pressing Complete or Fail on the 3-D Secure page of a session. An
// answer to a challenge that waits no more tells what has become of the session.
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
	return t.answer(&s, old, passed)
}

// answer settles a challenge that waits.
func (t *tx) answer(s *session, old *intent, passed bool) outcome {
	pi, card := *old, *old.Card
	pi.Card, pi.Challenge = &card, ""
	if !passed {
		return t.failSecure(s, &pi)
	}
	card.Secured = securedChallenge
	if pi.ByHand { // the merchant's server has the last word
		pi.Status = intentNeedsConfirmation
		t.put(change{Intent: &pi})
		return outcomeDone
	}
	return t.authorise(s, &pi, byName(card.Test))
}

func (t *tx) failSecure(s *session, pi *intent) outcome {
	pi.Failure = &failure{
		Type: "invalid_request_error", Code: declineSecure, Card: pi.Card,
		Message: "The provided PaymentMethod has failed authentication. " +
			"You can provide a new PaymentMethod to attempt to fulfil this PaymentIntent again.",
	}
	return t.fail(s, pi, declineSecure)
}

func (t *tx) newCharge(pi *intent) *charge {
	return &charge{
		ID: newID("ch_", 24), Intent: pi.ID, Amount: pi.Amount, Currency: pi.Currency, Status: chargeSucceeded,
		Created: t.now.Unix(), Email: pi.Email, Text: pi.Text, Metadata: pi.Metadata, Card: pi.Card, Customer: pi.Customer,
	}
}

// authorise asks the pretended issuer: the charge succeeds or fails by what the card is a test of.
func (t *tx) authorise(s *session, pi *intent, fate testCard) outcome {
	c := t.newCharge(pi)
	pi.Charge = c.ID
	if fate.Decline != "" && !fate.Slow {
		return t.decline(s, pi, c, fate.Decline)
	}
	if s != nil {
		s.Status = sessionComplete
		t.bringCustomer(s, pi, c)
	}
	if fate.Slow {
		return t.process(s, pi, c)
	}
	t.approve(s, pi, c)
	t.tellAuthorised(pi, c)
	t.tellSession(tellCheckoutSessionCompleted, s)
	t.afterwards(pi, c)
	return outcomeDone
}

// process leaves a slow card undecided for a while.
func (t *tx) process(s *session, pi *intent, c *charge) outcome {
	c.Status, pi.Status, pi.Turns = chargePending, intentProcessing, t.now.Add(slowTakes).Unix()
	t.put(change{Charge: c})
	t.put(change{Intent: pi})
	t.putSession(s)
	t.tell(tellChargePending, event{Charge: c})
	t.tell(tellPaymentIntentProcessing, event{Intent: pi})
	t.tellSession(tellCheckoutSessionCompleted, s)
	return outcomeDone
}

// turnIntent decides a slow card.
func (t *tx) turnIntent(old *intent) {
	pi, c := *old, *t.st.charges.byID[old.Charge]
	pi.Turns = 0
	var s *session
	if known := t.st.sessions.byID[pi.Session]; known != nil {
		copied := *known
		s = &copied
	}
	if code := byName(c.Card.Test).Decline; code != "" {
		t.decline(s, &pi, &c, code)
		t.tellSession(tellCheckoutSessionAsyncPaymentFailed, s)
		return
	}
	t.approve(s, &pi, &c)
	t.tellAuthorised(&pi, &c)
	t.tellSession(tellCheckoutSessionAsyncPaymentSucceeded, s)
	t.afterwards(&pi, &c)
}

// approve holds or takes the money, as the intent was made for.
func (t *tx) approve(s *session, pi *intent, c *charge) {
	c.Status = chargeSucceeded
	if pi.Manual {
		pi.Status, pi.Capturable = intentNeedsCapture, pi.Amount
		c.CaptureBefore = t.now.Add(pi.holdsFor()).Unix()
	} else {
		pi.Status, pi.Received = intentSucceeded, pi.Amount
		c.IsCaptured, c.Captured = true, pi.Amount
		if pi.Async {
			c.BooksAt = t.now.Add(asyncCaptureBooked).Unix()
		} else {
			t.bookCharge(c)
		}
	}
	if s != nil && (c.IsCaptured || t.b.opt.PaidOnAuthorisation) {
		s.PaymentStatus = "paid"
	}
	t.keep(pi, c)
	t.review(pi, c)
	t.put(change{Charge: c})
	t.put(change{Intent: pi})
	t.putSession(s)
}

func (t *tx) tellAuthorised(pi *intent, c *charge) {
	k := tellPaymentIntentSucceeded
	if pi.Manual {
		k = tellPaymentIntentAmountCapturableUpdated
	}
	t.tell(tellChargeSucceeded, event{Charge: c})
	t.tell(k, event{Intent: pi})
}

// afterwards is what test cards bring once a payment went through.
func (t *tx) afterwards(pi *intent, c *charge) {
	if pi.Review != "" {
		t.tell(tellReviewOpened, event{Review: t.st.reviews.byID[pi.Review]})
	}
	if c.IsCaptured {
		t.complain(c)
	}
}

// bookAsync brings an automatic_async capture into the balance.
func (t *tx) bookAsync(old *charge) {
	c := *old
	c.BooksAt = 0
	t.bookCharge(&c)
	t.put(change{Charge: &c})
	t.tell(tellChargeUpdated, event{Charge: &c})
}

func (t *tx) decline(s *session, pi *intent, c *charge, code string) outcome {
	text := declineTexts[code]
	f := failure{Type: "card_error", Code: text.code, Decline: code, Message: text.message, Charge: c.ID, Card: pi.Card}
	c.Status, c.Failure = chargeFailed, &f
	pi.Charge, pi.Failure = c.ID, &f
	t.put(change{Charge: c})
	t.tell(tellChargeFailed, event{Charge: c})
	return t.fail(s, pi, code)
}

// fail sends the intent back to where another card can be tried; the session stays open.
func (t *tx) fail(s *session, pi *intent, problem string) outcome {
	pi.Status, pi.Card = intentNeedsMethod, nil
	if s != nil {
		s.Problem = problem
	}
	t.put(change{Intent: pi})
	t.putSession(s)
	t.tell(tellPaymentIntentPaymentFailed, event{Intent: pi})
	return outcomeDeclined
}

// expireSession ends an open session, and what its buyer had begun.
func (t *tx) expireSession(old *session) *session {
	s := *old
	s.Status = sessionExpired
	t.put(change{Session: &s})
	t.tell(tellCheckoutSessionExpired, event{Session: &s})
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
	t.tell(tellPaymentIntentCanceled, event{Intent: &pi})
	if held {
		t.release(pi.Charge, reason)
	}
	return &pi
}

func (t *tx) release(chargeID, reason string) {
	c := *t.st.charges.byID[chargeID]
	c.Refunded = c.Amount
	t.put(change{Charge: &c})
	k := tellChargeRefunded
	if reason == "automatic" {
		k = tellChargeExpired
	}
	t.tell(k, event{Charge: &c})
}

// capture takes part or all of what is authorised, once; the rest is released, and the charge counts it as
// amount_refunded. So does Stripe, which treats a partial capture as a charge with a partial refund in it:
// github.com/woocommerce/woocommerce-gateway-stripe, issue 1073 (an answer of the API with amount 20675,
// amount_received 20300, amount_refunded 375) and pull request 861; solidusio/solidus_stripe, pull request 268 of
// March 2023, five months before API 2023-10-16. The refund object that Stripe lists for it is left out here.
func (t *tx) capture(old *intent, amount int64) *intent {
	pi, c := *old, *t.st.charges.byID[old.Charge]
	pi.Status, pi.Capturable, pi.Received = intentSucceeded, 0, amount
	c.IsCaptured, c.Captured = true, amount
	c.Rest = c.Amount - amount
	t.bookCharge(&c)
	t.put(change{Charge: &c})
	t.put(change{Intent: &pi})
	if known := t.st.sessions.byID[pi.Session]; known != nil {
		s := *known
		s.PaymentStatus = "paid"
		t.put(change{Session: &s})
	}
	t.tell(tellChargeCaptured, event{Charge: &c})
	t.tell(tellPaymentIntentSucceeded, event{Intent: &pi})
	t.complain(&c)
	return &pi
}
