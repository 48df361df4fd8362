package chaos

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/config"
	"forecourt/internal/app"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/mail"
	"forecourt/internal/stripesim"
	"forecourt/internal/testkit"
)

const (
	demoPassword  = identity.DemoPassword
	standPassword = "a stand is for looking at"
	cardKey       = "sk_test_forecourt_chaos"
	cardSecret    = "whsec_forecourt_chaos"
)

// stand is the program in this process: a shop, a worker and a card bank as real HTTP servers on
// loopback, and real PostgreSQL behind a way that can be broken.
type stand struct {
	t     *testing.T
	c     *campaign
	dir   string
	clock *shifted
	books *db.DB // past everything that is broken
	dsn   string
	bank  *stripesim.Bank
	shop  string
	card  string
	stops []func()
}

// plot is how a stand differs from an ordinary one.
type plot struct {
	fault  string
	buyers int
	conns  int32 // of the shop; 0 is the usual number
	dsn    string
	way    func(dsn string) string // of the program to its database
	bank   func(*stripesim.Options)
	front  *relay       // the shop's address when it is not served here
	serve  func(*stand) // starts what is behind it
}

// shifted is the machine's clock, put forward or back.
type shifted struct{ by atomic.Int64 }

// Now implements clock.Clock.
func (s *shifted) Now() time.Time { return clock.System{}.Now().Add(time.Duration(s.by.Load())) }

// Advance moves the clock; the card bank shares it.
func (s *shifted) Advance(d time.Duration) { s.by.Add(int64(d)) }

// run lets the clock run so many times faster until stop is called.
func (s *shifted) run(times int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		const step = 20 * time.Millisecond
		for sleep(ctx, step) == nil {
			s.Advance(time.Duration(times-1) * step)
		}
	})
	return func() { cancel(); wg.Wait() }
}

