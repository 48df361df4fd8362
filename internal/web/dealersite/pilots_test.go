package dealersite_test

import (
	"strings"
	"testing"

	"forecourt/internal/identity"
)

func TestADealerSignsToJoinAndLeavesWithNotice(t *testing.T) {
	t.Parallel()
	s := open(t)
	chief := s.person("chief@example.com", at(identity.GroupManager, kendal))
	const path = "/dealer/site/pilots"
	a := chief.Get(path)
	if a.Status != 200 || !strings.Contains(a.Body, `value="renault/new"`) || !strings.Contains(a.Body, "Signed on paper") || strings.Contains(a.Body, `value="dacia/boats"`) {
		t.Fatalf("the page: %d", a.Status)
	}
	sign := func(pairs ...string) []string {
		return append([]string{"site", string(kendal), "pilot", "renault/new", "terms", "2026-12"}, pairs...)
	}
	if a := chief.Post(path+"/join", form(sign("name", "Edith Longmire")...)); a.Status != 422 || !strings.Contains(a.Body, `value="Edith Longmire"`) {
		t.Errorf("without the tick: %d", a.Status)
	}
	if a := chief.Post(path+"/join", form(sign("agree", "1")...)); a.Status != 422 {
		t.Errorf("without a name: %d", a.Status)
	}
	if a := chief.Post(path+"/join", form("site", string(kendal), "pilot", "renault/new", "terms", "2020-1", "agree", "1", "name", "Edith Longmire")); a.Status != 409 || !strings.Contains(a.Body, "changed meanwhile") {
		t.Errorf("terms of before: %d", a.Status)
	}
	if a := chief.Post(path+"/join", form("site", string(kendal), "pilot", "lada/new", "terms", "2026-12", "agree", "1", "name", "Edith Longmire")); a.Status != 404 {
		t.Errorf("a brand of nobody: %d", a.Status)
	}
	if a := chief.Post(path+"/join", form(sign("agree", "1", "name", "Edith Longmire")...)); a.Status != 303 {
		t.Fatalf("signing: %d %s", a.Status, a.Body)
	}
	if a := chief.Get(path + "?done=joined"); !strings.Contains(a.Body, "Signed by Edith Longmire") || strings.Contains(a.Body, `value="Edith Longmire"`) {
		t.Error("the page does not show who signed")
	}
	leave := form("site", string(kendal), "pilot", "renault/new")
	for range 2 { // sent twice, done once
		if a := chief.Post(path+"/notice", leave); a.Status != 303 {
			t.Errorf("giving notice: %d", a.Status)
		}
	}
	if a := chief.Post(path+"/notice", form("site", string(kendal), "pilot", "renault/new")); a.Status != 409 {
		t.Errorf("giving notice again: %d", a.Status)
	}
	if a := chief.Get(path); !strings.Contains(a.Body, "leaves on") || !strings.Contains(a.Body, "24 December 2026") {
		t.Error("the page does not show the last day")
	}
	if a := s.person("boss@example.com", at(identity.SiteManager, kendal)).Get(path); a.Status != 403 {
		t.Errorf("a site's manager signs: %d", a.Status)
	}
}
