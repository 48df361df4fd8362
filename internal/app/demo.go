package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
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
	"forecourt/internal/platform/log"
	"forecourt/internal/platform/mail"
	"forecourt/internal/platform/timemachine"
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
	Ahead    time.Duration // how far the clock is to be ahead at least
	Out      io.Writer     // the short screen
	Log      *slog.Logger
	Ready    func(shopURL, adminURL, cardURL string) // told when all answer; for tests

	clock  *clock.Ahead // everybody's here, the card bank's too
	alone  bool         // the database is this demo's own
	schema fs.FS        // the migrations to run; nil for all, others only in tests
}

// Trouble is how the demo's card bank misbehaves; the zero value is a bank without a fault. Parts are from 0 to 1.
type Trouble struct {
	Dup, Drop, Late, Fail float64       // of the notices: sent twice, never, three days late; of the writing calls: answered 500
	Shuffle               time.Duration // each notice waits up to this long
	Seed                  uint64        // of all these chances
}

// ErrLiveKey refuses the demo, with its known passwords, beside real money.
var ErrLiveKey = errors.New("demo: STRIPE_SECRET_KEY is set; the demo has logins that everybody knows and runs with the offline card bank only")

// Run starts the demo and stops it when ctx ends.
func (d *Demo) Run(ctx context.Context) error {
	if live(d.Settings.StripeSecretKey) {
		return ErrLiveKey
	}
	d.clock = clock.NewAhead(clock.System{})
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
	var a *App
	bank, err := d.bank(shopURL, cardURL, func(ctx context.Context, by time.Duration) error { return a.moveBy(ctx, log.System+":cardbank", by) })
	if err != nil {
		return err
	}
	defer bank.Close()
	if a, err = d.app(ctx, bank.Quiet); err != nil {
		return err
	}
	defer a.Close()
	if err := d.goAhead(ctx, a); err != nil {
		return err
	}
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
	g.Go(func() error { a.Time.Run(ctx); return nil })
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

// refuse names what the demo does not work with: a schema that lacks something, and real data. Before anybody asks for the
// time it puts the clock where it was.
func (d *Demo) refuse(ctx context.Context) error {
	dd, err := db.Open(ctx, d.Settings.DatabaseURL, d.clock, db.Options{MaxConns: 1})
	if err != nil {
		return err
	}
	defer dd.Close()
	if err := errors.Join(schemaFits(ctx, dd), timemachine.Load(ctx, dd, d.clock)); err != nil {
		return err
	}
	var real bool
	err = dd.Pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE NOT demo) OR EXISTS (SELECT 1 FROM payments WHERE account NOT IN ('cardbank', 'desk'))`).Scan(&real)
	if err == nil && real {
		err = ErrRealData
	}
	return err
}

func (d *Demo) app(ctx context.Context, quiet func() bool) (*App, error) {
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
	a, err := Open(ctx, Parts{Settings: d.Settings, Clock: d.clock, Quiet: quiet, Gateway: gw, Sender: sink, Past: usedcars.SimulatedRegister{}, Texts: connected.SimulatedTexts{Dir: filepath.Join(d.Data, "texts")}, Log: d.Log, Demo: true})
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
	dd, err := db.Open(ctx, d.Settings.DatabaseURL, d.clock, db.Options{MaxConns: 2})
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
	files, err := world.Read(config.World, d.clock.Now())
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
	if err := makeWorkshops(ctx, dd); err != nil {
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
