// Package config reads the process's settings from the environment and holds the demo world's files.
package config

import (
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"

	"github.com/caarlos0/env/v11"
)

// World is the demo world: brands, markets, dealers, places, ranges, and what workshops sell.
//
//go:embed brands.yaml staff.yaml signals.yaml markets dealers places ranges service
var World embed.FS

// Settings are all settings of the process. example.env explains each.
type Settings struct {
	Addr      string `env:"ADDR" envDefault:":8080"`
	AdminAddr string `env:"ADMIN_ADDR" envDefault:"127.0.0.1:9090"`
	BaseURL   string `env:"BASE_URL"`
	LogLevel  string `env:"LOG_LEVEL" envDefault:"info"`

	DatabaseURL       string `env:"DATABASE_URL"`
	DatabaseDirectURL string `env:"DATABASE_DIRECT_URL"`
	DatabaseConns     int32  `env:"DATABASE_CONNS" envDefault:"20"`
	PGBin             string `env:"PG_BIN"`
	DataDir           string `env:"DATA_DIR" envDefault:"var"`

	SecretKey string   `env:"SECRET_KEY"`
	TokenKeys []string `env:"TOKEN_KEYS"`

	StripeSecretKey      string   `env:"STRIPE_SECRET_KEY"`
	StripeWebhookSecrets []string `env:"STRIPE_WEBHOOK_SECRET"`
	StripeURL            string   `env:"STRIPE_URL"`
	StripeAccount        string   `env:"STRIPE_ACCOUNT" envDefault:"default"`
	CardOrigin           string   `env:"CARD_ORIGIN" envDefault:"https://checkout.stripe.com"`

	SMTPAddr     string `env:"SMTP_ADDR"`
	SMTPUser     string `env:"SMTP_USER"`
	SMTPPassword string `env:"SMTP_PASSWORD"`
	SMTPTLS      string `env:"SMTP_TLS" envDefault:"mandatory"`
	MailFrom     string `env:"MAIL_FROM"`

	TrustedProxies []string `env:"TRUSTED_PROXIES"`
	PostsPerSecond float64  `env:"POSTS_PER_SECOND" envDefault:"10"`
	BeginLimit     int      `env:"BEGIN_LIMIT" envDefault:"300"`
	Workers        int      `env:"WORKERS" envDefault:"8"`
	HooksLocal     bool     `env:"HOOKS_LOCAL"`
	TracesURL      string   `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`
}

// Mistakes is the list of everything wrong with the settings.
type Mistakes []string

// Error lists every mistake, a line each.
func (m Mistakes) Error() string {
	return fmt.Sprintf("%d mistakes in the settings:\n  %s", len(m), strings.Join(m, "\n  "))
}

//go:embed example.env
var example []byte

// Example is the file that explains every setting.
func Example() []byte { return example }

// Names lists the environment's names of all settings.
func Names() []string {
	var out []string
	params, err := env.GetFieldParams(&Settings{})
	if err != nil {
		return nil
	}
	for _, p := range params {
		out = append(out, p.Key)
	}
	return out
}

// FromEnv reads the settings; only the form is checked here, because each subcommand needs others.
func FromEnv() (Settings, error) {
	var s Settings
	if err := env.Parse(&s); err != nil {
		var agg env.AggregateError
		if !errors.As(err, &agg) {
			return s, err
		}
		var m Mistakes
		for _, e := range agg.Errors {
			m = append(m, e.Error())
		}
		return s, m
	}
	return s, nil
}

// Check finds every mistake at once. need names what the subcommand uses: "database", "web", "pay",
// "mail".
func (s *Settings) Check(need ...string) error {
	var m Mistakes
	bad := func(format string, args ...any) { m = append(m, fmt.Sprintf(format, args...)) }
	if _, err := s.Level(); err != nil {
		bad("LOG_LEVEL: %q is none of debug, info, warn, error", s.LogLevel)
	}
	for _, p := range s.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil {
			bad("TRUSTED_PROXIES: %q is not an address range such as 10.0.0.0/8", p)
		}
	}
	if u, err := url.Parse(s.TracesURL); s.TracesURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		bad("OTEL_EXPORTER_OTLP_ENDPOINT: %q is not an address such as http://collector:4318", s.TracesURL)
	}
	for _, n := range need {
		switch n {
		case "web":
			s.checkWeb(bad)
		case "pay":
			s.checkPay(bad)
		case "mail":
			if s.SMTPAddr == "" {
				bad("SMTP_ADDR is missing: host:port of the mail server")
			}
			if s.MailFrom == "" {
				bad("MAIL_FROM is missing: the sender's address")
			}
			if s.SMTPTLS != "mandatory" && s.SMTPTLS != "opportunistic" {
				bad("SMTP_TLS: %q is neither mandatory nor opportunistic", s.SMTPTLS)
			}
		}
	}
	if len(m) > 0 {
		return m
	}
	return nil
}

func (s *Settings) checkWeb(bad func(string, ...any)) {
	u, err := url.Parse(s.BaseURL)
	if s.BaseURL == "" || err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.HasSuffix(s.BaseURL, "/") {
		bad("BASE_URL: %q is not an address such as https://shop.example without a slash at its end", s.BaseURL)
	}
	if b, err := base64.StdEncoding.DecodeString(s.SecretKey); err != nil || len(b) < 32 {
		bad("SECRET_KEY: needs at least 32 random bytes in base64 (openssl rand -base64 32)")
	}
	if len(s.TokenKeys) == 0 {
		bad("TOKEN_KEYS: needs at least one key of 32 random bytes in base64; the first signs, all verify")
	}
	for i, k := range s.TokenKeys {
		if b, err := base64.StdEncoding.DecodeString(k); err != nil || len(b) != 32 {
			bad("TOKEN_KEYS: key %d is not 32 bytes in base64", i+1)
		}
	}
}

func (s *Settings) checkPay(bad func(string, ...any)) {
	if s.StripeSecretKey == "" {
		bad("STRIPE_SECRET_KEY is missing")
	}
	if len(s.StripeWebhookSecrets) == 0 {
		bad("STRIPE_WEBHOOK_SECRET is missing: one or more, separated by commas")
	}
	if s.StripeURL != "" && strings.HasPrefix(s.StripeSecretKey, "sk_live_") {
		bad("STRIPE_URL must not be set beside a live key")
	}
}

// Secret is the key of secret links.
func (s *Settings) Secret() []byte {
	b, _ := base64.StdEncoding.DecodeString(s.SecretKey)
	return b
}

// Direct is the address for LISTEN, locks and migrations.
func (s *Settings) Direct() string {
	if s.DatabaseDirectURL != "" {
		return s.DatabaseDirectURL
	}
	return s.DatabaseURL
}

// Level is the least level that is logged.
func (s *Settings) Level() (slog.Level, error) {
	var l slog.Level
	err := l.UnmarshalText([]byte(s.LogLevel))
	return l, err
}
