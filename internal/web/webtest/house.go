package webtest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/outward"
	"forecourt/internal/testkit"
	"forecourt/internal/web"
	"forecourt/internal/web/assets"
	"forecourt/internal/world"
	"forecourt/static"
	"forecourt/templates"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"
)

// House is a running site with the surfaces that a test asks for.
type House struct {
	T       testing.TB
	DSN     string
	DB      *db.DB
	Clock   *clock.Manual
	Kit     *web.Kit
	Users   *identity.Users
	Factors *identity.Factors
	SSO     *identity.SSO
	Handler http.Handler
	echo    *echo.Echo
	count   *counter
}

// New builds the house; surfaces are added with Open.
func New(t testing.TB) *House {
	t.Helper()
	h := &House{T: t, Clock: clock.NewManual(dbtest.Start), count: &counter{}}
	h.DB, h.DSN = testkit.World(t, dbtest.Options{Clock: h.Clock, Tracer: h.count})
	keeper, err := world.NewKeeper(t.Context(), h.DB, "", h.log())
	h.must(err)
	return h.build(keeper)
}

// Over builds the house over a kit, with its database, world and clock; it counts no statements.
func Over(k *testkit.Kit) *House {
	k.T.Helper()
	h := &House{T: k.T, DB: k.DB, DSN: k.DSN, Clock: k.Clock, count: &counter{}}
	return h.build(k.World)
}

// log is silent unless the test runs with -v.
func (h *House) log() *slog.Logger {
	if testing.Verbose() {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.DiscardHandler)
}

func (h *House) build(keeper *world.Keeper) *House {
	h.T.Helper()
	words, err := i18n.Load()
	h.must(err)
	set, err := assets.New(static.Files, web.Looks(keeper.Now()))
	h.must(err)
	h.Users = identity.NewUsers(h.DB, identity.Options{Demo: true})
	h.Kit = &web.Kit{DB: h.DB, World: keeper, Catalogue: words, Assets: set, Log: h.log(), Demo: true, BaseURL: "http://shop.example.com"}
	h.Kit.Sessions = identity.NewSessions(h.Users, false, func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	})
	h.Factors, err = identity.NewFactors(h.Users, []byte("a secret of the tests, 32 bytes or more"), h.Kit.BaseURL)
	h.must(err)
	h.SSO, err = identity.NewSSO(h.Users, []byte("a secret of the tests, 32 bytes or more"), h.Kit.BaseURL, outward.Options{Demo: true, Timeout: time.Minute})
	h.must(err)
	h.Kit.Unlocker = h.Factors
	h.must(h.Kit.Init(templates.Files))
	h.echo = echo.New()
	h.echo.HTTPErrorHandler = h.Kit.Fail
	h.echo.GET(assets.Prefix+"*", echo.WrapHandler(set))
	h.Open([]web.Route{web.POST(signInPath, identity.Public, h.signIn)})
	h.Handler = web.RequestID(h.Kit.Sessions.Middleware(h.echo))
	return h
}

// counter counts statements, so that a test can see a page ask once per row.
type counter struct{ n atomic.Int64 }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	return ctx
}

func (*counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// Statements tells how many statements act sends to the database. Nothing else may run meanwhile.
func (h *House) Statements(act func()) int {
	before := h.count.n.Load()
	act()
	return int(h.count.n.Load() - before)
}

// Open adds the routes of a surface.
func (h *House) Open(routes []web.Route) {
	h.T.Helper()
	h.must(h.Kit.Add(h.echo, routes))
}

func (h *House) must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

const signInPath = "/manager/a-test-signs-in"

// signIn skips the password, whose hashing is slow on purpose.
func (h *House) signIn(c echo.Context) error {
	var who string
	ok, err := db.One(h.DB.Read(c.Request().Context()), &who, `SELECT id FROM users WHERE email = ?`, c.FormValue("email"))
	if err != nil {
		return err
	}
	if !ok {
		return web.ErrNotFound
	}
	return h.Kit.Sessions.SignIn(c.Request().Context(), identity.User{ID: id.User(who)})
}

// Manager, HQ and Dealer make members of staff.
func (h *House) Manager(email string, markets ...id.Market) *Browser {
	return h.staff(identity.User{Email: email, Name: "Person " + email, Role: identity.RoleManager, Markets: markets})
}

// HQ makes a member of the head office.
func (h *House) HQ(email string) *Browser {
	return h.staff(identity.User{Email: email, Name: "Person " + email, Role: identity.RoleHQ})
}

// Dealer makes a member of a dealer's staff.
func (h *House) Dealer(email string, d id.Dealer) *Browser {
	return h.staff(identity.User{Email: email, Name: "Person " + email, Role: identity.RoleDealer, Dealer: d})
}

// Person makes a member of staff as described.
func (h *House) Person(u identity.User) *Browser { return h.staff(u) }

func (h *House) staff(u identity.User) *Browser {
	h.T.Helper()
	h.must(h.DB.InTx(h.T.Context(), func(ctx context.Context, tx *db.Tx) error {
		return identity.EnsureDemoTx(ctx, tx, []identity.User{u})
	}))
	b := h.Stranger()
	if a := b.Post(signInPath, url.Values{"email": {u.Email}}); a.Status != http.StatusOK {
		h.T.Fatalf("sign in: %d %s", a.Status, a.Body)
	}
	return b
}

// Stranger is a browser without a session.
func (h *House) Stranger() *Browser { return &Browser{h: h, cookies: map[string]*http.Cookie{}} }

// Browser keeps cookies and follows nothing by itself. It is for one goroutine.
type Browser struct {
	h       *House
	cookies map[string]*http.Cookie
	Header  http.Header // sent with every request
}

// Answer is what came back.
type Answer struct {
	Status   int
	Header   http.Header
	Body     string
	Location string
}

// Get asks for a page.
func (b *Browser) Get(path string) Answer {
	return b.Do(httptest.NewRequest(http.MethodGet, path, nil))
}

// Post sends a form.
func (b *Browser) Post(path string, form url.Values) Answer {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.Do(r)
}

// Do sends any request.
func (b *Browser) Do(r *http.Request) Answer {
	for k, vs := range b.Header {
		r.Header[k] = vs
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.h.Handler.ServeHTTP(w, r)
	res := w.Result()
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c
		if c.MaxAge < 0 || (!c.Expires.IsZero() && c.Expires.Before(time.Now())) {
			delete(b.cookies, c.Name)
		}
	}
	body, _ := io.ReadAll(res.Body)
	return Answer{Status: res.StatusCode, Header: res.Header, Body: string(body), Location: res.Header.Get("Location")}
}

// Hidden reads a field's value from a page.
func (a Answer) Hidden(name string) string {
	_, rest, ok := strings.Cut(a.Body, `name="`+name+`" value="`)
	if !ok {
		return ""
	}
	v, _, _ := strings.Cut(rest, `"`)
	return v
}
