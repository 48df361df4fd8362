package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"forecourt/internal/platform/db"
)

// Invariant is one thing that must never be false. Number is its place in the list I1 to I12 of what the
// house promises; empty for what only this house promises.
type Invariant struct {
	Number string
	Name   string
	Text   string
	// query gives the id of each offender; empty: a round finds them. @now is the domain time; rows that
	// never change are looked at from @since on.
	query string
}

// Finding is the state of one invariant. Rows are the ids of at most MostRows offenders.
type Finding struct {
	Number     string   `json:"number,omitempty"`
	Name       string   `json:"name"`
	Text       string   `json:"text"`
	Violations int64    `json:"violations"`
	Rows       []string `json:"rows,omitempty"`
	Warning    bool     `json:"warning,omitempty"` // offenders are told but do not make the report unhealthy
}

// MostRows bounds how many offenders a finding names.
const MostRows = 20

// Report is the state of all.
type Report struct {
	At         time.Time `json:"at"`
	Healthy    bool      `json:"healthy"`
	Invariants []Finding `json:"invariants"`
}

// Broken lists the names of the invariants with offenders, warnings left out.
func (r Report) Broken() []string {
	var out []string
	for _, f := range r.Invariants {
		if f.Violations > 0 && !f.Warning {
			out = append(out, f.Name)
		}
	}
	return out
}

// Examine looks for offenders of every invariant in one snapshot of the database. Rows that never change
// (append-only, with nothing beside them that could) are looked at all, however old.
func Examine(ctx context.Context, d *db.DB) (Report, error) {
	return examine(ctx, d, "-infinity")
}

// Glance is Examine for every minute: of the rows that never change it looks at those of the last two days.
func Glance(ctx context.Context, d *db.DB) (Report, error) {
	return examine(ctx, d, d.Clock.Now().Add(-48*time.Hour).Format(time.RFC3339))
}

func examine(ctx context.Context, d *db.DB, since string) (Report, error) {
	r := Report{At: d.Clock.Now()}
	err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Exec(`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`).Error; err != nil {
			return err
		}
		// The whole ledger is summed: the sums of a million lines must not go through files. And the plan for
		// the last days is another than the one for all.
		if err := tx.Exec(`SET LOCAL work_mem = '64MB'; SET LOCAL plan_cache_mode = force_custom_plan`).Error; err != nil {
			return err
		}
		found, err := lookTx(tx, since)
		r.report(found, Invariants, Warnings)
		return err
	})
	return r, err
}

// found is what a look brought, by the invariant's name.
type found map[string]Finding

// report puts what was found in the order of the lists.
func (r *Report) report(f found, invariants, warnings []Invariant) {
	r.Invariants, r.Healthy = nil, true
	for n, i := range slices.Concat(invariants, warnings) {
		x := f[i.Name]
		x.Number, x.Name, x.Text, x.Warning = i.Number, i.Name, i.Text, n >= len(invariants)
		r.Healthy = r.Healthy && (x.Violations == 0 || x.Warning)
		r.Invariants = append(r.Invariants, x)
	}
}

func lookTx(tx *db.Tx, since string) (found, error) {
	out, at := found{}, map[string]any{"now": tx.Now, "since": since}
	for _, query := range rounds {
		if err := out.addTx(tx, query, at); err != nil {
			return nil, err
		}
	}
	for _, i := range slices.Concat(Invariants, Warnings) {
		if i.query == "" {
			continue
		}
		if err := out.addTx(tx, `SELECT '`+i.Name+`' AS name, id FROM (`+i.query+`) o`, at); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// addTx counts the offenders that a query names, and keeps the first of each invariant.
func (f found) addTx(tx *db.Tx, query string, values map[string]any) error {
	var rows []struct {
		Name string
		N    int64
		IDs  []byte
	}
	var args []any
	if strings.Contains(query, "@") {
		args = append(args, values)
	}
	err := tx.Raw(fmt.Sprintf(`SELECT name, count(*) AS n, to_json((array_agg(id::text ORDER BY id::text))[1:%d]) AS ids FROM (%s) x GROUP BY name`, MostRows, query), args...).Scan(&rows).Error
	for _, r := range rows {
		x := Finding{Violations: r.N}
		if err == nil {
			err = json.Unmarshal(r.IDs, &x.Rows)
		}
		f[r.Name] = x
	}
	return err
}

// Cached keeps a report for a few seconds, so that a busy monitor does not load the database.
type Cached struct {
	DB  *db.DB
	For time.Duration

	mu   sync.Mutex
	last Report
	at   time.Time
}

// Report examines, or answers the last report while it is fresh. Freshness is machine time: it is
// about load, not about a rule.
func (c *Cached) Report(ctx context.Context) (Report, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && time.Since(c.at) < c.For {
		return c.last, nil
	}
	r, err := Glance(ctx, c.DB)
	if err == nil {
		c.last, c.at = r, time.Now()
	}
	return r, err
}
