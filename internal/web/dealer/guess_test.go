package dealer_test

import (
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/ordering"
)

// TestOnlyGuessersOfPickupCodesHaveToWait: who types the right code again and again, because the money is
// not there yet, is not slowed down; who types wrong ones is, on every way in.
func TestOnlyGuessersOfPickupCodesHaveToWait(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	b.walk(o, s, ordering.Ready)
	at := "/dealer/orders/" + o.Number + "/handover"
	find := "/dealer/find?code=" + o.PickupCode
	for n := range 65 {
		if a := s.post(at, handing(o)); a.status != 409 {
			t.Fatalf("handover unpaid, time %d: %d", n, a.status)
		}
		if a := s.get(at + "?code=" + o.PickupCode); a.status != 200 {
			t.Fatalf("scanned code, time %d: %d", n, a.status)
		}
		if a := s.get(find); a.status != 303 {
			t.Fatalf("search by code, time %d: %d", n, a.status)
		}
	}
	wrong := "Q" + strings.Repeat("9", len(o.PickupCode)-1)
	for n := range 20 {
		bad := handing(o)
		bad.Set("code", wrong)
		if a := s.post(at, bad); a.status != 422 {
			t.Fatalf("wrong code, time %d: %d", n, a.status)
		}
		if a := s.get(at + "?code=" + wrong); a.status != 200 {
			t.Fatalf("wrong scan, time %d: %d", n, a.status)
		}
		if a := s.get("/dealer/find?code=" + url.QueryEscape(wrong)); a.status != 404 {
			t.Fatalf("search by wrong code, time %d: %d", n, a.status)
		}
	}
	for name, status := range map[string]int{"handover": s.post(at, handing(o)).status, "scan": s.get(at + "?code=" + wrong).status, "search": s.get(find).status} {
		if status != 429 {
			t.Errorf("after sixty wrong codes %s answers %d, not 429", name, status)
		}
	}
}
