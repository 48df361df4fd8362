package stripegw

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"forecourt/internal/payment"
	"forecourt/internal/platform/telemetry"
)

// callTimeout bounds one attempt: the library's own 80 s would outlast every page and job.
const callTimeout = 10 * time.Second

// maxRetries are the library's own further attempts, all with the same idempotency key.
const maxRetries = 2

// Config says whose account is used and where it is reached.
type Config struct {
	SecretKey      string
	WebhookSecrets []string // several while a secret is being rotated
	URL            string   // empty means Stripe
	Account        string   // name of the provider account, stored with each payment
	HTTPClient     *http.Client
}

// Gateway implements payment.Gateway.
type Gateway struct {
	api     *client.API
	secrets []string
	account string
	live    bool
}

var _ payment.Gateway = (*Gateway)(nil)

// New checks the settings and builds the client; it makes no call.
func New(c Config) (*Gateway, error) {
	live, err := checkKey(c.SecretKey)
	if err != nil {
		return nil, err
	}
	own, err := ownAddress(c.URL)
	if err != nil {
		return nil, err
	}
	if live && own {
		return nil, errors.New("stripegw: a live key is never sent to an address that is not Stripe's")
	}
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, backendConfig(c, own))
	g := &Gateway{account: accountName(c.Account, own), live: live}
	g.api = client.New(c.SecretKey, &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
	for _, s := range c.WebhookSecrets {
		if s = strings.TrimSpace(s); s != "" {
			g.secrets = append(g.secrets, s)
		}
	}
	return g, nil
}

// Account implements payment.Gateway.
func (g *Gateway) Account() string { return g.account }

// Live implements payment.Gateway.
func (g *Gateway) Live() bool { return g.live }

func checkKey(key string) (live bool, err error) {
	switch {
	case strings.HasPrefix(key, "sk_live_"), strings.HasPrefix(key, "rk_live_"):
		return true, nil
	case strings.HasPrefix(key, "sk_test_"), strings.HasPrefix(key, "rk_test_"):
		return false, nil
	}
	return false, errors.New("stripegw: the secret key must begin with sk_test_ or sk_live_")
}

// ownAddress tells whether raw points somewhere else than Stripe.
func ownAddress(raw string) (bool, error) {
	if raw == "" {
		return false, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return false, fmt.Errorf("stripegw: %q is no http address", raw)
	}
	return u.Scheme != "https" || u.Host != "api.stripe.com", nil
}

func accountName(given string, own bool) string {
	switch {
	case given != "":
		return given
	case own:
		return "cardbank"
	}
	return "stripe"
}

func backendConfig(c Config, own bool) *stripe.BackendConfig {
	b := &stripe.BackendConfig{
		HTTPClient:        httpClient(c.HTTPClient),
		MaxNetworkRetries: stripe.Int64(maxRetries),
		EnableTelemetry:   stripe.Bool(false),
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
	}
	if own {
		b.URL = stripe.String(c.URL)
	}
	return b
}

// httpClient copies the given client so that its timeout can be set without touching the caller's.
func httpClient(given *http.Client) *http.Client {
	c := http.Client{Timeout: callTimeout, Transport: pooled()}
	if given != nil {
		c = *given
		if c.Timeout == 0 || c.Timeout > callTimeout {
			c.Timeout = callTimeout
		}
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	c.Transport = telemetry.Calls("bank", c.Transport)
	return &c
}

// pooled keeps enough idle connections for all jobs: Go's default of two per host would
// open and close one for nearly every call under load.
func pooled() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	return t
}
