package stripesim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// confirmation is what a call says about how an intent is to be confirmed.
type confirmation struct {
	method    string // pm_...
	returnURL string
	absent    bool // off_session: the card holder is not there
	noAction  bool // a challenge is as good as a decline
}

func (c *call) confirmation() confirmation {
	k := confirmation{
		method: c.text("payment_method"), returnURL: c.webAddress("return_url", false),
		noAction: c.flag("error_on_requires_action"),
	}
	switch off := c.text("off_session"); off {
	case "", "false":
	case "true", "one_off", "recurring":
		k.absent = true
	default:
		c.fail(invalid("", "off_session", "Invalid off_session: must be true or false."))
	}
	c.flag("use_stripe_sdk")
	return k
}

// createIntent makes an intent that no hosted page belongs to.
func createIntent(t *tx, c *call) (any, *apiError) {
	pi := newIntent(t.now)
	c.need("amount")
	pi.Amount, pi.Currency = c.amount("amount", 0), c.currency("currency")
	c.cardOnly()
	pi.Automatic = len(c.list("payment_method_types")) == 0
	c.flag("automatic_payment_methods[enabled]")
	pi.Automatic = pi.Automatic && c.oneOf("automatic_payment_methods[allow_redirects]", "always", "never") == "always"
	pi.ByHand = c.oneOf("confirmation_method", "automatic", "manual") == "manual"
	c.intentFields(&pi)
	confirm, k, x := c.flag("confirm"), c.confirmation(), c.expand(intentExpands...)
	if k.absent && !confirm {
		c.fail(invalid("", "off_session", "You can only pass in `off_session` when `confirm` is true."))
	}
	if err := c.done(); err != nil {
		return nil, err
	}
	if err := t.cardFor(&pi, k.method); err != nil {
		return nil, err
	}
	if err := t.confirmable(&pi, k); confirm && err != nil {
		return nil, err
	}
	first := pi
	t.put(change{Intent: &first})
	t.tell(tellPaymentIntentCreated, event{Intent: &first})
	if confirm {
		return t.confirmNow(c, &pi, k, x)
	}
	return t.st.intentObject(&first, x), nil
}

// intentFields reads what can be said when an intent is made and later.
func (c *call) intentFields(pi *intent) {
	if method := c.oneOf("capture_method", "", "automatic", "automatic_async", "manual"); method != "" {
		pi.Manual, pi.Async = method == "manual", method == "automatic_async"
	}
	for name, field := range map[string]*string{
		"customer": &pi.Customer, "description": &pi.Text, "receipt_email": &pi.Receipt,
	} {
		if s := c.text(name); s != "" {
			*field = s
		}
	}
	if keep := c.oneOf("setup_future_usage", "", "off_session", "on_session"); keep != "" {
		pi.KeepFor = keep
	}
	pi.Metadata = merged(pi.Metadata, c.table("metadata"))
	pi.AskSecure = c.asksSecure() || pi.AskSecure
	c.text("statement_descriptor")
	c.text("statement_descriptor_suffix")
}

// asksSecure tells whether the caller wants 3-D Secure where a card offers it.
func (c *call) asksSecure() bool {
	return c.oneOf("payment_method_options[card][request_three_d_secure]", "automatic", "any", "challenge") != "automatic"
}

// cardFor puts the card that was named into the intent.
func (t *tx) cardFor(pi *intent, method string) *apiError {
	if pi.Customer != "" && t.st.customers.byID[pi.Customer] == nil {
		return missing("customer", pi.Customer)
	}
	if method == "" {
		return nil
	}
	card, err := t.cardOf(method, pi.Customer)
	if err != nil {
		return err
	}
	pi.Card, pi.Status, pi.Failure = card, intentNeedsConfirmation, nil
	return nil
}

// confirmable checks an intent before it is confirmed by a call.
func (t *tx) confirmable(pi *intent, k confirmation) *apiError {
	switch {
	case pi.Session != "":
		return refuse("payment_intent_unexpected_state", "", "You cannot confirm this PaymentIntent because it belongs to a Checkout Session.", pi)
	case !slices.Contains([]string{intentNeedsMethod, intentNeedsConfirmation, intentNeedsAction}, pi.Status):
		return refuse("payment_intent_unexpected_state", "", "You cannot confirm this PaymentIntent because it has a status of "+pi.Status+".", pi)
	case pi.Card == nil:
		return refuse("payment_intent_unexpected_state", "", "You cannot confirm this PaymentIntent because it's missing a payment method. "+
			"You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method.", pi)
	case pi.Automatic && k.returnURL == "" && pi.ReturnURL == "" && !k.absent:
		return invalid("", "return_url", "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. "+
			"Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. "+
			"If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[allow_redirects]` to `never`.")
	}
	return nil
}

