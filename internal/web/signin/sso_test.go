package signin_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"forecourt/internal/identity"
	"forecourt/internal/identity/idptest"
	"forecourt/internal/platform/db"
	"forecourt/internal/web/webtest"
)

const leedsDomain = "northgate-leeds.example.com"

// provided is a house whose Leeds group has a provider. The chief has come through it once.
func provided(t *testing.T, change func(*identity.Provider)) (*webtest.House, *idptest.Provider) {
	t.Helper()
	h, idp := desk(t), idptest.New(t)
	chief := identity.User{Email: "chief@" + leedsDomain, Name: "Chief", Role: identity.RoleDealer, Dealer: "gb-leeds-northgate", Grants: []identity.Grant{{Role: identity.GroupManager, Dealer: "gb-leeds-northgate"}}}
	h.Person(chief)
	if _, err := db.One(h.DB.Read(t.Context()), &chief.ID, `SELECT id FROM users WHERE email = ?`, chief.Email); err != nil {
		t.Fatal(err)
	}
	save := func(p identity.Provider) {
		err := h.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return h.SSO.SaveTx(ctx, tx, chief, p, idp.Secret) })
		if err != nil {
			t.Fatal(err)
		}
	}
	p := identity.Provider{Issuer: idp.URL, ClientID: idp.Client, Domains: []string{leedsDomain}}
	save(p)
	if a := by(t, h, idp, h.Stranger(), idptest.Person{Subject: "chief", Email: chief.Email, Verified: true}); a.Status != 303 {
		t.Fatalf("the chief: %d %s", a.Status, a.Body)
	}
	if change != nil {
		change(&p)
		save(p)
	}
	return h, idp
}

var goOn = regexp.MustCompile(`href="(http[^"]+/authorize[^"]+)"`)

// leaves goes to the provider, by the mail address.
func leaves(t *testing.T, b *webtest.Browser, form url.Values) string {
	t.Helper()
	a := b.Post("/login/sso", form)
	m := goOn.FindStringSubmatch(a.Body)
	if a.Status != 200 || m == nil || !strings.HasPrefix(a.Header.Get("Refresh"), "0; url=") || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("leaving: %d %s", a.Status, a.Body)
	}
	return html.UnescapeString(m[1])
}

func by(t *testing.T, h *webtest.House, idp *idptest.Provider, b *webtest.Browser, who idptest.Person) webtest.Answer {
	t.Helper()
	back := idp.Visit(t, leaves(t, b, url.Values{"email": {"anybody@" + leedsDomain}, "next": {"/dealer?tab=work"}}), who)
	return b.Get(back.RequestURI())
}

func anna() idptest.Person {
	return idptest.Person{Subject: "anna", Email: people[0].Email, Verified: true}
}

func TestInByTheCompanyAndOutAgain(t *testing.T) {
	t.Parallel()
	h, idp := provided(t, nil)
	b := h.Stranger()
	if a := b.Get("/login/sso?next=%2Fdealer"); a.Status != 200 || a.Hidden("next") != "/dealer" {
		t.Fatalf("the page: %d", a.Status)
	}
	if a := by(t, h, idp, b, anna()); a.Status != 303 || a.Location != "/dealer?tab=work" {
		t.Fatalf("back: %d %s", a.Status, a.Body)
	}
	if a := b.Get("/dealer"); a.Status != 200 {
		t.Fatalf("inside: %d", a.Status)
	}
	if a := b.Get("/account"); a.Status != 200 || strings.Count(a.Body, `class="badge info"`) == 0 {
		t.Errorf("the list of devices: %d", a.Status)
	}
	if a := b.Post("/logout", nil); a.Status != 303 {
		t.Errorf("out: %d", a.Status)
	}
	if a := b.Get("/dealer"); a.Status != 303 {
		t.Errorf("after the logout: %d", a.Status)
	}
	if missing := h.Kit.Catalogue.Missing(); len(missing) > 0 {
		t.Errorf("words are missing: %v", missing)
	}
}

