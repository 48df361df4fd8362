package signin_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/web"
	"forecourt/internal/web/webtest"

	"github.com/labstack/echo/v4"
)

var secretText = regexp.MustCompile(`<span class="mono">([A-Z2-7 ]+)</span>`)

// code is what an app with the secret of the page shows, steps away from now.
func code(t *testing.T, h *webtest.House, secret string, steps int64) string {
	t.Helper()
	var epoch int64
	if _, err := db.One(h.DB.Read(t.Context()), &epoch, `SELECT floor(extract(epoch FROM clock_timestamp()))::bigint`); err != nil {
		t.Fatal(err)
	}
	c, err := identity.TOTPCode(secret, time.Unix(epoch+30*steps, 0))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// enrol sets an app up through the pages.
func enrol(t *testing.T, h *webtest.House, b *webtest.Browser) string {
	t.Helper()
	a := b.Get("/account/app")
	m := secretText.FindStringSubmatch(a.Body)
	if a.Status != 200 || m == nil || !strings.Contains(a.Body, "<path d=\"M") {
		t.Fatalf("the page of the app: %d", a.Status)
	}
	secret := strings.ReplaceAll(m[1], " ", "")
	if a := b.Post("/account/app", url.Values{"code": {"000000"}}); a.Status != 422 || !strings.Contains(a.Body, m[1]) {
		t.Errorf("a wrong first code: %d, or another secret", a.Status)
	}
	a = b.Post("/account/app", url.Values{"code": {code(t, h, secret, 0)}})
	if a.Status != 200 || strings.Count(a.Body, "<li>") != 10 {
		t.Fatalf("switching on: %d", a.Status)
	}
	return secret
}

func TestTheSecondFactorIsAskedForAfterThePassword(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Stranger()
	b.Post("/login", login(people[1].Email, identity.DemoPassword, ""))
	secret := enrol(t, h, b)

	c := h.Stranger()
	if a := c.Post("/login", login(people[1].Email, identity.DemoPassword, "/manager")); a.Status != 303 || a.Location != "/login/second?next=%2Fmanager" {
		t.Fatalf("the password: %d %s", a.Status, a.Location)
	}
	for _, path := range []string{"/manager", "/account"} {
		if a := c.Get(path); a.Status != 303 || !strings.HasPrefix(a.Location, "/login?") {
			t.Errorf("half a sign-in opens %s: %d", path, a.Status)
		}
	}
	if a := c.Get("/login/second?next=%2Fmanager"); a.Status != 200 || a.Hidden("next") != "/manager" {
		t.Errorf("the question: %d", a.Status)
	}
	if a := c.Post("/login/second", url.Values{"code": {"123456"}, "next": {"/manager"}}); a.Status != 422 || a.Hidden("next") != "/manager" {
		t.Errorf("a wrong code: %d", a.Status)
	}
	if a := c.Post("/login/second", url.Values{"code": {code(t, h, secret, 1)}, "next": {"/manager"}}); a.Status != 303 || a.Location != "/manager" {
		t.Fatalf("the right code: %d %s", a.Status, a.Location)
	}
	if a := c.Get("/manager"); a.Status != 200 {
		t.Errorf("inside: %d", a.Status)
	}
	if a := c.Get("/login/second"); a.Status != 303 || a.Location != "/login" {
		t.Errorf("the question to nobody: %d", a.Status)
	}
	if a := c.Post("/account/app/end", url.Values{"password_app": {"not the password"}}); a.Status != 422 {
		t.Errorf("switching off without the password: %d", a.Status)
	}
	if a := c.Post("/account/app/end", url.Values{"password_app": {identity.DemoPassword}}); a.Status != 303 {
		t.Errorf("switching off: %d", a.Status)
	}
	if missing := h.Kit.Catalogue.Missing(); len(missing) > 0 {
		t.Errorf("words are missing: %v", missing)
	}
}

// idle lets time pass over all sessions.
func idle(t *testing.T, h *webtest.House, d time.Duration) {
	t.Helper()
	if err := h.DB.Read(t.Context()).Exec(`UPDATE sessions SET seen_at = seen_at - make_interval(secs => ?)`, d.Seconds()).Error; err != nil {
		t.Fatal(err)
	}
}

// desk is a house with a door of the dealer portal that tells what it got.
func desk(t *testing.T) *webtest.House {
	h := house(t)
	h.Open([]web.Route{
		web.GET("/dealer", identity.DealerSee, func(c echo.Context) error { return c.String(http.StatusOK, "queue") }),
		web.POST("/dealer/act", identity.DealerSee, func(c echo.Context) error {
			f, err := web.ReadForm(c)
			if err != nil {
				return err
			}
			return c.String(http.StatusOK, "note="+f.Value("note")+" tags="+strings.Join(f.Values("tag"), "+")+" secret="+f.Value(web.UnlockField))
		}),
	})
	return h
}

func TestAnIdleScreenLocksAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	h := desk(t)
	b := h.Dealer("desk@example.com", "gb-leeds-northgate")
	idle(t, h, 14*time.Minute)
	if a := b.Get("/dealer"); a.Status != 200 {
		t.Fatalf("before its time: %d", a.Status)
	}
	idle(t, h, 16*time.Minute)
	if a := b.Get("/dealer?tab=work"); a.Status != 303 || a.Location != "/login/unlock?next=%2Fdealer%3Ftab%3Dwork" {
		t.Fatalf("a page: %d %s", a.Status, a.Location)
	}
	typed := url.Values{"note": {`a scratch <"left">`}, "tag": {"one", "two"}}
	a := b.Post("/dealer/act", typed)
	if a.Status != 403 || a.Hidden("note") != "a scratch &lt;&#34;left&#34;&gt;" || strings.Count(a.Body, `name="tag"`) != 2 || !strings.Contains(a.Body, `action="/dealer/act"`) {
		t.Fatalf("a form: %d %s", a.Status, a.Body)
	}
	typed.Set(web.UnlockField, "wrong")
	if a = b.Post("/dealer/act", typed); a.Status != 422 || a.Hidden("note") == "" || strings.Contains(a.Body, "wrong") {
		t.Errorf("a wrong password: %d", a.Status)
	}
	typed.Set(web.UnlockField, identity.DemoPassword)
	if a = b.Post("/dealer/act", typed); a.Status != 200 || a.Body != `note=a scratch <"left"> tags=one+two secret=` {
		t.Fatalf("unlocked and sent: %d %s", a.Status, a.Body)
	}
	if a = b.Get("/dealer"); a.Status != 200 {
		t.Errorf("afterwards: %d", a.Status)
	}
	idle(t, h, 16*time.Minute)
	if a = b.Get("/login/unlock?next=%2Fdealer"); a.Status != 200 || a.Hidden("next") != "/dealer" {
		t.Fatalf("the lock: %d", a.Status)
	}
	if a = b.Post("/login/unlock", url.Values{web.UnlockField: {identity.DemoPassword}, "next": {"//evil.example.com"}}); a.Status != 303 || a.Location != "/dealer" {
		t.Errorf("unlocking: %d %s", a.Status, a.Location)
	}
	m := h.Manager("office@example.com", "gb")
	idle(t, h, 2*time.Hour)
	if a := m.Get("/manager"); a.Status != 200 {
		t.Errorf("an office's screen: %d", a.Status)
	}
	if missing := h.Kit.Catalogue.Missing(); len(missing) > 0 {
		t.Errorf("words are missing: %v", missing)
	}
}

