package identity

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// door is a small site: /dealer/in signs the user in, /dealer/out out, everything else says who asks.
func door(t *testing.T, users *Users, u User, secure bool) http.Handler {
	t.Helper()
	s := NewSessions(users, secure, func(w http.ResponseWriter, r *http.Request, err error) {
		t.Errorf("%s: %v", r.URL, err)
		http.Error(w, "", http.StatusServiceUnavailable)
	})
	return s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/dealer/in":
			must(t, s.SignIn(r.Context(), u))
		case "/dealer/out":
			must(t, s.SignOut(r.Context()))
		}
		if u, ok := s.UserOf(r.Context()); ok {
			_, _ = w.Write([]byte(u.Email))
		}
	}))
}

func get(h http.Handler, path string, cookies ...*http.Cookie) *http.Response {
	r := httptest.NewRequest("GET", path, nil)
	for _, c := range cookies {
		if c != nil {
			r.AddCookie(c)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func who(r *http.Response) string {
	b := make([]byte, 100)
	n, _ := r.Body.Read(b)
	return string(b[:n])
}

func cookieOf(t *testing.T, r *http.Response) *http.Cookie {
	t.Helper()
	if len(r.Cookies()) != 1 {
		t.Fatalf("%d cookies, want one", len(r.Cookies()))
	}
	return r.Cookies()[0]
}

func TestCookie(t *testing.T) {
	t.Parallel()
	users, amy := staffed(t)
	c := cookieOf(t, get(door(t, users, amy, true), "/dealer/in"))
	if c.Name != "__Host-forecourt" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
		t.Errorf("over https: %+v", c)
	}
	c = cookieOf(t, get(door(t, users, amy, false), "/dealer/in"))
	if c.Name != "forecourt" || c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("over http: %+v", c)
	}
}

func TestASessionHoldsTheUserAndItsTokenIsHashed(t *testing.T) {
	t.Parallel()
	users, amy := staffed(t)
	h := door(t, users, amy, true)
	c := cookieOf(t, get(h, "/dealer/in"))
	data := text(t, users.db, `SELECT convert_from(data, 'UTF8') FROM sessions`)
	if !strings.HasPrefix(data, string(amy.ID)+" ") || len(data) > 80 {
		t.Errorf("stored: %q", data)
	}
	if n := countRows(t, users.db, `SELECT count(*) FROM sessions WHERE position(? IN token) > 0`, c.Value); n != 0 {
		t.Error("the token is stored as it is")
	}
	stored := text(t, users.db, `SELECT token FROM sessions`)
	sum := sha256.Sum256([]byte(c.Value))
	if stored == c.Value || len(stored) != 43 || stored == string(sum[:]) {
		t.Errorf("stored token %q", stored)
	}
	forged := *c
	forged.Value = stored
	if got := who(get(h, "/dealer", &forged)); got != "" {
		t.Errorf("the stored form of the token opens the door to %q", got)
	}
}

func TestSigningInChangesTheToken(t *testing.T) {
	t.Parallel()
	users, amy := staffed(t)
	h := door(t, users, amy, true)
	planted := &http.Cookie{Name: "__Host-forecourt", Value: manyOf('A', 43)}
	first := cookieOf(t, get(h, "/dealer/in", planted))
	if first.Value == planted.Value {
		t.Fatal("a planted token was taken over")
	}
	second := cookieOf(t, get(h, "/dealer/in", first))
	if second.Value == first.Value {
		t.Fatal("the token stayed at login")
	}
	for name, c := range map[string]*http.Cookie{"planted": planted, "first": first} {
		if got := who(get(h, "/dealer", c)); got != "" {
			t.Errorf("%s token still works for %q", name, got)
		}
	}
	if got := who(get(h, "/dealer", second)); got != amy.Email {
		t.Errorf("the new token gives %q", got)
	}
}

func TestSignOutEndsTheSessionForGood(t *testing.T) {
	t.Parallel()
	users, amy := staffed(t)
	h := door(t, users, amy, true)
	c := cookieOf(t, get(h, "/dealer/in"))
	out := cookieOf(t, get(h, "/dealer/out", c))
	if out.MaxAge >= 0 || out.Value != "" {
		t.Errorf("cookie after sign-out: %+v", out)
	}
	if got := who(get(h, "/dealer", c)); got != "" {
		t.Errorf("the old cookie is still %q", got)
	}
	if n := countRows(t, users.db, `SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions left", n)
	}
}

func TestPublicPagesNeverMakeASession(t *testing.T) {
	t.Parallel()
	users, amy := staffed(t)
	h := door(t, users, amy, true)
	junk := &http.Cookie{Name: "__Host-forecourt", Value: manyOf('B', 43)}
	for _, path := range []string{"/", "/dacia/gb", "/dealers", "/dealer-news", "/hqx", "/api/v1/dealer/orders", "/dealer", "/manager/x", "/hq"} {
		for _, c := range []*http.Cookie{nil, junk, {Name: "__Host-forecourt", Value: "short"}, {Name: "forecourt", Value: junk.Value}} {
			r := get(h, path, c)
			if len(r.Cookies()) != 0 || who(r) != "" {
				t.Errorf("%s with %v: %v", path, c, r.Header)
			}
		}
	}
	if n := countRows(t, users.db, `SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions were made", n)
	}
	c := cookieOf(t, get(h, "/dealer/in"))
	if got := who(get(h, "/dacia/gb", c)); got != amy.Email {
		t.Errorf("staff on a public page is %q", got)
	}
}

func TestSigningInOutsideAPortalIsRefused(t *testing.T) {
	t.Parallel()
	users, amy := staffed(t)
	s := NewSessions(users, true, nil)
	refused(t, "without middleware", s.SignIn(t.Context(), amy), errOutside)
	cookie := &http.Cookie{Name: "__Host-forecourt", Value: manyOf('B', 43)}
	get(s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refused(t, "sign in on a public page", s.SignIn(r.Context(), amy), errOutside)
		refused(t, "sign out on a public page", s.SignOut(r.Context()), errOutside)
	})), "/dacia/gb", cookie)
}

