package dealersite_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"forecourt/internal/flow/team"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
)

const (
	firstWords = "a sentence to remember"
	newWords   = "another sentence to remember"
)

func (s *site) staffPath(email string) string {
	return "/dealer/staff/" + one[string](s, `SELECT id::text FROM users WHERE email = ?`, email)
}

// real makes the accounts that a test has signed in ones of no demo, each with a password of its own.
func (s *site) real() {
	s.T.Helper()
	must(s.T.(*testing.T), s.DB.Read(s.T.Context()).Exec(`UPDATE users SET demo = false`).Error)
}

// password gives an account that a test made a password of its own.
func (s *site) password(email, words string) {
	s.T.Helper()
	must(s.T.(*testing.T), s.Users.SetPassword(s.T.Context(), email, words))
}

var appSecret = regexp.MustCompile(`<span class="mono">([A-Z2-7 ]+)</span>`)

// Who lost password and phone gets in again: his manager sends a letter, its link works once, sets a new password, takes
// the old second factor and all sessions away, asks for a new factor, and its owner is told.
func TestAManagerSendsAResetToWhoLostPasswordAndPhone(t *testing.T) {
	t.Parallel()
	s := open(t)
	boss := s.person("boss@example.com", at(identity.SiteManager, leeds))
	s.person("sal@example.com", at(identity.SiteManager, leeds))
	s.real()
	s.password("sal@example.com", firstWords)
	sal := s.Stranger()
	sal.Post("/login", url.Values{"email": {"sal@example.com"}, "password": {firstWords}})
	m := appSecret.FindStringSubmatch(sal.Get("/account/app").Body)
	code, err := identity.TOTPCode(strings.ReplaceAll(m[1], " ", ""), time.Unix(int64(one[float64](s, `SELECT extract(epoch FROM clock_timestamp())::float8`)), 0))
	must(t, err)
	if a := sal.Post("/account/app", url.Values{"code": {code}}); a.Status != 200 {
		t.Fatalf("the app: %d", a.Status)
	}
	page := s.staffPath("sal@example.com")
	if a := boss.Get(page); a.Status != 200 || !strings.Contains(a.Body, page+"/reset\"") || !strings.Contains(a.Body, "sal@example.com") {
		t.Fatalf("the page offers no reset: %d", a.Status)
	}
	ask := form()
	for range 2 { // sent twice, done once
		if a := boss.Post(page+"/reset", ask); a.Status != 303 || a.Location != page+"?done=reset" {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	if n := one[int](s, `SELECT count(*) FROM staff_resets`); n != 1 {
		t.Errorf("%d resets", n)
	}
	key := one[id.Reset](s, `SELECT id FROM staff_resets`)
	if args := one[string](s, `SELECT args::text FROM river_job WHERE kind = 'team.reset_mail'`); !strings.Contains(args, string(key)) || strings.Contains(args, "sal") {
		t.Errorf("the job says %s", args)
	}
	for range 2 {
		must(t, s.team.SendReset(t.Context(), key))
	}
	link := "/login/reset/" + s.team.Links.Reset(key)
	if len(s.sent) != 1 || s.sent[0].To != "sal@example.com" || !strings.Contains(s.sent[0].Text, "http://shop.example.com"+link+"\n") || !strings.Contains(s.sent[0].Text, "Person boss@example.com") {
		t.Fatalf("letters: %+v", s.sent)
	}
	if a := boss.Get(page + "?done=reset"); !strings.Contains(a.Body, "Person boss@example.com sent a reset") || !strings.Contains(a.Body, page+"/reset/end") {
		t.Error("the page does not say that one waits")
	}
	if a := sal.Get("/dealer/staff"); a.Status != 200 {
		t.Errorf("before the link is used the session ends: %d", a.Status)
	}
	lost := s.Stranger()
	for range 2 { // looking uses nothing up
		if a := lost.Get(link); a.Status != 200 || !strings.Contains(a.Body, "sal@example.com") || !strings.Contains(a.Body, "You had a second factor") {
			t.Fatalf("the link: %d", a.Status)
		}
	}
	if a := lost.Post(link, url.Values{"password": {"tiny-word"}}); a.Status != 422 || strings.Contains(a.Body, "tiny-word") {
		t.Errorf("a short password: %d", a.Status)
	}
	if a := lost.Post(link, url.Values{"password": {newWords}}); a.Status != 303 || a.Location != "/account?done=reset" {
		t.Fatalf("the new password: %d %s", a.Status, a.Location)
	}
	if a := lost.Get("/account?done=reset"); !strings.Contains(a.Body, "took your second factor away") || !strings.Contains(a.Body, "The new password is set") {
		t.Error("the account does not say what is to be done")
	}
	if a := lost.Get("/dealer/staff"); a.Status != 303 || a.Location != "/account?must=1" {
		t.Errorf("without a new factor: %d %s", a.Status, a.Location)
	}
	if a := sal.Get("/account"); a.Status != 303 {
		t.Errorf("an old session lives: %d", a.Status)
	}
	if a := s.Stranger().Post("/login", url.Values{"email": {"sal@example.com"}, "password": {firstWords}}); a.Status != 422 {
		t.Errorf("the old password: %d", a.Status)
	}
	for _, l := range []string{link, "/login/reset/" + strings.Repeat("A", 43), "/login/reset/x"} {
		if a := s.Stranger().Get(l); a.Status != 404 || strings.Contains(a.Body, "sal@") {
			t.Errorf("%s: %d", l, a.Status)
		}
	}
	m = appSecret.FindStringSubmatch(lost.Get("/account/app").Body)
	code, err = identity.TOTPCode(strings.ReplaceAll(m[1], " ", ""), time.Unix(int64(one[float64](s, `SELECT extract(epoch FROM clock_timestamp())::float8`)), 0))
	must(t, err)
	if a := lost.Post("/account/app", url.Values{"code": {code}}); a.Status != 200 {
		t.Fatalf("a new app: %d", a.Status)
	}
	if a := lost.Get("/dealer/staff"); a.Status != 200 {
		t.Errorf("with a new factor: %d", a.Status)
	}
	var told struct{ Args []byte }
	_, err = db.One(s.DB.Read(t.Context()), &told, `SELECT args FROM river_job WHERE kind = 'team.password_mail'`)
	must(t, err)
	var args team.Changed
	must(t, json.Unmarshal(told.Args, &args))
	must(t, s.team.SendChanged(t.Context(), args))
	if len(s.sent) != 2 || s.sent[1].To != "sal@example.com" || !strings.Contains(s.sent[1].Text, "all sessions have ended") {
		t.Errorf("the owner is not told: %+v", s.sent)
	}
	if n := one[int](s, `SELECT count(*) FROM audit_log WHERE action IN ('staff.reset_started', 'user.reset')`); n != 2 {
		t.Errorf("%d rows of audit, want 2", n)
	}
}

// Nobody opens by a reset what he could not have granted, nobody's by another group, and not too often.
func TestAResetReachesNoFurtherThanWhatOneMayGrant(t *testing.T) {
	t.Parallel()
	s := open(t)
	boss := s.person("boss@example.com", at(identity.SiteManager, leeds))
	chief := s.person("chief@example.com", at(identity.GroupManager, leeds))
	s.person("both@example.com", at(identity.Sales, leeds), at(identity.Sales, kendal))
	s.person("far@example.com", at(identity.Sales, london))
	seller := s.person("sal@example.com", at(identity.Sales, leeds))
	if a := boss.Post(s.staffPath("sal@example.com")+"/reset", form()); a.Status != 409 || !strings.Contains(a.Body, "a login of the demo") {
		t.Errorf("a login of the demo: %d", a.Status)
	}
	s.real()
	for who, want := range map[string]int{"chief@example.com": 403, "both@example.com": 403, "boss@example.com": 403, "far@example.com": 404, "sal@example.com": 303} {
		if a := boss.Post(s.staffPath(who)+"/reset", form()); a.Status != want {
			t.Errorf("a site's manager resets %s: %d, want %d", who, a.Status, want)
		}
	}
	for who, want := range map[string]int{"both@example.com": 303, "boss@example.com": 303, "far@example.com": 404, "chief@example.com": 403} {
		if a := chief.Post(s.staffPath(who)+"/reset", form()); a.Status != want {
			t.Errorf("a group's manager resets %s: %d, want %d", who, a.Status, want)
		}
	}
	if a := seller.Post(s.staffPath("both@example.com")+"/reset", form()); a.Status != 403 {
		t.Errorf("who sells: %d", a.Status)
	}
	if a := boss.Get(s.staffPath("both@example.com")); !strings.Contains(a.Body, "more than you may give") || strings.Contains(a.Body, "/reset\"") {
		t.Error("the page does not say why there is no reset")
	}
	page := s.staffPath("sal@example.com")
	link := "/login/reset/" + s.team.Links.Reset(one[id.Reset](s, `SELECT id FROM staff_resets WHERE user_id = (SELECT id FROM users WHERE email = 'sal@example.com')`))
	if a := boss.Post(page+"/reset/end", form()); a.Status != 303 {
		t.Errorf("withdrawing: %d", a.Status)
	}
	if a := s.Stranger().Get(link); a.Status != 404 {
		t.Errorf("a withdrawn link: %d", a.Status)
	}
	if a := boss.Post(page+"/reset/end", form()); a.Status != 404 {
		t.Errorf("withdrawing twice: %d", a.Status)
	}
	for want := range []int{303, 303, 429} {
		a := boss.Post(page+"/reset", form())
		if (want == 2) != (a.Status == 429) {
			t.Errorf("reset %d of the day: %d", want+2, a.Status)
		}
	}
	// The one that is open is the last, and it ends with its day and with the manager's own rights.
	key := one[id.Reset](s, `SELECT id FROM staff_resets WHERE used_at IS NULL AND ended_at IS NULL AND user_id = (SELECT id FROM users WHERE email = 'sal@example.com')`)
	link = "/login/reset/" + s.team.Links.Reset(key)
	if a := chief.Post(s.staffPath("boss@example.com"), form("roles", "sales@gb-leeds-northgate")); a.Status != 303 {
		t.Fatalf("%d", a.Status)
	}
	if a := s.Stranger().Post(link, url.Values{"password": {newWords}}); a.Status != 404 {
		t.Errorf("who sent it may do nothing any more: %d", a.Status)
	}
	s.Clock.Advance(identity.ResetLife)
	if a := s.Stranger().Get(link); a.Status != 404 {
		t.Errorf("a day later: %d", a.Status)
	}
}

// All roles end, or none is said to end.
func TestAnAccessThatIsNotYoursIsNotEndedByHalves(t *testing.T) {
	t.Parallel()
	s := open(t)
	boss := s.person("boss@example.com", at(identity.SiteManager, leeds))
	s.person("chief@example.com", at(identity.GroupManager, leeds), at(identity.Sales, leeds))
	page := s.staffPath("chief@example.com")
	if a := boss.Get(page); a.Status != 200 || strings.Contains(a.Body, `name="end"`) {
		t.Errorf("the page offers what it cannot do: %d", a.Status)
	}
	if a := boss.Post(page, form("end", "1")); a.Status != 403 || !strings.Contains(a.Body, "You cannot end this access") {
		t.Errorf("ending: %d", a.Status)
	}
	if n := one[int](s, `SELECT count(*) FROM staff_roles WHERE ended_at IS NOT NULL`); n != 0 {
		t.Errorf("%d roles ended", n)
	}
}
