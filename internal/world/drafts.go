package world

import (
	"context"
	"fmt"
	"time"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/filecheck"
)

// DraftID is the key of a range draft.
type DraftID string

// Draft is a range file that somebody tries before it goes live.
type Draft struct {
	ID     DraftID
	Brand  id.Brand
	Model  id.Model
	File   string // as it was written; empty in lists
	MadeBy string
	MadeAt time.Time
	Report []DraftReport
	Order  []string // in which it was compiled
}

// DraftReport is what a publication of a draft would say of one market.
type DraftReport struct {
	Market    id.Market           `json:"market"`
	From      market.Date         `json:"from"`
	Signature string              `json:"signature"`
	Report    configurator.Report `json:"report"`
}

// ErrNoDraft is a draft that never was or was dropped.
var ErrNoDraft = fault.New(fault.NotFound, "fault.not_found", "world.Draft")

// keptDrafts of a model; the oldest go when there are more.
const keptDrafts = 20

// SaveDraft reads, compiles and keeps a range file. It answers *Refused with every mistake and its
// line when the file is not to be published; then nothing is kept.
func SaveDraft(ctx context.Context, d *db.DB, w *World, b id.Brand, m id.Model, file, by string, now time.Time, budget configurator.Budget) (*Draft, error) {
	r, err := decodeDraft(b, m, file)
	if err != nil {
		return nil, err
	}
	es, err := Prepare(ctx, w, r, now, budget)
	if err != nil {
		return nil, Refusal(draftName(b, m), []byte(file), r, budget, err)
	}
	out := &Draft{ID: id.New[DraftID](), Brand: b, Model: m, File: file, MadeBy: by, MadeAt: now, Order: r.VariableOrder}
	for _, e := range es {
		out.Report = append(out.Report, DraftReport{e.Market, e.From, e.Signature, e.Report})
	}
	return out, d.InTx(ctx, func(_ context.Context, tx *db.Tx) error { return writeDraftTx(tx, out) })
}

func draftName(b id.Brand, m id.Model) string { return fmt.Sprintf("%s/%s.yaml", b, m) }

func decodeDraft(b id.Brand, m id.Model, file string) (*catalogue.Range, error) {
	r, problems := catalogue.DecodeRange(draftName(b, m), []byte(file))
	if len(problems) == 0 && (r.Brand != b || r.Model != m) {
		problems = append(problems, filecheck.Problem{File: draftName(b, m), Line: 1, Reason: fmt.Sprintf("this is the file of %s/%s", r.Brand, r.Model)})
	}
	if len(problems) > 0 {
		return nil, &Refused{Problems: problems}
	}
	return r, nil
}

// Range is the range of a draft, laid out as it was compiled.
func (d *Draft) Range() (*catalogue.Range, error) {
	r, err := decodeDraft(d.Brand, d.Model, d.File)
	if err != nil {
		return nil, err
	}
	r.VariableOrder = d.Order
	return r, nil
}
