package dealersite_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/hook"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/web/webtest"
)

func TestTheManagerConnectsAnOwnSystem(t *testing.T) {
	t.Parallel()
	s := open(t)
	boss, seller, far := s.person("boss@example.com", at(identity.SiteManager, leeds)), s.person("sal@example.com", at(identity.Sales, leeds)), s.person("far@example.com", at(identity.SiteManager, london))
	chief := s.person("chief@example.com", at(identity.GroupManager, leeds), at(identity.GroupManager, kendal))
	var bodies []string
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { bodies = append(bodies, r.Header.Get(hook.HeaderEvent)) }))
	defer system.Close()
	if a := seller.Get("/dealer/site/hooks"); a.Status != 403 {
		t.Errorf("a seller: %d", a.Status)
	}
	if a := boss.Get("/dealer/site/hooks"); a.Status != 200 || strings.Contains(a.Body, `name="whole"`) || strings.Count(a.Body, `name="kinds"`) != len(hook.Kinds) {
		t.Fatalf("the page: %d", a.Status)
	}
	if a := chief.Get("/dealer/site/hooks"); !strings.Contains(a.Body, `name="whole"`) {
		t.Error("who runs the group can not tell of all its sites")
	}
	add := func(pairs ...string) url.Values {
		v := form("site", string(leeds), "url", system.URL+"/in?x=1", "kinds", "order.offered", "kinds", "order.accepted")
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	for name, wrong := range map[string]url.Values{"private": add("url", "https://10.0.0.1/x"), "no address": add("url", "dms"), "no https": add("url", "http://dms.example.com/"), "no kinds": add("kinds", ""), "odd kinds": add("kinds", "order.everything")} {
		if a := boss.Post("/dealer/site/hooks", wrong); a.Status != 422 || !strings.Contains(a.Body, `class="errors"`) || !strings.Contains(a.Body, `value="`+wrong.Get("url")+`"`) {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	for what, a := range map[string]webtest.Answer{"another site": boss.Post("/dealer/site/hooks", add("site", string(london))), "the group": boss.Post("/dealer/site/hooks", add("whole", "1"))} {
		if a.Status != 404 && a.Status != 403 {
			t.Errorf("%s: %d", what, a.Status)
		}
	}
	if n := one[int](s, `SELECT count(*) FROM hook_addresses`); n != 0 {
		t.Fatalf("%d addresses were written", n)
	}
	twice := add()
	var path string
	for range 2 {
		a := boss.Post("/dealer/site/hooks", twice)
		if a.Status != 303 || !strings.HasSuffix(a.Location, "?done=hook_added") {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		path = strings.TrimSuffix(a.Location, "?done=hook_added")
	}
	if n := one[int](s, `SELECT count(*) FROM hook_addresses`); n != 1 {
		t.Errorf("sent twice, %d addresses", n)
	}
	// The secret is shown once.
	secret := regexp.MustCompile(`fchs_[\w-]{43}`)
	if a := boss.Get(path); a.Status != 200 || secret.MatchString(a.Body) || !strings.Contains(a.Body, path+"/secret") {
		t.Errorf("the address: %d", a.Status)
	}
	if a := boss.Post(path+"/secret", form()); a.Status != 200 || !secret.MatchString(a.Body) || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the secret: %d", a.Status)
	}
	if a := boss.Post(path+"/secret", form()); a.Status != 409 || secret.MatchString(a.Body) {
		t.Errorf("the secret once more: %d", a.Status)
	}
	// What happens is listed, can be looked at and sent again.
	made := s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "offered", Queue: "offered"})
	s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: london, State: "offered", Queue: "offered"})
	key := id.Hook(path[strings.LastIndex(path, "/")+1:])
	must(t, s.out.Send(t.Context(), key))
	event := path + "/events/" + one[string](s, `SELECT id::text FROM hook_deliveries`)
	if a := boss.Get(path + "?state=delivered"); !strings.Contains(a.Body, event) || !strings.Contains(a.Body, made.Number) || len(bodies) != 1 {
		t.Error("the event is not listed, or not sent")
	}
	if a := boss.Get(path + "?state=dead"); strings.Contains(a.Body, event) {
		t.Error("a delivered event is listed as dead")
	}
	if a := boss.Get(event); a.Status != 200 || !strings.Contains(a.Body, "order.offered") || !strings.Contains(a.Body, "200") || strings.Contains(a.Body, "Buyersecret") {
		t.Errorf("the event: %d", a.Status)
	}
	for range 2 {
		if a := boss.Post(event+"/again", form()); a.Status != 303 {
			t.Errorf("again: %d", a.Status)
		}
		must(t, s.out.Send(t.Context(), key))
	}
	if len(bodies) != 3 || len(slices.Compact(slices.Clone(bodies))) != 1 {
		t.Errorf("sent: %v", bodies)
	}
	for _, since := range []string{"", "yesterday", "2020-01-01T00:00", "2099-01-01T00:00"} {
		if a := boss.Post(path+"/since", form("since", since)); a.Status != 422 || !strings.Contains(a.Body, `value="`+since+`"`) {
			t.Errorf("since %q: %d", since, a.Status)
		}
	}
	day := s.Clock.Now().Add(-24 * 3600e9).Format("2006-01-02T15:04")
	if a := boss.Post(path+"/since", form("since", day)); a.Status != 303 || !strings.HasSuffix(a.Location, "n=1") {
		t.Errorf("since: %d %s", a.Status, a.Location)
	}
	// Whoever does not run the site finds none of it.
	for _, b := range []*webtest.Browser{far, seller} {
		want := 404
		if b == seller {
			want = 403
		}
		for _, p := range []string{path, event} {
			if a := b.Get(p); a.Status != want {
				t.Errorf("%s: %d", p, a.Status)
			}
		}
		for _, p := range []string{"", "/secret", "/rotate", "/pause", "/resume", "/end", "/since"} {
			if a := b.Post(path+p, form("since", day, "kinds", "order.offered")); a.Status != want {
				t.Errorf("%s%s: %d", path, p, a.Status)
			}
		}
	}
	for i, act := range []string{"/rotate", "/pause", "/resume", "", "/end"} {
		if a := boss.Post(path+act, form("kinds", "order.ready")); a.Status != 303 {
			t.Errorf("%d %s: %d %s", i, act, a.Status, a.Body)
		}
		if a := boss.Get(path); (a.Status == 404) != (act == "/end") {
			t.Errorf("after %s: %d", act, a.Status)
		}
	}
	if n := one[int](s, `SELECT count(*) FROM audit_log WHERE subject = ?`, fmt.Sprint("hook:", key)); n != 10 {
		t.Errorf("%d rows of audit", n)
	}
}

