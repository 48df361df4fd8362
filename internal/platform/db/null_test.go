package db_test

import (
	"testing"
	"time"

	"forecourt/internal/platform/db"
)

func TestWhatIsNullIsZero(t *testing.T) {
	t.Parallel()
	if db.OrNull("") != nil || *db.OrNull("x") != "x" || db.OrNull(0) != nil || *db.OrNull(7) != 7 {
		t.Error("values")
	}
	now := time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)
	if db.TimeOrNull(time.Time{}) != nil || db.TimeOrNull(time.Time{}.In(time.FixedZone("x", 60))) != nil || !db.TimeOrNull(now).Equal(now) {
		t.Error("instants")
	}
	if db.OrZero[string](nil) != "" || db.OrZero(db.OrNull("x")) != "x" || !db.OrZero(&now).Equal(now) {
		t.Error("columns")
	}
}
