package world

import (
	"context"
	"encoding/json"
	"fmt"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
)

// Import writes a checked world in one transaction. It is idempotent: the same files change nothing.
// New shops get the switch state first; switches that exist are never touched, nor is any order.
// It answers whether anything was written.
func Import(ctx context.Context, d *db.DB, f *Files, first market.State) (bool, error) {
	changed := false
	err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var v versionRow
		// The row lock makes two imports wait for one another.
		if _, err := db.One(tx.DB, &v, `SELECT version, digest FROM world_version FOR UPDATE`); err != nil {
			return err
		}
		if changed = v.Digest != f.Digest; !changed {
			return nil
		}
		if err := f.write(tx, first); err != nil {
			return err
		}
		if err := tx.Exec(`UPDATE world_version SET digest = ?`, f.Digest).Error; err != nil {
			return err
		}
		return TouchStaticTx(tx)
	})
	if err != nil {
		return false, fmt.Errorf("world: import: %w", err)
	}
	return changed, nil
}

func (f *Files) write(tx *db.Tx, first market.State) error {
	for _, b := range f.Brands {
		if err := upsert(tx, `INSERT INTO brands (code, doc) VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET doc = excluded.doc`, b, b.Code); err != nil {
			return err
		}
	}
	for _, m := range f.Markets {
		// The currency is part of foreign keys of orders: changing it is refused by the schema.
		if err := upsert(tx, `INSERT INTO markets (code, currency, doc) VALUES (?, ?, ?) ON CONFLICT (code) DO UPDATE SET currency = excluded.currency, doc = excluded.doc`, m, m.Code, m.Currency); err != nil {
			return err
		}
	}
	if err := f.writeDealers(tx); err != nil {
		return err
	}
	if err := tx.Exec(`DELETE FROM places`).Error; err != nil {
		return err
	}
	for code, ps := range f.Places {
		for _, p := range ps {
			if err := tx.Exec(`INSERT INTO places (market, kind, name, lat, lon) VALUES (?, ?, ?, ?, ?)`, code, p.Kind, p.Name, p.Lat, p.Lon).Error; err != nil {
				return err
			}
		}
	}
	if err := f.writeRanges(tx); err != nil {
		return err
	}
	if err := aftersales.SaveBookTx(tx, f.Service); err != nil {
		return err
	}
	for _, b := range f.Brands {
		for _, m := range f.Markets {
			for flow := range m.Flows {
				if err := tx.Exec(`INSERT INTO switches (brand, market, flow, state, reason, changed_at) VALUES (?, ?, ?, ?, 'import', ?) ON CONFLICT DO NOTHING`,
					b.Code, m.Code, flow, first, tx.Now).Error; err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// writeRanges writes the ranges whose files changed, with what was compiled from them. A range that was
// published since stays until its own file changes. Orders keep their own snapshot, so a model that is
// in the files no more may leave the catalogue at any time; one that never was in them stays.
func (f *Files) writeRanges(tx *db.Tx) error {
	var rows []struct{ Brand, Model, Source string }
	err := tx.Raw(`SELECT brand, model, source FROM ranges`).Scan(&rows).Error
	if err != nil {
		return err
	}
	have := map[rangeKey]string{}
	for _, r := range rows {
		have[rangeKey{id.Brand(r.Brand), id.Model(r.Model)}] = r.Source
	}
	for _, r := range f.Ranges {
		k := rangeKey{r.Brand, r.Model}
		source, ok := have[k]
		delete(have, k)
		if ok && source == f.sources[r] {
			continue
		}
		if err := writeRangeTx(tx, Ready{Range: r, Editions: f.compiled[r]}, publication{by: "import", source: f.sources[r]}); err != nil {
			return err
		}
	}
	for k := range have {
		if err := tx.Exec(`DELETE FROM ranges WHERE brand = ? AND model = ? AND (source <> '' OR NOT EXISTS
			(SELECT 1 FROM range_publications p WHERE p.brand = ranges.brand AND p.model = ranges.model))`, k.brand, k.model).Error; err != nil {
			return err
		}
	}
	return nil
}

// writeDealers keeps dealers that are no longer in the files, because orders name them, but takes
// them out of every flow.
func (f *Files) writeDealers(tx *db.Tx) error {
	if err := tx.Exec(`UPDATE dealers SET doc = jsonb_set(doc, '{takes}', '{}')`).Error; err != nil {
		return err
	}
	for _, d := range f.Dealers {
		d.Staff = nil // logins are made by the demo only, never kept in the document
		// How a group signs in is its own to say: an import names it and leaves the rest alone.
		if err := tx.Exec(`INSERT INTO dealer_groups (code, market, name) VALUES (?, ?, ?) ON CONFLICT (code) DO UPDATE SET name = excluded.name`, d.GroupCode(), d.Market, d.GroupTitle()).Error; err != nil {
			return err
		}
		if err := upsert(tx, `INSERT INTO dealers (code, market, group_code, doc) VALUES (?, ?, ?, ?) ON CONFLICT (code) DO UPDATE SET doc = excluded.doc, group_code = excluded.group_code`, d, d.Code, d.Market, d.GroupCode()); err != nil {
			return err
		}
		if err := network.SeedTx(tx, &d); err != nil {
			return err
		}
	}
	return nil
}

func upsert(tx *db.Tx, query string, doc any, keys ...any) error {
	b, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return tx.Exec(query, append(keys, string(b))...).Error
}
