package app

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/platform/pulse"
	"forecourt/internal/testkit"
	"forecourt/migrations"
)

func TestAProcessTellsThatItLivesUntilItStops(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); h.app.Beat(ctx, "serve") }()
	var r pulse.Report
	testkit.Eventually(t, "the process is on the list", func() bool {
		var err error
		r, err = pulse.Take(t.Context(), h.DB)
		must(t, err)
		return len(r.Instances) == 1
	})
	if i := r.Instances[0]; i.Role != "serve" || !i.Alive() || i.Schema != migrations.Newest() || i.Schema != r.Database.Schema || len(i.Figures.Statements) == 0 {
		t.Errorf("%+v", i)
	}
	stop()
	<-ended
	if r, err := pulse.Take(t.Context(), h.DB); err != nil || len(r.Instances) != 0 {
		t.Errorf("stopped, and still on the list: %+v %v", r.Instances, err)
	}
}

// TestAProcessWorksBesideASchemaWithoutTheList: the release before this one has no such table.
func TestAProcessWorksBesideASchemaWithoutTheList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	must(t, h.DB.Read(t.Context()).Exec(`DROP TABLE instances`).Error)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); h.app.Beat(ctx, "serve") }()
	testkit.Eventually(t, "it is told", func() bool { return strings.Contains(h.log.String(), "cannot tell that it lives") })
	stop()
	<-ended
}
