package storefront_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/forms"
)

func TestABuyerRatesTheDealerOnceAndChangesItForAWhile(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	key := s.only().ID
	to := order + "/rating"
	if strings.Contains(s.page(order).body, to) {
		t.Error("a rating is asked for before the handover")
	}
	if a := s.post(to, url.Values{"form_key": {forms.NewKey()}, "stars": {"5"}}); a.status != 303 || s.stars() != 0 {
		t.Errorf("a rating before the handover: %d, %d stars", a.status, s.stars())
	}
	s.walk(key, ordering.HandedOver)
	for name, bad := range map[string][]string{"none": {}, "six": {"stars", "6"}, "too many words": {"stars", "4", "words", strings.Repeat("ä", allocation.MostRatingNote+1)}} {
		a := s.post(to, with(s.page(order).form(t, to), bad...))
		if a.status != 422 || !strings.Contains(a.body, `class="errors"`) || s.stars() != 0 {
			t.Errorf("%s: %d, %d stars", name, a.status, s.stars())
		}
	}
	if a := s.post(to, with(s.page(order).form(t, to), "stars", "2", "words", "Long wait.")); a.status != 303 {
		t.Fatalf("a rating: %d", a.status)
	}
	if p := s.page(order + "?done=rate"); !strings.Contains(p.text(), "your rating is saved") || !strings.Contains(p.body, "Long wait.</textarea>") || !strings.Contains(p.body, `value="2" required checked`) {
		t.Errorf("the page forgot: %s", p.text())
	}
	watch := s.DB.Clock.(*clock.Manual)
	watch.Advance(13 * 24 * time.Hour)
	late := s.page(order).form(t, to)
	if a := s.post(to, with(late, "stars", "4")); a.status != 303 || s.stars() != 4 {
		t.Errorf("changed after 13 days: %d, %d stars", a.status, s.stars())
	}
	late = s.page(order).form(t, to)
	watch.Advance(2 * 24 * time.Hour)
	if a := s.post(to, with(late, "stars", "1")); a.status != 303 || s.stars() != 4 {
		t.Errorf("changed after 15 days: %d, %d stars", a.status, s.stars())
	}
	if p := s.page(order); strings.Contains(p.body, to) || !strings.Contains(p.text(), "You said: 4: good") {
		t.Errorf("after 15 days: %s", p.text())
	}
}

// stars is what is kept; zero when nothing is.
func (s *shop) stars() int {
	s.T.Helper()
	var n int
	if _, err := db.One(s.DB.Read(s.T.Context()), &n, `SELECT coalesce(sum(stars), 0) FROM ratings`); err != nil {
		s.T.Fatal(err)
	}
	return n
}