// An address of the group hears of each of its sites, and is run by who runs the group.
func TestAnAddressOfTheGroup(t *testing.T) {
	t.Parallel()
	s := open(t)
	boss := s.person("boss@example.com", at(identity.SiteManager, leeds))
	chief := s.person("chief@example.com", at(identity.GroupManager, leeds), at(identity.GroupManager, kendal))
	a := chief.Post("/dealer/site/hooks", form("site", string(leeds), "url", "https://dms.example.com/x", "kinds", "order.offered", "whole", "1"))
	if a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	path, _, _ := strings.Cut(a.Location, "?")
	for _, d := range []id.Dealer{leeds, kendal, london} {
		s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: d, State: "offered", Queue: "offered"})
	}
	if n := one[int](s, `SELECT count(*) FROM hook_deliveries`); n != 2 {
		t.Errorf("%d events, want those of the two sites", n)
	}
	if b := boss.Get(path); b.Status != 404 {
		t.Errorf("the manager of a site: %d", b.Status)
	}
	if b := boss.Get("/dealer/site/hooks"); strings.Contains(b.Body, path) {
		t.Error("the manager of a site sees the group's address")
	}
	for i := range hook.MostAddresses {
		b := chief.Post("/dealer/site/hooks", form("site", string(leeds), "url", fmt.Sprintf("https://dms.example.com/%d", i), "kinds", "order.offered"))
		if want := 303; i == hook.MostAddresses-1 && b.Status != 422 || i < hook.MostAddresses-1 && b.Status != want {
			t.Errorf("address %d: %d", i+2, b.Status)
		}
	}
}
