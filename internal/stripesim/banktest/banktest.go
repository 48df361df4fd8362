package banktest

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Numbers of test cards that journeys use most.
const (
	Visa         = "4242424242424242"
	Mastercard   = "5555555555554444"
	Amex         = "378282246310005"
	Declined     = "4000000000000002"
	Insufficient = "4000000000009995"
	Secure       = "4000000000003220" // 3-D Secure, then succeeds

	// These succeed; what happens after the capture is the matter.
	Disputed      = "4000000000000259" // a chargeback as fraud
	NotReceived   = "4000000000002685" // a chargeback: nothing was received
	Inquiry       = "4000000000001976" // the card holder's bank asks, no money moves
	FraudWarning  = "4000000000005423" // an early fraud warning
	DisputedTwice = "4000000404000079" // two chargebacks over half each
	RefundPending = "4000000000007726" // refunds succeed an hour later
	RefundFails   = "4000000000005126" // refunds succeed, and fail an hour later

	// These are the bank's own.
	Slow         = "4000009900007017" // processing for ten minutes, then succeeds
	SlowFails    = "4000009900007025" // processing for ten minutes, then fails
	Unknown500   = "4000009900005003" // succeeds, but the page answers 500
	UnknownReset = "4000009900005037" // succeeds, but the connection breaks
	UnknownHang  = "4000009900005045" // succeeds, but no answer comes
)

// Refused is a payment that the page did not let through; the page stays open for another try.
type Refused struct {
	Status int
	Text   string // what the page says
}

// Error implements error.
func (r *Refused) Error() string { return fmt.Sprintf("card page answered %d: %s", r.Status, r.Text) }

// Person is somebody in front of the hosted page. Empty fields take what suits the card.
type Person struct {
	Client     *http.Client // nil is http.DefaultClient; redirects are never followed off the page
	Card       string
	Expiry     string
	CVC        string
	Name       string
	FailSecure bool // press Fail on the 3-D Secure page
}

// Pay pays with a card and returns the shop's address that the bank sends the person to. A refusal
// is a *Refused.
func Pay(ctx context.Context, client *http.Client, checkoutURL, card string) (redirectURL string, err error) {
	return Person{Client: client, Card: card}.Pay(ctx, checkoutURL)
}

// PayFailingSecure is Pay by a person who presses Fail on the 3-D Secure page.
func PayFailingSecure(ctx context.Context, client *http.Client, checkoutURL, card string) (redirectURL string, err error) {
	return Person{Client: client, Card: card, FailSecure: true}.Pay(ctx, checkoutURL)
}

// Cancel opens the page and returns the shop's address behind its Cancel link.
func Cancel(ctx context.Context, client *http.Client, checkoutURL string) (string, error) {
	page, err := Person{Client: client}.get(ctx, checkoutURL)
	if err != nil {
		return "", err
	}
	link := firstMatch(cancelLink, page.body)
	if link == "" {
		return "", &Refused{Status: page.status, Text: page.text()}
	}
	return link, nil
}

// Pay goes through the whole page.
func (p Person) Pay(ctx context.Context, checkoutURL string) (redirectURL string, err error) {
	page, err := p.get(ctx, checkoutURL)
	if err != nil {
		return "", err
	}
	if page.location != "" || firstMatch(formAction, page.body) == "" {
		return "", &Refused{Status: page.status, Text: page.text()}
	}
	answer, err := p.post(ctx, page, p.form(page))
	if err != nil {
		return "", err
	}
	if strings.HasSuffix(answer.location, "/challenge") {
		if answer, err = p.confirm(ctx, answer.location); err != nil {
			return "", err
		}
	}
	if answer.location == "" {
		return "", &Refused{Status: answer.status, Text: answer.text()}
	}
	return answer.location, nil
}

func (p Person) form(page screen) url.Values {
	cvc := "123"
	if strings.HasPrefix(p.Card, "3") {
		cvc = "1234"
	}
	return url.Values{
		"attempt": {firstMatch(attempt, page.body)},
		"number":  {p.Card},
		"expiry":  {or(p.Expiry, "12 / 45")},
		"cvc":     {or(p.CVC, cvc)},
		"name":    {or(p.Name, "Test Buyer")},
	}
}

// confirm answers the 3-D Secure question.
func (p Person) confirm(ctx context.Context, address string) (screen, error) {
	page, err := p.get(ctx, address)
	if err != nil {
		return screen{}, err
	}
	answer := "complete"
	if p.FailSecure {
		answer = "fail"
	}
	return p.post(ctx, page, url.Values{"answer": {answer}})
}

// screen is one answer of the bank.
type screen struct {
	address  *url.URL
	status   int
	location string // absolute
	body     string
}

var (
	formAction = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
	attempt    = regexp.MustCompile(`name="attempt" value="([^"]*)"`)
	cancelLink = regexp.MustCompile(`id="cancel" href="([^"]+)"`)
	alertText  = regexp.MustCompile(`(?s)<div class="alert"[^>]*>(.*?)</div>`)
	mainText   = regexp.MustCompile(`(?s)<main[^>]*>(.*?)</main>`)
	tags       = regexp.MustCompile(`<[^>]*>`)
)

// text is what the page says is wrong, or else what its main part says.
func (s screen) text() string {
	inner := firstMatch(alertText, s.body)
	if inner == "" {
		inner = firstMatch(mainText, s.body)
	}
	return strings.Join(strings.Fields(tags.ReplaceAllString(inner, " ")), " ")
}

func (p Person) get(ctx context.Context, address string) (screen, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return screen{}, err
	}
	return p.do(req)
}

func (p Person) post(ctx context.Context, page screen, form url.Values) (screen, error) {
	target, err := page.address.Parse(firstMatch(formAction, page.body))
	if err != nil {
		return screen{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return screen{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.do(req)
}

func (p Person) do(req *http.Request) (screen, error) {
	client := http.Client{}
	if p.Client != nil {
		client = *p.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return screen{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return screen{}, err
	}
	s := screen{address: req.URL, status: res.StatusCode, body: string(body)}
	if to := res.Header.Get("Location"); to != "" {
		at, err := req.URL.Parse(to)
		if err != nil {
			return screen{}, err
		}
		s.location = at.String()
	}
	if s.status >= http.StatusInternalServerError {
		return s, errors.New("card page answered " + res.Status)
	}
	return s, nil
}

func firstMatch(re *regexp.Regexp, s string) string {
	if m := re.FindStringSubmatch(s); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

func or(s, preset string) string {
	if s == "" {
		return preset
	}
	return s
}
