package allocation

import (
	"context"
	"fmt"
	"regexp"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
)

// Moment is what a reader of the queue has seen: a snapshot of PostgreSQL, in its own writing. Two moments tell
// exactly what was committed between them, in whatever order; a time or a number would not.
type Moment string

var momentForm = regexp.MustCompile(`^[0-9]{1,19}:[0-9]{1,19}:[0-9,]{0,400}$`)

// Known tells whether m can be asked about; what a stranger sends or a very busy server wrote may not.
func (m Moment) Known() bool { return momentForm.MatchString(string(m)) }

// changedSince reads whose queues changed after a moment, and what moment it is now.
func changedSince(ctx context.Context, d *db.DB, m Moment) (all []id.Dealer, now Moment, err error) {
	var rows []struct {
		Now    Moment
		Dealer *id.Dealer
	}
	err = d.Read(ctx).Raw(`SELECT pg_current_snapshot()::text AS now, c.dealer FROM (VALUES (1)) one
		LEFT JOIN LATERAL (SELECT DISTINCT dealer FROM queue_changes WHERE tx >= pg_snapshot_xmin(cast(@moment AS pg_snapshot))
			AND NOT pg_visible_in_snapshot(tx, cast(@moment AS pg_snapshot))) c ON true`, map[string]any{"moment": m}).Scan(&rows).Error
	if err != nil {
		return nil, "", fmt.Errorf("allocation: changes: %w", err)
	}
	for _, r := range rows {
		now = r.Now
		if r.Dealer != nil {
			all = append(all, *r.Dealer)
		}
	}
	return all, now, nil
}

// missed tells whether a dealer's queue changed after a moment. It is true as well when the notices do not reach
// back so far: after a crash, and after an hour.
func missed(ctx context.Context, d *db.DB, dealer id.Dealer, m Moment) (yes bool, now Moment, err error) {
	var r struct {
		Now    Moment
		Missed bool
	}
	_, err = db.One(d.Read(ctx), &r, `SELECT pg_current_snapshot()::text AS now, NOT EXISTS (SELECT 1 FROM queue_changes WHERE pg_visible_in_snapshot(tx, cast(@moment AS pg_snapshot)))
		OR EXISTS (SELECT 1 FROM queue_changes WHERE tx >= pg_snapshot_xmin(cast(@moment AS pg_snapshot)) AND dealer = @dealer
			AND NOT pg_visible_in_snapshot(tx, cast(@moment AS pg_snapshot))) AS missed`, map[string]any{"moment": m, "dealer": dealer})
	if err != nil {
		return false, "", fmt.Errorf("allocation: changes: %w", err)
	}
	return r.Missed, r.Now, nil
}

// now is the present moment.
func now(ctx context.Context, d *db.DB) (m Moment, err error) {
	_, err = db.One(d.Read(ctx), &m, `SELECT pg_current_snapshot()::text`)
	return m, err
}

// ForgetNoticesTx deletes what no open page asks for any more, except for the newest: it shows how far back the
// others reached. The time is the server's, as the notices' is.
func ForgetNoticesTx(tx *db.Tx) error {
	return tx.Exec(`DELETE FROM queue_changes WHERE at < now() - interval '1 hour' AND tx < (SELECT max(tx) FROM queue_changes)`).Error
}
