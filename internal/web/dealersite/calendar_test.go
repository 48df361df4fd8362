package dealersite_test

import (
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/identity"
)

func plan(pairs ...string) url.Values {
	v := form("site", string(leeds), "from", "2026-11-26", "bays", "4", "hours_wed", "9-12.30, 14-18", "skills", "electric")
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestTheManagerKeepsTheCalendar(t *testing.T) {
	t.Parallel()
	s := open(t)
	boss := s.person("boss@example.com", at(identity.SiteManager, leeds))
	if a := boss.Get("/dealer/site"); a.Status != 200 || !strings.Contains(a.Body, "08:30-18:30") || !strings.Contains(a.Body, "Europe/London") {
		t.Fatalf("the page: %d", a.Status)
	}
	for name, wrong := range map[string]url.Values{
		"hours":      plan("hours_wed", "18-9"),
		"never open": plan("hours_wed", ""),
		"past":       plan("from", "2026-11-01"),
		"no date":    plan("from", "soon"),
		"bays":       plan("bays", "none"),
		"skill":      plan("skills", "juggling"),
		"chargers":   plan("charge", "5"),
		"no number":  plan("charge", "two"),
	} {
		a := boss.Post("/dealer/site/plan", wrong)
		if a.Status != 422 || !strings.Contains(a.Body, `class="errors"`) || !strings.Contains(a.Body, `value="`+wrong.Get("bays")+`"`) {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	if a := boss.Post("/dealer/site/plan", plan("site", string(london))); a.Status != 404 {
		t.Errorf("another dealer's site: %d", a.Status)
	}
	if a := boss.Post("/dealer/site/plan", plan("charge", "2", "charge_open", "1")); a.Status != 303 {
		t.Fatalf("saving chargers: %d %s", a.Status, a.Body)
	}
	if a := boss.Get("/dealer/site"); !strings.Contains(a.Body, "At a charger, for all cars: 2") {
		t.Error("the chargers are not on the page")
	}
	if a := boss.Post("/dealer/site/plan", plan()); a.Status != 303 {
		t.Fatalf("saving: %d %s", a.Status, a.Body)
	}
	a := boss.Get("/dealer/site?done=plan")
	if !strings.Contains(a.Body, "At a charger, for all cars: 2") {
		t.Error("a form that knew nothing of chargers took them away")
	}
	if !strings.Contains(a.Body, "09:00-12:30, 14:00-18:00") || !strings.Contains(a.Body, "26 November 2026") {
		t.Error("the plan is not on the page")
	}
	if a := boss.Post("/dealer/site/day", form("site", string(leeds), "day", "2026-12-24", "day_hours", "10-14", "day_bays", "1", "reason", "")); a.Status != 422 || !strings.Contains(a.Body, `value="10-14"`) {
		t.Errorf("a day without a reason: %d", a.Status)
	}
	if a := boss.Post("/dealer/site/day", form("site", string(leeds), "day", "2026-12-25", "day_hours", "10-14", "day_bays", "1", "reason", "open on Christmas Day")); a.Status != 303 {
		t.Fatalf("a day: %d", a.Status)
	}
	if a := boss.Get("/dealer/site"); !strings.Contains(a.Body, "open on Christmas Day") || !strings.Contains(a.Body, `value="2026-12-25"`) {
		t.Error("the day is not on the page")
	}
	for range 2 { // pressed twice
		if a := boss.Post("/dealer/site/day/drop", form("site", string(leeds), "day", "2026-12-25")); a.Status != 303 && a.Status != 404 {
			t.Errorf("taking the day away: %d", a.Status)
		}
	}
	if a := boss.Post("/dealer/site/plan/drop", form("site", string(leeds), "from", "2026-11-26")); a.Status != 303 {
		t.Errorf("taking the plan away: %d", a.Status)
	}
	if a := boss.Post("/dealer/site/plan/drop", form("site", string(leeds), "from", "'; DROP TABLE site_plans")); a.Status != 404 {
		t.Errorf("rubbish for a day: %d", a.Status)
	}
	if a := s.person("sales@example.com", at(identity.Sales, leeds)).Get("/dealer/site"); a.Status != 403 {
		t.Errorf("who sells keeps the calendar: %d", a.Status)
	}
}

func TestTheGroupsManagerSaysHowItSignsIn(t *testing.T) {
	t.Parallel()
	s := open(t)
	chief := s.person("chief@example.com", at(identity.GroupManager, leeds))
	const path = "/dealer/group/settings"
	if a := chief.Get(path); a.Status != 200 || !strings.Contains(a.Body, `value="15"`) {
		t.Fatalf("the page: %d", a.Status)
	}
	if a := chief.Post(path, form("minutes", "2")); a.Status != 422 || !strings.Contains(a.Body, `value="2"`) {
		t.Errorf("two minutes: %d", a.Status)
	}
	if a := chief.Post(path, form("minutes", "20", "second", "1")); a.Status != 422 || !strings.Contains(a.Body, "for yourself first") {
		t.Errorf("a rule that he does not keep himself: %d", a.Status)
	}
	if a := chief.Post(path, form("minutes", "20")); a.Status != 303 {
		t.Errorf("twenty minutes: %d", a.Status)
	}
	if n := one[int](s, `SELECT lock_minutes FROM dealer_groups WHERE code = 'gb-pennine'`); n != 20 {
		t.Errorf("the lock is after %d minutes", n)
	}
	if a := s.person("boss@example.com", at(identity.SiteManager, kendal)).Get(path); a.Status != 403 {
		t.Errorf("a site's manager: %d", a.Status)
	}
}