func TestAnAnswerInAnotherBrowserLetsNobodyIn(t *testing.T) {
	t.Parallel()
	h, idp := provided(t, nil)
	b, victim := h.Stranger(), h.Stranger()
	back := idp.Visit(t, leaves(t, b, url.Values{"email": {people[0].Email}}), anna()).RequestURI()
	for name, path := range map[string]string{"stolen": back, "nothing": "/login/sso/gb-pennine/callback", "of no group": "/login/sso/gb-nobody/callback?state=x&code=y",
		"no": "/login/sso/gb-pennine/callback?error=access_denied&state=x"} {
		if a := victim.Get(path); a.Status != 422 || !strings.Contains(a.Body, `class="errors"`) || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	if a := victim.Get("/dealer"); a.Status != 303 {
		t.Errorf("the victim is in: %d", a.Status)
	}
	if a := b.Get(back); a.Status != 303 {
		t.Errorf("whose it is: %d", a.Status)
	}
	if a := b.Get(back); a.Status != 422 {
		t.Errorf("twice: %d", a.Status)
	}
	for name, form := range map[string]url.Values{"no domain": {"email": {"x@example.org"}}, "rubbish": {"email": {"x"}}, "no group": {"group": {"it-none"}}, "nothing": {}} {
		if a := h.Stranger().Post("/login/sso", form); a.Status != 422 || !strings.Contains(a.Body, `class="errors"`) {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	if a := h.Stranger().Get("/login/sso?next=//evil.example.com"); strings.Contains(a.Body, "evil") {
		t.Error("the page leads elsewhere")
	}
}

func TestTheOwnSecondFactorIsAskedForAfterTheCompany(t *testing.T) {
	t.Parallel()
	h, idp := provided(t, nil)
	b := h.Stranger()
	b.Post("/login", login(people[0].Email, identity.DemoPassword, ""))
	secret := enrol(t, h, b)
	c := h.Stranger()
	a := by(t, h, idp, c, anna())
	if a.Status != 303 || !strings.HasPrefix(a.Location, "/login/second?next=") {
		t.Fatalf("the company: %d %s", a.Status, a.Location)
	}
	if a := c.Get("/dealer"); a.Status != 303 {
		t.Errorf("half a sign-in is in: %d", a.Status)
	}
	if a := c.Post("/login/second", url.Values{"code": {code(t, h, secret, 1)}, "next": {"/dealer"}}); a.Status != 303 || a.Location != "/dealer" {
		t.Fatalf("the code: %d", a.Status)
	}
	if n := count(t, h, `SELECT count(*) FROM sessions WHERE via = 'sso' AND stage = 'full' AND NOT vouched AND convert_from(substring(data FROM 1 FOR 36), 'UTF8') = (SELECT id::text FROM users WHERE email = ?)`, people[0].Email); n != 1 {
		t.Errorf("%d sessions, want one that began at the company", n)
	}
}

func count(t *testing.T, h *webtest.House, query string, args ...any) (n int) {
	t.Helper()
	if _, err := db.One(h.DB.Read(t.Context()), &n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// A group that wants a second factor of everybody takes the provider's for one when its manager trusts it.
func TestATrustedProviderStandsForTheSecondFactor(t *testing.T) {
	t.Parallel()
	h, idp := provided(t, func(p *identity.Provider) { p.Trusted = true })
	if err := h.DB.Read(t.Context()).Exec(`UPDATE dealer_groups SET second_factor = true WHERE code = 'gb-pennine'`).Error; err != nil {
		t.Fatal(err)
	}
	weak, strong := anna(), anna()
	strong.AMR = []string{"pwd", "otp"}
	b := h.Stranger()
	by(t, h, idp, b, weak)
	if a := b.Get("/dealer"); a.Status != 303 || !strings.HasPrefix(a.Location, "/account") {
		t.Errorf("with a password only: %d %s", a.Status, a.Location)
	}
	c := h.Stranger()
	by(t, h, idp, c, strong)
	if a := c.Get("/dealer"); a.Status != 200 {
		t.Errorf("with two factors there: %d %s", a.Status, a.Location)
	}
}

// What the page answers where the company is required follows from what was typed alone.
func TestWhereTheCompanyIsRequiredThePasswordLeadsThere(t *testing.T) {
	t.Parallel()
	h := desk(t)
	inside := h.Dealer("desk@"+leedsDomain, "gb-leeds-northgate")
	if a := inside.Get("/dealer"); a.Status != 200 {
		t.Fatalf("before: %d", a.Status)
	}
	h, idp := provided(t, func(p *identity.Provider) { p.Required = true })
	inside = h.Dealer("desk@"+leedsDomain, "gb-leeds-northgate")
	if a := inside.Get("/dealer"); a.Status != 303 || !strings.HasPrefix(a.Location, "/login?") {
		t.Errorf("who came another way is still in: %d", a.Status)
	}
	h.Kit.Demo = false // the list of demo logins names people
	var pages []string
	for _, c := range [][2]string{{people[0].Email, identity.DemoPassword}, {people[0].Email, "a wrong password"}, {"nobody@" + leedsDomain, identity.DemoPassword}} {
		a := h.Stranger().Post("/login", login(c[0], c[1], "/dealer"))
		if a.Status != 422 || a.Hidden("group") != "gb-pennine" || !strings.Contains(a.Body, "sign in with their company") {
			t.Errorf("%v: %d", c, a.Status)
		}
		pages = append(pages, strings.ReplaceAll(a.Body, c[0], "E"))
	}
	if pages[0] != pages[1] || pages[1] != pages[2] {
		t.Error("the answer tells who has an account, or whose password was right")
	}
	if a := h.Stranger().Post("/login", login(people[1].Email, identity.DemoPassword, "")); a.Status != 303 {
		t.Errorf("an office: %d", a.Status)
	}
	b := h.Stranger()
	if a := by(t, h, idp, b, anna()); a.Status != 303 {
		t.Fatalf("by the company: %d", a.Status)
	}
	if a := b.Get("/dealer"); a.Status != 200 {
		t.Errorf("inside: %d", a.Status)
	}
}

// Behind the lock the company is asked anew, and what was typed goes on from the page on which it waits.
func TestTheLockOpensByTheCompany(t *testing.T) {
	t.Parallel()
	h, idp := provided(t, func(p *identity.Provider) { p.Required = true })
	b := h.Stranger()
	by(t, h, idp, b, anna())
	idle(t, h, 16*time.Minute)
	typed := url.Values{"note": {"a scratch"}}
	a := b.Post("/dealer/act", typed)
	if a.Status != 403 || a.Hidden("group") != "gb-pennine" || strings.Contains(a.Body, `type="password"`) || !strings.Contains(a.Body, `target="_blank"`) {
		t.Fatalf("the lock: %d %s", a.Status, a.Body)
	}
	if a := b.Post("/dealer/act", url.Values{"note": {"a scratch"}, "unlock_secret": {identity.DemoPassword}}); a.Status != 422 {
		t.Errorf("a password opens it: %d", a.Status)
	}
	if a := b.Post("/dealer/act", typed); a.Status != 403 {
		t.Errorf("sent too early: %d", a.Status)
	}
	to := leaves(t, b, url.Values{"group": {"gb-pennine"}})
	if q := must(url.Parse(to)).Query(); q.Get("prompt") != "login" || q.Get("max_age") != "0" {
		t.Errorf("the company may remember: %s", to)
	}
	if a := b.Get(idp.Visit(t, to, anna()).RequestURI()); a.Status != 303 {
		t.Fatalf("back: %d", a.Status)
	}
	if a := b.Post("/dealer/act", typed); a.Status != 200 || a.Body != "note=a scratch tags= secret=" {
		t.Errorf("sent again: %d %s", a.Status, a.Body)
	}
	if missing := h.Kit.Catalogue.Missing(); len(missing) > 0 {
		t.Errorf("words are missing: %v", missing)
	}
}

func must(u *url.URL, err error) *url.URL {
	if err != nil {
		panic(err)
	}
	return u
}

func TestAProviderThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	h, idp := provided(t, nil)
	idp.Describe = func(doc map[string]any) { doc["issuer"] = "https://id.example.org" }
	h.Clock.Advance(time.Hour) // its description is read again
	a := h.Stranger().Post("/login/sso", url.Values{"email": {people[0].Email}})
	if a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Body, "does not answer") {
		t.Errorf("%d", a.Status)
	}
}