// confirmNow tries the card. A decline is an answer with 402 that changed the intent all the same.
func (t *tx) confirmNow(c *call, pi *intent, k confirmation, x expansion) (any, *apiError) {
	if k.returnURL != "" {
		pi.ReturnURL = k.returnURL
	}
	fate := byName(pi.Card.Test)
	pi.OffSession, pi.Challenge = k.absent, t.b.publicURL(c.host)+"/c/secure/"+pi.ID
	o := t.confirm(nil, pi, fate, k.absent || k.noAction)
	now := t.st.intents.byID[pi.ID]
	if o == outcomeDeclined {
		return nil, &apiError{
			status: http.StatusPaymentRequired, Type: now.Failure.Type, Code: now.Failure.Code, Text: now.Failure.Message,
			intent: now, failure: now.Failure,
		}
	}
	if o == outcomeDone {
		c.broken = fate.Answer
	}
	return t.st.intentObject(now, x), nil
}

func confirmIntent(t *tx, c *call) (any, *apiError) {
	k, x := c.confirmation(), c.expand(intentExpands...)
	c.text("client_secret")
	pi := intent{}
	if old := t.st.intents.byID[c.id]; old != nil {
		pi = *old
	}
	if method := c.oneOf("capture_method", "", "automatic", "automatic_async", "manual"); method != "" {
		pi.Manual, pi.Async = method == "manual", method == "automatic_async"
	}
	if keep := c.oneOf("setup_future_usage", "", "off_session", "on_session"); keep != "" {
		pi.KeepFor = keep
	}
	if s := c.text("receipt_email"); s != "" {
		pi.Receipt = s
	}
	pi.AskSecure = c.asksSecure() || pi.AskSecure
	if err := c.done(); err != nil {
		return nil, err
	}
	if pi.ID == "" {
		return nil, missing("payment_intent", c.id)
	}
	if pi.Session == "" && k.method != "" && slices.Contains(changeable, pi.Status) {
		if err := t.cardFor(&pi, k.method); err != nil {
			return nil, err
		}
	}
	if err := t.confirmable(&pi, k); err != nil {
		return nil, err
	}
	return t.confirmNow(c, &pi, k, x)
}

// changeable are the statuses in which money and card of an intent can be changed.
var changeable = []string{intentNeedsMethod, intentNeedsConfirmation, intentNeedsAction}

// updateIntent changes an intent. Once money is on its way only words about it can be changed.
func updateIntent(t *tx, c *call) (any, *apiError) {
	x, method := c.expand(intentExpands...), c.text("payment_method")
	pi := intent{}
	if old := t.st.intents.byID[c.id]; old != nil {
		pi = *old
	}
	pi.Amount = c.amount("amount", pi.Amount)
	if c.has("currency") {
		pi.Currency = c.currency("currency")
	}
	c.intentFields(&pi)
	if err := c.done(); err != nil {
		return nil, err
	}
	if pi.ID == "" {
		return nil, missing("payment_intent", c.id)
	}
	for _, name := range []string{"amount", "currency", "payment_method", "capture_method", "customer", "setup_future_usage"} {
		if c.has(name) && (pi.Session != "" || !slices.Contains(changeable, pi.Status)) {
			return nil, refuse("payment_intent_unexpected_state", name,
				"This PaymentIntent's "+name+" could not be updated because it has a status of "+pi.Status+" or belongs to a Checkout Session.", &pi)
		}
	}
	if err := t.cardFor(&pi, method); err != nil {
		return nil, err
	}
	t.put(change{Intent: &pi})
	return t.st.intentObject(&pi, x), nil
}

func (p *params) flag(name string) bool { return p.oneOf(name, "false", "true") == "true" }

func (p *params) currency(name string) string {
	s := p.need(name)
	if len(s) != 3 || s != strings.ToLower(s) {
		p.fail(invalid("", name, "Invalid currency: "+s))
	}
	return s
}

// returnAddress is where a person goes after the challenge of an intent; empty for nowhere.
func (pi *intent) returnAddress() string {
	if pi.ReturnURL == "" {
		return ""
	}
	u, err := url.Parse(pi.ReturnURL)
	if err != nil {
		return ""
	}
	status := "succeeded"
	if pi.Status == intentNeedsMethod {
		status = "failed"
	}
	q := u.Query()
	q.Set("payment_intent", pi.ID)
	q.Set("payment_intent_client_secret", pi.Secret)
	q.Set("redirect_status", status)
	u.RawQuery = q.Encode()
	return u.String()
}
