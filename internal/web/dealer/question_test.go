package dealer_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/platform/db"
)

func TestADealerAsksTheBuyerFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	at := "/dealer/orders/" + o.Number
	if a := s.get(at); !strings.Contains(a.body, `action="`+at+`/question"`) || !strings.Contains(a.body, "24 hours at most") {
		t.Fatal("the page does not offer to ask")
	}
	long := strings.Repeat("Why? ", 120)
	if a := s.post(at+"/question", form("question", long)); a.status != 422 || !strings.Contains(a.body, `id="question-error"`) || !strings.Contains(a.body, strings.TrimSpace(long)) {
		t.Fatalf("a question of 600 characters: %d", a.status)
	}
	if a := s.post(at+"/question", form("question", "Do you have a <b>driveway</b>?")); a.status != 303 {
		t.Fatalf("ask: %d", a.status)
	}
	a := s.get(at)
	if !strings.Contains(a.body, "Do you have a &lt;b&gt;driveway") || !strings.Contains(a.body, "Your time stands still") || !strings.Contains(a.body, "of your opening hours.") || strings.Contains(a.body, "left of your opening hours. Answer by") || strings.Contains(a.body, "/question\"") {
		t.Error("the question is not on the page, or can be asked again, or a clock that stands still shows a deadline")
	}
	if a := s.get("/dealer"); !strings.Contains(a.body, "Your time stands still") || !strings.Contains(a.body, "once it goes on") || strings.Contains(a.body, "left in opening hours") {
		t.Error("the list shows a clock that stands still as running")
	}
	if a := s.post(at+"/question", form("question", "And why?")); a.status != 409 || !strings.Contains(a.body, "one question for each order") {
		t.Errorf("a second question: %d", a.status)
	}
	if err := b.db.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return b.cars.ReplyTx(ctx, tx, o.ID, "Yes, a wide one.") }); err != nil {
		t.Fatal(err)
	}
	if a := s.get(at); !strings.Contains(a.body, "Yes, a wide one.") || strings.Contains(a.body, "Zebedee") {
		t.Error("the answer is not on the page, or the buyer's name is")
	}
}
