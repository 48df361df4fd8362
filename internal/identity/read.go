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
	GroupCode    string
	Grants       string
	SecondFactor bool
	LockMinutes  int
	Sso          bool
	Second       bool
	SecondDue    bool
}

// hasSecond tells whether the account u has a second factor that works.
const hasSecond = `(EXISTS (SELECT 1 FROM user_totp f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) OR EXISTS (SELECT 1 FROM passkeys k WHERE k.user_id = u.id))`

// The roles are read with the account: at every request, so that what was taken away is gone at once.
const userColumns = `u.id, u.email, u.name, u.password_hash, u.role, coalesce(u.dealer, '') AS dealer,
	array_to_string(u.markets, ',') AS markets, u.demo, u.last_login_at, u.second_due,
	` + hasSecond + ` AS second, coalesce(g.code, '') AS group_code, coalesce(g.second_factor, false) AS second_factor, coalesce(g.lock_minutes, 0) AS lock_minutes,
	EXISTS (SELECT 1 FROM sso_providers p WHERE p.group_code = g.code AND p.required) AS sso,
	coalesce((SELECT string_agg(r.role || '@' || d.code, ',' ORDER BY d.code, r.role) FROM staff_roles r
		JOIN dealers d ON d.code = r.dealer OR d.group_code = r.group_code
		WHERE r.user_id = u.id AND r.ended_at IS NULL), '') AS grants`

const fromUsers = ` FROM users u LEFT JOIN dealers home ON home.code = u.dealer LEFT JOIN dealer_groups g ON g.code = home.group_code `

func (r userRow) user() User {
	u := User{ID: id.User(r.ID), Email: r.Email, Name: r.Name, Role: Role(r.Role), Dealer: id.Dealer(r.Dealer), Demo: r.Demo, Second: r.Second, Due: r.SecondDue}
	if r.Markets != "" {
		for _, m := range strings.Split(r.Markets, ",") {
			u.Markets = append(u.Markets, id.Market(m))
		}
	}
	if u.Role != RoleDealer {
		return u
	}
	u.Group, u.Policy = id.Group(r.GroupCode), Policy{r.SecondFactor, time.Duration(r.LockMinutes) * time.Minute, r.Sso}
	for g := range strings.SplitSeq(r.Grants, ",") {
		if role, dealer, ok := strings.Cut(g, "@"); ok {
			u.Grants = append(u.Grants, Grant{SiteRole(role), id.Dealer(dealer)})
		}
	}
	return u
}

// working is the user at a site of his: the one asked for, else the one where the login began, else the first.
func (u User) working(site id.Dealer) User {
	switch {
	case len(u.Grants) == 0:
	case u.At(site):
		u.Dealer = site
	case !u.At(u.Dealer):
		u.Dealer = u.Grants[0].Dealer
	}
	return u
}

// userByID finds an account that works. demo tells whether demo accounts do.
func userByID(g *gorm.DB, who id.User, demo bool) (User, bool, error) {
	var r userRow
	ok, err := db.One(g, &r, `SELECT `+userColumns+fromUsers+`WHERE u.id = ? AND u.disabled_at IS NULL AND (NOT u.demo OR ?)`, who, demo)
	return r.user().working(""), ok, err
}

func accountByEmail(g *gorm.DB, email string, demo bool) (account, bool, error) {
	var r userRow
	ok, err := db.One(g, &r, `SELECT `+userColumns+fromUsers+`WHERE u.email = ? AND u.disabled_at IS NULL AND (NOT u.demo OR ?)`, email, demo)
	a := account{User: r.user(), hash: r.PasswordHash}
	a.lastLogin = db.OrZero(r.LastLoginAt)
	return a, ok, err
}

