package world

import (
	"cmp"
	"time"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type holdRow struct {
	Brand, Market, Model, Feature, Until, Reason, ChangedBy string
	ChangedAt                                               time.Time
}

const selectHolds = `SELECT brand, market, model, feature, coalesce(until::text, '') AS until, reason, changed_by, changed_at FROM range_holds`

func (r holdRow) held() Held {
	return Held{Brand: id.Brand(r.Brand), Market: id.Market(r.Market), Model: id.Model(r.Model),
		Hold:      configurator.Hold{Feature: id.Feature(r.Feature), Until: market.Date(r.Until), Because: r.Reason},
		ChangedBy: r.ChangedBy, ChangedAt: r.ChangedAt}
}

func compareHeld(a, b Held) int {
	return cmp.Or(cmp.Compare(a.Brand, b.Brand), cmp.Compare(a.Market, b.Market), cmp.Compare(a.Model, b.Model), cmp.Compare(a.Feature, b.Feature))
}

func readHolds(g *gorm.DB) (map[holdKey][]Held, error) {
	var rows []holdRow
	err := g.Raw(selectHolds + ` ORDER BY brand, market, model, feature`).Scan(&rows).Error
	out := map[holdKey][]Held{}
	for _, r := range rows {
		h := r.held()
		k := holdKey{h.Brand, h.Market, h.Model}
		out[k] = append(out[k], h)
	}
	return out, err
}

// HeldTx lists what is held of a model in a market.
func HeldTx(tx *db.Tx, b id.Brand, m id.Market, model id.Model) ([]Held, error) {
	var rows []holdRow
	err := tx.Raw(selectHolds+` WHERE brand = ? AND market = ? AND model = ? ORDER BY feature`, b, m, model).Scan(&rows).Error
	var out []Held
	for _, r := range rows {
		out = append(out, r.held())
	}
	return out, err
}

func writeHold(tx *db.Tx, h Held) error {
	return tx.Exec(`INSERT INTO range_holds (brand, market, model, feature, until, reason, changed_by, changed_at) VALUES (?, ?, ?, ?, nullif(?, '')::date, ?, ?, ?)
		ON CONFLICT (brand, market, model, feature) DO UPDATE SET until = excluded.until, reason = excluded.reason, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
		h.Brand, h.Market, h.Model, h.Feature, h.Until, h.Because, h.ChangedBy, tx.Now).Error
}

func dropHold(tx *db.Tx, h Held) error {
	return tx.Exec(`DELETE FROM range_holds WHERE brand = ? AND market = ? AND model = ? AND feature = ?`, h.Brand, h.Market, h.Model, h.Feature).Error
}
