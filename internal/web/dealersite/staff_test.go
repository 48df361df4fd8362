package dealersite_test

import (
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/identity"
)

// A manager invites, the letter comes once, its link makes one account, and the new colleague can do what
// his role says and nothing else.
func TestInvitingAColleague(t *testing.T) {
	t.Parallel()
	s := open(t)
	boss := s.person("boss@example.com", at(identity.SiteManager, leeds))
	page := boss.Get("/dealer/staff")
	if page.Status != 200 || !strings.Contains(page.Body, `value="sales@gb-leeds-northgate"`) || strings.Contains(page.Body, "group_manager@") || strings.Contains(page.Body, "kendal") {
		t.Fatalf("%d: the manager of one site may give its roles and no others", page.Status)
	}
	wrong := boss.Post("/dealer/staff", form("name", "", "email", "no address", "roles", "sales@gb-leeds-northgate"))
	if wrong.Status != 422 || !strings.Contains(wrong.Body, `value="no address"`) || !strings.Contains(wrong.Body, `value="sales@gb-leeds-northgate" checked`) {
		t.Errorf("%d: what was typed is gone", wrong.Status)
	}
	ask := form("name", "Nora New", "email", "nora@example.com", "roles", "handover@gb-leeds-northgate")
	for range 2 { // sent twice, done once
		if a := boss.Post("/dealer/staff", ask); a.Status != 303 || a.Location != "/dealer/staff?done=invited" {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	if n := one[int](s, `SELECT count(*) FROM staff_invitations`); n != 1 {
		t.Errorf("%d invitations", n)
	}
	key := one[id.Invitation](s, `SELECT id FROM staff_invitations`)
	if args := one[string](s, `SELECT args::text FROM river_job WHERE kind = 'team.invitation_mail'`); !strings.Contains(args, string(key)) || strings.Contains(args, "nora") {
		t.Errorf("the job says %s", args)
	}
	for range 2 {
		must(t, s.team.Send(t.Context(), key))
	}
	if len(s.sent) != 1 || s.sent[0].To != "nora@example.com" || s.sent[0].Lang != "en-GB" || !strings.Contains(s.sent[0].Text, "Handover, Northgate Motors Leeds") {
		t.Fatalf("letters: %+v", s.sent)
	}
	link := "/login/invitation/" + s.team.Links.Invitation(key)
	if !strings.Contains(s.sent[0].Text, "http://shop.example.com"+link+"\n") {
		t.Errorf("the letter lacks its link: %s", s.sent[0].Text)
	}
	nora := s.Stranger()
	for range 2 { // looking uses nothing up
		if a := nora.Get(link); a.Status != 200 || !strings.Contains(a.Body, "nora@example.com") || !strings.Contains(a.Body, "Handover") {
			t.Fatalf("the link: %d", a.Status)
		}
	}
	if a := nora.Post(link, url.Values{"password": {"short"}}); a.Status != 422 {
		t.Errorf("a short password: %d", a.Status)
	}
	if a := nora.Post(link, url.Values{"password": {"a sentence to remember"}}); a.Status != 303 || a.Location != "/dealer" {
		t.Fatalf("joining: %d %s", a.Status, a.Location)
	}
	if a := nora.Get("/dealer/staff"); a.Status != 403 {
		t.Errorf("who hands over sees the staff: %d", a.Status)
	}
	for _, b := range []string{link, "/login/invitation/" + strings.Repeat("A", 43), "/login/invitation/x"} {
		if a := s.Stranger().Get(b); a.Status != 404 || strings.Contains(a.Body, "nora") {
			t.Errorf("%s: %d", b, a.Status)
		}
	}
	if n := one[int](s, `SELECT count(*) FROM audit_log WHERE old::text || new::text LIKE '%nora%'`); n != 0 {
		t.Error("the audit log names a person")
	}
}

func TestChangingAndEndingAColleague(t *testing.T) {
	t.Parallel()
	s := open(t)
	boss := s.person("boss@example.com", at(identity.SiteManager, leeds))
	chief := s.person("chief@example.com", at(identity.GroupManager, leeds))
	sam := s.person("sam@example.com", at(identity.SiteManager, leeds), at(identity.SiteManager, kendal))
	s.person("far@example.com", at(identity.Sales, london))
	of := func(email string) string {
		return "/dealer/staff/" + one[string](s, `SELECT id::text FROM users WHERE email = ?`, email)
	}
	if a := boss.Get(of("far@example.com")); a.Status != 404 {
		t.Errorf("a stranger's page: %d", a.Status)
	}
	if a := boss.Post(of("far@example.com"), form("end", "1")); a.Status != 404 {
		t.Errorf("ending a stranger: %d", a.Status)
	}
	if a := boss.Post(of("boss@example.com"), form("roles", "sales@gb-leeds-northgate")); a.Status != 403 || !strings.Contains(a.Body, "Nobody changes his own roles") {
		t.Errorf("oneself: %d", a.Status)
	}
	if a := boss.Post(of("sam@example.com"), form("roles", "site_manager@gb-kendal-fellside")); a.Status != 403 {
		t.Errorf("a role at a sister site: %d", a.Status)
	}
	if a := boss.Post(of("sam@example.com"), form("roles", "owner@gb-leeds-northgate")); a.Status != 400 {
		t.Errorf("a role that there is not: %d", a.Status)
	}
	if a := boss.Post(of("sam@example.com"), form()); a.Status != 422 {
		t.Errorf("no role at all by the first button: %d", a.Status)
	}
	if a := boss.Post(of("chief@example.com"), form("end", "1")); a.Status != 403 {
		t.Errorf("ending who is not the manager's: %d", a.Status)
	}
	if a := chief.Get("/dealer/staff"); a.Status != 200 {
		t.Errorf("the group's manager was ended by a site's: %d", a.Status)
	}
	if a := boss.Post(of("sam@example.com"), form("end", "1")); a.Status != 303 {
		t.Fatalf("ending what one sees of him: %d", a.Status)
	}
	if a := sam.Get("/dealer/staff"); a.Status != 303 || !strings.HasPrefix(a.Location, "/login") {
		t.Errorf("a session outlives its roles: %d", a.Status)
	}
	if n := one[int](s, `SELECT count(*) FROM staff_roles WHERE ended_at IS NULL AND user_id = (SELECT id FROM users WHERE email = 'sam@example.com')`); n != 1 {
		t.Errorf("%d roles are left, want the one at the sister site", n)
	}
	if a := chief.Get("/dealer/staff"); strings.Count(a.Body, `href="/dealer/staff/`) < 2 || !strings.Contains(a.Body, "group_manager@gb-kendal-fellside") {
		t.Error("the group's manager sees too little")
	}
}
