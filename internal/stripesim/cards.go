package stripesim

import (
	"strconv"
	"strings"
	"time"
)

// Kinds of 3-D Secure that a test card asks for.
const (
	securedNot          = ""
	securedChallenge    = "challenge"
	securedFrictionless = "frictionless"

	securedIfAsked     = "asked"  // a challenge only when the caller asks for one
	securedUnlessSetUp = "set up" // a challenge, unless the card was kept for later with one before
)

// testCard is a number with a known fate, the same as on Stripe's testing page.
type testCard struct {
	Test    string // name, also the key of its words on the page
	Number  string
	Brand   string
	Country string
	Method  string // pm_card_...: the card's name in the API
	Secured string
	Decline string // decline code after everything else went well; "" is success
	Slow    bool   // decided after a while of processing
	Answer  string // kind of fault that hides the success from who pays
}

var testCards = []testCard{
	{Test: "visa", Number: "4242424242424242", Brand: "visa", Country: "US", Method: "pm_card_visa"},
	{Test: "mastercard", Number: "5555555555554444", Brand: "mastercard", Country: "US", Method: "pm_card_mastercard"},
	{Test: "amex", Number: "378282246310005", Brand: "amex", Country: "US", Method: "pm_card_amex"},
	{Test: "secure_ok", Number: "4000000000003220", Brand: "visa", Country: "US", Method: "pm_card_threeDSecure2Required",
		Secured: securedChallenge},
	{Test: "secure_always", Number: "4000002760003184", Brand: "visa", Country: "US", Method: "pm_card_authenticationRequired",
		Secured: securedChallenge},
	{Test: "secure_quiet", Number: "4000000032200000", Brand: "visa", Country: "US", Method: "pm_card_threeDSecureFrictionless",
		Secured: securedFrictionless},
	{Test: "secure_declined", Number: "4000008400001629", Brand: "visa", Country: "US", Method: "pm_card_threeDSecureRequiredChargeDeclined",
		Secured: securedChallenge, Decline: declineGeneric},
	{Test: "secure_insufficient", Number: "4000008260003178", Brand: "visa", Country: "US", Method: "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
		Secured: securedChallenge, Decline: declineFunds},
	{Test: "secure_error", Number: "4000008400001280", Brand: "visa", Country: "US", Method: "pm_card_threeDSecureRequiredProcessingError",
		Decline: declineGeneric},
	{Test: "declined", Number: "4000000000000002", Brand: "visa", Country: "US", Method: "pm_card_chargeDeclined",
		Decline: declineGeneric},
	{Test: "insufficient", Number: "4000000000009995", Brand: "visa", Country: "US", Method: "pm_card_chargeDeclinedInsufficientFunds",
		Decline: declineFunds},
	{Test: "lost", Number: "4000000000009987", Brand: "visa", Country: "US", Method: "pm_card_chargeDeclinedLostCard",
		Decline: declineLost},
	{Test: "stolen", Number: "4000000000009979", Brand: "visa", Country: "US", Method: "pm_card_chargeDeclinedStolenCard",
		Decline: declineStolen},
	{Test: "expired", Number: "4000000000000069", Brand: "visa", Country: "US", Method: "pm_card_chargeDeclinedExpiredCard",
		Decline: declineExpired},
	{Test: "bad_cvc", Number: "4000000000000127", Brand: "visa", Country: "US", Method: "pm_card_chargeDeclinedIncorrectCvc",
		Decline: declineCVC},
	{Test: "processing", Number: "4000000000000119", Brand: "visa", Country: "US", Method: "pm_card_chargeDeclinedProcessingError",
		Decline: declineProcessing},
	{Test: "velocity", Number: "4000000000006975", Brand: "visa", Country: "US", Method: "pm_card_chargeDeclinedVelocityLimitExceeded",
		Decline: declineVelocity},
	{Test: "secure_unless_set_up", Number: "4000002500003155", Brand: "visa", Country: "US", Method: "pm_card_authenticationRequiredOnSetup", Secured: securedUnlessSetUp},
	{Test: "secure_optional", Number: "4000000000003055", Brand: "visa", Country: "US", Method: "pm_card_threeDSecureOptional", Secured: securedIfAsked},
	{Test: "attach_declined", Number: "4000000000000341", Brand: "visa", Country: "US", Method: "pm_card_chargeCustomerFail", Decline: declineGeneric},
	{Test: "blocked", Number: "4100000000000019", Brand: "visa", Country: "US", Method: "pm_card_radarBlock", Decline: declineBlocked},
	{Test: "disputed", Number: "4000000000000259", Brand: "visa", Country: "US", Method: "pm_card_createDispute"},
	{Test: "not_received", Number: "4000000000002685", Brand: "visa", Country: "US", Method: "pm_card_createDisputeProductNotReceived"},
	{Test: "inquiry", Number: "4000000000001976", Brand: "visa", Country: "US", Method: "pm_card_createDisputeInquiry"},
	{Test: "fraud_warning", Number: "4000000000005423", Brand: "visa", Country: "US", Method: "pm_card_createIssuerFraudRecord"},
	{Test: "disputed_multiple", Number: "4000000404000079", Brand: "visa", Country: "US", Method: "pm_card_createMultipleDisputes"},
	{Test: "refund_pending", Number: "4000000000007726", Brand: "visa", Country: "US", Method: "pm_card_pendingRefund"},
	{Test: "refund_fails", Number: "4000000000005126", Brand: "visa", Country: "US", Method: "pm_card_refundFail"},
	{Test: "reviewed", Number: "4000000000009235", Brand: "visa", Country: "US", Method: "pm_card_riskLevelElevated"},
	// The rest are the bank's own: Stripe has no cards for what they do.
	{Test: "slow_ok", Number: "4000009900007017", Brand: "visa", Country: "US", Method: "pm_card_slow", Slow: true},
	{Test: "slow_fails", Number: "4000009900007025", Brand: "visa", Country: "US", Method: "pm_card_slowFail", Slow: true, Decline: declineFunds},
	{Test: "unknown_500", Number: "4000009900005003", Brand: "visa", Country: "US", Method: "pm_card_unknown500", Answer: faultError},
	{Test: "unknown_reset", Number: "4000009900005037", Brand: "visa", Country: "US", Method: "pm_card_unknownReset", Answer: faultReset},
	{Test: "unknown_hang", Number: "4000009900005045", Brand: "visa", Country: "US", Method: "pm_card_unknownHang", Answer: faultHang},
}

