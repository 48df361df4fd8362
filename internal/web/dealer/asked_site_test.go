package dealer_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
)

// A person with several sites opens a question to any of them, whichever site he works at now.
func TestAQuestionIsFoundAtEachSiteOfAPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := b.offer(london)
	b.walk(o, b.staffOf(london), ordering.Accepted)
	b.tx(func(ctx context.Context, tx *db.Tx) error { return b.cars.AskDealerTx(ctx, tx, o.ID, kendal) })
	s := b.staffOf(leeds)
	path := "/dealer/requests/" + o.Number
	if a := s.get(path); a.status != 404 {
		t.Errorf("a site that is not asked: %d", a.status)
	}
	s.grant("service", kendal)
	if a := s.get(path); a.status != 200 || !strings.Contains(a.body, "Fellside Garage") {
		t.Fatalf("the sister site's question: %d", a.status)
	}
	if a := s.post(path+"/accept", form()); a.status != 403 {
		t.Errorf("with a role that answers nothing there: %d", a.status)
	}
	s.grant("sales", kendal)
	if a := s.post(path+"/accept", form()); a.status != 303 {
		t.Fatalf("taking over: %d %s", a.status, a.body)
	}
	if a := s.get("/dealer/orders/" + o.Number); a.status != 200 {
		t.Errorf("the order afterwards: %d", a.status)
	}
}
