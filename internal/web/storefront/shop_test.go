package storefront_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/flow/barrier"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/pricing"
	"forecourt/internal/testkit"
	"forecourt/internal/web"
	"forecourt/internal/web/assets"
	"forecourt/internal/web/storefront"
	"forecourt/static"
	"forecourt/templates"

	"github.com/labstack/echo/v4"
)

// shop is the storefront over the real flow, database and card bank, and a visitor without script.
type shop struct {
	*testkit.Kit
	site   *httptest.Server
	web    *web.Kit
	client *http.Client
}

func open(t testing.TB) *shop {
	t.Helper()
	s := &shop{Kit: testkit.New(t)}
	set, err := assets.New(static.Files, web.Looks(s.World.Now()))
	must(t, err)
	words, err := i18n.Load()
	must(t, err)
	out := io.Discard
	if testing.Verbose() {
		out = os.Stderr
	}
	log := slog.New(slog.NewTextHandler(out, nil))
	s.web = &web.Kit{DB: s.DB, World: s.World, Catalogue: words, Assets: set, Log: log, Demo: true}
	s.web.Sessions = identity.NewSessions(identity.NewUsers(s.DB, identity.Options{Demo: true}), false, func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	})
	must(t, s.web.Init(templates.Files))
	e := echo.New()
	e.HTTPErrorHandler = s.web.Fail
	e.GET(assets.Prefix+"*", echo.WrapHandler(set))
	must(t, s.web.Add(e, storefront.New(storefront.Deps{Kit: s.web, NewCar: s.NewCar, UsedCar: s.UsedCar, Barriers: &barrier.Service{DB: s.DB, World: s.World, Jobs: s.NewCar.Jobs, Words: words, Sender: s.Mails}, CardOrigin: s.BankURL, Prices: pricing.NewSigner([]byte("a test secret of 32 bytes or more"))}).Routes()))
	must(t, s.web.Add(e, []web.Route{web.POST(signInPath, identity.Public, s.signIn)}))
	s.site = testkit.Serve(t, web.RequestID(web.SecureHeaders(s.BankURL, false)(s.web.Sessions.Middleware(e))))
	s.NewCar.BaseURL, s.web.BaseURL = s.site.URL, s.site.URL
	s.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return s
}

const signInPath = "/manager/a-test-signs-in"

// signIn makes the visitor somebody of the head office, without the password, which is slow on purpose.
func (s *shop) signIn(c echo.Context) error {
	who := identity.User{Email: "hq@example.com", Name: "Head Office", Role: identity.RoleHQ}
	err := s.DB.InTx(c.Request().Context(), func(ctx context.Context, tx *db.Tx) error {
		return identity.EnsureDemoTx(ctx, tx, []identity.User{who})
	})
	if err != nil {
		return err
	}
	if err := s.DB.Read(c.Request().Context()).Raw(`SELECT id FROM users WHERE email = ?`, who.Email).Scan(&who.ID).Error; err != nil {
		return err
	}
	return s.web.Sessions.SignIn(c.Request().Context(), who)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is what came back; nothing is followed by itself.
type answer struct {
	status int
	head   http.Header
	body   string
}

func (a answer) to() string { return a.head.Get("Location") }

func (s *shop) do(req *http.Request) answer {
	s.T.Helper()
	res, err := s.client.Do(req)
	must(s.T, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(s.T, err)
	return answer{res.StatusCode, res.Header, string(b)}
}

func (s *shop) abs(path string) string {
	if strings.HasPrefix(path, "http") {
		return path
	}
	return s.site.URL + path
}

func (s *shop) get(path string) answer {
	s.T.Helper()
	req, err := http.NewRequest(http.MethodGet, s.abs(path), nil)
	must(s.T, err)
	return s.do(req)
}

func (s *shop) post(path string, form url.Values) answer {
	s.T.Helper()
	req, err := http.NewRequest(http.MethodPost, s.abs(path), strings.NewReader(form.Encode()))
	must(s.T, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(req)
}

// page gets a page that must be there.
func (s *shop) page(path string) answer {
	s.T.Helper()
	a := s.get(path)
	if a.status != http.StatusOK {
		s.T.Fatalf("GET %s: %d\n%s", path, a.status, a.text())
	}
	return a
}

var (
	tags    = regexp.MustCompile(`(?s)<svg.*?</svg>|<[^>]*>`)
	hiddens = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

func (a answer) text() string {
	_, main, _ := strings.Cut(a.body, "<main")
	return strings.Join(strings.Fields(tags.ReplaceAllString(main, " ")), " ")
}

// form is the hidden fields of the form that posts to action.
func (a answer) form(t testing.TB, action string) url.Values {
	t.Helper()
	_, rest, ok := strings.Cut(a.body, `<form action="`+action+`" method="post"`)
	if !ok {
		t.Fatalf("no form to %s in: %s", action, a.text())
	}
	rest, _, _ = strings.Cut(rest, "</form>")
	out := url.Values{}
	for _, m := range hiddens.FindAllStringSubmatch(rest, -1) {
		out.Set(m[1], m[2])
	}
	return out
}

func with(v url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func count(s *shop, table string) (n int64) {
	s.T.Helper()
	must(s.T, s.DB.Read(s.T.Context()).Raw(`SELECT count(*) FROM `+table).Scan(&n).Error)
	return n
}