// cardGroups are the headings under which people find a test card.
var cardGroups = []string{"works", "secure", "declined", "after", "open"}

func (c testCard) group() string {
	_, complains := complaints[c.Test]
	switch {
	case c.Slow || c.Answer != "":
		return "open"
	case c.Secured != "":
		return "secure"
	case c.Decline != "":
		return "declined"
	case complains, c.Test == "fraud_warning", c.Test == "reviewed", strings.HasPrefix(c.Test, "refund_"):
		return "after"
	}
	return "works"
}

// Decline codes, as Stripe names them.
const (
	declineGeneric    = "generic_decline"
	declineFunds      = "insufficient_funds"
	declineLost       = "lost_card"
	declineStolen     = "stolen_card"
	declineExpired    = "expired_card"
	declineCVC        = "incorrect_cvc"
	declineProcessing = "processing_error"
	declineVelocity   = "card_velocity_exceeded"
	declineBlocked    = "fraudulent"
	declineAbsent     = "authentication_required"
	declineNotTest    = "test_mode_live_card"
	declineSecure     = "payment_intent_authentication_failure" // a code, there is no decline code for it
)

// declineTexts are the messages of the API; the page has its own words per locale.
var declineTexts = map[string]struct{ code, message string }{
	declineGeneric:    {"card_declined", "Your card was declined."},
	declineFunds:      {"card_declined", "Your card has insufficient funds."},
	declineLost:       {"card_declined", "Your card was declined."},
	declineStolen:     {"card_declined", "Your card was declined."},
	declineVelocity:   {"card_declined", "Your card was declined for making repeated attempts too frequently."},
	declineAbsent:     {"authentication_required", "Your card was declined. This transaction requires authentication."},
	declineBlocked:    {"card_declined", "Your card was declined."},
	declineNotTest:    {"card_declined", "Your card was declined: a test was asked for with a number that is no test card."},
	declineExpired:    {"expired_card", "Your card has expired."},
	declineCVC:        {"incorrect_cvc", "Your card's security code is incorrect."},
	declineProcessing: {"processing_error", "An error occurred while processing your card. Try again in a little bit."},
}

