package allocation

import (
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
)

// HurryTx lets the time to answer of a dealer's open offers end now: the sweep of deadlines passes them on as it
// does with every silence, under the order's lock.
func HurryTx(tx *db.Tx, d id.Dealer, b id.Brand, f id.Flow) error {
	return tx.Exec(`UPDATE queue_entries SET due_at = ? WHERE dealer = ? AND brand = ? AND flow = ? AND state = 'offered' AND due_at > ?`, tx.Now, d, b, f, tx.Now).Error
}
