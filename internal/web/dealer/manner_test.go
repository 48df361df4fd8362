package dealer_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
)

func TestMannersForTheHandoverReachTheDesk(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.staffOf(leeds)
	o := b.offer(leeds)
	b.walk(o, s, ordering.Ready)
	b.payAll(o, s)
	b.book(o, 0)
	b.tx(func(_ context.Context, tx *db.Tx) error {
		return b.cars.MannerTx(tx, o.ID, []string{"quiet", "long", "short", "champagne"})
	})
	for _, path := range []string{"/dealer/handovers", "/dealer/orders/" + o.Number + "/handover"} {
		page := s.get(path).body
		if !strings.Contains(page, "quiet, with little noise and with a long explanation") || strings.Contains(page, "champagne") || strings.Contains(page, "five minutes") {
			t.Errorf("%s does not show what the buyer asked for", path)
		}
	}
	if a := s.post("/dealer/orders/"+o.Number+"/handover", handing(o)); a.status != 303 {
		t.Errorf("handover: %d", a.status)
	}
}

func TestNobodyIsAskedWhatCannotBeGranted(t *testing.T) {
	t.Parallel()
	plain, able := &network.Dealer{}, &network.Dealer{Skills: []network.Skill{network.SkillSign, network.SkillStepFree}}
	if got := plain.Grants(); !slices.Equal(got, []string{"quiet", "long", "short"}) {
		t.Errorf("a site without skills grants %v", got)
	}
	if got := able.Granted([]string{"sign_language", "step_free", "sign_language"}); !slices.Equal(got, []string{"step_free", "sign_language"}) {
		t.Errorf("an able site grants %v", got)
	}
	if got := plain.Granted([]string{"sign_language"}); got != nil {
		t.Errorf("a site grants %v that nobody there can do", got)
	}
}
