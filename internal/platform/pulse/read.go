package pulse

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/latency"

	"gorm.io/gorm"
)

// Take asks how the house does now.
func Take(ctx context.Context, d *db.DB) (Report, error) {
	g := d.Read(ctx)
	var r Report
	var err error
	if r.Instances, err = instances(g); err != nil {
		return r, err
	}
	if r.Database, err = database(g); err != nil {
		return r, err
	}
	if r.Jobs, err = queues(g); err != nil {
		return r, err
	}
	if r.Done, err = done(g); err != nil {
		return r, err
	}
	var of [3][][]latency.Figure
	for _, i := range r.Instances {
		for k, f := range [][]latency.Figure{i.Figures.Requests, i.Figures.Calls, i.Figures.Statements} {
			of[k] = append(of[k], f)
		}
	}
	r.Figures = Figures{latency.Merge(of[0]...), latency.Merge(of[1]...), latency.Merge(of[2]...)}
	if own, ok := extension(g); ok {
		r.Figures.Statements, r.Extension = own, true
	}
	return r, nil
}

// nanos turns an interval of the server into what Go calls a duration.
func nanos(interval string) string { return `(1e9 * extract(epoch FROM ` + interval + `))::bigint` }

func instances(g *gorm.DB) ([]Instance, error) {
	var rows []struct {
		ID, Role, Host, Version string
		Schema                  int64
		Figures                 []byte
		Age, Unheard            time.Duration
	}
	err := g.Raw(`SELECT id, role, host, version, schema, figures, ` + nanos(`statement_timestamp() - started_at`) + ` AS age, ` + nanos(`statement_timestamp() - seen_at`) + ` AS unheard
		FROM instances ORDER BY role, started_at, id`).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	var out []Instance
	for _, r := range rows {
		i := Instance{ID: r.ID, Role: r.Role, Host: r.Host, Version: r.Version, Schema: r.Schema, Age: r.Age, Unheard: r.Unheard}
		if err := json.Unmarshal(r.Figures, &i.Figures); err != nil {
			return nil, fmt.Errorf("pulse: figures of %s: %w", i.ID, err)
		}
		out = append(out, i)
	}
	return out, nil
}

func database(g *gorm.DB) (out Database, err error) {
	// Views of the server show each role what it may see; a count is everybody's.
	_, err = db.One(g, &out, `SELECT current_setting('server_version') AS server, pg_database_size(current_database()) AS bytes,
		(SELECT max(version_id) FROM goose_db_version WHERE is_applied) AS schema, current_setting('max_connections')::int AS most,
		a.connections, a.active, a.idle, a.longest, s.standbys, s.behind, pg_is_in_recovery() AS standby
		FROM (SELECT count(*) AS connections, count(*) FILTER (WHERE state = 'active') AS active, count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle,
			coalesce(`+nanos(`max(statement_timestamp() - xact_start) FILTER (WHERE pid <> pg_backend_pid())`)+`, 0) AS longest
			FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend') a,
		(SELECT count(*) AS standbys, coalesce(max(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, replay_lsn)), 0)::bigint AS behind
			FROM pg_stat_replication) s`)
	return out, err
}

func queues(g *gorm.DB) (out []Jobs, err error) {
	err = g.Raw(`SELECT kind, count(*) FILTER (WHERE ready) AS waiting, count(*) FILTER (WHERE state = 'running') AS running, count(*) FILTER (WHERE state = 'retryable') AS retryable,
			count(*) FILTER (WHERE state IN ('scheduled', 'pending') AND NOT ready) AS later, count(*) FILTER (WHERE state = 'discarded') AS discarded,
			coalesce(` + nanos(`max(statement_timestamp() - since)`) + `, 0) AS oldest, coalesce(` + nanos(`max(statement_timestamp() - since) FILTER (WHERE ready)`) + `, 0) AS delay
		FROM (SELECT kind, state, state = 'available' OR state = 'scheduled' AND scheduled_at <= statement_timestamp() AS ready,
			CASE WHEN state = 'running' THEN attempted_at WHEN state = 'retryable' THEN created_at WHEN state = 'discarded' THEN finalized_at
				WHEN scheduled_at <= statement_timestamp() THEN scheduled_at END AS since
			FROM river_job WHERE state IN ('available', 'pending', 'scheduled', 'running', 'retryable', 'discarded')) j
		GROUP BY kind ORDER BY kind`).Scan(&out).Error
	return out, err
}

// slices5 is how many five minutes Done tells: as long as ended jobs are kept.
const slices5 = 12

func done(g *gorm.DB) ([]int64, error) {
	var rows []struct{ Ago, N int64 }
	err := g.Raw(`SELECT floor(extract(epoch FROM statement_timestamp() - finalized_at) / 300)::bigint AS ago, count(*) AS n FROM river_job
		WHERE state = 'completed' AND finalized_at > statement_timestamp() - interval '1 hour' GROUP BY 1`).Scan(&rows).Error
	out := make([]int64, slices5)
	for _, r := range rows {
		out[slices5-1-min(max(r.Ago, 0), slices5-1)] += r.N
	}
	return out, err
}

// mostStatements is how many of the server's own figures are read.
const mostStatements = 40

// extension reads the server's own figures of statements, where it keeps them: of everybody who asks it, since it was
// started or its figures were emptied. False where it keeps none, or not for us: then each process's own figures stand.
func extension(g *gorm.DB) ([]latency.Figure, bool) {
	var there bool
	if _, err := db.One(g, &there, `SELECT to_regclass('pg_stat_statements') IS NOT NULL`); err != nil || !there {
		return nil, false
	}
	var rows []struct {
		Query     string
		Calls     int64
		Mean, Max float64
	}
	// Only what the server writes with places for its parameters: what sets something may hold words of somebody.
	err := g.Raw(`SELECT s.query, s.calls, s.mean_exec_time AS mean, s.max_exec_time AS max FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
		WHERE d.datname = current_database() AND s.calls > 0 AND s.query ~* '^\s*(select|insert|update|delete|with)\M' ORDER BY s.mean_exec_time DESC, s.queryid LIMIT ?`, mostStatements).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, false
	}
	ms := func(x float64) time.Duration { return time.Duration(x * float64(time.Millisecond)) }
	out := make([][]latency.Figure, len(rows))
	for i, r := range rows {
		out[i] = []latency.Figure{{Name: db.StatementName(r.Query), N: r.Calls, Mean: ms(r.Mean), Max: ms(r.Max)}}
	}
	return latency.Merge(out...), true
}
