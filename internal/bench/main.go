package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

type options struct {
	bin, dir, profiles string
	engine, templates  bool
	books              bool
	lines              int
	bookings, portal   bool
	stock, used        bool
	alerts, service    bool
	signals            bool
	pages, journeys    time.Duration
	booking            time.Duration
	drafts, conns      int
}

// longest bounds the whole run, whatever hangs.
const longest = 20 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 1 && os.Args[1] == "floor" {
		exitOn(serveFloor(ctx, os.Getenv("FLOOR_DSN")))
		return
	}
	var o options
	flag.StringVar(&o.bin, "bin", "bin/forecourt", "the program to measure")
	flag.StringVar(&o.dir, "data", "", "folder for everything (default: a new one that is removed at the end)")
	flag.StringVar(&o.profiles, "profiles", "", "folder for CPU profiles of shop and worker")
	flag.BoolVar(&o.engine, "engine", false, "measure the configurator's engine only, and one extreme range more")
	flag.BoolVar(&o.templates, "templates", false, "measure the templates and drawings only")
	flag.BoolVar(&o.books, "books", false, "measure the invariants over a large ledger only")
	flag.IntVar(&o.lines, "lines", 1_000_000, "lines of the large ledger")
	flag.BoolVar(&o.bookings, "bookings", false, "measure bookings, notices and the sweep only")
	flag.BoolVar(&o.portal, "portal", false, "measure a very large dealer's queue and many open portals only")
	flag.BoolVar(&o.alerts, "alerts", false, "measure saved searches of used cars only")
	flag.BoolVar(&o.service, "service", false, "measure the search for free slots of workshops, and the race for one, only")
	flag.BoolVar(&o.signals, "signals", false, "measure the signals of connected cars only")
	flag.BoolVar(&o.stock, "stock", false, "measure the import of used cars only")
	flag.BoolVar(&o.used, "used", false, "measure a very large used market only")
	flag.DurationVar(&o.pages, "pages", 9*time.Second, "how long each page is asked for")
	flag.DurationVar(&o.journeys, "journeys", 12*time.Second, "how long each crowd buys")
	flag.DurationVar(&o.booking, "booking", 6*time.Second, "how long each way of booking is tried")
	flag.IntVar(&o.conns, "conns", 20, "database connections of shop and of worker at most, each")
	flag.IntVar(&o.drafts, "drafts", 20_000, "bookings that are prepared: the most that all ways together may make")
	flag.Parse()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	exitOn(run(ctx, o, os.Stdout))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) (err error) {
	bin, err := filepath.Abs(o.bin)
	if err != nil {
		return err
	}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "forecourt-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(o.dir)
	}
	// As root PostgreSQL runs under another account, which must be able to enter.
	if err := os.Chmod(o.dir, 0o755); err != nil {
		return err
	}
	h := &house{dir: o.dir, bin: bin, conns: o.conns}
	watched = h.pids
	defer h.closeDatabase()
	defer h.stopShop()
	t := table{out}
	t.head(o.dir)
	start := time.Now()
	if err := h.measure(ctx, o, t); err != nil {
		return err
	}
	t.line("\nThe run took %.0f s.", time.Since(start).Seconds())
	return nil
}

// apart tells whether only one section is asked for, which needs the demo's world.
func (o *options) apart() bool {
	return o.books || o.bookings || o.portal || o.stock || o.used || o.alerts || o.service || o.signals
}

// measure goes through the sections. The first start makes the world that all others use.
func (h *house) measure(ctx context.Context, o options, t table) error {
	if !o.engine && !o.apart() {
		if err := measureSamples(t); err != nil || o.templates {
			return err
		}
	}
	if !o.apart() {
		if err := measureEngine(ctx, t, o.engine); err != nil || o.engine {
			return err
		}
	}
	cold, err := h.startDemo(ctx, "demo on an empty folder (makes all, loads world)", nil)
	if err != nil {
		return err
	}
	if err := h.openDatabase(ctx); err != nil {
		return err
	}
	if err := h.addStaff(ctx); err != nil {
		return err
	}
	at, err := h.copies(ctx, "books", "stock", "bookings", "portal", "used", "alerts", "service", "signals")
	if err != nil {
		return err
	}
	switch { // what needs no shop
	case o.books:
		return h.measureBooks(ctx, o, t, at["books"])
	case o.stock:
		return h.measureStock(ctx, t, at["stock"])
	case o.alerts:
		return h.measureAlerts(ctx, t, at["alerts"])
	case o.service:
		return h.measureService(ctx, o, t, at["service"])
	}
	if err := h.startShop(ctx); err != nil {
		return err
	}
	if o.signals {
		return h.measureSignals(ctx, o, t, at["signals"])
	}
	if o.used {
		return h.measureUsed(ctx, o, t, at["used"])
	}
	if o.portal {
		return h.measurePortal(ctx, o, t, at["portal"])
	}
	if o.bookings {
		return h.measureBookings(ctx, o, t, at["bookings"])
	}
	return h.measureAll(ctx, o, t, at, cold)
}

