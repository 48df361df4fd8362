package connected

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity/cartoken"
	"forecourt/internal/platform/db"
)

// Seed is a car of a simulation: its key, and its keeper, who agrees to everything.
type Seed struct {
	Vehicle id.Vehicle
	Keeper  id.Keeper
	Public  ed25519.PublicKey
}

// SeedTx lets many cars sign and their keepers agree to all kinds of signals. Who has said anything before is left alone.
func SeedTx(tx *db.Tx, seeds []Seed) error {
	type row struct {
		Kid     string     `json:"kid"`
		Vehicle id.Vehicle `json:"v"`
		Keeper  id.Keeper  `json:"k"`
		Public  []byte     `json:"p"` // base64
	}
	rows, all := make([]row, len(seeds)), map[Kind]time.Time{}
	for i, s := range seeds {
		rows[i] = row{cartoken.KeyID(s.Public), s.Vehicle, s.Keeper, s.Public}
	}
	for _, k := range Kinds {
		all[k] = tx.Now
	}
	const from = ` FROM json_to_recordset(CAST(@rows AS json)) AS x (kid text, v uuid, k uuid, p text)`
	for _, q := range []string{
		`INSERT INTO car_keys (kid, vehicle_id, public, created_at) SELECT kid, v, decode(p, 'base64'), @now` + from + ` ON CONFLICT DO NOTHING`,
		`INSERT INTO car_consents (keeper_id, kind, given, at) SELECT l.keeper_id, c.kind, true, @now` + from + ` JOIN car_links l ON l.keeper_id = x.k AND l.until IS NULL AND l.consents = '{}', json_array_elements_text(CAST(@kinds AS json)) AS c (kind)`,
		`UPDATE car_links l SET consents = CAST(@all AS jsonb)` + from + ` WHERE l.keeper_id = x.k AND l.until IS NULL AND l.consents = '{}'`,
	} {
		if err := tx.Exec(q, map[string]any{"rows": asJSON(rows), "now": tx.Now, "kinds": asJSON(Kinds), "all": asJSON(all)}).Error; err != nil {
			return fmt.Errorf("connected: seed: %w", err)
		}
	}
	return nil
}
