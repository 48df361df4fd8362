package allocation

import (
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// View is a part of the queue that a member of staff comes back to: a tab and words, under a name.
type View struct {
	ID    id.View `json:"id"`
	Name  string  `json:"name"`
	Tab   Tab     `json:"tab"`
	Words string  `json:"words"`
}

// MostViews bounds how many views one member of staff keeps; their names stand beside the tabs.
const MostViews = 8

// Faults of views.
var (
	ErrViewName = fault.New(fault.Invalid, "queue.view_name", "allocation.SaveView")
	ErrViewMany = fault.New(fault.Invalid, "queue.view_many", "allocation.SaveView")
)

// SaveViewTx keeps a view; one of the same name is replaced.
func SaveViewTx(tx *db.Tx, u id.User, v View) error {
	if n := len([]rune(v.Name)); n == 0 || n > 30 {
		return ErrViewName
	}
	// The user's row is locked, so that two tabs do not both take the last place.
	res := tx.Exec(`WITH me AS (SELECT id FROM users WHERE id = @user FOR UPDATE)
		INSERT INTO saved_views (id, user_id, name, tab, words, created_at) SELECT @id, me.id, @name, @tab, @words, @now FROM me
		WHERE (SELECT count(*) FROM saved_views WHERE user_id = @user AND lower(name) <> lower(@name)) < @most
		ON CONFLICT (user_id, lower(name)) DO UPDATE SET name = EXCLUDED.name, tab = EXCLUDED.tab, words = EXCLUDED.words`,
		map[string]any{"id": id.New[id.View](), "user": u, "name": v.Name, "tab": v.Tab, "words": v.Words, "now": tx.Now, "most": MostViews})
	if res.Error != nil {
		return fmt.Errorf("allocation: view: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return ErrViewMany
	}
	return nil
}

// DropViewTx forgets a view of the user's; one that is gone already is fine.
func DropViewTx(tx *db.Tx, u id.User, view id.View) error {
	return tx.Exec(`DELETE FROM saved_views WHERE user_id = ? AND id = ?`, u, view).Error
}