func (h *house) measureAll(ctx context.Context, o options, t table, at map[string]string, cold started) error {
	if err := h.startFloor(ctx); err != nil {
		return err
	}
	for _, section := range []func() error{
		func() error { return h.measurePages(ctx, o, t) },
		func() error { return h.measureConfigure(ctx, o.pages, t) },
		func() error { return h.measurePortal(ctx, o, t, at["portal"]) },
		func() error { return h.measureUsed(ctx, o, t, at["used"]) },
		func() error { return h.measureAlerts(ctx, t, at["alerts"]) },
		func() error { return h.measureService(ctx, o, t, at["service"]) },
		func() error { return h.measureSignals(ctx, o, t, at["signals"]) },
		func() error { return h.measureBookings(ctx, o, t, at["bookings"]) },
		func() error { return h.measureBooks(ctx, o, t, at["books"]) },
		func() error { return h.measureStock(ctx, t, at["stock"]) },
	} {
		if err := section(); err != nil {
			return err
		}
	}
	crowds, err := h.measureJourneys(ctx, o)
	if err != nil {
		return err
	}
	return h.measureStarts(ctx, o, t, crowds, []started{cold})
}

func (h *house) measureBookings(ctx context.Context, o options, t table, dsn string) error {
	s, err := openStall(ctx, dsn, h.pgPid, o.drafts)
	if err != nil {
		return err
	}
	defer s.close()
	fs, err := s.bookings(ctx, o.booking)
	if err != nil {
		return err
	}
	t.bookings([]string{"floor: bare SQL, prepared, one transaction", "bare SQL, in three as a card page asks for", "ours: place, card page, settle", "the same, card bank over HTTP, paid there"}, fs)
	if err := h.measureNotices(ctx, s, t); err != nil {
		return err
	}
	if err := s.measureSweep(ctx, t); err != nil {
		return err
	}
	return s.measureQueue(ctx, t)
}

func (h *house) measurePages(ctx context.Context, o options, t table) error {
	pages, ids, err := h.sample(ctx)
	if err != nil {
		return fmt.Errorf("first purchases: %w", err)
	}
	done := h.profile(ctx, o.profiles, "shared-pages", 3*o.pages)
	fs, err := h.sharedPages(ctx, o.pages)
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	t.pages(fmt.Sprintf("1. Pages that visitors share, %d clients, keep-alive", clients), "40 % of the floor",
		[]string{"floor: bare echo, fixed page", "range", "configure"}, fs)
	done = h.profile(ctx, o.profiles, "own-pages", 3*o.pages)
	fs, err = h.ownPages(ctx, o.pages, pages, ids)
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	t.pages(fmt.Sprintf("2. Pages of one reader, %d clients, keep-alive (CPU with PostgreSQL)", clients), "60 % of the floor",
		[]string{"floor: bare echo, one query, small template", "order page by secret link", fmt.Sprintf("dealer's queue of %d, signed in", sampleOrders)}, fs)
	return nil
}

func (h *house) measureJourneys(ctx context.Context, o options) ([]crowd, error) {
	at := shopAt{shop: h.shop, bank: h.bankAddr, app: []int{h.serve.pid(), h.worker.pid()}}
	if _, err := h.journeys(ctx, at, 8, oneSecond); err != nil { // warm up
		return nil, err
	}
	var out []crowd
	for _, n := range []int{1, 8, 32} {
		done := h.profile(ctx, o.profiles, fmt.Sprintf("journeys-%d", n), o.journeys)
		c, err := h.journeys(ctx, at, n, o.journeys)
		if err = errors.Join(err, done()); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// profile keeps CPU profiles of shop and worker in a folder, if there is one, until done is called.
func (h *house) profile(ctx context.Context, dir, name string, d time.Duration) (done func() error) {
	if dir == "" {
		return func() error { return nil }
	}
	var g errgroup.Group
	for who, admin := range map[string]string{"serve": h.shopAdmin, "worker": h.workAdmin} {
		g.Go(func() error { return fetchProfile(ctx, admin, filepath.Join(dir, name+"-"+who+".pprof"), d) })
	}
	return g.Wait
}

func fetchProfile(ctx context.Context, admin, file string, d time.Duration) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", admin, max(1, int(d.Seconds()))), nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(f, res.Body)
	return err
}

// measureStarts ends the run: memory after the load, then the starts on the data it made.
func (h *house) measureStarts(ctx context.Context, o options, t table, crowds []crowd, starts []started) error {
	for name, c := range map[string]*child{"serve after the load": h.serve, "worker after the load": h.worker} {
		s := started{name: name}
		s.memory, s.peak = memory(c.pid())
		starts = append(starts, s)
	}
	kept, err := h.stored(ctx)
	if err != nil {
		return err
	}
	again, err := h.restartServe(ctx)
	if err != nil {
		return err
	}
	h.stopShop()
	// The demo refuses a database with logins that are not a demo's, and ours was made for serve.
	if err := h.db.Read(ctx).Exec(`UPDATE users SET demo = true`).Error; err != nil {
		return err
	}
	h.closeDatabase()
	var burst crowd
	demo, err := h.startDemo(ctx, "demo with its PostgreSQL, memory after 8 buyers", h.demoBurst(ctx, o.journeys/2, &burst))
	if err != nil {
		return err
	}
	burst.load = 0
	t.crowds(append(crowds, burst))
	t.line("stored at the end: %s", kept)
	t.starts(append(starts, again, demo))
	return nil
}
