package config_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"forecourt/config"
)

func good() config.Settings {
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	return config.Settings{LogLevel: "info", BaseURL: "https://shop.example", SecretKey: key, TokenKeys: []string{key},
		StripeSecretKey: "sk_test_1", StripeWebhookSecrets: []string{"whsec_1"}, SMTPAddr: "mail:25", SMTPTLS: "mandatory", MailFrom: "a@example.com"}
}

func TestGoodSettingsPass(t *testing.T) {
	t.Parallel()
	s := good()
	if err := s.Check("web", "pay", "mail"); err != nil {
		t.Fatal(err)
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	s := config.Settings{LogLevel: "loud", TrustedProxies: []string{"everybody"}, BaseURL: "shop.example/", SecretKey: "short", TokenKeys: []string{"x"}, SMTPTLS: "never"}
	err := s.Check("web", "pay", "mail")
	var m config.Mistakes
	if !errors.As(err, &m) {
		t.Fatalf("got %v", err)
	}
	for _, name := range []string{"LOG_LEVEL", "TRUSTED_PROXIES", "BASE_URL", "SECRET_KEY", "TOKEN_KEYS", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "SMTP_ADDR", "MAIL_FROM", "SMTP_TLS"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in:\n%v", name, err)
		}
	}
}

func TestALiveKeyIsNeverSentElsewhere(t *testing.T) {
	t.Parallel()
	s := good()
	s.StripeSecretKey, s.StripeURL = "sk_live_1", "http://localhost:1"
	if err := s.Check("pay"); err == nil || !strings.Contains(err.Error(), "STRIPE_URL") {
		t.Fatalf("got %v", err)
	}
}

func TestTheExampleNamesEverySetting(t *testing.T) {
	t.Parallel()
	if len(config.Names()) < 20 {
		t.Fatalf("only %d settings", len(config.Names()))
	}
	for _, name := range config.Names() {
		if !strings.Contains(string(config.Example()), "\n"+name+"=") {
			t.Errorf("example.env does not name %s", name)
		}
	}
}

func TestUnreadableSettingsAreMistakes(t *testing.T) {
	t.Setenv("WORKERS", "many")
	t.Setenv("DATABASE_CONNS", "lots")
	_, err := config.FromEnv()
	var m config.Mistakes
	if !errors.As(err, &m) || len(m) != 2 {
		t.Fatalf("got %v", err)
	}
}
