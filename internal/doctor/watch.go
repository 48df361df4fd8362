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

// Watch glances at the invariants every minute and looks through everything every night, once over all instances,
// and keeps the outcomes where all of them find them.
type Watch struct {
	DB  *db.DB
	Log *slog.Logger
	// Before puts in order what code of before left out, so that it is not taken for a fault; may be nil.
	Before func(context.Context) error

	// Bank compares our books with the card bank's balance and names the payments that differ; nil leaves it out.
	Bank func(context.Context) ([]string, error)

	mu         sync.Mutex
	last, full Report
}

// balanced is what only a look at the bank's balance can show; every provider has one.
var balanced = Invariant{"I2", "bank_balance", "the card bank's balance and our ledger agree, payment by payment", ""}

// Night makes the full look: the bank's balance first, then every row however old. It tells in one line what is
// broken, and keeps the outcome for all instances.
func (w *Watch) Night(ctx context.Context) error {
	var differ []string
	if w.Bank != nil {
		var err error
		if differ, err = w.Bank(ctx); err != nil {
			return err
		}
	}
	r, err := Examine(ctx, w.DB)
	if err != nil {
		return err
	}
	if w.Bank != nil {
		f := Finding{Number: balanced.Number, Name: balanced.Name, Text: balanced.Text, Violations: int64(len(differ)), Rows: differ[:min(len(differ), MostRows)]}
		r.Invariants, r.Healthy = append(r.Invariants, f), r.Healthy && len(differ) == 0
	}
	w.tell(ctx, Report{}, r)
	doc, err := json.Marshal(r)
	if err != nil {
		return err
	}
	w.keep(w.Last(), r)
	return w.DB.Read(ctx).Exec(`UPDATE examinations SET full_report = ?`, string(doc)).Error
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

// Read takes over the outcomes that other instances found.
func (w *Watch) Read(ctx context.Context) error {
	_, err := w.read(ctx)
	return err
}

// Looks reads the outcomes of the last look and of the last full one; the time of one that was never made is zero.
func (w *Watch) Looks(ctx context.Context) (last, full Report, err error) {
	err = w.Read(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last, w.full, err
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
	var docs struct{ Report, Full string }
	if _, err := db.One(w.DB.Read(ctx), &docs, `SELECT coalesce(report::text, '') AS report, coalesce(full_report::text, '') AS full FROM examinations`); err != nil {
		return Report{}, err
	}
	var r, full Report
	for _, x := range []struct {
		doc  string
		into *Report
	}{{docs.Report, &r}, {docs.Full, &full}} {
		if x.doc == "" {
			continue
		}
		if err := json.Unmarshal([]byte(x.doc), x.into); err != nil {
			return r, fmt.Errorf("doctor: last report: %w", err)
		}
	}
	w.keep(r, full)
	return r, nil
}

func (w *Watch) write(ctx context.Context, r Report) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return err
	}
	w.keep(r, w.LastFull())
	return w.DB.Read(ctx).Exec(`UPDATE examinations SET report = ?`, string(doc)).Error
}

func (w *Watch) keep(r, full Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last, w.full = r, full
}

// Last is the last outcome that this instance knows of; its time is zero when there is none.
func (w *Watch) Last() Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// LastFull is the outcome of the last full look that this instance knows of; its time is zero when there is none.
func (w *Watch) LastFull() Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.full
}