// demoAccounts are the demo's accounts by e-mail, and the hash they share; empty when there are none. Somebody
// who was invited in the demo chose a password of his own: his hash is not theirs.
func demoAccounts(g *gorm.DB) (map[string]User, string, error) {
	var rows []userRow
	if err := g.Raw(`SELECT ` + userColumns + fromUsers + `WHERE u.demo AND NOT EXISTS (SELECT 1 FROM staff_invitations i WHERE i.accepted_by = u.id)`).Scan(&rows).Error; err != nil {
		return nil, "", err
	}
	have, hash := make(map[string]User, len(rows)), ""
	for _, r := range rows {
		have[r.Email], hash = r.user(), r.PasswordHash
	}
	return have, hash, nil
}

type sessionRow struct {
	Data    []byte
	Expiry  time.Time
	Site    string
	Stage   string
	Locked  bool
	Public  string
	Via     string
	Vouched bool
	Idle    float64 // seconds since somebody did something
}

// findSession asks by the database's clock, like the store's own query does.
func findSession(ctx context.Context, d *db.DB, token string) (sessionRow, bool, error) {
	var r sessionRow
	ok, err := db.One(d.Read(ctx), &r, `SELECT data, expiry, coalesce(site, '') AS site, stage, locked, public, via, vouched, extract(epoch FROM current_timestamp - seen_at) AS idle
		FROM sessions WHERE token = ? AND current_timestamp < expiry`, token)
	return r, ok, err
}

// Device is a browser in which somebody is signed in.
type Device struct {
	ID     string // names it, and opens nothing
	Agent  string
	MadeAt time.Time
	SeenAt time.Time
	Locked bool
	Here   bool // the one that asks
}

func devicesOf(g *gorm.DB, who id.User, here string) ([]Device, error) {
	var out []Device
	err := g.Raw(`SELECT public AS id, agent, made_at, seen_at, locked, public::text = ? AS here FROM sessions
		WHERE substring(data FROM 1 FOR 36) = convert_to(?, 'UTF8') AND stage = 'full' AND current_timestamp < expiry ORDER BY seen_at DESC, made_at DESC`, here, who).Scan(&out).Error
	return out, err
}

type clientRow struct {
	ID         string
	Dealer     string // empty for a partner
	SecretHash string
	Cars       bool
}

func clientByID(g *gorm.DB, c id.APIClient) (clientRow, bool, error) {
	var r clientRow
	ok, err := db.One(g, &r, `SELECT id, coalesce(dealer, '') AS dealer, secret_hash FROM api_clients WHERE id = ? AND revoked_at IS NULL`, c)
	return r, ok, err
}

// clientStands tells in one query whether the client may still use the token, and for what.
func clientStands(g *gorm.DB, c *Caller) (bool, error) {
	var may struct{ Reports, Stock, Cars bool }
	ok, err := db.One(g, &may, `SELECT reports, stock, cars FROM api_clients WHERE id = ? AND coalesce(dealer, '') = ? AND revoked_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM revoked_tokens WHERE jti = ?)`, c.Client, c.Dealer, c.Token)
	c.Reports, c.Stock, c.Cars = may.Reports, may.Stock, may.Cars
	return ok, err
}

// NamesOf gives the names of members of staff, whether their accounts still work or not.
func NamesOf(g *gorm.DB, who ...id.User) (map[id.User]string, error) {
	out := map[id.User]string{}
	if len(who) == 0 {
		return out, nil
	}
	var rows []struct {
		ID   id.User
		Name string
	}
	err := g.Raw(`SELECT id, name FROM users WHERE id IN ?`, who).Scan(&rows).Error
	for _, r := range rows {
		out[r.ID] = r.Name
	}
	return out, err
}

// ClientNames tells what machines are called, for those who read of them.
func ClientNames(g *gorm.DB, clients []id.APIClient) (map[id.APIClient]string, error) {
	if len(clients) == 0 {
		return nil, nil
	}
	var rows []struct{ ID, Name string }
	err := g.Raw(`SELECT id, name FROM api_clients WHERE id IN ?`, clients).Scan(&rows).Error
	out := map[id.APIClient]string{}
	for _, r := range rows {
		out[id.APIClient(r.ID)] = r.Name
	}
	return out, err
}