// A list that renews itself keeps nobody's screen open.
func TestAPageThatRenewsItselfIsNobody(t *testing.T) {
	t.Parallel()
	h := desk(t)
	b := h.Dealer("desk@example.com", "gb-leeds-northgate")
	b.Header = http.Header{"X-Refresh": {"1"}}
	idle(t, h, 14*time.Minute)
	if a := b.Get("/dealer"); a.Status != 200 {
		t.Fatalf("before its time: %d", a.Status)
	}
	idle(t, h, 2*time.Minute)
	if a := b.Get("/dealer"); a.Status != 303 {
		t.Errorf("the lock waits for ever: %d", a.Status)
	}
}

func TestDevicesAreListedAndEnded(t *testing.T) {
	t.Parallel()
	h := desk(t)
	one, two := h.Dealer("desk@example.com", "gb-leeds-northgate"), h.Dealer("desk@example.com", "gb-leeds-northgate")
	stranger := h.Dealer("other@example.com", "gb-leeds-northgate")
	a := one.Get("/account")
	if a.Status != 200 || strings.Count(a.Body, `name="device"`) != 2 {
		t.Fatalf("%d: two devices, one of them here, and all others", a.Status)
	}
	name := regexp.MustCompile(`name="device" value="([^"]+)"`).FindStringSubmatch(a.Body)[1]
	if !id.IsKey(name) {
		t.Fatalf("the device is named %s", name)
	}
	if a := stranger.Post("/account/devices/end", url.Values{"device": {name}}); a.Status != 404 {
		t.Errorf("somebody else's device: %d", a.Status)
	}
	if a := one.Post("/account/devices/end", url.Values{"device": {name}}); a.Status != 303 {
		t.Errorf("ending: %d", a.Status)
	}
	if a := two.Get("/dealer"); a.Status != 303 {
		t.Errorf("the ended device is in: %d", a.Status)
	}
	three := h.Dealer("desk@example.com", "gb-leeds-northgate")
	if a := one.Post("/account/devices/end", url.Values{"device": {identity.OtherDevices}}); a.Status != 303 {
		t.Errorf("ending all others: %d", a.Status)
	}
	if a := three.Get("/dealer"); a.Status != 303 {
		t.Errorf("another one is still in: %d", a.Status)
	}
	if a := one.Get("/dealer"); a.Status != 200 {
		t.Errorf("the own one is out: %d", a.Status)
	}
	if a := stranger.Get("/dealer"); a.Status != 200 {
		t.Errorf("a stranger was signed out: %d", a.Status)
	}
}

