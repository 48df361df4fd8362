package usedcars

import (
	"time"

	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// NextDue is the first deadline of used cars after an instant: the end of a hold, a car on its way that is late. Zero when
// there is none. Whoever moves the clock stops there.
func NextDue(g *gorm.DB, after time.Time) (time.Time, error) {
	var r struct{ At *time.Time }
	_, err := db.One(g, &r, `SELECT least((SELECT min(due_at) FROM used_holds WHERE state IN ('offered', 'holding') AND due_at > @after),
		(SELECT min(rung_due) FROM used_transfers WHERE rung_due > @after)) AS at`, map[string]any{"after": after})
	if err != nil || r.At == nil {
		return time.Time{}, err
	}
	return *r.At, nil
}
