package aftersales

import (
	"time"

	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// NextDue is the first end of a hold, or of an offer to who waits, after an instant; zero when there is none.
func NextDue(g *gorm.DB, after time.Time) (time.Time, error) {
	var r struct{ At *time.Time }
	_, err := db.One(g, &r, `SELECT least((SELECT min(due_at) FROM service_bookings WHERE state = 'held' AND due_at > @after),
		(SELECT min(due_at) FROM service_waits WHERE state = 'offered' AND due_at > @after)) AS at`, map[string]any{"after": after})
	if err != nil || r.At == nil {
		return time.Time{}, err
	}
	return *r.At, nil
}
