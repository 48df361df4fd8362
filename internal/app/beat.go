package app

import (
	"context"
	"crypto/rand"
	"os"
	"runtime/debug"
	"time"

	"forecourt/internal/platform/log"
	"forecourt/internal/platform/pulse"
	"forecourt/migrations"
)

// version is what the build was told with -ldflags "-X forecourt/internal/app.version=..."; empty when it was told nothing.
var version string

// Version is of the build: what it was told, else the commit that Go noted; empty when there is neither.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if version != "" || !ok {
		return version
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+"
		}
	}
	return commit + changed
}

// Beat tells every few seconds that this process lives and how long its work takes, until ctx ends; then it takes itself
// off the list. A database that does not answer, or does not know the list yet, is told of once.
func (a *App) Beat(ctx context.Context, role string) {
	ctx = log.WithActor(ctx, log.System+":pulse")
	host, _ := os.Hostname()
	me := pulse.Instance{ID: rand.Text(), Role: role, Host: host, Version: Version(), Schema: migrations.Newest()}
	tick := time.NewTicker(pulse.Every)
	defer tick.Stop()
	for told := false; ; {
		me.Figures = pulse.Figures{Requests: a.Metrics.Requests(), Calls: a.Metrics.Calls(), Statements: a.Asked.Figures()}.Cut("POST /webhooks/stripe")
		err := pulse.Beat(ctx, a.DB, me)
		if err != nil && !told && ctx.Err() == nil {
			a.Log.WarnContext(ctx, "this process cannot tell that it lives", "error", err.Error())
		}
		told = err != nil
		select {
		case <-tick.C:
			continue
		case <-ctx.Done():
		}
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		_ = pulse.Leave(end, a.DB, me.ID) // else it falls silent, and is forgotten in a day
		cancel()
		return
	}
}
