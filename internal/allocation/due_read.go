package allocation

import (
	"time"

	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// NextDue is the first deadline of dealers after an instant: a rung, the end of their time to answer, news that they owe. Zero
// when there is none. Whoever moves the clock stops there.
func NextDue(g *gorm.DB, after time.Time) (time.Time, error) {
	var r struct{ At *time.Time }
	_, err := db.One(g, &r, `SELECT least((SELECT min(rung_due) FROM queue_entries WHERE state = 'offered' AND rung_due > @after),
		(SELECT min(due_at) FROM queue_entries WHERE state = 'offered' AND due_at > @after), (SELECT min(news_due_at) FROM queue_entries WHERE state = 'accepted' AND news_due_at > @after)) AS at`, map[string]any{"after": after})
	if err != nil || r.At == nil {
		return time.Time{}, err
	}
	return *r.At, nil
}
