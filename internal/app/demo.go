package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"forecourt/config"
	"forecourt/internal/connected"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/localpg"
	"forecourt/internal/platform/mail"
	"forecourt/internal/stripesim"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"
	"forecourt/migrations"

	"golang.org/x/sync/errgroup"
)

// Demo runs everything in one process: shop, portals, worker, card bank, caught mails, and when
// DATABASE_URL is empty a PostgreSQL of its own.
type Demo struct {
	Addr     string
	Admin    string
	CardBank string
	Data     string // folder for all that must survive
	Settings config.Settings
	Trouble  Trouble
	Out      io.Writer // the short screen
	Log      *slog.Logger
	Ready    func(shopURL, adminURL, cardURL string) // told when all answer; for tests

	alone  bool  // the database is this demo's own
	schema fs.FS // the migrations to run; nil for all, others only in tests
}

// Trouble is how the demo's card bank misbehaves; the zero value is a bank without a fault. Parts are from 0 to 1.
type Trouble struct {
	Dup, Drop, Late, Fail float64       // of the notices: sent twice, never, three days late; of the writing calls: answered 500
	Shuffle               time.Duration // each notice waits up to this long
	Seed                  uint64        // of all these chances
}

// keys of the demo's own card bank; they open nothing else.
const (
	demoCardKey    = "sk_test_forecourt_demo"
	demoCardSecret = "whsec_forecourt_demo"
)

// demoBeginLimit is higher than a site's: everybody who tries a demo comes from one address.
const demoBeginLimit = 100_000

// ErrLiveKey refuses the demo, with its known passwords, beside real money.
var ErrLiveKey = errors.New("demo: STRIPE_SECRET_KEY is set; the demo has logins that everybody knows and runs with the offline card bank only")

// Run starts the demo and stops it when ctx ends.
func (d *Demo) Run(ctx context.Context) error {
	if strings.Contains(strings.ToLower(d.Settings.StripeSecretKey), "_live_") {
		return ErrLiveKey
	}
	if err := os.MkdirAll(d.Data, 0o755); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	stopDB, err := d.database(ctx)
	if err != nil {
		return err
	}
	defer stopDB()
	ls, err := listenAll(d.Addr, d.Admin, d.CardBank)
	if err != nil {
		return err
	}
	shopURL, cardURL := urlOf(ls[0]), urlOf(ls[2])
	if err := d.settings(shopURL, cardURL); err != nil {
		return err
	}
	bank, err := stripesim.New(stripesim.Options{SecretKey: demoCardKey, Beside: []string{d.Settings.StripeSecretKey}, WebhookURLs: []string{shopURL + "/webhooks/stripe"},
		WebhookSecret: demoCardSecret, PublicURL: cardURL, Dir: filepath.Join(d.Data, "cardbank"), Clock: clock.System{},
		Seed: d.Trouble.Seed, Dup: d.Trouble.Dup, Drop: d.Trouble.Drop, Late: d.Trouble.Late, Fail: d.Trouble.Fail, Shuffle: d.Trouble.Shuffle})
	if err != nil {
		return err
	}
	defer bank.Close()
	a, err := d.app(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	mails := filepath.Join(d.Data, "mail")
	g, ctx := errgroup.WithContext(ctx)
	bank.Start(ctx)
	card := &http.Server{Handler: bank.Handler(), ReadHeaderTimeout: 5 * time.Second}
	g.Go(func() error { return a.serveUntil(ctx, card, ls[2]) })
	g.Go(func() error { return a.Serve(ctx, ls[0]) })
	g.Go(func() error { return a.Work(ctx) })
	g.Go(func() error {
		return a.Admin(ctx, ls[1], Extra{Path: "/mail/", Handler: http.StripPrefix("/mail", mail.Mailbox(mails))})
	})
	g.Go(func() error { a.Beat(ctx, "demo"); return nil })
	go a.WatchInvariants(ctx)
	if d.Ready != nil {
		d.Ready(shopURL, urlOf(ls[1]), cardURL)
	}
	d.screen(shopURL, urlOf(ls[1]), cardURL)
	err = g.Wait()
	if err == nil || errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(d.Out, "Stopped. Everything is kept in", d.Data)
		return nil
	}
	return err
}

