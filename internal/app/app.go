package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"forecourt/config"
	"forecourt/internal/aftersales"
	"forecourt/internal/allocation"
	"forecourt/internal/connected"
	"forecourt/internal/doctor"
	"forecourt/internal/document/pack"
	"forecourt/internal/flow/barrier"
	"forecourt/internal/flow/membership"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/flow/outbound"
	"forecourt/internal/flow/sitecalendar"
	"forecourt/internal/flow/team"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/flow/workshop"
	"forecourt/internal/hook"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/letters"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/limit"
	"forecourt/internal/platform/outward"
	"forecourt/internal/platform/telemetry"
	"forecourt/internal/platform/timemachine"
	"forecourt/internal/pricing"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"
	"forecourt/internal/web/api"
	"forecourt/internal/web/assets"
	"forecourt/internal/web/dealer"
	"forecourt/internal/web/dealersite"
	"forecourt/internal/web/manager"
	"forecourt/internal/web/signin"
	"forecourt/internal/web/storefront"
	"forecourt/internal/web/styleguide"
	"forecourt/internal/web/webhook"
	"forecourt/internal/world"
	"forecourt/migrations"
	"forecourt/static"
	"forecourt/templates"

	"github.com/labstack/echo/v4"
	"github.com/riverqueue/river"
)

// Parts are what the process brings: where things are and who stands for the world outside.
type Parts struct {
	Settings config.Settings
	Clock    clock.Clock
	Gateway  payment.Gateway
	Sender   sale.Sender
	Past     usedcar.Past     // nil while no register of cars' pasts is connected
	Texts    connected.Texter // nil while no provider of texts is connected
	Log      *slog.Logger
	Demo     bool
	Quiet    func() bool // whether the card bank has told all that it has to tell; nil where nobody can ask it
}

// App is a built process; start only the halves that it should play.
type App struct {
	Parts
	DB        *db.DB
	World     *world.Keeper
	Sale      *sale.Service // of every flow
	NewCar    *newcar.Service
	UsedCar   *usedcar.Service
	Workshop  *workshop.Service
	Used      *usedcars.Shelf // every used car that can be bought
	Connected *connected.Service
	Barriers  *barrier.Service
	Team      *team.Service
	Members   *membership.Service
	Outbound  *outbound.Service
	Users     *identity.Users
	Factors   *identity.Factors
	SSO       *identity.SSO
	Tokens    *identity.Tokens
	Catalogue *i18n.Catalogue
	Metrics   *telemetry.Metrics
	Asked     *db.Statements // what this process asked its database
	Kit       *web.Kit

	Invariants *doctor.Watch
	Live       *allocation.Live     // what open pages of the portal hear
	Time       *timemachine.Machine // moves the clock; nil outside of a demo

	inserts    *jobs.Client
	stopping   atomic.Bool
	stopTraces func(context.Context) error // nil while nobody collects them
}

// patience is how long a request waits for the database's connections, all in all, before it is told to
// come again.
const patience = 2 * time.Second

// ErrSchema refuses to work with a schema that lacks what this build needs: half a sale is worse than none.
var ErrSchema = errors.New("the schema is too old for this build")

// schemaFits refuses a schema of before. One of after fits: a release only adds to the schema, see docs/contributing.md.
func schemaFits(ctx context.Context, d *db.DB) error {
	at, err := db.SchemaVersion(ctx, d)
	if needed := migrations.Needed(); err == nil && at < needed {
		return fmt.Errorf("%w: it is at migration %d, needed is %d; run forecourt migrate first", ErrSchema, at, needed)
	}
	return err
}

