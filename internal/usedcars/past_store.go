package usedcars

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// AskTx notes that a register is asked for the past of a locked car.
func AskTx(tx *db.Tx, c *Car) error {
	c.AskedAt = tx.Now.Truncate(time.Microsecond) // as the database keeps it: the answer names it
	return tx.Exec(`UPDATE used_cars SET check_asked_at = ? WHERE id = ?`, c.AskedAt, c.ID).Error
}

// KeepReportTx keeps what a register answered about a locked car, and what the odometer said by then; false when it was kept before.
func KeepReportTx(tx *db.Tx, c *Car, r Report) (bool, error) {
	read, err := json.Marshal(r.Readings)
	if err != nil {
		return false, err
	}
	fresh, err := db.Changed(tx.DB, `INSERT INTO used_checks (car, asked_at, vin, source, reference, finance, written_off, stolen, owners, readings, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (car, asked_at) DO NOTHING`, c.ID, c.AskedAt, c.VIN, r.Source, r.Reference, r.Finance, r.WrittenOff, r.Stolen, r.Owners, string(read), tx.Now)
	if err != nil || !fresh {
		return false, err
	}
	for _, x := range r.Readings {
		if err := tx.Exec(`INSERT INTO used_mileages (vin, read_on, km, source, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, c.VIN, string(x.On), x.Km, x.Source, tx.Now).Error; err != nil {
			return false, fmt.Errorf("usedcars: reading: %w", err)
		}
	}
	return true, nil
}

// FlagsOf are the red flags of a car.
func FlagsOf(g *gorm.DB, key id.UsedCar) ([]string, error) {
	w, err := WholeOf(g, key)
	if err != nil {
		return nil, err
	}
	return w.Flags(), nil
}

// Unasked are cars of a market that are on offer and about which no register was asked since an instant, those asked longest
// ago first.
func Unasked(g *gorm.DB, m id.Market, since time.Time, most int) ([]id.UsedCar, error) {
	var out []id.UsedCar
	err := g.Raw(`SELECT id FROM used_cars WHERE market = ? AND state = 'listed' AND (check_asked_at IS NULL OR check_asked_at < ?) ORDER BY check_asked_at NULLS FIRST LIMIT ?`, m, since, most).Scan(&out).Error
	return out, err
}
