package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"forecourt/internal/platform/log"
	"forecourt/internal/platform/timemachine"
	"forecourt/internal/stripesim"
)

// keys of the demo's own card bank; they open nothing else.
const (
	demoCardKey    = "sk_test_forecourt_demo"
	demoCardSecret = "whsec_forecourt_demo"
)

// demoBeginLimit is higher than a site's: everybody who tries a demo comes from one address.
const demoBeginLimit = 100_000

func (d *Demo) settings(shopURL, cardURL string) error {
	s := &d.Settings
	s.BeginLimit = max(s.BeginLimit, demoBeginLimit)
	s.BaseURL, s.MailFrom = shopURL, "orders@forecourt.example"
	s.StripeSecretKey, s.StripeWebhookSecrets, s.StripeURL, s.StripeAccount, s.CardOrigin = demoCardKey, []string{demoCardSecret}, cardURL, "cardbank", cardURL
	var err error
	if s.SecretKey, err = keptSecret(filepath.Join(d.Data, "secret.key")); err != nil {
		return err
	}
	token, err := keptSecret(filepath.Join(d.Data, "token.key"))
	s.TokenKeys = []string{token}
	return err
}

// keptSecret reads a secret of the demo, or makes it at the first start: links in mails must work
// after a restart.
func keptSecret(name string) (string, error) {
	if b, err := os.ReadFile(name); err == nil && len(b) >= 44 {
		return strings.TrimSpace(string(b)), nil
	}
	var raw [32]byte
	_, _ = rand.Read(raw[:])
	text := base64.StdEncoding.EncodeToString(raw[:])
	half := name + ".half"
	if err := os.WriteFile(half, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("demo: %w", err)
	}
	return text, os.Rename(half, name)
}

// bank opens the demo's card bank. It has the clock that everybody here has: its button asks for a jump of all.
func (d *Demo) bank(shopURL, cardURL string, forward func(context.Context, time.Duration) error) (*stripesim.Bank, error) {
	return stripesim.New(stripesim.Options{SecretKey: demoCardKey, Beside: []string{d.Settings.StripeSecretKey}, WebhookURLs: []string{shopURL + "/webhooks/stripe"},
		WebhookSecret: demoCardSecret, PublicURL: cardURL, Dir: filepath.Join(d.Data, "cardbank"), Clock: d.clock, Forward: forward,
		Seed: d.Trouble.Seed, Dup: d.Trouble.Dup, Drop: d.Trouble.Drop, Late: d.Trouble.Late, Fail: d.Trouble.Fail, Shuffle: d.Trouble.Shuffle})
}

// goAhead asks for the jump that brings the clock as far ahead as the command says, if it is not that far.
func (d *Demo) goAhead(ctx context.Context, a *App) error {
	if d.Ahead == 0 {
		return nil
	}
	asked, err := timemachine.Asked(a.DB.Read(ctx))
	if err != nil || d.Ahead <= asked {
		return err
	}
	err = a.moveBy(ctx, log.System+":demo", d.Ahead-asked)
	if errors.Is(err, timemachine.ErrMoving) {
		fmt.Fprintln(d.Out, "The clock is on its way still; start once more to bring it further ahead.")
		return nil
	}
	return err
}
