package identity

import (
	"context"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

const insertUser = `INSERT INTO users (id, email, name, password_hash, role, dealer, markets, demo, created_at)
	VALUES (?, ?, ?, ?, ?, nullif(?, ''), string_to_array(?, ','), ?, ?) ON CONFLICT (email) DO `

// likeNew replaces everything but the key, the password aside.
const likeNew = `UPDATE SET name = EXCLUDED.name, role = EXCLUDED.role, dealer = EXCLUDED.dealer, markets = EXCLUDED.markets, `

func insertUserTx(tx *db.Tx, u *User, hash string) (bool, error) {
	return writeUserTx(tx, u, hash, insertUser+`NOTHING RETURNING id`)
}

func upsertUserTx(tx *db.Tx, u *User, hash string) (bool, error) {
	return writeUserTx(tx, u, hash, insertUser+likeNew+`password_hash = EXCLUDED.password_hash, own_password = true WHERE NOT users.demo RETURNING id`)
}

func upsertDemoTx(tx *db.Tx, u *User, hash string) (bool, error) {
	return writeUserTx(tx, u, hash, insertUser+likeNew+`disabled_at = NULL WHERE users.demo RETURNING id`)
}

// writeUserTx runs one of the inserts above and fills the id in; false when the e-mail is taken.
func writeUserTx(tx *db.Tx, u *User, hash, query string) (bool, error) {
	var codes []string
	for _, m := range u.Markets {
		codes = append(codes, string(m))
	}
	var key string
	ok, err := db.One(tx.DB, &key, query, id.New[id.User](), u.Email, u.Name, hash, u.Role, u.Dealer, strings.Join(codes, ","), u.Demo, tx.Now)
	if db.Constraint(err) == "users_dealer_fkey" {
		return false, ErrNoDealer
	}
	u.ID = id.User(key)
	return ok, err
}

// The password of a demo account is the demo's; it is not found here.
func setPasswordTx(tx *db.Tx, email, hash string) (who id.User, err error) {
	_, err = db.One(tx.DB, &who, `UPDATE users SET password_hash = ?, own_password = true WHERE email = ? AND NOT demo RETURNING id`, hash, email)
	return who, err
}

// withoutPasswordTx notes that an account was made by its group's provider, and has no password.
func withoutPasswordTx(tx *db.Tx, who id.User) error {
	return tx.Exec(`UPDATE users SET own_password = false WHERE id = ?`, who).Error
}

// firstPasswordTx gives an account that works and has none its password; false when there is no such account.
func firstPasswordTx(tx *db.Tx, email, hash string) (who id.User, ok bool, err error) {
	_, err = db.One(tx.DB, &who, `UPDATE users SET password_hash = ?, own_password = true WHERE email = ? AND NOT own_password AND NOT demo AND disabled_at IS NULL RETURNING id`, hash, email)
	return who, who != "", err
}

// hasPassword tells whether an account has one.
func hasPassword(g *gorm.DB, who id.User) (has bool, err error) {
	_, err = db.One(g, &has, `SELECT own_password FROM users WHERE id = ?`, who)
	return has, err
}

func disableTx(tx *db.Tx, email string) (who id.User, err error) {
	_, err = db.One(tx.DB, &who, `UPDATE users SET disabled_at = coalesce(disabled_at, ?) WHERE email = ? RETURNING id`, tx.Now, email)
	return who, err
}

func enableTx(tx *db.Tx, email string) (who id.User, err error) {
	_, err = db.One(tx.DB, &who, `UPDATE users SET disabled_at = NULL WHERE email = ? RETURNING id`, email)
	return who, err
}

func loggedInTx(tx *db.Tx, who id.User) error {
	return tx.Exec(`UPDATE users SET last_login_at = ? WHERE id = ?`, tx.Now, who).Error
}

func setPolicyTx(tx *db.Tx, g id.Group, second bool, minutes int) error {
	return tx.Exec(`UPDATE dealer_groups SET second_factor = ?, lock_minutes = ? WHERE code = ?`, second, minutes, g).Error
}

func endSessionsTx(tx *db.Tx, who id.User) error {
	return tx.Exec(`DELETE FROM sessions WHERE substring(data FROM 1 FOR 36) = convert_to(?, 'UTF8')`, who).Error
}

func insertSession(ctx context.Context, d *db.DB, token string, data []byte, expiry time.Time, v *visit) error {
	return d.Read(ctx).Exec(`INSERT INTO sessions (token, data, expiry, site, agent, stage, via, vouched) VALUES (?, ?, ?, nullif(?, ''), ?, ?, ?, ?)`,
		token, data, expiry, v.stored.site, v.agent, v.stage, v.origin.via, v.origin.vouched).Error
}

// prolongSession never inserts: a session that was ended meanwhile stays ended.
func prolongSession(ctx context.Context, d *db.DB, token string, expiry time.Time) error {
	return d.Read(ctx).Exec(`UPDATE sessions SET expiry = ?, seen_at = current_timestamp WHERE token = ? AND NOT locked`, expiry, token).Error
}

func lockSession(ctx context.Context, d *db.DB, token string) error {
	return d.Read(ctx).Exec(`UPDATE sessions SET locked = true WHERE token = ?`, token).Error
}

func moveSession(ctx context.Context, d *db.DB, token string, site id.Dealer) error {
	return d.Read(ctx).Exec(`UPDATE sessions SET site = ? WHERE token = ?`, site, token).Error
}

// endSessionTx ends one session of a user by the name in his list.
func endSessionTx(tx *db.Tx, who id.User, public string) (bool, error) {
	return db.Changed(tx.DB, `DELETE FROM sessions WHERE public::text = ? AND substring(data FROM 1 FOR 36) = convert_to(?, 'UTF8')`, public, who)
}

func endOtherSessionsTx(tx *db.Tx, who id.User, here string) error {
	return tx.Exec(`DELETE FROM sessions WHERE public::text <> ? AND substring(data FROM 1 FOR 36) = convert_to(?, 'UTF8')`, here, who).Error
}

func insertClientTx(tx *db.Tx, r clientRow, name string) error {
	err := tx.Exec(`INSERT INTO api_clients (id, dealer, name, secret_hash, cars, created_at) VALUES (?, nullif(?, ''), ?, ?, ?, ?)`,
		r.ID, r.Dealer, name, r.SecretHash, r.Cars, tx.Now).Error
	if db.Constraint(err) == "api_clients_dealer_fkey" {
		return ErrNoDealer
	}
	return err
}

func allowReportsTx(tx *db.Tx, c id.APIClient) (bool, error) {
	return db.Changed(tx.DB, `UPDATE api_clients SET reports = true WHERE id = ? AND revoked_at IS NULL`, c)
}

func allowStockTx(tx *db.Tx, c id.APIClient) (bool, error) {
	return db.Changed(tx.DB, `UPDATE api_clients SET stock = true WHERE id = ? AND revoked_at IS NULL`, c)
}

func allowCarsTx(tx *db.Tx, c id.APIClient) (bool, error) {
	return db.Changed(tx.DB, `UPDATE api_clients SET cars = true WHERE id = ? AND revoked_at IS NULL`, c)
}

func revokeClientTx(tx *db.Tx, c id.APIClient) (bool, error) {
	return db.Changed(tx.DB, `UPDATE api_clients SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?`, tx.Now, c)
}

func revokeTokenTx(tx *db.Tx, jti string, until time.Time) error {
	return tx.Exec(`INSERT INTO revoked_tokens (jti, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, jti, until).Error
}

// SweepTx removes sessions and revocations that are over. A periodic job calls it: there is no
// goroutine of ours that would have to be stopped.
func SweepTx(tx *db.Tx) error {
	if err := tx.Exec(`DELETE FROM sessions WHERE expiry <= current_timestamp`).Error; err != nil {
		return err
	}
	if err := tx.Exec(`DELETE FROM passkey_challenges WHERE expires_at <= current_timestamp`).Error; err != nil {
		return err
	}
	if err := tx.Exec(`DELETE FROM sso_attempts WHERE expires_at <= current_timestamp`).Error; err != nil {
		return err
	}
	return tx.Exec(`DELETE FROM revoked_tokens WHERE expires_at < ?`, tx.Now).Error
}
