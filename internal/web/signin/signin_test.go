package signin_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/flow/team"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/web"
	"forecourt/internal/web/signin"
	"forecourt/internal/web/webtest"

	"github.com/labstack/echo/v4"
)

var people = []identity.User{
	{Email: "anna@northgate-leeds.example.com", Name: "Anna Whitcombe", Role: identity.RoleDealer, Dealer: "gb-leeds-northgate"},
	{Email: "harriet@gb-office.example.com", Name: "Harriet Colebrook", Role: identity.RoleManager, Markets: markets("gb")},
	{Email: "ines@hq.example.com", Name: "Ines Aldecoa", Role: identity.RoleHQ},
	{Email: "smoke@office.example.com", Name: "Smoke Manager", Role: identity.RoleManager, Markets: markets("zz")},
	{Email: "smoke@smoke-one.example.com", Name: "Smoke Dealer", Role: identity.RoleDealer, Dealer: "zz-smoke-one"},
}

func house(t *testing.T) *webtest.House {
	t.Helper()
	h := webtest.New(t)
	inserts, err := jobs.New(h.DB.Pool, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h.Open(signin.New(h.Kit, h.Users, &team.Service{DB: h.DB, World: h.Kit.World, Jobs: inserts, Users: h.Users, Words: h.Kit.Catalogue}, h.Factors, h.SSO).Routes())
	h.Open([]web.Route{web.GET("/manager", identity.ManagerView, func(c echo.Context) error { return c.String(http.StatusOK, "console") })})
	err = h.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return identity.EnsureDemoTx(ctx, tx, people) })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func login(email, password, next string) url.Values {
	return url.Values{"email": {email}, "password": {password}, "next": {next}}
}

func TestEverybodyGoesToHisOwnPlace(t *testing.T) {
	t.Parallel()
	h := house(t)
	for _, c := range []struct{ email, next, want string }{
		{people[0].Email, "", "/dealer"},
		{people[1].Email, "", "/manager"},
		{people[2].Email, "", "/manager"},
		{" HARRIET@gb-office.example.com ", "/manager/orders?market=gb", "/manager/orders?market=gb"},
		{people[0].Email, "/manager", "/dealer"},
		{people[1].Email, "/dealer/orders", "/manager"},
		{people[1].Email, "/dacia/gb", "/dacia/gb"},
		{people[1].Email, "/login", "/manager"},
		{people[1].Email, "https://evil.example.com", "/manager"},
		{people[1].Email, "//evil.example.com", "/manager"},
	} {
		a := h.Stranger().Post("/login", login(c.email, identity.DemoPassword, c.next))
		if a.Status != 303 || a.Location != c.want {
			t.Errorf("%s next=%s: %d %s, want %s", c.email, c.next, a.Status, a.Location, c.want)
		}
	}
}

func TestInAndOutAgain(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Stranger()
	a := b.Get("/manager")
	if a.Status != 303 || a.Location != "/login?next=%2Fmanager" {
		t.Fatalf("stranger: %d %s", a.Status, a.Location)
	}
	a = b.Get(a.Location)
	if a.Status != 200 || a.Hidden("next") != "/manager" || a.Header.Get("Set-Cookie") != "" {
		t.Fatalf("form: %d next=%q cookie=%q", a.Status, a.Hidden("next"), a.Header.Get("Set-Cookie"))
	}
	if a = b.Post("/login", login(people[1].Email, identity.DemoPassword, "/manager")); a.Status != 303 {
		t.Fatalf("login: %d", a.Status)
	}
	if a = b.Get("/manager"); a.Status != 200 || a.Body != "console" {
		t.Fatalf("inside: %d", a.Status)
	}
	if a = b.Get("/logout"); a.Status != 405 {
		t.Errorf("a GET signs out: %d", a.Status)
	}
	if a = b.Post("/logout", nil); a.Status != 303 || a.Location != "/login" {
		t.Fatalf("logout: %d %s", a.Status, a.Location)
	}
	if a = b.Get("/manager"); a.Status != 303 {
		t.Errorf("after logout: %d", a.Status)
	}
}

func TestWhoIsWrongLearnsNothing(t *testing.T) {
	t.Parallel()
	h := house(t)
	var pages []string
	for _, email := range []string{people[1].Email, "nobody@example.com"} {
		a := h.Stranger().Post("/login", login(email, "a wrong <b>password</b>", "/manager"))
		if a.Status != 422 || !strings.Contains(a.Body, "do not fit together") || a.Hidden("next") != "/manager" {
			t.Errorf("%s: %d", email, a.Status)
		}
		if !strings.Contains(a.Body, `name="email" value="`+email+`"`) || strings.Contains(a.Body, "a wrong") {
			t.Errorf("%s: the e-mail is lost or the password came back", email)
		}
		pages = append(pages, strings.ReplaceAll(a.Body, email, "E"))
	}
	if pages[0] != pages[1] && len(pages[0]) == len(pages[1]) {
		t.Error("an unknown e-mail looks different")
	}
	if a := h.Stranger().Post("/login", url.Values{"email": {"\xff"}, "password": {"x"}}); a.Status != 400 {
		t.Errorf("invalid text: %d", a.Status)
	}
	if missing := h.Kit.Catalogue.Missing(); len(missing) > 0 {
		t.Errorf("words are missing: %v", missing)
	}
}

func TestTooManyAttemptsWait(t *testing.T) {
	t.Parallel()
	h := house(t)
	var last webtest.Answer
	for range 11 {
		last = h.Stranger().Post("/login", login(people[1].Email, "wrong and wrong", ""))
	}
	if last.Status != 429 || last.Header.Get("Retry-After") == "" || !strings.Contains(last.Body, "Too many attempts") || !strings.Contains(last.Body, people[1].Email) {
		t.Errorf("%d", last.Status)
	}
	if a := h.Stranger().Post("/login", login(people[1].Email, identity.DemoPassword, "")); a.Status != 429 {
		t.Errorf("the right password got through: %d", a.Status)
	}
}

func TestDemoLoginsAreShownInTheDemoOnly(t *testing.T) {
	t.Parallel()
	h := house(t)
	a := h.Stranger().Get("/login")
	for _, want := range []string{identity.DemoPassword, "Harriet Colebrook", "Country manager: United Kingdom", "Anna Whitcombe", "Northgate Motors Leeds", "Head office"} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if strings.Contains(a.Body, "Smoke") {
		t.Error("the page shows the logins of the smoke test")
	}
	h.Kit.Demo = false
	a = h.Stranger().Get("/login")
	if strings.Contains(a.Body, identity.DemoPassword) || strings.Contains(a.Body, "Harriet") {
		t.Error("demo logins outside the demo")
	}
}

func TestThePageSpeaksTheBrowsersLanguage(t *testing.T) {
	t.Parallel()
	h := house(t)
	for accept, want := range map[string]string{"": "en-GB", "it": "it-IT", "fr-CA,fr;q=0.9": "fr-FR", "de-AT": "de-DE", "es-MX": "es-ES", "ro-MD,ro;q=0.9": "ro-RO",
		"ja": "en-GB", ";;;": "en-GB", "en-US,it;q=0.2": "en-GB"} {
		b := h.Stranger()
		b.Header = http.Header{"Accept-Language": {accept}}
		if a := b.Get("/login"); !strings.Contains(a.Body, `<html lang="`+want+`"`) {
			t.Errorf("%q does not give %s", accept, want)
		}
	}
	if missing := h.Kit.Catalogue.Missing(); len(missing) > 0 {
		t.Errorf("words are missing: %v", missing)
	}
}