func TestWhatEndsASession(t *testing.T) {
	t.Parallel()
	users, amy := staffed(t)
	h := door(t, users, amy, true)
	run := func(q string, args ...any) error { return users.db.Read(t.Context()).Exec(q, args...).Error }
	ends := map[string]func() error{
		"disabled by the command": func() error { return users.Disable(t.Context(), amy.Email) },
		"disabled in the table":   func() error { return run(`UPDATE users SET disabled_at = now()`) },
		"new password":            func() error { return users.SetPassword(t.Context(), amy.Email, "another long sentence") },
		"upsert":                  func() error { _, err := users.Upsert(t.Context(), clerk(), password); return err },
		"everywhere":              func() error { return NewSessions(users, true, nil).SignOutEverywhere(t.Context(), amy.ID) },
		"expired":                 func() error { return run(`UPDATE sessions SET expiry = now() - interval '1 second'`) },
		"old form":                func() error { return run(`UPDATE sessions SET data = 'gob of an older version'`) },
		"user of the demo":        func() error { return run(`UPDATE users SET demo = true`) },
	}
	for name, end := range ends {
		c := cookieOf(t, get(h, "/dealer/in"))
		if got := who(get(h, "/dealer", c)); got != amy.Email {
			t.Fatalf("%s: signed in as %q", name, got)
		}
		must(t, end())
		if got := who(get(h, "/dealer", c)); got != "" {
			t.Errorf("%s: still %q", name, got)
		}
		if got := who(get(h, "/dacia/gb", c)); got != "" {
			t.Errorf("%s: still %q on a public page", name, got)
		}
		must(t, run(`UPDATE users SET disabled_at = NULL, demo = false`))
	}
}

func TestSessionsAreProlongedNowAndThenButNotForEver(t *testing.T) {
	t.Parallel()
	users, amy := staffed(t)
	h := door(t, users, amy, true)
	c := cookieOf(t, get(h, "/dealer/in"))
	row := func() string { return text(t, users.db, `SELECT xmin::text || expiry FROM sessions`) }
	fresh := row()
	if r := get(h, "/dealer", c); len(r.Cookies()) != 0 || row() != fresh {
		t.Error("a request right after login wrote the session")
	}
	must(t, users.db.Read(t.Context()).Exec(`UPDATE sessions SET expiry = now() + interval '1 hour'`).Error)
	get(h, "/dacia/gb", c)
	if n := countRows(t, users.db, `SELECT count(*) FROM sessions WHERE expiry > now() + interval '2 hours'`); n != 0 {
		t.Error("a public page prolonged the session")
	}
	get(h, "/dealer", c)
	if n := countRows(t, users.db, `SELECT count(*) FROM sessions WHERE expiry BETWEEN now() + interval '7 hours' AND now() + interval '8 hours'`); n != 1 {
		t.Error("a request an hour before the end did not prolong the session to eight")
	}
	// The absolute end wins over the idle one.
	end := time.Now().Add(10 * time.Minute).UTC().Format(time.RFC3339Nano)
	must(t, users.db.Read(t.Context()).Exec(`UPDATE sessions SET data = convert_to(?, 'UTF8'), expiry = now() + interval '1 minute'`, string(amy.ID)+" "+end).Error)
	get(h, "/dealer", c)
	if n := countRows(t, users.db, `SELECT count(*) FROM sessions WHERE expiry < now() + interval '11 minutes' AND expiry > now() + interval '9 minutes'`); n != 1 {
		t.Error("the session lives past its absolute end")
	}
}

