package app

import (
	"context"
	"fmt"

	"forecourt/internal/platform/db"
)

// takeOver gives back the jobs that a killed demo was running, and ends its leadership of the periodic
// ones. The queue finds both out by time, after more than a minute; a demo with a PostgreSQL of its own
// need not wait: the lock on the card bank's journal proves that the one before is dead.
func takeOver(ctx context.Context, d *db.DB) error {
	return d.InTx(ctx, func(_ context.Context, tx *db.Tx) error {
		err := tx.Exec(`UPDATE river_job SET scheduled_at = now(),
			state = CASE WHEN attempt < max_attempts THEN 'available'::river_job_state ELSE 'discarded' END,
			finalized_at = CASE WHEN attempt < max_attempts THEN NULL ELSE now() END WHERE state = 'running'`).Error
		if err != nil {
			return fmt.Errorf("demo: take over jobs: %w", err)
		}
		return tx.Exec(`DELETE FROM river_leader`).Error
	})
}
