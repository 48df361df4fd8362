package stripesim

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	sessionLeast = 30 * time.Minute
	sessionMost  = 24 * time.Hour
)

// sessionExpands are the paths of a session that can be expanded.
var sessionExpands = []string{
	"customer", "line_items", "payment_intent", "payment_intent.latest_charge",
	"payment_intent.latest_charge.balance_transaction", "payment_intent.payment_method",
}

// sessionLocales are those that the hosted page knows here; others fall back to English there.
var sessionLocales = []string{
	"auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hr", "hu",
	"id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv",
	"th", "tr", "vi", "zh", "zh-HK", "zh-TW",
}

func createSession(t *tx, c *call) (any, *apiError) {
	s := &session{
		ID: newID("cs_test_a1", 56), Status: sessionOpen, PaymentStatus: "unpaid", Created: t.now.Unix(),
		ClientRef: c.text("client_reference_id"), Email: c.text("customer_email"),
		SuccessURL: c.webAddress("success_url", true), CancelURL: c.webAddress("cancel_url", false),
		Locale: c.oneOf("locale", sessionLocales...), Metadata: c.table("metadata"),
	}
	c.need("mode")
	c.oneOf("mode", "payment")
	c.oneOf("submit_type", "auto", "book", "donate", "pay")
	c.cardOnly()
	c.buyer(s)
	c.intentData(s)
	c.items(s)
	c.ends(s, t.now)
	x := c.expand(sessionExpands...)
	if err := c.done(); err != nil {
		return nil, err
	}
	if s.Customer != "" && t.st.customers.byID[s.Customer] == nil {
		return nil, missing("customer", s.Customer)
	}
	s.URL = t.b.publicURL(c.host) + "/c/pay/" + s.ID
	t.put(change{Session: s})
	return t.st.sessionObject(s, x), nil
}

func (b *Bank) publicURL(host string) string {
	if b.opt.PublicURL != "" {
		return b.opt.PublicURL
	}
	return "http://" + host
}

func (c *call) webAddress(name string, needed bool) string {
	s := c.text(name)
	if needed {
		s = c.need(name)
	}
	if s == "" {
		return s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		c.fail(invalid("url_invalid", name, "Not a valid URL"))
	}
	return s
}

func (c *call) cardOnly() {
	for _, kind := range c.list("payment_method_types") {
		if kind != "card" {
			c.fail(invalid("", "payment_method_types", "The card bank takes cards only."))
		}
	}
}

func (c *call) intentData(s *session) {
	const in = "payment_intent_data"
	method := c.oneOf(in+"[capture_method]", "automatic", "automatic_async", "manual")
	s.Manual, s.Async = method == "manual", method == "automatic_async"
	s.KeepFor = c.oneOf(in+"[setup_future_usage]", "", "off_session", "on_session")
	s.AskSecure = c.asksSecure()
	s.IntentText = c.text(in + "[description]")
	s.IntentMeta = c.table(in + "[metadata]")
	c.text(in + "[statement_descriptor]")
	c.text(in + "[statement_descriptor_suffix]")
	s.Receipt = c.text(in + "[receipt_email]")
}

// buyer reads who pays: a known customer, or an address that a customer may be made of.
func (c *call) buyer(s *session) {
	s.Customer = c.text("customer")
	s.NewCustomer = c.oneOf("customer_creation", "if_required", "always") == "always"
	if s.Customer != "" && (s.Email != "" || c.has("customer_creation")) {
		c.fail(invalid("", "customer", "You may only specify one of these parameters: customer, customer_email, customer_creation."))
	}
}

// items reads line_items[0], [1] ... until one is missing.
func (c *call) items(s *session) {
	for i := 0; i < 100; i++ {
		in := fmt.Sprintf("line_items[%d]", i)
		if !c.any(in) {
			break
		}
		c.item(s, in)
	}
	if len(s.Items) == 0 {
		c.fail(invalid("parameter_missing", "line_items", "You must provide line_items in payment mode."))
	}
	if s.Amount > 99_999_999 {
		c.fail(invalid("amount_too_large", "line_items", "The total is more than a card payment can be."))
	}
}

func (c *call) item(s *session, in string) {
	product := in + "[price_data][product_data]"
	it := item{
		Name: c.need(product + "[name]"), Text: c.text(product + "[description]"),
		Unit: c.amount(in+"[price_data][unit_amount]", 0), Quantity: c.number(in+"[quantity]", 1),
	}
	if it.Unit == 0 {
		c.need(in + "[price_data][unit_amount]")
	}
	if it.Quantity < 1 || it.Quantity > 999_999 {
		c.fail(invalid("parameter_invalid_integer", in+"[quantity]", "Invalid quantity."))
		return
	}
	currency := c.currency(in + "[price_data][currency]")
	if s.Currency != "" && s.Currency != currency {
		c.fail(invalid("", "line_items", "All items of a session share one currency."))
	}
	s.Currency = currency
	s.Amount += it.Unit * it.Quantity
	s.Items = append(s.Items, it)
}

