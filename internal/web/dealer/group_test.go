package dealer_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
)

const kendal id.Dealer = "gb-kendal-fellside" // of Leeds' group

// grant gives somebody a further role.
func (s *staff) grant(role string, d id.Dealer) {
	s.b.Helper()
	s.b.tx(func(_ context.Context, tx *db.Tx) error {
		return tx.Exec(`INSERT INTO staff_roles (id, user_id, role, dealer, granted_by, granted_at) VALUES (?, ?, ?, ?, 'system', ?)`, id.New[string](), s.user, role, d, tx.Now).Error
	})
}

func (s *staff) only(role string) *staff {
	s.b.Helper()
	s.b.tx(func(_ context.Context, tx *db.Tx) error {
		return tx.Exec(`UPDATE staff_roles SET role = ? WHERE user_id = ?`, role, s.user).Error
	})
	return s
}

// A person with two sites sees both in one list, opens an order of either without moving, and moves with one
// button. What is at a third site stays unknown.
func TestOneQueueForSeveralSites(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	here, there, elsewhere := b.offer(leeds), b.offer(kendal), b.offer(london)
	s := b.staffOf(leeds)
	if a := s.get("/dealer/group"); a.status != http.StatusOK || !strings.Contains(a.body, here.Number) || strings.Contains(a.body, there.Number) {
		t.Errorf("one site: %d", a.status)
	}
	if a := s.get("/dealer/orders/" + there.Number); a.status != http.StatusNotFound {
		t.Errorf("an order of a sister site: %d", a.status)
	}
	s.grant("handover", kendal)
	a := s.get("/dealer/group")
	if a.status != http.StatusOK || !strings.Contains(a.body, here.Number) || !strings.Contains(a.body, there.Number) || strings.Contains(a.body, elsewhere.Number) {
		t.Errorf("two sites: %d", a.status)
	}
	if !strings.Contains(a.body, "Fellside Garage") || strings.Contains(a.body, "Kestrel") {
		t.Error("the sites are not the reader's")
	}
	if a := s.get("/dealer/orders/" + there.Number); a.status != http.StatusOK || strings.Contains(a.body, "/accept") {
		t.Errorf("the other site's order: %d, or a button that its role does not have", a.status)
	}
	if a := s.post("/dealer/orders/"+there.Number+"/accept", form()); a.status != http.StatusForbidden {
		t.Errorf("accepting with the role of another site: %d", a.status)
	}
	if a := s.post("/dealer/orders/"+here.Number+"/accept", form()); a.status != http.StatusSeeOther {
		t.Errorf("accepting at one's own: %d %s", a.status, a.body)
	}
	if a := s.post("/dealer/group/site", form("site", string(london))); a.status != http.StatusNotFound {
		t.Errorf("moving to a stranger's site: %d", a.status)
	}
	if a := s.post("/dealer/group/site", form("site", string(kendal))); a.status != http.StatusSeeOther {
		t.Errorf("moving: %d", a.status)
	}
	if a := s.get("/dealer"); !strings.Contains(a.body, there.Number) || strings.Contains(a.body, here.Number) {
		t.Error("the queue did not move")
	}
	if a := s.get("/dealer/orders/" + elsewhere.Number); a.status != http.StatusNotFound {
		t.Errorf("a third site's order: %d", a.status)
	}
	few := b.queries.n.Load()
	s.get("/dealer/group")
	if n := b.queries.n.Load() - few; n > 7 {
		t.Errorf("the group's queue asks %d times", n)
	}
}

func TestButtonsFollowTheRole(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := b.offer(leeds)
	for role, may := range map[string]bool{"service": false, "handover": false, "sales": true, "site_manager": true} {
		s := b.staffOf(leeds).only(role)
		page := s.get("/dealer/orders/" + o.Number)
		if page.status != http.StatusOK || strings.Contains(page.body, "/accept") != may {
			t.Errorf("%s: %d, accept shown: %v", role, page.status, !may)
		}
		if role != "sales" && role != "site_manager" {
			if a := s.post("/dealer/orders/"+o.Number+"/accept", form()); a.status != http.StatusForbidden {
				t.Errorf("%s accepts: %d", role, a.status)
			}
			if a := s.get("/dealer/statement"); a.status != http.StatusForbidden {
				t.Errorf("%s reads the money: %d", role, a.status)
			}
		}
	}
}
