package identity

import (
	"context"
	"encoding/json"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"github.com/go-webauthn/webauthn/webauthn"
	"gorm.io/gorm"
)

type totpRow struct {
	Sealed   []byte
	On       bool
	LastStep int64
	Epoch    int64 // of the database: phones keep the true time, the clock of a demo may not
}

func totpOf(g *gorm.DB, who id.User) (totpRow, bool, error) {
	var r totpRow
	ok, err := db.One(g, &r, `SELECT sealed, confirmed_at IS NOT NULL AS "on", last_step, floor(extract(epoch FROM clock_timestamp()))::bigint AS epoch FROM user_totp WHERE user_id = ?`, who)
	return r, ok, err
}

// beginTotpTx keeps a new secret that waits for its first code; one that waits already stays, so that a page
// that is loaded again shows the same.
func beginTotpTx(tx *db.Tx, who id.User, sealed []byte) error {
	return tx.Exec(`INSERT INTO user_totp (user_id, sealed, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, who, sealed, tx.Now).Error
}

func confirmTotpTx(tx *db.Tx, who id.User, step int64) (bool, error) {
	if err := hasSecondTx(tx, who); err != nil {
		return false, err
	}
	return db.Changed(tx.DB, `UPDATE user_totp SET confirmed_at = ?, last_step = ? WHERE user_id = ? AND confirmed_at IS NULL`, tx.Now, step, who)
}

// hasSecondTx notes that what a reset took away is there again.
func hasSecondTx(tx *db.Tx, who id.User) error {
	return tx.Exec(`UPDATE users SET second_due = false WHERE id = ? AND second_due`, who).Error
}

// endFactorsTx takes every second factor of an account away: who has the phone does not get in by it any more.
func endFactorsTx(tx *db.Tx, who id.User) error {
	if err := endTotpTx(tx, who); err != nil {
		return err
	}
	return tx.Exec(`DELETE FROM passkeys WHERE user_id = ?`, who).Error
}

// takeStep uses a code up: of two that send the same one only one gets in.
func takeStep(ctx context.Context, d *db.DB, who id.User, step int64) (bool, error) {
	return db.Changed(d.Read(ctx), `UPDATE user_totp SET last_step = ? WHERE user_id = ? AND confirmed_at IS NOT NULL AND last_step < ?`, step, who, step)
}

func takeCodeTx(tx *db.Tx, who id.User, hash []byte) (bool, error) {
	return db.Changed(tx.DB, `UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND hash = ? AND used_at IS NULL`, tx.Now, who, hash)
}

func replaceCodesTx(tx *db.Tx, who id.User, hashes [][]byte) error {
	if err := tx.Exec(`DELETE FROM recovery_codes WHERE user_id = ?`, who).Error; err != nil {
		return err
	}
	for _, h := range hashes {
		if err := tx.Exec(`INSERT INTO recovery_codes (user_id, hash) VALUES (?, ?)`, who, h).Error; err != nil {
			return err
		}
	}
	return nil
}

func endTotpTx(tx *db.Tx, who id.User) error {
	if err := tx.Exec(`DELETE FROM recovery_codes WHERE user_id = ?`, who).Error; err != nil {
		return err
	}
	return tx.Exec(`DELETE FROM user_totp WHERE user_id = ?`, who).Error
}

func factorsOf(g *gorm.DB, who id.User) (Held, error) {
	var r struct {
		Totp  bool
		Codes int
	}
	_, err := db.One(g, &r, `SELECT EXISTS (SELECT 1 FROM user_totp WHERE user_id = @u AND confirmed_at IS NOT NULL) AS totp,
		(SELECT count(*) FROM recovery_codes WHERE user_id = @u AND used_at IS NULL) AS codes`, map[string]any{"u": who})
	if err != nil {
		return Held{}, err
	}
	h := Held{TOTP: r.Totp, Codes: r.Codes}
	err = g.Raw(`SELECT id, name, created_at, coalesce(last_used_at, created_at) AS used_at, last_used_at IS NOT NULL AS used FROM passkeys WHERE user_id = ? ORDER BY created_at, id`, who).Scan(&h.Passkeys).Error
	return h, err
}

func credentialsOf(g *gorm.DB, who id.User) ([]webauthn.Credential, error) {
	var docs []string
	if err := g.Raw(`SELECT doc::text FROM passkeys WHERE user_id = ? ORDER BY created_at, id`, who).Scan(&docs).Error; err != nil {
		return nil, err
	}
	out := make([]webauthn.Credential, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal([]byte(doc), &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func insertPasskeyTx(tx *db.Tx, who id.User, c *webauthn.Credential, name string) error {
	doc, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := hasSecondTx(tx, who); err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO passkeys (id, user_id, credential, doc, name, created_at) VALUES (?, ?, ?, ?, ?, ?)`, id.New[string](), who, c.ID, string(doc), name, tx.Now).Error
	if db.Constraint(err) == "passkeys_credential_key" {
		return ErrPasskey
	}
	return err
}

// usedPasskeyTx keeps the counter of a key that was used; false when it was revoked meanwhile.
func usedPasskeyTx(tx *db.Tx, who id.User, c *webauthn.Credential) (bool, error) {
	doc, err := json.Marshal(c)
	if err != nil {
		return false, err
	}
	return db.Changed(tx.DB, `UPDATE passkeys SET doc = ?, last_used_at = ? WHERE credential = ? AND user_id = ?`, string(doc), tx.Now, c.ID, who)
}

func endPasskeyTx(tx *db.Tx, who id.User, key string) (bool, error) {
	return db.Changed(tx.DB, `DELETE FROM passkeys WHERE id::text = ? AND user_id = ?`, key, who)
}

// challengeLife is how long a device may take, by the database's clock.
const challengeLife = 5 * time.Minute

func keepChallenge(ctx context.Context, d *db.DB, who id.User, s *webauthn.SessionData) (string, error) {
	doc, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	key := id.New[string]()
	return key, d.Read(ctx).Exec(`INSERT INTO passkey_challenges (id, user_id, doc, expires_at) VALUES (?, nullif(?, '')::uuid, ?, current_timestamp + make_interval(secs => ?))`,
		key, who, string(doc), challengeLife.Seconds()).Error
}

// takeChallenge gives a challenge once: an answer that is sent again finds none.
func takeChallenge(ctx context.Context, d *db.DB, who id.User, key string) (webauthn.SessionData, bool, error) {
	var doc string
	var s webauthn.SessionData
	if !id.IsKey(key) {
		return s, false, nil
	}
	ok, err := db.One(d.Read(ctx), &doc, `DELETE FROM passkey_challenges WHERE id = ? AND user_id IS NOT DISTINCT FROM nullif(?, '')::uuid AND expires_at > current_timestamp RETURNING doc::text`, key, who)
	if err != nil || !ok {
		return s, false, err
	}
	return s, true, json.Unmarshal([]byte(doc), &s)
}
