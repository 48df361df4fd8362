package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"forecourt/internal/id"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"
)

// How often a client may ask for a token. Both right and wrong secrets count.
var (
	issuePerClient = limit.Rule{Name: "token.client", Max: 60, Window: 15 * time.Minute}
	issuePerPrefix = limit.Rule{Name: "token.prefix", Max: 300, Window: 15 * time.Minute}
)

// AddClient registers a dealer's system. The secret is shown once and kept nowhere.
func (t *Tokens) AddClient(ctx context.Context, dealer id.Dealer, name string) (id.APIClient, string, error) {
	if !dealerShape.MatchString(string(dealer)) {
		return "", "", ErrNoDealer
	}
	return t.add(ctx, clientRow{Dealer: string(dealer)}, name)
}

// AddPartner registers the system of somebody who belongs to no dealer: it reads what keepers of cars let it read, and nothing else.
func (t *Tokens) AddPartner(ctx context.Context, name string) (id.APIClient, string, error) {
	return t.add(ctx, clientRow{Cars: true}, name)
}

func (t *Tokens) add(ctx context.Context, r clientRow, name string) (id.APIClient, string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > 100 || !printable(name) {
		return "", "", refuse("the client's name is missing, too long or has invisible characters")
	}
	c, secret := id.New[id.APIClient](), newSecret()
	r.ID, r.SecretHash = string(c), hashSecret(secret)
	err := t.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertClientTx(tx, r, name); err != nil {
			return err
		}
		return auditClientTx(ctx, tx, "client.added", c)
	})
	if err != nil {
		return "", "", err
	}
	return c, secret, nil
}

// AllowReports lets a client report how far its dealer's cars are; without it a client only reads.
func (t *Tokens) AllowReports(ctx context.Context, c id.APIClient) error {
	return t.allow(ctx, c, "client.reports", allowReportsTx)
}

// AllowStock lets a client bring used cars of its dealer in.
func (t *Tokens) AllowStock(ctx context.Context, c id.APIClient) error {
	return t.allow(ctx, c, "client.stock", allowStockTx)
}

// AllowCars lets a client of a dealer read what keepers of cars let the dealer read.
func (t *Tokens) AllowCars(ctx context.Context, c id.APIClient) error {
	return t.allow(ctx, c, "client.cars", allowCarsTx)
}

func (t *Tokens) allow(ctx context.Context, c id.APIClient, act string, allowTx func(*db.Tx, id.APIClient) (bool, error)) error {
	return t.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := allowTx(tx, c)
		if err != nil {
			return err
		}
		if !ok {
			return ErrNoClient
		}
		return auditClientTx(ctx, tx, act, c)
	})
}

// RevokeClient ends the client and with it every token it holds.
func (t *Tokens) RevokeClient(ctx context.Context, c id.APIClient) error {
	if !id.IsKey(string(c)) {
		return ErrNoClient
	}
	return t.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := revokeClientTx(tx, c)
		if err != nil {
			return err
		}
		if !ok {
			return ErrNoClient
		}
		return auditClientTx(ctx, tx, "client.revoked", c)
	})
}

// IssueToken gives an access token for a client's secret. An unknown client, a revoked one and a
// wrong secret get the same ErrClient.
func (t *Tokens) IssueToken(ctx context.Context, c id.APIClient, secret, ip string) (string, time.Time, error) {
	from := prefix(ip)
	if err := limit.Take(ctx, t.db, issuePerPrefix, from); err != nil {
		return "", time.Time{}, err
	}
	if err := limit.Take(ctx, t.db, issuePerClient, string(c), from); err != nil {
		return "", time.Time{}, err
	}
	ask := c
	if !id.IsKey(string(c)) {
		ask = "00000000-0000-0000-0000-000000000000" // nobody's
	}
	r, ok, err := clientByID(t.db.Read(ctx), ask)
	if err != nil {
		return "", time.Time{}, err
	}
	right := subtle.ConstantTimeCompare([]byte(hashSecret(secret)), []byte(r.SecretHash)) == 1
	if !ok || !right {
		return "", time.Time{}, ErrClient
	}
	return t.sign(id.APIClient(r.ID), id.Dealer(r.Dealer))
}

func auditClientTx(ctx context.Context, tx *db.Tx, action string, c id.APIClient) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: "system", Action: action, Subject: "client:" + string(c)})
}

// newSecret has 256 random bits, so that a plain hash is enough to keep it.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return "fcs_" + base64.RawURLEncoding.EncodeToString(b)
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