func TestSweepKeepsWhatIsAlive(t *testing.T) {
	t.Parallel()
	users, amy := staffed(t)
	h := door(t, users, amy, true)
	get(h, "/dealer/in")
	must(t, users.db.Read(t.Context()).Exec(`UPDATE sessions SET expiry = now() - interval '1 second'`).Error)
	c := cookieOf(t, get(h, "/dealer/in"))
	must(t, sweep(t, users.db))
	if n := countRows(t, users.db, `SELECT count(*) FROM sessions`); n != 1 || who(get(h, "/dealer", c)) != amy.Email {
		t.Errorf("%d sessions after sweeping, want the living one", n)
	}
}

func TestABrokenDatabaseIsNotAStranger(t *testing.T) {
	t.Parallel()
	users, amy := staffed(t)
	var failed error
	s := NewSessions(users, true, func(w http.ResponseWriter, r *http.Request, err error) { failed = err })
	c := cookieOf(t, get(door(t, users, amy, true), "/dealer/in"))
	must(t, users.db.Read(t.Context()).Exec(`DROP TABLE sessions`).Error)
	h := s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := s.UserOf(r.Context()); ok {
			t.Error("somebody was found without sessions")
		}
		_, _ = w.Write([]byte("shown"))
	}))
	if got := who(get(h, "/dealer", c)); got != "" || failed == nil {
		t.Errorf("the portal answered %q, failure %v", got, failed)
	}
	failed = nil
	if got := who(get(h, "/dacia/gb", c)); got != "shown" || failed != nil {
		t.Errorf("the shop answered %q, failure %v", got, failed)
	}
}

func TestCodecRefusesOtherForms(t *testing.T) {
	t.Parallel()
	if _, err := (codec{}).Encode(time.Time{}, map[string]any{userValue: "x"}); !errors.Is(err, errForm) {
		t.Error("a session of nobody was written")
	}
	for _, b := range []string{"", "x", manyOf('0', 36), manyOf('0', 36) + " soon", "019aa000-0000-7000-8000-000000000000 soon"} {
		if _, _, err := (codec{}).Decode([]byte(b)); !errors.Is(err, errForm) {
			t.Errorf("%q was read", b)
		}
	}
}

// The end of a session is told in the portals only.
func TestWhenASessionEnds(t *testing.T) {
	t.Parallel()
	users, amy := staffed(t)
	s := NewSessions(users, true, nil)
	var still time.Duration
	var latest time.Time
	var ok bool
	h := s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/dealer/in" {
			must(t, s.SignIn(r.Context(), amy))
		}
		still, latest, ok = s.Ends(r.Context())
	}))
	if get(h, "/dealer"); ok {
		t.Errorf("a stranger has %s", still)
	}
	c := cookieOf(t, get(h, "/dealer/in"))
	if get(h, "/dealer", c); !ok || still != idle-prolongAfter || time.Until(latest) > absolute || time.Until(latest) < absolute-time.Minute {
		t.Errorf("after signing in: %s, at the latest %s", still, latest)
	}
	if get(h, "/dacia/gb", c); ok {
		t.Errorf("a public page tells of %s", still)
	}
	end := time.Now().Add(10 * time.Minute).UTC()
	must(t, users.db.Read(t.Context()).Exec(`UPDATE sessions SET data = convert_to(?, 'UTF8')`, string(amy.ID)+" "+end.Format(time.RFC3339Nano)).Error)
	if get(h, "/dealer", c); !latest.Equal(end) {
		t.Errorf("the absolute end is %s, told %s", end, latest)
	}
}