func (c *call) any(prefix string) bool {
	for name := range maps.Keys(c.v) {
		if strings.HasPrefix(name, prefix+"[") {
			return true
		}
	}
	return false
}

func (c *call) ends(s *session, now time.Time) {
	s.ExpiresAt = c.number("expires_at", now.Add(sessionMost).Unix())
	least, most := now.Add(sessionLeast).Unix(), now.Add(sessionMost).Unix()
	if s.ExpiresAt < least {
		c.fail(invalid("", "expires_at", "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."))
	}
	if s.ExpiresAt > most {
		c.fail(invalid("", "expires_at", "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."))
	}
}

func readSession(t *tx, c *call) (any, *apiError) {
	x := c.expand(sessionExpands...)
	if err := c.done(); err != nil {
		return nil, err
	}
	s := t.st.sessions.byID[c.id]
	if s == nil {
		return nil, missing("checkout.session", c.id)
	}
	return t.st.sessionObject(s, x), nil
}

func listSessions(t *tx, c *call) (any, *apiError) {
	x, pi, who, created := c.expand(sessionExpands...), c.text("payment_intent"), c.text("customer"), c.created()
	status, email := c.oneOf("status", "", sessionOpen, sessionComplete, sessionExpired), c.text("customer_details[email]")
	return page(c, "/v1/checkout/sessions", &t.st.sessions,
		func(s *session) bool {
			return (pi == "" || s.Intent == pi) && (who == "" || s.Customer == who) && (status == "" || s.Status == status) &&
				(email == "" || s.Email == email && s.Status == sessionComplete) && created(s.Created)
		},
		func(s *session) obj { return t.st.sessionObject(s, x) })
}

func expireSession(t *tx, c *call) (any, *apiError) {
	x := c.expand(sessionExpands...)
	if err := c.done(); err != nil {
		return nil, err
	}
	s := t.st.sessions.byID[c.id]
	if s == nil {
		return nil, missing("checkout.session", c.id)
	}
	if s.Status != sessionOpen {
		return nil, refuse("", "", "Only Checkout Sessions with a status in [\"open\"] can be expired. "+
			"This Checkout Session has a status of "+s.Status+".", nil)
	}
	return t.st.sessionObject(t.expireSession(s), x), nil
}

// listItems answers the lines of a session, in the order in which they were named.
func listItems(t *tx, c *call) (any, *apiError) {
	limit, after := c.number("limit", 10), c.text("starting_after")
	if limit < 1 || limit > 100 {
		c.fail(invalid("parameter_invalid_integer", "limit", "Invalid limit: must be between 1 and 100."))
	}
	if err := c.done(); err != nil {
		return nil, err
	}
	s := t.st.sessions.byID[c.id]
	if s == nil {
		return nil, missing("checkout.session", c.id)
	}
	all := s.itemObjects()
	if after != "" {
		at := slices.IndexFunc(all, func(o obj) bool { return o["id"] == after })
		if at < 0 {
			return nil, missing("cursor", after)
		}
		all = all[at+1:]
	}
	more := len(all) > int(limit)
	return s.itemList(all[:min(len(all), int(limit))], more), nil
}

func (s *session) itemList(data []obj, more bool) obj {
	return obj{"object": "list", "url": "/v1/checkout/sessions/" + s.ID + "/line_items", "has_more": more, "data": data}
}

// itemObjects are the lines with the price and product that the original makes of each for the
// session alone; their ids come from the session's.
func (s *session) itemObjects() []obj {
	data := make([]obj, len(s.Items))
	for i, it := range s.Items {
		total, tail := it.Unit*it.Quantity, fmt.Sprintf("%d%s", i, s.ID[max(0, len(s.ID)-20):])
		data[i] = obj{
			"id": "li_" + tail, "object": "item", "description": it.Name,
			"quantity": it.Quantity, "currency": s.Currency, "amount_subtotal": total, "amount_total": total,
			"amount_discount": 0, "amount_tax": 0, "price": obj{
				"id": "price_" + tail, "object": "price", "active": false, "billing_scheme": "per_unit",
				"created": s.Created, "currency": s.Currency, "custom_unit_amount": nil, "livemode": false,
				"lookup_key": nil, "metadata": obj{}, "nickname": nil, "product": "prod_" + tail, "recurring": nil,
				"tax_behavior": "unspecified", "tiers_mode": nil, "transform_quantity": nil, "type": "one_time",
				"unit_amount": it.Unit, "unit_amount_decimal": fmt.Sprint(it.Unit),
			},
		}
	}
	return data
}
