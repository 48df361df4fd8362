package pulse

import (
	"context"
	"encoding/json"

	"forecourt/internal/platform/db"
)

// Beat writes that a process lives, and how it does.
func Beat(ctx context.Context, d *db.DB, i Instance) error {
	figures, err := json.Marshal(i.Figures)
	if err != nil {
		return err
	}
	return d.Read(ctx).Exec(`INSERT INTO instances (id, role, host, version, schema, figures) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp(), figures = excluded.figures`, i.ID, i.Role, i.Host, i.Version, i.Schema, string(figures)).Error
}

// Leave takes a process off the list that stops in order.
func Leave(ctx context.Context, d *db.DB, id string) error {
	return d.Read(ctx).Exec(`DELETE FROM instances WHERE id = ?`, id).Error
}

// ForgetTx forgets those that fell silent long ago.
func ForgetTx(tx *db.Tx) error {
	return tx.Exec(`DELETE FROM instances WHERE seen_at < clock_timestamp() - make_interval(secs => ?)`, Life.Seconds()).Error
}
