package world

import (
	"context"
	"encoding/json"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// publication says who publishes and why; source is the digest of the file when it is an import.
type publication struct{ by, note, source string }

func lockStaticTx(tx *db.Tx) error {
	var v versionRow
	_, err := db.One(tx.DB, &v, `SELECT version, digest, static_version FROM world_version FOR UPDATE`)
	return err
}

// TouchStaticTx tells all instances, at commit, to read the reference data anew.
func TouchStaticTx(tx *db.Tx) error {
	if err := tx.Exec(`UPDATE world_version SET static_version = static_version + 1`).Error; err != nil {
		return err
	}
	return TouchTx(tx)
}

// writeRangeTx writes a range, what was compiled from it in place of what was, and the history.
func writeRangeTx(tx *db.Tx, p Ready, by publication) error {
	doc, err := json.Marshal(p.Range)
	if err != nil {
		return err
	}
	b, m := p.Range.Brand, p.Range.Model
	// A publication keeps the digest of the file: an import of the same file must not undo it.
	var digest string
	_, err = db.One(tx.DB, &digest, `INSERT INTO ranges (brand, model, doc, source) VALUES (?, ?, ?, ?)
		ON CONFLICT (brand, model) DO UPDATE SET doc = excluded.doc, source = CASE excluded.source WHEN '' THEN ranges.source ELSE excluded.source END
		RETURNING md5(doc::text)`, b, m, string(doc), by.source)
	if err != nil {
		return err
	}
	if err := tx.Exec(`DELETE FROM range_editions WHERE brand = ? AND model = ?`, b, m).Error; err != nil {
		return err
	}
	for _, e := range p.Editions {
		if err := writeEditionTx(tx, b, m, e, digest, by.by); err != nil {
			return err
		}
	}
	return tx.Exec(`INSERT INTO range_publications (brand, model, published_at, published_by, note, doc) VALUES (?, ?, ?, ?, ?, ?)`,
		b, m, tx.Now, by.by, by.note, string(doc)).Error
}

func writeEditionTx(tx *db.Tx, b id.Brand, m id.Model, e configurator.Edition, digest, by string) error {
	report, err := json.Marshal(e.Report)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO range_editions (brand, model, market, from_date, signature, diagram, report, range_digest, published_at, published_by)
		VALUES (?, ?, ?, ?::date, ?, ?, ?, ?, ?, ?)`, b, m, e.Market, e.From, e.Signature, e.Diagram, string(report), digest, tx.Now, by).Error
}

// publishedOf gives, by market, the signature of what is published first of a model.
func publishedOf(g *gorm.DB, b id.Brand, m id.Model) (map[string]string, error) {
	var rows []struct{ Market, Signature string }
	err := g.Raw(`SELECT DISTINCT ON (market) market, signature FROM range_editions WHERE brand = ? AND model = ? ORDER BY market, from_date`, b, m).Scan(&rows).Error
	out := map[string]string{}
	for _, r := range rows {
		out[r.Market] = r.Signature
	}
	return out, err
}

// newestOf is the newest publication of a model, 0 when it has none.
func newestOf(g *gorm.DB, b id.Brand, m id.Model) (int64, error) {
	var at int64
	err := g.Raw(`SELECT coalesce(max(id), 0) FROM range_publications WHERE brand = ? AND model = ?`, b, m).Scan(&at).Error
	return at, err
}

// History lists the publications of a model, newest first.
func History(ctx context.Context, d *db.DB, b id.Brand, m id.Model) ([]Publication, error) {
	var out []Publication
	err := d.Read(ctx).Raw(`SELECT id, brand, model, published_at, published_by AS by, note FROM range_publications
		WHERE brand = ? AND model = ? ORDER BY id DESC LIMIT 100`, b, m).Scan(&out).Error
	return out, err
}

// RangeOf is the range of a publication, to be looked at or published again.
func RangeOf(ctx context.Context, d *db.DB, publication int64) (*catalogue.Range, error) {
	var doc []byte
	if err := d.Read(ctx).Raw(`SELECT doc FROM range_publications WHERE id = ?`, publication).Row().Scan(&doc); err != nil {
		return nil, noRow(err, ErrNoPublication)
	}
	r := &catalogue.Range{}
	return r, json.Unmarshal(doc, r)
}

// mendTx stores editions of a range in a market in place of those that it has, when nothing was
// published since the picture was made.
func mendTx(tx *db.Tx, static int64, r *catalogue.Range, es []configurator.Edition) error {
	var digest string
	same, err := db.One(tx.DB, &digest, `SELECT md5(doc::text) FROM ranges, world_version WHERE brand = ? AND model = ? AND static_version = ?`, r.Brand, r.Model, static)
	if err != nil || !same {
		return err
	}
	for _, e := range es {
		if err := tx.Exec(`DELETE FROM range_editions WHERE brand = ? AND model = ? AND market = ?`, r.Brand, r.Model, e.Market).Error; err != nil {
			return err
		}
	}
	for _, e := range es {
		if err := writeEditionTx(tx, r.Brand, r.Model, e, digest, "mending"); err != nil {
			return err
		}
	}
	return nil
}
