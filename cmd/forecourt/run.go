package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"forecourt/config"
	"forecourt/internal/app"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/log"
	"forecourt/internal/platform/timemachine"

	"golang.org/x/sync/errgroup"
)

// errUsage ends with status 2; the flag package has said why.
var errUsage = errors.New("usage")

func parse(fs *flag.FlagSet, args []string) error {
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			os.Exit(0)
		}
		return errUsage
	}
	if fs.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "forecourt %s: unknown argument %q\n", fs.Name(), fs.Arg(0))
		return errUsage
	}
	return nil
}

// noFlags makes the flags of a subcommand that has none but -h, which tells what it does.
func noFlags(name, does string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "forecourt %s %s\nIt has no flags: settings come from the environment, each is explained in config/example.env.\n", name, does)
	}
	return fs
}

// explained ends a list of mistakes in the settings with where to read on.
func explained(err error) error {
	var m config.Mistakes
	if !errors.As(err, &m) {
		return err
	}
	return fmt.Errorf("%w\neach is explained in config/example.env", err)
}

func demo(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("demo", flag.ContinueOnError)
	d := app.Demo{Out: os.Stdout}
	fs.StringVar(&d.Addr, "addr", "127.0.0.1:8080", "address of the shop")
	fs.StringVar(&d.Admin, "admin-addr", "127.0.0.1:9090", "address of metrics, invariants and caught mails")
	fs.StringVar(&d.CardBank, "cardbank-addr", "127.0.0.1:8090", "address of the card bank")
	fs.StringVar(&d.Data, "data", "var", "folder for everything that is kept")
	fs.Float64Var(&d.Trouble.Dup, "bank-dup", 0, "part of the card bank's notices that come twice, 0 to 1")
	fs.Float64Var(&d.Trouble.Drop, "bank-drop", 0, "part of its notices that never come by themselves, 0 to 1")
	fs.Float64Var(&d.Trouble.Late, "bank-late", 0, "part of its notices that come three days late, 0 to 1")
	fs.DurationVar(&d.Trouble.Shuffle, "bank-shuffle", 0, "each notice waits up to this long, so that they come in any order")
	fs.Float64Var(&d.Trouble.Fail, "bank-fail", 0, "part of the writing calls that the bank answers with 500, before or after it did its work, 0 to 1")
	fs.Uint64Var(&d.Trouble.Seed, "bank-seed", 0, "seed of these chances")
	fs.DurationVar(&d.Ahead, "ahead", 0, "bring the clock of the demo so far ahead at least, as 72h; it never goes back")
	if err := parse(fs, args); err != nil {
		return err
	}
	if d.Ahead < 0 || d.Ahead > timemachine.Most || d.Ahead%time.Second != 0 {
		fmt.Fprintf(os.Stderr, "forecourt demo: -ahead is from 0 to %s, in whole seconds\n", timemachine.Most)
		return errUsage
	}
	s, err := settings()
	if err != nil {
		return err
	}
	d.Settings = s
	logFile, err := demoLog(d.Data)
	if err != nil {
		return err
	}
	defer logFile.Close()
	level, _ := s.Level()
	d.Log = log.New(logFile, level)
	return d.Run(ctx)
}

// demoLog keeps the demo's log beside its data, so that the screen stays readable.
func demoLog(dir string) (io.WriteCloser, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(dir+"/forecourt.log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// settings reads and checks what a subcommand needs; all mistakes are told at once.
func settings(need ...string) (config.Settings, error) {
	s, err := config.FromEnv()
	if err != nil {
		return s, explained(err)
	}
	return s, explained(s.Check(need...))
}

// open builds the process for serve and worker.
func open(ctx context.Context) (*app.App, func(), error) {
	s, stop, err := readied(ctx, "web", "pay", "mail")
	if err != nil {
		return nil, nil, err
	}
	gw, err := stripegw.New(stripegw.Config{SecretKey: s.StripeSecretKey, WebhookSecrets: s.StripeWebhookSecrets, URL: s.StripeURL, Account: s.StripeAccount})
	if err != nil {
		return nil, nil, err
	}
	sender, err := smtpSender(s)
	if err != nil {
		return nil, nil, err
	}
	level, _ := s.Level()
	a, err := app.Open(ctx, app.Parts{Settings: s, Clock: clock.System{}, Gateway: gw, Sender: sender, Log: log.New(os.Stderr, level)})
	if err != nil {
		stop()
		return nil, nil, err
	}
	return a, func() { a.Close(); stop() }, nil
}

func serve(ctx context.Context, args []string) error {
	if err := parse(noFlags("serve", "answers the shop, the portals and the API."), args); err != nil {
		return err
	}
	return both(ctx, "serve", func(ctx context.Context, a *app.App) error {
		l, err := net.Listen("tcp", a.Settings.Addr)
		if err != nil {
			return err
		}
		a.Log.Info("serving", "addr", l.Addr().String(), "base_url", a.Settings.BaseURL)
		return a.Serve(ctx, l)
	})
}

func worker(ctx context.Context, args []string) error {
	if err := parse(noFlags("worker", "works on jobs: the card bank, mails and deadlines."), args); err != nil {
		return err
	}
	return both(ctx, "worker", func(ctx context.Context, a *app.App) error {
		a.Log.Info("working", "workers", a.Settings.Workers)
		return a.Work(ctx)
	})
}

// both runs a half of the process, named by its role, beside its admin address.
func both(ctx context.Context, role string, half func(context.Context, *app.App) error) error {
	a, done, err := open(ctx)
	if err != nil {
		return err
	}
	defer done()
	admin, err := net.Listen("tcp", a.Settings.AdminAddr)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return half(ctx, a) })
	g.Go(func() error { a.WatchInvariants(ctx); return nil })
	g.Go(func() error { a.Beat(ctx, role); return nil })
	g.Go(func() error { return a.Admin(ctx, admin) })
	return g.Wait()
}
