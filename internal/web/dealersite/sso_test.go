package dealersite_test

import (
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/identity"
	"forecourt/internal/identity/idptest"
)

func TestTheGroupsManagerSetsTheCompanysSignOnUp(t *testing.T) {
	t.Parallel()
	s, idp := open(t), idptest.New(t)
	chief := s.person("chief@example.com", at(identity.GroupManager, leeds))
	const path = "/dealer/group/sso"
	filled := func(pairs ...string) url.Values {
		v := form("issuer", idp.URL, "client", idp.Client, "secret", idp.Secret, "domains", "Example.com, @pennine.example", "trusted", "1")
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	if a := chief.Get(path); a.Status != 200 || !strings.Contains(a.Body, "/login/sso/gb-pennine/callback") {
		t.Fatalf("the page: %d", a.Status)
	}
	for field, v := range map[string]url.Values{
		"issuer":   filled("issuer", "https://169.254.169.254/"),
		"client":   filled("client", ""),
		"secret":   filled("secret", ""),
		"domains":  filled("domains", "example"),
		"acr":      filled("acr", strings.Repeat("x", 201)),
		"required": filled("required", "1"),
	} {
		a := chief.Post(path, v)
		if a.Status != 422 || !strings.Contains(a.Body, `id="`+field+`-error"`) || strings.Contains(a.Body, idp.Secret) || !strings.Contains(a.Body, v.Get("client")) {
			t.Errorf("%s: %d", field, a.Status)
		}
	}
	if n := one[int](s, `SELECT count(*) FROM sso_providers`); n != 0 {
		t.Fatal("a refused form wrote something")
	}
	if a := chief.Post(path, filled()); a.Status != 303 {
		t.Fatalf("saving: %d %s", a.Status, a.Body)
	}
	if got := one[string](s, `SELECT string_agg(domain, ',' ORDER BY domain) FROM sso_domains WHERE group_code = 'gb-pennine'`); got != "example.com,pennine.example" {
		t.Errorf("domains: %s", got)
	}
	if a := chief.Get(path + "?done=sso"); a.Status != 200 || strings.Contains(a.Body, idp.Secret) || !strings.Contains(a.Body, `value="`+idp.URL+`"`) {
		t.Errorf("the page afterwards: %d", a.Status)
	}
	// The secret may stay away as long as nothing else moves; another issuer does not get it.
	if a := chief.Post(path, filled("secret", "", "acr", "gold")); a.Status != 303 {
		t.Errorf("without the secret: %d", a.Status)
	}
	other := idptest.New(t)
	if a := chief.Post(path, filled("secret", "", "issuer", other.URL)); a.Status != 422 || !strings.Contains(a.Body, `id="secret-error"`) {
		t.Errorf("another issuer with the old secret: %d", a.Status)
	}
	boss := s.person("boss@example.com", at(identity.SiteManager, leeds))
	if a := boss.Get(path); a.Status != 403 {
		t.Errorf("a site's manager: %d", a.Status)
	}
	if a := boss.Post(path, filled()); a.Status != 403 {
		t.Errorf("a site's manager saves: %d", a.Status)
	}
	rival := s.person("rival@kestrel.example", at(identity.GroupManager, london))
	if a := rival.Get(path); strings.Contains(a.Body, idp.URL) {
		t.Error("another group sees the provider")
	}
	if a := rival.Post(path, filled("domains", "pennine.example")); a.Status != 422 || !strings.Contains(a.Body, `id="domains-error"`) {
		t.Errorf("the domain of another group: %d", a.Status)
	}
	if a := rival.Post(path+"/end", form()); a.Status != 404 {
		t.Errorf("ending what there is not: %d", a.Status)
	}
	if a := chief.Post(path+"/unlink", form("user", "'; DROP TABLE users")); a.Status != 404 {
		t.Errorf("forgetting rubbish: %d", a.Status)
	}
	if a := chief.Post(path+"/end", form()); a.Status != 303 {
		t.Errorf("ending: %d", a.Status)
	}
	if n := one[int](s, `SELECT count(*) FROM sso_providers`); n != 0 {
		t.Error("the provider is still there")
	}
}