// fateOf finds what a number is a test of. A well-formed number that is no test card is declined,
// so that nobody believes a real card was charged.
func fateOf(number string) testCard {
	for _, c := range testCards {
		if c.Number == number {
			return c
		}
	}
	return testCard{Number: number, Brand: brandOf(number), Country: "US", Decline: declineNotTest}
}

func brandOf(number string) string {
	switch {
	case strings.HasPrefix(number, "4"):
		return "visa"
	case strings.HasPrefix(number, "34"), strings.HasPrefix(number, "37"):
		return "amex"
	case strings.HasPrefix(number, "5"), strings.HasPrefix(number, "2"):
		return "mastercard"
	}
	return "unknown"
}

// byName finds a test card again after the challenge; numbers are not kept.
func byName(test string) testCard {
	for _, c := range testCards {
		if c.Test == test {
			return c
		}
	}
	return testCard{Decline: declineNotTest}
}

// byMethod finds a test card by its name in the API, with or without the brand in front of what
// goes wrong: pm_card_chargeDeclined is pm_card_visa_chargeDeclined.
func byMethod(id string) (testCard, bool) {
	plain := strings.Replace(id, "pm_card_visa_", "pm_card_", 1)
	for _, c := range testCards {
		if c.Method == plain {
			return c, true
		}
	}
	return testCard{}, false
}

// cardForm is what a person typed.
type cardForm struct {
	Number, Expiry, CVC, Name string
	Attempt                   string
}

// Problems of a card form, per field; each is a key of the page's words.
type cardProblems struct {
	Number, Expiry, CVC, Name string
}

func (p cardProblems) any() bool { return p != cardProblems{} }

// typedCard is a form that was understood.
type typedCard struct {
	fate     testCard
	month    int
	year     int
	name     string
	attempt  string
	lastFour string
}

func (f cardForm) read(now time.Time) (typedCard, cardProblems) {
	var p cardProblems
	number := digitsOf(f.Number)
	if !luhn(number) {
		p.Number = "bad_number"
	}
	month, year, problem := readExpiry(f.Expiry, now)
	p.Expiry = problem
	if !goodCVC(f.CVC, brandOf(number)) {
		p.CVC = "bad_cvc"
	}
	name := strings.Join(strings.Fields(f.Name), " ")
	if name == "" || len(name) > 200 {
		p.Name = "bad_name"
	}
	if p.any() {
		return typedCard{}, p
	}
	return typedCard{
		fate: fateOf(number), month: month, year: year, name: name,
		attempt: f.Attempt, lastFour: number[len(number)-4:],
	}, p
}

// digitsOf drops the blanks and dashes that people type; anything else makes the number wrong.
func digitsOf(s string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(strings.TrimSpace(s))
}

func luhn(number string) bool {
	if len(number) < 12 || len(number) > 19 {
		return false
	}
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// readExpiry takes "12/34", "12 / 2034" and "1234". A card is good until the end of its month.
func readExpiry(s string, now time.Time) (month, year int, problem string) {
	s = strings.NewReplacer(" ", "", "-", "/").Replace(s)
	if len(s) == 4 && !strings.Contains(s, "/") {
		s = s[:2] + "/" + s[2:]
	}
	m, y, _ := strings.Cut(s, "/")
	month, errMonth := strconv.Atoi(m)
	year, errYear := strconv.Atoi(y)
	if errMonth != nil || errYear != nil || month < 1 || month > 12 {
		return 0, 0, "bad_month"
	}
	if len(y) == 2 {
		year += 2000
	}
	if len(y) != 2 && len(y) != 4 || year > now.Year()+50 {
		return 0, 0, "bad_year"
	}
	if year < now.Year() || year == now.Year() && month < int(now.Month()) {
		return 0, 0, "past_expiry"
	}
	return month, year, ""
}

func goodCVC(s, brand string) bool {
	want := 3
	if brand == "amex" {
		want = 4
	}
	if s = strings.TrimSpace(s); len(s) != want {
		return false
	}
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}