func TestAGroupThatWantsASecondFactorAsksForItFirst(t *testing.T) {
	t.Parallel()
	h := desk(t)
	b := h.Dealer("desk@example.com", "gb-leeds-northgate")
	if err := h.DB.Read(t.Context()).Exec(`UPDATE dealer_groups SET second_factor = true WHERE code = 'gb-pennine'`).Error; err != nil {
		t.Fatal(err)
	}
	if a := b.Get("/dealer"); a.Status != 303 || a.Location != "/account?must=1" {
		t.Fatalf("without: %d %s", a.Status, a.Location)
	}
	if a := b.Get("/account"); a.Status != 200 || !strings.Contains(a.Body, "Your group asks for a second factor") {
		t.Errorf("the account: %d", a.Status)
	}
	enrol(t, h, b)
	if a := b.Get("/dealer"); a.Status != 200 {
		t.Errorf("with: %d", a.Status)
	}
	if a := b.Post("/account/app/end", url.Values{"password_app": {identity.DemoPassword}}); a.Status != 409 || !strings.Contains(a.Body, "this is your last one") {
		t.Errorf("the last one goes: %d", a.Status)
	}
}

func TestPasskeyQuestionsAreJSONAndRubbishIsRefused(t *testing.T) {
	t.Parallel()
	h := house(t)
	a := h.Stranger().Post("/login/passkey/begin", nil)
	if a.Status != 200 || !strings.Contains(a.Body, `"rpId":"shop.example.com"`) || !strings.Contains(a.Body, `"userVerification":"required"`) {
		t.Errorf("the question: %d %s", a.Status, a.Body)
	}
	if a := h.Stranger().Post("/login/passkey", url.Values{"key": {"x"}, "answer": {"{}"}}); a.Status != 422 || !strings.Contains(a.Body, "did not work") {
		t.Errorf("rubbish: %d", a.Status)
	}
	b := h.Manager("office@example.com", "gb")
	if a := b.Post("/account/passkeys", url.Values{"key": {"x"}, "answer": {"{}"}, "name": {"Phone"}}); a.Status != 422 || !strings.Contains(a.Body, `value="Phone"`) {
		t.Errorf("rubbish as a new key: %d", a.Status)
	}
	if a := h.Stranger().Post("/account/passkeys/begin", nil); a.Status != 401 {
		t.Errorf("a stranger's new key: %d", a.Status)
	}
}