// Open connects to the database and loads the picture of the world. The schema must have what this build needs.
func Open(ctx context.Context, p Parts) (*App, error) {
	asked := &db.Statements{}
	if err := p.turnable(); err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, p.Settings.DatabaseURL, p.Clock, db.Options{MaxConns: p.Settings.DatabaseConns, Statements: asked})
	if err != nil {
		return nil, err
	}
	if err := schemaFits(ctx, d); err != nil {
		d.Close()
		return nil, err
	}
	a := &App{Parts: p, DB: d, Metrics: telemetry.New(), Asked: asked}
	if err := a.wind(ctx); err != nil {
		d.Close()
		return nil, err
	}
	if p.Settings.TracesURL != "" {
		if a.stopTraces, err = telemetry.SendTraces(ctx); err != nil {
			d.Close()
			return nil, err
		}
	}
	if err := a.build(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) build(ctx context.Context) (err error) {
	if a.World, err = world.NewKeeper(ctx, a.DB, a.Settings.Direct(), a.Log); err != nil {
		return err
	}
	if a.Catalogue, err = i18n.Load(); err != nil {
		return err
	}
	if a.inserts, err = jobs.New(a.DB.Pool, jobs.Options{}); err != nil {
		return err
	}
	mails, err := letters.New(a.Catalogue, templates.Files, letters.Config{Domain: mailDomain(a.Settings)})
	if err != nil {
		return err
	}
	seal, err := pack.NewKey(a.Settings.Secret())
	if err != nil {
		return err
	}
	a.Sale = &sale.Service{Seal: seal, Words: a.Catalogue, DB: a.DB, World: a.World, Gateway: a.Gateway, Jobs: a.inserts, Tokens: ordering.NewTokens(a.Settings.Secret()),
		BaseURL: a.Settings.BaseURL, Letters: mails, Sender: a.Sender, Log: a.Log}
	a.NewCar = newcar.New(a.Sale)
	if a.Used, err = usedcars.NewShelf(ctx, a.DB, a.Log); err != nil {
		return err
	}
	a.UsedCar = usedcar.New(a.Sale, a.Used)
	a.UsedCar.Past = a.Past
	rules, err := connected.ReadRules(config.World)
	if err != nil {
		return err
	}
	a.Connected = &connected.Service{DB: a.DB, Jobs: a.inserts, Words: a.Catalogue, Letters: mails, Sender: a.Sender, Texts: a.Texts, Rules: rules, Log: a.Log, Place: a.place}
	a.Workshop = workshop.New(a.Sale, func() *aftersales.Book { return a.World.Now().Service() })
	a.Barriers = &barrier.Service{DB: a.DB, World: a.World, Jobs: a.inserts, Words: a.Catalogue, Letters: mails, Sender: a.Sender}
	a.Invariants = &doctor.Watch{DB: a.DB, Log: a.Log, Before: a.NewCar.CatchUp, Bank: a.compareBank}
	a.Live = allocation.NewLive(a.DB, a.Log)
	a.showInvariants()
	a.Users = identity.NewUsers(a.DB, identity.Options{Demo: a.Demo})
	a.Members = &membership.Service{DB: a.DB, World: a.World}
	a.Team = &team.Service{DB: a.DB, World: a.World, Jobs: a.inserts, Users: a.Users, Links: identity.NewLinks(a.Settings.Secret()), Words: a.Catalogue, Letters: mails, Sender: a.Sender, BaseURL: a.Settings.BaseURL}
	hooks, err := hook.NewSeal(a.Settings.Secret())
	if err != nil {
		return err
	}
	// Only a demo reaches its own machine.
	a.Outbound = &outbound.Service{DB: a.DB, World: a.World, Jobs: a.inserts, Seal: hooks, Courier: hook.NewCourier(a.Demo && a.Settings.HooksLocal), Users: a.Users, Words: a.Catalogue, Letters: mails, Sender: a.Sender,
		BaseURL: a.Settings.BaseURL, Log: a.Log}
	if a.Factors, err = identity.NewFactors(a.Users, a.Settings.Secret(), a.Settings.BaseURL); err != nil {
		return err
	}
	if a.SSO, err = identity.NewSSO(a.Users, a.Settings.Secret(), a.Settings.BaseURL, outward.Options{Demo: a.Demo}); err != nil {
		return err
	}
	keys, err := identity.ParseKeys(a.Settings.TokenKeys...)
	if err != nil {
		return err
	}
	a.Tokens = identity.NewTokens(a.DB, keys)
	return nil
}

// place is what a notice about a car needs to know of its market.
func (a *App) place(code id.Market) connected.Place {
	m, ok := a.World.Now().Market(code)
	if !ok {
		return connected.Place{Locale: "en-GB", Zone: time.UTC, Unit: i18n.Kilometres}
	}
	return connected.Place{Locale: m.Locale, Zone: m.Zone(), Unit: m.Unit(), Desk: m.Access.Mail}
}

func mailDomain(s config.Settings) string {
	if _, host, ok := strings.Cut(s.MailFrom, "@"); ok {
		return strings.Trim(host, "> ")
	}
	return "forecourt.example"
}

// Close gives the database connections back.
func (a *App) Close() {
	if a.stopTraces != nil {
		end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := a.stopTraces(end); err != nil {
			a.Log.Warn("the last traces did not leave", "error", err.Error())
		}
	}
	a.DB.Close()
}