func newStand(t *testing.T, p plot) *stand {
	t.Helper()
	s := &stand{t: t, clock: &shifted{}, dsn: p.dsn}
	var err error
	if s.dir, err = os.MkdirTemp("", "forecourt-stand-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(s.dir) })
	if s.dsn == "" {
		s.books, s.dsn = testkit.World(t, dbtest.Options{Clock: s.clock, MaxConns: 4})
	} else {
		s.books = dbtest.Open(t, dbtest.Options{Clock: s.clock, MaxConns: 4, DSN: s.dsn})
	}
	s.addStaff()
	var l net.Listener
	if p.front != nil {
		l = p.front.l
	} else {
		l = s.listen()
	}
	s.shop = "http://" + strings.Replace(l.Addr().String(), "127.0.0.1", "localhost", 1)
	s.startBank(p.bank)
	s.c = newCampaign(t, p.fault, s.shop, p.buyers)
	s.c.crowd.password = standPassword
	dsn := s.dsn
	if p.way != nil {
		dsn = p.way(dsn)
	}
	t.Cleanup(s.close)
	if p.serve != nil {
		p.serve(s)
	} else {
		s.serve(s.open(dsn, p.conns), l)
	}
	s.goOn(s.open(dsn, 0).Work)
	if err := s.c.signIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stand) addStaff() {
	users := identity.NewUsers(s.books, identity.Options{})
	for dealer, login := range logins {
		if _, err := users.Upsert(s.t.Context(), identity.User{Email: login, Name: "Smoke Dealer", Role: identity.RoleDealer, Dealer: id.Dealer(dealer)}, standPassword); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *stand) listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

func (s *stand) startBank(tune func(*stripesim.Options)) {
	l := s.listen()
	s.card = "http://" + strings.Replace(l.Addr().String(), "127.0.0.1", "localhost", 1)
	o := stripesim.Options{SecretKey: cardKey, WebhookURLs: []string{s.shop + "/webhooks/stripe"}, WebhookSecret: cardSecret, PublicURL: s.card, Clock: s.clock,
		Dir: filepath.Join(s.dir, "cardbank")}
	if tune != nil {
		tune(&o)
	}
	var err error
	if s.bank, err = stripesim.New(o); err != nil {
		s.t.Fatal(err)
	}
	s.bank.Start(context.WithoutCancel(s.t.Context()))
	server := &http.Server{Handler: s.bank.Handler(), ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() { _ = server.Serve(l) }()
	s.stops = append(s.stops, func() { _ = server.Close(); _ = s.bank.Close() })
}

func (s *stand) settings(dsn string, conns int32) config.Settings {
	key := base64.StdEncoding.EncodeToString([]byte("a secret of a stand, of 32 bytes"))
	return config.Settings{BaseURL: s.shop, DatabaseURL: dsn, DatabaseConns: conns, SecretKey: key, TokenKeys: []string{key}, CardOrigin: s.card,
		MailFrom: "orders@forecourt.example", PostsPerSecond: 1e6, BeginLimit: 1e9, Workers: 8}
}

// open builds one process of the program.
func (s *stand) open(dsn string, conns int32) *app.App {
	gw, err := stripegw.New(stripegw.Config{SecretKey: cardKey, WebhookSecrets: []string{cardSecret}, URL: s.card, Account: "cardbank"})
	if err != nil {
		s.t.Fatal(err)
	}
	sink, err := mail.NewFolder(s.mails(), mail.Address{Name: "Forecourt", Mail: "orders@forecourt.example"})
	if err != nil {
		s.t.Fatal(err)
	}
	a, err := app.Open(s.t.Context(), app.Parts{Settings: s.settings(dsn, conns), Clock: s.clock, Gateway: gw, Sender: sink, Log: s.log()})
	if err != nil {
		s.t.Fatal(err)
	}
	s.stops = append(s.stops, a.Close)
	return a
}

func (s *stand) mails() string { return filepath.Join(s.dir, "mail") }

// log is silent unless CHAOS_LOG is set.
func (s *stand) log() *slog.Logger {
	if os.Getenv("CHAOS_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, nil))
}

func (s *stand) serve(a *app.App, l net.Listener) {
	s.goOn(func(ctx context.Context) error { return a.Serve(ctx, l) })
	for !answers(s.t.Context(), s.shop+"/readyz") {
		time.Sleep(5 * time.Millisecond)
	}
}

// goOn runs a half of the program until the stand is closed.
func (s *stand) goOn(half func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- half(ctx) }()
	s.stops = append(s.stops, func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, context.Canceled) {
			s.t.Errorf("a half of the program ended with %v", err)
		}
	})
}

// close stops everything, the last first.
func (s *stand) close() {
	s.c.crowd.transport.(*http.Transport).CloseIdleConnections()
	for i := len(s.stops) - 1; i >= 0; i-- {
		s.stops[i]()
	}
}

// strike breaks something, mends it, and waits until the shop answers from its database again.
func (s *stand) strike(ctx context.Context, breakIt, mend func() error, d time.Duration) error {
	from := time.Now()
	if err := breakIt(); err != nil {
		return err
	}
	if err := sleep(ctx, d); err != nil {
		return err
	}
	to := time.Now()
	if err := mend(); err != nil {
		return err
	}
	for !s.well(ctx) {
		if time.Since(to) > 2*again || ctx.Err() != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.c.struck(from, to, time.Since(to))
	return nil
}

func (s *stand) well(ctx context.Context) bool {
	return answers(ctx, s.shop+"/readyz") && answers(ctx, s.shop+"/dacia/zz/new/spring/dealer")
}

// audit ends a campaign.
func (s *stand) audit(ctx context.Context, ends func(*journey) []string) {
	s.c.report()
	b := s.reads()
	b.ends = ends
	s.c.audit(ctx, b)
}

// reads is where the books of a stand are read.
func (s *stand) reads() books {
	return books{dsn: s.dsn, mails: s.mails(), healthy: inProcess(s.books), now: s.clock.Now,
		bank: func(context.Context) ([]stripesim.LedgerLine, error) { return s.bank.Ledger(), nil }}
}

// elsewhere is an address of PostgreSQL with another host and port.
func elsewhere(dsn, hostport string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		panic(err)
	}
	u.Host = hostport
	return u.String()
}

func hostOf(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		panic(err)
	}
	return u.Host
}
