package dealer_test

import (
	"strings"
	"testing"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/dbtest"
)

// An order that was put aside leaves the list, is found under its tab and by its number, and comes back by itself.
func TestAnOrderIsPutAside(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	b.walk(o, s, ordering.Accepted)
	at := "/dealer/orders/" + o.Number
	listed := func(path string) bool { return strings.Contains(s.get(path).body, o.Number) }
	if a := s.post(at+"/snooze", form("for", "ever")); a.status != 422 || !strings.Contains(a.body, "Choose for how long") {
		t.Errorf("for ever: %d", a.status)
	}
	if a := s.post(at+"/snooze", form("for", "days")); a.status != 303 {
		t.Fatalf("put aside: %d %s", a.status, a.body)
	}
	if listed("/dealer") || !listed("/dealer?tab=snoozed") || !listed("/dealer?tab=work") || !listed("/dealer?q="+o.Number) {
		t.Error("it is not where it should be")
	}
	dbtest.Clock(t, b.db).Advance(5 * 24 * time.Hour)
	if !listed("/dealer") || listed("/dealer?tab=snoozed") {
		t.Error("it did not come back")
	}
	if a := s.post(at+"/snooze", form("for", "days")); a.status != 303 || listed("/dealer") {
		t.Fatalf("again: %d", a.status)
	}
	if a := s.post(at+"/snooze", form("for", "now")); a.status != 303 || !listed("/dealer") {
		t.Errorf("taken up: %d", a.status)
	}
}

func TestAnOfferIsNotPutAsideForTooLong(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	at := "/dealer/orders/" + o.Number
	if a := s.post(at+"/snooze", form("for", "days")); a.status != 422 || !strings.Contains(a.body, "answered before that") {
		t.Errorf("beyond its end: %d", a.status)
	}
	if a := s.post(at+"/snooze", form("for", "hour")); a.status != 303 {
		t.Errorf("an hour: %d", a.status)
	}
	if a := b.staffOf(london).post(at+"/snooze", form("for", "hour")); a.status != 404 {
		t.Errorf("another dealer's: %d", a.status)
	}
}
