package pulse_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/latency"
	"forecourt/internal/platform/pulse"
	"forecourt/migrations"
)

func exec(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	if err := d.Read(t.Context()).Exec(query, args...).Error; err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, d *db.DB) pulse.Report {
	t.Helper()
	r, err := pulse.Take(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func beat(t *testing.T, d *db.DB, i pulse.Instance) {
	t.Helper()
	if err := pulse.Beat(t.Context(), d, i); err != nil {
		t.Fatal(err)
	}
}

func TestProcessesTellAndFallSilent(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	if r := take(t, d); len(r.Instances) != 0 {
		t.Fatalf("%+v", r.Instances)
	}
	one := pulse.Instance{ID: "one", Role: "serve", Host: "a", Version: "abc", Schema: 7, Figures: pulse.Figures{Calls: []latency.Figure{{Name: "bank", N: 1, Mean: time.Second, P99: time.Second}}}}
	beat(t, d, one)
	one.Figures.Calls[0].N = 3
	beat(t, d, one)
	beat(t, d, pulse.Instance{ID: "two", Role: "worker", Host: "b", Figures: pulse.Figures{Calls: []latency.Figure{{Name: "bank", N: 1, Mean: 5 * time.Second, P99: 9 * time.Second}}}})
	exec(t, d, `UPDATE instances SET seen_at = seen_at - interval '1 minute', started_at = started_at - interval '1 hour' WHERE id = 'two'`)
	r := take(t, d)
	if len(r.Instances) != 2 || !r.Instances[0].Alive() || r.Instances[1].Alive() || r.Instances[0].Version != "abc" || r.Instances[0].Schema != 7 || r.Instances[1].Age < time.Hour {
		t.Fatalf("%+v", r.Instances)
	}
	if want := []latency.Figure{{Name: "bank", N: 4, Mean: 2 * time.Second, P99: 9 * time.Second}}; !slices.Equal(r.Figures.Calls, want) {
		t.Errorf("both together: %+v", r.Figures.Calls)
	}
	exec(t, d, `UPDATE instances SET seen_at = seen_at - interval '25 hours' WHERE id = 'two'`)
	if err := d.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error { return pulse.ForgetTx(tx) }); err != nil {
		t.Fatal(err)
	}
	if r := take(t, d); len(r.Instances) != 1 || r.Instances[0].ID != "one" {
		t.Errorf("after a day: %+v", r.Instances)
	}
	if err := pulse.Leave(t.Context(), d, "one"); err != nil || len(take(t, d).Instances) != 0 {
		t.Errorf("one left in order and is still there: %v", err)
	}
}

func TestTheDatabaseSaysHowItDoes(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	tx, err := d.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), `SELECT 1`); err != nil {
		t.Fatal(err)
	}
	got := take(t, d).Database
	if got.Server == "" || got.Bytes < 1<<20 || got.Connections < 2 || got.Active < 1 || got.Idle != 1 || got.Most < got.Connections || got.Longest <= 0 || got.Standby || got.Standbys != 0 || got.Behind != 0 {
		t.Errorf("%+v", got)
	}
	if got.Schema != migrations.Newest() {
		t.Errorf("the schema is at %d, this build knows %d", got.Schema, migrations.Newest())
	}
}

// job puts a job of the library's table into a state.
func job(t *testing.T, d *db.DB, kind, state string, ago time.Duration) {
	t.Helper()
	at := time.Now().Add(-ago)
	var attempted, finalized *time.Time
	switch state {
	case "running":
		attempted = &at
	case "completed", "discarded", "cancelled":
		attempted, finalized = &at, &at
	}
	exec(t, d, `INSERT INTO river_job (kind, queue, args, max_attempts, state, created_at, scheduled_at, attempted_at, finalized_at) VALUES (?, 'default', '{}', 5, ?, ?, ?, ?, ?)`, kind, state, at, at, attempted, finalized)
}

