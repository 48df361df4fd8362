package payment

import (
	"time"

	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// NextDue is the first instant after another at which a payment is looked at again, zero when there is none. Whoever moves
// the clock stops there.
func NextDue(g *gorm.DB, after time.Time) (time.Time, error) {
	var r struct{ At *time.Time }
	_, err := db.One(g, &r, `SELECT min(due_at) AS at FROM payments WHERE due_at > @after`, map[string]any{"after": after})
	if err != nil || r.At == nil {
		return time.Time{}, err
	}
	return *r.At, nil
}
