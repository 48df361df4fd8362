package forms

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"regexp"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// ErrKey refuses a form without a usable key, or a key used for another act.
var ErrKey = fault.New(fault.BadRequest, "fault.bad_request", "forms.Once")

// keyForm is the form of a key; the schema checks its length again.
var keyForm = regexp.MustCompile(`^[0-9A-Za-z_-]{16,64}$`)

// IsKey tells whether a form's key has the form of one.
func IsKey(key string) bool { return keyForm.MatchString(key) }

// NewKey makes the key that a page puts into its form.
func NewKey() string {
	b := make([]byte, 18)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Once runs act in a transaction unless key was used before; it answers where to go next, which act
// decides. Two that arrive together wait for one another at the key's row. When act fails nothing
// is kept, so the same form may be sent again.
func Once(ctx context.Context, d *db.DB, key, action string, act func(ctx context.Context, tx *db.Tx) (string, error)) (string, error) {
	if !IsKey(key) {
		return "", ErrKey
	}
	var location string
	err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		fresh, err := db.Changed(tx.DB, `INSERT INTO form_results (key, action, location, created_at) VALUES (?, ?, '', ?) ON CONFLICT DO NOTHING`, key, action, tx.Now)
		if err != nil {
			return err
		}
		if !fresh {
			location, _, err = Before(tx.DB, key, action)
			return err
		}
		if location, err = act(ctx, tx); err != nil {
			return err
		}
		return tx.Exec(`UPDATE form_results SET location = ? WHERE key = ?`, location, key).Error
	})
	if err != nil {
		return "", err
	}
	return location, nil
}
