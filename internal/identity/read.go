package identity

import (
	"context"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type userRow struct {
	ID           string
	Email        string
	Name         string
	PasswordHash string
	Role         string
	Dealer       string
	Markets      string
	Demo         bool
	LastLoginAt  *time.Time
}

const userColumns = `id, email, name, password_hash, role, coalesce(dealer, '') AS dealer,
	array_to_string(markets, ',') AS markets, demo, last_login_at`

func (r userRow) user() User {
	u := User{ID: id.User(r.ID), Email: r.Email, Name: r.Name, Role: Role(r.Role), Dealer: id.Dealer(r.Dealer), Demo: r.Demo}
	if r.Markets != "" {
		for _, m := range strings.Split(r.Markets, ",") {
			u.Markets = append(u.Markets, id.Market(m))
		}
	}
	return u
}

// userByID finds an account that works. demo tells whether demo accounts do.
func userByID(g *gorm.DB, who id.User, demo bool) (User, bool, error) {
	var r userRow
	ok, err := db.One(g, &r, `SELECT `+userColumns+` FROM users WHERE id = ? AND disabled_at IS NULL AND (NOT demo OR ?)`, who, demo)
	return r.user(), ok, err
}

func accountByEmail(g *gorm.DB, email string, demo bool) (account, bool, error) {
	var r userRow
	ok, err := db.One(g, &r, `SELECT `+userColumns+` FROM users WHERE email = ? AND disabled_at IS NULL AND (NOT demo OR ?)`, email, demo)
	a := account{User: r.user(), hash: r.PasswordHash}
	if r.LastLoginAt != nil {
		a.lastLogin = *r.LastLoginAt
	}
	return a, ok, err
}

// demoAccounts are the demo's accounts by e-mail, and the hash they share; empty when there are none.
func demoAccounts(g *gorm.DB) (map[string]User, string, error) {
	var rows []userRow
	if err := g.Raw(`SELECT ` + userColumns + ` FROM users WHERE demo`).Scan(&rows).Error; err != nil {
		return nil, "", err
	}
	have, hash := make(map[string]User, len(rows)), ""
	for _, r := range rows {
		have[r.Email], hash = r.user(), r.PasswordHash
	}
	return have, hash, nil
}

type sessionRow struct {
	Data   []byte
	Expiry time.Time
}

// findSession asks by the database's clock, like the store's own query does.
func findSession(ctx context.Context, d *db.DB, token string) (sessionRow, bool, error) {
	var r sessionRow
	ok, err := db.One(d.Read(ctx), &r, `SELECT data, expiry FROM sessions WHERE token = ? AND current_timestamp < expiry`, token)
	return r, ok, err
}

type clientRow struct {
	ID         string
	Dealer     string
	SecretHash string
}

func clientByID(g *gorm.DB, c id.APIClient) (clientRow, bool, error) {
	var r clientRow
	ok, err := db.One(g, &r, `SELECT id, dealer, secret_hash FROM api_clients WHERE id = ? AND revoked_at IS NULL`, c)
	return r, ok, err
}

// clientStands tells in one query whether the client may still use the token.
func clientStands(g *gorm.DB, c Caller) (bool, error) {
	var one int
	return db.One(g, &one, `SELECT 1 FROM api_clients WHERE id = ? AND dealer = ? AND revoked_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM revoked_tokens WHERE jti = ?)`, c.Client, c.Dealer, c.Token)
}
