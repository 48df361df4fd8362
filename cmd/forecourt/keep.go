package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"forecourt/config"
	"forecourt/internal/app"
	"forecourt/internal/doctor"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/localpg"
	"forecourt/internal/platform/mail"
	"forecourt/internal/platform/timemachine"
	"forecourt/internal/smoke"
	"forecourt/internal/world"
	"forecourt/migrations"
)

// ensureDatabase starts a local server when DATABASE_URL is empty.
func ensureDatabase(ctx context.Context, s *config.Settings) (stop func(), err error) {
	if s.DatabaseURL != "" {
		return func() {}, nil
	}
	srv, err := localpg.Ensure(ctx, localpg.Options{Dir: s.DataDir, Bin: s.PGBin, Database: "forecourt"})
	if err != nil {
		return nil, err
	}
	s.DatabaseURL = srv.DSN
	return func() {
		end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = srv.StopLast(end)
	}, nil
}

func smtpSender(s config.Settings) (*mail.SMTP, error) {
	host, port, err := net.SplitHostPort(s.SMTPAddr)
	if err != nil {
		return nil, fmt.Errorf("SMTP_ADDR: %w", err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("SMTP_ADDR: %w", err)
	}
	tls := mail.Mandatory
	if s.SMTPTLS == "opportunistic" {
		tls = mail.Opportunistic
	}
	return mail.NewSMTP(mail.SMTPSettings{Host: host, Port: n, Username: s.SMTPUser, Password: s.SMTPPassword, TLS: tls, From: mail.Address{Name: "Forecourt", Mail: s.MailFrom}})
}

// readied reads the settings and sees that their database runs; the caller stops what it started.
func readied(ctx context.Context, parts ...string) (config.Settings, func(), error) {
	s, err := settings(parts...)
	if err != nil {
		return s, nil, err
	}
	stop, err := ensureDatabase(ctx, &s)
	return s, stop, err
}

// withDB runs fn with the database of the settings.
func withDB(ctx context.Context, fn func(ctx context.Context, d *db.DB, s config.Settings) error) error {
	s, stop, err := readied(ctx)
	if err != nil {
		return err
	}
	defer stop()
	// What is done beside a demo happens at the demo's time.
	now := clock.NewAhead(clock.System{})
	d, err := db.Open(ctx, s.DatabaseURL, now, db.Options{MaxConns: 4})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := timemachine.Load(ctx, d, now); err != nil {
		return err
	}
	return fn(ctx, d, s)
}

func migrate(ctx context.Context, args []string) error {
	if err := parse(noFlags("migrate", "brings the schema up to date."), args); err != nil {
		return err
	}
	s, stop, err := readied(ctx)
	if err != nil {
		return err
	}
	defer stop()
	if err := db.Migrate(ctx, s.Direct(), migrations.Files); err != nil {
		return err
	}
	fmt.Println("The schema is up to date.")
	return nil
}

func importWorld(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("import", flag.ContinueOnError)
	dir := fs.String("dir", "", "folder with brands.yaml, markets, dealers, places and ranges (default: the files in the binary)")
	first := fs.String("switch", "off", "first position of switches of new shops: off, preview, live or paused")
	if err := parse(fs, args); err != nil {
		return err
	}
	state, err := market.ParseState(*first)
	if err != nil {
		return err
	}
	files, err := app.ReadWorld(*dir, time.Now())
	if err != nil {
		return err
	}
	return withDB(ctx, func(ctx context.Context, d *db.DB, _ config.Settings) error {
		changed, err := world.Import(ctx, d, files, state)
		if err != nil {
			return err
		}
		if !changed {
			fmt.Println("Nothing to do: these files are loaded already.")
			return nil
		}
		fmt.Printf("Loaded %d brands, %d markets, %d dealers, %d models.\n", len(files.Brands), len(files.Markets), len(files.Dealers), len(files.Ranges))
		return nil
	})
}

func doctorCmd(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("doctor", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print JSON")
	bank := fs.String("bank-ledger", "", "address of the offline card bank's ledger (its /_sandbox/ledger), to compare with")
	if err := parse(fs, args); err != nil {
		return err
	}
	return withDB(ctx, func(ctx context.Context, d *db.DB, _ config.Settings) error {
		report, err := doctor.Examine(ctx, d)
		if err != nil {
			return err
		}
		if *bank != "" {
			if err := addBank(ctx, d, &report, *bank); err != nil {
				return err
			}
		}
		if *asJSON {
			if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
				return err
			}
		} else {
			for _, f := range report.Invariants {
				note := ""
				if f.Warning && f.Violations > 0 {
					note = " (a warning: the site works all the same)"
				}
				fmt.Printf("%6d  %-4s%-28s %s%s\n", f.Violations, f.Number, f.Name, f.Text, note)
				for _, row := range f.Rows {
					fmt.Printf("            %s\n", row)
				}
			}
		}
		if !report.Healthy {
			return errors.New("an invariant is broken")
		}
		return nil
	})
}

// addBank compares with the card bank's own ledger.
func addBank(ctx context.Context, d *db.DB, r *doctor.Report, address string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var ledger struct {
		Payments []doctor.BankLine `json:"payments"`
	}
	if err := json.NewDecoder(res.Body).Decode(&ledger); err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("the card bank's ledger: status %d: %w", res.StatusCode, err)
	}
	more, err := doctor.CompareBank(ctx, d, ledger.Payments)
	r.Invariants, r.Healthy = append(r.Invariants, more.Invariants...), r.Healthy && more.Healthy
	return err
}