// database starts or finds PostgreSQL, and brings the schema up to date.
func (d *Demo) database(ctx context.Context) (stop func(), err error) {
	stop = func() {}
	if d.Settings.DatabaseURL == "" {
		s, err := localpg.Ensure(ctx, localpg.Options{Dir: d.Data, Bin: d.Settings.PGBin, Database: "forecourt",
			Logf: func(f string, a ...any) { fmt.Fprintf(d.Out, f+"\n", a...) }})
		if err != nil {
			return nil, err
		}
		d.Settings.DatabaseURL, d.alone = s.DSN, true
		stop = func() {
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			_ = s.StopLast(end)
		}
	}
	if d.schema == nil {
		d.schema = migrations.Files
	}
	if err := db.Migrate(ctx, d.Settings.Direct(), d.schema); err != nil {
		stop()
		return nil, err
	}
	if err := d.refuse(ctx); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// ErrRealData refuses a database that something else than a demo works with.
var ErrRealData = errors.New("demo: this database holds logins or payments that are not a demo's; use an empty one")

// refuse names what the demo does not work with: a schema that lacks something, and real data.
func (d *Demo) refuse(ctx context.Context) error {
	dd, err := db.Open(ctx, d.Settings.DatabaseURL, clock.System{}, db.Options{MaxConns: 1})
	if err != nil {
		return err
	}
	defer dd.Close()
	if err := schemaFits(ctx, dd); err != nil {
		return err
	}
	var real bool
	err = dd.Pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE NOT demo) OR EXISTS (SELECT 1 FROM payments WHERE account NOT IN ('cardbank', 'desk'))`).Scan(&real)
	if err == nil && real {
		err = ErrRealData
	}
	return err
}

func (d *Demo) settings(shopURL, cardURL string) error {
	s := &d.Settings
	s.BeginLimit = max(s.BeginLimit, demoBeginLimit)
	s.BaseURL, s.MailFrom = shopURL, "orders@forecourt.example"
	s.StripeSecretKey, s.StripeWebhookSecrets, s.StripeURL, s.StripeAccount, s.CardOrigin = demoCardKey, []string{demoCardSecret}, cardURL, "cardbank", cardURL
	var err error
	if s.SecretKey, err = keptSecret(filepath.Join(d.Data, "secret.key")); err != nil {
		return err
	}
	token, err := keptSecret(filepath.Join(d.Data, "token.key"))
	s.TokenKeys = []string{token}
	return err
}

// keptSecret reads a secret of the demo, or makes it at the first start: links in mails must work
// after a restart.
func keptSecret(name string) (string, error) {
	if b, err := os.ReadFile(name); err == nil && len(b) >= 44 {
		return strings.TrimSpace(string(b)), nil
	}
	var raw [32]byte
	_, _ = rand.Read(raw[:])
	text := base64.StdEncoding.EncodeToString(raw[:])
	half := name + ".half"
	if err := os.WriteFile(half, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("demo: %w", err)
	}
	return text, os.Rename(half, name)
}

func (d *Demo) app(ctx context.Context) (*App, error) {
	gw, err := stripegw.New(stripegw.Config{SecretKey: d.Settings.StripeSecretKey, WebhookSecrets: d.Settings.StripeWebhookSecrets,
		URL: d.Settings.StripeURL, Account: d.Settings.StripeAccount})
	if err != nil {
		return nil, err
	}
	sink, err := mail.NewFolder(filepath.Join(d.Data, "mail"), mail.Address{Name: "Forecourt", Mail: d.Settings.MailFrom})
	if err != nil {
		return nil, err
	}
	if err := d.loadWorld(ctx); err != nil {
		return nil, err
	}
	a, err := Open(ctx, Parts{Settings: d.Settings, Clock: clock.System{}, Gateway: gw, Sender: sink, Past: usedcars.SimulatedRegister{}, Texts: connected.SimulatedTexts{Dir: filepath.Join(d.Data, "texts")}, Log: d.Log, Demo: true})
	if err != nil {
		return nil, err
	}
	if err := a.saveDemoSearches(ctx); err != nil {
		a.Close()
		return nil, err
	}
	if !d.alone {
		return a, nil
	}
	if err := takeOver(ctx, a.DB); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// loadWorld imports the demo world and its logins, unless the database holds these very files.
func (d *Demo) loadWorld(ctx context.Context) error {
	dd, err := db.Open(ctx, d.Settings.DatabaseURL, clock.System{}, db.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer dd.Close()
	have, err := world.Loaded(ctx, dd)
	if err != nil {
		return err
	}
	var logins bool
	if err := dd.Pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE demo)`).Scan(&logins); err != nil {
		return err
	}
	if logins && have == world.DigestOf(config.World) {
		return keepStock(ctx, dd)
	}
	files, err := world.Read(config.World, time.Now())
	if err != nil {
		return err
	}
	if _, err = world.Import(ctx, dd, files, market.Live); err != nil {
		return err
	}
	if err := makeStock(ctx, dd); err != nil {
		return err
	}
	if err := makeUsed(ctx, dd); err != nil {
		return err
	}
	return dd.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return demoLoginsTx(ctx, tx, files) })
}

