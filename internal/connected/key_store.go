package connected

import (
	"crypto/ed25519"
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/identity/cartoken"
	"forecourt/internal/platform/db"
)

// AddKeyTx lets a vehicle sign with a key and gives the key's name. The same key again is fine; ErrKey for the key of another
// vehicle, and for one that was revoked.
func AddKeyTx(tx *db.Tx, v id.Vehicle, public ed25519.PublicKey) (string, error) {
	if len(public) != ed25519.PublicKeySize || !id.IsKey(string(v)) {
		return "", ErrInvalid
	}
	kid := cartoken.KeyID(public)
	err := tx.Exec(`INSERT INTO car_keys (kid, vehicle_id, public, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, kid, v, []byte(public), tx.Now).Error
	if err != nil {
		return "", fmt.Errorf("connected: add key: %w", err)
	}
	var his bool
	if _, err := db.One(tx.DB, &his, `SELECT vehicle_id = ? AND public = ? AND revoked_at IS NULL FROM car_keys WHERE kid = ?`, v, []byte(public), kid); err != nil {
		return "", err
	}
	if !his {
		return "", ErrKey
	}
	return kid, nil
}

// RevokeKeyTx ends a key of a vehicle: what it signed is refused from now on. It can not be undone.
func RevokeKeyTx(tx *db.Tx, v id.Vehicle, kid string) error {
	return tx.Exec(`UPDATE car_keys SET revoked_at = coalesce(revoked_at, ?) WHERE kid = ? AND vehicle_id = ?`, tx.Now, kid, v).Error
}
