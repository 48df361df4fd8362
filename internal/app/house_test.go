package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"forecourt/config"
	"forecourt/internal/hook"
	"forecourt/internal/identity"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/forms"
	"forecourt/internal/platform/log"
	"forecourt/internal/platform/sheet"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars/intake"
	"forecourt/internal/world"
)

// house is the whole site over the tests' database and card bank, with staff who can sign in.
type house struct {
	*testkit.Kit
	app  *App
	site *httptest.Server
	log  *testkit.Log
}

var demoFiles = sync.OnceValues(func() (*world.Files, error) { return world.Read(config.World, dbtest.Start) })

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{Kit: testkit.New(t), log: &testkit.Log{}}
	files, err := demoFiles()
	must(t, err)
	h.Tx(func(ctx context.Context, tx *db.Tx) error { return demoLoginsTx(ctx, tx, files) })
	h.app = h.open(h.Clock)
	h.site = h.serve(h.app)
	h.NewCar.Tokens = h.app.NewCar.Tokens
	return h
}

// open builds one instance of the product on the house's database.
func (h *house) open(c clock.Clock) *App {
	h.T.Helper()
	var seed [32]byte
	_, _ = rand.Read(seed[:])
	settings := config.Settings{BaseURL: "http://shop.test", DatabaseURL: h.DSN, DatabaseConns: 8, SecretKey: base64.StdEncoding.EncodeToString([]byte("a secret of the tests, 32 bytes or more")),
		TokenKeys: []string{base64.StdEncoding.EncodeToString(seed[:])}, CardOrigin: h.BankURL, MailFrom: "orders@forecourt.example", PostsPerSecond: 10_000, Workers: 2}
	a, err := Open(h.T.Context(), Parts{Settings: settings, Clock: c, Gateway: h.NewCar.Gateway, Sender: h.Mails, Log: log.New(h.log, slog.LevelDebug), Demo: true})
	must(h.T, err)
	h.T.Cleanup(a.Close)
	return a
}

