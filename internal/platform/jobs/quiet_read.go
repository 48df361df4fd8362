package jobs

import (
	"time"

	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Unfinished is how many jobs run, wait for a worker, or failed and are tried again within so long: what somebody must wait
// for who wants everything done that is to be done by now.
func Unfinished(g *gorm.DB, soon time.Duration) (n int64, err error) {
	_, err = db.One(g, &n, `SELECT count(*) FROM river_job WHERE state IN ('available', 'running')
		OR state IN ('scheduled', 'retryable') AND scheduled_at <= clock_timestamp() + make_interval(secs => ?)`, soon.Seconds())
	return n, err
}
