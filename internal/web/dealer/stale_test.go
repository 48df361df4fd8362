package dealer_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
)

// Whoever presses accept on a page from before reads what happened meanwhile and what to do now.
func TestAStaleAcceptIsExplained(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	stale := func(number, want string) {
		t.Helper()
		if a := s.post("/dealer/orders/"+number+"/accept", form()); a.status != 409 || !strings.Contains(a.body, want) || strings.Contains(a.body, "Zebedee") {
			t.Errorf("accept: %d without %q", a.status, want)
		}
		if a := s.post("/dealer/orders/"+number+"/decline", form("reason", "staff")); a.status != 409 {
			t.Errorf("decline: %d", a.status)
		}
	}
	colleague := b.offer(leeds)
	if a := s.post("/dealer/orders/"+colleague.Number+"/accept", form()); a.status != 303 {
		t.Fatalf("accept: %d", a.status)
	}
	if a := s.post("/dealer/orders/"+colleague.Number+"/accept", form()); a.status != 409 || !strings.Contains(a.body, "answered meanwhile, by a colleague or in another tab") {
		t.Errorf("accepted by a colleague: %d", a.status)
	}
	left := b.offer(leeds)
	if err := b.db.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return b.cars.CancelTx(ctx, tx, left.ID) }); err != nil {
		t.Fatal(err)
	}
	stale(left.Number, "The buyer left or went to another dealer")
	silent := b.offer(leeds, london)
	dbtest.Clock(t, b.db).Advance(30 * time.Hour)
	if err := b.cars.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	stale(silent.Number, "Nobody here answered in time, and it went on to the next dealer")
}