func (h *house) serve(a *App) *httptest.Server {
	h.T.Helper()
	handler, err := a.Handler()
	must(h.T, err)
	return testkit.Serve(h.T, handler)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// visitor is somebody with cookies of his own, who follows nothing by himself.
type visitor struct {
	h      *house
	base   string
	client *http.Client
}

func (h *house) visitor() *visitor {
	jar, _ := cookiejar.New(nil)
	return &visitor{h: h, base: h.site.URL, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// staff signs in somebody of the demo's staff.
func (h *house) staff(email string) *visitor {
	h.T.Helper()
	v := h.visitor()
	if a := v.post("/login", url.Values{"email": {email}, "password": {identity.DemoPassword}}); a.status != http.StatusSeeOther {
		h.T.Fatalf("%s cannot sign in: %d", email, a.status)
	}
	return v
}

type answer struct {
	status int
	head   http.Header
	body   string
}

func (a answer) to() string { return a.head.Get("Location") }

func (v *visitor) do(req *http.Request) answer {
	v.h.T.Helper()
	res, err := v.client.Do(req)
	must(v.h.T, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(v.h.T, err)
	return answer{res.StatusCode, res.Header, string(b)}
}

func (v *visitor) request(method, path string, body io.Reader) *http.Request {
	v.h.T.Helper()
	req, err := http.NewRequestWithContext(v.h.T.Context(), method, v.base+path, body)
	must(v.h.T, err)
	return req
}

func (v *visitor) get(path string) answer {
	v.h.T.Helper()
	return v.do(v.request(http.MethodGet, path, nil))
}

func (v *visitor) post(path string, form url.Values) answer {
	v.h.T.Helper()
	req := v.request(http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(req)
}

// form is fields with a key of their own.
func form(pairs ...string) url.Values {
	v := url.Values{"form_key": {forms.NewKey()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// places is what stands for the parameters of paths: an order of Leeds in two states, a draft, a saved
// build.
type places struct {
	offered, accepted *ordering.Order
	orderToken        string
	acceptedToken     string
	draft             string
	build             string
	colleague         string // id of a member of Leeds' staff
	file              string // of reports, sent by Leeds
	stock             string // a file of used cars, sent by Leeds
	hook, event       string // an address of Leeds' system, and what it is told
}

func (h *house) places() places {
	h.T.Helper()
	p := places{draft: h.Draft(testkit.London), offered: h.Buy(), accepted: h.Buy()}
	staff := sale.Staff{User: "0198a000-0000-7000-8000-000000000001", Dealer: testkit.Leeds}
	h.Tx(func(ctx context.Context, tx *db.Tx) error {
		var anna identity.User
		if _, err := db.One(tx.DB, &anna.ID, `SELECT id::text FROM users WHERE email = 'anna@northgate-leeds.example.com'`); err != nil {
			return err
		}
		anna.Role, anna.Grants = identity.RoleDealer, []identity.Grant{{Role: identity.SiteManager, Dealer: testkit.Leeds}}
		a, err := h.app.Outbound.AddTx(ctx, tx, anna, testkit.Leeds, false, "https://dms.example.com/forecourt", hook.Kinds)
		if err == nil {
			p.hook = string(a.ID)
		}
		return err
	})
	h.Tx(func(ctx context.Context, tx *db.Tx) error {
		return h.NewCar.AcceptTx(ctx, tx, staff, p.accepted.Number)
	})
	h.Tx(func(ctx context.Context, tx *db.Tx) error {
		key, err := h.NewCar.TakeReportsTx(ctx, tx, ordering.Scope{Actor: "staff:" + string(staff.User), Dealer: testkit.Leeds}, "cars.csv", strings.NewReader("vin,stage,date\nx,built,2026-11-20\n"))
		p.file = string(key)
		return err
	})
	h.Tx(func(ctx context.Context, tx *db.Tx) error {
		text := "vin;price\nx;1\n"
		table, err := sheet.Open(strings.NewReader(text), int64(len(text)), intake.Limits)
		if err != nil {
			return err
		}
		key, err := h.UsedCar.TakeStockTx(ctx, tx, intake.Scope{Actor: staff.Actor(), Dealer: testkit.Leeds}, "cars.csv", table)
		p.stock = string(key)
		return err
	})
	_, err := db.One(h.DB.Read(h.T.Context()), &p.event, `SELECT id::text FROM hook_deliveries WHERE kind = 'order.accepted' AND address_id = ?`, p.hook)
	must(h.T, err)
	p.acceptedToken = h.link(p.accepted)
	_, err = db.One(h.DB.Read(h.T.Context()), &p.colleague, `SELECT id::text FROM users WHERE email = 'imran@northgate-leeds.example.com'`)
	must(h.T, err)
	p.orderToken, p.build = h.link(p.offered), string(p.offered.Configuration)
	return p
}

func (h *house) link(o *ordering.Order) string {
	h.T.Helper()
	key, err := ordering.FirstLink(h.DB.Read(h.T.Context()), o.ID)
	must(h.T, err)
	return h.app.NewCar.Tokens.Link(key)
}

// counts are the rows that a refused request must not change.
func (h *house) counts() map[string]int {
	h.T.Helper()
	out := map[string]int{}
	for _, table := range []string{"buyers", "configurations", "drafts", "orders", "order_history", "payments", "queue_entries", "appointments", "leads", "mails", "audit_log", "ledger_lines"} {
		var n int
		_, err := db.One(h.DB.Read(h.T.Context()), &n, `SELECT count(*) FROM `+table)
		must(h.T, err)
		out[table] = n
	}
	return out
}

// order reads an order's place from an address pattern: /:brand becomes a value.
func fill(pattern string, values map[string]string) string {
	parts := strings.Split(pattern, "/")
	for i, s := range parts {
		if name, ok := strings.CutPrefix(s, ":"); ok {
			parts[i] = values[name]
		}
	}
	return strings.Join(parts, "/")
}