// Handler builds the public door.
func (a *App) Handler() (http.Handler, error) {
	set, err := assets.New(static.Files, web.Looks(a.World.Now()))
	if err != nil {
		return nil, err
	}
	https := strings.HasPrefix(a.Settings.BaseURL, "https://")
	k := &web.Kit{DB: a.DB, World: a.World, Catalogue: a.Catalogue, Assets: set, Log: a.Log, Demo: a.Demo, BaseURL: a.Settings.BaseURL,
		Begin: limit.Rule{Name: "begin", Max: a.Settings.BeginLimit, Window: 15 * time.Minute}}
	k.Sessions = identity.NewSessions(a.Users, https, func(w http.ResponseWriter, r *http.Request, err error) {
		level := slog.LevelError
		if r.Context().Err() != nil {
			level = slog.LevelInfo // whoever asked has gone: nothing is wrong here
		}
		a.Log.Log(r.Context(), level, "sessions cannot be read", "error", err.Error())
		http.Error(w, "Service unavailable", http.StatusServiceUnavailable)
	})
	k.Unlocker = a.Factors
	if err := k.Init(templates.Files); err != nil {
		return nil, err
	}
	a.Kit = k
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = web.ClientIP(a.Settings.TrustedProxies)
	e.HTTPErrorHandler = k.Fail
	e.Use(a.Metrics.Middleware, web.AccessLog(a.Log), k.Recover, web.PostLimit(a.Settings.PostsPerSecond))
	e.GET("/static/*", echo.WrapHandler(set))
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", a.ready)
	surfaces := []interface{ Routes() []web.Route }{
		storefront.New(storefront.Deps{Kit: k, NewCar: a.NewCar, UsedCar: a.UsedCar, Workshop: a.Workshop, Barriers: a.Barriers, CardOrigin: a.Settings.CardOrigin, Live: a.Live, Prices: pricing.NewSigner(a.Settings.Secret())}),
		dealersite.New(dealersite.Deps{Kit: k, Users: a.Users, Team: a.Team, Calendar: &sitecalendar.Service{DB: a.DB, World: a.World}, Pilots: a.Members, SSO: a.SSO, Outbound: a.Outbound}),
		dealer.New(dealer.Deps{Kit: k, NewCar: a.NewCar, Used: a.UsedCar, Workshop: a.Workshop, Live: a.Live}),
		manager.New(k, a.NewCar).SellUsed(a.UsedCar).ShowBooks(a.Invariants.LastFull).ShowHealth(a.Invariants.Looks).TurnClock(a.Time),
		signin.New(k, a.Users, a.Team, a.Factors, a.SSO),
		api.New(k, a.Tokens, a.NewCar, a.UsedCar).Connect(connected.NewIntake(a.DB, a.Connected.Rules, a.Connected.Zone), a.Connected),
		webhook.New(k, a.Gateway, a.NewCar),
	}
	if a.Demo {
		surfaces = append(surfaces, styleguide.New(k))
	}
	for _, s := range surfaces {
		if err := k.Add(e, s.Routes()); err != nil {
			return nil, err
		}
	}
	// Requests from other sites may not act; those without any origin header (webhooks, tools) may
	// try, and carry no cookie.
	guard := http.NewCrossOriginProtection()
	return patiently(web.RequestID(web.SecureHeaders(a.Settings.CardOrigin, https)(guard.Handler(k.Sessions.Middleware(e))))), nil
}

func patiently(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(db.Patient(r.Context(), patience)))
	})
}

func (a *App) ready(c echo.Context) error {
	if a.stopping.Load() {
		return c.String(http.StatusServiceUnavailable, "stopping\n")
	}
	if err := a.DB.Pool.Ping(c.Request().Context()); err != nil {
		return c.String(http.StatusServiceUnavailable, "no database\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// Worker builds the client that runs jobs.
func (a *App) Worker() (*jobs.Client, error) {
	w := river.NewWorkers()
	a.Barriers.Register(w)
	a.Team.Register(w)
	a.UsedCar.Register(w)
	periodic := slices.Concat(a.Sale.Register(w), a.NewCar.Register(w), a.housekeeping(w), a.nights(w))
	periodic = append(periodic, a.UsedCar.RegisterAlerts(w)...)
	periodic = append(periodic, a.Members.Register(w)...)
	periodic = append(periodic, a.Outbound.Register(w)...)
	periodic = append(periodic, a.Connected.Register(w)...)
	c, err := jobs.New(a.DB.Pool, jobs.Options{Workers: w, Periodic: periodic, MaxWorkers: a.Settings.Workers, Slow: append(slices.Concat(sale.SlowJobs, usedcar.SlowJobs), nightArgs{}.Kind()), Log: a.Log})
	if err != nil {
		return nil, fmt.Errorf("app: worker: %w", err)
	}
	return c, nil
}
