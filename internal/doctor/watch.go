package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"forecourt/internal/platform/db"
)

// Watch glances at the invariants every minute, once over all instances, and keeps the outcome where all of
// them find it.
type Watch struct {
	DB  *db.DB
	Log *slog.Logger
	// Before puts in order what code of before left out, so that it is not taken for a fault; may be nil.
	Before func(context.Context) error

	mu   sync.Mutex
	last Report
}

// Turn glances when no instance has in this minute, and tells in one error what is newly broken. In any case
// it reads the last outcome.
func (w *Watch) Turn(ctx context.Context) error {
	// The database's clock, which all instances share, and not the domain's, which a demo may turn.
	mine, err := db.Changed(w.DB.Read(ctx), `UPDATE examinations SET claimed_at = clock_timestamp() WHERE claimed_at < clock_timestamp() - interval '55 seconds'`)
	if err != nil {
		return err
	}
	before, err := w.read(ctx)
	if err != nil || !mine {
		return err
	}
	var failed error // no reason not to look
	if w.Before != nil {
		failed = w.Before(ctx)
	}
	now, err := Glance(ctx, w.DB)
	if err != nil {
		return errors.Join(failed, err)
	}
	w.tell(ctx, before, now)
	return errors.Join(failed, w.write(ctx, now))
}

// tell writes one line for all that is broken now and was not before.
func (w *Watch) tell(ctx context.Context, before, now Report) {
	known := before.Broken()
	var fresh, rows []string
	for _, f := range now.Invariants {
		if f.Violations > 0 && !f.Warning && !slices.Contains(known, f.Name) {
			fresh = append(fresh, strings.TrimSpace(f.Number+" "+f.Name))
			rows = append(rows, fmt.Sprintf("%s: %d, %s", f.Name, f.Violations, strings.Join(f.Rows, " ")))
		}
	}
	if len(fresh) > 0 {
		w.Log.ErrorContext(ctx, "invariants are broken", "invariants", strings.Join(fresh, ", "), "rows", strings.Join(rows, "; "))
	}
}

func (w *Watch) read(ctx context.Context) (Report, error) {
	var doc string
	var r Report
	if _, err := db.One(w.DB.Read(ctx), &doc, `SELECT report FROM examinations WHERE report IS NOT NULL`); err != nil || doc == "" {
		return r, err
	}
	if err := json.Unmarshal([]byte(doc), &r); err != nil {
		return r, fmt.Errorf("doctor: last report: %w", err)
	}
	w.keep(r)
	return r, nil
}

func (w *Watch) write(ctx context.Context, r Report) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return err
	}
	w.keep(r)
	return w.DB.Read(ctx).Exec(`UPDATE examinations SET report = ?`, string(doc)).Error
}

func (w *Watch) keep(r Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = r
}

// Last is the last outcome that this instance knows of; its time is zero when there is none.
func (w *Watch) Last() Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}