func user(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("user", flag.ContinueOnError)
	u := identity.User{}
	fs.StringVar(&u.Email, "email", "", "e-mail address of the login")
	fs.StringVar(&u.Name, "name", "", "name of the person, or of the dealer's system")
	role := fs.String("role", "", "dealer, manager or hq")
	dealer := fs.String("dealer", "", "the dealer's code, for role dealer or an API client")
	var markets, roles listFlag
	fs.Var(&roles, "site-role", "what somebody of a dealer does: service, handover, sales, site_manager (when none is given), group_manager; may be given several times")
	fs.Var(&markets, "market", "a market the manager sees; may be given several times")
	disable := fs.Bool("disable", false, "end the login and its sessions")
	reports := fs.Bool("reports", false, "with -api-client: it may also report how far the dealer's cars are")
	stock := fs.Bool("stock", false, "with -api-client: it may also bring used cars of the dealer in")
	cars := fs.Bool("cars", false, "with -api-client: it may also read what keepers of cars let the dealer read")
	partner := fs.Bool("partner", false, "with -api-client: a partner's system, of no dealer, that reads what keepers of cars let it read; needs -name only")
	apiClient := fs.Bool("api-client", false, "make an API client of -dealer and print its secret once")
	release := fs.String("sso-release", "", "the code of a dealer group whose sign-on provider is gone: its staff may use their own passwords again")
	list := fs.Bool("dealers", false, "list the codes and names of all dealers")
	if err := parse(fs, args); err != nil {
		return err
	}
	u.Role, u.Dealer = identity.Role(*role), id.Dealer(*dealer)
	for _, r := range roles {
		u.Grants = append(u.Grants, identity.Grant{Role: identity.SiteRole(r), Dealer: u.Dealer})
	}
	for _, m := range markets {
		u.Markets = append(u.Markets, id.Market(m))
	}
	if lacks := missing(u, *list || *release != "", *disable, *apiClient, *partner); len(lacks) > 0 {
		fmt.Fprintf(os.Stderr, "forecourt user: %s\n", strings.Join(lacks, "\nforecourt user: "))
		return errUsage
	}
	return withDB(ctx, func(ctx context.Context, d *db.DB, s config.Settings) error {
		users := identity.NewUsers(d, identity.Options{})
		switch {
		case *list:
			return listDealers(ctx, d)
		case *apiClient:
			return addClient(ctx, d, s, u, clientRights{*partner, *reports, *stock, *cars})
		case *release != "":
			return users.ReleaseSSO(ctx, id.Group(*release))
		case *disable:
			return users.Disable(ctx, u.Email)
		}
		return addUser(ctx, d, users, u)
	})
}

type listFlag []string

func (l *listFlag) String() string     { return fmt.Sprint(*l) }
func (l *listFlag) Set(v string) error { *l = append(*l, v); return nil }

func smokeCmd(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("smoke", flag.ContinueOnError)
	o := smoke.Options{Out: os.Stdout}
	fs.StringVar(&o.Base, "base", "http://localhost:8080", "address of the site")
	fs.StringVar(&o.Brand, "brand", "dacia", "brand to buy")
	fs.StringVar(&o.Market, "market", "zz", "market to buy in; zz is kept for this")
	fs.StringVar(&o.DealerLogin, "dealer-login", "", "e-mail of a dealer's login in that market (default: the demo's)")
	fs.StringVar(&o.ManagerLogin, "manager-login", "", "e-mail of a manager's login of that market (default: the demo's)")
	fs.BoolVar(&o.DontPay, "no-pay", false, "open and end the card page instead of paying, as with live keys")
	if err := parse(fs, args); err != nil {
		return err
	}
	o.Password = os.Getenv("SMOKE_PASSWORD")
	return smoke.Run(ctx, o)
}

func backup(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("backup", flag.ContinueOnError)
	file := fs.String("file", "", "file to write (default: DATA_DIR/backup-<time>.dump)")
	if err := parse(fs, args); err != nil {
		return err
	}
	return withDB(ctx, func(ctx context.Context, d *db.DB, s config.Settings) error {
		name := *file
		if name == "" {
			name = filepath.Join(s.DataDir, "backup-"+time.Now().UTC().Format("20060102-150405")+".dump")
		}
		if err := db.Backup(ctx, s.Direct(), s.PGBin, name); err != nil {
			return err
		}
		fmt.Println("Written:", name)
		return nil
	})
}

func restore(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("restore", flag.ContinueOnError)
	file := fs.String("file", "", "file that backup wrote")
	if err := parse(fs, args); err != nil {
		return err
	}
	if *file == "" {
		fmt.Fprintln(os.Stderr, "forecourt restore: -file is missing")
		return errUsage
	}
	s, stop, err := readied(ctx)
	if err != nil {
		return err
	}
	defer stop()
	if err := db.Restore(ctx, s.Direct(), s.PGBin, *file); err != nil {
		return err
	}
	fmt.Println("Restored. Examine it with: forecourt doctor")
	return nil
}
