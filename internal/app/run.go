package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/pprof"
	"slices"
	"strings"
	"time"

	"forecourt/internal/doctor"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/log"
)

// stopWithin bounds a graceful stop: first no new requests, then the running ones end, then jobs.
const stopWithin = 15 * time.Second

// drain is the time between "not ready" and the closing of the door.
const drain = 700 * time.Millisecond

// Serve answers requests until ctx ends, then stops gracefully.
func (a *App) Serve(ctx context.Context, l net.Listener) error {
	h, err := a.Handler()
	if err != nil {
		return err
	}
	go a.World.Run(ctx)
	go a.Used.Run(ctx)
	go a.Live.Run(ctx) // its end sends the open pages home, else the door would wait for them
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 45 * time.Second,
		IdleTimeout: 90 * time.Second, MaxHeaderBytes: 16 << 10}
	return a.serveUntil(ctx, s, l)
}

func (a *App) serveUntil(ctx context.Context, s *http.Server, l net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	a.stopping.Store(true)
	// The balancer sees /readyz turn, and what was accepted under load gets read, before the door closes:
	// a connection whose request was not read yet counts as idle and would be cut.
	time.Sleep(drain)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin-3*time.Second)
	defer cancel()
	err := s.Shutdown(end)
	if errors.Is(err, context.DeadlineExceeded) {
		return s.Close()
	}
	return err
}

// Work runs jobs until ctx ends, then lets the running ones finish.
func (a *App) Work(ctx context.Context) error {
	c, err := a.Worker()
	if err != nil {
		return err
	}
	// Jobs end by Stop below, not by the signal: one in the middle of a bank call finishes it.
	if err := c.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	go a.World.Run(ctx)
	<-ctx.Done()
	return stopJobs(ctx, c)
}

func stopJobs(ctx context.Context, c *jobs.Client) error {
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin-5*time.Second)
	defer cancel()
	return c.Stop(end)
}

// Extra is a page that a process adds to its admin address.
type Extra struct {
	Path    string
	Handler http.Handler
}

// Admin serves metrics, profiles and the invariant report. It holds no personal data, except for the
// extras that a demo adds, and listens on loopback unless told otherwise.
func (a *App) Admin(ctx context.Context, l net.Listener, extras ...Extra) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.Metrics.Handler())
	cached := &doctor.Cached{DB: a.DB, For: 2 * time.Second}
	mux.HandleFunc("GET /invariants", func(w http.ResponseWriter, r *http.Request) {
		report, err := cached.Report(r.Context())
		if err != nil {
			a.Log.ErrorContext(r.Context(), "the invariants cannot be examined", "error", err.Error())
			http.Error(w, `{"error":"the database does not answer"}`, http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(report)
	})
	mux.HandleFunc("GET /invariants/full", a.showFullLook)
	mux.HandleFunc("GET /routes", a.listRoutes)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	for _, x := range extras {
		mux.Handle(x.Path, x.Handler)
	}
	s := &http.Server{Handler: loopbackNames(l, mux), ReadHeaderTimeout: 5 * time.Second}
	return a.serveUntil(ctx, s, l)
}

// showFullLook answers what the last nightly look found; 404 before the first.
func (a *App) showFullLook(w http.ResponseWriter, r *http.Request) {
	if err := a.Invariants.Read(r.Context()); err != nil {
		http.Error(w, `{"error":"the database does not answer"}`, http.StatusServiceUnavailable)
		return
	}
	full := a.Invariants.LastFull()
	if full.At.IsZero() {
		http.Error(w, `{"error":"no full look has been made yet"}`, http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(full)
}

// listRoutes tells which pages there are, for audits that must miss none.
func (a *App) listRoutes(w http.ResponseWriter, _ *http.Request) {
	type line struct {
		Method     string `json:"method"`
		Path       string `json:"path"`
		Permission string `json:"permission"`
	}
	var out []line
	for _, r := range a.Kit.Routes() {
		out = append(out, line{r.Method, r.Path, string(r.Perm)})
	}
	slices.SortFunc(out, func(a, b line) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

// loopbackNames lets a listener on loopback answer only to names of loopback: a page of a stranger whose
// name was made to point here must not read it through somebody's browser.
func loopbackNames(l net.Listener, next http.Handler) http.Handler {
	if ip, ok := l.Addr().(*net.TCPAddr); !ok || !ip.IP.IsLoopback() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if host != "localhost" && net.ParseIP(strings.Trim(host, "[]")) == nil {
			http.Error(w, "unknown host", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// WatchInvariants glances at the invariants every minute, and tells what must never be. Every instance may
// run it: one takes the turn.
func (a *App) WatchInvariants(ctx context.Context) {
	ctx = log.WithActor(ctx, log.System+":doctor")
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := a.Invariants.Turn(ctx); err != nil && ctx.Err() == nil {
			a.Log.WarnContext(ctx, "the invariants cannot be examined", "error", err.Error())
		}
	}
}

// showInvariants puts the last outcome on the metrics page.
func (a *App) showInvariants() {
	a.Metrics.Gauges("forecourt_invariant_violations", "Offending rows of an invariant at the last look.", "invariant", func() map[string]float64 {
		out := map[string]float64{}
		for _, f := range a.Invariants.Last().Invariants {
			out[f.Name] = float64(f.Violations)
		}
		return out
	})
	a.Metrics.Gauge("forecourt_invariants_examined_timestamp_seconds", "Domain time of the last look at the invariants.", func() float64 { return seconds(a.Invariants.Last().At) })
	a.Metrics.Gauges("forecourt_full_look_violations", "Offending rows of an invariant at the last nightly look at everything.", "invariant", func() map[string]float64 {
		out := map[string]float64{}
		for _, f := range a.Invariants.LastFull().Invariants {
			out[f.Name] = float64(f.Violations)
		}
		return out
	})
	a.Metrics.Gauge("forecourt_full_look_timestamp_seconds", "Domain time of the last nightly look at everything.", func() float64 { return seconds(a.Invariants.LastFull().At) })
}

// seconds is an instant as metrics tell it; zero when there is none.
func seconds(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.Unix())
}