// demoLoginsTx makes the accounts of the demo's staff.
func demoLoginsTx(ctx context.Context, tx *db.Tx, f *world.Files) error {
	var users []identity.User
	for _, m := range f.Managers {
		role := identity.Role(m.Role)
		users = append(users, identity.User{Email: m.Email, Name: m.Name, Role: role, Markets: m.Markets})
	}
	for _, x := range f.Dealers {
		for i, s := range x.Staff {
			users = append(users, identity.User{Email: s.Email, Name: s.Name, Role: identity.RoleDealer, Dealer: x.Code, Grants: demoGrants(x.Code, i, s.Roles)})
		}
	}
	return identity.EnsureDemoTx(ctx, tx, users)
}

// demoGrants are a person's roles: those of the file, else the first one runs the site, which is a group of
// its own mostly, and the others sell.
func demoGrants(dealer id.Dealer, place int, roles []string) []identity.Grant {
	if len(roles) == 0 && place == 0 {
		roles = []string{string(identity.SiteManager), string(identity.GroupManager)}
	} else if len(roles) == 0 {
		roles = []string{string(identity.Sales)}
	}
	var out []identity.Grant
	for _, r := range roles {
		out = append(out, identity.Grant{Role: identity.SiteRole(r), Dealer: dealer})
	}
	return out
}

// screen says where to click.
func (d *Demo) screen(shop, admin, card string) {
	fmt.Fprintf(d.Out, `
Forecourt demo
  Shop            %[1]s
  Dealer portal   %[1]s/dealer      e.g. %[4]s
  Manager console %[1]s/manager     e.g. %[5]s
                  every demo login has the password %[6]s; the login page lists them
  Caught e-mails  %[2]s/mail/
  Card bank       %[3]s             pays: 4242 4242 4242 4242
                                    3-D Secure: 4000 0000 0000 3220, declined: 4000 0000 0000 0002
                                    any future month, any CVC
  Invariants      %[2]s/invariants  metrics: %[2]s/metrics
Ctrl-C stops everything and keeps it in %[7]s.
`, shop, admin, card, demoDealerLogin, demoManagerLogin, identity.DemoPassword, d.Data)
}

func listenAll(addrs ...string) ([]net.Listener, error) {
	var out []net.Listener
	var wrong []error
	for _, a := range addrs {
		l, err := net.Listen("tcp", a)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("demo: cannot listen on %s: %w", a, err))
			continue
		}
		out = append(out, l)
	}
	if len(wrong) > 0 {
		for _, l := range out {
			l.Close()
		}
		return nil, errors.Join(wrong...)
	}
	return out, nil
}

// urlOf is the address to click: a wildcard listener is reached by localhost.
func urlOf(l net.Listener) string {
	host, port, _ := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// The logins that the screen names; demo_test checks that they exist.
const (
	demoDealerLogin  = "anna@northgate-leeds.example.com"
	demoManagerLogin = "harriet@gb-office.example.com"
)