func TestQueuesAreToldByKind(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for _, j := range []struct {
		kind, state string
		ago         time.Duration
	}{
		{"a", "available", time.Hour}, {"a", "available", time.Minute}, {"a", "scheduled", 2 * time.Hour}, {"a", "scheduled", -time.Hour}, {"a", "running", time.Second},
		{"b", "retryable", 3 * time.Hour}, {"b", "discarded", 4 * time.Hour}, {"c", "completed", time.Minute}, {"c", "completed", 31 * time.Minute}, {"c", "completed", 2 * time.Hour}, {"c", "cancelled", 0},
	} {
		job(t, d, j.kind, j.state, j.ago)
	}
	r := take(t, d)
	if len(r.Jobs) != 2 {
		t.Fatalf("%+v", r.Jobs)
	}
	a, b := r.Jobs[0], r.Jobs[1]
	if a.Kind != "a" || a.Waiting != 3 || a.Running != 1 || a.Later != 1 || a.Retryable+a.Discarded != 0 {
		t.Errorf("%+v", a)
	}
	if a.Delay < 2*time.Hour || a.Oldest < a.Delay {
		t.Errorf("the oldest waits %s, of all %s", a.Delay, a.Oldest)
	}
	if b.Kind != "b" || b.Waiting+b.Running+b.Later != 0 || b.Retryable != 1 || b.Discarded != 1 || b.Delay != 0 || b.Oldest < 4*time.Hour {
		t.Errorf("%+v", b)
	}
	if n := r.Done[len(r.Done)-1] + r.Done[len(r.Done)-2]; len(r.Done) != 12 || n != 1 || sum(r.Done) != 2 {
		t.Errorf("ended well: %v", r.Done)
	}
}

func sum(of []int64) (n int64) {
	for _, x := range of {
		n += x
	}
	return n
}

// TestTheServersOwnFigures stands in for the extension, which few servers of tests have loaded, with a table of its shape.
func TestTheServersOwnFigures(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	beat(t, d, pulse.Instance{ID: "one", Role: "serve", Figures: pulse.Figures{Statements: []latency.Figure{{Name: "SELECT own", N: 1, Mean: 1}}}})
	if r := take(t, d); r.Extension || len(r.Figures.Statements) != 1 || r.Figures.Statements[0].Name != "SELECT own" {
		t.Fatalf("without the extension: %+v", r.Figures.Statements)
	}
	exec(t, d, `CREATE TABLE pg_stat_statements (dbid oid, queryid bigint, query text, calls bigint, mean_exec_time float8, max_exec_time float8)`)
	for i, q := range []string{"SELECT slow FROM x WHERE a = $1", "SET application_name = 'priya@example.com'", "<insufficient privilege>", "with quick as (select $1) select 1"} {
		exec(t, d, `INSERT INTO pg_stat_statements SELECT oid, ?, ?, 10, ?, ? FROM pg_database WHERE datname = current_database()`, i, q, 1000.5/float64(i+1), 2000.0)
	}
	exec(t, d, `INSERT INTO pg_stat_statements VALUES (1, 9, 'SELECT elsewhere', 1, 1, 1)`)
	r := take(t, d)
	if !r.Extension || len(r.Figures.Statements) != 2 {
		t.Fatalf("%+v", r.Figures.Statements)
	}
	for _, f := range r.Figures.Statements {
		if f.Max != 2*time.Second || strings.HasPrefix(f.Name, "SELECT slow") && f.Mean != 1000500*time.Microsecond {
			t.Errorf("%+v", f)
		}
	}
	// An extension that is there and not loaded, or not for us, is no reason to show nothing.
	exec(t, d, `ALTER TABLE pg_stat_statements RENAME COLUMN mean_exec_time TO mean_time`)
	if r := take(t, d); r.Extension || len(r.Figures.Statements) != 1 {
		t.Errorf("%+v", r.Figures.Statements)
	}
}

func TestAProcessTellsTheSlowestAndTheNamed(t *testing.T) {
	t.Parallel()
	var many []latency.Figure
	for i := range 100 {
		many = append(many, latency.Figure{Name: fmt.Sprint(i), P99: time.Duration(1000 - i)})
	}
	got := pulse.Figures{Requests: many, Calls: many[:3]}.Cut("99")
	if len(got.Requests) != 41 || got.Requests[40].Name != "99" || len(got.Calls) != 3 || got.Statements != nil {
		t.Errorf("%d requests, %d calls", len(got.Requests), len(got.Calls))
	}
}
