package ordering

import (
	"time"

	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// NextDue is the first deadline of buyers after an instant: the choice of another dealer, an answer to what they were asked.
// Zero when there is none. Whoever moves the clock stops there.
func NextDue(g *gorm.DB, after time.Time) (time.Time, error) {
	var r struct{ At *time.Time }
	_, err := db.One(g, &r, `SELECT least((SELECT min(due_at) FROM orders WHERE state = 'choosing' AND due_at > @after),
		(SELECT min(due_at) FROM order_requests WHERE state IN ('asked', 'proposed') AND due_at > @after)) AS at`, map[string]any{"after": after})
	if err != nil || r.At == nil {
		return time.Time{}, err
	}
	return *r.At, nil
}
