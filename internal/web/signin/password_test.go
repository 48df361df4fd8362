package signin_test

import (
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
)

const otherWords = "another sentence to remember"

// Whoever is signed in changes his password: with the old one, for a strong one, and his other sessions end.
func TestAPasswordIsChangedByWhoKnowsTheOld(t *testing.T) {
	t.Parallel()
	h := house(t)
	const email, words = "nora@example.com", "a sentence to remember"
	_, err := h.Users.Create(t.Context(), identity.User{Email: email, Name: "Nora New", Role: identity.RoleDealer, Dealer: "gb-leeds-northgate"}, words)
	if err != nil {
		t.Fatal(err)
	}
	here, there := h.Stranger(), h.Stranger()
	here.Post("/login", login(email, words, ""))
	there.Post("/login", login(email, words, ""))
	if a := here.Get("/account"); a.Status != 200 || !strings.Contains(a.Body, `action="/account/password"`) {
		t.Fatalf("the account: %d", a.Status)
	}
	change := func(old, fresh string) url.Values { return url.Values{"password_old": {old}, "password_new": {fresh}} }
	for field, v := range map[string]url.Values{"password_old": change("not the one it is", otherWords), "password_new": change(words, "short")} {
		if a := here.Post("/account/password", v); a.Status != 422 || !strings.Contains(a.Body, `id="`+field+`-error"`) || strings.Contains(a.Body, "not the one it is") {
			t.Errorf("%s: %d", field, a.Status)
		}
	}
	if a := there.Get("/account"); a.Status != 200 {
		t.Errorf("a refused change ended a session: %d", a.Status)
	}
	if a := here.Post("/account/password", change(words, otherWords)); a.Status != 303 || a.Location != "/account?done=password" {
		t.Fatalf("changing: %d %s", a.Status, a.Body)
	}
	if a := here.Get("/account?done=password"); a.Status != 200 || !strings.Contains(a.Body, "The password is changed") {
		t.Errorf("who changed it is signed out: %d", a.Status)
	}
	if a := there.Get("/account"); a.Status != 303 {
		t.Errorf("another session goes on: %d", a.Status)
	}
	if a := h.Stranger().Post("/login", login(email, words, "")); a.Status != 422 {
		t.Errorf("the old password: %d", a.Status)
	}
	if a := h.Stranger().Post("/login", login(email, otherWords, "")); a.Status != 303 {
		t.Errorf("the new one: %d", a.Status)
	}
	var letters int
	if _, err := db.One(h.DB.Read(t.Context()), &letters, `SELECT count(*) FROM river_job WHERE kind = 'team.password_mail'`); err != nil || letters != 1 {
		t.Errorf("%d letters, want 1: %v", letters, err)
	}
	// The logins of the demo share a password, which stands on the page.
	demo := h.Stranger()
	demo.Post("/login", login(people[0].Email, identity.DemoPassword, ""))
	if a := demo.Get("/account"); a.Status != 200 || strings.Contains(a.Body, `action="/account/password"`) {
		t.Errorf("a login of the demo may change its password: %d", a.Status)
	}
	if a := demo.Post("/account/password", change(identity.DemoPassword, otherWords)); a.Status != 409 {
		t.Errorf("and does: %d", a.Status)
	}
	if missing := h.Kit.Catalogue.Missing(); len(missing) > 0 {
		t.Errorf("words are missing: %v", missing)
	}
}
