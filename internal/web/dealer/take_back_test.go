package dealer_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
)

// A buyer withdraws after the handover: the dealer finds the task, writes down how the car came back, once, and
// reads what goes back.
func TestACarComesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	at := "/dealer/orders/" + o.Number
	b.walk(o, s, ordering.Ready)
	b.payAll(o, s)
	if a := s.post(at+"/handover", handing(o)); a.status != 303 {
		t.Fatalf("handover: %d", a.status)
	}
	b.tx(func(ctx context.Context, tx *db.Tx) error { return b.cars.WithdrawTx(ctx, tx, o.ID) })
	if a := s.get("/dealer"); !strings.Contains(a.body, `href="`+at) {
		t.Error("the car that comes back is no task of the queue")
	}
	if a := s.get(at); a.status != 200 || !strings.Contains(a.body, `action="`+at+`/take-back"`) || !strings.Contains(a.body, `id="odometer"`) {
		t.Fatalf("the order's page: %d", a.status)
	}
	for field, value := range map[string]string{"odometer": "lots", "damage": "much"} {
		f := form("odometer", "300", "damage", "250.00", "note", "Scratch on the left door")
		f.Set(field, value)
		if a := s.post(at+"/take-back", f); a.status != 422 || !strings.Contains(a.body, `id="`+field+`-error"`) || !strings.Contains(a.body, "Scratch on the left door") {
			t.Errorf("%s %q: %d", field, value, a.status)
		}
	}
	if a := s.post(at+"/take-back", form("odometer", "1")); a.status != 422 {
		t.Errorf("fewer miles than at the handover: %d", a.status)
	}
	back := form("odometer", "300", "damage", "250.00", "note", "Scratch on the left door")
	for range 2 { // a form sent twice is one act
		if a := s.post(at+"/take-back", back); a.status != 303 || a.to != at+"?done=taken_back" {
			t.Fatalf("taken back: %d %s", a.status, a.to)
		}
	}
	if a := s.post(at+"/take-back", form("odometer", "301")); a.status != 409 {
		t.Errorf("taken back again: %d", a.status)
	}
	if a := s.get(at); a.status != 200 || !strings.Contains(a.body, "Scratch on the left door") || !strings.Contains(a.body, "£250.00") {
		t.Errorf("what was found is not on the page: %d", a.status)
	}
	if got := b.order(o.ID).State; got != ordering.Returned {
		t.Errorf("the order is %s", got)
	}
}
