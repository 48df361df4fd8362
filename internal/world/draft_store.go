package world

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
)

type draftRow struct {
	ID, Brand, Model, File, MadeBy string
	MadeAt                         time.Time
	Report                         []byte
}

type draftDoc struct {
	Markets []DraftReport `json:"markets"`
	Order   []string      `json:"order"`
}

func (r draftRow) draft() (Draft, error) {
	var doc draftDoc
	err := json.Unmarshal(r.Report, &doc)
	return Draft{ID: DraftID(r.ID), Brand: id.Brand(r.Brand), Model: id.Model(r.Model), File: r.File,
		MadeBy: r.MadeBy, MadeAt: r.MadeAt, Report: doc.Markets, Order: doc.Order}, err
}

func writeDraftTx(tx *db.Tx, d *Draft) error {
	doc, err := json.Marshal(draftDoc{d.Report, d.Order})
	if err != nil {
		return err
	}
	err = tx.Exec(`INSERT INTO range_drafts (id, brand, model, file, made_by, made_at, report) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		d.ID, d.Brand, d.Model, d.File, d.MadeBy, d.MadeAt, string(doc)).Error
	if err != nil {
		return err
	}
	return tx.Exec(`DELETE FROM range_drafts WHERE id IN (SELECT id FROM range_drafts WHERE brand = ? AND model = ? ORDER BY made_at DESC, id DESC OFFSET ?)`,
		d.Brand, d.Model, keptDrafts).Error
}

// Drafts lists the drafts of a model without their files, newest first.
func Drafts(ctx context.Context, d *db.DB, b id.Brand, m id.Model) ([]Draft, error) {
	var rows []draftRow
	err := d.Read(ctx).Raw(`SELECT id, brand, model, made_by, made_at, report FROM range_drafts WHERE brand = ? AND model = ? ORDER BY made_at DESC, id DESC`, b, m).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]Draft, len(rows))
	for i, r := range rows {
		if out[i], err = r.draft(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// DraftBy reads one draft.
func DraftBy(ctx context.Context, d *db.DB, key DraftID) (*Draft, error) {
	if !id.IsKey(string(key)) {
		return nil, ErrNoDraft
	}
	var r draftRow
	ok, err := db.One(d.Read(ctx), &r, `SELECT id, brand, model, file, made_by, made_at, report FROM range_drafts WHERE id = ?`, key)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNoDraft
	}
	out, err := r.draft()
	return &out, err
}

// DropDraft forgets a draft; one that is gone already is fine.
func DropDraft(ctx context.Context, d *db.DB, key DraftID) error {
	if !id.IsKey(string(key)) {
		return nil
	}
	return d.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		return tx.Exec(`DELETE FROM range_drafts WHERE id = ?`, key).Error
	})
}

// noRow turns an empty answer into what is missing.
func noRow(err, missing error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return err
}
