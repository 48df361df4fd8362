package forms

import (
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Before is where a form led that was sent before; false for one that was not, or whose act failed.
func Before(g *gorm.DB, key, action string) (location string, known bool, err error) {
	var r struct{ Action, Location string }
	known, err = db.One(g, &r, `SELECT action, location FROM form_results WHERE key = ?`, key)
	if err == nil && known && r.Action != action {
		err = ErrKey
	}
	return r.Location, known, err
}
