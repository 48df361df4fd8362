package dealer_test

import (
	"net/http"
	"strings"
	"testing"
)

// A form that showed one order and was sent to another does nothing to either.
func TestAFormAnswersOnlyTheOrderItShowed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	one, other := b.offer(leeds), b.offer(leeds)
	a := s.post("/dealer/orders/"+one.Number+"/accept", form("number", other.Number))
	if a.status != http.StatusConflict || !strings.Contains(a.body, "another order than the one") {
		t.Errorf("answered %d", a.status)
	}
	for _, n := range []string{one.Number, other.Number} {
		if p := s.get("/dealer/orders/" + n); !strings.Contains(p.body, `/accept" method="post"`) {
			t.Errorf("%s can no longer be accepted", n)
		}
	}
}
