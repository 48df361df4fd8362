package doctor_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"forecourt/internal/doctor"
	"forecourt/internal/testkit"
)

func TestOneInstanceTakesTheTurnAndAllKnowTheOutcome(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := k.Buy()
	var log bytes.Buffer
	turns := 0
	watch := func() *doctor.Watch {
		return &doctor.Watch{DB: k.DB, Log: slog.New(slog.NewTextHandler(&log, nil)), Before: func(context.Context) error { turns++; return nil }}
	}
	a, b := watch(), watch()
	minute := func() {
		if _, err := k.DB.Pool.Exec(t.Context(), `UPDATE examinations SET claimed_at = clock_timestamp() - interval '1 minute'`); err != nil {
			t.Fatal(err)
		}
		for _, w := range []*doctor.Watch{a, b} {
			if err := w.Turn(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	minute()
	if turns != 1 || !a.Last().Healthy || !b.Last().Healthy || log.Len() > 0 {
		t.Fatalf("%d turns, %t and %t, %s", turns, a.Last().Healthy, b.Last().Healthy, &log)
	}
	if _, err := k.DB.Pool.Exec(t.Context(), `DELETE FROM order_dealers`); err != nil {
		t.Fatal(err)
	}
	for range 3 { // told once, not every minute
		minute()
	}
	if turns != 4 || a.Last().Healthy || b.Last().Healthy || strings.Count(log.String(), "level=ERROR") != 1 {
		t.Fatalf("%d turns, %t and %t, %s", turns, a.Last().Healthy, b.Last().Healthy, &log)
	}
	var entry string
	if err := k.DB.Pool.QueryRow(t.Context(), `SELECT id FROM queue_entries WHERE order_id = $1`, o.ID).Scan(&entry); err != nil {
		t.Fatal(err)
	}
	if s := log.String(); !strings.Contains(s, "I4 offered_only_by_consent") || !strings.Contains(s, entry) {
		t.Errorf("the log names no row: %s", s)
	}
}

func TestWhatFailsBeforeTheGlanceDoesNotPreventIt(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	fail := errors.New("not now")
	w := &doctor.Watch{DB: k.DB, Log: slog.New(slog.DiscardHandler), Before: func(context.Context) error { return fail }}
	if err := w.Turn(t.Context()); !errors.Is(err, fail) || w.Last().At.IsZero() {
		t.Fatal(err, w.Last())
	}
}
